//! One annotated video, from its tables and its source; left as it is where nothing that it is made from has changed.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::composer::{Composer, Look};
use super::context::read_context;
use super::error::RenderError;
use super::memory::{ENGINE_BYTES, share};
use super::parts::Parts;
use super::pipeline::{Rendered, Work, render_video};
use super::scenes::Scenes;
use super::settings::{Encoding, Span};
use crate::analyze::pack::Draw;
use crate::interrupt::Interrupt;
use crate::store::Layout;
use crate::store::made;
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::results::run_key;
use crate::store::workspace::{EngineLimits, Workspace};
use crate::video::identity;

/// A change of the drawing code counts this up, so that videos are made anew.
const VERSION: &str = "render 1";

/// How annotated videos are made.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    /// What is drawn, and how it looks.
    pub look: Look,
    /// What is shown, and how fast.
    pub span: Span,
    /// How it is encoded.
    pub encoding: Encoding,
    /// Whether it is made anew whatever is there.
    pub is_forced: bool,
}

/// A video to be rendered.
pub struct Job<'a> {
    /// The dataset.
    pub layout: &'a Layout,
    /// The video and its run.
    pub stored: (&'a VideoRecord, &'a RunRecord),
    /// What the sport draws.
    pub draw: &'a Draw,
    /// How.
    pub plan: &'a Plan,
    /// The file.
    pub target: &'a Path,
    /// Resident memory at most, bytes.
    pub cap_bytes: u64,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JobOutcome {
    /// Nothing that it is made from has changed.
    UpToDate,
    /// It is there.
    Rendered(Rendered),
    /// The user stopped it; what is sealed stays for the next time.
    Interrupted,
}

/// What a file depends on besides the tables.
#[derive(Serialize)]
struct Recipe<'a> {
    look: &'a Look,
    span: Span,
    encoding: Encoding,
    angles: &'a [String],
    trails: &'a [String],
    metrics: &'a [String],
}

impl Job<'_> {
    /// Does it. `on_frame` is told of every frame that is encoded.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub fn run(&self, interrupt: &Interrupt, on_frame: &(dyn Fn() + Sync)) -> Result<JobOutcome, RenderError> {
        let key = self.key()?;
        if !self.plan.is_forced && made::is_current(self.target, &key) {
            return Ok(JobOutcome::UpToDate);
        }
        let (video, run) = self.stored;
        let source = find_source(video)?;
        let share = share(self.cap_bytes, &source, &self.plan.look, self.plan.encoding.codec)?;
        let workspace = Workspace::open(self.layout, video, run, EngineLimits { memory_bytes: ENGINE_BYTES })?;
        let Draw { angles, metrics, .. } = self.draw;
        let context = read_context(&workspace, metrics, angles)?;
        let mut scenes = Scenes::new(&workspace, angles);
        let mut composer = Composer::new(&self.plan.look, self.draw, context);
        let rate_hz = video.info.as_ref().and_then(|info| info.fps).filter(|&rate| rate > 0.0).unwrap_or(1.0);
        let work = Work {
            source: &source,
            span: self.plan.span,
            encoding: self.plan.encoding,
            rate_hz,
            title: &video.name,
            target: self.target,
            share,
            interrupt,
            on_frame,
        };
        // Parts of other encoder settings do not go together.
        let parts = Parts::open(self.target, &made::key_of(&[&key, &format!("{:?}", share.effort)]))?;
        let Some(rendered) = render_video(&work, &mut scenes, &mut composer, parts)? else {
            return Ok(JobOutcome::Interrupted);
        };
        made::note(self.target, &key)?;
        Ok(JobOutcome::Rendered(rendered))
    }

    /// A hash of all that the file depends on.
    fn key(&self) -> Result<String, RenderError> {
        let (video, run) = self.stored;
        let Draw { angles, trails, metrics } = self.draw;
        let Plan { look, span, encoding, .. } = self.plan;
        let recipe = Recipe { look, span: *span, encoding: *encoding, angles, trails, metrics };
        let recipe = serde_json::to_string(&recipe).map_err(|error| RenderError::output(self.target)(error.into()))?;
        Ok(run_key(self.layout, video, run, &[VERSION, &recipe])?)
    }
}

/// The file that the tables were made from, where it still is what it was.
fn find_source(video: &VideoRecord) -> Result<PathBuf, RenderError> {
    let path = PathBuf::from(&video.path);
    let is_known = match identity::stamp(&path) {
        Ok(stamp) if stamp == video.stamp => true,
        Ok(_) => identity::content_id(&path).is_ok_and(|id| id == video.video_id),
        Err(_) => false,
    };
    if is_known { Ok(path) } else { Err(RenderError::SourceMoved { path }) }
}

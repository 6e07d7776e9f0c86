//! Makes one annotated video, unless it is up to date.

use std::path::Path;

use super::error::RenderError;
use super::memory::share;
use super::parts::Parts;
use super::pipeline::{Rendered, Work, render_video};
use super::scenes::Scenes;
use super::settings::{Encoding, Span};
use super::subject::{OpenSubject, Subject};
use crate::artifacts::made::{self, in_key};
use crate::interrupt::Interrupt;
use crate::render::framing::ghost::JointDifference;

/// A video to render.
pub(crate) struct Job<'a> {
    /// The subject to render.
    pub(crate) subject: Subject<'a>,
    /// The time range to show and its speed.
    pub(crate) span: Span,
    /// The encoding.
    pub(crate) encoding: Encoding,
    /// Whether to render even if the file is up to date.
    pub(crate) is_forced: bool,
    /// The file to write.
    pub(crate) target: &'a Path,
    /// The limit on resident memory, bytes.
    pub(crate) cap_bytes: u64,
}

/// The result of a job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum JobOutcome {
    /// The file is up to date.
    UpToDate,
    /// The file was rendered. The differences are those between a ghost's joints and the athlete's.
    Rendered(Rendered, Vec<JointDifference>),
    /// The user stopped the job; sealed parts stay for the next run.
    Interrupted,
}

impl Job<'_> {
    /// Runs the job. `on_frame` is called for every encoded frame.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub(crate) fn run(&self, interrupt: &Interrupt, on_frame: &(dyn Fn() + Sync)) -> Result<JobOutcome, RenderError> {
        let subject = &self.subject;
        let key = subject.key(&[&in_key(&(self.span, self.encoding))])?;
        if !self.is_forced && made::is_current(self.target, &key) {
            return Ok(JobOutcome::UpToDate);
        }
        let open = subject.open()?;
        let span = self.span.within(open.ghost_span_s.map(|span_s| open.media_span_s(span_s)));
        let OpenSubject { source, reading, workspace, mut composer, differences, .. } = open;
        let share = share(self.cap_bytes, &source, subject.look, self.encoding.codec)?;
        let mut scenes = Scenes::new(&workspace, &subject.draw.angles);
        let work = Work {
            source: &source,
            reading,
            span,
            encoding: self.encoding,
            rate_hz: subject.stored_rate_hz(),
            title: &subject.stored.0.name,
            target: self.target,
            share,
            interrupt,
            on_frame,
        };
        // Parts with different encoder settings cannot be joined.
        let parts = Parts::open(self.target, &made::key_of(&[&key, &in_key(&share.effort)]))?;
        let Some(rendered) = render_video(&work, &mut scenes, &mut composer, parts)? else {
            return Ok(JobOutcome::Interrupted);
        };
        made::note(self.target, &key)?;
        Ok(JobOutcome::Rendered(rendered, differences))
    }
}

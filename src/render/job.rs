//! One annotated video; left as it is where nothing that it is made from has changed.

use std::path::Path;

use super::error::RenderError;
use super::memory::share;
use super::parts::Parts;
use super::pipeline::{Rendered, Work, render_video};
use super::scenes::Scenes;
use super::settings::{Encoding, Span};
use super::subject::{OpenSubject, Subject};
use crate::interrupt::Interrupt;
use crate::store::made::{self, in_key};
use crate::views::ghost::JointDifference;

/// A video to be rendered.
pub struct Job<'a> {
    /// What is rendered.
    pub subject: Subject<'a>,
    /// What is shown, and how fast.
    pub span: Span,
    /// How it is encoded.
    pub encoding: Encoding,
    /// Whether it is made anew whatever is there.
    pub is_forced: bool,
    /// The file.
    pub target: &'a Path,
    /// Resident memory at most, bytes.
    pub cap_bytes: u64,
}

/// What came of a job.
#[derive(Debug, Clone, PartialEq)]
pub enum JobOutcome {
    /// Nothing that it is made from has changed.
    UpToDate,
    /// It is there; and how far a ghost's joints are from the athlete's.
    Rendered(Rendered, Vec<JointDifference>),
    /// The user stopped it; what is sealed stays for the next time.
    Interrupted,
}

impl Job<'_> {
    /// Does it. `on_frame` is told of every frame that is encoded.
    ///
    /// # Errors
    /// See [`RenderError`].
    pub fn run(&self, interrupt: &Interrupt, on_frame: &(dyn Fn() + Sync)) -> Result<JobOutcome, RenderError> {
        let subject = &self.subject;
        let key = subject.key(&[&in_key(&(self.span, self.encoding))])?;
        if !self.is_forced && made::is_current(self.target, &key) {
            return Ok(JobOutcome::UpToDate);
        }
        let OpenSubject { source, workspace, mut composer, differences, ghost_span_s, .. } = subject.open()?;
        let share = share(self.cap_bytes, &source, subject.look, self.encoding.codec)?;
        let mut scenes = Scenes::new(&workspace, &subject.draw.angles);
        let work = Work {
            source: &source,
            span: self.span.within(ghost_span_s),
            encoding: self.encoding,
            rate_hz: subject.rate_hz(),
            title: &subject.stored.0.name,
            target: self.target,
            share,
            interrupt,
            on_frame,
        };
        // Parts of other encoder settings do not go together.
        let parts = Parts::open(self.target, &made::key_of(&[&key, &in_key(&share.effort)]))?;
        let Some(rendered) = render_video(&work, &mut scenes, &mut composer, parts)? else {
            return Ok(JobOutcome::Interrupted);
        };
        made::note(self.target, &key)?;
        Ok(JobOutcome::Rendered(rendered, differences))
    }
}

//! Several threads on one frame.
//!
//! The parts of all steps stand in one queue, in the order of the steps. A thread takes the next part, waits until the
//! parts before its phase are done, and runs it. Nothing waits for a thread that has not come: if the others are busy
//! elsewhere, one thread runs all parts.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::super::error::NativeError;
use super::super::network::Ready;
use super::super::run::Run;
use super::super::run::parts::Part;
use super::span::Span;

/// Rounds of active waiting before a thread lets others run. A phase takes some ten microseconds.
const SPINS: usize = 20_000;

/// A phase in the queue.
struct Phase<'a> {
    step: &'a Ready,
    /// Its index in the step.
    index: usize,
    /// Parts of all phases before.
    first: usize,
    /// Its parts.
    count: usize,
}

/// The parts of a run.
struct Queue<'a> {
    phases: Vec<Phase<'a>>,
    next: AtomicUsize,
    done: AtomicUsize,
    has_failed: AtomicBool,
}

/// Counts a part as done, also if it panics: the other threads would wait for ever.
struct Finished<'a>(&'a AtomicUsize);

impl Drop for Finished<'_> {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::AcqRel);
    }
}

impl<'a> Queue<'a> {
    fn new(run: &Run<'a>, threads: usize) -> Self {
        let mut phases = Vec::new();
        let mut first = 0;
        for step in run.steps() {
            for (index, count) in run.phases(step, threads).into_iter().enumerate() {
                phases.push(Phase { step, index, first, count });
                first += count;
            }
        }
        Self { phases, next: AtomicUsize::new(0), done: AtomicUsize::new(0), has_failed: AtomicBool::new(false) }
    }

    /// Takes parts and runs them until there are no more.
    fn work(&self, run: &Run<'_>) -> Result<(), NativeError> {
        let mut phases = self.phases.iter();
        let mut phase = phases.next();
        loop {
            let part = self.next.fetch_add(1, Ordering::Relaxed);
            while phase.is_some_and(|phase| part >= phase.first + phase.count) {
                phase = phases.next();
            }
            let Some(phase) = phase else { return Ok(()) };
            self.wait(phase.first);
            let _finished = Finished(&self.done);
            if self.has_failed.load(Ordering::Relaxed) {
                continue;
            }
            let part = Part { index: part - phase.first, count: phase.count };
            if let Err(error) = run.part(phase.step, phase.index, part) {
                self.has_failed.store(true, Ordering::Relaxed);
                return Err(error);
            }
        }
    }

    /// Waits until `parts` are done. No part of a later phase begins before, so it is the first ones that are.
    fn wait(&self, parts: usize) {
        let mut spins = 0;
        while self.done.load(Ordering::Acquire) < parts {
            spins += 1;
            if spins < SPINS {
                std::hint::spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

/// A run on its way to another thread.
struct Lent<'a>(Run<'a>);

// SAFETY: the spans of a run are read and written by parts only, each of which runs on one thread. The parts of a phase
// write different memory, and read nothing that another one of them writes (`parts::phases`). A part begins only after
// all parts of earlier phases are done, and sees what they wrote (`Queue::wait`). Each thread has scratch memory of its
// own. The memory is lent for longer than the threads' scope.
unsafe impl Send for Lent<'_> {}

impl<'a> Lent<'a> {
    fn run(&self) -> &Run<'a> {
        &self.0
    }
}

/// Runs all steps on some threads: this one, and others of the pool. `scratch` has the memory of the others.
///
/// # Errors
/// The plan is wrong.
pub(crate) fn run_together<'a>(run: &Run<'a>, scratch: Span<'a>, threads: usize) -> Result<(), NativeError> {
    let queue = Queue::new(run, threads);
    let others: Result<Vec<Lent<'a>>, NativeError> =
        (0..threads - 1).map(|index| Ok(Lent(run.with_scratch(scratch, index)?))).collect();
    let others = others?;
    let mut results = vec![Ok(()); others.len()];
    let mine = rayon::in_place_scope(|scope| {
        let queue = &queue;
        for (other, result) in others.into_iter().zip(&mut results) {
            scope.spawn(move |_| *result = queue.work(other.run()));
        }
        queue.work(run)
    });
    results.into_iter().fold(mine, Result::and)
}

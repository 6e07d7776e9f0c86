//! Several videos at the same time: each worker has its own networks and takes the next job; outcomes come back one by one.

use std::sync::atomic::{AtomicBool, Ordering};

use crossbeam_channel::unbounded;

use super::events::Reporter;
use super::job::{self, Job, JobError, JobOptions, JobOutcome, Stop};
use crate::interrupt::Interrupt;
use crate::pose::session::{OrtNetworks, SessionError};
use crate::store::Layout;

/// What all workers share.
pub struct Crew<'a> {
    /// Workers at most.
    pub size: usize,
    /// How jobs are done.
    pub options: JobOptions,
    /// Where parts go.
    pub layout: &'a Layout,
    /// Makes a worker's networks.
    pub make_networks: &'a (dyn Fn() -> Result<OrtNetworks, SessionError> + Sync),
    /// Who is told of progress.
    pub reporter: &'a dyn Reporter,
    /// The user's wish to stop.
    pub interrupt: &'a Interrupt,
}

impl Crew<'_> {
    /// Does all jobs. `on_outcome` is called in this thread for each that ends; the first error ends the others too,
    /// after the outcomes before it have been handed over.
    ///
    /// # Errors
    /// Something is wrong that concerns more than one video, or the user asked to stop.
    pub fn run<E: From<JobError>>(
        &self,
        jobs: Vec<Job>,
        mut on_outcome: impl FnMut(JobOutcome) -> Result<(), E>,
    ) -> Result<(), E> {
        let size = self.size.min(jobs.len());
        let is_over = AtomicBool::new(false);
        // Both hold no more than one entry a video, all of them made beforehand.
        let (job_sender, job_queue) = unbounded();
        let (outcome_sender, outcomes) = unbounded();
        for job in jobs {
            drop(job_sender.send(job));
        }
        drop(job_sender);
        std::thread::scope(|scope| {
            for number in 0..size {
                let (job_queue, outcome_sender, is_over) = (job_queue.clone(), outcome_sender.clone(), &is_over);
                let work = move || self.work(&job_queue, &outcome_sender, is_over);
                let builder = std::thread::Builder::new().name(format!("worker-{number}"));
                // Where no further thread is to be had, the workers that there are do all jobs.
                match builder.spawn_scoped(scope, work) {
                    Err(source) if number == 0 => return Err(JobError::Thread { source }.into()),
                    Err(source) => tracing::warn!("worker {number} could not be started: {source}"),
                    Ok(_) => {}
                }
            }
            drop(outcome_sender);
            let mut first_error = None;
            for outcome in outcomes {
                let handled = outcome.map_err(E::from).and_then(&mut on_outcome);
                if let Err(error) = handled {
                    is_over.store(true, Ordering::Relaxed);
                    first_error.get_or_insert(error);
                }
            }
            match first_error {
                Some(error) => Err(error),
                None if self.interrupt.is_requested() => Err(JobError::Interrupted.into()),
                None => Ok(()),
            }
        })
    }

    fn work(
        &self,
        jobs: &crossbeam_channel::Receiver<Job>,
        outcomes: &crossbeam_channel::Sender<Result<JobOutcome, JobError>>,
        is_over: &AtomicBool,
    ) {
        let stop = Stop { interrupt: self.interrupt, is_over };
        let mut networks = match (self.make_networks)() {
            Ok(networks) => networks,
            Err(error) => {
                drop(outcomes.send(Err(error.into())));
                return;
            }
        };
        while let Ok(job) = jobs.recv() {
            // Others may be finishing a segment, but no new video is begun.
            if stop.is_wanted() {
                return;
            }
            let outcome = job::run(&job, &self.options, self.layout, &mut networks, self.reporter, stop);
            let is_error = outcome.is_err();
            if outcomes.send(outcome).is_err() || is_error {
                return;
            }
        }
    }
}

//! Runs a job with single requests, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::course::{Question, Step};
use super::engine::{Engine, Miss, Run};
use super::job::{JobError, Summary, Work};
use crate::llm::wire::Reply;

/// Runs a job's work: sends the unanswered questions and keeps the results.
///
/// Until the provider has replied once, requests are sent one at a time, so that a wrong key or model costs one
/// request.
///
/// # Errors
/// A journal cannot be used, the provider rejects the key or the first request, or it fails too often in a row. Paid
/// replies are kept.
pub(crate) fn run(engine: &Engine, works: &[Work]) -> Result<Summary, JobError> {
    let open = engine.journals.plans.open(&engine.job.id);
    if !open.is_empty() {
        let batches = open.into_iter().map(|plan| plan.batch_id.unwrap_or(plan.plan_id)).collect();
        return Err(JobError::BatchUnderWay { batches });
    }
    let run = Run::new(*engine, works.len());
    let next = AtomicUsize::new(0);
    run.tell();
    work_off(&run, works, &next, true);
    let n_threads = engine.job.settings.n_threads.max(1);
    thread::scope(|scope| {
        for number in 0..n_threads {
            let (run, next) = (&run, &next);
            let builder = thread::Builder::new().name(format!("synth-{number}"));
            if let Err(error) = builder.spawn_scoped(scope, move || work_off(run, works, next, false)) {
                run.stop(JobError::Thread(error));
            }
        }
    });
    run.finish()
}

/// Processes one piece of work after another. With `is_probing`, ends after the provider's first reply.
fn work_off(run: &Run, works: &[Work], next: &AtomicUsize, is_probing: bool) {
    let is_over = || run.is_stopped() || (is_probing && run.has_success());
    while !is_over() {
        let Some(work) = works.get(next.fetch_add(1, Ordering::SeqCst)) else { return };
        if run.is_done(work) {
            continue;
        }
        match do_one(run, work) {
            Ok(()) => {
                run.is_done(work);
            }
            Err(miss) => run.missed(miss),
        }
        run.tell();
    }
}

fn do_one(run: &Run, work: &Work) -> Result<(), Miss> {
    let mut step = Step::first(&work.ask);
    loop {
        let question = step.question(run.engine.job);
        let reply = answer(run, &step, &question)?;
        match run.conclude(work, &step, &question.hash, &reply)? {
            Some(next) => step = next,
            None => return Ok(()),
        }
    }
}

/// The reply to a question: an already paid one, or a new one.
fn answer(run: &Run, step: &Step, question: &Question) -> Result<Reply, Miss> {
    let replies = &run.engine.journals.replies;
    let _claim = replies.claim(&question.hash, &|| run.is_stopped()).ok_or(Miss::Stopped)?;
    if let Some(paid) = replies.get(&question.hash)? {
        run.count(|summary| summary.progress.n_cached += 1);
        return Ok(paid.reply);
    }
    super::send::send(run, step, question)
}

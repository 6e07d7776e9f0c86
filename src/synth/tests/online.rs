use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::fake::{ALL_FAULTS, Fake, Faults, price};
use super::kit::{APIS, ONLINE, job, judge, ledger_lines, results, run, run_on, spent, undisturbed, works};
use crate::llm::prices::worst_cost_nano_usd;
use crate::llm::wire::Api;
use crate::llm::wire::http::{Http, Request, Response, SendError};
use crate::synth::clock::Clock;
use crate::synth::clock::tests::FakeClock;
use crate::synth::course::Step;
use crate::synth::engine::{Engine, Miss, Run};
use crate::synth::estimate::estimate;
use crate::synth::items::read_rejected;
use crate::synth::job::{Event, JobError};
use crate::synth::journals::Journals;
use crate::synth::ledger::{Line, LineKind, Outcome};
use crate::synth::send::wait;

#[test]
fn every_piece_of_work_is_accepted_or_given_up_and_a_second_run_sends_nothing() {
    for api in APIS {
        let folder = tempfile::tempdir().unwrap();
        let fake = Fake::new(api, ALL_FAULTS, 3);
        let (job, works) = (job(api, 8, None), works(120));
        let first = run(ONLINE, folder.path(), &job, &fake, &works).unwrap();
        assert_eq!((first.progress.n_done(), first.n_left, first.progress.n_failed), (120, 0, 0));
        assert!(first.progress.n_accepted > 70 && first.progress.n_rejected > 5, "{first:?}");
        assert_eq!(results(folder.path()), undisturbed(ONLINE, api, &works));
        let n_requests = fake.account.lock().unwrap().n_requests;
        assert_eq!(n_requests, first.progress.n_requests);
        let second = run(ONLINE, folder.path(), &job, &fake, &works).unwrap();
        assert_eq!(second.progress.n_requests, 0);
        assert_eq!(
            (second.progress.n_accepted, second.progress.n_rejected),
            (first.progress.n_accepted, first.progress.n_rejected)
        );
        // Another job with the same questions pays nothing.
        let other = crate::synth::job::Job { id: "other".to_owned(), ..job.clone() };
        let third = run(ONLINE, folder.path(), &other, &fake, &works).unwrap();
        assert_eq!((third.progress.n_requests, third.progress.spent_nano_usd), (0, 0));
        assert_eq!(third.progress.n_accepted, first.progress.n_accepted);
        assert!(third.progress.n_cached >= 120);
        assert_eq!(fake.account.lock().unwrap().n_requests, n_requests);
    }
}

#[test]
fn the_ledger_has_a_line_for_every_try_and_never_less_than_the_bill() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(Api::AnthropicMessages, ALL_FAULTS, 5);
    let summary = run(ONLINE, folder.path(), &job(fake.api, 8, None), &fake, &works(100)).unwrap();
    let lines = ledger_lines(folder.path());
    let n_intents = lines.iter().filter(|line| line.line == LineKind::Intent).count();
    let mut outcomes = BTreeMap::new();
    for line in lines.iter().filter(|line| line.line == LineKind::Settled) {
        *outcomes.entry(format!("{:?}", line.outcome.unwrap())).or_insert(0) += 1;
    }
    let account = fake.account.lock().unwrap();
    assert_eq!((n_intents, outcomes.values().sum::<usize>()), (account.n_requests, account.n_requests));
    for outcome in ["Ok", "CutOff", "Refused", "Invalid", "HttpError", "Lost", "Unsent"] {
        assert!(outcomes.contains_key(outcome), "{outcome} of {outcomes:?}");
    }
    assert!(account.billed <= summary.progress.spent_nano_usd);
    assert_eq!(summary.progress.spent_nano_usd, spent(folder.path()));
    // Except for lost and unreadable replies, the ledger equals the bill.
    let is_lost = |line: &&Line| matches!(line.outcome, Some(Outcome::Lost | Outcome::Invalid));
    let lost: u64 = lines.iter().filter(is_lost).map(|line| line.cost_nano_usd.unwrap()).sum();
    assert!(summary.progress.spent_nano_usd - lost <= account.billed);
    assert!(summary.usage.cached_tokens > 0);
}

#[test]
fn the_budget_holds_on_the_providers_own_account() {
    for seed in 0..6 {
        let folder = tempfile::tempdir().unwrap();
        let works = works(80);
        let worst = worst_cost_nano_usd(
            &price(),
            Step::first(&works[0].ask).question(&job(APIS[0], 1, None)).bytes.len(),
            300,
            false,
        );
        let cap = worst * (3 + seed * 4);
        let mut fake = Fake::new(Api::AnthropicMessages, ALL_FAULTS, seed);
        fake.cap = cap;
        // Sixteen at a time, repeatedly, until nothing fits any more.
        let mut n_done = 0;
        for _ in 0..3 {
            let summary = run(ONLINE, folder.path(), &job(fake.api, 16, Some(cap)), &fake, &works).unwrap();
            assert!(summary.is_budget_exhausted && summary.n_left > 0, "{summary:?}");
            assert!(summary.progress.n_done() >= n_done);
            n_done = summary.progress.n_done();
            assert!(summary.progress.spent_nano_usd <= cap && summary.progress.reserved_nano_usd == 0);
        }
        let account = fake.account.lock().unwrap();
        assert!(account.complaints.is_empty(), "{:?}", account.complaints);
        assert!(account.billed <= spent(folder.path()) && spent(folder.path()) <= cap);
        // The money is used, not only guarded: the rest is less than two worst cases.
        assert!(cap - spent(folder.path()) < 2 * worst, "{} of {cap} spent", spent(folder.path()));
        assert!(n_done > 0);
    }
}

#[test]
fn a_budget_below_one_worst_case_sends_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(Api::OpenAiResponses, Faults::default(), 1);
    let summary = run(ONLINE, folder.path(), &job(fake.api, 4, Some(1000)), &fake, &works(5)).unwrap();
    assert_eq!((summary.n_left, summary.is_budget_exhausted, summary.progress.n_requests), (5, true, 0));
    assert_eq!(fake.account.lock().unwrap().n_requests, 0);
}

#[test]
fn a_wrong_key_or_model_costs_one_request() {
    for status in [401, 402, 403, 400, 404] {
        let folder = tempfile::tempdir().unwrap();
        let fake = Fake::new(Api::AnthropicMessages, Faults::default(), 1);
        let body = br#"{"type":"error","error":{"type":"some_error","message":"model: nosuch"}}"#.to_vec();
        *fake.always.lock().unwrap() = Some(Response { status, headers: BTreeMap::new(), body });
        let error = run(ONLINE, folder.path(), &job(fake.api, 16, None), &fake, &works(50)).unwrap_err();
        assert!(matches!(error, JobError::Refused { status: s, .. } if s == status), "{error}");
        assert!(error.to_string().contains("model: nosuch"), "{error}");
        assert_eq!(fake.account.lock().unwrap().n_requests, 1);
        assert_eq!(spent(folder.path()), 0);
        // With the right key all work is done.
        *fake.always.lock().unwrap() = None;
        let summary = run(ONLINE, folder.path(), &job(fake.api, 16, None), &fake, &works(50)).unwrap();
        assert_eq!(summary.progress.n_done(), 50);
    }
}

#[test]
fn a_provider_that_is_down_stops_the_job_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(Api::AnthropicMessages, Faults::default(), 1);
    let mut job = job(fake.api, 2, None);
    job.settings.max_tries = 3;
    *fake.always.lock().unwrap() = Some(Response { status: 529, headers: BTreeMap::new(), body: b"{}".to_vec() });
    let error = run(ONLINE, folder.path(), &job, &fake, &works(50)).unwrap_err();
    assert!(matches!(error, JobError::Failing { n: 5, .. }), "{error}");
    assert_eq!(fake.account.lock().unwrap().n_requests, 15, "five pieces of work, three tries each");
    assert!(read_rejected(folder.path()).unwrap().lines.is_empty(), "nothing is given up for the provider's fault");
}

#[test]
fn an_interrupt_lets_requests_in_flight_finish() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(Api::AnthropicMessages, Faults::default(), 1);
    let (job, works, clock) = (job(fake.api, 4, None), works(60), FakeClock::new());
    let journals = Journals::open(folder.path(), clock.now_s()).unwrap();
    let n_events = AtomicUsize::new(0);
    let engine = Engine {
        job: &job,
        journals: &journals,
        http: &fake,
        clock: &clock,
        judge: &judge,
        is_interrupted: &|| n_events.load(Ordering::SeqCst) > 20,
        on_event: &|_| {
            n_events.fetch_add(1, Ordering::SeqCst);
        },
    };
    let summary = ONLINE(&engine, &works).unwrap();
    assert!(summary.is_interrupted && summary.n_left > 20 && summary.progress.n_done() >= 15, "{summary:?}");
    assert_eq!(journals.ledger.sums("job").n_open, 0, "what was sent is settled");
    let again = run_on(ONLINE, &journals, &clock, &job, &fake, &works).unwrap();
    assert_eq!(again.n_left, 0);
    let account = fake.account.lock().unwrap();
    // Questions with replies without text are sent once more, so these bodies are processed twice.
    assert!(account.worked_on.values().all(|n| *n <= 2));
    assert!(account.billed <= again.progress.spent_nano_usd);
}

#[test]
fn a_pause_asked_for_is_kept_and_told() {
    let folder = tempfile::tempdir().unwrap();
    let faults = Faults { too_many: 50, ..Faults::default() };
    let fake = Fake::new(Api::AnthropicMessages, faults, 1);
    let (job, clock, notes) = (job(fake.api, 1, None), FakeClock::new(), Mutex::new(Vec::new()));
    let journals = Journals::open(folder.path(), clock.now_s()).unwrap();
    let start_s = clock.now_s();
    let on_event = |event| {
        if let Event::Note(text) = event {
            notes.lock().unwrap().push(text);
        }
    };
    let engine = Engine {
        job: &job,
        journals: &journals,
        http: &fake,
        clock: &clock,
        judge: &judge,
        is_interrupted: &|| false,
        on_event: &on_event,
    };
    let summary = ONLINE(&engine, &works(10)).unwrap();
    let lines = ledger_lines(folder.path());
    let n_pauses = lines.iter().filter(|line| line.http_status == Some(429)).count();
    assert!(n_pauses > 3 && summary.progress.n_done() == 10);
    assert!((clock.now_s() - start_s - 2.0 * n_pauses as f64).abs() < 0.5, "two seconds each");
    assert_eq!(notes.lock().unwrap().len(), n_pauses);
}

/// Delays its responses, so that the same question could be sent twice.
struct Slow<'a>(&'a Fake);

impl Http for Slow<'_> {
    fn send(&self, request: &Request) -> Result<Response, SendError> {
        std::thread::sleep(Duration::from_millis(5));
        self.0.send(request)
    }
}

#[test]
fn the_same_question_is_paid_for_once() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(Api::AnthropicMessages, Faults::default(), 1);
    let mut works = works(40);
    for (i, work) in works.iter_mut().enumerate() {
        // The same questions are next to each other.
        work.ask.user = format!("One of {} questions", i / 8);
    }
    let summary = run(ONLINE, folder.path(), &job(fake.api, 8, None), &Slow(&fake), &works).unwrap();
    assert_eq!(summary.progress.n_done(), 40);
    let account = fake.account.lock().unwrap();
    assert!(account.worked_on.len() <= 5 * 2 && account.worked_on.values().all(|n| *n <= 2), "{:?}", account.worked_on);
    assert!(account.n_requests <= 5 * 3, "{} requests for five questions", account.n_requests);
}

#[test]
fn the_estimate_is_made_before_anything_is_sent_and_the_bill_stays_below_it() {
    let (folder, works) = (tempfile::tempdir().unwrap(), works(30));
    let fake = Fake::new(Api::AnthropicMessages, Faults::default(), 1);
    let mut job = job(fake.api, 4, None);
    // Without second attempts for replies that were cut off.
    job.settings.max_tokens_cap = 0;
    let before = estimate(&job, None, &judge, &works, false, 100).unwrap();
    assert_eq!((before.n_to_send, before.n_done, before.n_cached, before.spent_nano_usd), (30, 0, 0, 0));
    assert!(before.likely_nano_usd * 2 < before.worst_nano_usd && before.likely_nano_usd > 30 * 100 * 500);
    let halved = estimate(&job, None, &judge, &works, true, 100).unwrap();
    assert!(halved.worst_nano_usd.abs_diff(before.worst_nano_usd / 2) <= 30);
    let first = run(ONLINE, folder.path(), &job, &fake, &works[..10]).unwrap();
    let (clock, other) = (FakeClock::new(), crate::synth::job::Job { id: "other".to_owned(), ..job.clone() });
    let journals = Journals::open(folder.path(), clock.now_s()).unwrap();
    let rest = estimate(&job, Some(&journals), &judge, &works, false, 100).unwrap();
    assert_eq!((rest.n_to_send, rest.n_done, rest.spent_nano_usd), (20, 10, first.progress.spent_nano_usd));
    let rest = estimate(&other, Some(&journals), &judge, &works, false, 100).unwrap();
    assert_eq!((rest.n_to_send, rest.n_cached, rest.spent_nano_usd), (20, 10, 0));
    let all = run_on(ONLINE, &journals, &clock, &job, &fake, &works).unwrap();
    assert!(all.progress.spent_nano_usd < before.worst_nano_usd);
}

#[test]
fn a_pause_asked_for_holds_for_all_threads() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(Api::AnthropicMessages, Faults::default(), 1);
    let (job, clock) = (job(fake.api, 2, None), FakeClock::new());
    let journals = Journals::open(folder.path(), clock.now_s()).unwrap();
    let engine = Engine {
        job: &job,
        journals: &journals,
        http: &fake,
        clock: &clock,
        judge: &judge,
        is_interrupted: &|| true,
        on_event: &|_| {},
    };
    let (run, start_s) = (Run::new(engine, 0), clock.now_s());
    // The thread that was told to stop stops at once; another thread that wants to send waits.
    assert!(matches!(wait(&run, 0, Some(7.0), "busy", "c1"), Err(Miss::Stopped)));
    drop(run.throttle.enter(1, &|| false).unwrap());
    assert!((clock.now_s() - start_s - 7.0).abs() < 0.01);
    // A back-off only affects its own thread.
    assert!(matches!(wait(&run, 0, None, "busy", "c1"), Err(Miss::Stopped)));
    drop(run.throttle.enter(1, &|| false).unwrap());
    assert!((clock.now_s() - start_s - 7.0).abs() < 0.01);
}

use super::fake::{Creation, Fake, Faults};
use super::kit::{APIS, BATCH, ONLINE, job, ledger_lines, plans_of, results, run, run_on, spent, undisturbed, works};
use crate::llm::wire::http::Response;
use crate::synth::clock::Clock;
use crate::synth::clock::tests::FakeClock;
use crate::synth::job::JobError;
use crate::synth::journals::Journals;
use crate::synth::ledger::Outcome;

const FAULTS: Faults = Faults {
    too_many: 0,
    busy: 0,
    broken: 0,
    cut_after: 0,
    unreachable: 0,
    expired: 15,
    errored: 5,
    twice: 20,
    torn: 0,
    is_unreadable: false,
};

#[test]
fn batches_come_to_the_same_as_single_requests_at_half_the_price() {
    for api in APIS {
        let works = works(60);
        let folder = tempfile::tempdir().unwrap();
        let fake = Fake::new(api, FAULTS, 2);
        let mut job = job(api, 1, None);
        job.settings.max_batch_requests = Some(25);
        let mut summary = run(BATCH, folder.path(), &job, &fake, &works).unwrap();
        while summary.progress.n_failed > 0 {
            summary = run(BATCH, folder.path(), &job, &fake, &works).unwrap();
        }
        assert_eq!((summary.n_left, summary.open_batches.len()), (0, 0), "{summary:?}");
        assert_eq!(results(folder.path()), undisturbed(BATCH, api, &works));
        let account = fake.account.lock().unwrap();
        assert!(account.n_batches >= 5, "split, second attempts, what expired: {}", account.n_batches);
        assert_eq!(account.billed, spent(folder.path()));
        assert_eq!(account.billed, summary.progress.spent_nano_usd, "what comes twice counts once");
        let lines = ledger_lines(folder.path());
        for outcome in [Outcome::Ok, Outcome::Expired, Outcome::HttpError, Outcome::CutOff] {
            assert!(lines.iter().any(|line| line.outcome == Some(outcome)), "{outcome:?}");
        }
        assert!(lines.iter().all(|line| line.is_batch));
        drop(account);
        // Nothing is sent again, and single requests find the same replies.
        let n_requests = fake.account.lock().unwrap().n_requests;
        for way in [BATCH, ONLINE] {
            assert_eq!(run(way, folder.path(), &job, &fake, &works).unwrap().n_left, 0);
        }
        assert_eq!(fake.account.lock().unwrap().n_requests, n_requests);
    }
}

#[test]
fn submit_leave_come_back() {
    for api in APIS {
        let (folder, works, fake) = (tempfile::tempdir().unwrap(), works(20), Fake::new(api, Faults::default(), 2));
        let mut job = job(api, 1, None);
        job.settings.is_waiting = false;
        let sent = run(BATCH, folder.path(), &job, &fake, &works).unwrap();
        assert_eq!((sent.open_batches, sent.n_left), (vec!["batch_1".to_owned()], 20));
        assert!(sent.progress.reserved_nano_usd > 0 && sent.progress.spent_nano_usd == 0);
        // Single requests would pay twice meanwhile.
        let error = run(ONLINE, folder.path(), &job, &fake, &works).unwrap_err();
        assert!(matches!(error, JobError::BatchUnderWay { .. }) && error.to_string().contains("batch_1"), "{error}");
        let mut n_looks = 0;
        loop {
            let summary = run(BATCH, folder.path(), &job, &fake, &works).unwrap();
            n_looks += 1;
            if summary.n_left == 0 {
                assert!(summary.open_batches.is_empty() && summary.progress.reserved_nano_usd == 0);
                break;
            }
            assert!(n_looks < 20, "{summary:?}");
        }
        assert_eq!(results(folder.path()), undisturbed(BATCH, api, &works));
    }
}

#[test]
fn a_batch_whose_creation_was_not_answered_is_found_or_sent_again() {
    for api in APIS {
        for creation in [Creation::AnswerLost, Creation::RequestLost] {
            let (folder, works) = (tempfile::tempdir().unwrap(), works(20));
            let fake = Fake::new(api, Faults::default(), 2);
            fake.creations.lock().unwrap().push(creation);
            // A batch of another user with the same size.
            let summary = {
                let elsewhere = tempfile::tempdir().unwrap();
                let mut others = works.clone();
                for work in &mut others {
                    work.ask.user.push_str(" Please.");
                }
                let mut other = job(api, 1, None);
                other.settings.is_waiting = false;
                other.id = "other".to_owned();
                let hold = std::mem::take(&mut *fake.creations.lock().unwrap());
                run(BATCH, elsewhere.path(), &other, &fake, &others).unwrap();
                *fake.creations.lock().unwrap() = hold;
                run(BATCH, folder.path(), &job(api, 1, None), &fake, &works).unwrap()
            };
            assert_eq!(summary.n_left, 0, "{summary:?}");
            assert_eq!(results(folder.path()), undisturbed(BATCH, api, &works));
            let state = plans_of(folder.path());
            let expected = if creation == Creation::AnswerLost { "collected" } else { "not_created" };
            assert_eq!(state[0], expected);
            let account = fake.account.lock().unwrap();
            let n_twice = account.worked_on.values().filter(|n| **n > 1).count();
            assert!(n_twice <= 4, "{n_twice} worked on twice");
        }
    }
}

#[test]
fn without_a_list_a_batch_that_may_exist_counts_at_its_worst_case() {
    let (folder, works) = (tempfile::tempdir().unwrap(), works(10));
    let mut fake = Fake::new(APIS[0], Faults::default(), 2);
    fake.has_list = false;
    fake.creations.lock().unwrap().push(Creation::AnswerLost);
    let summary = run(BATCH, folder.path(), &job(APIS[0], 1, None), &fake, &works).unwrap();
    assert_eq!(summary.n_left, 0);
    assert_eq!(plans_of(folder.path())[0], "lost");
    let lines = ledger_lines(folder.path());
    let lost: Vec<_> = lines.iter().filter(|line| line.outcome == Some(Outcome::Lost)).collect();
    assert!(lost.len() == 10 && lost.iter().all(|line| line.cost_nano_usd == Some(line.worst_nano_usd)));
    assert!(fake.account.lock().unwrap().billed <= spent(folder.path()));
}

#[test]
fn the_budget_holds_and_is_used_round_by_round() {
    let (folder, works) = (tempfile::tempdir().unwrap(), works(40));
    let mut fake = Fake::new(APIS[1], FAULTS, 3);
    fake.cap = 700_000;
    let job = job(fake.api, 1, Some(fake.cap));
    let summary = run(BATCH, folder.path(), &job, &fake, &works).unwrap();
    assert!(summary.is_budget_exhausted && summary.n_left > 0, "{summary:?}");
    let account = fake.account.lock().unwrap();
    assert!(account.complaints.is_empty(), "{:?}", account.complaints);
    assert!(account.n_batches > 1, "money that came back is used");
    assert!(summary.progress.n_done() > 3 && spent(folder.path()) <= fake.cap);
}

#[test]
fn results_that_cannot_be_read_count_at_their_worst_case() {
    for (torn, is_unreadable) in [(10, false), (0, true)] {
        let (folder, works) = (tempfile::tempdir().unwrap(), works(40));
        let fake = Fake::new(APIS[0], Faults { torn, is_unreadable, ..Faults::default() }, 4);
        let summary = run(BATCH, folder.path(), &job(APIS[0], 1, None), &fake, &works).unwrap();
        assert_eq!((summary.n_left, summary.progress.n_failed), (0, 0));
        let lines = ledger_lines(folder.path());
        let unread = lines.iter().filter(|line| line.outcome == Some(Outcome::Invalid) && line.input_tokens.is_none());
        assert!(
            unread.clone().count() > 1 && unread.clone().all(|line| line.cost_nano_usd == Some(line.worst_nano_usd))
        );
        assert!(fake.account.lock().unwrap().billed <= spent(folder.path()));
    }
}

#[test]
fn results_that_are_gone_count_at_their_worst_case() {
    for api in APIS {
        let (folder, works) = (tempfile::tempdir().unwrap(), works(10));
        let mut fake = Fake::new(api, Faults::default(), 4);
        let mut job = job(api, 1, None);
        job.settings.is_waiting = false;
        run(BATCH, folder.path(), &job, &fake, &works).unwrap();
        fake.has_results = false;
        let reserved = spent(folder.path());
        run(BATCH, folder.path(), &job, &fake, &works).unwrap();
        assert_eq!(plans_of(folder.path())[0], "lost");
        assert!(ledger_lines(folder.path()).iter().any(|line| line.outcome == Some(Outcome::Lost)));
        assert!(spent(folder.path()) >= reserved);
    }
}

#[test]
fn a_refused_batch_or_one_of_errors_stops_the_job_and_is_free() {
    let (folder, works) = (tempfile::tempdir().unwrap(), works(10));
    let fake = Fake::new(APIS[0], Faults { errored: 100, ..Faults::default() }, 4);
    let error = run(BATCH, folder.path(), &job(APIS[0], 1, None), &fake, &works).unwrap_err();
    assert!(matches!(&error, JobError::BatchFailed { id, .. } if id == "batch_1"), "{error}");
    assert_eq!(fake.account.lock().unwrap().n_batches, 1);
    let body = br#"{"error":{"message":"no such model"}}"#.to_vec();
    *fake.always.lock().unwrap() = Some(Response { status: 400, headers: std::collections::BTreeMap::new(), body });
    let error = run(BATCH, folder.path(), &job(APIS[0], 1, None), &fake, &works).unwrap_err();
    assert!(matches!(error, JobError::Refused { status: 400, .. }), "{error}");
    assert_eq!(spent(folder.path()), 0);
    *fake.always.lock().unwrap() = None;
    *fake.faults.lock().unwrap() = Faults::default();
    assert_eq!(run(BATCH, folder.path(), &job(APIS[0], 1, None), &fake, &works).unwrap().n_left, 0);
}

#[test]
fn what_always_expires_is_given_back_as_failed_after_some_tries() {
    let (folder, works, clock) = (tempfile::tempdir().unwrap(), works(5), FakeClock::new());
    let fake = Fake::new(APIS[1], Faults { expired: 100, ..Faults::default() }, 4);
    let journals = Journals::open(folder.path(), clock.now_s()).unwrap();
    let summary = run_on(BATCH, &journals, &clock, &job(APIS[1], 1, None), &fake, &works).unwrap();
    assert_eq!((summary.progress.n_failed, summary.n_left), (5, 0));
    assert_eq!(summary.failures, ["expired"]);
    assert_eq!(fake.account.lock().unwrap().n_batches, 3);
    assert_eq!(journals.ledger.sums("job").spent_nano_usd(), 0);
}

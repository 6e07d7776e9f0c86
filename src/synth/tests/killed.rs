use std::path::Path;
use std::sync::{Arc, Mutex};

use super::fake::{ALL_FAULTS, Creation, Fake, Faults};
use super::kit::{
    APIS, BATCH, Dying, Life, ONLINE, Quick, Way, job, ledger_lines, results, run_on, spent, undisturbed, works,
};
use crate::journal::{JournalError, Sink};
use crate::llm::wire::Said;
use crate::synth::clock::Clock;
use crate::synth::clock::tests::FakeClock;
use crate::synth::job::{Job, JobError, Summary, Work};
use crate::synth::journals::Journals;
use crate::synth::replies::{Paid, Replies};

/// A generator of random numbers.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }
}

/// Runs until the job ends by itself, with a kill after random numbers of appends. Returns the last summary and the
/// number of kills.
fn with_kills(
    way: Way,
    dataset: &Path,
    job: &Job,
    fake: &Fake,
    works: &[Work],
    random: &mut Random,
) -> (Summary, usize) {
    let clock = FakeClock::new();
    let mut n_kills = 0;
    loop {
        let n_left = 1 + random.below(if n_kills < 30 { 40 } else { 4000 });
        let life = Arc::new(Mutex::new(Life { n_left, percent: random.below(101), is_over: false }));
        let to_sink = |file| -> Box<dyn Sink> { Box::new(Dying(file, Arc::clone(&life))) };
        let result = match Journals::open_with(dataset, clock.now_s(), &to_sink) {
            Ok(journals) => run_on(way, &journals, &clock, job, fake, works),
            Err(error) => Err(error.into()),
        };
        forbid_what_is_paid(dataset, fake);
        clock.sleep_s(700.0);
        match result {
            Ok(summary) => return (summary, n_kills),
            Err(JobError::Journal(JournalError::Io { .. })) => n_kills += 1,
            Err(error) => panic!("{error}"),
        }
    }
}

/// Makes the provider complain if it receives a question that has a durable reply. Also checks that every settled reply
/// is durable.
fn forbid_what_is_paid(dataset: &Path, fake: &Fake) {
    let replies = replies(dataset);
    let settled = ledger_lines(dataset).into_iter().filter(|line| line.input_tokens.is_some());
    for line in settled {
        assert!(
            replies.iter().any(|paid| paid.call_id == line.call_id),
            "{} is settled, its reply is lost",
            line.call_id
        );
    }
    // A question whose reply has no text may be sent once more, with the same body.
    let says_something = replies.into_iter().filter(|paid| !matches!(paid.reply.said, Said::Nothing(_)));
    fake.paid.lock().unwrap().extend(says_something.map(|paid| paid.content_hash));
}

fn replies(dataset: &Path) -> Vec<Paid> {
    let mut replies = Vec::new();
    Replies::open_with(dataset, &|file| Box::new(Quick(file)), &mut |paid| replies.push(paid)).unwrap();
    replies
}

#[test]
fn online_work_killed_at_any_append_comes_to_the_same_and_pays_nothing_twice() {
    let works = works(40);
    let (mut n_all_kills, mut n_all_repeats) = (0, 0);
    for api in APIS {
        let expected = undisturbed(ONLINE, api, &works);
        for seed in 0..6 {
            let folder = tempfile::tempdir().unwrap();
            let n_threads = 1 + seed as usize % 5;
            let fake = Fake::new(api, Faults::default(), seed);
            let mut random = Random(seed + 77);
            let job = job(api, n_threads, None);
            let (summary, n_kills) = with_kills(ONLINE, folder.path(), &job, &fake, &works, &mut random);
            assert_eq!((summary.n_left, summary.progress.n_failed), (0, 0));
            assert_eq!(results(folder.path()), expected, "seed {seed}");
            let account = fake.account.lock().unwrap();
            assert!(account.complaints.is_empty(), "{:?}", account.complaints);
            let undisturbed = Fake::new(api, Faults::default(), seed);
            let other = tempfile::tempdir().unwrap();
            super::kit::run(ONLINE, other.path(), &job, &undisturbed, &works).unwrap();
            let needed = undisturbed.account.lock().unwrap().n_requests;
            let n_repeats = account.n_requests - needed;
            assert!(n_repeats <= n_kills * n_threads, "{n_repeats} repeats, {n_kills} kills, {n_threads} threads");
            assert!(account.billed <= spent(folder.path()), "the repeats count at their worst case");
            n_all_kills += n_kills;
            n_all_repeats += n_repeats;
        }
    }
    assert!(n_all_kills > 80 && n_all_repeats > 5, "{n_all_kills} kills, {n_all_repeats} repeats");
}

#[test]
fn the_budget_holds_through_kills_and_faults() {
    let works = works(60);
    for seed in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let mut fake = Fake::new(APIS[0], ALL_FAULTS, seed);
        fake.cap = 2_000_000 + seed * 1_500_000;
        let job = job(fake.api, 6, Some(fake.cap));
        let (summary, n_kills) = with_kills(ONLINE, folder.path(), &job, &fake, &works, &mut Random(seed));
        let account = fake.account.lock().unwrap();
        assert!(account.complaints.is_empty(), "{:?}", account.complaints);
        assert!(account.billed <= spent(folder.path()) && spent(folder.path()) <= fake.cap);
        assert!(n_kills > 0 && (summary.is_budget_exhausted || summary.n_left == 0), "{n_kills} kills, {summary:?}");
    }
}

#[test]
fn batches_killed_at_any_append_come_to_the_same_and_pay_nothing_twice() {
    let works = works(40);
    let (mut n_all_kills, mut n_all_batches) = (0, 0);
    for api in APIS {
        let expected = undisturbed(BATCH, api, &works);
        for seed in 0..6 {
            let folder = tempfile::tempdir().unwrap();
            let faults = Faults { expired: 10, errored: 0, twice: 10, ..Faults::default() };
            let fake = Fake::new(api, faults, seed);
            let mut random = Random(seed + 7);
            // Some responses to creations are lost as well, and some requests.
            *fake.creations.lock().unwrap() = (0..random.below(3))
                .map(|i| if i == 0 { Creation::AnswerLost } else { Creation::RequestLost })
                .collect();
            let mut job = job(api, 1, None);
            job.settings.max_batch_requests = Some(15);
            job.settings.is_waiting = seed % 2 == 0;
            let mut n_kills = 0;
            for _ in 0..60 {
                let (summary, n) = with_kills(BATCH, folder.path(), &job, &fake, &works, &mut random);
                n_kills += n;
                if summary.n_left == 0 && summary.progress.n_failed == 0 {
                    break;
                }
            }
            assert_eq!(results(folder.path()), expected, "seed {seed}");
            let account = fake.account.lock().unwrap();
            assert!(account.complaints.is_empty(), "{:?}", account.complaints);
            // Questions with replies without text are sent twice; nothing else is processed twice, whatever was killed.
            let n_twice = account.worked_on.values().filter(|n| **n > 1).count();
            let nothing = replies(folder.path()).into_iter().filter(|paid| matches!(paid.reply.said, Said::Nothing(_)));
            let n_nothing = nothing.count();
            assert!(n_twice <= n_nothing, "seed {seed}: {n_twice} worked on twice, {n_nothing} said nothing");
            assert_eq!(account.billed, spent(folder.path()), "seed {seed}");
            n_all_kills += n_kills;
            n_all_batches += account.n_batches;
        }
    }
    assert!(n_all_kills > 60 && n_all_batches > 80, "{n_all_kills} kills, {n_all_batches} batches");
}

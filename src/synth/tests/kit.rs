//! Shared parts of the tests: a job, a judge, journals that die, and the results of the work.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::fake::{Fake, price, work};
use crate::journal::{self, Sink};
use crate::llm::wire::http::Http;
use crate::llm::wire::{Api, Ask};
use crate::synth::batch::plans::{self, Plan};
use crate::synth::clock::Clock;
use crate::synth::clock::tests::FakeClock;
use crate::synth::engine::Engine;
use crate::synth::items::{read_accepted, read_rejected};
use crate::synth::job::{Event, Job, JobError, Settings, Summary, Verdict, Work};
use crate::synth::journals::Journals;
use crate::synth::{batch, ledger, online};

pub(super) const APIS: [Api; 3] = [Api::AnthropicMessages, Api::OpenAiResponses, Api::OpenAiChat];

pub(super) fn works(n: usize) -> Vec<Work> {
    (0..n).map(work).collect()
}

pub(in crate::synth) fn job(api: Api, n_threads: usize, budget_nano_usd: Option<u64>) -> Job {
    let settings = Settings { n_threads, max_tokens_cap: 300, max_tries: 30, ..Settings::default() };
    Job { id: "job".to_owned(), api, model: "claude-haiku-5-5".to_owned(), price: price(), budget_nano_usd, settings }
}

pub(super) fn judge(work: &Work, text: &str) -> Verdict {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let again = |problem: &str| {
        let user = format!("{} Again, because: {problem}", work.ask.user);
        Verdict::AskAgain { problems: vec![problem.to_owned()], ask: Box::new(Ask { user, ..work.ask.clone() }) }
    };
    match value["answer"].as_str() {
        Some(answer) if answer.starts_with("good") => Verdict::Accept(json!({ "answer": answer })),
        Some(_) => again("a wrong number"),
        None => again("not as the schema says"),
    }
}

/// A way to run a job.
pub(super) type Way = fn(&Engine, &[Work]) -> Result<Summary, JobError>;
pub(super) const ONLINE: Way = online::run;
pub(super) const BATCH: Way = batch::run;

/// Runs a job on journals that work.
pub(super) fn run(way: Way, dataset: &Path, job: &Job, http: &dyn Http, works: &[Work]) -> Result<Summary, JobError> {
    let clock = FakeClock::new();
    let journals = Journals::open_with(dataset, clock.now_s(), &|file| Box::new(Quick(file))).unwrap();
    run_on(way, &journals, &clock, job, http, works)
}

pub(super) fn run_on(
    way: Way,
    journals: &Journals,
    clock: &FakeClock,
    job: &Job,
    http: &dyn Http,
    works: &[Work],
) -> Result<Summary, JobError> {
    let on_event = |event: Event| {
        if let Event::Progress(progress) = event {
            assert!(progress.n_done() + progress.n_failed <= progress.n_total, "{progress:?}");
            let most = progress.spent_nano_usd + progress.reserved_nano_usd;
            assert!(job.budget_nano_usd.is_none_or(|cap| most <= cap), "{progress:?}");
        }
    };
    let engine = Engine { job, journals, http, clock, judge: &judge, is_interrupted: &|| false, on_event: &on_event };
    way(&engine, works)
}

/// A sink without flushes, which are slow and which a test cannot observe.
pub(super) struct Quick(pub(super) File);

impl Sink for Quick {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.write_all(bytes)
    }
}

/// A sink that dies at an append: some or all of its bytes reach the disk, and nothing after them.
pub(super) struct Dying(pub(super) File, pub(super) Arc<Mutex<Life>>);

pub(super) struct Life {
    /// Number of appends until death, over all journals.
    pub(super) n_left: usize,
    /// Percentage of the last append that is written.
    pub(super) percent: usize,
    pub(super) is_over: bool,
}

impl Sink for Dying {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let mut life = self.1.lock().unwrap();
        if bytes.is_empty() {
            return Ok(());
        }
        if life.is_over {
            return Err(io::Error::other("dead"));
        }
        if life.n_left > 0 {
            life.n_left -= 1;
            return self.0.write_all(bytes);
        }
        life.is_over = true;
        self.0.write_all(&bytes[..bytes.len() * life.percent / 100])?;
        Err(io::Error::other("killed"))
    }
}

/// The result of each piece of work: its texts, or the reason why it was given up.
pub(super) fn results(dataset: &Path) -> BTreeMap<String, Result<Value, String>> {
    let mut results = BTreeMap::new();
    for reject in read_rejected(dataset).unwrap().lines.into_iter().filter(|reject| reject.is_final) {
        results.insert(reject.key, Err(reject.reason));
    }
    for item in read_accepted(dataset).unwrap().lines {
        let before = results.insert(item.key, Ok(item.texts));
        assert_eq!(before, None, "accepted twice or after it was given up");
    }
    results
}

/// The lines of the ledger on the disk.
pub(super) fn ledger_lines(dataset: &Path) -> Vec<ledger::Line> {
    journal::read(dataset, ledger::NAME).unwrap().lines
}

/// Money that the ledger on the disk counts as spent, nano-dollars.
pub(super) fn spent(dataset: &Path) -> u64 {
    ledger::Ledger::open_with(dataset, &|file| Box::new(Quick(file))).unwrap().sums("job").spent_nano_usd()
}

/// The results of undisturbed work.
pub(super) fn undisturbed(way: Way, api: Api, works: &[Work]) -> BTreeMap<String, Result<Value, String>> {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake::new(api, super::fake::Faults::default(), 1);
    let summary = run(way, folder.path(), &job(api, 1, None), &fake, works).unwrap();
    assert_eq!((summary.n_left, summary.progress.n_failed), (0, 0), "{summary:?}");
    results(folder.path())
}

/// The last states of all plans, in their order.
pub(super) fn plans_of(dataset: &Path) -> Vec<String> {
    let mut last: Vec<(String, String)> = Vec::new();
    for plan in journal::read::<Plan>(dataset, plans::NAME).unwrap().lines {
        let state = serde_json::to_value(plan.state).unwrap().as_str().unwrap().to_owned();
        match last.iter_mut().find(|(id, _)| *id == plan.plan_id) {
            Some(entry) => entry.1 = state,
            None => last.push((plan.plan_id, state)),
        }
    }
    last.into_iter().map(|(_, state)| state).collect()
}

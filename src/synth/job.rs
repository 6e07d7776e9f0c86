//! A job: its name, settings, work, events and results.

use serde_json::Value;

use crate::journal::JournalError;
use crate::llm::prices::Price;
use crate::llm::wire::{Api, Ask, Effort, Usage};

/// The properties that identify a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct JobName {
    /// The provider: `claude`, `openai`, `local`.
    pub(crate) provider: String,
    /// The model.
    pub(crate) model: String,
    /// Requested tasks.
    pub(crate) tasks: Vec<String>,
    /// Requested languages.
    pub(crate) languages: Vec<String>,
    /// Number of requested examples.
    pub(crate) n: usize,
    /// Version of the prompts.
    pub(crate) prompt_version: String,
}

impl JobName {
    /// The job's id, independent of the order of tasks and languages.
    #[must_use]
    pub(crate) fn id(&self) -> String {
        let sorted = |names: &[String]| {
            let mut names = names.to_vec();
            names.sort();
            names.dedup();
            names
        };
        let (tasks, languages) = (sorted(&self.tasks), sorted(&self.languages));
        let parts = serde_json::json!([self.provider, self.model, tasks, languages, self.n, self.prompt_version]);
        let hash = blake3::hash(parts.to_string().as_bytes()).to_hex();
        format!("j{}", &hash.as_str()[..16])
    }
}

/// Settings for running a job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Settings {
    /// Number of concurrent requests.
    pub(crate) n_threads: usize,
    /// Limit on tokens per minute, input and output together; `None` for no limit.
    pub(crate) tokens_per_minute: Option<u64>,
    /// Timeout of a request, seconds.
    pub(crate) timeout_s: f64,
    /// Maximum number of tries of a request if the provider or the network fails.
    pub(crate) max_tries: u32,
    /// Largest `max_tokens` of a second attempt after a reply that was cut off.
    pub(crate) max_tokens_cap: u32,
    /// Number of consecutive failures of the provider after which the job stops.
    pub(crate) max_failures_in_a_row: u32,
    /// Seconds between two checks of a batch.
    pub(crate) poll_s: f64,
    /// Whether a job of batches waits for results; otherwise it checks once and ends.
    pub(crate) is_waiting: bool,
    /// Seconds after which an unlisted batch counts as never created, if the process died during its creation.
    pub(crate) orphan_after_s: f64,
    /// Reasoning effort of the model; `None` leaves it to the provider. Reasoning counts toward `max_tokens` and is
    /// paid for.
    pub(crate) effort: Option<Effort>,
    /// Maximum number of requests per batch; `None` for the provider's own limit.
    pub(crate) max_batch_requests: Option<usize>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            n_threads: 4,
            tokens_per_minute: None,
            timeout_s: 300.0,
            max_tries: 8,
            max_tokens_cap: 8192,
            max_failures_in_a_row: 5,
            poll_s: 30.0,
            is_waiting: true,
            orphan_after_s: 600.0,
            effort: None,
            max_batch_requests: None,
        }
    }
}

/// A job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Job {
    /// Its id, from [`JobName::id`].
    pub(crate) id: String,
    /// The provider's interface.
    pub(crate) api: Api,
    /// The model.
    pub(crate) model: String,
    /// The model's price; all zero if nothing has to be paid.
    pub(crate) price: Price,
    /// Maximum total cost of the job in nano-dollars, including earlier runs; `None` for no limit.
    pub(crate) budget_nano_usd: Option<u64>,
    /// The settings.
    pub(crate) settings: Settings,
}

/// One text to be written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Work {
    /// Key, unique in the job and the same in every run.
    pub(crate) key: String,
    /// The question. It must be the same in every run, because its hash finds the reply that was paid for.
    pub(crate) ask: Ask,
    /// Id of the example that the text rewords.
    pub(crate) base_id: String,
    /// Task, such as `paraphrase`.
    pub(crate) task: String,
    /// Language, such as `en`.
    pub(crate) language: String,
    /// Persona, such as `coach`.
    pub(crate) persona: String,
}

/// The verdict on a reply. The judge must always give the same verdict on the same reply, because a resumed job judges
/// it again.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Verdict {
    /// Accepted: the texts of the reply, as JSON.
    Accept(Value),
    /// Wrong: one more attempt is made with the reasons.
    AskAgain {
        /// The problems.
        problems: Vec<String>,
        /// The question of the next attempt.
        ask: Box<Ask>,
    },
    /// Wrong, and another attempt is useless.
    Reject(String),
}

/// The progress of a job.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Progress {
    /// Total pieces of work.
    pub(crate) n_total: usize,
    /// Accepted pieces of work, including earlier runs.
    pub(crate) n_accepted: usize,
    /// Pieces of work given up because replies failed verification, were refused or cut off, including earlier runs.
    pub(crate) n_rejected: usize,
    /// Pieces of work not done because the provider or the network failed.
    pub(crate) n_failed: usize,
    /// Requests sent in this run, including failed ones.
    pub(crate) n_requests: usize,
    /// Replies that were already paid for.
    pub(crate) n_cached: usize,
    /// Cost of the job in nano-dollars, including earlier runs.
    pub(crate) spent_nano_usd: u64,
    /// Worst case of the requests in flight, nano-dollars.
    pub(crate) reserved_nano_usd: u64,
    /// Remaining budget, nano-dollars; `None` if there is no limit.
    pub(crate) left_nano_usd: Option<u64>,
}

impl Progress {
    /// Number of pieces of work that are done.
    #[must_use]
    pub(crate) fn n_done(&self) -> usize {
        self.n_accepted + self.n_rejected
    }
}

/// An event of a running job.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Event {
    /// The progress changed.
    Progress(Progress),
    /// The provider's state of a batch.
    Batch {
        /// Its id.
        id: String,
        /// Requests that are done; some providers report 0 until all are done.
        n_done: u64,
        /// Total requests.
        n_total: u64,
    },
    /// A message for the user, in one sentence.
    Note(String),
}

/// The result of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Summary {
    /// The final progress.
    pub(crate) progress: Progress,
    /// Cost of this run, nano-dollars.
    pub(crate) spent_now_nano_usd: u64,
    /// Tokens of this run.
    pub(crate) usage: Usage,
    /// Pieces of work left for another run: not done and not failed.
    pub(crate) n_left: usize,
    /// Whether work is left because the budget does not allow its worst case.
    pub(crate) is_budget_exhausted: bool,
    /// Whether work is left because the run was interrupted.
    pub(crate) is_interrupted: bool,
    /// Batches whose results are not yet collected.
    pub(crate) open_batches: Vec<String>,
    /// Messages of the provider or the network about failed work; each message once.
    pub(crate) failures: Vec<String>,
}

/// The reason why a job stopped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum JobError {
    /// A journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The provider rejects the first request, or the key.
    #[error("the provider rejects the request (HTTP {status}): {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The provider's message.
        message: String,
    },
    /// Too many failures in a row.
    #[error("{n} requests failed in a row; the last: {message}")]
    Failing {
        /// Number of failures.
        n: u32,
        /// Message of the last failure.
        message: String,
    },
    /// Requests of the job are already in a batch.
    #[error("the job has requests in open batches ({}): collect them with --batch --resume", batches.join(", "))]
    BatchUnderWay {
        /// Ids of the batches.
        batches: Vec<String>,
    },
    /// A batch brought no results.
    #[error("the batch {id} failed: {message}")]
    BatchFailed {
        /// Its id.
        id: String,
        /// The provider's message.
        message: String,
    },
    /// A thread cannot be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_tasks_and_languages_does_not_matter_and_all_else_does() {
        let texts = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let name = JobName {
            provider: "claude".to_owned(),
            model: "m".to_owned(),
            tasks: texts(&["a", "b"]),
            languages: texts(&["en", "de"]),
            n: 200,
            prompt_version: "1".to_owned(),
        };
        let same = JobName { tasks: texts(&["b", "a", "b"]), languages: texts(&["de", "en"]), ..name.clone() };
        assert_eq!(name.id(), same.id());
        assert_eq!(name.id().len(), 17);
        let others = [
            JobName { n: 201, ..name.clone() },
            JobName { model: "m2".to_owned(), ..name.clone() },
            JobName { prompt_version: "2".to_owned(), ..name.clone() },
            JobName { tasks: texts(&["a"]), ..name.clone() },
            JobName { tasks: texts(&["a", "b", "en"]), languages: texts(&["de"]), ..name.clone() },
        ];
        assert!(others.iter().all(|other| other.id() != name.id()));
    }
}

//! What a job is, what it is made of, and what it tells.

use serde_json::Value;

use crate::journal::JournalError;
use crate::llm::prices::Price;
use crate::llm::wire::{Api, Ask, Effort, Usage};

/// What makes two jobs the same job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobName {
    /// The provider: `claude`, `openai`, `local`.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Tasks asked for.
    pub tasks: Vec<String>,
    /// Languages asked for.
    pub languages: Vec<String>,
    /// How many examples are asked for.
    pub n: usize,
    /// Version of the prompts.
    pub prompt_version: String,
}

impl JobName {
    /// The job's id: the same for the same job, whatever the order of tasks and languages.
    #[must_use]
    pub fn id(&self) -> String {
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

/// How a job goes about it.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Requests at a time.
    pub n_threads: usize,
    /// Tokens a minute, input and output together; none for no limit.
    pub tokens_per_minute: Option<u64>,
    /// How long a request may take, in seconds.
    pub timeout_s: f64,
    /// How often a request is tried at most if the provider or the network fails.
    pub max_tries: u32,
    /// The most `max_tokens` that a second attempt after a reply that was cut off gets.
    pub max_tokens_cap: u32,
    /// Failures of the provider in a row after which the job stops.
    pub max_failures_in_a_row: u32,
    /// Seconds between two looks at a batch.
    pub poll_s: f64,
    /// Whether a job of batches waits for their results; otherwise it looks once and ends.
    pub is_waiting: bool,
    /// Seconds after which a batch that the provider does not list counts as never created, if the process died while creating it.
    pub orphan_after_s: f64,
    /// How long the model may think; none leaves it to the provider. Thinking counts toward `max_tokens` and is paid for.
    pub effort: Option<Effort>,
    /// Most requests in one batch; none for the provider's own limit.
    pub max_batch_requests: Option<usize>,
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
pub struct Job {
    /// Its id, from [`JobName::id`].
    pub id: String,
    /// The provider's interface.
    pub api: Api,
    /// The model.
    pub model: String,
    /// The model's price; all zero if nothing is to be paid.
    pub price: Price,
    /// The most that the job may ever cost, in nano-dollars, with what it has cost in earlier runs; none for no limit.
    pub budget_nano_usd: Option<u64>,
    /// How it goes about it.
    pub settings: Settings,
}

/// One text to be made.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Unique in the job, and the same in every run.
    pub key: String,
    /// What is asked. The same in every run: its hash finds the reply that was paid for.
    pub ask: Ask,
    /// The example that it words.
    pub base_id: String,
    /// Task, such as `paraphrase`.
    pub task: String,
    /// Language, such as `en`.
    pub language: String,
    /// Persona, such as `coach`.
    pub persona: String,
}

/// What becomes of a reply. The judge says the same of the same reply every time: a resumed job asks it again.
#[derive(Debug, Clone, PartialEq)]
pub enum Verdict {
    /// The texts of the reply, as JSON.
    Accept(Value),
    /// It is wrong; asked once more with the reasons.
    AskAgain {
        /// What is wrong.
        problems: Vec<String>,
        /// What is asked then.
        ask: Box<Ask>,
    },
    /// It is wrong, and asking again is no use.
    Reject(String),
}

/// How far a job is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// Pieces of work.
    pub n_total: usize,
    /// Accepted, in earlier runs too.
    pub n_accepted: usize,
    /// Given up because replies failed verification, were refused or cut off; in earlier runs too.
    pub n_rejected: usize,
    /// Not done because the provider or the network failed.
    pub n_failed: usize,
    /// Requests sent in this run, failed ones too.
    pub n_requests: usize,
    /// Replies that were paid for earlier.
    pub n_cached: usize,
    /// What the job has cost, in earlier runs too, in nano-dollars.
    pub spent_nano_usd: u64,
    /// Worst case of the requests that are under way, in nano-dollars.
    pub reserved_nano_usd: u64,
    /// What is left of the budget, in nano-dollars; none if there is no limit.
    pub left_nano_usd: Option<u64>,
}

impl Progress {
    /// Pieces of work that are done.
    #[must_use]
    pub fn n_done(&self) -> usize {
        self.n_accepted + self.n_rejected
    }
}

/// What a job tells while it runs.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// Something changed.
    Progress(Progress),
    /// The provider's view of a batch.
    Batch {
        /// Its id.
        id: String,
        /// Requests that are done; some providers say 0 until all are.
        n_done: u64,
        /// Requests in it.
        n_total: u64,
    },
    /// Something that the user should know, in one sentence.
    Note(String),
}

/// How a job ended.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Summary {
    /// The last state.
    pub progress: Progress,
    /// What this run cost, in nano-dollars.
    pub spent_now_nano_usd: u64,
    /// Tokens of this run.
    pub usage: Usage,
    /// Pieces of work that are not done and did not fail: left for another run.
    pub n_left: usize,
    /// Whether some are left because the budget does not allow their worst case.
    pub is_budget_exhausted: bool,
    /// Whether some are left because the run was interrupted.
    pub is_interrupted: bool,
    /// Batches whose results are not in yet.
    pub open_batches: Vec<String>,
    /// What the provider or the network said about pieces of work that failed; each message once.
    pub failures: Vec<String>,
}

/// Why a job stopped.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// A journal cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// The provider refuses the first request, or the key.
    #[error("the provider refuses the request (HTTP {status}): {message}")]
    Refused {
        /// HTTP status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// Too many failures in a row.
    #[error("{n} requests failed in a row; the last: {message}")]
    Failing {
        /// How many.
        n: u32,
        /// The last one's message.
        message: String,
    },
    /// Its requests are in a batch already.
    #[error("the job has requests under way in batches ({}): collect them with --batch --resume", batches.join(", "))]
    BatchUnderWay {
        /// Ids of the batches.
        batches: Vec<String>,
    },
    /// A batch came to nothing.
    #[error("the batch {id} failed: {message}")]
    BatchFailed {
        /// Its id.
        id: String,
        /// The provider's words.
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

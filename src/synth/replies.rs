//! Paid replies: `DATASET/journal/replies.jsonl`. Repeated questions are answered from here.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::ledger::to_ms;
use crate::journal::{self, Journal, JournalError, ToSink, lock};
use crate::llm::wire::talk::ToolCall;
use crate::llm::wire::{Api, Reply, Said, Usage};

/// Name of the journal.
pub(crate) const NAME: &str = "replies";

/// Interval at which a thread that waits for another thread's reply checks whether it should stop.
const LOOK: Duration = Duration::from_millis(50);

/// Hash of a question: of the request's body, independent of the address. `n_repeats` is the number of times that the
/// same question was sent before because a reply had no content.
#[must_use]
pub(crate) fn content_hash(api: Api, body: &[u8], n_repeats: u32) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(format!("{}\n{n_repeats}\n", crate::llm::wire::path(api)).as_bytes()).update(body);
    hasher.finalize().to_hex().to_string()
}

/// The kind of a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SaidKind {
    Text,
    Call,
    CutOff,
    Refused,
    Nothing,
}

/// One line: a reply with its cost.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    content_hash: String,
    call_id: String,
    job_id: String,
    api: Api,
    model: String,
    reply_id: String,
    said: SaidKind,
    text: String,
    input_tokens: u64,
    cached_tokens: u64,
    cache_write_tokens: u64,
    output_tokens: u64,
    cost_nano_usd: u64,
    time_unix_ms: u64,
}

/// A reply with the call that it belongs to.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Paid {
    /// Content hash of the question.
    pub(crate) content_hash: String,
    /// Id of the call, as in the ledger.
    pub(crate) call_id: String,
    /// The job of the call.
    pub(crate) job_id: String,
    /// The provider's interface.
    pub(crate) api: Api,
    /// The reply.
    pub(crate) reply: Reply,
    /// Cost, nano-dollars.
    pub(crate) cost_nano_usd: u64,
}

impl Paid {
    fn to_line(&self, now_s: f64) -> Line {
        let (said, text) = match &self.reply.said {
            Said::Text(text) => (SaidKind::Text, text.clone()),
            Said::Call(call) => (SaidKind::Call, call.to_text()),
            Said::CutOff => (SaidKind::CutOff, String::new()),
            Said::Refused(why) => (SaidKind::Refused, why.clone()),
            Said::Nothing(why) => (SaidKind::Nothing, why.clone()),
        };
        Line {
            content_hash: self.content_hash.clone(),
            call_id: self.call_id.clone(),
            job_id: self.job_id.clone(),
            api: self.api,
            model: self.reply.model.clone(),
            reply_id: self.reply.id.clone(),
            said,
            text,
            input_tokens: self.reply.usage.input_tokens,
            cached_tokens: self.reply.usage.cached_tokens,
            cache_write_tokens: self.reply.usage.cache_write_tokens,
            output_tokens: self.reply.usage.output_tokens,
            cost_nano_usd: self.cost_nano_usd,
            time_unix_ms: to_ms(now_s),
        }
    }

    fn of(line: Line) -> Self {
        let said = match line.said {
            SaidKind::Text => Said::Text(line.text),
            SaidKind::Call => Said::Call(ToolCall::of_text(&line.text)),
            SaidKind::CutOff => Said::CutOff,
            SaidKind::Refused => Said::Refused(line.text),
            SaidKind::Nothing => Said::Nothing(line.text),
        };
        let usage = Usage {
            input_tokens: line.input_tokens,
            cached_tokens: line.cached_tokens,
            cache_write_tokens: line.cache_write_tokens,
            output_tokens: line.output_tokens,
        };
        Self {
            content_hash: line.content_hash,
            call_id: line.call_id,
            job_id: line.job_id,
            api: line.api,
            reply: Reply { said, usage, model: line.model, id: line.reply_id },
            cost_nano_usd: line.cost_nano_usd,
        }
    }
}

#[derive(Debug, Default)]
struct State {
    /// Offset of each reply's line.
    begins: HashMap<String, u64>,
    /// Hashes of questions that are being asked now.
    claimed: HashSet<String>,
}

/// All replies of a dataset. Only their offsets are in memory; the texts stay on the disk.
#[derive(Debug)]
pub(crate) struct Replies {
    journal: Journal,
    state: Mutex<State>,
    changed: Condvar,
}

impl Replies {
    /// Opens a dataset's replies. `each` is called with every reply.
    pub(super) fn open_with(dataset: &Path, to_sink: ToSink, each: &mut dyn FnMut(Paid)) -> Result<Self, JournalError> {
        let journal = Journal::open_with(dataset, NAME, to_sink)?;
        let mut state = State::default();
        journal::scan(dataset, NAME, &mut |begin, line: Line| {
            state.begins.entry(line.content_hash.clone()).or_insert(begin);
            each(Paid::of(line));
        })?;
        Ok(Self { journal, state: Mutex::new(state), changed: Condvar::new() })
    }

    /// The reply to the question with this hash, if one was paid for.
    ///
    /// # Errors
    /// The journal cannot be read.
    pub(crate) fn get(&self, content_hash: &str) -> Result<Option<Paid>, JournalError> {
        let begin = lock(&self.state).begins.get(content_hash).copied();
        begin.map(|begin| self.journal.line_at(begin).map(Paid::of)).transpose()
    }

    /// Stores a reply. When this returns, it is on the disk. The first reply to a question remains the valid one.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) fn put(&self, paid: &Paid, now_s: f64) -> Result<(), JournalError> {
        self.put_all(std::slice::from_ref(paid), now_s)
    }

    /// Stores replies with one write. When this returns, they are on the disk. The first reply to a question remains
    /// the valid one.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) fn put_all(&self, paid: &[Paid], now_s: f64) -> Result<(), JournalError> {
        if paid.is_empty() {
            return Ok(());
        }
        let lines: Vec<Line> = paid.iter().map(|paid| paid.to_line(now_s)).collect();
        let begins = self.journal.append_all(&lines)?;
        let mut state = lock(&self.state);
        for (paid, begin) in paid.iter().zip(begins) {
            state.begins.entry(paid.content_hash.clone()).or_insert(begin);
        }
        Ok(())
    }

    /// Claims the right to ask a question, so that two threads do not pay for the same one. Waits while another thread
    /// holds the claim. `None` if `is_stopped` returns true.
    pub(super) fn claim(&self, content_hash: &str, is_stopped: &dyn Fn() -> bool) -> Option<Claim<'_>> {
        let mut state = lock(&self.state);
        while !state.claimed.insert(content_hash.to_owned()) {
            if is_stopped() {
                return None;
            }
            state = self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner).0;
        }
        Some(Claim { replies: self, content_hash: content_hash.to_owned() })
    }
}

/// The right to ask a question; ends when dropped.
#[derive(Debug)]
pub(super) struct Claim<'a> {
    replies: &'a Replies,
    content_hash: String,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        lock(&self.replies.state).claimed.remove(&self.content_hash);
        self.replies.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paid(hash: &str, said: Said) -> Paid {
        let usage = Usage { input_tokens: 9, cached_tokens: 1, cache_write_tokens: 2, output_tokens: 3 };
        Paid {
            content_hash: hash.to_owned(),
            call_id: "c1".to_owned(),
            job_id: "job".to_owned(),
            api: Api::OpenAiResponses,
            reply: Reply { said, usage, model: "m-2026".to_owned(), id: "r1".to_owned() },
            cost_nano_usd: 77,
        }
    }

    fn open(dataset: &Path) -> (Replies, usize) {
        let mut n = 0;
        let replies = Replies::open_with(dataset, &|file| Box::new(file), &mut |_| n += 1).unwrap();
        (replies, n)
    }

    #[test]
    fn replies_outlive_the_process_and_the_first_counts() {
        let folder = tempfile::tempdir().unwrap();
        let all = [
            paid("a", Said::Text("{\"answer\":\"ä\n\"}".to_owned())),
            paid("b", Said::CutOff),
            paid("c", Said::Refused("no".to_owned())),
            paid("d", Said::Nothing("empty".to_owned())),
        ];
        let (replies, _) = open(folder.path());
        for paid in &all {
            replies.put(paid, 1.0).unwrap();
        }
        replies.put(&paid("a", Said::Text("another".to_owned())), 2.0).unwrap();
        for _ in 0..2 {
            assert_eq!(replies.get("a").unwrap().unwrap(), all[0]);
        }
        drop(replies);
        let (replies, n) = open(folder.path());
        assert_eq!(n, 5);
        for paid in &all {
            assert_eq!(replies.get(&paid.content_hash).unwrap().as_ref(), Some(paid));
        }
        assert_eq!(replies.get("e").unwrap(), None);
    }

    #[test]
    fn two_threads_do_not_ask_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let (replies, _) = open(folder.path());
        let claim = replies.claim("a", &|| false).unwrap();
        assert!(replies.claim("b", &|| false).is_some());
        assert!(replies.claim("a", &|| true).is_none());
        std::thread::scope(|scope| {
            let second = scope.spawn(|| {
                let _claim = replies.claim("a", &|| false).unwrap();
                replies.get("a").unwrap().is_some()
            });
            std::thread::sleep(Duration::from_millis(10));
            replies.put(&paid("a", Said::CutOff), 1.0).unwrap();
            drop(claim);
            assert!(second.join().unwrap(), "the second finds the reply of the first");
        });
    }

    #[test]
    fn the_hash_is_of_what_is_asked() {
        let hash = |api, body: &str, n| content_hash(api, body.as_bytes(), n);
        let first = hash(Api::OpenAiChat, "{}", 0);
        assert_eq!(first.len(), 64);
        assert_eq!(first, hash(Api::OpenAiChat, "{}", 0));
        let others =
            [hash(Api::OpenAiResponses, "{}", 0), hash(Api::OpenAiChat, "{ }", 0), hash(Api::OpenAiChat, "{}", 1)];
        assert!(others.iter().all(|other| *other != first));
    }
}

//! The results of the work: accepted texts in `DATASET/journal/items.jsonl`, replies that failed verification in
//! `rejects.jsonl`.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;
use std::sync::Mutex;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::job::Work;
use crate::journal::{self, Journal, JournalError, Lines, ToSink, lock};

/// Name of the journal of accepted texts.
pub(crate) const ACCEPTED: &str = "items";
/// Name of the journal of rejected replies.
pub(crate) const REJECTED: &str = "rejects";

/// A reply that was accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Item {
    /// The job.
    pub(crate) job_id: String,
    /// The piece of work.
    pub(crate) key: String,
    /// Id of the example that the text rewords.
    pub(crate) base_id: String,
    /// Task, such as `paraphrase`.
    pub(crate) task: String,
    /// Language, such as `en`.
    pub(crate) language: String,
    /// Persona, such as `coach`.
    pub(crate) persona: String,
    /// The model.
    pub(crate) model: String,
    /// Content hash of the question, as in the replies' journal.
    pub(crate) content_hash: String,
    /// The texts, as returned by the judge.
    pub(crate) texts: Value,
}

/// A reply that was not accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Reject {
    /// The job.
    pub(crate) job_id: String,
    /// The piece of work.
    pub(crate) key: String,
    /// Id of the example that the text should reword.
    pub(crate) base_id: String,
    /// Task, such as `paraphrase`.
    pub(crate) task: String,
    /// Language, such as `en`.
    pub(crate) language: String,
    /// Persona, such as `coach`.
    pub(crate) persona: String,
    /// The model.
    pub(crate) model: String,
    /// Content hash of the question, as in the replies' journal.
    pub(crate) content_hash: String,
    /// Whether the work is given up; false if another attempt was made.
    pub(crate) is_final: bool,
    /// The problem with the reply.
    pub(crate) reason: String,
    /// The reply's text; empty if there is none.
    pub(crate) reply: String,
}

/// The final state of a piece of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// Accepted.
    Accepted,
    /// Given up.
    Rejected,
}

#[derive(Debug, Default)]
struct State {
    /// State by job and key.
    done: HashMap<(String, String), Done>,
    /// Replies recorded as rejected: job, key, content hash.
    rejected: HashMap<(String, String, String), bool>,
}

/// The two open journals.
#[derive(Debug)]
pub(crate) struct Items {
    accepted: Journal,
    rejected: Journal,
    state: Mutex<State>,
}

impl Items {
    pub(super) fn open_with(dataset: &Path, to_sink: ToSink) -> Result<Self, JournalError> {
        let accepted = Journal::open_with(dataset, ACCEPTED, to_sink)?;
        let rejected = Journal::open_with(dataset, REJECTED, to_sink)?;
        let mut state = State::default();
        journal::scan(dataset, REJECTED, &mut |_, reject: Reject| note_reject(&mut state, &reject))?;
        journal::scan(dataset, ACCEPTED, &mut |_, item: Item| note_item(&mut state, &item))?;
        Ok(Self { accepted, rejected, state: Mutex::new(state) })
    }

    /// The final state of a piece of work; `None` if it is not done.
    #[must_use]
    pub(crate) fn done(&self, job_id: &str, key: &str) -> Option<Done> {
        lock(&self.state).done.get(&(job_id.to_owned(), key.to_owned())).copied()
    }

    /// Records an accepted text.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) fn accept(&self, item: &Item) -> Result<(), JournalError> {
        self.accepted.append(item)?;
        note_item(&mut lock(&self.state), item);
        Ok(())
    }

    /// Records a rejected reply, unless it is already recorded. Returns whether it was new.
    ///
    /// # Errors
    /// The journal cannot be written.
    pub(crate) fn reject(&self, reject: &Reject) -> Result<bool, JournalError> {
        let kept = lock(&self.state).rejected.get(&reject_key(reject)).copied();
        if kept.is_some_and(|is_final| is_final || !reject.is_final) {
            return Ok(false);
        }
        self.rejected.append(reject)?;
        note_reject(&mut lock(&self.state), reject);
        Ok(true)
    }
}

/// Reads the accepted texts of a dataset, whose journal may be open elsewhere.
///
/// # Errors
/// The file system reports an error.
pub(crate) fn read_accepted(dataset: &Path) -> Result<Lines<Item>, JournalError> {
    journal::read(dataset, ACCEPTED)
}

/// Reads the rejected replies of a dataset, whose journal may be open elsewhere.
///
/// # Errors
/// The file system reports an error.
pub(crate) fn read_rejected(dataset: &Path) -> Result<Lines<Reject>, JournalError> {
    journal::read(dataset, REJECTED)
}

/// Counts of a model's accepted and rejected replies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Rate {
    /// Number of accepted replies.
    pub(crate) n_accepted: usize,
    /// Number of replies that failed verification, were refused, cut off or unusable, including those followed by
    /// another attempt.
    pub(crate) n_rejected: usize,
}

/// Counts of accepted and rejected replies by model. A reply that several jobs took from the cache counts once.
#[must_use]
pub(crate) fn rates(accepted: &[Item], rejected: &[Reject]) -> BTreeMap<String, Rate> {
    let mut seen: HashSet<(&str, &str)> = HashSet::new();
    let mut rates: BTreeMap<String, Rate> = BTreeMap::new();
    for item in accepted {
        if seen.insert((&item.key, &item.content_hash)) {
            rates.entry(item.model.clone()).or_default().n_accepted += 1;
        }
    }
    for reject in rejected {
        if seen.insert((&reject.key, &reject.content_hash)) {
            rates.entry(reject.model.clone()).or_default().n_rejected += 1;
        }
    }
    rates
}

pub(super) fn item(job_id: &str, work: &Work, content_hash: &str, texts: Value) -> Item {
    Item {
        job_id: job_id.to_owned(),
        key: work.key.clone(),
        base_id: work.base_id.clone(),
        task: work.task.clone(),
        language: work.language.clone(),
        persona: work.persona.clone(),
        model: work.ask.model.clone(),
        content_hash: content_hash.to_owned(),
        texts,
    }
}

pub(super) fn reject(job_id: &str, work: &Work, content_hash: &str, fault: &super::course::Fault) -> Reject {
    Reject {
        job_id: job_id.to_owned(),
        key: work.key.clone(),
        base_id: work.base_id.clone(),
        task: work.task.clone(),
        language: work.language.clone(),
        persona: work.persona.clone(),
        model: work.ask.model.clone(),
        content_hash: content_hash.to_owned(),
        is_final: fault.is_final,
        reason: fault.reason.clone(),
        reply: fault.reply.clone(),
    }
}

fn note_item(state: &mut State, item: &Item) {
    state.done.insert((item.job_id.clone(), item.key.clone()), Done::Accepted);
}

fn note_reject(state: &mut State, reject: &Reject) {
    state.rejected.insert(reject_key(reject), reject.is_final);
    if reject.is_final {
        state.done.entry((reject.job_id.clone(), reject.key.clone())).or_insert(Done::Rejected);
    }
}

fn reject_key(reject: &Reject) -> (String, String, String) {
    (reject.job_id.clone(), reject.key.clone(), reject.content_hash.clone())
}

#[cfg(test)]
mod tests {
    use super::super::course::Fault;
    use super::super::tests::fake::work;
    use super::*;

    fn fault(is_final: bool) -> Fault {
        Fault { is_final, reason: "a wrong side".to_owned(), reply: "left".to_owned() }
    }

    #[test]
    fn what_is_done_is_known_after_a_restart_and_noted_once() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Items::open_with(folder.path(), &|file| Box::new(file)).unwrap();
        let items = open();
        items.accept(&item("j", &work(1), "h1", Value::from("text"))).unwrap();
        for is_new in [true, false] {
            assert_eq!(items.reject(&reject("j", &work(2), "h2", &fault(false))).unwrap(), is_new);
        }
        assert_eq!(items.done("j", &work(2).key), None, "asked for once more");
        for is_new in [true, false] {
            assert_eq!(items.reject(&reject("j", &work(2), "h3", &fault(true))).unwrap(), is_new);
        }
        drop(items);
        let items = open();
        assert_eq!(items.done("j", &work(1).key), Some(Done::Accepted));
        assert_eq!(items.done("j", &work(2).key), Some(Done::Rejected));
        assert_eq!(items.done("other", &work(1).key), None);
        assert!(!items.reject(&reject("j", &work(2), "h2", &fault(false))).unwrap());
        // While the journals are open, others can read them.
        let (accepted, rejected) = (read_accepted(folder.path()).unwrap(), read_rejected(folder.path()).unwrap());
        assert_eq!((accepted.lines.len(), rejected.lines.len()), (1, 2));
        let rate = rates(&accepted.lines, &rejected.lines)["claude-haiku-5-5"];
        assert_eq!(rate, Rate { n_accepted: 1, n_rejected: 2 });
    }
}

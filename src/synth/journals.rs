//! All journals of a dataset, opened together: only one process at a time can create texts for a dataset.

use std::path::Path;

use super::batch::plans::Plans;
use super::items::Items;
use super::ledger::{Ledger, Outcome, Settlement};
use super::replies::{Paid, Replies};
use crate::journal::{JournalError, ToSink};
use crate::llm::wire::Said;

/// The journals of a dataset.
#[derive(Debug)]
pub(crate) struct Journals {
    /// Costs of calls.
    pub(crate) ledger: Ledger,
    /// Replies.
    pub(crate) replies: Replies,
    /// Accepted and rejected texts.
    pub(crate) items: Items,
    /// Batches.
    pub(crate) plans: Plans,
}

impl Journals {
    /// Opens a dataset's journals. If the process died after a reply was written and before its cost was, the cost is
    /// settled now.
    ///
    /// # Errors
    /// Another process has the journals open, or the file system reports an error.
    pub(crate) fn open(dataset: &Path, now_s: f64) -> Result<Self, JournalError> {
        Self::open_with(dataset, now_s, &|file| Box::new(file))
    }

    pub(super) fn open_with(dataset: &Path, now_s: f64, to_sink: ToSink) -> Result<Self, JournalError> {
        let ledger = Ledger::open_with(dataset, to_sink)?;
        let mut ends = Vec::new();
        let replies = Replies::open_with(dataset, to_sink, &mut |paid| {
            if ledger.is_open(&paid.call_id) {
                ends.push((paid.call_id.clone(), settlement(&paid, Some(200))));
            }
        })?;
        ledger.settle(&ends, now_s)?;
        let items = Items::open_with(dataset, to_sink)?;
        let plans = Plans::open_with(dataset, to_sink)?;
        Ok(Self { ledger, replies, items, plans })
    }
}

/// The settlement of a call that brought a reply.
pub(super) fn settlement(paid: &Paid, http_status: Option<u16>) -> Settlement {
    let (outcome, message) = match &paid.reply.said {
        Said::Text(_) | Said::Call(_) => (Outcome::Ok, None),
        Said::CutOff => (Outcome::CutOff, None),
        Said::Refused(why) => (Outcome::Refused, Some(why.clone())),
        Said::Nothing(why) => (Outcome::Invalid, Some(why.clone())),
    };
    let usage = paid.reply.usage;
    // A reply without token counts is counted at its worst case.
    let usage = (usage.input_tokens + usage.output_tokens > 0).then_some(usage);
    Settlement { outcome, cost_nano_usd: paid.cost_nano_usd, usage, http_status, message }
}

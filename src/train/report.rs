//! The results of a training, as stored in report.json.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checkpoint::StepRecord;
use super::evaluate::{Asked, Calls, total};
use super::scoring::{Scores, ScoresByKind};

/// The results of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Report {
    /// The version of posekit.
    pub(crate) posekit_version: String,
    /// The model that was trained.
    pub(crate) base: String,
    /// Number of weights of the model.
    pub(crate) base_parameters: u64,
    /// Number of weights of the adapter.
    pub(crate) adapter_parameters: u64,
    /// The dataset.
    pub(crate) data: String,
    /// Settings by name.
    pub(crate) settings: BTreeMap<String, String>,
    /// Number of rows of the training split that were used.
    pub(crate) train_rows: u64,
    /// Number of rows of the training split that were left out: longer than allowed, or rejected by the template.
    pub(crate) rows_left_out: u64,
    /// The test split. `export-llm` splits by athlete by default.
    pub(crate) test_split: String,
    /// Number of rows in the test split.
    pub(crate) test_rows: u64,
    /// Number of rows of the test split used as questions.
    pub(crate) asked_rows: u64,
    /// Number of prompts of the test split that also occur in the training split.
    pub(crate) shared_prompts: u64,
    /// Scores without an adapter.
    pub(crate) before: Measured,
    /// Scores with the trained adapter.
    pub(crate) after: Measured,
    /// Scores of the baseline that gives the most frequent answer of each kind.
    pub(crate) most_frequent_answer: ScoresByKind,
    /// Scores of the baseline that gives all numbers of the prompt.
    pub(crate) copied_numbers: ScoresByKind,
    /// One record per step.
    pub(crate) steps: Vec<StepRecord>,
    /// Tokens per second, the median over the steps.
    pub(crate) tokens_per_s: f64,
    /// Duration of all steps, seconds.
    pub(crate) training_s: f64,
    /// Peak memory of the process, bytes; `None` if the system does not report it.
    pub(crate) peak_memory_bytes: Option<u64>,
    /// A few answers to read: kind, question, expected answer, answer before, answer after.
    pub(crate) samples: Vec<[String; 5]>,
}

/// The scores of a model.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Measured {
    /// Perplexity: `exp` of the loss over the assistant's text.
    pub(crate) perplexity: f64,
    /// Number of tokens that the perplexity is computed over.
    pub(crate) tokens: u64,
    /// Scores of answers by kind of example.
    pub(crate) scores: ScoresByKind,
    /// Scores of tool calls.
    pub(crate) calls: Calls,
}

impl From<&Asked> for Measured {
    fn from(asked: &Asked) -> Self {
        Self { perplexity: asked.loss.exp(), tokens: asked.tokens, scores: asked.scores.clone(), calls: asked.calls }
    }
}

/// Tokens per second, the median over the steps.
#[must_use]
pub(crate) fn tokens_per_s(steps: &[StepRecord]) -> f64 {
    let mut rates: Vec<f64> = steps.iter().map(|step| step.tokens as f64 / step.duration_s.max(1e-9)).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(0.0)
}

/// A share as text: `12 of 40 (30 %)`.
#[must_use]
pub(crate) fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "none asked".to_owned(),
        _ => format!("{part} of {whole} ({:.0} %)", 100.0 * part as f64 / whole as f64),
    }
}

/// One line of a report's table: name, two baselines, before, after.
pub(crate) type Line = [String; 5];

impl Report {
    /// The table that shows whether training helped.
    #[must_use]
    pub(crate) fn table(&self) -> Vec<Line> {
        let none = || "–".to_owned();
        let sets = [&self.most_frequent_answer, &self.copied_numbers, &self.before.scores, &self.after.scores];
        let line = |what: &str, of: &dyn Fn(&Scores) -> String, kind: Option<&str>| -> Line {
            let cells = sets.map(|scores| {
                of(&kind.map_or_else(|| total(scores), |kind| scores.get(kind).copied().unwrap_or_default()))
            });
            let [frequent, copied, before, after] = cells;
            [what.to_owned(), frequent, copied, before, after]
        };
        let (before, after) = (&self.before, &self.after);
        let mut lines = vec![[
            "perplexity".to_owned(),
            none(),
            none(),
            format!("{:.2}", before.perplexity),
            format!("{:.2}", after.perplexity),
        ]];
        lines.push(line("exact answers", &|scores| share(scores.exact, scores.answers), None));
        lines.push(line("right numbers", &|scores| share(scores.numbers_right, scores.with_numbers), None));
        for kind in self.after.scores.keys() {
            let what = format!("right numbers, {kind}");
            lines.push(line(&what, &|scores| share(scores.numbers_right, scores.with_numbers), Some(kind)));
        }
        let unanswerable = |scores: &Scores| share(scores.refusals, scores.answers);
        lines.push(line("unanswerable questions declined", &unanswerable, Some("unanswerable")));
        let others = |scores: &ScoresByKind| {
            let (all, hopeless) = (total(scores), scores.get("unanswerable").copied().unwrap_or_default());
            share(all.refusals - hopeless.refusals, all.answers - hopeless.answers)
        };
        let [frequent, copied, was, is] = sets.map(others);
        lines.push(["other questions declined".to_owned(), frequent, copied, was, is]);
        if after.calls.asked > 0 {
            let calls = |of: fn(&Calls) -> u64| {
                [share(of(&before.calls), before.calls.asked), share(of(&after.calls), after.calls.asked)]
            };
            for (what, [was, is]) in [
                ("tool calls", calls(|calls| calls.called)),
                ("tool calls whose SQL runs", calls(|calls| calls.ran)),
                ("tool calls with the right rows", calls(|calls| calls.right)),
            ] {
                lines.push([what.to_owned(), none(), none(), was, is]);
            }
        }
        lines.retain(|line| line[4] != "none asked");
        lines
    }

    /// Warnings that limit the meaning of the table.
    #[must_use]
    pub(crate) fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.shared_prompts > 0 {
            warnings.push(format!(
                "{} of {} test prompts also occur in the training split: scores may come from memorization",
                self.shared_prompts, self.test_rows
            ));
        }
        if self.asked_rows < 30 {
            warnings.push(format!("only {} test rows were used: the shares are rough", self.asked_rows));
        }
        if self.after.perplexity >= self.before.perplexity {
            warnings.push("the adapter did not improve perplexity".to_owned());
        }
        warnings
    }
}

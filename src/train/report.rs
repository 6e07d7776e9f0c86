//! What came of a training, as report.json says it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::checkpoint::StepRecord;
use super::evaluate::{Asked, Calls, total};
use super::scoring::{Scores, ScoresByKind};

/// What came of a training.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// The version of posekit.
    pub posekit_version: String,
    /// The model that was trained.
    pub base: String,
    /// Its weights.
    pub base_parameters: u64,
    /// Weights of the adapter.
    pub adapter_parameters: u64,
    /// The dataset.
    pub data: String,
    /// Settings by name.
    pub settings: BTreeMap<String, String>,
    /// Rows of the training split that were used.
    pub train_rows: u64,
    /// Rows of the training split that were left out: longer than allowed, or refused by the template.
    pub rows_left_out: u64,
    /// The split that was asked about. `export-llm` splits by athlete unless it was told otherwise.
    pub test_split: String,
    /// Rows of it.
    pub test_rows: u64,
    /// Rows of it that were asked about.
    pub asked_rows: u64,
    /// Prompts of the test split that are in the training split, too.
    pub shared_prompts: u64,
    /// Scores without any adapter.
    pub before: Measured,
    /// Scores with the trained adapter.
    pub after: Measured,
    /// Scores of the most frequent answer of each kind.
    pub most_frequent_answer: ScoresByKind,
    /// Scores of all numbers of the prompt.
    pub copied_numbers: ScoresByKind,
    /// Each step.
    pub steps: Vec<StepRecord>,
    /// Tokens a second, the median over the steps.
    pub tokens_per_s: f64,
    /// Seconds that all steps took.
    pub training_s: f64,
    /// The most memory that the process had, bytes; none if the system does not say.
    pub peak_memory_bytes: Option<u64>,
    /// A few answers to be read: kind, question, expected, before, after.
    pub samples: Vec<[String; 5]>,
}

/// What a model came to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// `exp` of the loss over what the assistant says.
    pub perplexity: f64,
    /// Tokens that it is over.
    pub tokens: u64,
    /// Scores of answers by kind.
    pub scores: ScoresByKind,
    /// Scores of tool calls.
    pub calls: Calls,
}

impl From<&Asked> for Measured {
    fn from(asked: &Asked) -> Self {
        Self { perplexity: asked.loss.exp(), tokens: asked.tokens, scores: asked.scores.clone(), calls: asked.calls }
    }
}

/// Tokens a second, the median over the steps.
#[must_use]
pub fn tokens_per_s(steps: &[StepRecord]) -> f64 {
    let mut rates: Vec<f64> = steps.iter().map(|step| step.tokens as f64 / step.duration_s.max(1e-9)).collect();
    rates.sort_by(f64::total_cmp);
    rates.get(rates.len() / 2).copied().unwrap_or(0.0)
}

/// `12 of 40 (30 %)`.
#[must_use]
pub fn share(part: u64, whole: u64) -> String {
    match whole {
        0 => "none asked".to_owned(),
        _ => format!("{part} of {whole} ({:.0} %)", 100.0 * part as f64 / whole as f64),
    }
}

/// One line of the table of a report: what, without a model (two ways), before, after.
pub type Line = [String; 5];

impl Report {
    /// The table that says whether training helped.
    #[must_use]
    pub fn table(&self) -> Vec<Line> {
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

    /// What a reader must know before believing the table.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        if self.shared_prompts > 0 {
            warnings.push(format!(
                "{} of {} test prompts are in the training split, too: scores may be memory",
                self.shared_prompts, self.test_rows
            ));
        }
        if self.asked_rows < 30 {
            warnings.push(format!("only {} test rows were asked about: shares are rough", self.asked_rows));
        }
        if self.after.perplexity >= self.before.perplexity {
            warnings.push("the adapter made perplexity no better".to_owned());
        }
        warnings
    }
}

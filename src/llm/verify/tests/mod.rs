//! Tests of the verifier.

mod changes;
mod generated;
mod held_out;
mod long_comparisons;
mod numbers;
mod paragraphs;
mod patterns;
mod quantities;

mod speak;

use std::sync::Arc;

use super::{Allowed, Language, Problem, problems};
use crate::llm::fact::{Comparison, Fact, Facts, Side, Verdict};

/// A fact for tests.
fn fact(name: &str, quantity: &str, value: (f64, f64, f64), unit: &str, side: Side, shown: &str) -> Fact {
    Fact {
        name: name.to_owned(),
        quantity: quantity.to_owned(),
        value: value.0,
        low: (value.1 < value.2).then_some(value.1),
        high: (value.1 < value.2).then_some(value.2),
        unit: unit.to_owned(),
        side,
        shown: shown.to_owned(),
        ..Fact::default()
    }
}

fn with_joint(fact: Fact, joint: &str) -> Fact {
    Fact { joint: Some(joint.to_owned()), ..fact }
}

fn comparison(first: &str, second: &str, verdict: Verdict) -> Comparison {
    Comparison { first: first.to_owned(), second: second.to_owned(), verdict }
}

fn shared(facts: Vec<Fact>) -> Vec<Arc<Fact>> {
    facts.into_iter().map(Arc::new).collect()
}

/// Stride length of both sides (left longer), knee flexion of both sides (within the uncertainty), cadence, trunk lean.
fn walk() -> Facts {
    Facts {
        facts: shared(vec![
            fact("left", "stride length", (1.4512, 1.27, 1.64), "m", Side::Left, "1.45"),
            fact("right", "stride length", (1.3987, 1.21, 1.58), "m", Side::Right, "1.40"),
            fact("difference", "difference of the stride length", (0.0525, 0.03, 0.07), "m", Side::Both, "0.05"),
            with_joint(
                fact("knee_left", "knee range of motion", (63.12, 58.0, 68.2), "deg", Side::Left, "63.1"),
                "knee",
            ),
            with_joint(
                fact("knee_right", "knee range of motion", (60.21, 55.1, 65.3), "deg", Side::Right, "60.2"),
                "knee",
            ),
            fact("cadence", "cadence", (112.3, 109.0, 115.0), "1/min", Side::None, "112"),
            with_joint(fact("trunk", "trunk lean", (-5.23, -7.1, -3.4), "deg", Side::None, "-5.2"), "trunk"),
            fact("count", "number of repetitions", (7.0, 0.0, 0.0), "1", Side::None, "7"),
        ]),
        comparisons: vec![
            comparison("left", "right", Verdict::Greater),
            comparison("knee_left", "knee_right", Verdict::WithinUncertainty),
        ],
    }
}

fn of_walk(text: &str, language: Language) -> Vec<Problem> {
    problems(text, &walk(), language, &Allowed { names: &["Mara", "clip_07.mp4", "Athlete 12"], question: "" })
}

fn passes(language: Language, texts: &[&str]) {
    let failed: Vec<String> = texts
        .iter()
        .filter_map(|text| {
            let found = of_walk(text, language);
            (!found.is_empty()).then(|| format!("{text}\n    {found:?}"))
        })
        .collect();
    assert!(failed.is_empty(), "rejected:\n{}", failed.join("\n"));
}

fn fails(language: Language, texts: &[&str]) {
    let passed: Vec<&str> = texts.iter().copied().filter(|text| of_walk(text, language).is_empty()).collect();
    assert!(passed.is_empty(), "passed:\n{}", passed.join("\n"));
}

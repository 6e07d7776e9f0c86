//! Columns shared by shapes.

use super::json::{float, list, pair, raw, text};
use crate::llm::example::Example;
use crate::llm::fact::{Fact, Proof};

/// Opens the row and appends the columns that describe the example.
pub(super) fn head(out: &mut Vec<u8>, example: &Example) {
    pair(out, "{\"id\":", &example.id);
    pair(out, ",\"kind\":", &example.kind);
    pair(out, ",\"sport\":", &example.sport);
    pair(out, ",\"difficulty\":", example.difficulty.name());
    pair(out, ",\"language\":", &example.language);
    pair(out, ",\"origin\":", &example.origin);
    pair(out, ",\"video_id\":", &example.video_id);
    raw(out, ",\"athletes\":");
    list(out, &example.athletes, |out, athlete| text(out, athlete));
    let [first_time_s, last_time_s] = example.segment_s;
    raw(out, ",\"first_time_s\":");
    float(out, first_time_s);
    raw(out, ",\"last_time_s\":");
    float(out, last_time_s);
}

/// The proofs of an example: the facts that its last turn states, each with its proof, then the queries without a
/// result, without a fact.
pub(in crate::llm) fn proven(example: &Example) -> impl Iterator<Item = (Option<&Fact>, &Proof)> {
    let facts = &example.facts.facts;
    let stated = example.stated.iter().filter_map(|place| facts.get(*place)).map(|fact| (Some(&**fact), &fact.proof));
    stated.chain(example.missing.iter().map(|proof| (None, proof)))
}

/// Appends the proofs of stated or missing facts, and closes the row.
pub(super) fn proofs(out: &mut Vec<u8>, example: &Example) {
    raw(out, ",\"proofs\":");
    list(out, proven(example), |out, (fact, from)| {
        let number = |of: fn(&Fact) -> Option<f64>| fact.and_then(of).unwrap_or(f64::NAN);
        pair(out, "{\"shown\":", fact.map_or("", |fact| &fact.shown));
        raw(out, ",\"value\":");
        float(out, number(|fact| Some(fact.value)));
        raw(out, ",\"low\":");
        float(out, number(|fact| fact.low));
        raw(out, ",\"high\":");
        float(out, number(|fact| fact.high));
        pair(out, ",\"unit\":", fact.map_or("", |fact| &fact.unit));
        pair(out, ",\"query\":", &from.query);
        pair(out, ",\"row_key\":", &from.row_key);
        pair(out, ",\"column\":", &from.column);
        out.push(b'}');
    });
    out.push(b'}');
}

//! Pairs of facts with their comparison, and words for the subject of a comparison. Pure.

use super::units::Unit;
use crate::llm::fact::{Comparison, Fact, Facts, Side, Verdict};

/// Two facts and their comparison.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    /// The first.
    pub(super) first: &'a Fact,
    /// The second.
    pub(super) second: &'a Fact,
    /// The result of the comparison.
    pub(super) verdict: Verdict,
    /// Whether the facts state the comparison; otherwise it follows from the intervals.
    pub(super) is_stated: bool,
}

impl<'a> Pair<'a> {
    /// The two facts of a comparison.
    pub(super) fn new(comparison: &Comparison, facts: &'a Facts) -> Option<Self> {
        let find = |name: &str| facts.facts.iter().find(|f| f.name == name);
        let (first, second) = (find(&comparison.first)?, find(&comparison.second)?);
        Some(Pair { first, second, verdict: comparison.verdict, is_stated: true })
    }

    /// Pairs of facts about the same quantity on both sides that no comparison names: they are compared by their
    /// intervals.
    pub(super) fn unstated(facts: &'a Facts) -> Vec<Self> {
        let is_named = |f: &Fact, g: &Fact| {
            facts
                .comparisons
                .iter()
                .any(|c| (c.first == f.name && c.second == g.name) || (c.first == g.name && c.second == f.name))
        };
        let of = |side: Side| facts.facts.iter().map(|f| &**f).filter(move |f| f.side == side);
        let mut found = Vec::new();
        for first in of(Side::Left) {
            let is_same = |g: &&Fact| g.quantity == first.quantity && g.unit == first.unit && g.joint == first.joint;
            for second in of(Side::Right).filter(is_same).filter(|g| !is_named(first, g)) {
                let verdict = match apart(first, second) {
                    1 => Verdict::Greater,
                    -1 => Verdict::Less,
                    _ => Verdict::WithinUncertainty,
                };
                found.push(Pair { first, second, verdict, is_stated: false });
            }
        }
        found
    }

    /// 1 if the whole interval of `side` lies above the other's, -1 if below, 0 if they overlap or are unknown. 0 also if
    /// the facts compare them: intervals apart are no difference if one side is an estimate.
    pub(super) fn apart_of(&self, side: Side) -> i32 {
        let sign = if self.is_stated { 0 } else { apart(self.first, self.second) };
        if self.first.side == side { sign } else { -sign }
    }

    /// Whether one fact is of the left side and one of the right.
    pub(super) fn is_sided(&self) -> bool {
        matches!((self.first.side, self.second.side), (Side::Left, Side::Right) | (Side::Right, Side::Left))
    }

    /// 1 if `side` has more than the other, -1 if less, 0 if the difference is within the uncertainty.
    pub(super) fn sign_of(&self, side: Side) -> i32 {
        let sign = match self.verdict {
            Verdict::Greater => 1,
            Verdict::Less => -1,
            Verdict::WithinUncertainty => 0,
        };
        if self.first.side == side { sign } else { -sign }
    }

    /// Like [`Pair::sign_of`], from the values alone.
    pub(super) fn raw_sign_of(&self, side: Side) -> i32 {
        let difference = self.first.value - self.second.value;
        let sign = i32::from(difference > 0.0) - i32::from(difference < 0.0);
        if self.first.side == side { sign } else { -sign }
    }

    /// Whether the facts are times.
    pub(super) fn is_time(&self) -> bool {
        matches!(Unit::of_fact(&self.first.unit), Some(Unit::Second | Unit::Millisecond | Unit::Minute))
    }

    /// The comparison in words.
    pub(super) fn describe(&self) -> String {
        let name = |f: &Fact| match f.side {
            Side::Left => "left".to_owned(),
            Side::Right => "right".to_owned(),
            _ => f.name.clone(),
        };
        let (first, second, quantity) = (name(self.first), name(self.second), &self.first.quantity);
        match self.verdict {
            Verdict::Greater => format!("{quantity}: {first} is greater than {second}"),
            Verdict::Less => format!("{quantity}: {first} is less than {second}"),
            Verdict::WithinUncertainty => {
                format!("{quantity}: {first} and {second} do not differ by more than the uncertainty")
            }
        }
    }
}

/// 1 if the interval of the first fact lies above that of the second, -1 if below. Counts are exact; other values need
/// both ends.
fn apart(first: &Fact, second: &Fact) -> i32 {
    let ends = |f: &Fact| match (f.low, f.high) {
        (Some(low), Some(high)) => Some((low, high)),
        _ => (Unit::of_fact(&f.unit) == Some(Unit::Count)).then_some((f.value, f.value)),
    };
    let (Some(a), Some(b)) = (ends(first), ends(second)) else { return 0 };
    i32::from(a.0 > b.1) - i32::from(b.0 > a.1)
}

/// The concepts that a word of a quantity stands for, in all languages, as bits.
pub(super) fn concepts(word: &str) -> u32 {
    const STEMS: &[&[&str]] = &[
        &["length", "länge", "schrittläng", "doppelschrittläng", "longueur", "longitud", "largo"],
        &["time", "duration", "zeit", "schrittzeit", "standzeit", "dauer", "temps", "durée", "tiempo", "duración"],
        &["speed", "velocity", "geschwindigkeit", "ganggeschwindigkeit", "tempo", "vitesse", "velocidad"],
        &["cadence", "kadenz", "schrittfrequenz", "cadencia"],
        &["range", "bewegungsumfang", "beweglichkeit", "amplitude", "rango", "amplitud"],
        &["stance", "contact", "stand", "bodenkontakt", "appui", "apoyo", "contacto"],
        &["swing", "schwung", "oscillation", "oscilación", "balanceo"],
        &["stride", "doppelschritt", "schritt", "foulée", "pas", "zancada", "paso"],
        &["step", "schritt", "pas", "paso"],
        &["height", "höhe", "hauteur", "altura"],
        &["flexion", "beugung", "flexión"],
        &["extension", "streckung", "extensión"],
        &["depth", "tiefe", "profondeur", "profundidad"],
        &["angle", "winkel", "kniewinkel", "hüftwinkel", "ángulo"],
        &["lean", "tilt", "neigung", "inclinaison", "inclinación"],
        &["width", "breite", "largeur", "anchura"],
    ];
    let has = |stems: &[&str]| {
        stems.iter().any(|stem| word.starts_with(stem) && (stem.len() > 4 || word.len() < stem.len() + 3))
    };
    STEMS.iter().enumerate().filter(|(_, stems)| has(stems)).fold(0, |all, (k, _)| all | 1 << k)
}

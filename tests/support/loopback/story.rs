//! What an answer states: the facts of the prompt, or facts changed on purpose. A change is made to the facts, never to the text,
//! so it is known to be false.

use serde_json::Value;

use super::faults::{Dice, Fault};
use super::words::{joints, other_units};

/// Side of the body.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Side {
    /// Left.
    Left,
    /// Right.
    Right,
    /// Both together.
    Both,
    /// None.
    #[default]
    None,
}

/// A fact as the prompt has it.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Claim {
    /// Name that comparisons use.
    pub(crate) name: String,
    /// What is measured.
    pub(crate) quantity: String,
    /// The number.
    pub(crate) shown: String,
    /// Lower end of its interval.
    pub(crate) low: Option<String>,
    /// Upper end.
    pub(crate) high: Option<String>,
    /// Unit as the tables have it.
    pub(crate) unit: String,
    /// Side.
    pub(crate) side: Side,
    /// Joint or segment.
    pub(crate) joint: Option<String>,
    /// Whether the answer states the interval.
    pub(crate) is_interval_told: bool,
}

impl Claim {
    /// The quantity without a side in front.
    pub(crate) fn phrase(&self) -> &str {
        let quantity = self.quantity.as_str();
        quantity.strip_prefix("left ").or(quantity.strip_prefix("right ")).unwrap_or(quantity)
    }

    /// Whether the quantity names the joint.
    pub(crate) fn names_joint(&self) -> bool {
        self.joint.as_deref().is_some_and(|joint| self.phrase().split(' ').any(|word| word == joint))
    }

    /// The quantity without its side and the first mention of its joint.
    pub(crate) fn noun(&self) -> String {
        let mut words: Vec<&str> = self.phrase().split(' ').collect();
        if let Some(place) = words.iter().position(|word| Some(*word) == self.joint.as_deref()) {
            words.remove(place);
            if words.get(place) == Some(&"joint") {
                words.remove(place);
            }
        }
        words.join(" ")
    }

    fn from_json(fact: &Value) -> Option<Self> {
        let text = |key: &str| fact.get(key).and_then(Value::as_str).map(str::to_string);
        Some(Self {
            name: text("name")?,
            quantity: text("quantity")?,
            shown: text("shown")?,
            low: text("low"),
            high: text("high"),
            unit: text("unit").unwrap_or_default(),
            side: match fact.get("side").and_then(Value::as_str) {
                Some("left") => Side::Left,
                Some("right") => Side::Right,
                Some("both") => Side::Both,
                _ => Side::None,
            },
            joint: text("joint").filter(|joint| !joint.is_empty()),
            is_interval_told: false,
        })
    }
}

/// How two facts compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The first is greater.
    Greater,
    /// The first is less.
    Less,
    /// The difference is within the uncertainty.
    Within,
}

/// A comparison of two facts, by their places in the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Compared {
    /// The first.
    pub(crate) first: usize,
    /// The second.
    pub(crate) second: usize,
    /// How they compare.
    pub(crate) verdict: Verdict,
}

/// Everything that an answer states.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Story {
    /// Facts.
    pub(crate) claims: Vec<Claim>,
    /// Comparisons.
    pub(crate) comparisons: Vec<Compared>,
}

impl Story {
    /// The facts of a prompt's block.
    pub(crate) fn from_block(block: &Value) -> Self {
        let list = |key: &str| block.get(key).and_then(Value::as_array).cloned().unwrap_or_default();
        let claims: Vec<Claim> = list("facts").iter().filter_map(Claim::from_json).collect();
        let place = |name: Option<&Value>| {
            claims.iter().position(|claim| Some(claim.name.as_str()) == name.and_then(Value::as_str))
        };
        let comparisons = list("comparisons")
            .iter()
            .filter_map(|entry| {
                let verdict = match entry.get("verdict")?.as_str()? {
                    "greater" => Verdict::Greater,
                    "less" => Verdict::Less,
                    "within_uncertainty" => Verdict::Within,
                    _ => return None,
                };
                Some(Compared { first: place(entry.get("first"))?, second: place(entry.get("second"))?, verdict })
            })
            .collect();
        Self { claims, comparisons }
    }

    /// Whether some fact of this story says what the claim says.
    fn has(&self, claim: &Claim) -> bool {
        self.claims.iter().any(|fact| {
            is_same_number(&fact.shown, &claim.shown)
                && (&fact.unit, fact.side, &fact.joint, fact.noun())
                    == (&claim.unit, claim.side, &claim.joint, claim.noun())
        })
    }

    /// The story with one thing changed so that it is false, and what was changed. None if the facts do not allow it.
    /// `texts` are the prompt's own question and answer: no new number is taken from them.
    pub(crate) fn changed(&self, fault: Fault, texts: &[&str], dice: &mut Dice) -> Option<(Self, Fault)> {
        if fault == Fault::Hallucinated {
            let kinds = [Fault::Number, Fault::Side, Fault::Unit, Fault::Joint, Fault::Direction];
            let start = dice.roll(kinds.len());
            return (0..kinds.len()).find_map(|step| self.changed(kinds[(start + step) % kinds.len()], texts, dice));
        }
        if fault == Fault::Direction {
            return Some((self.turned(dice)?, fault));
        }
        let start = dice.roll(self.claims.len());
        (0..self.claims.len()).find_map(|step| {
            let place = (start + step) % self.claims.len();
            let claim = self.changed_claim(self.claims.get(place)?, fault, texts, dice)?;
            let mut story = self.clone();
            *story.claims.get_mut(place)? = claim;
            Some((story, fault))
        })
    }

    fn changed_claim(&self, old: &Claim, fault: Fault, texts: &[&str], dice: &mut Dice) -> Option<Claim> {
        let mut claim = old.clone();
        match fault {
            Fault::Number => claim.shown = self.new_number(&old.shown, texts, dice)?,
            Fault::Side => {
                claim.side = match old.side {
                    Side::Left => Side::Right,
                    Side::Right => Side::Left,
                    Side::Both | Side::None => return None,
                }
            }
            // Nothing is nothing in any unit.
            Fault::Unit if number(&old.shown)? != 0.0 && !other_units(&old.unit).is_empty() => {
                claim.unit = dice.one_of(other_units(&old.unit)).to_string();
            }
            Fault::Joint => {
                let joint = old.joint.as_deref().filter(|joint| joints().any(|known| known == *joint))?;
                let others: Vec<&str> = joints().filter(|other| *other != joint).collect();
                claim.joint = Some(dice.one_of(&others).to_string());
                let renamed = |word| if word == joint { claim.joint.as_deref().unwrap_or(word) } else { word };
                claim.quantity = old.phrase().split(' ').map(renamed).collect::<Vec<_>>().join(" ");
            }
            _ => return None,
        }
        (!self.has(&claim)).then_some(claim)
    }

    /// A comparison turned around.
    fn turned(&self, dice: &mut Dice) -> Option<Self> {
        let mut story = self.clone();
        let place = dice.roll(self.comparisons.len());
        let comparison = story.comparisons.get_mut(place)?;
        comparison.verdict = match (comparison.verdict, dice.roll(2)) {
            (Verdict::Greater, _) | (Verdict::Within, 0) => Verdict::Less,
            (Verdict::Less | Verdict::Within, _) => Verdict::Greater,
        };
        Some(story)
    }

    /// For distractors: the interval of a fact moved away from its number.
    pub(crate) fn with_wrong_interval(&self, texts: &[&str], dice: &mut Dice) -> Option<Self> {
        let mut story = self.clone();
        let claim = story.claims.iter_mut().find(|claim| claim.low.is_some() && claim.high.is_some())?;
        claim.high = Some(self.new_number(claim.high.as_deref()?, texts, dice)?);
        claim.is_interval_told = true;
        Some(story)
    }

    /// For distractors: a negative number without its sign.
    pub(crate) fn without_sign(&self) -> Option<Self> {
        let mut story = self.clone();
        let claim =
            story.claims.iter_mut().find(|claim| claim.shown.starts_with('-') && number(&claim.shown) != Some(0.0))?;
        claim.shown = claim.shown.trim_start_matches('-').to_string();
        (!self.has(claim)).then(|| story.clone())
    }

    /// A number with as many decimals as another, far from every number that the prompt has.
    fn new_number(&self, old: &str, texts: &[&str], dice: &mut Dice) -> Option<String> {
        let value = number(old)?;
        let n_decimals = old.split_once('.').map_or(0, |(_, decimals)| decimals.len());
        let step = 10_f64.powi(-(n_decimals as i32));
        let factors = [1.1, 0.9, 1.25, 0.8, 1.5, 0.5, 2.0, 10.0, 0.1, 3.0, 7.0];
        let start = dice.roll(factors.len());
        let mut taken: Vec<f64> = texts.iter().flat_map(|text| numbers(text)).collect();
        for claim in &self.claims {
            taken.extend(
                [Some(&claim.shown), claim.low.as_ref(), claim.high.as_ref()]
                    .into_iter()
                    .flatten()
                    .filter_map(|text| number(text)),
            );
        }
        (0..factors.len()).find_map(|turn| {
            let factor = factors[(start + turn) % factors.len()];
            let shift = step * (3.0 + turn as f64) * if factor > 1.0 { 1.0 } else { -1.0 };
            let new = if value == 0.0 { shift.abs() } else { value * factor + shift };
            let text = format!("{new:.n_decimals$}");
            let new = number(&text)?;
            let is_far = |known: &f64| (new.abs() - known.abs()).abs() > (0.05 * known.abs()).max(2.0 * step);
            ((new < 0.0) == (value < 0.0) && new != 0.0 && taken.iter().all(is_far)).then_some(text)
        })
    }
}

/// The value of a number in a prompt. Both signs for minus are read.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.trim().replace('−', "-").parse().ok()
}

/// Whether two numbers are one, rounded to the decimals of the shorter.
fn is_same_number(one: &str, other: &str) -> bool {
    let (Some(first), Some(second)) = (number(one), number(other)) else { return one == other };
    let n_decimals = |text: &str| text.split_once('.').map_or(0, |(_, decimals)| decimals.len());
    let step = 10_f64.powi(-(n_decimals(one).min(n_decimals(other)) as i32));
    (first - second).abs() <= 0.5 * step + 1e-9
}

/// All numbers in digits in a text.
fn numbers(text: &str) -> Vec<f64> {
    text.split(|letter: char| !letter.is_ascii_digit() && letter != '.')
        .filter_map(|part| part.trim_matches('.').parse().ok())
        .collect()
}

#[cfg(test)]
#[path = "story_tests.rs"]
mod tests;

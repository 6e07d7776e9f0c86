//! Facts in the form that the check uses: the numbers that they allow, with unit, side and joint. Pure.

use super::joints::joint_of_fact;
use super::numbers::NumberMention;
use super::units::Unit;
use crate::llm::fact::{Fact, Facts, Side};
use crate::llm::rounding;

/// Largest relative error of a number that is written with one decimal less.
const COARSE: f64 = 0.1;

/// The part of a fact that a number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    /// The value.
    Value,
    /// The lower end of the interval.
    Low,
    /// The upper end.
    High,
}

/// A fact with its parsed texts.
pub(super) struct Known<'a> {
    /// The fact.
    pub(super) fact: &'a Fact,
    /// Its unit.
    pub(super) unit: Option<Unit>,
    /// Its joint.
    pub(super) joint: Option<String>,
    shown: f64,
    /// The interval as printed, with ends rounded outward. `None` if `shown` is not rounded by the same rules.
    ends: [Option<f64>; 2],
    decimals: i32,
}

impl<'a> Known<'a> {
    fn new(fact: &'a Fact) -> Self {
        let text = fact.shown.trim().replace('\u{2212}', "-").replace('\u{a0}', "");
        let shown = text.parse().unwrap_or(fact.value);
        let decimals = text.split_once('.').map_or_else(|| whole_decimals(shown, fact.value), |(_, d)| d.len() as i32);
        let joint = joint_of_fact(fact.joint.as_deref(), &fact.quantity);
        let printed = rounding::shown(fact.value, fact.low, fact.high, &fact.unit);
        let is_ours = printed.value.parse() == Ok(shown);
        let ends = [printed.low, printed.high].map(|end| end.filter(|_| is_ours).and_then(|end| end.parse().ok()));
        Known { fact, unit: Unit::of_fact(fact.unit.trim()), joint, shown, ends, decimals }
    }

    /// Whether the number is this part of the fact, as rounded.
    pub(super) fn is_part(&self, mention: &NumberMention, part: Part) -> bool {
        let exact = match part {
            Part::Value => Some(self.fact.value),
            Part::Low => self.fact.low,
            Part::High => self.fact.high,
        };
        let Some(exact) = exact else { return false };
        let shown = match part {
            Part::Value => Some(self.shown),
            Part::Low => self.ends[0],
            Part::High => self.ends[1],
        };
        let readings = [Some((mention.value, mention.decimals as i32)), mention.alternative.map(|v| (v, 3))];
        readings.into_iter().flatten().any(|(value, decimals)| self.is_rounded(value, decimals, exact, shown))
    }

    fn is_rounded(&self, value: f64, decimals: i32, exact: f64, shown: Option<f64>) -> bool {
        let near = |other: f64, tolerance: f64| (value - other).abs() <= tolerance + 1e-9 * other.abs().max(1.0);
        if let Some(shown) = shown
            && near(shown, 0.0)
        {
            return true;
        }
        let is_on_grid = ((value * 10f64.powi(self.decimals)).round() / 10f64.powi(self.decimals) - value).abs() < 1e-9;
        if shown.is_none() && is_on_grid && near(exact, 0.5 * 10f64.powi(-self.decimals)) {
            return true;
        }
        self.decimals > 0
            && decimals + 1 == self.decimals
            && near(exact, 0.5 * 10f64.powi(-decimals))
            && (value - exact).abs() <= COARSE * exact.abs()
    }

    /// The part of the fact that the number is.
    pub(super) fn any_part(&self, mention: &NumberMention) -> Option<Part> {
        [Part::Value, Part::Low, Part::High].into_iter().find(|&part| self.is_part(mention, part))
    }

    /// Whether the number has no unit or the fact's unit.
    pub(super) fn fits_unit(&self, mention: &NumberMention) -> bool {
        mention.unit.is_none_or(|unit| unit.fits(self.unit))
    }

    /// Whether the fact applies to this side.
    pub(super) fn fits_side(&self, side: Side) -> bool {
        matches!(self.fact.side, Side::None | Side::Both) || self.fact.side == side
    }

    /// Whether the fact applies to this joint.
    pub(super) fn fits_joint(&self, joint: &str) -> bool {
        self.joint.as_deref().is_none_or(|own| own == joint)
    }

    /// Whether the fact is of one side of the body.
    pub(super) fn is_sided(&self) -> bool {
        matches!(self.fact.side, Side::Left | Side::Right)
    }

    /// Whether the fact is a time.
    pub(super) fn is_time(&self) -> bool {
        matches!(self.unit, Some(Unit::Second | Unit::Millisecond | Unit::Minute))
    }

    /// Description of the fact, for a message.
    pub(super) fn describe(&self) -> String {
        let side = match self.fact.side {
            Side::Left => "left ",
            Side::Right => "right ",
            Side::Both | Side::None => "",
        };
        format!("{} is the {side}{}", self.fact.shown, self.fact.quantity)
    }
}

/// Number of decimals of a whole number: negative if it is rounded to tens or more.
fn whole_decimals(shown: f64, value: f64) -> i32 {
    (0..6).find(|&k| ((value / 10f64.powi(k)).round() * 10f64.powi(k) - shown).abs() < 1e-6).map_or(0, |k| -k)
}

/// Parses the texts of the facts.
pub(super) fn known(facts: &Facts) -> Vec<Known<'_>> {
    facts.facts.iter().map(|fact| Known::new(fact)).collect()
}

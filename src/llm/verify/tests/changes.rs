//! Changes that make a true reply wrong.

use super::generated::{Dice, Topic, printed};
use super::patterns::{self, Piece};
use crate::llm::fact::{Fact, Facts, Side, Verdict};

/// The kind of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Change {
    Digit,
    Sign,
    Point,
    Words,
    AllSides,
    OneSide,
    Swap,
    Unit,
    Joint,
    Direction,
}

pub(super) const CHANGES: [Change; 10] = [
    Change::Digit,
    Change::Sign,
    Change::Point,
    Change::Words,
    Change::AllSides,
    Change::OneSide,
    Change::Swap,
    Change::Unit,
    Change::Joint,
    Change::Direction,
];

/// Whether the fact has this number, or a number that may be written so with one decimal less.
fn holds(number: &str, fact: &Fact) -> bool {
    let value: f64 = number.parse().unwrap();
    let decimals = |text: &str| text.split_once('.').map_or(0, |(_, d)| d.len());
    let exact = [Some(fact.value), fact.low, fact.high];
    printed(fact).iter().zip(exact).filter_map(|(text, exact)| Some((text, exact?))).any(|(text, exact)| {
        let is_coarser = decimals(number) + 1 == decimals(text);
        let tolerance = 0.500_001 * 10f64.powi(-(decimals(number) as i32));
        text.parse() == Ok(value) || (is_coarser && (exact - value).abs() <= tolerance)
    })
}

fn is_true_number(number: &str, facts: &Facts) -> bool {
    facts.facts.iter().any(|f| holds(number, f))
}

fn other_digit(dice: &mut Dice, number: &str) -> String {
    let places: Vec<usize> = (0..number.len()).filter(|&k| number.as_bytes()[k].is_ascii_digit()).collect();
    let at = places[dice.below(places.len())];
    let old = number.as_bytes()[at] - b'0';
    let new = (old + 1 + dice.below(9) as u8) % 10;
    format!("{}{new}{}", &number[..at], &number[at + 1..])
}

fn moved_point(number: &str) -> String {
    let value: f64 = number.parse().unwrap();
    let decimals = number.split_once('.').map_or(0, |(_, d)| d.len());
    if decimals > 0 { format!("{:.*}", decimals - 1, value * 10.0) } else { format!("{:.1}", value / 10.0) }
}

/// The pieces with one change; `None` if they contain nothing of this kind, or if they remain true.
pub(super) fn changed(
    dice: &mut Dice,
    pieces: &[Piece],
    change: Change,
    topics: &Facts,
    topic: &Topic,
) -> Option<Vec<Piece>> {
    let mut pieces = pieces.to_vec();
    let places = |test: fn(&Piece) -> bool| -> Vec<usize> { (0..pieces.len()).filter(|&k| test(&pieces[k])).collect() };
    let numbers = places(|p| matches!(p, Piece::Number { .. }));
    let sides = places(|p| matches!(p, Piece::Side { .. }));
    match change {
        Change::Digit | Change::Sign | Change::Point | Change::Words => {
            let at = *numbers.get(dice.below(numbers.len().max(1)))?;
            let Piece::Number { text: number, is_words } = &mut pieces[at] else { return None };
            let new = match change {
                Change::Sign => number.strip_prefix('-').map_or_else(|| format!("-{number}"), str::to_owned),
                Change::Point => moved_point(number),
                _ => other_digit(dice, number),
            };
            *is_words = *is_words || change == Change::Words;
            if is_true_number(&new, topics) || new.parse::<f64>().unwrap() == number.parse::<f64>().unwrap() {
                return None;
            }
            *number = new;
        }
        Change::AllSides | Change::OneSide | Change::Swap => {
            let shown: Vec<&str> = topic.facts.iter().map(|f| f.shown.as_str()).collect();
            let has_more = pieces.iter().any(|p| matches!(p, Piece::More { .. }));
            let is_within = topic.verdict == Verdict::WithinUncertainty;
            // If the other side or the difference has the same number, it is true for any side.
            let is_shared = |k: usize| topic.facts.iter().enumerate().any(|(j, f)| j != k && holds(shown[k], f));
            if shown.len() > 1 && (is_shared(0) || is_shared(1)) {
                return None;
            }
            if sides.is_empty()
                || (numbers.is_empty() && !has_more)
                || shown[0] == shown[1]
                || (numbers.is_empty() && is_within)
            {
                return None;
            }
            if change == Change::Swap {
                return swapped(pieces, &numbers, &shown);
            }
            let one = sides[dice.below(sides.len())];
            for at in sides {
                if let Piece::Side { side, .. } = &mut pieces[at]
                    && (change == Change::AllSides || at == one)
                {
                    *side = if *side == Side::Left { Side::Right } else { Side::Left };
                }
            }
        }
        Change::Unit => {
            let units = places(|p| matches!(p, Piece::Unit(_)));
            let at = *units.get(dice.below(units.len().max(1)))?;
            let (name, text) = other_unit(dice, topic);
            // Another fact has the same number in that unit.
            let is_true = |number: &str| topics.facts.iter().any(|f| f.unit == name && holds(number, f));
            if numbers.iter().any(|&k| matches!(&pieces[k], Piece::Number { text, .. } if is_true(text))) {
                return None;
            }
            pieces[at] = Piece::Unit(text.to_owned());
        }
        Change::Joint => {
            let at = *places(|p| matches!(p, Piece::Joint { .. })).first()?;
            let Piece::Joint { joint, .. } = &mut pieces[at] else { return None };
            if joint.is_empty() || numbers.is_empty() {
                return None;
            }
            let others: Vec<&'static str> = patterns::JOINTS.into_iter().filter(|j| j != joint).collect();
            *joint = others[dice.below(others.len())];
            // The same number may hold for that joint, too.
            let new = *joint;
            let is_true = |text: &str| topics.facts.iter().any(|f| f.joint.as_deref() == Some(new) && f.shown == text);
            if numbers.iter().any(|&k| matches!(&pieces[k], Piece::Number { text, .. } if is_true(text))) {
                return None;
            }
        }
        Change::Direction => {
            let at = *places(|p| matches!(p, Piece::More { .. })).first()?;
            let Piece::More { is_more, .. } = &mut pieces[at] else { return None };
            *is_more = !*is_more;
        }
    }
    Some(pieces)
}

/// Exchanges the two values.
fn swapped(mut pieces: Vec<Piece>, numbers: &[usize], shown: &[&str]) -> Option<Vec<Piece>> {
    let mut n_changed = 0;
    for &at in numbers {
        if let Piece::Number { text, .. } = &mut pieces[at]
            && let Some(k) = (0..2).find(|&k| shown[k] == text)
        {
            *text = shown[1 - k].to_owned();
            n_changed += 1;
        }
    }
    (n_changed > 0).then_some(pieces)
}

fn other_unit(dice: &mut Dice, topic: &Topic) -> (&'static str, &'static str) {
    const UNITS: [(&str, &str); 11] = [
        ("m", "m"),
        ("m/s", "m/s"),
        ("deg", "°"),
        ("s", "s"),
        ("%", "%"),
        ("", "cm"),
        ("", "ms"),
        ("", "km/h"),
        ("deg/s", "°/s"),
        ("1/min", "1/min"),
        ("", "mm"),
    ];
    let others: Vec<_> = UNITS.iter().copied().filter(|(unit, _)| *unit != topic.quantity.unit).collect();
    others[dice.below(others.len())]
}

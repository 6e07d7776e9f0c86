//! Replies generated from patterns, unchanged and with one change.

use std::collections::BTreeMap;

use super::changes::{CHANGES, Change, changed};
use super::patterns::{self, Pattern, Piece, Slot};
use super::{comparison, fact, speak, with_joint};
use crate::llm::fact::{Fact, Facts, Side, Verdict};
use crate::llm::rounding;
use crate::llm::verify::{Allowed, Language, problems};

/// Pseudorandom numbers that are the same in every run.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) % n as u64) as usize
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.below(1_000_000) as f64 / 1e6
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A value with its interval.
fn measured(dice: &mut Dice, quantity: &patterns::Quantity, name: &str, side: Side) -> Fact {
    let (low, high) = quantity.range;
    let value = dice.between(low, high);
    let spread = (high - low) * dice.between(0.05, 0.2);
    let ends = (value - spread, value + spread * dice.between(0.8, 1.2));
    let shown = rounding::shown(value, Some(ends.0), Some(ends.1), quantity.unit).value;
    let made = fact(name, quantity.name, (value, ends.0, ends.1), quantity.unit, side, &shown);
    if quantity.joint.is_empty() { made } else { with_joint(made, quantity.joint) }
}

/// Facts about one quantity: of both sides, or of the whole body.
pub(super) struct Topic {
    pub(super) quantity: &'static patterns::Quantity,
    /// First and second side, or one fact.
    pub(super) facts: Vec<Fact>,
    pub(super) verdict: Verdict,
}

fn topic(dice: &mut Dice, quantity: &'static patterns::Quantity) -> Topic {
    let name = quantity.name.replace(' ', "_");
    if !quantity.is_sided {
        let facts = vec![measured(dice, quantity, &name, Side::None)];
        return Topic { quantity, facts, verdict: Verdict::WithinUncertainty };
    }
    let sides = if dice.one_in(2) { [Side::Left, Side::Right] } else { [Side::Right, Side::Left] };
    let mut facts: Vec<Fact> =
        sides.iter().map(|&side| measured(dice, quantity, &format!("{name}_{side:?}").to_lowercase(), side)).collect();
    let difference = facts[0].value - facts[1].value;
    let verdict = match difference {
        d if d.abs() < (quantity.range.1 - quantity.range.0) * 0.2 => Verdict::WithinUncertainty,
        d if d > 0.0 => Verdict::Greater,
        _ => Verdict::Less,
    };
    let shown = rounding::shown(difference.abs(), None, None, quantity.unit).value;
    let words = format!("difference of the {}", quantity.name);
    let gap =
        fact(&format!("{name}_difference"), &words, (difference.abs(), 0.0, 0.0), quantity.unit, Side::Both, &shown);
    facts.push(if quantity.joint.is_empty() { gap } else { with_joint(gap, quantity.joint) });
    Topic { quantity, facts, verdict }
}

fn facts_of(topics: &[Topic]) -> Facts {
    let mut all = Facts::default();
    for topic in topics {
        all.facts.extend(topic.facts.iter().cloned().map(Into::into));
        if topic.quantity.is_sided {
            all.comparisons.push(comparison(&topic.facts[0].name, &topic.facts[1].name, topic.verdict));
        }
    }
    all
}

/// The text of a number slot.
fn number_text(topic: &Topic, slot: Slot) -> String {
    match slot {
        Slot::Value(k) => topic.facts[k].shown.clone(),
        Slot::Low(k) => printed(&topic.facts[k])[1].clone(),
        Slot::High(k) => printed(&topic.facts[k])[2].clone(),
        _ => unreachable!("not a number"),
    }
}

/// Value and interval in the format of prompts and templates.
pub(super) fn printed(fact: &Fact) -> [String; 3] {
    let ends = rounding::shown(fact.value, fact.low, fact.high, &fact.unit);
    [fact.shown.clone(), ends.low.unwrap_or_default(), ends.high.unwrap_or_default()]
}

/// One sentence as pieces, in which changeable parts are separate.
fn pieces(dice: &mut Dice, topic: &Topic, pattern: &Pattern, language: Language) -> Vec<Piece> {
    let is_words = dice.one_in(4) && !topic.facts.iter().any(|f| f.low.is_some_and(|l| l < 0.0));
    let unit = topic.quantity.units(language);
    let unit = unit[if is_words { 1 + dice.below(unit.len() - 1) } else { dice.below(unit.len()) }];
    patterns::cut(pattern.text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Slot(slot @ (Slot::Value(_) | Slot::Low(_) | Slot::High(_))) => {
                Piece::Number { text: number_text(topic, slot), is_words }
            }
            Piece::Slot(Slot::Unit) => Piece::Unit(unit.to_owned()),
            Piece::Slot(Slot::Quantity) => {
                Piece::Joint { phrase: topic.quantity.phrase(language), joint: topic.quantity.joint }
            }
            Piece::Slot(Slot::Side(k, form)) => Piece::Side { side: topic.facts[k].side, form },
            Piece::Slot(Slot::More) => Piece::More { is_more: topic.verdict == Verdict::Greater },
            other => other,
        })
        .collect()
}

fn text(pieces: &[Piece], language: Language) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece {
            Piece::Text(words) => text.push_str(words),
            Piece::Number { text: number, is_words: true } => text.push_str(&speak::decimal(number, language)),
            Piece::Number { text: number, .. } => {
                let local = if language == Language::En { number.clone() } else { number.replace('.', ",") };
                text.push_str(&local.replace('-', "\u{2212}"));
            }
            Piece::Unit(unit) => text.push_str(unit),
            Piece::Joint { phrase, joint } => text.push_str(&patterns::phrase(phrase, joint, language)),
            Piece::Side { side, form } => text.push_str(patterns::side(*side, *form, language)),
            Piece::More { is_more, .. } => text.push_str(patterns::more(*is_more, language)),
            Piece::Slot(_) => unreachable!("slot without content"),
        }
    }
    text.chars().next().map(char::to_uppercase).into_iter().flatten().chain(text.chars().skip(1)).collect()
}

/// One reply: its sentences as pieces, and their topics.
struct Reply {
    topics: Vec<Topic>,
    facts: Facts,
    sentences: Vec<(usize, Vec<Piece>)>,
    fillers: (Option<&'static str>, Option<&'static str>),
}

fn reply(dice: &mut Dice, language: Language) -> Reply {
    let n = 1 + dice.below(3);
    let mut topics: Vec<Topic> = Vec::new();
    while topics.len() < n {
        let quantity = &patterns::QUANTITIES[dice.below(patterns::QUANTITIES.len())];
        if topics.iter().all(|t| t.quantity.name != quantity.name) {
            topics.push(topic(dice, quantity));
        }
    }
    let mut sentences = Vec::new();
    for (k, topic) in topics.iter().enumerate() {
        let fit: Vec<&Pattern> = patterns::of(language)
            .iter()
            .filter(|p| p.is_sided == topic.quantity.is_sided)
            .filter(|p| !p.text.contains("{more}") || topic.verdict != Verdict::WithinUncertainty)
            .filter(|p| !p.is_within || topic.verdict == Verdict::WithinUncertainty)
            .collect();
        let pattern = fit[dice.below(fit.len())];
        sentences.push((k, pieces(dice, topic, pattern, language)));
    }
    let fillers = patterns::fillers(language);
    let mut filler = || dice.one_in(3).then(|| fillers[dice.below(fillers.len())]);
    let fillers = (filler(), filler());
    Reply { facts: facts_of(&topics), topics, sentences, fillers }
}

fn whole(reply: &Reply, change: Option<(usize, &[Piece])>, language: Language) -> String {
    let sentence = |k: usize, own: &[Piece]| match change {
        Some((at, new)) if at == k => text(new, language),
        _ => text(own, language),
    };
    let mut parts: Vec<String> = reply.fillers.0.map(str::to_owned).into_iter().collect();
    parts.extend(reply.sentences.iter().enumerate().map(|(k, (_, own))| sentence(k, own)));
    parts.extend(reply.fillers.1.map(str::to_owned));
    parts.join(" ")
}

/// Number of times that each change was made, and that it passed undetected.
#[derive(Default)]
struct Tally {
    untouched: usize,
    rejected: Vec<String>,
    made: BTreeMap<(&'static str, Change), usize>,
    passed: Vec<String>,
}

fn run(n_replies: usize) -> Tally {
    let mut tally = Tally::default();
    for (seed, language) in Language::ALL.into_iter().enumerate() {
        let mut dice = Dice(17 + seed as u64);
        for _ in 0..n_replies {
            let reply = reply(&mut dice, language);
            let original = whole(&reply, None, language);
            let found = problems(&original, &reply.facts, language, &Allowed::default());
            tally.untouched += 1;
            if !found.is_empty() {
                tally.rejected.push(format!("{original}\n    {found:?}"));
            }
            for change in CHANGES {
                let k = dice.below(reply.sentences.len());
                let (topic, own) = &reply.sentences[k];
                let Some(new) = changed(&mut dice, own, change, &reply.facts, &reply.topics[*topic]) else { continue };
                let mutated = whole(&reply, Some((k, &new)), language);
                if mutated == original {
                    continue;
                }
                *tally.made.entry((language.name(), change)).or_default() += 1;
                if problems(&mutated, &reply.facts, language, &Allowed::default()).is_empty() {
                    tally.passed.push(format!("{change:?}: {mutated}\n    was: {original}"));
                }
            }
        }
    }
    tally
}

#[test]
fn every_change_is_caught_and_no_untouched_reply_is_rejected() {
    let tally = run(600);
    let n_made: usize = tally.made.values().sum();
    assert!(n_made > 15_000, "only {n_made} changes");
    for language in Language::ALL {
        for change in CHANGES {
            assert!(tally.made.get(&(language.name(), change)).is_some_and(|&n| n >= 40), "{language:?} {change:?}");
        }
    }
    let some = |texts: &[String]| texts.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(
        tally.rejected.is_empty(),
        "{} untouched replies rejected:\n{}",
        tally.rejected.len(),
        some(&tally.rejected)
    );
    assert!(tally.passed.is_empty(), "{} changed replies passed:\n{}", tally.passed.len(), some(&tally.passed));
}

#[test]
fn no_text_makes_the_check_fail() {
    const BITS: &[&str] = &[
        " ",
        " ",
        " ",
        "1.45",
        "1,",
        ".",
        "-",
        "\u{2212}",
        "(",
        ")",
        "[",
        "]",
        "left",
        "right",
        "links",
        "à droite",
        "knee",
        "genou",
        "m/s",
        "\u{b0}",
        "%",
        "95",
        "½",
        "٣",
        "\n",
        "¿",
        "?",
        "one",
        "hundred",
        "and",
        "ein",
        "zwanzig",
        "quatre",
        "vingt",
        "mil",
        "y",
        "than",
        "als",
        "que",
        "between",
        "to",
        "no",
        "difference",
        "longer",
        "é",
        "ẞ",
        "\u{202f}",
        "𝟙",
        "_",
        "*",
        "'",
        "’",
        "1/min",
        "⁻¹",
        "10 000",
        "e",
    ];
    let mut dice = Dice(5);
    let facts = facts_of(&[topic(&mut dice, &patterns::QUANTITIES[0]), topic(&mut dice, &patterns::QUANTITIES[2])]);
    for k in 0..20_000 {
        let n = dice.below(24);
        let text: String = (0..n).map(|_| BITS[dice.below(BITS.len())]).collect();
        let language = Language::ALL[k % 4];
        let allowed = Allowed { names: &["1.45", "é"], question: &text };
        // There is no panic, and each problem can be displayed.
        assert!(problems(&text, &facts, language, &allowed).iter().all(|p| p.to_string().ends_with('.')), "{text}");
    }
}

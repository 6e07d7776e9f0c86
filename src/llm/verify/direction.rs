//! Checks claims about which side has more. Pure.

use super::Problem;
use super::attach::{Found, Label, Scene, Span};
use super::compare::{Comparative, Sense, is_advice, is_compared_with, is_condition, is_negation, is_than};
use super::joints::joint_of_fact;
use super::known::Known;
use super::pairs::{Pair, concepts};
use super::places::{Reader, Sentence, opposite};
use super::sameness::{Sameness, is_hedged, sameness};
use super::tokens::Kind;
use crate::llm::fact::{Fact, Facts, Side, Verdict};

/// Maximum distance from "than" to the compared side, in tokens.
const REACH: usize = 9;

/// The claim that `subject` has more (sign 1) or less (-1) than `object`.
struct Claim {
    subject: Side,
    object: Side,
    word: Comparative,
    is_denied: bool,
    is_explicit: bool,
}

/// Adds the problems with the sentence's comparisons.
pub(super) fn check(reader: &Reader, facts: &Facts, sentence: &Sentence, problems: &mut Vec<Problem>) {
    if sentence.is_question {
        return;
    }
    let all: Vec<Pair> = facts.comparisons.iter().filter_map(|c| Pair::new(c, facts)).collect();
    let sided: Vec<Pair> = all.iter().copied().filter(Pair::is_sided).collect();
    let claims = claims(reader, sentence);
    let (explicit, short): (Vec<&Claim>, Vec<&Claim>) = claims.iter().partition(|c| c.is_explicit);
    if !explicit.is_empty() {
        let with_unstated: Vec<Pair> = sided.iter().copied().chain(Pair::unstated(facts)).collect();
        match relevant(reader, sentence, &with_unstated) {
            Ok(mut pairs) => {
                if pairs.iter().any(|p| p.is_stated) {
                    pairs.retain(|p| p.is_stated);
                }
                problems.extend(explicit.iter().filter_map(|c| check_claim(reader, sentence, c, &pairs)));
            }
            Err(problem) => problems.push(problem),
        }
    }
    let pairs = match relevant(reader, sentence, &sided) {
        Ok(pairs) => pairs,
        Err(problem) => {
            problems.extend((!short.is_empty()).then_some(problem));
            return;
        }
    };
    problems.extend(short.iter().filter_map(|c| check_claim(reader, sentence, c, &pairs)));
    if sentence.sides.is_empty() {
        plain_numbers(reader, sentence, &all, problems);
    }
    check_sameness(reader, sentence, &claims, &pairs, problems);
}

fn text_of(reader: &Reader, sentence: &Sentence, word: usize) -> String {
    let near = |k: usize| k.clamp(sentence.tokens.0, sentence.tokens.1.saturating_sub(1));
    reader.tokens.slice(near(word.saturating_sub(3)), near(word + 3)).to_owned()
}

fn check_claim(reader: &Reader, sentence: &Sentence, claim: &Claim, pairs: &[Pair]) -> Option<Problem> {
    let text = text_of(reader, sentence, claim.word.first);
    let wrong = |expected: String| Some(Problem::WrongDirection { text: text.clone(), expected });
    if pairs.is_empty() {
        return claim.is_explicit.then(|| wrong("the facts do not compare the sides".to_owned())).flatten();
    }
    if claim.subject == claim.object {
        return wrong("a side cannot be compared with itself".to_owned());
    }
    let is_hedged = is_hedged(reader.tokens, sentence.tokens, reader.language);
    let holds = |pair: &Pair| {
        let turn = if claim.word.sense == Sense::Speed && pair.is_time() { -1 } else { 1 };
        let claimed = claim.word.sign * turn;
        match pair.sign_of(claim.subject) {
            sign if claim.is_denied => sign != claimed,
            0 if is_hedged => pair.raw_sign_of(claim.subject) == claimed,
            0 => pair.apart_of(claim.subject) == claimed,
            sign => sign == claimed,
        }
    };
    if pairs.iter().any(holds) {
        return None;
    }
    wrong(pairs.first().map(Pair::describe).unwrap_or_default())
}

fn check_sameness(reader: &Reader, sentence: &Sentence, claims: &[Claim], pairs: &[Pair], problems: &mut Vec<Problem>) {
    let names_both = sentence.has_both
        || [Side::Left, Side::Right].iter().all(|side| sentence.sides.iter().any(|s| s.0.what == *side))
        || (sentence.tokens.0..sentence.tokens.1).any(|i| {
            matches!(
                reader.tokens.word(i),
                "sides" | "legs" | "seiten" | "côtés" | "lados" | "jambes" | "piernas" | "beinen" | "beine"
            )
        });
    let Some(first) = pairs.first().filter(|_| names_both) else { return };
    let is_within = |p: &Pair| p.verdict == Verdict::WithinUncertainty;
    let (word, is_wrong) = match sameness(reader.tokens, sentence.tokens, reader.language) {
        Some(Sameness::Same(word)) => (word, pairs.iter().all(|p| !is_within(p))),
        Some(Sameness::Different(word)) if claims.is_empty() => (word, pairs.iter().all(is_within)),
        _ => return,
    };
    if is_wrong {
        problems.push(Problem::WrongDirection { text: text_of(reader, sentence, word), expected: first.describe() });
    }
}

/// Comparisons that the sentence may refer to: by numbers, by words of the quantity, by joint.
fn relevant<'a>(reader: &Reader, sentence: &Sentence, pairs: &[Pair<'a>]) -> Result<Vec<Pair<'a>>, Problem> {
    let is_named = |fact: &Fact| {
        let known = reader.known.iter().find(|f| std::ptr::eq(f.fact, fact));
        let states = |f: &Known| {
            sentence.groups.iter().any(|g| reader.explains(f, &g.members) && reader.fits_unit(f, &g.members))
        };
        known.is_some_and(states)
    };
    let words = (sentence.tokens.0..sentence.tokens.1).fold(0, |all, i| all | concepts(reader.tokens.word(i)));
    let score = |p: &Pair| {
        let quantity = p.first.quantity.to_lowercase();
        let own = quantity.split(|c: char| !c.is_alphabetic()).fold(0, |all, word| all | concepts(word));
        (own & words).count_ones() + if is_named(p.first) || is_named(p.second) { 10 } else { 0 }
    };
    let best = pairs.iter().map(score).max().unwrap_or(0);
    let mut found: Vec<Pair> = pairs.iter().copied().filter(|p| score(p) == best).collect();
    let (Some(label), Some(first)) = (sentence.joints.first(), found.first().copied()) else { return Ok(found) };
    let joint = |p: &Pair| joint_of_fact(p.first.joint.as_deref(), &p.first.quantity);
    let is_here = |p: &Pair| joint(p).is_some_and(|own| sentence.joints.iter().any(|j| j.what == own));
    if found.iter().any(is_here) {
        found.retain(is_here);
    } else if best == 0 || found.iter().all(|p| joint(p).is_some()) {
        // "The left hip moves more": no comparison is about the hip.
        if pairs.iter().any(|p| joint(p).is_some()) {
            let text = reader.tokens.slice(label.at, label.at).to_owned();
            return Err(Problem::WrongJoint { text, expected: first.describe() });
        }
    } else {
        found.retain(|p| joint(p).is_none());
    }
    Ok(found)
}

/// The claims of a sentence about the sides.
fn claims(reader: &Reader, sentence: &Sentence) -> Vec<Claim> {
    let tokens = reader.tokens;
    if sentence.sides.is_empty() {
        return Vec::new();
    }
    let mut words = Vec::new();
    let mut i = sentence.tokens.0;
    while i < sentence.tokens.1 {
        match reader.comparative(i) {
            Some(word) => {
                i = word.last + 1;
                words.push(word);
            }
            None => i += 1,
        }
    }
    let mut references = Vec::new();
    let mut found = Vec::new();
    for (k, word) in words.iter().enumerate() {
        let limit = words.get(k + 1).map_or(sentence.tokens.1, |next| next.first);
        if (sentence.tokens.0..word.first).any(|i| is_condition(tokens.word(i))) {
            continue;
        }
        found.extend(claim(reader, sentence, *word, limit, &mut references));
    }
    found
}

fn is_strong_mark(word: &str) -> bool {
    matches!(word, ";" | "but" | "while" | "whereas" | "aber" | "während" | "mais" | "tandis" | "pero" | "mientras")
}

/// Whether a token ends a clause: a mark, or an "and" before another subject.
fn ends_clause(reader: &Reader, k: usize) -> bool {
    let tokens = reader.tokens;
    let is_subject = matches!(
        tokens.word(k + 1),
        "the"
            | "your"
            | "my"
            | "his"
            | "her"
            | "der"
            | "die"
            | "das"
            | "dein"
            | "deine"
            | "ihr"
            | "ihre"
            | "le"
            | "la"
            | "l"
            | "ton"
            | "ta"
            | "votre"
            | "el"
            | "tu"
            | "su"
    );
    is_strong_mark(tokens.word(k))
        || matches!(tokens.word(k), "," | ":" | "(" | "–" | "—")
        || (matches!(tokens.word(k), "and" | "und" | "et" | "y") && is_subject)
}

fn claim(
    reader: &Reader,
    sentence: &Sentence,
    word: Comparative,
    limit: usize,
    references: &mut Vec<usize>,
) -> Option<Claim> {
    let (tokens, language) = (reader.tokens, reader.language);
    let sides: Vec<Label<Side>> = sentence.sides.iter().map(|s| s.0).collect();
    let start = (sentence.tokens.0..word.first)
        .rev()
        .find(|&k| is_strong_mark(tokens.word(k)) || tokens.word(k) == ",")
        .map_or(sentence.tokens.0, |k| k + 1);
    let is_denied = (start..word.first).any(|k| is_negation(tokens, k, language));
    let side_after = |from: usize, reach: usize| {
        let end = (from + 1..sentence.tokens.1.min(from + 1 + reach))
            .find(|&k| is_strong_mark(tokens.word(k)))
            .unwrap_or(sentence.tokens.1.min(from + 1 + reach));
        sides.iter().copied().find(|l| l.at > from && l.at < end)
    };
    // Words of the quantity may stand between, up to the end of the clause.
    let far_side = |from: usize| {
        let end = (from + 1..sentence.tokens.1).find(|&k| ends_clause(reader, k)).unwrap_or(sentence.tokens.1);
        sides.iter().copied().find(|l| l.at > from && l.at < end)
    };
    let is_end = |k: &usize| is_strong_mark(tokens.word(*k));
    let reach = (word.last + 1..limit).find(is_end).unwrap_or(limit);
    let than =
        if word.is_verb { Some(word.last) } else { (word.last + 1..reach).find(|&k| is_than(tokens, k, language)) };
    let make = |subject, object, is_explicit| Some(Claim { subject, object, word, is_denied, is_explicit });
    if let Some(than) = than {
        let is_bound = matches!(tokens.kind(than + 1), Kind::Digits) && !word.is_verb;
        let has_subject = sides.iter().any(|l| l.at < than && !references.contains(&l.at));
        let far = || far_side(than).filter(|_| has_subject && !(word.is_verb && word.is_weak));
        let object = side_after(than, REACH).or_else(far).filter(|_| !is_bound);
        let Some(object) = object else {
            return if word.is_verb && !word.is_weak { lone(reader, sentence, word, is_denied) } else { None };
        };
        references.push(object.at);
        let between = sides.iter().copied().find(|l| l.at > word.last && l.at < than);
        let earlier = sides.iter().copied().rfind(|l| l.at < word.first && !references.contains(&l.at));
        let subject = between.or(earlier).map_or(opposite(object.what), |l| l.what);
        return make(subject, object.what, between.or(earlier).is_some());
    }
    let mut compared = (sentence.tokens.0..sentence.tokens.1).filter(|&k| is_compared_with(tokens, k, language));
    if let Some(object) = compared.find_map(|k| side_after(k, 7).or_else(|| far_side(k))) {
        let others: Vec<Label<Side>> = sides.iter().copied().filter(|l| l.at != object.at).collect();
        let subject = others.iter().rfind(|l| l.at < word.first).or(others.first());
        let subject = subject.map_or(opposite(object.what), |l| l.what);
        return make(subject, object.what, true);
    }
    if word.is_weak { None } else { lone(reader, sentence, word, is_denied) }
}

/// A comparison that names one side: the other side is implied. Advice is not a claim.
fn lone(reader: &Reader, sentence: &Sentence, word: Comparative, is_denied: bool) -> Option<Claim> {
    let (tokens, (first, end)) = (reader.tokens, sentence.tokens);
    if (first..end).any(|k| is_advice(tokens.word(k))) {
        return None;
    }
    let labels: Vec<Label<Side>> = sentence.sides.iter().map(|s| s.0).collect();
    let numbers = [Span { first: word.first, last: word.last }];
    let scene = Scene { tokens, labels: &labels, numbers: &numbers, ranges: &[] };
    match scene.attach().first() {
        Some(Found::One(side)) => {
            Some(Claim { subject: *side, object: opposite(*side), word, is_denied, is_explicit: false })
        }
        _ => None,
    }
}

/// Checks "1.45 m/s is faster than 1.40 m/s": without sides, the numbers identify the facts.
fn plain_numbers(reader: &Reader, sentence: &Sentence, pairs: &[Pair], problems: &mut Vec<Problem>) {
    let (tokens, language) = (reader.tokens, reader.language);
    let (first, end) = sentence.tokens;
    let Some(word) = (first..end).find_map(|i| reader.comparative(i)) else { return };
    let Some(than) = (word.last + 1..end).find(|&k| is_than(tokens, k, language)) else { return };
    let is_denied = (first..word.first).any(|k| is_negation(tokens, k, language));
    let values = |facts: &Fact, is_before: bool| {
        reader.known.iter().filter(|f| std::ptr::eq(f.fact, facts)).any(|f| {
            sentence.groups.iter().any(|g| {
                let at = reader.numbers[g.members[0].first].first;
                (at < than) == is_before && reader.explains(f, &g.members) && reader.fits_unit(f, &g.members)
            })
        })
    };
    for pair in pairs {
        let sign = match (
            values(pair.first, true) && values(pair.second, false),
            values(pair.second, true) && values(pair.first, false),
        ) {
            (true, false) => 1,
            (false, true) => -1,
            _ => continue,
        };
        let turn = if word.sense == Sense::Speed && pair.is_time() { -1 } else { 1 };
        let actual = match pair.verdict {
            Verdict::Greater => sign,
            Verdict::Less => -sign,
            Verdict::WithinUncertainty => 0,
        };
        let is_right = if is_denied { actual != word.sign * turn } else { actual == word.sign * turn };
        let is_hedged = actual == 0 && is_hedged(tokens, sentence.tokens, language);
        if !is_right && !is_hedged {
            problems.push(Problem::WrongDirection {
                text: text_of(reader, sentence, word.first),
                expected: pair.describe(),
            });
        }
    }
}

//! Checks numbers, units, sides and joints against the facts. Pure.

use super::attach::Found;
use super::compare::is_negation;
use super::direction;
use super::known::{Known, Part, known};
use super::numbers::{NumberMention, scan};
use super::places::{Group, Reader, Sentence};
use super::tokens::Tokens;
use super::{Allowed, Language, Problem};
use crate::llm::fact::{Facts, Side};

/// Numbers, sides and joints in the question.
struct Question {
    numbers: Vec<(NumberMention, Found<Side>)>,
    sides: Vec<Side>,
    joints: Vec<&'static str>,
}

impl Question {
    fn read(text: &str, known: &[Known], language: Language, names: &[&str]) -> Self {
        let tokens = Tokens::new(text, language, names);
        let numbers = scan(&tokens, language);
        let sentences = Reader::new(&tokens, language, &numbers, known).sentences();
        let stated = sentences.iter().flat_map(|s| &s.groups).flat_map(|g| {
            let members = g.members.iter().flat_map(|e| std::iter::once(e.first).chain(e.second));
            members.map(|k| (numbers[k].clone(), g.side))
        });
        Question {
            numbers: stated.collect(),
            sides: sentences.iter().flat_map(|s| &s.sides).map(|s| s.0.what).collect(),
            joints: sentences.iter().flat_map(|s| &s.joints).map(|j| j.what).collect(),
        }
    }

    /// Whether the question contains the number with the same unit and side.
    fn has(&self, mention: &NumberMention, side: Found<Side>) -> bool {
        self.numbers.iter().any(|(asked, asked_side)| {
            asked.value == mention.value
                && (asked.unit == mention.unit || asked.unit.is_none() || mention.unit.is_none())
                && (*asked_side == side || *asked_side == Found::None || side == Found::None)
        })
    }
}

fn only<T: Copy + PartialEq>(all: &[T]) -> Option<T> {
    let first = *all.first()?;
    all.iter().all(|x| *x == first).then_some(first)
}

/// Labels that apply if a sentence names none.
#[derive(Clone, Copy, Default)]
struct Defaults {
    side: Option<Side>,
    joint: Option<&'static str>,
}

struct Check<'a, 't> {
    reader: Reader<'a, 't>,
    question: Question,
    problems: Vec<Problem>,
}

/// All problems of the text.
pub(super) fn check(text: &str, facts: &Facts, language: Language, allowed: &Allowed) -> Vec<Problem> {
    let known = known(facts);
    let tokens = Tokens::new(text, language, allowed.names);
    let numbers = scan(&tokens, language);
    let reader = Reader::new(&tokens, language, &numbers, &known);
    let sentences = reader.sentences();
    let question = Question::read(allowed.question, &known, language, allowed.names);
    let names_no_side = sentences.iter().all(|s| s.sides.is_empty() && !s.has_both);
    let asked = Defaults {
        side: only(&question.sides).filter(|_| names_no_side),
        joint: only(&question.joints).filter(|_| sentences.iter().all(|s| s.joints.is_empty())),
    };
    let mut check = Check { reader, question, problems: Vec::new() };
    let mut heading = None;
    for sentence in &sentences {
        heading = check.heading(sentence, heading);
        check.sentence(sentence, Defaults { side: heading.or(asked.side), ..asked });
    }
    let mut problems = check.problems;
    for sentence in &sentences {
        direction::check(&check.reader, facts, sentence, &mut problems);
    }
    problems.dedup();
    problems
}

impl Check<'_, '_> {
    /// The side that a heading gives to the lines below, such as "Left leg:" on its own line.
    fn heading(&self, sentence: &Sentence, current: Option<Side>) -> Option<Side> {
        let tokens = self.reader.tokens;
        let (first, end) = sentence.tokens;
        let words: Vec<&str> = (first..end).map(|i| tokens.word(i)).filter(|w| !w.is_empty()).collect();
        if !sentence.groups.is_empty() || words.is_empty() {
            return current;
        }
        let sides: Vec<Side> = sentence.sides.iter().map(|s| s.0.what).collect();
        if words.last() == Some(&":") || (words[0] == "#" && words.len() < 8) { only(&sides) } else { current }
    }

    fn sentence(&mut self, sentence: &Sentence, defaults: Defaults) {
        for k in 0..sentence.groups.len() {
            if let Err(problems) = self.group(sentence, k, defaults) {
                self.problems.extend(problems);
            }
        }
        for (label, is_named) in &sentence.sides {
            let has_fact = self.reader.known.iter().any(|f| f.fact.side == label.what);
            if *is_named && !has_fact && !self.question.sides.contains(&label.what) {
                let text = self.reader.tokens.slice(label.at, label.at).to_owned();
                self.problems.push(Problem::WrongSide { text, expected: "no fact is about this side".to_owned() });
            }
        }
    }

    fn text(&self, group: &Group) -> String {
        let all = || group.members.iter().flat_map(|e| [Some(e.first), e.second]).flatten();
        let numbers = self.reader.numbers;
        match (all().map(|k| numbers[k].first).min(), all().map(|k| numbers[k].last).max()) {
            (Some(first), Some(last)) => self.reader.tokens.slice(first, last).to_owned(),
            _ => String::new(),
        }
    }

    fn group(&self, sentence: &Sentence, k: usize, defaults: Defaults) -> Result<(), Vec<Problem>> {
        let group = &sentence.groups[k];
        let reader = &self.reader;
        let (side, joint) = labels(sentence, group, defaults);
        let candidates: Vec<&Known> = reader.known.iter().filter(|f| reader.explains(f, &group.members)).collect();
        let fits = |f: &&Known, s: Option<Side>| {
            reader.fits_unit(f, &group.members)
                && s.is_none_or(|s| f.fits_side(s))
                && joint.iter().any(|j| j.is_none_or(|j| f.fits_joint(j)))
        };
        let holds = match side {
            Found::None => candidates.iter().any(|f| fits(f, None)),
            Found::One(s) => candidates.iter().any(|f| fits(f, Some(s))),
            Found::All(x, y) => [x, y].iter().all(|&s| candidates.iter().any(|f| fits(f, Some(s)))),
            Found::Either(x, y) => [x, y].iter().any(|&s| candidates.iter().any(|f| fits(f, Some(s)))),
        };
        if !holds {
            let is_named =
                candidates.iter().any(|f| reader.fits_unit(f, &group.members) && reader.names(f, sentence.tokens));
            let excuse = self.excuse(sentence, group, side, is_named);
            return excuse.ok_or_else(|| self.explain(group, &candidates, side, &joint));
        }
        let is_side = |f: &&Known| match side {
            Found::None => true,
            Found::One(s) => f.fits_side(s),
            Found::All(x, y) | Found::Either(x, y) => f.fits_side(x) || f.fits_side(y),
        };
        let fitting: Vec<&Known> = candidates.into_iter().filter(|f| fits(f, None) && is_side(f)).collect();
        self.interval_ends(sentence, group, &fitting)?;
        self.bracketed(sentence, group, k)?;
        self.both(sentence, group, &fitting)
    }

    /// Accepts a number that no fact has if the question contains it, or if it is the zero within an interval. The
    /// question does not excuse the number of a fact whose quantity is named beside it.
    fn excuse(&self, sentence: &Sentence, group: &Group, side: Found<Side>, is_named: bool) -> Option<()> {
        let numbers = self.reader.numbers;
        let asked = |k: usize| self.question.has(&numbers[k], side);
        let is_asked = !is_named && group.members.iter().all(|e| asked(e.first) && e.second.is_none_or(asked));
        let is_zero = matches!(group.members[..], [e] if e.second.is_none() && numbers[e.first].value == 0.0);
        let (first, end) = sentence.tokens;
        let has_cue = (first..end).any(|i| {
            [
                "includ",
                "contain",
                "cross",
                "span",
                "enthält",
                "schließt",
                "umfasst",
                "compren",
                "contien",
                "inclu",
                "abarca",
            ]
            .iter()
            .any(|cue| self.reader.tokens.word(i).starts_with(cue))
        });
        let spans_zero = |f: &Known| f.fact.low.is_some_and(|l| l <= 0.0) && f.fact.high.is_some_and(|h| h >= 0.0);
        let is_denied = (first..end).any(|i| is_negation(self.reader.tokens, i, self.reader.language));
        let is_meant = |f: &Known| {
            let others = sentence.groups.iter().filter(|g| g.members[0].first != group.members[0].first);
            let mut others = others.peekable();
            others.peek().is_none() || others.any(|g| self.reader.explains(f, &g.members))
        };
        let holds_zero = |f: &Known| f.fact.low.is_some() && is_meant(f) && spans_zero(f) != is_denied;
        (is_asked || (is_zero && has_cue && self.reader.known.iter().any(holds_zero))).then_some(())
    }

    /// The problems of a group that no fact explains.
    fn explain(&self, group: &Group, candidates: &[&Known], side: Found<Side>, joint: &[Option<&str>]) -> Vec<Problem> {
        let text = self.text(group);
        let reader = &self.reader;
        let Some(first) = candidates.first() else { return self.unknown(group, text) };
        let with_unit: Vec<&&Known> = candidates.iter().filter(|f| reader.fits_unit(f, &group.members)).collect();
        let Some(best) = with_unit.first() else {
            let unit = if first.fact.unit == "1" {
                "a plain number, without unit".to_owned()
            } else {
                first.fact.unit.clone()
            };
            return vec![Problem::WrongUnit { text, expected: unit }];
        };
        let is_side = |f: &&&Known| match side {
            Found::None => true,
            Found::One(s) | Found::All(s, _) | Found::Either(s, _) => f.fits_side(s),
        };
        let has_joint = with_unit.iter().any(|f| joint.iter().any(|j| j.is_none_or(|j| f.fits_joint(j))));
        if has_joint && (side != Found::None || !with_unit.iter().any(is_side)) {
            return vec![Problem::WrongSide { text, expected: best.describe() }];
        }
        vec![Problem::WrongJoint { text, expected: best.describe() }]
    }

    fn unknown(&self, group: &Group, text: String) -> Vec<Problem> {
        let numbers = self.reader.numbers;
        let all = group.members.iter().flat_map(|e| [Some(e.first), e.second]).flatten();
        let is_known = |k: &usize| self.reader.known.iter().any(|f| f.any_part(&numbers[*k]).is_some());
        let unknown: Vec<Problem> = all
            .filter(|k| !is_known(k))
            .map(|k| Problem::UnknownNumber {
                text: self.reader.tokens.slice(numbers[k].first, numbers[k].last).to_owned(),
            })
            .collect();
        if unknown.is_empty() {
            return vec![Problem::NotAnInterval { text, expected: "no fact has these two ends".to_owned() }];
        }
        unknown
    }

    /// Checks the end of an interval that stands alone: it needs a word that marks it as an end.
    fn interval_ends(&self, sentence: &Sentence, group: &Group, fitting: &[&Known]) -> Result<(), Vec<Problem>> {
        let [element] = group.members[..] else { return Ok(()) };
        let mention = &self.reader.numbers[element.first];
        let is_end = element.second.is_none()
            && fitting.iter().all(|f| matches!(f.any_part(mention), Some(Part::Low | Part::High)));
        if !is_end || self.has_interval_word(sentence, mention.first) {
            return Ok(());
        }
        let expected = fitting.first().map(|f| f.describe()).unwrap_or_default();
        Err(vec![Problem::NotAnInterval { text: self.text(group), expected }])
    }

    fn has_interval_word(&self, sentence: &Sentence, number: usize) -> bool {
        const STEMS: &[&str] = &[
            "interval",
            "intervall",
            "range",
            "rango",
            "bereich",
            "bound",
            "limit",
            "lower",
            "upper",
            "untere",
            "obere",
            "untergrenze",
            "obergrenze",
            "inférieur",
            "supérieur",
            "inferior",
            "superior",
            "least",
            "most",
            "mindestens",
            "höchstens",
            "minim",
            "maxim",
            "spann",
            "fourchette",
            "grenze",
        ];
        let tokens = self.reader.tokens;
        let (first, end) = sentence.tokens;
        let has_noun = (first..end).any(|i| {
            let word = tokens.word(i);
            // "Range of motion" is a quantity, not an interval.
            let is_motion = ["mo", "mouv"].iter().any(|stem| tokens.word(i + 2).starts_with(stem));
            matches!(word, "low" | "high" | "±" | "[")
                || (STEMS.iter().any(|stem| word.starts_with(stem)) && !is_motion)
        });
        let leads = |back| {
            matches!(
                tokens.before(number, back),
                "up" | "down" | "from" | "bis" | "hasta" | "jusqu" | "desde" | "von" | "between" | "zwischen" | "entre"
            )
        };
        has_noun || (1..3).any(leads)
    }

    /// Checks an interval in brackets, which must belong to the number before it: "1.45 m (1.20 to 1.58)".
    fn bracketed(&self, sentence: &Sentence, group: &Group, k: usize) -> Result<(), Vec<Problem>> {
        let ([element], Some(previous)) = (&group.members[..], k.checked_sub(1).map(|p| &sentence.groups[p])) else {
            return Ok(());
        };
        let (numbers, tokens) = (self.reader.numbers, self.reader.tokens);
        let [before] = &previous.members[..] else { return Ok(()) };
        let (from, to) = (numbers[before.first].last + 1, numbers[element.first].first);
        let opens = (from..to).any(|i| matches!(tokens.word(i), "(" | "["));
        let has_label = sentence.sides.iter().any(|s| (from..to).contains(&s.0.at))
            || sentence.joints.iter().any(|j| (from..to).contains(&j.at));
        if element.second.is_none() || before.second.is_some() || !opens || has_label {
            return Ok(());
        }
        let both = [*before, *element];
        if self.reader.known.iter().any(|f| self.reader.explains(f, &both)) {
            return Ok(());
        }
        let text = self.text(group);
        Err(vec![Problem::NotAnInterval { text, expected: "it is the interval of another number".to_owned() }])
    }

    /// Checks a number of both sides: "both knees bent 63.1°" needs that number on both sides, or both numbers in the
    /// sentence.
    fn both(&self, sentence: &Sentence, group: &Group, fitting: &[&Known]) -> Result<(), Vec<Problem>> {
        let Some(first) = fitting.first() else { return Ok(()) };
        let is_sided = fitting.iter().all(|f| f.fact.side == first.fact.side)
            && matches!(first.fact.side, Side::Left | Side::Right);
        if !sentence.has_both || !sentence.sides.is_empty() || !is_sided {
            return Ok(());
        }
        let is_other = |f: &Known| {
            f.fact.side == super::places::opposite(first.fact.side) && f.fact.quantity == first.fact.quantity
        };
        let has_other = sentence
            .groups
            .iter()
            .any(|g| self.reader.known.iter().any(|f| is_other(f) && self.reader.explains(f, &g.members)));
        if has_other {
            return Ok(());
        }
        Err(vec![Problem::WrongSide { text: self.text(group), expected: first.describe() }])
    }
}

/// Side and joints of a group, or the defaults if the sentence names none.
fn labels(sentence: &Sentence, group: &Group, defaults: Defaults) -> (Found<Side>, Vec<Option<&'static str>>) {
    let side = match (group.side, defaults.side) {
        (Found::None, Some(side)) if sentence.sides.is_empty() => Found::One(side),
        (found, _) => found,
    };
    let joint = match group.joint {
        Found::None => vec![defaults.joint.filter(|_| sentence.joints.is_empty())],
        Found::One(j) => vec![Some(j)],
        Found::All(x, y) | Found::Either(x, y) => vec![Some(x), Some(y)],
    };
    (side, joint)
}

//! The positions of numbers and intervals in one sentence, and their sides and joints. Pure.

use super::Language;
use super::attach::{Found, Label, Scene, Span};
use super::compare::{Comparative, comparative};
use super::joints::{joint, segment};
use super::known::{Known, Part};
use super::lexicon::{is_both, is_other_side, plain_side, side, unsure_side};
use super::numbers::NumberMention;
use super::parting::weight;
use super::quantities::Quantities;
use super::tokens::{Kind, Tokens};
use crate::llm::fact::Side;

/// One number, or the two numbers of an interval.
#[derive(Debug, Clone, Copy)]
pub(super) struct Element {
    /// The number, or the lower end.
    pub(super) first: usize,
    /// The upper end of an interval.
    pub(super) second: Option<usize>,
}

/// Numbers that belong to one fact: a value and its interval.
#[derive(Debug, Clone)]
pub(super) struct Group {
    /// The members.
    pub(super) members: Vec<Element>,
    /// The side according to word order.
    pub(super) side: Found<Side>,
    /// The joint according to word order.
    pub(super) joint: Found<&'static str>,
}

/// A sentence.
pub(super) struct Sentence {
    /// First token, and the one after the last.
    pub(super) tokens: (usize, usize),
    /// Its numbers.
    pub(super) groups: Vec<Group>,
    /// Its sides. The flag is true if the word itself names the side, not "the other".
    pub(super) sides: Vec<(Label<Side>, bool)>,
    /// Its joints.
    pub(super) joints: Vec<Label<&'static str>>,
    /// Whether it is about both sides.
    pub(super) has_both: bool,
    /// Whether it is a question.
    pub(super) is_question: bool,
}

/// A whole text with its tokens, numbers and facts.
pub(super) struct Reader<'a, 't> {
    /// Its tokens.
    pub(super) tokens: &'a Tokens<'t>,
    /// Its language.
    pub(super) language: Language,
    /// Its numbers.
    pub(super) numbers: &'a [NumberMention],
    /// The parsed facts.
    pub(super) known: &'a [Known<'a>],
    /// Where it names the facts' quantities.
    quantities: Quantities,
}

impl<'a, 't> Reader<'a, 't> {
    /// Puts together what is known about a text.
    pub(super) fn new(
        tokens: &'a Tokens<'t>,
        language: Language,
        numbers: &'a [NumberMention],
        known: &'a [Known<'a>],
    ) -> Self {
        Reader { tokens, language, numbers, known, quantities: Quantities::new(tokens, known) }
    }

    /// The sentences of the text.
    pub(super) fn sentences(&self) -> Vec<Sentence> {
        let mut last_side = None;
        self.tokens.sentences().into_iter().map(|range| self.sentence(range, &mut last_side)).collect()
    }

    fn sentence(&self, range: (usize, usize), last_side: &mut Option<Side>) -> Sentence {
        let elements = self.elements(range);
        let mut sides = Vec::new();
        let mut joints = Vec::new();
        for i in range.0..range.1 {
            if let Some(what) = self.side(i, range, &elements) {
                *last_side = Some(what);
                sides.push((Label { at: i, what }, true));
            } else if let (true, Some(last)) = (self.is_other_side(i), *last_side) {
                sides.push((Label { at: i, what: opposite(last) }, false));
            }
            if let Some(what) = self.joint(i) {
                joints.push(Label { at: i, what });
            }
        }
        let mut groups = self.groups(&elements, &sides);
        let ranges = self.ranges(&elements);
        let labels: Vec<Label<Side>> = sides.iter().map(|s| s.0).collect();
        for (k, found) in self.attach(&labels, &groups, &ranges, |f| matches!(f.fact.side, Side::None | Side::Both)) {
            groups[k].side = found;
        }
        for (k, found) in self.attach(&joints, &groups, &ranges, |f| f.joint.is_none()) {
            groups[k].joint = found;
        }
        Sentence {
            tokens: range,
            groups,
            sides,
            joints,
            has_both: (range.0..range.1).any(|i| is_both(self.tokens.word(i)) && !self.quantities.holds(i)),
            is_question: self.tokens.before(range.1, 1) == "?" || self.tokens.word(range.0) == "¿",
        }
    }

    /// The side that token `i` of a sentence names.
    fn side(&self, i: usize, range: (usize, usize), elements: &[Element]) -> Option<Side> {
        side(self.tokens, i, self.language)
            .or_else(|| plain_side(self.tokens.word(i)).filter(|_| self.quantities.starts_at(i + 1)))
            .or_else(|| {
                let unsure = unsure_side(self.tokens, i, self.language)?;
                (self.is_only_side(i, range) && self.has_number_of_a_side(i, elements)).then_some(unsure)
            })
    }

    /// Whether the clause around token `i` names no side for certain.
    fn is_only_side(&self, i: usize, range: (usize, usize)) -> bool {
        let is_joined = |k: &usize| weight(self.tokens, *k) == 0;
        let is_free = |k: usize| side(self.tokens, k, self.language).is_none();
        (range.0..i).rev().take_while(is_joined).all(is_free) && (i + 1..range.1).take_while(is_joined).all(is_free)
    }

    /// Whether a fact of one side explains some number; a time if the word after token `i` speaks of one.
    fn has_number_of_a_side(&self, i: usize, elements: &[Element]) -> bool {
        let is_about_time = matches!(self.tokens.word(i + 1), "time" | "moment");
        let explains = |f: &Known| {
            let is_it = |e: &Element| self.explains(f, &[*e]) && self.fits_unit(f, &[*e]);
            elements.iter().any(is_it)
        };
        self.known.iter().any(|f| f.is_sided() && (f.is_time() || !is_about_time) && explains(f))
    }

    /// Whether token `i` means the side opposite to the last one; not within the name of a quantity.
    fn is_other_side(&self, i: usize) -> bool {
        is_other_side(self.tokens, i, self.language) && !self.quantities.holds(i)
    }

    /// The joint or segment that token `i` names. In "elbow flexion of the lead arm" it is the elbow only. A joint in
    /// front of a quantity's name counts instead of one in the name, as in "the ankle shoulders peak turning speed".
    fn joint(&self, i: usize) -> Option<&'static str> {
        let before_name = self.quantities.start(i).and_then(|start| start.checked_sub(1));
        if before_name.is_some_and(|k| joint(self.tokens, k, self.language).is_some()) {
            return None;
        }
        let is_of_fact = |what: &&'static str| self.known.iter().any(|f| f.joint.as_deref() == Some(*what));
        let what = joint(self.tokens, i, self.language)
            .or_else(|| segment(self.tokens, i, self.language).filter(is_of_fact))?;
        let owner = self.quantities.owner(i).and_then(|k| self.known.get(k));
        owner.is_none_or(|f| f.fits_joint(what)).then_some(what)
    }

    /// Whether a sentence has the whole name of a fact's quantity.
    pub(super) fn names(&self, known: &Known, tokens: (usize, usize)) -> bool {
        let is_it = |k: usize| self.known.get(k).is_some_and(|f| f.fact.quantity == known.fact.quantity);
        (tokens.0..tokens.1).any(|i| self.quantities.owner(i).is_some_and(is_it))
    }

    /// The comparing word at token `i`; none within the name of a quantity.
    pub(super) fn comparative(&self, i: usize) -> Option<Comparative> {
        comparative(self.tokens, i, self.language).filter(|_| !self.quantities.holds(i))
    }

    fn ranges(&self, elements: &[Element]) -> Vec<Span> {
        let of = |e: &Element| Some(Span { first: self.numbers[e.first].first, last: self.numbers[e.second?].last });
        elements.iter().filter_map(of).collect()
    }

    /// The labels of the groups. Numbers that only facts without such a label explain are left out.
    fn attach<L: Copy + PartialEq>(
        &self,
        labels: &[Label<L>],
        groups: &[Group],
        ranges: &[Span],
        is_free: impl Fn(&Known) -> bool,
    ) -> Vec<(usize, Found<L>)> {
        if labels.is_empty() {
            return Vec::new();
        }
        let takes_part = |g: &Group| {
            let explains = |f: &&Known| self.explains(f, &g.members) && self.fits_unit(f, &g.members);
            let has_value = |f: &Known| g.members.iter().any(|e| f.is_part(&self.numbers[e.first], Part::Value));
            let (free, bound): (Vec<&Known>, Vec<&Known>) =
                self.known.iter().filter(explains).partition(|f| is_free(f));
            let is_value_of_free = free.iter().any(|f| has_value(f));
            // "0.38 m longer" is a difference, even if other facts have that number.
            let is_difference = is_value_of_free && self.is_beside_comparative(g.members[0].first);
            let is_better_free = is_value_of_free && !bound.iter().any(|f| has_value(f));
            free.is_empty() || !(bound.is_empty() || is_difference || is_better_free)
        };
        let indices: Vec<usize> = (0..groups.len()).filter(|&k| takes_part(&groups[k])).collect();
        let spans: Vec<Span> = indices.iter().map(|&k| self.span(&groups[k])).collect();
        let scene = Scene { tokens: self.tokens, labels, numbers: &spans, ranges };
        indices.into_iter().zip(scene.attach()).collect()
    }

    fn span(&self, group: &Group) -> Span {
        let all = || group.members.iter().flat_map(|e| std::iter::once(e.first).chain(e.second));
        Span {
            first: all().map(|k| self.numbers[k].first).min().unwrap_or(0),
            last: all().map(|k| self.numbers[k].last).max().unwrap_or(0),
        }
    }

    /// Whether one fact has all these numbers.
    pub(super) fn explains(&self, known: &Known, members: &[Element]) -> bool {
        members.iter().all(|e| match e.second {
            Some(second) => {
                known.is_part(&self.numbers[e.first], Part::Low) && known.is_part(&self.numbers[second], Part::High)
            }
            None if members.len() > 1 => known.any_part(&self.numbers[e.first]).is_some(),
            None => known.any_part(&self.numbers[e.first]).is_some() || self.is_magnitude(known, e.first),
        })
    }

    /// Whether a number states a negative difference by its size, as in "0.05 m shorter": the direction is checked
    /// elsewhere.
    fn is_magnitude(&self, known: &Known, number: usize) -> bool {
        let mention = &self.numbers[number];
        known.fact.value < 0.0
            && mention.value > 0.0
            && known.is_part(&NumberMention { value: -mention.value, ..mention.clone() }, Part::Value)
            && self.is_beside_comparative(number)
    }

    /// Whether a number is next to a comparative: "0.05 m shorter", "shorter by 0.05 m".
    fn is_beside_comparative(&self, number: usize) -> bool {
        let mention = &self.numbers[number];
        let is_it = |k: usize| self.comparative(k).is_some();
        let has_after = (1..3)
            .take_while(|ahead| self.tokens.kind(mention.last + ahead) == Kind::Word)
            .any(|ahead| is_it(mention.last + ahead));
        let has_before = matches!(self.tokens.before(mention.first, 1), "by" | "um" | "de" | "en")
            && (2..4).any(|back| mention.first >= back && is_it(mention.first - back));
        has_after || has_before
    }

    /// Whether the units next to the numbers, if any, are the fact's.
    pub(super) fn fits_unit(&self, known: &Known, members: &[Element]) -> bool {
        members.iter().flat_map(|e| std::iter::once(e.first).chain(e.second)).all(|k| known.fits_unit(&self.numbers[k]))
    }

    fn elements(&self, range: (usize, usize)) -> Vec<Element> {
        let inside: Vec<usize> = (0..self.numbers.len())
            .filter(|&k| (range.0..range.1).contains(&self.numbers[k].first) && !self.numbers[k].is_level)
            .collect();
        let mut found = Vec::new();
        let mut i = 0;
        while i < inside.len() {
            let pair = inside.get(i + 1).copied().filter(|&next| self.is_interval(inside[i], next));
            found.push(Element { first: inside[i], second: pair });
            i += if pair.is_some() { 2 } else { 1 };
        }
        found
    }

    /// Whether the two numbers are written as the ends of an interval, not as two values.
    fn is_interval(&self, first: usize, second: usize) -> bool {
        let (a, b) = (&self.numbers[first], &self.numbers[second]);
        if !self.stands_as_interval(a, b) {
            return false;
        }
        let is_value = |m: &NumberMention| self.known.iter().any(|f| f.is_part(m, Part::Value) && f.fits_unit(m));
        self.known.iter().any(|f| f.is_part(a, Part::Low) && f.is_part(b, Part::High)) || !(is_value(a) && is_value(b))
    }

    fn stands_as_interval(&self, a: &NumberMention, b: &NumberMention) -> bool {
        let words: Vec<&str> = (a.last + 1..b.first).map(|k| self.tokens.word(k)).collect();
        match words[..] {
            ["-" | "–" | "—" | "\u{2212}" | "\u{2011}" | "to" | "bis" | "à" | "a" | "hasta" | "through" | "…"]
            | ["." | "up", "." | "to"]
            | ["bis", "zu"]
            | ["jusqu", "'" | "’", "à"] => true,
            ["and" | "und" | "et" | "y" | "e"] => {
                (1..4).any(|back| matches!(self.tokens.before(a.first, back), "between" | "zwischen" | "entre"))
            }
            ["," | ";"] => {
                matches!(self.tokens.before(a.first, 1), "[" | "(") && matches!(self.tokens.word(b.last + 1), "]" | ")")
            }
            _ => false,
        }
    }

    /// Groups a value and its interval if one fact explains both and no side stands between them.
    fn groups(&self, elements: &[Element], sides: &[(Label<Side>, bool)]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for &element in elements {
            if let Some(last) = groups.last_mut() {
                let end = self.span(last).last;
                let is_near = !sides.iter().any(|s| s.0.at > end && s.0.at < self.numbers[element.first].first);
                let mut members = last.members.clone();
                members.push(element);
                if is_near && self.is_value_with_interval(&members) {
                    last.members = members;
                    continue;
                }
            }
            groups.push(Group { members: vec![element], side: Found::None, joint: Found::None });
        }
        groups
    }

    fn is_value_with_interval(&self, members: &[Element]) -> bool {
        let is_plain_value =
            |e: &Element, f: &Known| e.second.is_none() && f.is_part(&self.numbers[e.first], Part::Value);
        let values = |f: &Known| members.iter().filter(|e| is_plain_value(e, f)).count();
        let is_value_of_any = |e: &Element| self.known.iter().any(|f| is_plain_value(e, f));
        let n_values = members.iter().filter(|e| is_value_of_any(e)).count();
        n_values <= 1 && self.known.iter().any(|f| values(f) <= 1 && self.explains(f, members))
    }
}

/// The opposite side.
pub(super) fn opposite(side: Side) -> Side {
    match side {
        Side::Left => Side::Right,
        Side::Right => Side::Left,
        other => other,
    }
}

//! Assigns labels (sides, joints) to numbers by word order and the marks between them. Pure.

use super::parting::{is_article, is_contrast, is_coordinator, is_filler, is_pointer, is_reference, is_than, weight};
use super::tokens::{Kind, Tokens};

/// A label and its token.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Label<L> {
    /// The token.
    pub(super) at: usize,
    /// The side or joint that it names.
    pub(super) what: L,
}

/// The tokens of a number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    /// First token.
    pub(super) first: usize,
    /// Last token, unit included.
    pub(super) last: usize,
}

/// The labels that belong to a number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Found<L> {
    /// No label is near.
    None,
    /// One label.
    One(L),
    /// Two labels: "left and right 1.45 m".
    All(L, L),
    /// One of two labels; word order does not determine which.
    Either(L, L),
}

/// The positions of labels and numbers in one sentence.
pub(super) struct Scene<'a, 't, L> {
    /// The text.
    pub(super) tokens: &'a Tokens<'t>,
    /// Labels in order.
    pub(super) labels: &'a [Label<L>],
    /// Numbers in order.
    pub(super) numbers: &'a [Span],
    /// "between A and B": spans whose inner words do not separate.
    pub(super) ranges: &'a [Span],
}

impl<L: Copy + PartialEq> Scene<'_, '_, L> {
    /// How strongly the tokens between `from` and `to` (both excluded) separate them.
    fn barrier(&self, from: usize, to: usize) -> i32 {
        (from + 1..to)
            .filter(|&k| !self.ranges.iter().any(|r| r.first <= k && k <= r.last))
            .map(|k| match self.tokens.word(k) {
                // "Left: 1.45 m" belongs together; after a longer phrase a colon separates.
                ":" => i32::from(!self.labels.iter().any(|l| l.at + 1 == k)),
                "," if self.is_topic(k) => 0,
                _ => weight(self.tokens, k),
            })
            .sum()
    }

    /// Whether a comma follows "On the left" or similar at the start of a sentence.
    fn is_topic(&self, comma: usize) -> bool {
        let is_start = |k: usize| {
            k == 0 || self.tokens.kind(k - 1) == Kind::Break || matches!(self.tokens.word(k - 1), "." | "!" | "?")
        };
        self.labels
            .first()
            .is_some_and(|l| l.at + 1 == comma && (0..4).any(|back| l.at >= back && is_start(l.at - back)))
    }

    fn back(&self, number: Span, label: Label<L>) -> i32 {
        self.barrier(label.at, number.first)
    }

    fn ahead(&self, number: Span, label: Label<L>) -> i32 {
        let mut between = (number.last + 1..label.at).map(|k| self.tokens.word(k));
        let words: Vec<&str> = between.by_ref().collect();
        let is_tight = words.iter().any(|w| is_pointer(w))
            && words.iter().all(|w| is_pointer(w) || is_article(w))
            && !(words.contains(&"(") && self.opens_own_number(label));
        if is_tight { -1 } else { self.barrier(number.last, label.at) }
    }

    /// Whether a label in brackets has its own number there: "(right: 60.2°)".
    fn opens_own_number(&self, label: Label<L>) -> bool {
        let next = self.numbers.iter().find(|n| n.first > label.at);
        next.is_some_and(|n| (label.at..n.first).all(|k| self.tokens.word(k) != ")"))
    }

    fn between(&self, x: Label<L>, y: Label<L>, test: impl Fn(&str) -> bool) -> bool {
        (x.at + 1..y.at).any(|k| test(self.tokens.word(k)))
    }

    /// Whether only "and" or similar stands between two labels: "the left and the right".
    fn is_coordinated(&self, x: Label<L>, y: Label<L>) -> bool {
        self.between(x, y, is_coordinator)
            && (x.at + 1..y.at).all(|k| {
                let word = self.tokens.word(k);
                (is_coordinator(word) || is_filler(word)) && word != ","
            })
    }

    /// Whether order alone assigns two labels to two numbers: "more than the right: 63.1° versus 60.2°".
    fn is_ordered(&self, x: Label<L>, y: Label<L>) -> bool {
        x.what != y.what
            && (self.is_coordinated(x, y) || (self.between(x, y, is_than) && !self.between(x, y, |w| w == ",")))
    }

    /// Whether word order leaves open which of two labels a following number belongs to.
    fn is_open(&self, x: Label<L>, y: Label<L>) -> bool {
        self.between(x, y, is_than) || self.barrier(x.at, y.at) == 0
    }

    /// Whether a label is a reference, after which the text is about the other side: "Compared with the right".
    fn is_reference(&self, label: Label<L>) -> bool {
        (1..5).any(|back| is_reference(self.tokens.before(label.at, back)))
    }

    /// The labels of each number.
    pub(super) fn attach(&self) -> Vec<Found<L>> {
        let mut found = Vec::with_capacity(self.numbers.len());
        let mut run = 0;
        while run < self.numbers.len() {
            let start = self.numbers[run].first;
            let before: Vec<Label<L>> = self.labels.iter().copied().filter(|l| l.at < start).collect();
            let next = self.labels.iter().position(|l| l.at > start);
            let limit = next.map_or(usize::MAX, |k| self.labels[k].at);
            let end = run + self.numbers[run..].iter().take_while(|n| n.first < limit).count();
            let following = self.numbers.get(end).map_or(usize::MAX, |n| n.first);
            let after: Vec<Label<L>> =
                self.labels.iter().copied().filter(|l| l.at > start && l.at < following).collect();
            let previous = run.checked_sub(1).map(|k| self.numbers[k]);
            let before: Vec<Label<L>> = before.into_iter().filter(|l| previous.is_none_or(|p| l.at > p.last)).collect();
            let before = self.free(&before, previous);
            self.attach_run(&before, &after, (run, end), &mut found);
            run = end;
        }
        found
    }

    /// Labels before a run of numbers that do not belong to the number before them.
    fn free(&self, before: &[Label<L>], previous: Option<Span>) -> Vec<Label<L>> {
        match (previous, before) {
            (Some(previous), [first, rest @ ..])
                if !rest.is_empty()
                    && (self.ahead(previous, *first) <= 0 || self.labels.iter().all(|l| l.at > previous.last)) =>
            {
                rest.to_vec()
            }
            _ => before.to_vec(),
        }
    }

    fn attach_run(&self, before: &[Label<L>], after: &[Label<L>], run: (usize, usize), found: &mut Vec<Found<L>>) {
        let numbers = &self.numbers[run.0..run.1];
        if let ([first, second], [.., x, y]) = (numbers, before)
            && self.is_ordered(*x, *y)
            && after.first().is_none_or(|z| self.back(*second, *y) < self.ahead(*second, *z))
            && self.back(*first, *y) <= self.back(*second, *y)
        {
            found.extend([Found::One(x.what), Found::One(y.what)]);
            return;
        }
        if let ([first, second], [x, y, ..]) = (numbers, after)
            && x.what != y.what
            && self.is_coordinated(*x, *y)
            && self.ahead(*second, *x) <= 0
            && before.last().is_none_or(|z| self.back(*first, *z) >= 2)
        {
            found.extend([Found::One(x.what), Found::One(y.what)]);
            return;
        }
        if let ([first, second], [y], []) = (numbers, before, after)
            && let Some(x) = self.labels.iter().rfind(|l| l.at < y.at).filter(|x| x.what != y.what)
            && [first, second].iter().all(|n| self.ranges.iter().any(|r| r.first == n.first && r.last == n.last))
        {
            // "1.45 m left and 1.40 m right, with intervals of 1.27 to 1.64 m and 1.21 to 1.58 m"
            found.extend([Found::One(x.what), Found::One(y.what)]);
            return;
        }
        for &number in numbers {
            found.push(self.attach_one(number, before, after, run.1));
        }
    }

    fn attach_one(&self, number: Span, before: &[Label<L>], after: &[Label<L>], end: usize) -> Found<L> {
        let back = before.last().map(|l| self.back(number, *l));
        let ahead = after.first().map(|l| self.ahead(number, *l));
        let is_number_first = self.numbers.first().is_some_and(|n| self.labels.first().is_some_and(|l| n.first < l.at));
        match (back, ahead) {
            (None, None) => self.far(number),
            (Some(back), Some(ahead)) if ahead < back || (ahead == back && is_number_first) => {
                self.pick_after(after, end)
            }
            (None, Some(_)) => self.pick_after(after, end),
            (Some(_), _) if after.is_empty() && self.is_set_against(number, before) => Found::None,
            (Some(_), _) => self.pick_before(before),
        }
    }

    /// Whether a number contrasts with the labels before it: in "the left takes 1.45 m as opposed to 1.40 m" the second
    /// number is not the left's.
    fn is_set_against(&self, number: Span, before: &[Label<L>]) -> bool {
        let previous = self.numbers.iter().rfind(|n| n.last < number.first);
        let is_after = |n: &Span| before.last().is_some_and(|l| n.first > l.at);
        previous.is_some_and(|p| is_after(p) && (p.last + 1..number.first).any(|k| is_contrast(self.tokens.word(k))))
    }

    /// The label of a number without a label between it and its neighbors: the last label before it still applies.
    fn far(&self, number: Span) -> Found<L> {
        self.labels.iter().rfind(|l| l.at < number.first).map_or(Found::None, |l| Found::One(l.what))
    }

    fn pick_before(&self, before: &[Label<L>]) -> Found<L> {
        match before {
            [.., x, y] if x.what != y.what && self.is_coordinated(*x, *y) => Found::All(x.what, y.what),
            [.., x, y] if x.what != y.what && !self.is_reference(*x) && self.is_open(*x, *y) => {
                Found::Either(x.what, y.what)
            }
            [.., y] => Found::One(y.what),
            [] => Found::None,
        }
    }

    fn pick_after(&self, after: &[Label<L>], end: usize) -> Found<L> {
        match after {
            [x, y, ..] if x.what != y.what && self.is_coordinated(*x, *y) => {
                let is_taken = self.numbers.get(end).is_some_and(|n| after.len() == 2 && self.back(*n, *y) < 2);
                if is_taken { Found::One(x.what) } else { Found::All(x.what, y.what) }
            }
            [x, ..] => Found::One(x.what),
            [] => Found::None,
        }
    }
}

//! Stability of metrics: the same movement in pictures that were altered. People are matched by their places, values
//! are brought to the original's sides, and their spread is computed. Pure.

use std::collections::BTreeMap;

/// The place of a person in a frame.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    /// The middle of the hips, pixels of the original.
    pub(crate) hips_px: [f64; 2],
    /// The larger side of the box around the body, pixels of the original.
    pub(crate) size_px: f64,
}

/// The places of people, by person and frame.
pub(crate) type Places = BTreeMap<u16, BTreeMap<u32, Place>>;

/// The distance up to which two bodies are at the same place, as a share of their size.
const SAME_PLACE: f64 = 0.25;
/// The share of common frames in which two people must be at the same place.
const SAME_PERSON: f64 = 0.5;

/// Returns the person of the original that each person of a variant is. A person of the original is found at most once:
/// those who are at the same place for the longest time come first.
#[must_use]
pub(crate) fn same_people(original: &Places, variant: &Places) -> BTreeMap<u16, u16> {
    let mut pairs = Vec::new();
    for (&person, track) in original {
        for (&other, other_track) in variant {
            let common: Vec<bool> = track
                .iter()
                .filter_map(|(frame_idx, place)| Some(is_same_place(place, other_track.get(frame_idx)?)))
                .collect();
            let n_same = common.iter().filter(|is_same| **is_same).count();
            if n_same > 0 && n_same as f64 >= SAME_PERSON * common.len() as f64 {
                pairs.push((std::cmp::Reverse(n_same), person, other));
            }
        }
    }
    pairs.sort_unstable();
    let mut people = BTreeMap::new();
    for (_, person, other) in pairs {
        if !people.contains_key(&other) && !people.values().any(|known| *known == person) {
            people.insert(other, person);
        }
    }
    people
}

fn is_same_place(one: &Place, other: &Place) -> bool {
    let distance_px = (one.hips_px[0] - other.hips_px[0]).hypot(one.hips_px[1] - other.hips_px[1]);
    distance_px <= SAME_PLACE * one.size_px.max(other.size_px)
}

/// The side or the name that stands for it in a mirrored picture: every word `left` is `right`, and the reverse.
#[must_use]
pub(crate) fn other_side(name: &str) -> String {
    let exchanged = |word: &str| match word {
        "left" => "right".to_owned(),
        "right" => "left".to_owned(),
        other => other.to_owned(),
    };
    name.split('_').map(exchanged).collect::<Vec<_>>().join("_")
}

/// How a value changes when left and right are exchanged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum WhenMirrored {
    /// Not at all.
    #[default]
    Same,
    /// It has the opposite sign.
    Negated,
    /// It is a percentage of right to left, and becomes that of left to right.
    Inverted,
}

impl WhenMirrored {
    /// Returns the meaning of a word in the header of an SQL file; `None` if the word is unknown.
    #[must_use]
    pub(crate) fn of_word(word: &str) -> Option<Self> {
        match word {
            "same" => Some(Self::Same),
            "negated" => Some(Self::Negated),
            "inverted" => Some(Self::Inverted),
            _ => None,
        }
    }
}

/// A value with its 95 % interval. Each may be missing.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Measurement {
    /// The value.
    pub(crate) value: Option<f64>,
    /// The lower end.
    pub(crate) low: Option<f64>,
    /// The upper end.
    pub(crate) high: Option<f64>,
}

impl Measurement {
    /// Returns the measurement with left and right exchanged.
    #[must_use]
    pub(crate) fn mirrored(self, when: WhenMirrored) -> Self {
        let Self { value, low, high } = self;
        let inverted = |percent: f64| Some(1e4 / percent).filter(|percent| percent.is_finite());
        match when {
            WhenMirrored::Same => self,
            WhenMirrored::Negated => {
                Self { value: value.map(|it| -it), low: high.map(|it| -it), high: low.map(|it| -it) }
            }
            WhenMirrored::Inverted => {
                // An end at or below zero has no counterpart.
                let positive = |end: Option<f64>| end.filter(|percent| *percent > 0.0).and_then(inverted);
                Self { value: value.and_then(inverted), low: positive(high), high: positive(low) }
            }
        }
    }

    /// Returns half of the width of the interval; 0 for a value without one.
    fn half_width(self) -> f64 {
        self.low.zip(self.high).map_or(0.0, |(low, high)| (high - low) / 2.0)
    }

    /// Returns whether two values differ by at most the root of the sum of the squares of their half-widths.
    fn agrees_with(self, other: Self) -> Option<bool> {
        let difference = (self.value? - other.value?).abs();
        Some(difference <= self.half_width().hypot(other.half_width()).max(1e-9))
    }
}

/// The spread of a metric over variants.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Spread {
    /// The number of variants in which the metric has a value.
    pub(crate) n_found: u32,
    /// The mean of these values.
    pub(crate) mean: Option<f64>,
    /// Their standard deviation; `None` for fewer than two.
    pub(crate) standard_deviation: Option<f64>,
    /// The lowest of them.
    pub(crate) lowest: Option<f64>,
    /// The highest of them.
    pub(crate) highest: Option<f64>,
    /// The number of variants that agree with the original; `None` if the original has no value.
    pub(crate) n_agree: Option<u32>,
}

/// Returns the spread of a metric over the variants that have it.
#[must_use]
pub(crate) fn spread(original: Measurement, variants: &[Measurement]) -> Spread {
    let values: Vec<f64> = variants.iter().filter_map(|variant| variant.value).collect();
    let n = values.len() as f64;
    let mean = (!values.is_empty()).then(|| values.iter().sum::<f64>() / n);
    let squares = |mean: f64| values.iter().map(|value| (value - mean).powi(2)).sum::<f64>();
    let agreeing = variants.iter().filter(|variant| original.agrees_with(**variant) == Some(true)).count();
    Spread {
        n_found: values.len() as u32,
        mean,
        standard_deviation: mean.filter(|_| values.len() > 1).map(|mean| (squares(mean) / (n - 1.0)).sqrt()),
        lowest: values.iter().copied().reduce(f64::min),
        highest: values.iter().copied().reduce(f64::max),
        n_agree: original.value.map(|_| agreeing as u32),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn measurement(value: f64, half_width: f64) -> Measurement {
        Measurement { value: Some(value), low: Some(value - half_width), high: Some(value + half_width) }
    }

    /// A person who walks to the right, 2 pixels a frame, from x.
    fn walker(frames: std::ops::Range<u32>, x: f64) -> BTreeMap<u32, Place> {
        let place = |frame| Place { hips_px: [x + 2.0 * f64::from(frame), 100.0], size_px: 80.0 };
        frames.map(|frame| (frame, place(frame))).collect()
    }

    #[test]
    fn people_are_those_at_the_same_place_whatever_their_ids() {
        let original: Places = [(0, walker(0..50, 0.0)), (1, walker(0..50, 200.0)), (2, walker(0..3, 400.0))].into();
        // The ids are exchanged; the first person is lost after half of the time and found again as another one.
        let variant: Places =
            [(0, walker(0..50, 206.0)), (1, walker(0..30, 3.0)), (2, walker(30..50, 3.0)), (3, walker(0..50, 900.0))]
                .into();
        assert_eq!(same_people(&original, &variant), [(0, 1), (1, 0)].into());
        assert_eq!(same_people(&original, &Places::new()), BTreeMap::new());
    }

    #[test]
    fn two_people_who_meet_stay_apart() {
        let standing = |x: f64| (0..100).map(|frame| (frame, Place { hips_px: [x, 100.0], size_px: 80.0 })).collect();
        let original: Places = [(0, walker(0..100, 0.0)), (1, standing(100.0))].into();
        let variant: Places = [(5, standing(101.0)), (7, walker(0..100, 1.0))].into();
        assert_eq!(same_people(&original, &variant), [(5, 1), (7, 0)].into());
    }

    #[test]
    fn sides_are_exchanged_in_names() {
        assert_eq!(["left", "right", "both", "none"].map(other_side), ["right", "left", "both", "none"]);
        assert_eq!(other_side("left_wrist_smoothness"), "right_wrist_smoothness");
        assert_eq!(other_side("upright_share"), "upright_share");
    }

    #[test]
    fn a_ratio_of_sides_is_turned_over_with_its_interval() {
        let percent = Measurement { value: Some(80.0), low: Some(50.0), high: Some(125.0) };
        let turned = Measurement { value: Some(125.0), low: Some(80.0), high: Some(200.0) };
        assert_eq!(percent.mirrored(WhenMirrored::Inverted), turned);
        let vague = Measurement { low: Some(-1.0), ..percent };
        assert_eq!(vague.mirrored(WhenMirrored::Inverted), Measurement { high: None, ..turned });
        assert_eq!(measurement(3.0, 1.0).mirrored(WhenMirrored::Negated), measurement(-3.0, 1.0));
        assert_eq!(WhenMirrored::of_word("inverted"), Some(WhenMirrored::Inverted));
        assert_eq!(WhenMirrored::of_word("upside_down"), None);
    }

    #[test]
    fn the_spread_of_four_variants_worked_out_by_hand() {
        // 13 is 3 away from 10, and hypot(2, 1) = 2.24; 12 is 2 away.
        let variants = [measurement(9.0, 1.0), measurement(12.0, 1.0), measurement(13.0, 1.0), Measurement::default()];
        let spread = spread(measurement(10.0, 2.0), &variants);
        assert_eq!((spread.n_found, spread.n_agree), (3, Some(2)));
        assert_eq!((spread.lowest, spread.highest), (Some(9.0), Some(13.0)));
        assert!((spread.mean.unwrap() - 34.0 / 3.0).abs() < 1e-12);
        // Squares of the distances from the mean: 49/9, 4/9, 25/9.
        assert!((spread.standard_deviation.unwrap() - (78.0_f64 / 9.0 / 2.0).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn what_is_missing_has_no_spread() {
        assert_eq!(spread(measurement(1.0, 0.1), &[]), Spread { n_agree: Some(0), ..Spread::default() });
        let only = spread(Measurement::default(), &[measurement(4.0, 0.0)]);
        assert_eq!((only.n_found, only.mean, only.standard_deviation, only.n_agree), (1, Some(4.0), None, None));
        // A count has no interval, and agrees with the same count only.
        let count = Measurement { value: Some(3.0), low: None, high: None };
        assert_eq!(spread(count, &[count, measurement(4.0, 0.0)]).n_agree, Some(1));
    }

    proptest! {
        #[test]
        fn a_spread_lies_around_its_mean(values in prop::collection::vec(-1e3..1e3_f64, 1..9)) {
            let variants: Vec<Measurement> = values.iter().map(|value| measurement(*value, 1.0)).collect();
            let spread = spread(measurement(0.0, 1.0), &variants);
            let (lowest, mean, highest) = (spread.lowest.unwrap(), spread.mean.unwrap(), spread.highest.unwrap());
            prop_assert!(lowest - 1e-9 <= mean && mean <= highest + 1e-9);
            prop_assert!(spread.standard_deviation.unwrap_or_default() <= highest - lowest + 1e-9);
            prop_assert!(spread.n_agree.unwrap() <= spread.n_found && spread.n_found as usize == values.len());
        }

        #[test]
        fn mirrored_twice_is_the_same(value in 1.0..500.0_f64, half_width in 0.0..0.9_f64) {
            let it = measurement(value, value * half_width);
            for when in [WhenMirrored::Same, WhenMirrored::Negated, WhenMirrored::Inverted] {
                let twice = it.mirrored(when).mirrored(when);
                for (one, other) in [(it.value, twice.value), (it.low, twice.low), (it.high, twice.high)] {
                    prop_assert!((one.unwrap() - other.unwrap()).abs() < 1e-9 * value);
                }
            }
        }
    }
}

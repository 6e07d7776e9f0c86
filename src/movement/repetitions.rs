//! Finds repetitions of any movement, without knowledge of the exercise.
//!
//! Of all candidate series (joint angles, heights) the one that repeats most clearly is counted: autocorrelation at
//! its period times variance, over the variance of its noise. Each repetition goes from rest to a turning point and
//! back to rest. Three votes decide which extreme is the rest: where the series begins, where it ends, and where it
//! spends more time. A caller that knows the exercise can say it instead ([`count_turns`]). A clip that begins and ends
//! at turning points is otherwise counted from turn to turn.

use super::jump::Moment;
use super::peaks::{Peak, PeakRule, find_peaks};
use super::series::{crossing_s, fill_gaps, mean_and_spread, median, nearest_index, quantile, value_at};

/// A candidate series.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Signal<'a> {
    /// The filtered values, one per frame; NaN is missing.
    pub(crate) values: &'a [f64],
    /// The range from which the series counts as a movement, in its unit (for example 20 degrees).
    pub(crate) min_range: f64,
}

/// One repetition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Repetition {
    /// The moment at which rest is left.
    pub(crate) start: Moment,
    /// The turning point, farthest from rest.
    pub(crate) turn: Moment,
    /// The moment at which rest is reached again.
    pub(crate) end: Moment,
    /// The distance from rest (the mean of before and after) to the turning point, in the signal's unit, at least 0.
    pub(crate) depth: f64,
    /// The duration (end - start), seconds.
    pub(crate) duration_s: f64,
    /// The time from start to turn, seconds: the eccentric phase of squats, the concentric one of curls.
    pub(crate) to_turn_s: f64,
    /// The time from turn to end, seconds.
    pub(crate) from_turn_s: f64,
}

/// A turning point that is not counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Partial {
    /// What is seen of the repetition. A way that is outside the clip ends at the clip's end.
    pub(crate) seen: Repetition,
    /// Why it is not counted.
    pub(crate) reason: PartialReason,
}

/// The reason why a repetition is not counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PartialReason {
    /// At an end of the clip: the way from or to rest is outside it.
    Cut,
    /// Less deep than asked for.
    Shallow,
}

impl PartialReason {
    /// Returns the reason's name in tables.
    #[must_use]
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Shallow => "shallow",
        }
    }
}

/// A set of repetitions.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Repetitions {
    /// The index of the signal that was counted.
    pub(crate) signal: usize,
    /// Whether the turning points are the signal's highest (or else its lowest) values.
    pub(crate) turns_are_maxima: bool,
    /// The complete repetitions, sorted by time.
    pub(crate) repetitions: Vec<Repetition>,
    /// The turning points that are not counted, sorted by time.
    pub(crate) partial: Vec<Partial>,
    /// The rate of the set per minute, from the median time between turning points. It includes shallow ones, as the
    /// next values do.
    pub(crate) per_minute: f64,
    /// The standard deviation of the depth divided by its mean.
    pub(crate) depth_variation: f64,
    /// The standard deviation of the duration divided by its mean.
    pub(crate) duration_variation: f64,
    /// The autocorrelation at the period, -1..=1; NaN if it has no peak.
    pub(crate) periodicity: f64,
}

/// The smallest difference between turning points and rests, as a share of the signal's range.
const MIN_PROMINENCE: f64 = 0.35;
/// The shortest time between two turning points, seconds.
const MIN_PERIOD_S: f64 = 0.3;
/// The distance from rest, as a share of the depth, at which a repetition begins and ends.
const REST_SHARE: f64 = 0.1;
/// The smallest length of one way of a complete repetition, as a share of the usual depth.
const WHOLE_SHARE: f64 = 0.6;
/// The smallest autocorrelation of a repeating signal, or, at changing tempo, the largest variation of the depths.
/// Two movements are a set only if both hold.
const MIN_PERIODICITY: f64 = 0.3;
const MAX_DEPTH_VARIATION: f64 = 0.25;
/// The longest period that is searched for, as a share of the clip, and in seconds: a person who takes longer does
/// something else in between. (Without the limit the work grows with the square of the clip's length.)
const MAX_LAG_SHARE: f64 = 0.6;
const MAX_PERIOD_S: f64 = 60.0;
/// The share of the highest autocorrelation peak from which an earlier peak is the period; the higher one is then a
/// multiple of it.
const FIRST_PEAK_SHARE: f64 = 0.85;
/// The share of the range below which noise does not matter.
const NOISE_FLOOR: f64 = 0.01;
const MAX_GAP_S: f64 = 0.5;

/// Returns the repetitions in the signal that repeats most clearly; `None` if no signal repeats (standing, a single
/// movement). Repetitions less deep than `min_depth` are partial ones; it is in the unit of the signals.
#[must_use]
pub(crate) fn find_repetitions(times_s: &[f64], signals: &[Signal], min_depth: Option<f64>) -> Option<Repetitions> {
    let mut candidates: Vec<Candidate> = signals
        .iter()
        .enumerate()
        .filter(|(_, signal)| signal.values.len() == times_s.len())
        .filter_map(|(index, signal)| Candidate::new(times_s, index, signal))
        .collect();
    candidates.sort_by(|a, b| b.clearness.total_cmp(&a.clearness));
    candidates.iter().find_map(|candidate| candidate.repetitions(times_s, candidate.rests_low(), min_depth))
}

/// Counts a signal again, with turning points at its highest values or at its lowest. Returns `None` if the signal does
/// not repeat in this way.
#[must_use]
pub(crate) fn count_turns(
    times_s: &[f64],
    (index, signal): (usize, &Signal),
    turns_are_maxima: bool,
    min_depth: Option<f64>,
) -> Option<Repetitions> {
    Candidate::new(times_s, index, signal)?.repetitions(times_s, turns_are_maxima, min_depth)
}

struct Candidate {
    signal: usize,
    values: Vec<f64>,
    range: f64,
    periodicity: f64,
    /// The periodic variance divided by the noise variance.
    clearness: f64,
}

impl Candidate {
    fn new(times_s: &[f64], signal: usize, source: &Signal) -> Option<Self> {
        let values = fill_gaps(times_s, source.values, MAX_GAP_S);
        let even = without_trend(&evenly(times_s, &values)?);
        let range = quantile(&even, 0.98) - quantile(&even, 0.02);
        if range < source.min_range || range <= 0.0 {
            return None;
        }
        let periodicity = periodicity(times_s, &even);
        let (_, spread, _) = mean_and_spread(&even)?;
        // Second differences of white noise have six times its variance; those of slow movements are small.
        let bends: Vec<f64> = even.windows(3).map(|w| w[0] - 2.0 * w[1] + w[2]).collect();
        let noise = bends.iter().map(|bend| bend * bend).sum::<f64>() / (6.0 * bends.len() as f64);
        let clearness = periodicity.max(0.0) * spread * spread / (noise + (NOISE_FLOOR * range).powi(2));
        Some(Self { signal, values, range, periodicity, clearness })
    }

    fn repetitions(&self, times_s: &[f64], turns_are_maxima: bool, min_depth: Option<f64>) -> Option<Repetitions> {
        let sign = if turns_are_maxima { 1.0 } else { -1.0 };
        let values: Vec<f64> = self.values.iter().map(|value| sign * value).collect();
        let rule =
            PeakRule { min_prominence: MIN_PROMINENCE * self.range, min_distance_s: MIN_PERIOD_S, min_height: None };
        let turns = turning_points(times_s, &values, &rule);
        let cycles: Vec<Cycle> = (0..turns.len())
            .map(|index| {
                let first = if index == 0 { 0 } else { turns[index - 1].index };
                let last = turns.get(index + 1).map_or(values.len() - 1, |turn| turn.index);
                Cycle::new(times_s, &values, [first, turns[index].index, last], turns[index].time_s)
            })
            .collect();
        let usual = median(&cycles.iter().flat_map(|cycle| cycle.ways).collect::<Vec<_>>());
        let is_whole = |cycle: &Cycle| cycle.ways.iter().all(|&way| way >= WHOLE_SHARE * usual);
        // A shallow repetition counts within the set, but at the ends of the clip it is only a part of one.
        let last = cycles.len().saturating_sub(1);
        let (mut set, mut partial) = (Vec::new(), Vec::new());
        for (index, cycle) in cycles.iter().enumerate() {
            if (index > 0 && index < last) || is_whole(cycle) {
                set.push(cycle.repetition);
            } else {
                partial.push(Partial { seen: cycle.repetition, reason: PartialReason::Cut });
            }
        }
        let summary = self.summary(turns_are_maxima, set, partial)?;
        Some(summary.of_depth(min_depth.unwrap_or(0.0)))
    }

    fn summary(
        &self,
        turns_are_maxima: bool,
        repetitions: Vec<Repetition>,
        partial: Vec<Partial>,
    ) -> Option<Repetitions> {
        let variation = |value: fn(&Repetition) -> f64| {
            let values: Vec<f64> = repetitions.iter().map(value).collect();
            mean_and_spread(&values).map(|(mean, spread, _)| spread / mean)
        };
        let depth_variation = variation(|repetition| repetition.depth)?;
        let duration_variation = variation(|repetition| repetition.duration_s)?;
        let is_alike = depth_variation <= MAX_DEPTH_VARIATION;
        let is_periodic = self.periodicity >= MIN_PERIODICITY;
        let repeats = match repetitions.len() {
            0 | 1 => false,
            2 => is_alike && is_periodic,
            _ => is_alike || is_periodic,
        };
        if !repeats {
            return None;
        }
        let periods: Vec<f64> = repetitions.windows(2).map(|pair| pair[1].turn.time_s - pair[0].turn.time_s).collect();
        Some(Repetitions {
            signal: self.signal,
            turns_are_maxima,
            per_minute: 60.0 / median(&periods),
            depth_variation,
            duration_variation,
            periodicity: self.periodicity,
            repetitions,
            partial,
        })
    }

    /// Returns whether rest is at the low values, by two of three votes: the beginning, the end, the time spent.
    fn rests_low(&self) -> bool {
        let middle = f64::midpoint(quantile(&self.values, 0.02), quantile(&self.values, 0.98));
        let mut seen = self.values.iter().copied().filter(|value| value.is_finite());
        let votes = [seen.next(), seen.next_back(), Some(median(&self.values))];
        votes.into_iter().flatten().filter(|&value| value < middle).count() >= 2
    }
}

impl Repetitions {
    /// Counts those repetitions alone that are as deep as `min_depth`; the others are partial ones.
    fn of_depth(mut self, min_depth: f64) -> Self {
        let (deep, shallow): (Vec<Repetition>, Vec<Repetition>) =
            self.repetitions.iter().partition(|it| it.depth >= min_depth);
        self.repetitions = deep;
        self.partial.extend(shallow.into_iter().map(|seen| Partial { seen, reason: PartialReason::Shallow }));
        self.partial.sort_by(|a, b| a.seen.turn.time_s.total_cmp(&b.seen.turn.time_s));
        self
    }
}

/// Returns the peaks of a series that is taken to be at rest before its beginning and after its end, so that a
/// repetition that the clip shows only in part has a turning point too.
fn turning_points(times_s: &[f64], values: &[f64], rule: &PeakRule) -> Vec<Peak> {
    let rest = values.iter().copied().filter(|value| value.is_finite()).fold(f64::INFINITY, f64::min);
    let [Some(first_s), Some(last_s)] = [times_s.first(), times_s.last()] else { return Vec::new() };
    let padded_times_s: Vec<f64> = [first_s - 1.0].iter().chain(times_s).chain(&[last_s + 1.0]).copied().collect();
    let padded: Vec<f64> = [rest].iter().chain(values).chain(&[rest]).copied().collect();
    let inside = |peak: Peak| Peak { index: peak.index - 1, time_s: peak.time_s.clamp(*first_s, *last_s), ..peak };
    find_peaks(&padded_times_s, &padded, rule).into_iter().map(inside).collect()
}

/// A turning point with its ways from and to rest.
struct Cycle {
    repetition: Repetition,
    ways: [f64; 2],
}

impl Cycle {
    /// Creates the cycle of the maximum at `turn`, between the turning points (or ends of the clip) before and after
    /// it.
    fn new(times_s: &[f64], values: &[f64], [first, turn, last]: [usize; 3], turn_s: f64) -> Self {
        let lowest = |from: usize, to: usize| values[from..=to].iter().copied().fold(f64::INFINITY, f64::min);
        let rests = [lowest(first, turn), lowest(turn, last)];
        let ways = rests.map(|rest| values[turn] - rest);
        let limits = [rests[0] + REST_SHARE * ways[0], rests[1] + REST_SHARE * ways[1]];
        let is_down = |limit: f64| move |index: &usize| values[*index] <= limit;
        let before = (first..turn).rev().find(is_down(limits[0])).unwrap_or(first);
        let after = (turn + 1..=last).find(is_down(limits[1])).unwrap_or(last);
        let crossing = |a: usize, b: usize, limit: f64| crossing_s(times_s[a], values[a], times_s[b], values[b], limit);
        let start_s = crossing(before, (before + 1).min(turn), limits[0]);
        let end_s = crossing(after - 1, after, limits[1]);
        let moment = |time_s: f64| Moment { frame: nearest_index(times_s, time_s), time_s };
        let repetition = Repetition {
            start: moment(start_s),
            turn: Moment { frame: turn, time_s: turn_s },
            end: moment(end_s),
            depth: f64::midpoint(ways[0], ways[1]),
            duration_s: end_s - start_s,
            to_turn_s: turn_s - start_s,
            from_turn_s: end_s - turn_s,
        };
        Self { repetition, ways }
    }
}

/// Resamples the series to the same number of even times, from its first to its last valid value; `None` for fewer
/// than 8 or with gaps.
fn evenly(times_s: &[f64], values: &[f64]) -> Option<Vec<f64>> {
    let first = values.iter().position(|value| value.is_finite())?;
    let last = values.iter().rposition(|value| value.is_finite())?;
    let n = last - first + 1;
    if n < 8 {
        return None;
    }
    let step_s = (times_s[last] - times_s[first]) / (n - 1) as f64;
    let at = |index: usize| value_at(times_s, values, (times_s[first] + index as f64 * step_s).min(times_s[last]));
    let even: Vec<f64> = (0..n).map(at).collect();
    even.iter().all(|value| value.is_finite()).then_some(even)
}

/// Removes the mean and the linear trend.
fn without_trend(values: &[f64]) -> Vec<f64> {
    let middle = 0.5 * (values.len() - 1) as f64;
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let offset = |index: usize| index as f64 - middle;
    let spread: f64 = (0..values.len()).map(|index| offset(index).powi(2)).sum();
    let rise = values.iter().enumerate().map(|(index, value)| offset(index) * (value - mean)).sum::<f64>() / spread;
    values.iter().enumerate().map(|(index, value)| value - mean - rise * offset(index)).collect()
}

/// Returns the autocorrelation of an even series at its period: the first of its highest peaks. NaN if there is no
/// peak.
fn periodicity(times_s: &[f64], even: &[f64]) -> f64 {
    let n = even.len();
    let step_s = (times_s[times_s.len() - 1] - times_s[0]) / (times_s.len() - 1) as f64;
    let last_lag = (MAX_LAG_SHARE * n as f64).min((MAX_PERIOD_S / step_s).ceil()) as usize;
    let squares = |total: &mut f64, value: &f64| {
        *total += value * value;
        Some(*total)
    };
    // The energies of the first and of the last 1, 2, 3, ... values.
    let first: Vec<f64> = even.iter().scan(0.0, squares).collect();
    let last: Vec<f64> = even.iter().rev().scan(0.0, squares).collect();
    let correlation = |lag: usize| {
        let n_pairs = n - lag;
        let product = even.iter().zip(&even[lag..]).map(|(a, b)| a * b).sum::<f64>();
        product / (first[n_pairs - 1] * last[n_pairs - 1]).sqrt()
    };
    let correlations: Vec<f64> = (0..=last_lag).map(correlation).collect();
    let lags_s: Vec<f64> = (0..=last_lag).map(|lag| lag as f64 * step_s).collect();
    let any = PeakRule { min_prominence: 0.05, min_distance_s: 0.0, min_height: None };
    let peaks: Vec<f64> = find_peaks(&lags_s, &correlations, &any)
        .iter()
        .filter(|peak| peak.time_s >= MIN_PERIOD_S)
        .map(|peak| peak.height)
        .collect();
    let highest = peaks.iter().copied().fold(f64::NAN, f64::max);
    peaks.into_iter().find(|&height| height >= FIRST_PEAK_SHARE * highest).unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests;

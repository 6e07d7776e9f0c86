//! Finds the peaks of a series, by the rules of `scipy.signal.find_peaks`.
//!
//! A peak is a sample, or a plateau of equal samples, with lower ones directly beside it on both sides. The ends of
//! the series and samples beside a missing value (NaN) are not peaks. Rules apply in scipy's order: height, distance,
//! prominence.

/// The conditions for peaks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct PeakRule {
    /// The minimum prominence: the height above the higher of the two lowest points between the peak and a higher one
    /// (or the series' end).
    pub(crate) min_prominence: f64,
    /// The minimum time between two peaks, seconds: of two closer peaks the higher one stays.
    pub(crate) min_distance_s: f64,
    /// The minimum value at the peak.
    pub(crate) min_height: Option<f64>,
}

/// A peak.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Peak {
    /// The index of the peak's sample; the middle one of a plateau, the earlier one of two.
    pub(crate) index: usize,
    /// The time of the peak between samples: the top of the parabola through the peak and its neighbors, or the
    /// middle of a plateau.
    pub(crate) time_s: f64,
    /// The value at the sample.
    pub(crate) height: f64,
    /// Height above the higher of the two lowest points between the peak and a higher one (or the series' end).
    pub(crate) prominence: f64,
}

/// The rounding tolerance of distances, seconds.
const SAME_TIME_S: f64 = 1e-9;

/// Returns the peaks of `values` that satisfy `rule`, sorted by time. For distances in samples pass the sample
/// numbers as times.
#[must_use]
pub(crate) fn find_peaks(times_s: &[f64], values: &[f64], rule: &PeakRule) -> Vec<Peak> {
    let mut plateaus = local_maxima(values);
    if let Some(min_height) = rule.min_height {
        plateaus.retain(|plateau| values[plateau.middle()] >= min_height);
    }
    keep_distance(times_s, values, &mut plateaus, rule.min_distance_s);
    plateaus
        .into_iter()
        .map(|plateau| Peak {
            index: plateau.middle(),
            time_s: peak_time_s(times_s, values, plateau),
            height: values[plateau.middle()],
            prominence: prominence(values, plateau.middle()),
        })
        .filter(|peak| peak.prominence >= rule.min_prominence)
        .collect()
}

/// The first and last sample of a peak's flat top.
#[derive(Debug, Clone, Copy)]
struct Plateau {
    first: usize,
    last: usize,
}

impl Plateau {
    fn middle(self) -> usize {
        usize::midpoint(self.first, self.last)
    }
}

fn local_maxima(values: &[f64]) -> Vec<Plateau> {
    let mut found = Vec::new();
    let mut first = 1;
    while first + 1 < values.len() {
        let mut next = first + 1;
        if values[first - 1] < values[first] {
            while next + 1 < values.len() && values[next] == values[first] {
                next += 1;
            }
            if values[next] < values[first] {
                found.push(Plateau { first, last: next - 1 });
            }
        }
        first = next;
    }
    found
}

/// Drops peaks that are too near to a higher one, starting from the highest; of equal peaks the later one stays, as
/// in scipy.
fn keep_distance(times_s: &[f64], values: &[f64], plateaus: &mut Vec<Plateau>, min_distance_s: f64) {
    let mut by_height: Vec<usize> = (0..plateaus.len()).collect();
    by_height.sort_by(|&a, &b| values[plateaus[a].middle()].total_cmp(&values[plateaus[b].middle()]));
    let time_s = |position: usize| times_s[plateaus[position].middle()];
    let mut is_kept = vec![true; plateaus.len()];
    for &position in by_height.iter().rev() {
        if !is_kept[position] {
            continue;
        }
        let is_near = |other: usize| (time_s(other) - time_s(position)).abs() < min_distance_s - SAME_TIME_S;
        for other in (0..position).rev().take_while(|&other| is_near(other)) {
            is_kept[other] = false;
        }
        for other in (position + 1..plateaus.len()).take_while(|&other| is_near(other)) {
            is_kept[other] = false;
        }
    }
    let mut kept = is_kept.into_iter();
    plateaus.retain(|_| kept.next() == Some(true));
}

fn prominence(values: &[f64], peak: usize) -> f64 {
    let height = values[peak];
    let lowest = |sample: f64, low: f64| if sample < low { sample } else { low };
    let left = values[..peak].iter().rev().take_while(|&&v| v <= height).fold(height, |low, &v| lowest(v, low));
    let right = values[peak..].iter().take_while(|&&v| v <= height).fold(height, |low, &v| lowest(v, low));
    height - left.max(right)
}

fn peak_time_s(times_s: &[f64], values: &[f64], plateau: Plateau) -> f64 {
    if plateau.first != plateau.last {
        return f64::midpoint(times_s[plateau.first], times_s[plateau.last]);
    }
    vertex_time_s(times_s, values, plateau.first)
}

/// Returns the time of the highest (or lowest) point of the parabola through sample `index` and its two neighbors,
/// kept between these; the sample's own time if it does not have two neighbors or they lie on a line.
#[must_use]
pub(crate) fn vertex_time_s(times_s: &[f64], values: &[f64], index: usize) -> f64 {
    if index == 0 || index + 1 >= values.len() {
        return times_s[index];
    }
    let (before_s, after_s) = (times_s[index] - times_s[index - 1], times_s[index + 1] - times_s[index]);
    let before = (values[index] - values[index - 1]) / before_s;
    let after = (values[index + 1] - values[index]) / after_s;
    let bend = after - before;
    if !bend.is_finite() || bend == 0.0 {
        return times_s[index];
    }
    let slope = (before * after_s + after * before_s) / (before_s + after_s);
    (times_s[index] - slope * (before_s + after_s) / (2.0 * bend)).clamp(times_s[index - 1], times_s[index + 1])
}

#[cfg(test)]
mod tests;

//! Shortens curves so that they look the same: the smallest and the largest value of each stretch stay.
//!
//! This is the "min/max decimation" of spreadsheets and oscilloscopes. Averages would remove the peaks, and peaks are
//! what people look for.

/// The maximum number of points kept per stretch: smallest, largest, and a missing one, so that a gap stays a gap.
const POINTS_OF_A_STRETCH: usize = 3;

/// Shortens a curve to at most `max_points` (at least 5), in chronological order. Both ends, the smallest and the
/// largest value stay; every point is one of the original. A shorter curve is returned unchanged. NaN counts as
/// missing.
#[must_use]
pub(crate) fn decimate(times_s: &[f64], values: &[Option<f64>], max_points: usize) -> (Vec<f64>, Vec<Option<f64>>) {
    let len = times_s.len().min(values.len());
    let value = |index: usize| values[index].filter(|value| value.is_finite());
    if len <= max_points.max(2 + POINTS_OF_A_STRETCH) {
        return (times_s[..len].to_vec(), (0..len).map(value).collect());
    }
    let stretches = (max_points.saturating_sub(2) / POINTS_OF_A_STRETCH).max(1);
    let mut kept = vec![0];
    for stretch in 0..stretches {
        let first = 1 + stretch * (len - 2) / stretches;
        let last = 1 + (stretch + 1) * (len - 2) / stretches;
        kept.extend(extremes(first..last, &value));
    }
    kept.push(len - 1);
    (kept.iter().map(|&index| times_s[index]).collect(), kept.iter().map(|&index| value(index)).collect())
}

/// Returns the indices of the smallest, the largest and the first missing value of a stretch, ascending.
fn extremes(stretch: std::ops::Range<usize>, value: &impl Fn(usize) -> Option<f64>) -> Vec<usize> {
    let known = || stretch.clone().filter_map(|index| value(index).map(|value| (index, value)));
    let smallest = known().min_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index);
    let largest = known().max_by(|a, b| a.1.total_cmp(&b.1)).map(|(index, _)| index);
    let missing = stretch.clone().find(|&index| value(index).is_none());
    let mut kept: Vec<usize> = [smallest, largest, missing].into_iter().flatten().collect();
    kept.sort_unstable();
    kept.dedup();
    kept
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_single_spike_stays() {
        let times_s: Vec<f64> = (0..10_000).map(f64::from).collect();
        let mut values = vec![Some(0.0); 10_000];
        values[4_321] = Some(170.0);
        values[7_777] = Some(-30.0);
        let (kept_s, kept) = decimate(&times_s, &values, 100);
        assert!(kept.len() <= 100);
        assert_eq!(kept_s[kept.iter().position(|value| *value == Some(170.0)).unwrap()], 4_321.0);
        assert_eq!(kept_s[kept.iter().position(|value| *value == Some(-30.0)).unwrap()], 7_777.0);
    }

    #[test]
    fn a_gap_stays_a_gap() {
        let times_s: Vec<f64> = (0..1_000).map(f64::from).collect();
        let values: Vec<Option<f64>> = (0..1_000).map(|frame| (!(500..510).contains(&frame)).then_some(1.0)).collect();
        assert!(decimate(&times_s, &values, 60).1.contains(&None));
    }

    #[test]
    fn short_curves_stay() {
        let values = [Some(1.0), Some(f64::NAN), None];
        assert_eq!(decimate(&[0.0, 0.1, 0.2], &values, 4_000), (vec![0.0, 0.1, 0.2], vec![Some(1.0), None, None]));
        assert_eq!(decimate(&[], &[], 10), (vec![], vec![]));
    }

    proptest! {
        #[test]
        fn ends_and_extremes_stay_and_order_holds(
            values in prop::collection::vec(prop::option::weighted(0.9, -200.0..200.0_f64), 0..3_000),
            max_points in 5_usize..500,
        ) {
            let times_s: Vec<f64> = (0..values.len()).map(|frame| frame as f64 / 50.0).collect();
            let (kept_s, kept) = decimate(&times_s, &values, max_points);
            prop_assert!(kept.len() <= max_points);
            prop_assert!(kept_s.is_sorted_by(|a, b| a < b));
            prop_assert_eq!(kept_s.first(), times_s.first());
            prop_assert_eq!(kept_s.last(), times_s.last());
            let ends = |values: &[Option<f64>]| {
                let known = || values.iter().flatten().copied();
                (known().reduce(f64::min), known().reduce(f64::max))
            };
            prop_assert_eq!(ends(&kept), ends(&values));
            for (time_s, value) in kept_s.iter().zip(&kept) {
                let index = times_s.iter().position(|time| time == time_s).unwrap();
                prop_assert_eq!(value, &values[index]);
            }
        }
    }
}

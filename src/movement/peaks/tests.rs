//! Reference numbers are those of scipy 1.17.1 (`scipy.signal.find_peaks`).

use super::*;
use proptest::prelude::*;

const ANY: PeakRule = PeakRule { min_prominence: 0.0, min_distance_s: 0.0, min_height: None };

const WALK: [f64; 60] = [
    -1.0, -2.0, -2.5, -2.0, -1.0, -0.5, -1.5, -2.0, -1.5, 0.5, 0.5, -0.5, -1.5, 0.0, 0.0, -1.5, -1.5, -3.0, -3.5, -4.0,
    -4.5, -4.5, -4.5, -4.5, -4.5, -3.5, -5.0, -5.5, -6.5, -6.5, -8.0, -8.0, -8.0, -8.0, -9.0, -9.5, -10.5, -12.0,
    -12.0, -13.0, -11.5, -11.0, -13.0, -12.5, -14.0, -14.0, -14.0, -15.5, -16.0, -16.0, -15.5, -16.5, -15.5, -17.0,
    -17.0, -18.0, -16.5, -16.0, -13.5, -13.0,
];

fn sample_times(values: &[f64]) -> Vec<f64> {
    (0..values.len()).map(|index| index as f64).collect()
}

fn indices(values: &[f64], rule: PeakRule) -> Vec<usize> {
    find_peaks(&sample_times(values), values, &rule).iter().map(|peak| peak.index).collect()
}

#[test]
fn peaks_and_prominences_are_scipys() {
    let peaks = find_peaks(&sample_times(&WALK), &WALK, &ANY);
    let expected = [(5, 1.5), (9, 3.0), (13, 1.5), (25, 1.0), (41, 2.0), (43, 0.5), (50, 0.5), (52, 1.0)];
    assert_eq!(peaks.iter().map(|peak| (peak.index, peak.prominence)).collect::<Vec<_>>(), expected);
}

#[test]
fn rules_are_scipys() {
    let rule = |min_prominence, min_distance_s, min_height| PeakRule { min_prominence, min_distance_s, min_height };
    assert_eq!(indices(&WALK, rule(1.0, 0.0, None)), [5, 9, 13, 25, 41, 52]);
    assert_eq!(indices(&WALK, rule(0.0, 6.0, None)), [9, 25, 41, 52]);
    assert_eq!(indices(&WALK, rule(1.5, 5.0, None)), [9, 41]);
    assert_eq!(indices(&WALK, rule(0.0, 4.0, Some(2.0))), [0; 0]);
    assert_eq!(indices(&WALK, rule(1.0, 4.0, Some(0.0))), [9, 13]);
    assert_eq!(indices(&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0], rule(0.0, 3.0, None)), [1, 5]);
}

#[test]
fn plateaus_ends_and_missing_values_are_scipys() {
    let nan = f64::NAN;
    let values = [0., 1., 1., 0., 2., 2., 2., 2., 0., 3., 3., 3., 0., 1., nan, 5., 1., 4., 4.];
    let peaks = find_peaks(&sample_times(&values), &values, &ANY);
    assert_eq!(peaks.iter().map(|p| (p.index, p.prominence)).collect::<Vec<_>>(), [(1, 1.0), (5, 2.0), (10, 3.0)]);
    assert_eq!(peaks.iter().map(|p| p.time_s).collect::<Vec<_>>(), [1.5, 5.5, 10.0]);
    assert_eq!(indices(&[], ANY), [0; 0]);
    assert_eq!(indices(&[1.0], ANY), [0; 0]);
}

proptest! {
    /// Three samples of a parabola determine it, however they lie.
    #[test]
    fn the_top_of_a_parabola_is_found_between_uneven_samples(
        top_s in -0.04f64..0.04, before_s in 0.05f64..0.2, after_s in 0.05f64..0.2, bend in 0.1f64..50.0
    ) {
        let times = [-before_s, 0.0, after_s];
        let values = times.map(|time: f64| -bend * (time - top_s).powi(2));
        prop_assume!(values[1] > values[0].max(values[2]));
        let peaks = find_peaks(&times, &values, &ANY);
        prop_assert!((peaks[0].time_s - top_s).abs() < 1e-9, "{peaks:?}");
    }

    #[test]
    fn peaks_keep_their_rules(values in prop::collection::vec(-10f64..10.0, 0..80), distance in 0f64..9.0, rise in 0f64..5.0) {
        let rule = PeakRule { min_prominence: rise, min_distance_s: distance, min_height: None };
        let peaks = find_peaks(&sample_times(&values), &values, &rule);
        for peak in &peaks {
            prop_assert!(peak.prominence >= rise && values[peak.index - 1] < peak.height && values[peak.index + 1] < peak.height);
            prop_assert!((peak.time_s - peak.index as f64).abs() <= 0.5 + 1e-9, "the parabola's top is nearest to the peak");
        }
        for pair in peaks.windows(2) {
            prop_assert!((pair[1].index - pair[0].index) as f64 >= distance);
        }
    }
}

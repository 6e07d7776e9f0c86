use super::*;
use proptest::prelude::*;

mod reference;

/// The signal of the reference numbers: a sine, a drift and something like noise.
fn signal() -> Vec<f64> {
    (0..24).map(|i| 3.0 * (0.7 * f64::from(i)).sin() + 0.1 * f64::from(i) + f64::from(i * 7919 % 13) * 0.05).collect()
}

fn even_times(count: usize, rate_hz: f64) -> Vec<f64> {
    (0..count).map(|i| i as f64 / rate_hz).collect()
}

/// Times that run up to a third of an interval before and after even ones.
fn uneven_times(count: usize, rate_hz: f64) -> Vec<f64> {
    (0..count).map(|i| (i as f64 + 0.3 * (1.3 * i as f64).sin()) / rate_hz).collect()
}

fn largest_difference(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max)
}

fn assert_near(actual: &[f64], expected: &[f64], tolerance: f64) {
    let difference = largest_difference(actual, expected);
    assert!(difference <= tolerance, "differs by {difference}: {actual:?}");
}

/// The filters whose result does not depend on the direction of time, and which leave ramps as they are: all but
/// Butterworth, whose two passes begin at different ends.
const SYMMETRIC: [&str; 3] = ["savitzky_golay", "gcv_spline", "median"];

/// Gain for a sine in the middle of a long section.
fn gain(filter: &Filter, frequency_hz: f64, rate_hz: f64) -> f64 {
    let times_s = even_times((20.0 * rate_hz) as usize, rate_hz);
    let values: Vec<f64> = times_s.iter().map(|t| (std::f64::consts::TAU * frequency_hz * t).sin()).collect();
    let smoothed = filter.apply(&times_s, &values);
    let middle = values.len() / 4..values.len() * 3 / 4;
    let power = |v: &[f64]| v[middle.clone()].iter().map(|v| v * v).sum::<f64>().sqrt();
    power(&smoothed) / power(&values)
}

#[test]
fn butterworth_is_filtfilt_of_scipy() {
    let times_s = even_times(24, 30.0);
    let references = [
        (2, reference::BUTTERWORTH_2),
        (4, reference::BUTTERWORTH_4),
        (6, reference::BUTTERWORTH_6),
        (8, reference::BUTTERWORTH_8),
    ];
    for (order, expected) in references {
        let filter = Filter::Butterworth { order, cutoff_hz: 5.5 };
        assert_near(&filter.apply(&times_s, &signal()), &expected, 1e-9);
    }
    let odd = Filter::Butterworth { order: 5, cutoff_hz: 5.5 };
    assert_near(&odd.apply(&times_s, &signal()), &reference::BUTTERWORTH_4, 1e-9);
}

#[test]
fn butterworth_takes_time_stamps_rounded_to_milliseconds_for_even() {
    let rounded: Vec<f64> = even_times(24, 30.0).iter().map(|t| (t * 1000.0).round() / 1000.0).collect();
    let smoothed = Filter::Butterworth { order: 4, cutoff_hz: 5.5 }.apply(&rounded, &signal());
    assert_near(&smoothed, &reference::BUTTERWORTH_4, 1e-2);
}

/// The same movement (1 Hz and 2 Hz) seen at even and at uneven times comes out as the same movement.
#[test]
fn butterworth_is_right_at_uneven_times() {
    let movement = |t: f64| 20.0 * (6.0 * t).sin() + 5.0 * (12.5 * t).sin();
    let filter = Filter::Butterworth { order: 4, cutoff_hz: 6.0 };
    let smoothed = |times_s: &[f64]| {
        let values: Vec<f64> = times_s.iter().map(|&t| movement(t)).collect();
        filter.apply(times_s, &values)
    };
    let fine = even_times(1200, 240.0);
    let truth = smoothed(&fine);
    let uneven = uneven_times(150, 30.0);
    let mixed: Vec<f64> =
        (0..60).map(|i| f64::from(i) / 30.0).chain((0..180).map(|i| 2.0 + f64::from(i) / 60.0)).collect();
    for times_s in [uneven, mixed] {
        let curve = super::super::interpolation::CubicHermite::spline(&fine, &truth);
        for (time_s, value) in times_s.iter().zip(smoothed(&times_s)).skip(15).take(times_s.len() - 30) {
            assert!((value - curve.at(*time_s)).abs() < 0.05, "{value} at {time_s}");
        }
    }
}

#[test]
fn a_cutoff_is_not_truncated_and_ends_where_the_rate_cannot_hold_it() {
    let at = |cutoff_hz: f64| Filter::Butterworth { order: 4, cutoff_hz };
    for cutoff_hz in [5.0, 5.5, 6.0] {
        let gain = gain(&at(cutoff_hz), cutoff_hz, 60.0);
        assert!((gain - 0.5).abs() < 0.01, "{gain}");
    }
    assert_eq!(effective_cutoff_hz(5.5, 30.0), Some(5.5));
    assert_eq!(effective_cutoff_hz(6.0, 15.0), Some(6.0));
    assert_eq!(effective_cutoff_hz(6.0, 12.5), None);
    assert_eq!(effective_cutoff_hz(6.0, 5.0), None);
    // Sports2D fails here.
    let times_s = even_times(24, 5.0);
    assert_eq!(at(6.0).apply(&times_s, &signal()), signal());
    assert_ne!(at(2.0).apply(&times_s, &signal()), signal());
}

#[test]
fn savitzky_golay_is_that_of_scipy() {
    let filter = Filter::SavitzkyGolay { window_s: 0.2, degree: 2 };
    assert_near(&filter.apply(&even_times(24, 30.0), &signal()), &reference::SAVITZKY_GOLAY, 1e-10);
}

#[test]
fn smoothing_spline_is_that_of_scipy() {
    let filter = Filter::GcvSpline { smoothing: Some(2e-6) };
    assert_near(&filter.apply(&uneven_times(24, 30.0), &signal()), &reference::SPLINE, 1e-9);
}

#[test]
fn cross_validation_finds_the_least_criterion() {
    let noise = |i: i32| (f64::from(i * 7919 % 101) / 101.0 - 0.5) * 2.0;
    let values: Vec<f64> = (0..60).map(|i| 10.0 * (0.25 * f64::from(i)).sin() + noise(i)).collect();
    let smoothed = Filter::GcvSpline { smoothing: None }.apply(&uneven_times(60, 30.0), &values);
    let every_fifth: Vec<f64> = smoothed.into_iter().step_by(5).collect();
    assert_near(&every_fifth, &reference::GCV, 2e-3);
}

#[test]
fn median_takes_out_a_single_jump_and_leaves_ramps() {
    let filter = Filter::Median { window_s: 0.1 };
    let times_s = even_times(6, 30.0);
    assert_eq!(filter.apply(&times_s, &[0.0, 1.0, 90.0, 3.0, 4.0, 5.0]), [0.0, 1.0, 3.0, 4.0, 4.0, 5.0]);
    let ramp = uneven_times(50, 30.0);
    assert_eq!(filter.apply(&ramp, &ramp), ramp);
}

#[test]
fn defaults_keep_slow_movement_and_remove_noise() {
    for name in ["butterworth", "savitzky_golay", "median"] {
        let filter = Filter::with_defaults(name).unwrap();
        assert!(gain(&filter, 1.0, 60.0) > 0.9, "{name}");
        assert!(gain(&filter, 14.0, 60.0) < 0.6 * gain(&filter, 3.0, 60.0), "{name}");
    }
}

#[test]
fn each_name_has_a_valid_filter() {
    for name in Filter::names() {
        assert!(Filter::with_defaults(name).is_some_and(|filter| filter.is_valid()), "{name}");
    }
    assert_eq!(Filter::with_defaults("Median"), None);
}

#[test]
fn what_is_not_valid_leaves_values_as_they_are() {
    let (times_s, values) = (even_times(24, 30.0), signal());
    for filter in [
        Filter::Butterworth { order: 0, cutoff_hz: 6.0 },
        Filter::Butterworth { order: 4, cutoff_hz: f64::NAN },
        Filter::SavitzkyGolay { window_s: 0.0, degree: 2 },
        Filter::Median { window_s: -1.0 },
        Filter::GcvSpline { smoothing: Some(f64::INFINITY) },
    ] {
        assert!(!filter.is_valid());
        assert_eq!(filter.apply(&times_s, &values), values);
    }
}

fn any_filter() -> impl Strategy<Value = Filter> {
    let window_s = 0.01f64..2.0;
    prop_oneof![
        Just(Filter::None),
        (1u32..9, 0.2f64..40.0).prop_map(|(order, cutoff_hz)| Filter::Butterworth { order, cutoff_hz }),
        (window_s.clone(), 0u32..5).prop_map(|(window_s, degree)| Filter::SavitzkyGolay { window_s, degree }),
        prop::option::of(0.0f64..1e-3).prop_map(|smoothing| Filter::GcvSpline { smoothing }),
        window_s.prop_map(|window_s| Filter::Median { window_s }),
    ]
}

/// Sections of 0 to 40 samples whose intervals differ by up to a thousand times.
fn section() -> impl Strategy<Value = (Vec<f64>, Vec<f64>)> {
    prop::collection::vec((-3f64..0.0, -1000f64..1000.0), 0..40).prop_map(|samples| {
        let mut time_s = 100.0;
        let times_s = samples.iter().map(|(log, _)| {
            time_s += 10f64.powf(*log);
            time_s
        });
        (times_s.collect(), samples.iter().map(|(_, value)| *value).collect())
    })
}

proptest! {
    #[test]
    fn results_are_numbers_and_as_many_as_samples(filter in any_filter(), (times_s, values) in section()) {
        let smoothed = filter.apply(&times_s, &values);
        prop_assert_eq!(smoothed.len(), values.len());
        prop_assert!(smoothed.iter().all(|value| value.is_finite()), "{:?}", smoothed);
    }

    #[test]
    fn a_constant_stays(filter in any_filter(), (times_s, _) in section(), value in -1e4f64..1e4) {
        let smoothed = filter.apply(&times_s, &vec![value; times_s.len()]);
        prop_assert!(smoothed.iter().all(|v| (v - value).abs() < 1e-6 * value.abs().max(1.0)), "{:?}", smoothed);
    }

    #[test]
    fn moving_the_origin_of_value_and_time_moves_the_result(filter in any_filter(), (times_s, values) in section(), offset in -500f64..500.0) {
        // Where two smoothnesses are equally good, rounding decides between them.
        prop_assume!(filter != Filter::GcvSpline { smoothing: None });
        let moved_times_s: Vec<f64> = times_s.iter().map(|t| t + 64.0).collect();
        let moved: Vec<f64> = values.iter().map(|v| v + offset).collect();
        let smoothed = filter.apply(&times_s, &values);
        for (a, b) in smoothed.iter().zip(filter.apply(&moved_times_s, &moved)) {
            prop_assert!((a + offset - b).abs() < 1e-2, "{} {}", a + offset, b);
        }
    }

    #[test]
    fn forward_and_backward_are_alike(values in prop::collection::vec(-100f64..100.0, 2..60)) {
        let times_s = uneven_times(values.len(), 30.0);
        let reversed_times_s: Vec<f64> = times_s.iter().rev().map(|t| 100.0 - t).collect();
        let reversed: Vec<f64> = values.iter().rev().copied().collect();
        for name in SYMMETRIC {
            let filter = Filter::with_defaults(name).unwrap();
            let mut smoothed = filter.apply(&reversed_times_s, &reversed);
            smoothed.reverse();
            let difference = largest_difference(&smoothed, &filter.apply(&times_s, &values));
            prop_assert!(difference < 1e-3, "{name}: {difference}");
        }
    }

    /// A steady movement has no lag and no bias, also at the ends and at uneven times.
    #[test]
    fn a_ramp_stays_a_ramp(speed in -500f64..500.0, count in 2usize..80) {
        let times_s = uneven_times(count, 30.0);
        let values: Vec<f64> = times_s.iter().map(|t| 7.0 + speed * t).collect();
        for name in SYMMETRIC {
            let difference = largest_difference(&Filter::with_defaults(name).unwrap().apply(&times_s, &values), &values);
            prop_assert!(difference < 1e-3, "{name}: {difference}");
        }
    }
}

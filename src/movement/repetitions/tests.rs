use super::super::test_support::{Noise, Table, low_pass};
use super::*;
use proptest::prelude::*;

/// A knee that bends by `depths` degrees, in `durations_s` each, with `pause_s` of standing between; the clip begins and ends
/// with a second of standing. Gives times, angles, and the times of the turning points.
fn set(frame_rate_hz: f64, depths: &[f64], durations_s: &[f64], pause_s: f64) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
    let mut starts_s = vec![1.0];
    for &duration_s in durations_s {
        starts_s.push(starts_s[starts_s.len() - 1] + duration_s + pause_s);
    }
    let end_s = starts_s[durations_s.len()] - pause_s + 1.0;
    let times_s: Vec<f64> = (0..(end_s * frame_rate_hz) as usize).map(|i| i as f64 / frame_rate_hz).collect();
    let angle = |time_s: f64| {
        let bend = |index: usize| {
            let share = ((time_s - starts_s[index]) / durations_s[index]).clamp(0.0, 1.0);
            0.5 * depths[index] * (1.0 - (2.0 * std::f64::consts::PI * share).cos())
        };
        5.0 + (0..depths.len()).map(bend).sum::<f64>()
    };
    let values = times_s.iter().map(|&time_s| angle(time_s)).collect();
    let turns_s = starts_s.iter().zip(durations_s).map(|(start_s, duration_s)| start_s + 0.5 * duration_s).collect();
    (times_s, values, turns_s)
}

fn count(times_s: &[f64], values: &[f64]) -> Option<Repetitions> {
    find_repetitions(times_s, &[Signal { values, min_range: 20.0 }], None)
}

fn check_turns(found: &Repetitions, turns_s: &[f64], tolerance_s: f64) {
    let times: Vec<f64> = found.repetitions.iter().map(|repetition| repetition.turn.time_s).collect();
    assert_eq!(times.len(), turns_s.len(), "{times:?} for {turns_s:?}");
    assert!(times.iter().zip(turns_s).all(|(a, b)| (a - b).abs() <= tolerance_s), "{times:?} for {turns_s:?}");
}

#[test]
fn three_to_twenty_alike_repetitions() {
    for frame_rate_hz in [5.0, 30.0, 60.0] {
        for n in 3..=20 {
            for pause_s in [0.0, 0.7] {
                let (times_s, values, turns_s) = set(frame_rate_hz, &vec![90.0; n], &vec![2.0; n], pause_s);
                let found = count(&times_s, &values).unwrap();
                check_turns(&found, &turns_s, 0.01);
                assert!((found.per_minute - 60.0 / (2.0 + pause_s)).abs() < 0.1 && found.turns_are_maxima);
                assert!(found.depth_variation < 0.02 && found.duration_variation < 0.03, "{found:?}");
                assert!(found.partial.is_empty());
                for repetition in &found.repetitions {
                    assert!((repetition.depth - 90.0).abs() < 2.5, "{repetition:?}");
                    // 10 % of the depth is passed after 0.1024 of the period: cos(2 pi s) = 0.8.
                    assert!((repetition.duration_s - 2.0 * (1.0 - 2.0 * 0.1024)).abs() < 0.06, "{repetition:?}");
                    assert!((repetition.to_turn_s - repetition.from_turn_s).abs() < 0.05);
                }
            }
        }
    }
}

#[test]
fn changing_tempo_depth_drift_and_noise() {
    let n = 12;
    let durations_s: Vec<f64> = (0..n).map(|index| 1.5 + 0.2 * f64::from(index)).collect();
    let depths: Vec<f64> = (0..n).map(|index| 100.0 - 3.0 * f64::from(index)).collect();
    let (times_s, values, turns_s) = set(30.0, &depths, &durations_s, 0.3);
    let mut noise = Noise::new(3);
    let noisy: Vec<f64> = values.iter().zip(&times_s).map(|(v, t)| v + 0.8 * t + 4.0 * noise.normal()).collect();
    let found = count(&times_s, &low_pass(&times_s, &noisy, 6.0)).unwrap();
    check_turns(&found, &turns_s, 0.25);
    assert!((found.depth_variation - 0.12).abs() < 0.03, "{}", found.depth_variation);
    assert!((found.duration_variation - 0.26).abs() < 0.05, "{}", found.duration_variation);
}

/// The clip begins on the way back from one turning point and ends on the way back from another: neither counts.
#[test]
fn partial_repetitions_are_not_counted() {
    let (times_s, values, turns_s) = set(30.0, &[90.0; 6], &[2.0; 6], 0.5);
    let inside = |time_s: f64| time_s > turns_s[0] + 0.6 && time_s < turns_s[5] + 0.5;
    let (times_s, values): (Vec<f64>, Vec<f64>) = times_s.into_iter().zip(values).filter(|(t, _)| inside(*t)).unzip();
    let found = count(&times_s, &values).unwrap();
    check_turns(&found, &turns_s[1..5], 0.01);
    // Of the first one no turning point is seen.
    let [Partial { seen, reason: PartialReason::Cut }] = found.partial[..] else { panic!("{:?}", found.partial) };
    assert!((seen.turn.time_s - turns_s[5]).abs() < 0.01);
    assert!(times_s.last().unwrap() - seen.end.time_s < 0.05, "{seen:?}");
}

/// Half of the squats of this set are too shallow for somebody who counts from 80 degrees on.
#[test]
fn shallow_repetitions_are_not_counted_if_a_depth_is_asked_for() {
    let (times_s, values, turns_s) = set(30.0, &[90.0, 60.0, 90.0, 65.0, 90.0, 60.0], &[2.0; 6], 0.5);
    let signals = [Signal { values: &values, min_range: 20.0 }];
    let all = find_repetitions(&times_s, &signals, None).unwrap();
    assert_eq!((all.repetitions.len(), all.partial.len()), (6, 0));
    let deep = find_repetitions(&times_s, &signals, Some(80.0)).unwrap();
    check_turns(&deep, &[turns_s[0], turns_s[2], turns_s[4]], 0.01);
    let shallow: Vec<f64> = deep.partial.iter().map(|partial| partial.seen.turn.time_s).collect();
    assert!(shallow.iter().zip([1, 3, 5]).all(|(found, index)| (found - turns_s[index]).abs() < 0.01), "{shallow:?}");
    assert!(deep.partial.iter().all(|partial| partial.reason == PartialReason::Shallow));
    assert_eq!(deep.per_minute, all.per_minute, "the tempo is that of the set");
    let none = find_repetitions(&times_s, &signals, Some(120.0)).unwrap();
    assert_eq!((none.repetitions.len(), none.partial.len()), (0, 6));
}

/// Somebody who squats begins and ends at the bottom and pauses there: the votes take the bottom for the rest.
#[test]
fn a_caller_who_knows_the_exercise_says_where_the_turns_are() {
    let (times_s, values, turns_s) = set(30.0, &[90.0; 6], &[2.0; 6], 0.0);
    let inside = |time_s: f64| time_s > turns_s[0] - 0.1 && time_s < turns_s[5] + 0.1;
    let (times_s, values): (Vec<f64>, Vec<f64>) = times_s.into_iter().zip(values).filter(|(t, _)| inside(*t)).unzip();
    let signal = Signal { values: &values, min_range: 20.0 };
    let voted = find_repetitions(&times_s, &[signal], None).unwrap();
    assert!(!voted.turns_are_maxima && voted.repetitions.len() == 5);
    let said = count_turns(&times_s, (0, &signal), true, None).unwrap();
    assert!(said.turns_are_maxima);
    check_turns(&said, &turns_s[1..5], 0.01);
    assert_eq!(said.partial.len(), 2);
}

#[test]
fn a_lowered_hip_turns_at_its_lowest_values() {
    let (times_s, angles, turns_s) = set(30.0, &[90.0; 5], &[2.0; 5], 0.5);
    let heights: Vec<f64> = angles.iter().map(|angle| 500.0 - 2.0 * angle).collect();
    let found = count(&times_s, &heights).unwrap();
    assert!(!found.turns_are_maxima);
    check_turns(&found, &turns_s, 0.01);
    assert!((found.repetitions[0].depth - 180.0).abs() < 1.0);
}

/// 1 s down, 3 s up.
#[test]
fn phases_are_told_apart() {
    let times_s: Vec<f64> = (0..600).map(|index| f64::from(index) / 30.0).collect();
    let saw = |time_s: f64| {
        let phase_s = (time_s - 0.5).rem_euclid(5.0);
        if time_s < 0.5 || phase_s > 4.0 {
            0.0
        } else if phase_s < 1.0 {
            100.0 * phase_s
        } else {
            100.0 * (4.0 - phase_s) / 3.0
        }
    };
    let values: Vec<f64> = times_s.iter().map(|&time_s| saw(time_s)).collect();
    let found = count(&times_s, &values).unwrap();
    for repetition in &found.repetitions {
        assert!(
            (repetition.to_turn_s - 0.9).abs() < 0.04 && (repetition.from_turn_s - 2.7).abs() < 0.04,
            "{repetition:?}"
        );
    }
    assert_eq!(found.repetitions.len(), 4);
}

#[test]
fn nothing_repeats_in_standing_a_single_movement_or_a_way_across() {
    let times_s: Vec<f64> = (0..300).map(|index| f64::from(index) / 30.0).collect();
    let mut noise = Noise::new(11);
    let standing: Vec<f64> = times_s.iter().map(|_| 3.0 * noise.normal()).collect();
    assert_eq!(count(&times_s, &low_pass(&times_s, &standing, 6.0)), None);
    let across: Vec<f64> = times_s.iter().map(|t| 100.0 * t + noise.normal()).collect();
    assert_eq!(count(&times_s, &across), None);
    let (times_s, once, _) = set(30.0, &[90.0], &[2.0], 0.0);
    assert_eq!(count(&times_s, &once), None);
    let (times_s, two_unlike, _) = set(30.0, &[90.0, 40.0], &[1.0, 4.0], 1.0);
    assert_eq!(count(&times_s, &two_unlike), None);
    assert_eq!(count(&[], &[]), None);
}

/// A clear knee beats a noisy elbow and a hip that hardly moves, in any order.
#[test]
fn the_clearest_signal_is_counted() {
    let (times_s, knee, turns_s) = set(30.0, &[90.0; 6], &[2.0; 6], 0.4);
    let mut noise = Noise::new(5);
    let elbow: Vec<f64> = knee.iter().map(|value| 0.5 * value + 10.0 * noise.normal()).collect();
    let hip: Vec<f64> = knee.iter().map(|value| 0.1 * value).collect();
    for (order, expected) in [([&knee, &elbow, &hip], 0), ([&hip, &elbow, &knee], 2)] {
        let signals = order.map(|values| Signal { values, min_range: 20.0 });
        let found = find_repetitions(&times_s, &signals, None).unwrap();
        assert_eq!(found.signal, expected);
        check_turns(&found, &turns_s, 0.01);
    }
}

/// Three squats at 5 frames a second; the clip ends before she stands again after the third. By eye (top of the hair and middle
/// of the shirt) the lowest frames are 10, 34 and 59.
#[test]
fn squats_at_five_frames_a_second() {
    let table = Table::parse(include_str!("../../../tests/data/squats_angles.csv"));
    let times_s = table.column("time_s");
    let names = [
        "left_knee_deg",
        "right_knee_deg",
        "left_hip_deg",
        "right_hip_deg",
        "left_elbow_deg",
        "right_elbow_deg",
        "left_shoulder_deg",
        "right_shoulder_deg",
        "hip_y_px",
    ];
    let columns: Vec<Vec<f64>> = names.iter().map(|name| table.column(name)).collect();
    let signals: Vec<Signal> = columns.iter().map(|values| Signal { values, min_range: 20.0 }).collect();
    let found = find_repetitions(&times_s, &signals, None).unwrap();
    assert_eq!(names[found.signal], "hip_y_px");
    let turns: Vec<usize> = found.repetitions.iter().map(|repetition| repetition.turn.frame).collect();
    assert!(turns.len() == 2 && turns[0].abs_diff(10) <= 1 && turns[1].abs_diff(34) <= 1, "{turns:?}");
    assert_eq!(found.partial.len(), 1);
    // Knees and hips alone tell the same, a frame more or less.
    for signal in &signals[..4] {
        let alone = find_repetitions(&times_s, &[*signal], None).unwrap();
        let turns: Vec<usize> = alone.repetitions.iter().map(|repetition| repetition.turn.frame).collect();
        assert!(turns.len() == 2 && turns[0].abs_diff(10) <= 1 && turns[1].abs_diff(34) <= 1, "{turns:?}");
    }
}

#[test]
fn a_missing_stretch_is_bridged_if_short() {
    let (times_s, mut values, turns_s) = set(30.0, &[90.0; 5], &[2.0; 5], 0.5);
    values[70..78].fill(f64::NAN);
    check_turns(&count(&times_s, &values).unwrap(), &turns_s, 0.05);
    values[70..130].fill(f64::NAN);
    assert_eq!(count(&times_s, &values), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(80))]

    /// Tempo, depth and pauses vary by a quarter, noise is 3 % of the depth, at 5 to 60 frames a second.
    #[test]
    fn sets_as_people_do_them_are_counted(n in 3usize..12, seed in 0u64..10_000, rate in 5f64..60.0, pause_s in 0f64..1.5) {
        let mut noise = Noise::new(seed);
        let durations_s: Vec<f64> = (0..n).map(|_| 2.4 * (0.75 + 0.5 * noise.even())).collect();
        let depths: Vec<f64> = (0..n).map(|_| 90.0 * (0.85 + 0.3 * noise.even())).collect();
        let (times_s, values, turns_s) = set(rate, &depths, &durations_s, pause_s);
        let noisy: Vec<f64> = values.iter().map(|value| value + 2.7 * noise.normal()).collect();
        let found = count(&times_s, &noisy);
        prop_assert!(found.is_some());
        check_turns(&found.unwrap(), &turns_s, 0.35);
    }
}

//! Tests with walkers and runners with known events, and with movements that are not gait.

use super::super::test_support::Noise;
use super::synthetic::{LEG_LENGTH_PX, Walk};
use super::*;
use proptest::prelude::*;

/// Returns the largest error of contacts and of toe-offs, seconds, and how many were missed away from the clip's
/// ends. Every event must have a true one of its own.
fn compare(walk: &Walk, gait: &Gait) -> ([f64; 2], usize) {
    let mut truth = walk.truth();
    let mut worst_s = [0f64; 2];
    for event in &gait.events {
        let alike = truth.iter().enumerate().filter(|(_, t)| (t.0, t.1) == (event.kind, event.side));
        let distance_s = |(_, t): &(usize, &(EventKind, Side, f64))| (t.2 - event.time_s).abs();
        let (nearest, _) = alike.min_by(|a, b| distance_s(a).total_cmp(&distance_s(b))).unwrap();
        let (.., time_s) = truth.remove(nearest);
        let worst_s = &mut worst_s[usize::from(event.kind == EventKind::ToeOff)];
        *worst_s = worst_s.max((time_s - event.time_s).abs());
    }
    let missed = truth.iter().filter(|t| t.2 > 0.35 && t.2 < walk.duration_s - 0.35).count();
    (worst_s, missed)
}

fn every_walk(frame_rate_hz: f64, noise: f64, jitter: f64, seed: u64) -> Vec<Walk> {
    let mut walks = Vec::new();
    for style in [GaitStyle::Walking, GaitStyle::Running] {
        for (direction_x, on_treadmill) in [(1.0, false), (-1.0, false), (1.0, true), (-1.0, true)] {
            walks.push(Walk {
                style,
                frame_rate_hz,
                direction_x,
                on_treadmill,
                noise,
                jitter,
                seed,
                ..Walk::default()
            });
        }
    }
    walks
}

/// Exact landmarks: contacts within half a frame or 15 ms; toe-offs of walking, which are Zeni's, within 20 ms.
#[test]
fn walkers_and_runners_are_found_exactly_without_noise() {
    for frame_rate_hz in [25.0, 30.0, 60.0, 120.0] {
        for walk in every_walk(frame_rate_hz, 0.0, 0.0, 1) {
            let gait = detect_gait(&walk.signals(), None).unwrap();
            let ([contact_s, toe_off_s], missed) = compare(&walk, &gait);
            assert!(contact_s <= 0.0155, "{frame_rate_hz} Hz, {:?}: {contact_s} s", walk.style);
            assert!(toe_off_s <= 0.021, "{frame_rate_hz} Hz, {:?}: {toe_off_s} s", walk.style);
            assert_eq!(missed, 0);
            let [passage] = gait.passages[..] else { panic!("{:?}", gait.passages) };
            assert_eq!((passage.style, passage.direction_x), (walk.style, walk.direction_x));
            assert_eq!(passage.method, GaitMethod::ZeniAndSpeed);
            let belt_px_s = if walk.on_treadmill { walk.speed_px_s() } else { 0.0 };
            assert!((passage.belt_px_s - belt_px_s).abs() <= 0.02 * walk.speed_px_s(), "{}", passage.belt_px_s);
        }
    }
}

/// Noise of 1 % of the leg length, uneven times, low-passed: within 2 frames, or 33 ms at 60 and 120 Hz.
#[test]
fn walkers_and_runners_are_found_in_noise_at_uneven_times() {
    for frame_rate_hz in [25.0, 30.0, 60.0, 120.0] {
        for seed in 0..4 {
            for walk in every_walk(frame_rate_hz, 0.01, 0.1, seed) {
                let gait = detect_gait(&walk.signals(), None).unwrap();
                let ([contact_s, toe_off_s], missed) = compare(&walk, &gait);
                assert!(
                    contact_s * frame_rate_hz <= 2.0,
                    "contacts, {frame_rate_hz} Hz, {:?}: {contact_s}",
                    walk.style
                );
                assert!(toe_off_s <= (2.0 / frame_rate_hz).max(0.036), "toe-offs, {frame_rate_hz} Hz: {toe_off_s}");
                assert_eq!(missed, 0);
                assert!(gait.passages.iter().all(|passage| passage.style == walk.style));
            }
        }
    }
}

/// The events of one passage.
fn events_of<'a>(gait: &'a Gait, passage: &Passage) -> Vec<&'a GaitEvent> {
    let frames = passage.first_frame..=passage.last_frame;
    gait.events.iter().filter(|event| frames.contains(&event.frame)).collect()
}

/// Largest errors in walking that the documentation of each method rests on.
#[test]
fn each_method_finds_a_walker() {
    let methods = [
        (GaitMethod::ZeniAndSpeed, 0.01, 0.02),
        (GaitMethod::FootSpeed, 0.01, 0.01),
        (GaitMethod::FootHeight, 0.026, 0.075),
    ];
    for (method, worst_contact_s, worst_toe_off_s) in methods {
        let walk = Walk::default();
        let gait = detect_gait(&walk.signals(), Some(method)).unwrap();
        let ([contact_s, toe_off_s], missed) = compare(&walk, &gait);
        assert!(contact_s <= worst_contact_s && toe_off_s <= worst_toe_off_s, "{method:?}: {contact_s} {toe_off_s}");
        assert_eq!(missed, 0, "{method:?}");
        assert!(gait.events.iter().all(|event| event.method == method));
    }
}

#[test]
fn walking_to_and_fro_is_two_passages() {
    let there = Walk { duration_s: 4.0, ..Walk::default() };
    let back = Walk { duration_s: 4.0, direction_x: -1.0, ..Walk::default() };
    let (mut signals, second) = (there.signals(), back.signals());
    let pause_s = 5.0;
    signals.times_s.extend(second.times_s.iter().map(|time_s| time_s + pause_s));
    let join = |points: &mut Vec<[f64; 2]>, more: &Vec<[f64; 2]>| points.extend(more);
    join(&mut signals.sacrum_px, &second.sacrum_px);
    join(&mut signals.shoulders_px, &second.shoulders_px);
    for side in 0..2 {
        join(&mut signals.heel_px[side], &second.heel_px[side]);
        join(&mut signals.toe_px[side], &second.toe_px[side]);
        join(&mut signals.ankle_px[side], &second.ankle_px[side]);
        join(&mut signals.raw_toe_px[side], &second.raw_toe_px[side]);
    }
    let gait = detect_gait(&signals, None).unwrap();
    assert_eq!(gait.passages.iter().map(|passage| passage.direction_x).collect::<Vec<_>>(), [1.0, -1.0]);
    let counts = gait.passages.iter().map(|passage| events_of(&gait, passage).len()).collect::<Vec<_>>();
    assert_eq!(counts.iter().sum::<usize>(), gait.events.len());
    assert!(counts.iter().all(|&count| count >= 12), "{counts:?}");
}

#[test]
fn short_gaps_are_bridged_and_a_long_one_splits_the_passage() {
    let walk = Walk { duration_s: 9.0, ..Walk::default() };
    let mut signals = walk.signals();
    signals.heel_px[0][100..108].fill([f64::NAN; 2]);
    signals.sacrum_px[270..290].fill([f64::NAN; 2]);
    let gait = detect_gait(&signals, None).unwrap();
    assert_eq!(gait.passages.iter().map(|p| (p.first_frame, p.last_frame)).collect::<Vec<_>>(), [(0, 269), (290, 540)]);
    assert!(compare(&walk, &gait).0.iter().all(|&worst_s| worst_s < 2.0 / 60.0));
}

/// Signals of a person seen from the side whose heels move back and forth by `heel` (of time, side) leg lengths.
fn somebody(heel: impl Fn(f64, Side) -> f64, noise: f64) -> GaitSignals {
    let times_s: Vec<f64> = (0..300).map(|index| f64::from(index) / 60.0).collect();
    let mut random = Noise::new(7);
    let mut points = |at: &dyn Fn(f64) -> [f64; 2]| -> Vec<[f64; 2]> {
        let mut noisy = |value: f64| value + noise * LEG_LENGTH_PX * random.normal();
        times_s.iter().map(|&time_s| at(time_s).map(&mut noisy)).collect()
    };
    let foot = |time_s: f64, side: Side, ahead: f64| [(heel(time_s, side) + ahead) * LEG_LENGTH_PX + 500.0, 900.0];
    GaitSignals {
        sacrum_px: points(&|_| [500.0, 710.0]),
        shoulders_px: points(&|_| [500.0, 600.0]),
        heel_px: Side::BOTH.map(|side| points(&|time_s| foot(time_s, side, 0.0))),
        toe_px: Side::BOTH.map(|side| points(&|time_s| foot(time_s, side, 0.25))),
        raw_toe_px: Side::BOTH.map(|side| points(&|time_s| foot(time_s, side, 0.25))),
        ankle_px: Side::BOTH.map(|side| points(&|time_s| foot(time_s, side, 0.05))),
        leg_length_px: LEG_LENGTH_PX,
        times_s: times_s.clone(),
    }
}

fn sign(side: Side) -> f64 {
    if side == Side::Left { 1.0 } else { -1.0 }
}

#[test]
fn who_does_not_walk_is_told_why() {
    let wave = |time_s: f64| (2.0 * std::f64::consts::PI * time_s).sin();
    let problem = |signals: &GaitSignals| detect_gait(signals, None).unwrap_err();
    let standing = somebody(|_, _| 0.0, 0.01);
    assert!(matches!(problem(&standing), GaitProblem::FeetDoNotSwing { swing, .. } if swing < 0.1));
    let one_leg = somebody(|time_s, side| if side == Side::Left { 0.4 * wave(time_s) } else { 0.0 }, 0.0);
    assert!(matches!(problem(&one_leg), GaitProblem::FeetDoNotSwing { side: Side::Right, .. }));
    let jumping_jacks = somebody(|time_s, side| sign(side) * (0.4 + 0.3 * wave(time_s)), 0.0);
    assert!(matches!(problem(&jumping_jacks), GaitProblem::FeetDoNotPass { passings: 0, .. }));
    let both_together = somebody(|time_s, _| 0.4 * wave(time_s), 0.0);
    assert!(matches!(problem(&both_together), GaitProblem::FeetDoNotPass { passings: 0, .. }));
    let mut from_the_front = standing.clone();
    from_the_front.toe_px = from_the_front.heel_px.clone();
    assert_eq!(problem(&from_the_front), GaitProblem::NoDirection);
    let mut crouching = standing.clone();
    crouching.sacrum_px.iter_mut().for_each(|point| point[1] = 840.0);
    assert_eq!(problem(&crouching), GaitProblem::NotUpright { share: 0.0 });
    let mut unseen = standing.clone();
    unseen.toe_px[0].fill([f64::NAN; 2]);
    assert_eq!(problem(&unseen), GaitProblem::FeetUnseen { share: 0.0 });
    let mut without_legs = standing.clone();
    without_legs.leg_length_px = f64::NAN;
    assert_eq!(problem(&without_legs), GaitProblem::NoLegLength);
    let mut broken = standing;
    broken.times_s.pop();
    assert_eq!(problem(&broken), GaitProblem::BrokenSignals);
    let three_steps = Walk { duration_s: 1.3, ..Walk::default() };
    assert!(matches!(
        problem(&three_steps.signals()),
        GaitProblem::TooFewSteps { .. } | GaitProblem::FeetDoNotPass { .. }
    ));
}

#[test]
fn problems_are_sentences_for_a_coach() {
    let problem = GaitProblem::FeetDoNotSwing { side: Side::Right, swing: 0.084, needed: 0.25 };
    let text = "the right foot moves only 0.08 leg lengths back and forth under the body; walking takes 0.25";
    assert_eq!(problem.to_string(), text);
    assert_eq!(
        GaitProblem::FeetUnseen { share: 0.125 }.to_string(),
        "hips and both feet are seen together in only 12 % of the frames"
    );
}

/// A still, a film of a still (compression changes a few frames), film stored at twice and ten times its rate, and a film.
#[test]
fn a_picture_that_does_not_change_is_said() {
    let text = |changed: usize, frames: usize| GaitProblem::of_pictures(changed, frames).map(|it| it.to_string());
    assert_eq!(text(4, 90).unwrap(), "the picture does not change: 4 of 90 frames differ from the frame before");
    assert_eq!(text(1, 1).unwrap(), "there is only one picture");
    assert!(text(1, 30).is_some() && text(70, 18_000).is_some());
    for (changed, frames) in [(90, 90), (45, 90), (9, 90), (2, 2), (3, 3), (0, 0)] {
        assert_eq!(text(changed, frames), None, "{changed} of {frames}");
    }
}

/// Who swings the feet past each other may walk: only the measurement fails.
#[test]
fn steps_are_not_denied() {
    let denies = |problem: GaitProblem| problem.remark(2).contains("does not walk or run");
    for problem in [
        GaitProblem::NoRhythm { variation: 0.46 },
        GaitProblem::WrongOrder,
        GaitProblem::MissedSteps { missed: 3, intervals: 9 },
        GaitProblem::TooFewSteps { contacts: 3, needed: 4 },
    ] {
        assert!(!denies(problem) && problem.remark(2).contains("person 2: gait could not be measured"), "{problem}");
    }
    assert!(denies(GaitProblem::FeetDoNotSwing { side: Side::Left, swing: 0.1, needed: 0.25 }));
    assert!(!denies(GaitProblem::OnePicture { changed: 1, frames: 1 }));
}

fn is_next(style: GaitStyle, before: &GaitEvent, after: &GaitEvent) -> bool {
    let same_side = style == GaitStyle::Running;
    if before.kind == EventKind::Contact {
        after.kind == EventKind::ToeOff && (after.side == before.side) == same_side
    } else {
        after.kind == EventKind::Contact && (after.side == before.side) != same_side
    }
}

/// The signals of the same movement in a mirrored picture: the sides change places, too.
fn mirrored(signals: &GaitSignals) -> GaitSignals {
    let points = |points: &Vec<[f64; 2]>| -> Vec<[f64; 2]> { points.iter().map(|&[x, y]| [3000.0 - x, y]).collect() };
    let pair = |pair: &[Vec<[f64; 2]>; 2]| [points(&pair[1]), points(&pair[0])];
    GaitSignals {
        times_s: signals.times_s.clone(),
        sacrum_px: points(&signals.sacrum_px),
        shoulders_px: points(&signals.shoulders_px),
        heel_px: pair(&signals.heel_px),
        toe_px: pair(&signals.toe_px),
        ankle_px: pair(&signals.ankle_px),
        raw_toe_px: pair(&signals.raw_toe_px),
        leg_length_px: signals.leg_length_px,
    }
}

/// The signals from `first` on.
pub(super) fn from(signals: &GaitSignals, first: usize) -> GaitSignals {
    let mut cut = signals.clone();
    cut.times_s.drain(..first);
    let pairs = [&mut cut.heel_px, &mut cut.toe_px, &mut cut.ankle_px, &mut cut.raw_toe_px];
    for points in pairs.into_iter().flatten().chain([&mut cut.sacrum_px, &mut cut.shoulders_px]) {
        points.drain(..first);
    }
    cut
}

/// The events from half a second after `start` on, of signals that begin with frame `offset`.
fn shared(gait: &Gait, offset: usize, start: usize, frame_rate_hz: f64) -> Vec<(EventKind, Side)> {
    let since_s = start as f64 / frame_rate_hz + 0.5;
    let is_shared = |event: &&GaitEvent| (event.frame + offset) as f64 / frame_rate_hz >= since_s;
    gait.events.iter().filter(is_shared).map(|event| (event.kind, event.side)).collect()
}

/// A runner's few steps: the raw tips change sides in every third group of three frames. Within two frames, since the
/// model's foot lands at a third of the speed of a real one.
#[test]
fn footprints_do_not_care_which_leg_is_which() {
    for direction_x in [1.0, -1.0] {
        let walk =
            Walk { style: GaitStyle::Running, duration_s: 1.4, frame_rate_hz: 30.0, direction_x, ..Walk::default() };
        let mut signals = walk.signals();
        for frame in (0..signals.times_s.len()).filter(|frame| frame / 3 % 3 == 2) {
            let [left, right] = &mut signals.raw_toe_px;
            std::mem::swap(&mut left[frame], &mut right[frame]);
        }
        let gait = detect_gait(&signals, Some(GaitMethod::Footprints)).unwrap();
        let ([contact_s, toe_off_s], missed) = compare(&walk, &gait);
        assert!(contact_s <= 2.0 / 30.0 && toe_off_s <= 2.0 / 30.0, "{contact_s} {toe_off_s}");
        assert_eq!(missed, 0);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    /// Where the clip begins does not decide: half a second after it the events are those of the whole walk, within a
    /// frame.
    #[test]
    fn a_later_start_has_the_same_events(
        seed in 0u64..1000, noise in 0.0f64..0.02, running in any::<bool>(), frame_rate_hz in 25.0f64..60.0, start in 1usize..60
    ) {
        let style = if running { GaitStyle::Running } else { GaitStyle::Walking };
        let signals = Walk { style, frame_rate_hz, duration_s: 6.0, noise, seed, ..Walk::default() }.signals();
        let [whole, later] = [0, start].map(|start| detect_gait(&from(&signals, start), None).unwrap());
        prop_assert_eq!(shared(&whole, 0, start, frame_rate_hz), shared(&later, start, start, frame_rate_hz));
    }

    /// A mirrored picture has the same events with the sides exchanged.
    #[test]
    fn mirrored_walks_have_mirrored_events(
        seed in 0u64..1000, noise in 0.0f64..0.05, running in any::<bool>(), frame_rate_hz in 15.0f64..60.0, duration_s in 1.0f64..6.0
    ) {
        let style = if running { GaitStyle::Running } else { GaitStyle::Walking };
        let signals = Walk { style, frame_rate_hz, duration_s, noise, seed, ..Walk::default() }.signals();
        for method in [None, Some(GaitMethod::Footprints)] {
            let [as_is, other] = [signals.clone(), mirrored(&signals)].map(|signals| detect_gait(&signals, method));
            prop_assert_eq!(as_is.is_ok(), other.is_ok(), "{:?} {:?}", as_is, other);
            let (Ok(as_is), Ok(other)) = (as_is, other) else { continue };
            let of = |gait: &Gait| -> Vec<(EventKind, usize)> {
                gait.events.iter().map(|event| (event.kind, event.frame)).collect()
            };
            prop_assert_eq!(of(&as_is), of(&other));
            prop_assert!(as_is.events.iter().zip(&other.events).all(|(a, b)| a.side == b.side.other()));
        }
    }

    /// For any landmarks, however bad: the events are in the order of steps and of time, and a foot never lands
    /// twice.
    #[test]
    fn wrong_contacts_never_come_out(
        seed in 0u64..1000, noise in 0.0f64..0.15, jitter in 0.0f64..0.2, running in any::<bool>(), frame_rate_hz in 12.0f64..60.0
    ) {
        let style = if running { GaitStyle::Running } else { GaitStyle::Walking };
        let walk = Walk { style, frame_rate_hz, noise, jitter, seed, ..Walk::default() };
        for method in [None, Some(GaitMethod::FootSpeed), Some(GaitMethod::FootHeight)] {
            let Ok(gait) = detect_gait(&walk.signals(), method) else { continue };
            for passage in &gait.passages {
                let events = events_of(&gait, passage);
                let breaks = events.windows(2).filter(|pair| !is_next(passage.style, pair[0], pair[1])).count();
                prop_assert!(breaks * 12 <= events.len(), "{breaks} of {}", events.len());
                for pair in events.windows(2) {
                    prop_assert!(pair[0].time_s < pair[1].time_s);
                    prop_assert!((pair[0].kind, pair[0].side) != (pair[1].kind, pair[1].side));
                }
                prop_assert!(events.iter().all(|event| (0.0..=1.0).contains(&event.confidence)));
            }
        }
    }
}

use super::*;
use proptest::prelude::*;
use std::f64::consts::{PI, TAU};

const HEIGHT_PX: f64 = 400.0;
/// As the settings of cleaning have it.
const MAX_SWAP_S: f64 = 0.5;

/// A walker of height 1 in its own frame: forward, up, left. Stride of 1 s, arms against legs.
fn walker(time_s: f64) -> [[f64; 3]; LANDMARK_COUNT] {
    let mut body = [[0.0, 0.9, 0.0]; LANDMARK_COUNT];
    for (left_first, side) in [(0, 1.0), (1, -1.0)] {
        let phase = TAU * time_s + if side > 0.0 { 0.0 } else { PI };
        let at = |id: usize| id + left_first;
        let place = |from: [f64; 3], length: f64, angle: f64| {
            [from[0] + length * angle.sin(), from[1] - length * angle.cos(), from[2]]
        };
        let hip = [0.0, 0.53, 0.06 * side];
        let thigh_angle = 0.45 * phase.sin();
        let knee = place(hip, 0.245, thigh_angle);
        let shank_angle = thigh_angle - 0.5 * (1.0 + (phase + 1.0).cos());
        let ankle = place(knee, 0.245, shank_angle);
        let toe = place(ankle, 0.1, shank_angle + 1.4);
        let shoulder = [0.0, 0.82, 0.12 * side];
        let arm_angle = -0.4 * phase.sin();
        let elbow = place(shoulder, 0.18, arm_angle);
        let wrist = place(elbow, 0.15, arm_angle + 0.3);
        let hand = place(wrist, 0.06, arm_angle + 0.3);
        for (id, point) in [
            (landmark::LEFT_SHOULDER, shoulder),
            (landmark::LEFT_ELBOW, elbow),
            (landmark::LEFT_WRIST, wrist),
            (landmark::LEFT_PINKY, hand),
            (landmark::LEFT_INDEX, hand),
            (landmark::LEFT_THUMB, hand),
        ] {
            body[at(id)] = point;
        }
        for (id, point) in [
            (landmark::LEFT_HIP, hip),
            (landmark::LEFT_KNEE, knee),
            (landmark::LEFT_ANKLE, ankle),
            (landmark::LEFT_HEEL, ankle),
            (landmark::LEFT_FOOT_INDEX, toe),
        ] {
            body[at(id)] = point;
        }
        body[at(landmark::LEFT_EAR)] = [0.0, 0.92, 0.045 * side];
        body[at(landmark::MOUTH_LEFT)] = [0.06, 0.88, 0.015 * side];
    }
    for (id, left) in [
        (landmark::LEFT_EYE_INNER, 0.01),
        (landmark::LEFT_EYE, 0.02),
        (landmark::LEFT_EYE_OUTER, 0.03),
        (landmark::RIGHT_EYE_INNER, -0.01),
        (landmark::RIGHT_EYE, -0.02),
        (landmark::RIGHT_EYE_OUTER, -0.03),
    ] {
        body[id] = [0.06, 0.93, left];
    }
    body
}

/// A pixel or so of jitter, the same in every run.
fn jitter(frame: usize, coordinate: usize) -> f64 {
    (((frame * 131 + coordinate) * 7919 % 1009) as f64 / 1009.0 - 0.5) * 3.0
}

/// Films the walker. `yaw` is the direction of walking against the picture plane (0: side view) and `roll` turns the
/// body in the picture, both by time.
fn film(count: usize, rate_hz: f64, yaw: impl Fn(f64) -> f64, roll: impl Fn(f64) -> f64) -> Vec<PoseFrame> {
    (0..count)
        .map(|frame| {
            let time_s = frame as f64 / rate_hz;
            let body = walker(time_s);
            let (yaw, roll) = (yaw(time_s), roll(time_s));
            let points_px = std::array::from_fn(|id| {
                let [forward, up, left] = body[id];
                let across = forward * yaw.cos() + left * yaw.sin();
                let above_hips = up - 0.53;
                let x = across * roll.cos() - above_hips * roll.sin();
                let y = across * roll.sin() + above_hips * roll.cos();
                [
                    300.0 + HEIGHT_PX * (0.6 * time_s * yaw.cos() + x) + jitter(frame, 2 * id),
                    500.0 - HEIGHT_PX * y + jitter(frame, 2 * id + 1),
                ]
            });
            PoseFrame { time_s, points_px, visibility: [0.95; LANDMARK_COUNT], body_height_px: HEIGHT_PX }
        })
        .collect()
}

fn walk(yaw: f64) -> Vec<PoseFrame> {
    film(120, 30.0, |_| yaw, |_| 0.0)
}

fn inject(frames: &mut [PoseFrame], swap: Swap, span: Range<usize>) {
    for frame in &mut frames[span] {
        frame.points_px = swap.repair(&frame.points_px);
    }
}

/// Mean distance between left and right of a part, body heights.
fn separation(frame: &PoseFrame, part: BodyPart) -> f64 {
    let lefts: &[usize] = match part {
        BodyPart::Arms => &[landmark::LEFT_ELBOW, landmark::LEFT_WRIST, landmark::LEFT_INDEX],
        BodyPart::Legs => &[landmark::LEFT_KNEE, landmark::LEFT_ANKLE, landmark::LEFT_HEEL, landmark::LEFT_FOOT_INDEX],
        BodyPart::Trunk => &[landmark::LEFT_EAR, landmark::LEFT_SHOULDER, landmark::LEFT_HIP],
    };
    let distance = |left: usize| {
        let (a, b) = (frame.points_px[left], frame.points_px[MIRROR[left]]);
        (a[0] - b[0]).hypot(a[1] - b[1])
    };
    lefts.iter().map(|&left| distance(left)).sum::<f64>() / (lefts.len() as f64 * HEIGHT_PX)
}

fn whole_body() -> Swap {
    Swap { arms: true, legs: true, trunk: true }
}

fn clean_clips() -> Vec<(&'static str, Vec<PoseFrame>)> {
    let turn = |time_s: f64| PI * (time_s - 1.0).clamp(0.0, 1.0);
    let quick_turn = |time_s: f64| 2.0 * TAU * (time_s - 1.0).clamp(0.0, 0.5);
    let somersault = |time_s: f64| -TAU * ((time_s - 1.0) / 0.7).clamp(0.0, 1.0);
    vec![
        ("side view", walk(0.0)),
        ("side view from the other side", walk(PI)),
        ("oblique view", walk(0.8)),
        ("front view", walk(PI / 2.0)),
        ("nearly side view", walk(0.1)),
        ("turning around", film(120, 30.0, turn, |_| 0.0)),
        ("a full turn in half a second", film(120, 30.0, quick_turn, |_| 0.0)),
        ("somersault in side view", film(120, 30.0, |_| 0.1, somersault)),
        ("somersault in oblique view", film(120, 30.0, |_| 0.8, somersault)),
        ("cartwheel in front view", film(120, 30.0, |_| PI / 2.0, somersault)),
        ("side view at 5 Hz", film(40, 5.0, |_| 0.0, |_| 0.0)),
        ("oblique view at 5 Hz", film(40, 5.0, |_| 0.8, |_| 0.0)),
        ("turning around at 12 Hz", film(60, 12.0, turn, |_| 0.0)),
        ("side view at 120 Hz", film(480, 120.0, |_| 0.0, |_| 0.0)),
        ("somersault at 120 Hz", film(480, 120.0, |_| 0.8, somersault)),
    ]
}

#[test]
fn clean_movement_is_left_alone() {
    for (name, frames) in clean_clips() {
        assert!(find(&frames, MAX_SWAP_S).spans.is_empty(), "{name}: {:?}", find(&frames, MAX_SWAP_S).spans);
    }
}

/// Side view: limbs are apart at the borders of the swap, or else there is nothing to see and hardly anything to
/// repair.
#[test]
fn limbs_swapped_for_one_to_ten_frames_are_repaired_exactly() {
    for (part, swap) in [
        (BodyPart::Arms, Swap { arms: true, ..Swap::default() }),
        (BodyPart::Legs, Swap { legs: true, ..Swap::default() }),
    ] {
        let mut tried = 0;
        for yaw in [0.0, 0.5, PI / 2.0] {
            let clean = walk(yaw);
            for length in 1..=10 {
                for start in 20..80 {
                    let span = start..start + length;
                    let borders = [start - 1, start, span.end - 1, span.end];
                    if borders.iter().any(|&frame| separation(&clean[frame], part) < 0.15) {
                        continue;
                    }
                    tried += 1;
                    let mut frames = clean.clone();
                    inject(&mut frames, swap, span.clone());
                    let found = find(&frames, MAX_SWAP_S);
                    let expected: Vec<Swap> = (0..clean.len())
                        .map(|frame| if span.contains(&frame) { swap } else { Swap::default() })
                        .collect();
                    assert_eq!(found.repairs, expected, "{part:?} {span:?} at {yaw}: {:?}", found.spans);
                }
            }
        }
        assert!(tried > 300, "{part:?}: only {tried}");
    }
}

#[test]
fn a_whole_body_taken_for_its_mirror_image_is_repaired_exactly() {
    for yaw in [0.8, PI / 2.0, 2.2] {
        let clean = walk(yaw);
        for length in 1..=10 {
            for start in [20, 27, 33, 41, 50, 58, 66, 75] {
                let mut frames = clean.clone();
                inject(&mut frames, whole_body(), start..start + length);
                let found = find(&frames, MAX_SWAP_S);
                for (frame, repair) in found.repairs.iter().enumerate() {
                    let is_swapped = (start..start + length).contains(&frame);
                    assert_eq!(
                        *repair == whole_body(),
                        is_swapped,
                        "{frame} of {start}+{length} at {yaw}: {:?}",
                        found.spans
                    );
                }
            }
        }
    }
}

#[test]
fn a_long_swap_and_one_at_an_end_are_suspected_and_not_repaired() {
    for span in [30..60, 0..6, 114..120] {
        let mut frames = walk(PI / 2.0);
        inject(&mut frames, whole_body(), span.clone());
        let found = find(&frames, MAX_SWAP_S);
        assert_eq!(found.spans.len(), 3, "{:?}", found.spans);
        for part_span in &found.spans {
            assert!(part_span.is_suspected);
            assert_eq!(part_span.frames, span);
        }
        assert!(found.repairs.iter().all(|repair| *repair == Swap::default()));
    }
    let mut frames = walk(PI / 2.0);
    inject(&mut frames, whole_body(), 30..60);
    assert!((find(&frames, 2.0).spans[0].duration_s - 1.0).abs() < 1e-9);
    assert_eq!(find(&frames, 2.0).repairs[45], whole_body());
}

/// The same film with `n` times the frames, linearly between them: as a slowed clip that a program filled up, or a network
/// whose landmarks err in the same way for several frames of a high-speed camera.
fn filled_up(frames: &[PoseFrame], n: usize) -> Vec<PoseFrame> {
    let between = |a: f64, b: f64, share: f64| a + share * (b - a);
    let pairs = frames.windows(2).flat_map(|pair| {
        (0..n).map(|step| {
            let share = step as f64 / n as f64;
            let point = |id: usize| {
                std::array::from_fn(|axis| between(pair[0].points_px[id][axis], pair[1].points_px[id][axis], share))
            };
            PoseFrame {
                time_s: between(pair[0].time_s, pair[1].time_s, share),
                points_px: std::array::from_fn(point),
                ..pair[0].clone()
            }
        })
    });
    pairs.collect()
}

#[test]
fn slow_errors_of_many_frames_do_not_exchange_legs_that_pass_each_other() {
    for (yaw, n) in [(0.0, 4), (0.0, 8), (0.1, 8), (0.3, 16)] {
        let frames = filled_up(&film(120, 30.0, |_| yaw, |_| 0.0), n);
        let spans = find(&frames, MAX_SWAP_S).spans;
        assert!(spans.is_empty(), "{n} times, {yaw}: {spans:?}");
    }
}

#[test]
fn swaps_of_a_high_speed_camera_are_repaired_exactly() {
    for rate_hz in [90.0, 120.0, 240.0, 1000.0] {
        let clean = film((1.5 * rate_hz) as usize, rate_hz, |_| 0.5, |_| 0.0);
        let legs = Swap { legs: true, ..Swap::default() };
        for (start_s, length_s) in [(0.30, 0.05), (0.80, 0.10), (0.75, 0.2)] {
            let span = (start_s * rate_hz) as usize..((start_s + length_s) * rate_hz) as usize;
            assert!(separation(&clean[span.start], BodyPart::Legs) > 0.1);
            assert!(separation(&clean[span.end], BodyPart::Legs) > 0.1);
            let mut frames = clean.clone();
            inject(&mut frames, legs, span.clone());
            let spans = find(&frames, MAX_SWAP_S).spans;
            let found: Vec<_> = spans.iter().map(|span| (span.part, span.frames.clone(), span.is_suspected)).collect();
            assert_eq!(found, [(BodyPart::Legs, span, false)], "{rate_hz} Hz");
        }
    }
}

#[test]
fn what_is_not_seen_counts_for_nothing() {
    let mut frames = walk(PI / 2.0);
    inject(&mut frames, Swap { legs: true, ..Swap::default() }, 50..53);
    for frame in &mut frames {
        frame.visibility = std::array::from_fn(|id| if id >= landmark::LEFT_KNEE { 0.01 } else { 0.9 });
    }
    assert!(find(&frames, MAX_SWAP_S).spans.is_empty());
}

#[test]
fn missing_frames_are_bridged_and_end_nothing() {
    let mut frames = walk(PI / 2.0);
    inject(&mut frames, whole_body(), 50..55);
    for missing in [10, 11, 12, 30, 31, 52, 80] {
        frames[missing].points_px = [[f64::NAN; 2]; LANDMARK_COUNT];
    }
    let found = find(&frames, MAX_SWAP_S);
    for frame in [49, 50, 51, 53, 54, 55] {
        assert_eq!(found.repairs[frame] == whole_body(), (50..55).contains(&frame), "{frame}: {:?}", found.spans);
    }
    assert_eq!(found.spans.len(), 3);
}

#[test]
fn short_tracks() {
    for count in 0..4 {
        let frames = film(count, 30.0, |_| 0.8, |_| 0.0);
        let found = find(&frames, MAX_SWAP_S);
        assert_eq!(found.repairs, vec![Swap::default(); count]);
        assert!(found.spans.is_empty());
    }
}

/// Mean landmark error against the clean track, in body heights, summed over frames.
fn error(frames: &[PoseFrame], repairs: &[Swap], clean: &[PoseFrame]) -> f64 {
    let distance = |a: [f64; 2], b: [f64; 2]| (a[0] - b[0]).hypot(a[1] - b[1]);
    let frame_error = |((frame, repair), clean): ((&PoseFrame, &Swap), &PoseFrame)| {
        let repaired = repair.repair(&frame.points_px);
        repaired.iter().zip(clean.points_px).map(|(a, b)| distance(*a, b)).sum::<f64>()
    };
    frames.iter().zip(repairs).zip(clean).map(frame_error).sum::<f64>() / (LANDMARK_COUNT as f64 * HEIGHT_PX)
}

/// Swaps are repaired wherever they are injected, in views from the side to the front, even when limbs are crossing
/// and nothing tells which of the stretches before and after is the wrong one.
#[test]
fn little_is_left_of_swaps_anywhere() {
    let (mut before, mut after, mut cases, mut worse) = (0.0, 0.0, 0, 0);
    for bits in 1..8 {
        let swap = Swap { arms: bits & 1 > 0, legs: bits & 2 > 0, trunk: bits & 4 > 0 };
        for yaw in [0.0, 0.3, 0.8, 1.2, PI / 2.0, 2.6] {
            let clean = walk(yaw);
            for start in (3..100).step_by(4) {
                let mut frames = clean.clone();
                inject(&mut frames, swap, start..start + 1 + start % 10);
                let repairs = find(&frames, MAX_SWAP_S).repairs;
                let error_before = error(&frames, &vec![Swap::default(); frames.len()], &clean);
                let error_after = error(&frames, &repairs, &clean);
                before += error_before;
                after += error_after;
                cases += 1;
                worse += usize::from(error_after > error_before + 1e-9);
            }
        }
    }
    assert!(after < 0.03 * before, "{before} -> {after}");
    assert!(worse * 100 < cases, "{worse} of {cases} became worse");
}

proptest! {
    #[test]
    fn a_swap_taken_back_twice_is_none(arms in any::<bool>(), legs in any::<bool>(), trunk in any::<bool>()) {
        let swap = Swap { arms, legs, trunk };
        let landmarks: [usize; LANDMARK_COUNT] = std::array::from_fn(|id| id);
        prop_assert_eq!(swap.repair(&swap.repair(&landmarks)), landmarks);
    }

    /// Pixels or millimeters, small or large: only proportions count.
    #[test]
    fn scale_and_place_do_not_matter(scale in 0.05f64..20.0, shift in -1e4f64..1e4) {
        let mut frames = walk(0.8);
        inject(&mut frames, whole_body(), 50..54);
        let found = find(&frames, MAX_SWAP_S);
        for frame in &mut frames {
            frame.body_height_px *= scale;
            frame.points_px = frame.points_px.map(|[x, y]| [x * scale + shift, y * scale - shift]);
        }
        prop_assert_eq!(find(&frames, MAX_SWAP_S), found);
    }
}

//! Networks that see a scripted world. The pictures' colors encode positions (red is the column, green the row), so
//! that the landmark network knows the position, size and rotation of a crop from the crop alone.

use std::f32::consts::PI;

use super::*;
use crate::image::{Colors, Picture};
use crate::pose::detector;
use crate::pose::landmarker::Found;
use crate::pose::landmarks::{self, HEATMAP_SIDE, LandmarkTensors, POINT_VALUES};
use crate::pose::multipose::{MAX_PEOPLE, PERSON_VALUES};
use crate::pose::opinion::{Opinion, Reading};
use crate::pose::skeleton::{COCO_LANDMARKS, landmark};
use crate::pose::tracker::{DetectorTensors, RegionSource};

const SIDE: usize = 256;
const FPS: f64 = 30.0;

struct Map;

impl Picture for Map {
    fn size_px(&self) -> [usize; 2] {
        [SIDE, SIDE]
    }

    fn colors_at(&self, columns: &[u32], rows: &[u32], colors: Colors<'_>) {
        for (index, (&x, &y)) in columns.iter().zip(rows).enumerate() {
            (colors.red[index], colors.green[index], colors.blue[index]) = (x as u8, y as u8, 0);
        }
    }
}

/// A person in the world, in one frame.
#[derive(Clone, Copy)]
struct Body {
    hips_px: [f32; 2],
    /// Diameter of BlazePose's circle.
    size_px: f32,
    /// Clockwise rotation; 0 if the head is up. The landmark network does not detect a person who is rotated by more
    /// than a radian relative to the crop.
    turned_rad: f32,
    /// The detector's score.
    score: f32,
}

fn body(x_px: f32, y_px: f32) -> Body {
    Body { hips_px: [x_px, y_px], size_px: 60.0, turned_rad: 0.0, score: 0.7 }
}

impl Body {
    /// The position of a point of the body: to the athlete's right side on screen, and toward the head, in sizes.
    fn point_px(&self, across: f32, up: f32) -> [f32; 2] {
        let (sin, cos) = self.turned_rad.sin_cos();
        let (x, y) = (across * self.size_px, -up * self.size_px);
        [self.hips_px[0] + cos * x - sin * y, self.hips_px[1] + sin * x + cos * y]
    }

    fn landmark_px(&self, landmark: usize) -> [f32; 2] {
        let side = if landmark % 2 == 1 { 0.08 } else { -0.08 };
        match landmark {
            landmark::NOSE..=landmark::MOUTH_RIGHT => self.point_px(side * 0.3, 0.42),
            landmark::LEFT_SHOULDER | landmark::RIGHT_SHOULDER => self.point_px(side, 0.28),
            landmark::LEFT_ELBOW..=landmark::RIGHT_THUMB => self.point_px(side * 1.5, 0.1),
            landmark::LEFT_HIP | landmark::RIGHT_HIP => self.point_px(side * 0.8, 0.0),
            landmark::LEFT_KNEE | landmark::RIGHT_KNEE => self.point_px(side * 0.8, -0.22),
            _ => self.point_px(side * 0.8, -0.45),
        }
    }
}

struct World {
    bodies: Vec<Body>,
    n_detections: usize,
    /// Who is seen by the detector for one person.
    seen_by_one: Option<Body>,
    one_logit: f32,
    n_asked_for_one: usize,
    is_broken: bool,
    /// Heat that the first landmark network sees at each landmark; `None` if it sees nobody.
    first_heat: Option<f32>,
    /// How far the second landmark network sees everybody to the right of where the first one does, pixels.
    second_sees_right_px: f32,
    /// Crops read by the first and the second landmark network.
    n_read: [usize; 2],
}

impl Default for World {
    fn default() -> Self {
        Self {
            bodies: Vec::new(),
            n_detections: 0,
            seen_by_one: None,
            one_logit: 2.0,
            n_asked_for_one: 0,
            is_broken: false,
            first_heat: Some(0.0),
            second_sees_right_px: 0.0,
            n_read: [0; 2],
        }
    }
}

impl PoseNetworks for World {
    type Error = &'static str;

    fn detect(&mut self, _: &[f32], output: &mut DetectorTensors) -> Result<(), Self::Error> {
        const ANCHOR: usize = 800;
        self.n_asked_for_one += 1;
        output.boxes = vec![0.0; detector::ANCHOR_COUNT * detector::BOX_VALUES];
        output.logits = vec![-10.0; detector::ANCHOR_COUNT];
        let Some(body) = self.seen_by_one else { return Ok(()) };
        let anchor = detector::anchors()[ANCHOR];
        let to_input = detector::INPUT_SIDE as f32 / SIDE as f32;
        let offset =
            |point: [f32; 2]| [0, 1].map(|axis| point[axis] * to_input - anchor[axis] * detector::INPUT_SIDE as f32);
        let values = &mut output.boxes[ANCHOR * detector::BOX_VALUES..][..detector::BOX_VALUES];
        values[..2].copy_from_slice(&offset(body.landmark_px(landmark::NOSE)));
        values[2..4].copy_from_slice(&[20.0, 20.0]);
        values[4..6].copy_from_slice(&offset(body.hips_px));
        values[6..8].copy_from_slice(&offset(body.point_px(0.0, 0.5)));
        output.logits[ANCHOR] = self.one_logit;
        Ok(())
    }

    fn landmarks(
        &mut self,
        opinion: Opinion,
        inputs: &[f32],
        outputs: &mut [LandmarkTensors],
    ) -> Result<(), Self::Error> {
        if self.is_broken {
            return Err("broken");
        }
        assert_eq!(inputs.len(), outputs.len() * landmarks::CROP_VALUES);
        let crops = inputs.chunks_exact(landmarks::CROP_VALUES);
        self.n_read[opinion as usize] += outputs.len();
        crops.zip(outputs).for_each(|(crop, output)| self.landmarks_of(opinion, crop, output));
        Ok(())
    }
}

impl World {
    fn landmarks_of(&self, opinion: Opinion, input: &[f32], output: &mut LandmarkTensors) {
        const INPUT: usize = landmarks::INPUT_SIDE;
        let color = |u: usize, v: usize| [0, 1].map(|axis| input[(v * INPUT + u) * 3 + axis] * 255.0);
        let (center, right) = (color(INPUT / 2, INPUT / 2), color(INPUT / 2 + INPUT / 8, INPUT / 2));
        let across = [right[0] - center[0], right[1] - center[1]];
        let (side_px, rotation_rad) = (across[0].hypot(across[1]) * 8.0, across[1].atan2(across[0]));
        let distance = |body: &Body| (body.hips_px[0] - center[0]).hypot(body.hips_px[1] - center[1]);
        let turn = |body: &Body| (body.turned_rad - rotation_rad + 3.0 * PI).rem_euclid(2.0 * PI) - PI;
        let is_seen = |body: &&Body| distance(body) < 0.3 * side_px && turn(body).abs() < 1.0;
        let nearest = self.bodies.iter().filter(is_seen).min_by(|a, b| distance(a).total_cmp(&distance(b)));
        let (heat, right_px) = match opinion {
            Opinion::First => (self.first_heat, 0.0),
            Opinion::Second => (Some(0.9), self.second_sees_right_px),
        };
        output.pose_flag = if nearest.is_some() && heat.is_some() { 1.0 } else { 0.0 };
        output.points = vec![0.0; landmarks::POINT_COUNT * POINT_VALUES];
        output.heatmap = vec![-10.0; HEATMAP_SIDE * HEATMAP_SIDE * landmarks::POINT_COUNT];
        output.world = vec![0.0; landmarks::POINT_COUNT * 3];
        let Some(body) = nearest else { return };
        let (sin, cos) = rotation_rad.sin_cos();
        for (index, values) in output.points.chunks_exact_mut(POINT_VALUES).enumerate() {
            let [x, y] = match index {
                0..33 => {
                    let [x, y] = body.landmark_px(index);
                    [x + right_px, y]
                }
                33 => body.hips_px,
                _ => body.point_px(0.0, 0.5),
            };
            let (x, y) = (x - center[0], y - center[1]);
            let crop = [(cos * x + sin * y) / side_px + 0.5, (cos * y - sin * x) / side_px + 0.5];
            values[..2].copy_from_slice(&crop.map(|value| value * INPUT as f32));
            let cell = crop.map(|value| (value * HEATMAP_SIDE as f32) as usize);
            // The points of the next region are not refined, so that the region keeps its place.
            if let (0..33, Some(heat), [column @ 0..HEATMAP_SIDE, row @ 0..HEATMAP_SIDE]) = (index, heat, cell) {
                let logit = (heat / (1.0 - heat)).ln().max(-10.0);
                output.heatmap[(row * HEATMAP_SIDE + column) * landmarks::POINT_COUNT + index] = logit;
            }
        }
    }
}

impl PeopleNetworks for World {
    fn find_people(&mut self, _: &[i32], size: [usize; 2], output: &mut Vec<f32>) -> Result<(), Self::Error> {
        self.n_detections += 1;
        output.clear();
        output.resize(MAX_PEOPLE * PERSON_VALUES, 0.0);
        assert_eq!(size, [448, 448]);
        for (values, body) in output.chunks_exact_mut(PERSON_VALUES).zip(&self.bodies) {
            for (point, &landmark) in COCO_LANDMARKS.iter().enumerate() {
                let [x, y] = body.landmark_px(landmark).map(|value| value / SIDE as f32);
                values[point * 3..point * 3 + 3].copy_from_slice(&[y, x, 0.9]);
            }
            let half = body.size_px / 2.0 / SIDE as f32;
            let [x, y] = body.hips_px.map(|value| value / SIDE as f32);
            values[51..].copy_from_slice(&[y - half, x - half, y + half, x + half, body.score]);
        }
        Ok(())
    }
}

/// The people seen: tracklet and hips, frame by frame.
type Seen = Vec<Vec<(u16, [f32; 2])>>;

fn settings() -> PeopleSettings {
    PeopleSettings { tiling: Tiling::Off, ..PeopleSettings::default() }
}

/// Runs the tracker on the frames of a world.
fn run(settings: PeopleSettings, n_frames: usize, world: impl Fn(usize) -> Vec<Body>) -> (Seen, Vec<TrackletSummary>) {
    let mut tracker = PeopleTracker::new(settings);
    let mut networks = World::default();
    let mut seen = Vec::new();
    for frame in 0..n_frames {
        networks.bodies = world(frame);
        let people = tracker.next_frame(&mut networks, &Map, frame as f64 / FPS).unwrap();
        seen.push(people.iter().map(|person| (person.tracklet, hips_px(person))).collect());
    }
    (seen, tracker.end_segment())
}

fn hips_px(person: &PersonPose) -> [f32; 2] {
    Sighting::new(Found { tracked: person.tracked.clone(), reading: Reading::First }, [SIDE, SIDE]).center_px()
}

fn nobody_shares_a_body(seen: &Seen) {
    for (frame, people) in seen.iter().enumerate() {
        for (index, (a, at)) in people.iter().enumerate() {
            for (b, other) in &people[index + 1..] {
                let distance = (at[0] - other[0]).hypot(at[1] - other[1]);
                assert!(distance > 3.0, "frame {frame}: {a} at {at:?}, {b} at {other:?}");
            }
        }
    }
}

#[test]
fn everybody_in_view_is_followed_from_the_first_frame_on() {
    let (seen, summaries) = run(settings(), 30, |frame| {
        vec![body(60.0 + frame as f32, 100.0), body(190.0 - frame as f32, 170.0), body(60.0, 190.0)]
    });
    assert!(seen.iter().all(|people| people.iter().map(|(tracklet, _)| *tracklet).eq([0, 1, 2])));
    assert!((seen[29][0].1[0] - 89.0).abs() < 2.0 && (seen[29][1].1[0] - 161.0).abs() < 2.0, "{:?}", seen[29]);
    assert!(summaries.iter().all(|summary| summary.is_somebody) && summaries.len() == 3);
}

#[test]
fn two_who_cross_keep_their_tracklets_and_never_share_a_body() {
    // They pass each other at x = 128, a few pixels apart in height: the network detects the nearest person.
    let right = |frame: usize| body(68.0 + 2.0 * frame as f32, 126.0);
    let left = |frame: usize| body(188.0 - 2.0 * frame as f32, 130.0);
    let (seen, summaries) = run(settings(), 60, |frame| vec![right(frame), left(frame)]);
    nobody_shares_a_body(&seen);
    let at_end: Vec<u16> = seen[59].iter().map(|(tracklet, _)| *tracklet).collect();
    assert_eq!(at_end, [0, 1], "{:?}", seen[59]);
    assert!(seen[59][0].1[0] > 180.0 && seen[59][1].1[0] < 76.0, "{:?}", seen[59]);
    assert_eq!(summaries.len(), 2);
}

#[test]
fn who_is_hidden_for_a_moment_is_the_same_tracklet_afterwards() {
    let (seen, summaries) = run(settings(), 60, |frame| {
        let walker = body(60.0 + 2.0 * frame as f32, 100.0);
        if (20..35).contains(&frame) { vec![body(200.0, 190.0)] } else { vec![body(200.0, 190.0), walker] }
    });
    assert_eq!(seen[19].len(), 2);
    assert_eq!(seen[25].len(), 1, "{:?}", seen[25]);
    assert_eq!(seen[40].len(), 2);
    assert_eq!(summaries.len(), 2, "{summaries:?}");
}

#[test]
fn a_body_that_is_detected_twice_is_one_person_whichever_detection_is_better() {
    // In MediaPipe's graph the later region erases the good one even with a lower score, and close people cancel each
    // other.
    let doubled = |frame: usize, score: f32| {
        let good = body(100.0 + frame as f32, 120.0);
        vec![good, Body { hips_px: [good.hips_px[0] + 4.0, 122.0], score, ..good }]
    };
    for score in [0.3, 0.9] {
        let (seen, _) =
            run(settings(), 40, |frame| doubled(frame, score)[..if frame % 15 == 0 { 2 } else { 1 }].to_vec());
        nobody_shares_a_body(&seen);
        let first = seen[1][0].0;
        assert!(seen[2..].iter().all(|people| people.len() == 1 && people[0].0 == first), "{seen:?}");
    }
}

/// A person who the landmark network sees in this place, and no detector.
fn misread(x_px: f32, y_px: f32) -> Body {
    Body { score: 0.0, ..body(x_px, y_px) }
}

#[test]
fn a_track_that_no_detection_confirms_leaves_the_body_to_the_one_that_is_confirmed() {
    let beside = |at_last_px: f32| {
        run(settings(), 90, |frame| {
            let off_px = (40.0 - frame as f32).max(at_last_px);
            let other = body(100.0 + off_px, 128.0);
            vec![body(100.0, 128.0), if frame < 20 { other } else { misread(other.hips_px[0], 128.0) }]
        })
        .0
    };
    let seen = beside(9.8);
    assert!(seen[..20].iter().all(|people| people.len() == 2), "{seen:?}");
    let after = &seen[65..];
    assert!(after.iter().all(|people| people.len() == 1 && people[0].1[0] < 101.0), "a fifth of a height: {after:?}");
    let seen = beside(14.0);
    assert!(seen.iter().all(|people| people.len() == 2), "more than a quarter of a height: {seen:?}");
}

#[test]
fn a_small_pose_on_the_trunk_of_a_person_is_nobody() {
    // A child stands beside an adult. From frame 20 on the network sees it on the trunk of the adult instead.
    let adult = Body { size_px: 120.0, ..body(100.0, 128.0) };
    let child = |x_px: f32| Body { size_px: 24.0, ..body(x_px, 122.0) };
    let (seen, _) = run(settings(), 90, |frame| {
        let x_px = 160.0 - 2.0 * (frame as f32 - 10.0).clamp(0.0, 26.0);
        vec![adult, if frame < 20 { child(x_px) } else { Body { score: 0.0, ..child(x_px) } }]
    });
    assert!(seen[..20].iter().all(|people| people.len() == 2), "{seen:?}");
    assert!(seen[70..].iter().all(|people| people.len() == 1 && people[0].1[0] < 101.0), "{seen:?}");
}

#[test]
fn a_body_where_a_track_misreads_its_own_is_that_tracks() {
    // From frame 10 on, the network follows something a quarter of a height above the body.
    let (seen, summaries) = run(settings(), 40, |frame| {
        let real = body(128.0, 140.0);
        if frame < 10 { vec![real] } else { vec![real, misread(128.0, 140.0 - (frame as f32 - 9.0).min(14.0))] }
    });
    assert_eq!(summaries.len(), 1, "{summaries:?}");
    assert!(seen.iter().all(|people| people.len() == 1 && people[0].0 == 0), "{seen:?}");
}

#[test]
fn who_is_found_again_beside_a_misread_track_stays_the_same_tracklet() {
    // The track follows something that leaves the body by half a height, and comes back beside it.
    let (seen, summaries) = run(settings(), 60, |frame| match frame {
        0..10 => vec![body(128.0, 128.0)],
        10..25 => vec![misread(128.0 + 2.0 * (frame as f32 - 9.0), 128.0)],
        _ => vec![body(128.0, 128.0), misread(128.0 + (30.0 - 3.0 * (frame as f32 - 31.0).max(0.0)).max(9.8), 128.0)],
    });
    let nobody: Vec<u16> = summaries.iter().filter(|one| !one.is_somebody).map(|one| one.tracklet).collect();
    assert_eq!((summaries.len(), nobody), (2, vec![1]), "{seen:?}");
    let after = &seen[45..];
    assert!(after.iter().all(|people| people.len() == 1 && people[0].0 == 0 && people[0].1[0] < 129.0), "{seen:?}");
}

#[test]
fn newcomers_are_found_within_half_a_second_and_who_leaves_is_let_go() {
    let (seen, _) = run(settings(), 130, |frame| {
        let stays = body(200.0, 190.0);
        let walker = body(-20.0 + 4.0 * (frame as f32 - 20.0), 80.0);
        if frame < 20 || walker.hips_px[0] > 300.0 { vec![stays] } else { vec![stays, walker] }
    });
    assert!(seen[..20].iter().all(|people| people.len() == 1));
    assert_eq!(seen[46].len(), 2);
    assert_eq!(seen[129].len(), 1, "{:?}", seen[129]);
}

#[test]
fn no_more_people_than_asked_for() {
    let settings = PeopleSettings { max_people: 2, ..settings() };
    let (seen, _) = run(settings, 20, |_| vec![body(50.0, 128.0), body(128.0, 128.0), body(206.0, 128.0)]);
    assert!(seen.iter().all(|people| people.len() == 2));
}

/// Sources of poses, frame by frame, of a rotating body that the detector recognizes up to a certain lean.
fn sources_while_turning(turns_rad: impl IntoIterator<Item = f32>) -> Vec<Option<RegionSource>> {
    let mut tracker = PeopleTracker::new(settings());
    let mut networks = World::default();
    let mut sources = Vec::new();
    for (frame, turned_rad) in turns_rad.into_iter().enumerate() {
        networks.bodies =
            vec![Body { turned_rad, score: if turned_rad < 1.0 { 0.7 } else { 0.05 }, ..body(128.0, 128.0) }];
        let people = tracker.next_frame(&mut networks, &Map, frame as f64 / FPS).unwrap();
        sources.push(people.first().map(|person| person.tracked.source));
    }
    sources
}

#[test]
fn who_turns_over_is_found_in_a_turned_crop() {
    let leaning = (0..10).map(|frame| 0.09 * frame as f32);
    let sources = sources_while_turning(leaning.chain([PI - 0.1; 10]));
    assert!(sources.iter().all(Option::is_some), "{sources:?}");
    assert_eq!(sources[10], Some(RegionSource::Turned));
    assert_eq!(sources[11], Some(RegionSource::Tracking), "its own landmarks say how it is turned");
}

#[test]
fn who_was_upright_is_not_seen_upside_down_in_the_next_frame() {
    let sources = sources_while_turning([0.0; 10].into_iter().chain([PI - 0.1; 10]));
    assert!(sources[..10].iter().all(Option::is_some), "{sources:?}");
    assert!(sources[10..].iter().all(Option::is_none), "{sources:?}");
}

#[test]
fn who_comes_out_where_another_went_in_is_not_taken_for_the_other() {
    // Both walk toward each other behind a wall, and come out on the other side.
    let is_hidden = |body: &Body| (98.0..158.0).contains(&body.hips_px[0]);
    let (seen, summaries) = run(settings(), 90, |frame| {
        let way_px = 2.5 * frame as f32;
        let walkers = [body(30.0 + way_px, 128.0), body(226.0 - way_px, 130.0)];
        walkers.into_iter().filter(|walker| !is_hidden(walker)).collect()
    });
    let side = |frame: usize, is_left: bool| {
        let at_side = seen[frame].iter().find(|(_, at)| (at[0] < 128.0) == is_left);
        at_side.map(|(tracklet, _)| *tracklet)
    };
    let (before, after) =
        ([true, false].map(|is_left| side(20, is_left)), [true, false].map(|is_left| side(75, is_left)));
    assert!(before.iter().chain(&after).all(Option::is_some), "{before:?} {after:?}");
    // Either new tracklets, which identity links, or the right ones; never the other person's.
    assert!(before[0] != after[0] && before[1] != after[1], "{before:?} {after:?}");
    assert!(summaries.iter().all(|summary| summary.is_somebody), "{summaries:?}");
}

#[test]
fn who_is_given_up_leaves_room_for_a_newcomer() {
    let settings = PeopleSettings { max_people: 1, ..settings() };
    let (seen, _) = run(settings, 45, |frame| match frame {
        0..10 => vec![body(60.0, 100.0)],
        // Later than the time for which a missing person is expected, and within the time in which the detector runs
        // often.
        10..32 => vec![],
        _ => vec![body(62.0, 100.0)],
    });
    let at = |frame: usize| seen[frame].first().map(|(tracklet, _)| *tracklet);
    assert_eq!((at(9), at(31), at(36)), (Some(0), None, Some(1)));
}

#[test]
fn what_is_seen_once_and_faintly_is_nobody() {
    let (seen, summaries) = run(settings(), 60, |frame| {
        let ghost = Body { score: 0.3, ..body(60.0, 60.0) };
        if (28..33).contains(&frame) { vec![body(200.0, 190.0), ghost] } else { vec![body(200.0, 190.0)] }
    });
    assert_eq!(seen[31].len(), 2);
    assert_eq!(summaries.iter().map(|summary| summary.is_somebody).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn the_detector_runs_when_it_is_due_and_no_more() {
    let mut tracker = PeopleTracker::new(settings());
    let mut networks = World { bodies: vec![body(128.0, 128.0)], ..World::default() };
    let mut run = |networks: &mut World, frames: std::ops::Range<usize>| {
        for frame in frames {
            tracker.next_frame(networks, &Map, frame as f64 / FPS).unwrap();
        }
    };
    run(&mut networks, 0..46);
    assert_eq!(networks.n_detections, 4, "at 0, 0.5, 1 and 1.5 s");
    networks.bodies.clear();
    run(&mut networks, 46..90);
    // Every tenth of a second during the search for a missing person (one second), then every half second.
    assert!((10..16).contains(&networks.n_detections), "{}", networks.n_detections);
}

#[test]
fn a_network_that_fails_loses_everybody_for_this_frame_only() {
    let mut tracker = PeopleTracker::new(settings());
    let mut networks = World { bodies: vec![body(128.0, 128.0)], ..World::default() };
    assert_eq!(tracker.next_frame(&mut networks, &Map, 0.0).unwrap().len(), 1);
    networks.is_broken = true;
    assert!(tracker.next_frame(&mut networks, &Map, 1.0 / FPS).is_err());
    networks.is_broken = false;
    let people = tracker.next_frame(&mut networks, &Map, 2.0 / FPS).unwrap();
    assert_eq!((people.len(), people[0].tracked.source), (1, RegionSource::PeopleDetector));
    assert_eq!(tracker.end_segment().len(), 2);
}

/// Crops read by both networks, and the hips that were seen, in 60 frames of a person who stands still.
fn second_opinions(mut networks: World) -> ([usize; 2], Seen) {
    let mut tracker = PeopleTracker::new(PeopleSettings { has_second_opinion: true, ..settings() });
    networks.bodies = vec![body(128.0, 128.0)];
    let mut seen = Vec::new();
    for frame in 0..60 {
        let people = tracker.next_frame(&mut networks, &Map, f64::from(frame) / FPS).unwrap();
        seen.push(people.iter().map(|person| (person.tracklet, hips_px(person))).collect());
    }
    (networks.n_read, seen)
}

#[test]
fn only_doubtful_crops_get_a_second_opinion() {
    let ([first, second], _) =
        second_opinions(World { first_heat: Some(0.9), second_sees_right_px: 30.0, ..World::default() });
    assert_eq!((first, second), (61, 0), "a newcomer is looked at twice");
    let ([first, second], _) = second_opinions(World { first_heat: Some(0.5), ..World::default() });
    assert!(first == 61 && (1..20).contains(&second), "they agree, so the doubt was unfounded: {second}");
}

#[test]
fn the_second_network_keeps_the_word_where_the_networks_disagree() {
    let networks = World { first_heat: Some(0.3), second_sees_right_px: 8.0, ..World::default() };
    let ([first, second], seen) = second_opinions(networks);
    assert!(second == 61 && (10..25).contains(&first), "{first} {second}");
    assert!(seen.iter().all(|people| (people[0].1[0] - 136.0).abs() < 3.0), "{seen:?}");
}

#[test]
fn who_is_seen_by_the_second_network_alone_is_followed() {
    let (_, seen) = second_opinions(World { first_heat: None, ..World::default() });
    assert!(seen.iter().all(|people| people.len() == 1 && people[0].0 == 0), "{seen:?}");
}

/// The people seen in frames of a world whose first body is also seen by the detector for one person, and how often that
/// detector was asked.
fn run_with_both(n_frames: usize, world: impl Fn(usize) -> Vec<Body>) -> (Seen, Vec<TrackletSummary>, usize) {
    let mut tracker = PeopleTracker::new(settings());
    let mut networks = World::default();
    let mut seen = Vec::new();
    for frame in 0..n_frames {
        networks.bodies = world(frame);
        networks.seen_by_one = networks.bodies.first().copied();
        let people = tracker.next_frame(&mut networks, &Map, frame as f64 / FPS).unwrap();
        seen.push(people.iter().map(|person| (person.tracklet, hips_px(person))).collect());
    }
    (seen, tracker.end_segment(), networks.n_asked_for_one)
}

/// A body that the detector for several people does not see.
fn unseen(x_px: f32, y_px: f32) -> Body {
    Body { turned_rad: PI - 0.1, score: 0.05, ..body(x_px, y_px) }
}

#[test]
fn who_is_upside_down_all_the_time_is_found_and_confirmed_by_the_detector_for_one() {
    let (seen, summaries, n_asked) = run_with_both(61, |frame| vec![unseen(90.0 + frame as f32, 128.0)]);
    assert!(seen.iter().all(|people| people.len() == 1 && people[0].0 == 0), "{seen:?}");
    assert!((seen[60][0].1[0] - 150.0).abs() < 2.0, "{:?}", seen[60]);
    assert_eq!((n_asked, summaries[0].n_detections), (5, 5), "at 0, 0.5, 1, 1.5 and 2 s");
}

#[test]
fn the_detector_for_one_is_not_asked_while_the_other_sees_somebody() {
    let (seen, _, n_asked) = run_with_both(61, |_| vec![body(128.0, 128.0)]);
    assert!(seen.iter().all(|people| people.len() == 1));
    assert_eq!(n_asked, 0);
}

#[test]
fn what_the_detector_for_one_sees_for_a_moment_is_nobody() {
    let (seen, summaries, _) =
        run_with_both(90, |frame| if (28..33).contains(&frame) { vec![unseen(60.0, 60.0)] } else { vec![] });
    assert_eq!(seen[31].len(), 1);
    assert_eq!(summaries.iter().map(|summary| summary.is_somebody).collect::<Vec<_>>(), [false]);
}

#[test]
fn who_turns_over_at_once_is_found_again_by_the_detector_for_one() {
    let (seen, summaries, _) =
        run_with_both(30, |frame| vec![if frame < 10 { body(128.0, 128.0) } else { unseen(128.0, 128.0) }]);
    assert!(seen[14..].iter().all(|people| people.len() == 1 && people[0].0 == 0), "{seen:?}");
    assert_eq!(summaries.len(), 1);
}

#[test]
fn nobody_joins_a_person_in_view_by_the_detector_for_one() {
    let (seen, _, n_asked) = run_with_both(61, |frame| {
        let fades = Body { score: if frame == 0 { 0.7 } else { 0.05 }, ..body(190.0, 128.0) };
        if frame == 0 { vec![fades] } else { vec![unseen(60.0, 60.0), fades] }
    });
    assert!(n_asked > 0 && seen.iter().all(|people| people.len() == 1 && people[0].1[0] > 150.0), "{seen:?}");
}

#[test]
fn an_unsure_detector_for_one_finds_nobody_nor_does_a_sure_one_beside_the_picture() {
    let n_seen = |one_logit: f32, x_px: f32| {
        let mut tracker = PeopleTracker::new(settings());
        let mut networks = World { bodies: vec![unseen(x_px, 128.0)], one_logit, ..World::default() };
        networks.seen_by_one = networks.bodies.first().copied();
        tracker.next_frame(&mut networks, &Map, 0.0).unwrap().len()
    };
    // Scores of 0.57 and 0.65.
    assert_eq!((n_seen(0.3, 128.0), n_seen(0.6, 128.0)), (0, 1));
    assert_eq!((n_seen(2.0, -3.0), n_seen(2.0, 3.0)), (0, 1));
}

#[test]
fn a_still_with_a_person_whom_only_the_detector_for_one_sees_has_somebody() {
    let (_, summaries, _) = run_with_both(1, |_| vec![unseen(128.0, 128.0)]);
    assert!(matches!(summaries[..], [TrackletSummary { is_somebody: true, .. }]), "{summaries:?}");
    let (seen, summaries, _) = run_with_both(60, |frame| if frame < 10 { vec![unseen(128.0, 128.0)] } else { vec![] });
    assert_eq!((seen[5].len(), summaries[0].is_somebody), (1, false), "seen once at the start of a segment");
}

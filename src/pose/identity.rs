//! Identifies people over a whole video: links tracklets to people.
//!
//! Works online in time order. Tracklets that begin together are paired with the people who are out of view, at the
//! least total cost. There are three ways to recognize a person, the most trusted first: by pose, from the frames just
//! before (the border of two segments); by position and motion, after a moment out of sight; by appearance, after a
//! longer time. Distances are measured relative to the person's size, so that nothing depends on the picture's size. A
//! person in view is never linked to another person in view, so no two ids share a body. Deterministic: the order of
//! the input does not matter.
//!
//! A cut begins another scene, often at another distance from the camera. So people of different shots are different
//! people, unless the pose goes on in the same place.

use super::assignment::assign;
use super::reappearance::{ADJACENT_FRAMES, Gap, LONG_APPEARANCE, TrackletEnds, appearance_distance};
use super::tracklet::{APPEARANCE_BINS, Link};

/// Margin by which the appearance of every other person must be farther away.
const LONG_APPEARANCE_MARGIN: f64 = 0.08;
/// Cost of a new person; links that cost as much are not used.
const NEW_COST: f32 = 1.0;

/// The person that a tracklet belongs to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Identity {
    /// The tracklet.
    pub track_id: u32,
    /// The person; 0 is the main athlete: the largest in view for the longest time.
    pub person_id: u16,
    /// How the person was recognized.
    pub link: Link,
    /// Difference from the expectation, 0..=1; `None` for a new person.
    pub cost: Option<f32>,
}

/// Identifies the tracklets of several people, in the order of their ids. Tracklets without frames are left out.
#[must_use]
pub fn identify(tracklets: &[TrackletEnds]) -> Vec<Identity> {
    let mut people: Vec<Person> = Vec::new();
    for group in groups(&in_time_order(tracklets)) {
        link_group(&group, &mut people);
    }
    number(people)
}

/// Identifies the tracklets if only one person is followed: all of a shot are one person, whoever is visible.
#[must_use]
pub fn identify_single(tracklets: &[TrackletEnds]) -> Vec<Identity> {
    let mut people: Vec<Person> = Vec::new();
    for tracklet in in_time_order(tracklets) {
        match people.last_mut() {
            Some(person) if goes_on(person, tracklet) => {
                let n_frames = tracklet.first_frame_idx().abs_diff(person.last.last_frame_idx());
                let link = if n_frames <= ADJACENT_FRAMES { Link::Segment } else { Link::Gap };
                person.add(tracklet, link, None);
            }
            _ => people.push(Person::new(tracklet)),
        }
    }
    number(people)
}

/// Whether a tracklet belongs to the same shot as the person's last one, or goes on with its pose after a cut.
fn goes_on(person: &Person<'_>, tracklet: &TrackletEnds) -> bool {
    let is_same_pose = || {
        let (end, begin) = (person.last.end()?, tracklet.begin()?);
        Gap::new(person.last, end, tracklet, begin).cut_cost()
    };
    tracklet.shot == person.last.shot || is_same_pose().is_some()
}

fn in_time_order(tracklets: &[TrackletEnds]) -> Vec<&TrackletEnds> {
    let mut ordered: Vec<_> = tracklets.iter().filter(|tracklet| !tracklet.first.is_empty()).collect();
    ordered.sort_by_key(|tracklet| (tracklet.first_frame_idx(), tracklet.track_id));
    ordered
}

fn sorted_by_track(mut identities: Vec<Identity>) -> Vec<Identity> {
    identities.sort_by_key(|identity| identity.track_id);
    identities
}

/// Groups tracklets that begin within a few frames and are all in view at the same time: they are different people.
fn groups<'a>(ordered: &[&'a TrackletEnds]) -> Vec<Vec<&'a TrackletEnds>> {
    let mut groups: Vec<Vec<&TrackletEnds>> = Vec::new();
    for &tracklet in ordered {
        let begin = tracklet.first_frame_idx();
        let belongs = |group: &Vec<&TrackletEnds>| {
            begin - group[0].first_frame_idx() <= ADJACENT_FRAMES
                && group.iter().all(|member| begin <= member.last_frame_idx())
        };
        match groups.last_mut().filter(|group| belongs(group)) {
            Some(group) => group.push(tracklet),
            None => groups.push(vec![tracklet]),
        }
    }
    groups
}

/// A person known so far.
struct Person<'a> {
    links: Vec<Identity>,
    /// The tracklet in which the person was last in view.
    last: &'a TrackletEnds,
    first_frame_idx: u32,
    /// Sum of sizes over the frames in view, pixels: determines the main athlete.
    total_size_px: f64,
    appearance: Option<[f32; APPEARANCE_BINS]>,
    /// Number of frames averaged in the appearance.
    appearance_frames: u32,
}

impl<'a> Person<'a> {
    fn new(tracklet: &'a TrackletEnds) -> Self {
        let mut person = Self {
            links: Vec::new(),
            last: tracklet,
            first_frame_idx: tracklet.first_frame_idx(),
            total_size_px: 0.0,
            appearance: None,
            appearance_frames: 0,
        };
        person.add(tracklet, Link::New, None);
        person
    }

    fn add(&mut self, tracklet: &'a TrackletEnds, link: Link, cost: Option<f32>) {
        self.links.push(Identity { track_id: tracklet.track_id, person_id: 0, link, cost });
        self.last = tracklet;
        self.total_size_px += f64::from(tracklet.size_px) * f64::from(tracklet.n_frames);
        if let Some(new) = &tracklet.appearance {
            let mean = self.appearance.get_or_insert([0.0; APPEARANCE_BINS]);
            let n_frames = self.appearance_frames + tracklet.n_frames;
            let weight = tracklet.n_frames as f32 / n_frames.max(1) as f32;
            for (mean, new) in mean.iter_mut().zip(new) {
                *mean += (new - *mean) * weight;
            }
            self.appearance_frames = n_frames;
        }
    }
}

/// Links tracklets that begin together to people who are out of view, or to new people.
fn link_group<'a>(group: &[&'a TrackletEnds], people: &mut Vec<Person<'a>>) {
    let looks = LookAlikes::new(group, people);
    let links: Vec<Vec<Option<(Link, f32)>>> = (group.iter().enumerate())
        .map(|(row, tracklet)| {
            (0..people.len()).map(|person| link(tracklet, &people[person], looks.is_only(row, person))).collect()
        })
        .collect();
    let candidates: Vec<usize> =
        (0..people.len()).filter(|&person| links.iter().any(|row| row[person].is_some())).collect();
    let cost = |link: Option<(Link, f32)>| link.map_or(f32::INFINITY, |(_, cost)| cost);
    let costs: Vec<Vec<f32>> =
        links.iter().map(|row| candidates.iter().map(|&person| cost(row[person])).collect()).collect();
    for (row, pair) in assign(&costs, NEW_COST).into_iter().enumerate() {
        let known = pair.map(|column| candidates[column]);
        match known.and_then(|person| Some((person, links[row][person]?))) {
            Some((person, (link, cost))) => people[person].add(group[row], link, Some(cost)),
            None => people.push(Person::new(group[row])),
        }
    }
}

/// The best way to recognize a person in a tracklet, and its cost.
fn link(tracklet: &TrackletEnds, person: &Person<'_>, is_only_look_alike: bool) -> Option<(Link, f32)> {
    let (begin, end) = (tracklet.begin()?, person.last.end()?);
    if begin.frame_idx <= end.frame_idx {
        return None;
    }
    let gap = Gap::new(person.last, end, tracklet, begin);
    if tracklet.shot != person.last.shot {
        return gap.cut_cost().map(|cost| (Link::Segment, (0.5 * cost) as f32));
    }
    let looks = appearance_distance(person.appearance.as_ref(), tracklet.appearance.as_ref());
    let by_pose = || Some((Link::Segment, 0.5 * gap.pose_cost()?));
    let by_motion = || Some((Link::Gap, 0.3 + 0.7 * gap.motion_cost(looks)?));
    let by_looks = || Some((Link::Appearance, 0.5 + 0.5 * gap.looks_cost(looks, is_only_look_alike)?));
    let (link, cost) = by_pose().or_else(by_motion).or_else(by_looks)?;
    Some((link, cost as f32))
}

/// Similarity of appearances. Appearance identifies a person only if no other person looks similar, whether in view or
/// not.
struct LookAlikes {
    /// A tracklet's distance to each person.
    distances: Vec<Vec<Option<f64>>>,
}

impl LookAlikes {
    fn new(group: &[&TrackletEnds], people: &[Person<'_>]) -> Self {
        let of = |tracklet: &TrackletEnds| {
            let distance =
                |person: &Person<'_>| appearance_distance(person.appearance.as_ref(), tracklet.appearance.as_ref());
            people.iter().map(distance).collect()
        };
        Self { distances: group.iter().map(|tracklet| of(tracklet)).collect() }
    }

    fn is_only(&self, row: usize, person: usize) -> bool {
        let Some(own) = self.distances[row][person] else { return false };
        // If the person's own appearance is too far away, the others need no check.
        if own > LONG_APPEARANCE {
            return false;
        }
        let is_farther = |other: Option<f64>| other.is_none_or(|other| other >= own + LONG_APPEARANCE_MARGIN);
        let others = (0..self.distances[row].len()).filter(|&other| other != person);
        let rivals = (0..self.distances.len()).filter(|&other| other != row);
        others.map(|other| self.distances[row][other]).all(is_farther)
            && rivals.map(|rival| self.distances[rival][person]).all(is_farther)
    }
}

/// Numbers people, starting with the main athlete.
fn number(mut people: Vec<Person<'_>>) -> Vec<Identity> {
    let first_track = |person: &Person<'_>| person.links.first().map_or(0, |link| link.track_id);
    people.sort_by(|a, b| {
        let by_size = b.total_size_px.total_cmp(&a.total_size_px);
        by_size.then_with(|| (a.first_frame_idx, first_track(a)).cmp(&(b.first_frame_idx, first_track(b))))
    });
    let numbered = people.into_iter().enumerate().flat_map(|(person, known)| {
        let person_id = u16::try_from(person).unwrap_or(u16::MAX);
        known.links.into_iter().map(move |link| Identity { person_id, ..link })
    });
    sorted_by_track(numbered.collect())
}

#[cfg(test)]
mod tests {
    use super::super::reappearance::{END_FRAMES, TrackPoint};
    use super::super::skeleton::{LANDMARK_COUNT, landmark};
    use super::*;
    use proptest::prelude::*;

    const FPS: f64 = 30.0;

    /// A person 200 px tall (in the measure of regions) whose landmarks lie around the hips.
    fn point(frame_idx: u32, hips_px: [f64; 2], size_px: f64) -> TrackPoint {
        let around = |index: usize| {
            let angle = index as f64;
            [0, 1].map(|axis| {
                let reach = if axis == 0 { 0.1 * angle.cos() } else { 0.4 * angle.sin() };
                // The hips themselves lie at the given position.
                let offset = if landmark::HIPS.contains(&index) { 0.0 } else { reach * size_px };
                (hips_px[axis] + offset) as f32
            })
        };
        TrackPoint {
            frame_idx,
            time_s: f64::from(frame_idx) / FPS,
            points_px: std::array::from_fn(around),
            visibility: [1.0; LANDMARK_COUNT],
            center_px: hips_px.map(|value| value as f32),
            size_px: size_px as f32,
        }
    }

    /// A tracklet of a person with the given path, in frames `frames[0]..=frames[1]`.
    fn tracklet(track_id: u32, frames: [u32; 2], size_px: f64, way: impl Fn(f64) -> [f64; 2]) -> TrackletEnds {
        let at = |frame_idx: u32| point(frame_idx, way(f64::from(frame_idx) / FPS), size_px);
        let end = (frames[0] + END_FRAMES as u32 - 1).min(frames[1]);
        let begin = (frames[1] + 1).saturating_sub(END_FRAMES as u32).max(frames[0]);
        TrackletEnds {
            track_id,
            n_frames: frames[1] - frames[0] + 1,
            size_px: size_px as f32,
            shot: 0,
            appearance: None,
            first: (frames[0]..=end).map(at).collect(),
            last: (begin..=frames[1]).map(at).collect(),
        }
    }

    /// Clothes with one color each for the upper and the lower body, with a small share in the next bin.
    fn clothes(upper: usize, lower: usize) -> [f32; APPEARANCE_BINS] {
        let half = APPEARANCE_BINS / 2;
        let mut bins = [0.0; APPEARANCE_BINS];
        for (start, color) in [(0, upper), (half, lower)] {
            bins[start + color % half] += 0.9;
            bins[start + (color + 1) % half] += 0.1;
        }
        bins
    }

    fn people(tracklets: &[TrackletEnds]) -> Vec<u16> {
        identify(tracklets).iter().map(|identity| identity.person_id).collect()
    }

    fn links(tracklets: &[TrackletEnds]) -> Vec<Link> {
        identify(tracklets).iter().map(|identity| identity.link).collect()
    }

    #[test]
    fn two_who_walk_through_each_other_out_of_sight_keep_their_ids() {
        // They meet at x = 500 after 2 s; around that time neither is visible for 0.5 s.
        let right = |t: f64| [200.0 + 150.0 * t, 300.0];
        let left = |t: f64| [800.0 - 150.0 * t, 310.0];
        let tracklets = [
            tracklet(0, [0, 52], 220.0, right),
            tracklet(1, [0, 52], 200.0, left),
            // The tracker numbers them in the order in which it finds them again: reversed.
            tracklet(2, [68, 120], 200.0, left),
            tracklet(3, [68, 120], 220.0, right),
        ];
        assert_eq!(people(&tracklets), [0, 1, 1, 0]);
        assert_eq!(links(&tracklets)[2..], [Link::Gap, Link::Gap]);
    }

    #[test]
    fn two_who_pass_each_other_at_the_border_of_two_segments_keep_their_ids() {
        // They meet at x = 500 after 2 s, where the second segment begins and finds them in reverse order.
        let right = |t: f64| [200.0 + 150.0 * t, 300.0];
        let left = |t: f64| [800.0 - 150.0 * t, 300.0];
        let tracklets = [
            tracklet(0, [0, 59], 201.0, right),
            tracklet(1, [0, 59], 200.0, left),
            tracklet(10_000, [61, 119], 200.0, left),
            tracklet(10_001, [60, 119], 201.0, right),
        ];
        assert_eq!(people(&tracklets), [0, 1, 1, 0]);
        assert_eq!(links(&tracklets)[2..], [Link::Segment, Link::Segment]);
    }

    #[test]
    fn the_main_athlete_is_the_largest_and_longest_in_view() {
        let stands = |x: f64| move |_: f64| [x, 300.0];
        let tracklets = [
            tracklet(0, [0, 100], 100.0, stands(100.0)),
            tracklet(1, [0, 90], 300.0, stands(900.0)),
            tracklet(2, [20, 29], 500.0, stands(2000.0)),
        ];
        // Size times frames: 10100, 27300, 5000.
        assert_eq!(people(&tracklets), [1, 0, 2]);
    }

    #[test]
    fn somebody_else_in_another_place_is_somebody_new() {
        let stands = |x: f64| move |_: f64| [x, 300.0];
        let tracklets = [tracklet(0, [0, 100], 100.0, stands(100.0)), tracklet(1, [105, 150], 100.0, stands(600.0))];
        assert_eq!(people(&tracklets), [0, 1]);
        let of_other_size =
            [tracklet(0, [0, 100], 100.0, stands(100.0)), tracklet(1, [105, 150], 250.0, stands(100.0))];
        assert_eq!(people(&of_other_size), [1, 0]);
    }

    #[test]
    fn who_comes_back_after_long_is_known_by_looks_that_nobody_else_has() {
        let stands = |x: f64| move |_: f64| [x, 300.0];
        let dressed =
            |tracklet: TrackletEnds, upper, lower| TrackletEnds { appearance: Some(clothes(upper, lower)), ..tracklet };
        let tracklets = [
            dressed(tracklet(0, [0, 300], 200.0, stands(100.0)), 3, 9),
            dressed(tracklet(1, [0, 300], 190.0, stands(900.0)), 14, 9),
            dressed(tracklet(2, [900, 1000], 190.0, stands(500.0)), 14, 9),
        ];
        // The second one is in view longer in total, and is therefore the main athlete.
        assert_eq!(people(&tracklets), [1, 0, 0]);
        assert_eq!(links(&tracklets)[2], Link::Appearance);
        // Both wear the same clothes, so it could be either.
        let alike = tracklets.map(|tracklet| dressed(tracklet, 14, 9));
        assert_eq!(people(&alike), [0, 1, 2]);
        // The appearance is unknown, so there is no evidence.
        let unknown = alike.map(|tracklet| TrackletEnds { appearance: None, ..tracklet });
        assert_eq!(people(&unknown), [0, 1, 2]);
    }

    #[test]
    fn looks_keep_apart_who_swap_places_out_of_sight() {
        let stands = |x: f64| move |_: f64| [x, 300.0];
        let dressed = |tracklet: TrackletEnds, upper| TrackletEnds { appearance: Some(clothes(upper, 9)), ..tracklet };
        let tracklets = [
            dressed(tracklet(0, [0, 60], 200.0, stands(400.0)), 3),
            dressed(tracklet(1, [0, 60], 199.0, stands(520.0)), 14),
            dressed(tracklet(2, [100, 160], 199.0, stands(400.0)), 14),
            dressed(tracklet(3, [100, 160], 200.0, stands(520.0)), 3),
        ];
        assert_eq!(people(&tracklets), [0, 1, 1, 0]);
    }

    #[test]
    fn of_one_person_all_tracklets_are_that_person() {
        let stands = |x: f64| move |_: f64| [x, 300.0];
        let tracklets = [
            tracklet(0, [0, 9], 200.0, stands(400.0)),
            tracklet(10_000, [10, 19], 200.0, stands(4000.0)),
            tracklet(10_001, [40, 49], 20.0, stands(400.0)),
        ];
        let identities = identify_single(&tracklets);
        assert!(identities.iter().all(|identity| identity.person_id == 0));
        let links: Vec<Link> = identities.iter().map(|identity| identity.link).collect();
        assert_eq!(links, [Link::New, Link::Segment, Link::Gap]);
    }

    #[test]
    fn a_cut_begins_other_people_unless_the_pose_goes_on() {
        let stands = |x: f64| move |_: f64| [x, 300.0];
        let of_shot = |tracklet: TrackletEnds, shot| TrackletEnds { shot, appearance: Some(clothes(3, 9)), ..tracklet };
        let wide = of_shot(tracklet(0, [0, 59], 200.0, stands(400.0)), 0);
        let close = of_shot(tracklet(1, [60, 99], 240.0, stands(400.0)), 1);
        let beside = of_shot(tracklet(1, [60, 99], 200.0, stands(430.0)), 1);
        let same = of_shot(tracklet(1, [60, 99], 200.0, stands(405.0)), 1);
        for (other, ids) in [(close, [0, 1]), (beside, [0, 1]), (same, [0, 0])] {
            let both = [wide.clone(), other];
            assert_eq!(people(&both), ids);
            let single: Vec<u16> = identify_single(&both).iter().map(|identity| identity.person_id).collect();
            assert_eq!(single, ids);
        }
        let returns = of_shot(tracklet(2, [100, 130], 200.0, stands(400.0)), 2);
        let close = of_shot(tracklet(1, [60, 99], 300.0, stands(400.0)), 1);
        let all = [wide, close, returns];
        assert_eq!(links(&all), [Link::New; 3], "the same picture after another one: nothing tells who it is");
    }

    /// Segments of 60 frames in which people of different sizes walk steadily in separate rows. In each segment they
    /// are found again at most two frames late.
    fn walkers() -> impl Strategy<Value = Vec<Vec<TrackletEnds>>> {
        let person = (60.0..250.0f64, -250.0..250.0f64, prop::collection::vec(0u32..3, 5));
        prop::collection::vec(person, 1..5).prop_map(|people| {
            let of = |(row, (size_px, speed, delays)): (usize, &(f64, f64, Vec<u32>))| {
                let way = |t: f64| [1000.0 + speed * t, 300.0 * row as f64];
                let part = |(part, delay): (usize, &u32)| {
                    let first = part as u32 * 60;
                    tracklet(part as u32 * 10_000 + row as u32, [first + delay, first + 59], *size_px, way)
                };
                delays.iter().enumerate().map(part).collect()
            };
            people.iter().enumerate().map(of).collect()
        })
    }

    /// First frame, length, position, speed, size, color.
    type RawTracklet = (u32, u32, f64, f64, f64, Option<usize>);

    proptest! {
        #[test]
        fn segment_borders_never_change_the_id_of_a_steady_walker(people in walkers()) {
            let identities = identify(&people.concat());
            for (row, _) in people.iter().enumerate() {
                let of_row = identities.iter().filter(|identity| identity.track_id as usize % 10_000 == row);
                let mut ids: Vec<u16> = of_row.map(|identity| identity.person_id).collect();
                ids.dedup();
                prop_assert_eq!(ids.len(), 1, "person {} has several ids: {:?}", row, ids);
            }
            let n_people = identities.iter().map(|identity| identity.person_id).max().map_or(0, usize::from) + 1;
            prop_assert_eq!(n_people, people.len());
        }

        #[test]
        fn the_order_of_tracklets_does_not_matter_and_nobody_is_twice_in_a_frame(
            (tracklets, shuffled) in prop::collection::vec(
                (0u32..200, 1u32..60, 0.0..600.0f64, -200.0..200.0f64, 80.0..200.0f64, prop::option::of(0usize..4)),
                1..14,
            )
            .prop_map(|raw| {
                let make = |(index, &(first, length, x, speed, size_px, color)): (usize, &RawTracklet)| {
                    let way = |t: f64| [x + speed * (t - f64::from(first) / FPS), 300.0];
                    let plain = tracklet(index as u32, [first, first + length], size_px, way);
                    TrackletEnds { appearance: color.map(|color| clothes(color * 5, color * 5)), ..plain }
                };
                raw.iter().enumerate().map(make).collect::<Vec<_>>()
            })
            .prop_flat_map(|tracklets| (Just(tracklets.clone()), Just(tracklets).prop_shuffle())),
        ) {
            let identities = identify(&tracklets);
            prop_assert_eq!(&identities, &identify(&shuffled));
            let span = |index: usize| [tracklets[index].first_frame_idx(), tracklets[index].last_frame_idx()];
            for a in 0..tracklets.len() {
                for b in a + 1..tracklets.len() {
                    let overlaps = span(a)[0] <= span(b)[1] && span(b)[0] <= span(a)[1];
                    prop_assert!(!overlaps || identities[a].person_id != identities[b].person_id, "{} and {}", a, b);
                }
            }
        }
    }
}

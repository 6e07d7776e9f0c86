//! Reads the raw tracks of a run, person by person, from its parts.

use std::collections::{BTreeMap, BTreeSet};

use crate::movement::repeats::{RepeatSearch, Repeats};
use crate::movement::track::{CHANNELS, PerLandmark, Stretch};
use crate::pose::skeleton::LANDMARK_COUNT;
use crate::store::folders::parquet_files;
use crate::store::read::{read_frames, read_poses};
use crate::store::read_tracks::{TrackOwners, no_person, read_tracks};
use crate::store::results::ResultOwner;
use crate::store::rows::PoseRow;
use crate::store::{Layout, StoreError, Table};

/// The raw tracks of a run.
pub(crate) struct RawRun {
    /// The times of all frames by their number, seconds, strictly increasing.
    times_s: BTreeMap<u32, f64>,
    /// The frames whose pictures extraction has found to be repeated.
    repeated: BTreeSet<u32>,
    /// The poses of each person by frame.
    people: BTreeMap<u16, BTreeMap<u32, PoseRow>>,
}

/// The smallest interval, as a share of the usual interval, that separates frames whose times do not increase;
/// filters need it.
const LEAST_INTERVAL: f64 = 0.1;

impl RawRun {
    /// Reads a run.
    ///
    /// # Errors
    /// If a part is missing or damaged.
    pub(crate) fn read(layout: &Layout, owner: &ResultOwner) -> Result<Self, StoreError> {
        let folder = |table| parquet_files(&layout.run(table, &owner.video_id, &owner.run_id));
        let (mut times_s, mut repeated) = (BTreeMap::new(), BTreeSet::new());
        for path in folder(Table::Frames) {
            let frames = read_frames(&path)?;
            times_s.extend(frames.iter().map(|frame| (frame.frame_idx, frame.time_s)));
            repeated.extend(frames.iter().filter(|frame| frame.is_repeated).map(|frame| frame.frame_idx));
        }
        let tracks_path = layout.part(Table::Tracks, &owner.video_id, &owner.run_id, 0);
        let owners = TrackOwners::new(read_tracks(&tracks_path)?);
        let mut people: BTreeMap<u16, BTreeMap<u32, PoseRow>> = BTreeMap::new();
        for path in folder(Table::RawLandmarks) {
            for row in read_poses(&path, Table::RawLandmarks)? {
                let person_id = owners
                    .person(row.owner, row.frame_idx)
                    .ok_or_else(|| no_person(&tracks_path, row.owner, row.frame_idx))?;
                people.entry(person_id).or_default().insert(row.frame_idx, row);
            }
        }
        Ok(Self { times_s: increasing(times_s), repeated, people })
    }

    /// Returns the ids of the people.
    #[must_use]
    pub(crate) fn people(&self) -> Vec<u16> {
        self.people.keys().copied().collect()
    }

    /// Returns the frames that repeat the picture before them. Needs the poses of all people, so it comes before
    /// [`RawRun::take_stretches`].
    #[must_use]
    pub(crate) fn repeats(&self) -> Repeats {
        let mut search = RepeatSearch::default();
        for poses in self.people.values() {
            let places = |pose: &PoseRow| -> PerLandmark<[f64; 2]> {
                pose.points.each_ref().map(|point| [point.image_px[0], point.image_px[1]].map(f64::from))
            };
            search.add(poses.iter().map(|(&frame_idx, pose)| (frame_idx, places(pose))));
        }
        search.add_pictures(&self.times_s, &self.repeated);
        search.find()
    }

    /// Returns the stretches of a person. Gaps of up to `longest_gap_s` lie within a stretch; their frames are NaN.
    /// Removes the poses of the person, because poses of hours of video are hundreds of megabytes and must not be in
    /// memory twice.
    #[must_use]
    pub(crate) fn take_stretches(&mut self, person_id: u16, longest_gap_s: f64) -> Vec<Stretch> {
        let poses = self.people.remove(&person_id).unwrap_or_default();
        let mut stretches: Vec<Stretch> = Vec::new();
        let mut last: Option<u32> = None;
        for (frame_idx, pose) in poses {
            let time_s = self.time_s(frame_idx);
            let is_near = last.is_some_and(|last| time_s - self.time_s(last) <= longest_gap_s || frame_idx == last + 1);
            if !is_near {
                stretches.push(Stretch {
                    points: vec![std::array::from_fn(|_| Vec::new()); LANDMARK_COUNT],
                    visibility: vec![Vec::new(); LANDMARK_COUNT],
                    presence: vec![Vec::new(); LANDMARK_COUNT],
                    ..Stretch::default()
                });
            }
            if let Some(stretch) = stretches.last_mut() {
                for missing in last.filter(|_| is_near).map_or(frame_idx, |last| last + 1)..frame_idx {
                    push(stretch, missing, self.time_s(missing), None);
                }
                push(stretch, frame_idx, time_s, Some(&pose));
            }
            last = Some(frame_idx);
        }
        stretches
    }

    fn time_s(&self, frame_idx: u32) -> f64 {
        self.times_s.get(&frame_idx).copied().unwrap_or(f64::from(frame_idx))
    }
}

/// Adds a frame; without a pose all values are missing.
fn push(stretch: &mut Stretch, frame_idx: u32, time_s: f64, pose: Option<&PoseRow>) {
    stretch.frames.push(frame_idx);
    stretch.times_s.push(time_s);
    for landmark in 0..LANDMARK_COUNT {
        let point = pose.map(|pose| &pose.points[landmark]);
        let channels: [f64; CHANNELS] = point.map_or([f64::NAN; CHANNELS], |point| {
            let [x, y, z] = point.image_px.map(f64::from);
            let [world_x, world_y, world_z] = point.world_m.map(f64::from);
            [x, y, z, world_x, world_y, world_z]
        });
        for (series, value) in stretch.points[landmark].iter_mut().zip(channels) {
            series.push(value);
        }
        stretch.visibility[landmark].push(point.map_or(f64::NAN, |point| f64::from(point.visibility)));
        stretch.presence[landmark].push(point.map_or(f64::NAN, |point| f64::from(point.presence)));
    }
}

/// Separates frames whose times do not increase. Reporting clock faults is left to a check.
fn increasing(times_s: BTreeMap<u32, f64>) -> BTreeMap<u32, f64> {
    let mut intervals: Vec<f64> =
        times_s.values().zip(times_s.values().skip(1)).map(|(a, b)| b - a).filter(|interval| *interval > 0.0).collect();
    intervals.sort_by(f64::total_cmp);
    let least_s = LEAST_INTERVAL * intervals.get(intervals.len() / 2).copied().unwrap_or(1.0 / 30.0);
    let mut last = f64::NEG_INFINITY;
    let later = |(frame_idx, time_s): (u32, f64)| {
        last = f64::max(time_s, last + least_s);
        (frame_idx, last)
    };
    times_s.into_iter().map(later).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::smoothing::BodyPoint;

    fn run(frames: &[u32]) -> RawRun {
        let poses = frames.iter().map(|&frame_idx| {
            let points = [BodyPoint { image_px: [frame_idx as f32, 0.0, 0.0], ..BodyPoint::default() }; LANDMARK_COUNT];
            (frame_idx, PoseRow { frame_idx, time_s: f64::from(frame_idx) / 10.0, owner: 0, points })
        });
        RawRun {
            times_s: (0..100).map(|frame_idx| (frame_idx, f64::from(frame_idx) / 10.0)).collect(),
            repeated: BTreeSet::new(),
            people: [(3, poses.collect())].into(),
        }
    }

    #[test]
    fn short_gaps_are_within_a_stretch_and_long_ones_end_it() {
        let stretches = run(&[2, 3, 6, 20, 21]).take_stretches(3, 0.35);
        assert_eq!(
            stretches.iter().map(|stretch| stretch.frames.clone()).collect::<Vec<_>>(),
            [vec![2, 3, 4, 5, 6], vec![20, 21]]
        );
        assert_eq!(stretches[0].at(0, 0, 1), 3.0);
        assert!(stretches[0].at(0, 0, 2).is_nan() && stretches[0].visibility[0][2].is_nan());
        assert_eq!(stretches[0].times_s[2], 0.4);
    }

    #[test]
    fn times_that_stand_still_or_run_back_are_set_apart() {
        let times = increasing([(0, 0.0), (1, 0.1), (2, 0.1), (3, 0.05), (4, 0.2)].into());
        let times: Vec<f64> = times.into_values().collect();
        assert!(times.windows(2).all(|pair| pair[1] > pair[0]), "{times:?}");
        assert_eq!((times[1], times[4]), (0.1, 0.2));
    }
}

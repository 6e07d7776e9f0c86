//! Smoothing of a run's stored rows. It needs the whole video and no network, so it runs after the last segment.

use std::collections::BTreeMap;

use crate::pose::smoothing::PoseSmoother;
use crate::store::part::{PartLabel, write_part};
use crate::store::read::{read_label, read_poses};
use crate::store::read_tracks::{TrackOwners, no_person, read_places, read_tracks};
use crate::store::rows::PoseRow;
use crate::store::schema::landmark_columns;
use crate::store::segments::{RunLabel, SealedSegment};
use crate::store::{Layout, StoreError, Table};

/// The filters of people while a run's frames are read.
#[derive(Default)]
struct People {
    by_id: BTreeMap<u32, (u32, PoseSmoother)>,
}

impl People {
    /// Returns the smoothed pose of a person. The filter of a person who was missing in the frame before starts anew.
    fn smooth(&mut self, raw: &PoseRow, object_scale_px: f32) -> PoseRow {
        let (last_frame, smoother) =
            self.by_id.entry(raw.owner).or_insert_with(|| (raw.frame_idx, PoseSmoother::default()));
        if raw.frame_idx > *last_frame + 1 {
            smoother.reset();
        }
        *last_frame = raw.frame_idx;
        PoseRow { points: smoother.apply(raw.time_s, &raw.points, object_scale_px), ..raw.clone() }
    }
}

/// Reads the raw landmarks of a run's segments in order, assigns them to the people of `tracks` below `into`, and
/// writes them smoothed beside it, part for part, with the same fingerprint.
///
/// # Errors
/// A part cannot be read or written, or a tracklet has no person.
pub fn smooth_run(
    layout: &Layout,
    into: &Layout,
    label: &RunLabel,
    segments: &[SealedSegment],
) -> Result<(), StoreError> {
    let tracks_path = into.part(Table::Tracks, &label.video_id, &label.run_id, 0);
    let fingerprint = read_label(&tracks_path, Table::Tracks)?.fingerprint;
    let owners = TrackOwners::new(read_tracks(&tracks_path)?);
    let mut people = People::default();
    for &(part, frames) in segments {
        let path = |table| layout.part(table, &label.video_id, &label.run_id, part);
        let places = read_places(&path(Table::Regions))?;
        let smooth = |row: PoseRow| {
            let (frame_idx, track_id) = (row.frame_idx, row.owner);
            let owner =
                owners.person(track_id, frame_idx).ok_or_else(|| no_person(&tracks_path, track_id, frame_idx))?;
            let owner = u32::from(owner);
            let scale_px = places.get(&(frame_idx, track_id)).map_or(0.0, |place| place.object_scale_px);
            Ok(people.smooth(&PoseRow { owner, ..row }, scale_px))
        };
        let raw = read_poses(&path(Table::RawLandmarks), Table::RawLandmarks)?;
        let smoothed = raw.into_iter().map(smooth).collect::<Result<Vec<PoseRow>, StoreError>>()?;
        let columns = landmark_columns(Table::Landmarks, &smoothed)
            .map_err(|source| StoreError::Columns { table: Table::Landmarks.name(), source })?;
        let own = PartLabel { fingerprint: fingerprint.clone(), ..label.part(part, frames) };
        write_part(
            &into.part(Table::Landmarks, &label.video_id, &label.run_id, part),
            Table::Landmarks,
            &own,
            &columns,
        )?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::smoothing::BodyPoint;

    fn pose(frame_idx: u32, x_px: f32) -> PoseRow {
        let point = BodyPoint { image_px: [x_px, 0.0, 0.0], visibility: 1.0, ..BodyPoint::default() };
        PoseRow { frame_idx, time_s: f64::from(frame_idx) / 30.0, owner: 0, points: [point; 33] }
    }

    #[test]
    fn a_gap_of_one_frame_starts_the_filters_anew() {
        let mut people = People::default();
        people.smooth(&pose(0, 100.0), 400.0);
        let followed = people.smooth(&pose(1, 101.0), 400.0).points[0].image_px[0];
        assert!(followed > 100.0 && followed < 101.0);
        let after_gap = people.smooth(&pose(3, 105.0), 400.0).points[0].image_px[0];
        assert_eq!(after_gap, 105.0);
    }

    #[test]
    fn people_do_not_influence_each_other() {
        let mut people = People::default();
        people.smooth(&pose(0, 100.0), 400.0);
        let other = PoseRow { owner: 1, ..pose(1, 900.0) };
        assert_eq!(people.smooth(&other, 400.0).points[0].image_px[0], 900.0);
    }
}

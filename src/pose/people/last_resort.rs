//! The detector for one person, asked where the detector for several sees nobody.
//!
//! BlazePose's own detector also sees people upside down, lying or painted, and tells which side of them is up. It also
//! sees persons in trees and buildings. So it finds somebody only if nobody is in view and the hips are in the picture.
//! The landmark network must see the person twice, and one of the detectors must see the person again.

use super::matching::{Lead, is_inside, relocation_cost};
use super::{PeopleNetworks, PeopleTracker};
use crate::image::Picture;
use crate::pose::track::Track;

/// Minimum score of a detection that finds somebody. In pictures without people, scores reach 0.6 where the landmark
/// network sees somebody too; people upside down have 0.8 and more. Lower scores confirm people in view.
const FINDING_SCORE: f32 = 0.6;
/// The score that a track takes from the detector for one person: not clear, so that a second detection is needed.
const UNCERTAIN_SCORE: f32 = 0.0;

impl PeopleTracker {
    /// Asks the detector for one person. It confirms people in view. If nobody is in view, it finds a missing person or
    /// a new one.
    pub(super) fn look_again<N: PeopleNetworks, P: Picture + ?Sized>(
        &mut self,
        networks: &mut N,
        image: &P,
        time_s: f64,
    ) -> Result<(), N::Error> {
        let size_px = image.size_px();
        let Some(detection) = self.search_for_one.best(networks, image)? else { return Ok(()) };
        let lead = Lead::of_detection(&detection, size_px);
        if self.tracks.iter().any(|track| track.now.is_some()) {
            let is_seen = |track: &&mut Track| track.now.as_ref().is_some_and(|sighting| lead.fits(sighting));
            self.tracks.iter_mut().filter(is_seen).for_each(|track| track.confirm(UNCERTAIN_SCORE));
            return Ok(());
        }
        let is_sure = detection.score >= FINDING_SCORE.max(self.settings.min_detection);
        if !is_sure || !is_inside(lead.center_px, size_px) {
            return Ok(());
        }
        let Some(sighting) = self.sight(networks, image, &lead)? else { return Ok(()) };
        let costs = self.tracks.iter().enumerate();
        let costs = costs.filter_map(|(index, track)| Some((relocation_cost(track, &lead, time_s)?, index)));
        if let Some((_, missing)) = costs.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            self.tracks[missing].confirm(UNCERTAIN_SCORE);
            self.tracks[missing].now = Some(sighting);
        } else if self.tracks.len() < self.settings.max_people {
            self.begin(sighting, time_s, UNCERTAIN_SCORE, false);
        }
        Ok(())
    }
}

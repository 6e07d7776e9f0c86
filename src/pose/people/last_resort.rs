//! The detector for one person, asked where the detector for several sees nobody.
//!
//! BlazePose's own detector also sees people upside down, lying or painted, and tells which side of them is up. It also
//! sees persons in trees. So it finds somebody only if nobody is in view, the landmark network must see the person twice,
//! and one of the detectors must see the person again.

use super::matching::{Lead, relocation_cost};
use super::{PeopleNetworks, PeopleTracker};
use crate::image::Picture;

/// The score that a track takes from the detector for one person: too low to count as clear. So a person is seen again
/// by one of the detectors, or is nobody.
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
        let Some(detection) = self.search_for_one.best(networks, image)? else { return Ok(()) };
        let lead = Lead::of_detection(&detection, image.size_px());
        if self.tracks.iter().any(|track| track.now.is_some()) {
            let is_seen = |track: &&mut super::Track| track.now.as_ref().is_some_and(|sighting| lead.fits(sighting));
            self.tracks.iter_mut().filter(is_seen).for_each(|track| track.confirm(UNCERTAIN_SCORE));
            return Ok(());
        }
        let Some(sighting) = self.sight(networks, image, &lead)? else { return Ok(()) };
        let costs = self.tracks.iter().enumerate();
        let costs = costs.filter_map(|(index, track)| Some((relocation_cost(track, &lead, time_s)?, index)));
        if let Some((_, missing)) = costs.min_by(|(a, _), (b, _)| a.total_cmp(b)) {
            self.tracks[missing].confirm(UNCERTAIN_SCORE);
            self.tracks[missing].now = Some(sighting);
        } else if self.tracks.len() < self.settings.max_people {
            self.begin(sighting, time_s, UNCERTAIN_SCORE);
        }
        Ok(())
    }
}

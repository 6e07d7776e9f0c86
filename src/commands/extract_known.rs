//! Videos of an extraction whose tables are there already.

use crate::error::Error;
use crate::extract::plan::KnownVideo;
use crate::store::knowledge::Knowledge;
use crate::store::segments::has_current_tracks;
use crate::store::{Access, Catalog, Layout, StoreError};
use crate::tracks::stored::StoredRun;

/// Returns what the catalog knows. A dataset without a catalog knows nothing.
pub(super) fn known(layout: &Layout) -> Result<Knowledge, Error> {
    match Catalog::open(layout, Access::Read) {
        Ok(catalog) => Ok(catalog.knowledge()?),
        Err(StoreError::NoCatalog { .. } | StoreError::LostCatalog { .. }) => Ok(Knowledge::default()),
        Err(error) => Err(error.into()),
    }
}

/// Brings the tracks of a known run up to date. Edits may have changed while another run was shown, and the tracks may
/// have been made by another version of the code. The caller holds the dataset's lock.
pub(super) fn bring_tracks_up_to_date(layout: &Layout, known: &KnownVideo) -> Result<(), Error> {
    let KnownVideo { video_id, run, .. } = known;
    let is_current = has_current_tracks(layout, video_id, &run.run_id);
    let stored = StoredRun::open(layout, video_id, &run.run_id)?;
    let warnings = if is_current { stored.obey_edits(layout)?.unwrap_or_default() } else { stored.identify(layout)? };
    for warning in warnings {
        tracing::warn!("video {video_id}: {warning}");
    }
    Ok(())
}

/// Returns whether the tracks of a known video may be outdated.
pub(super) fn may_be_outdated(layout: &Layout, known: &KnownVideo) -> bool {
    !known.run.is_current || !has_current_tracks(layout, &known.video_id, &known.run.run_id)
}

/// Returns the run that becomes current again, if there is one.
pub(super) fn shown_again(known: &KnownVideo) -> Option<(String, String)> {
    (!known.run.is_current).then(|| (known.video_id.clone(), known.run.run_id.clone()))
}

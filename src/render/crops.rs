//! Computes the crops that follow people, one for each frame, from the boxes of the whole video.

use super::composer::Crops;
use super::error::RenderError;
use super::look::Look;
use crate::render::framing::crop_scale::Rectangle;
use crate::render::framing::follow::{FollowSettings, follow};
use crate::store::StoreError;
use crate::store::select::select;
use crate::store::workspace::Workspace;

const BOXES: &str = include_str!("../../sql/render/boxes.sql");

/// Returns the crops of all people that the look follows, within pictures of `picture_px`.
///
/// # Errors
/// The tables cannot be read, or a followed person is never in the picture.
pub(crate) fn read_crops(workspace: &Workspace, look: &Look, picture_px: [usize; 2]) -> Result<Crops, RenderError> {
    let mut crops = Crops::new();
    let followed = look.followed();
    // Two people share a wide picture.
    let share = if picture_px[0] > picture_px[1] { followed.len().max(1) } else { 1 };
    let aspect = picture_px[0] as f32 / picture_px[1] as f32 / share as f32;
    for person_id in followed {
        let (mut times_s, mut boxes) = (Vec::new(), Vec::new());
        let person = person_id.to_string();
        select::<StoreError>(workspace, &[("person", Some(&person))], BOXES, |rows| {
            let sides = [
                rows.numbers("left_px")?,
                rows.numbers("top_px")?,
                rows.numbers("right_px")?,
                rows.numbers("bottom_px")?,
            ];
            times_s.extend(rows.numbers("time_s")?);
            boxes.extend((0..rows.len()).map(|row| {
                let [left, top, right, bottom] = [0, 1, 2, 3].map(|side| sides[side][row] as f32);
                let found = Rectangle { x_px: left, y_px: top, width_px: right - left, height_px: bottom - top };
                left.is_finite().then_some(found)
            }));
            Ok(())
        })?;
        if boxes.iter().all(Option::is_none) {
            return Err(RenderError::Nothing { what: format!("no person {person_id} to follow") });
        }
        crops.insert(person_id, follow(&times_s, &boxes, picture_px, &FollowSettings::with_aspect(aspect))?);
    }
    Ok(crops)
}

//! Writes pictures of events and of turning points of repetitions, as PNG.

use std::path::{Path, PathBuf};

use super::error::RenderError;
use super::frames::pictures;
use super::settings::Span;
use super::subject::Subject;
use crate::artifacts::files::write_whole;
use crate::artifacts::made;
use crate::render::draw::to_rgb::png_bytes;
use crate::render::framing::stills::{Still, choose, file_names};
use crate::store::StoreError;
use crate::store::select::select;

const FRAMES: &str = include_str!("../../sql/render/frames.sql");
/// The maximum number of stills of a video.
const MAX_STILLS: usize = 200;

/// Writes the stills of a video into a folder. Returns the number written and the number that were up to date.
///
/// # Errors
/// See [`RenderError`].
pub(crate) fn write_stills(
    subject: &Subject<'_>,
    span: Span,
    folder: &Path,
    stem: &str,
    is_forced: bool,
) -> Result<[usize; 2], RenderError> {
    let key = subject.key(&["still"])?;
    let mut open = subject.open()?;
    let mut times: Vec<(u32, f64)> = Vec::new();
    select::<StoreError>(&open.workspace, &[], FRAMES, |rows| {
        let frames = rows.numbers("frame_idx")?.into_iter().map(|frame| frame as u32);
        times.extend(frames.zip(rows.numbers("time_s")?));
        Ok(())
    })?;
    times.retain(|&(_, time_s)| !span.is_before(time_s) && !span.is_after(time_s));
    let stills = choose(&times, &open.context.events, &open.context.repetitions, MAX_STILLS);
    let wanted: Vec<(Still, PathBuf)> =
        file_names(stem, &stills).into_iter().map(|name| folder.join(name)).zip(stills).map(|(p, s)| (s, p)).collect();
    let n_all = wanted.len();
    let due: Vec<(Still, PathBuf)> =
        wanted.into_iter().filter(|(_, path)| is_forced || !made::is_current(path, &key)).collect();
    let Some(last) = due.iter().map(|(still, _)| still.frame_idx).max() else { return Ok([0, n_all]) };
    let find = |frame_idx: u32| due.iter().find(|(still, _)| still.frame_idx == frame_idx);
    pictures(
        &mut open,
        &subject.draw.angles,
        |time| find(time.frame_idx).is_some(),
        last,
        |time, picture| {
            let Some((_, path)) = find(time.frame_idx) else { return Ok(()) };
            let bytes = png_bytes(picture).map_err(|error| RenderError::output(path)(std::io::Error::other(error)))?;
            write_whole(path, &bytes)?;
            Ok(made::note(path, &key)?)
        },
    )?;
    Ok([due.len(), n_all - due.len()])
}

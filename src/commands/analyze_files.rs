//! Files of `posekit analyze --export`, and the pictures that some of them refer to.

use std::ops::ControlFlow;

use super::analyze::AnalyzeSettings;
use super::videos::{around_damage, find_video, stored_runs};
use crate::analyze::all::StoredVideo;
use crate::artifacts::files::remove_abandoned_files;
use crate::error::Error;
use crate::export::{Export, VideoPictures, export};
use crate::interrupt::Interrupt;
use crate::output::counter::Counter;
use crate::output::printer::Printer;
use crate::output::units;
use crate::render::RenderError;
use crate::render::pictures::write_pictures;
use crate::render::subject::find_source;
use crate::store::{Access, Catalog, Layout};

/// Writes the exported files. Returns a summary and whether some files failed.
pub(super) fn write_files(
    layout: &Layout,
    settings: &AnalyzeSettings,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<(String, bool), Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let find = |name: &String| find_video(&catalog, name).map(|video| video.video_id);
    let video_ids = settings.videos.iter().map(find).collect::<Result<Vec<_>, _>>()?;
    let wanted = Export {
        formats: settings.export.clone(),
        output: settings.output.clone(),
        video_ids,
        picture_step: settings.picture_step,
    };
    remove_abandoned_files(&wanted.output);
    let write = |_: &[StoredVideo]| Ok(export(&catalog, &wanted)?);
    let (exported, n_left_out) = around_damage(&catalog, &mut Vec::new(), printer, &write)?;
    for error in &exported.failed {
        printer.complain(&error.to_string(), None);
    }
    exported.remarks.iter().for_each(|remark| printer.say(remark));
    let (n_pictures, has_failed) = write_all_pictures(layout, &exported.pictures, printer, interrupt)?;
    let files = units::counted(exported.written.len() as u64, "file");
    let pictures = match n_pictures {
        0 => String::new(),
        _ => format!(" and {}", units::counted(n_pictures, "picture")),
    };
    let summary = format!("{files}{pictures} in {}", settings.output.display());
    Ok((summary, has_failed || !exported.failed.is_empty() || n_left_out > 0))
}

/// Writes the pictures of all videos. Returns their number, and whether the pictures of a video could not be written;
/// each was reported.
fn write_all_pictures(
    layout: &Layout,
    videos: &[VideoPictures],
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<(u64, bool), Error> {
    if videos.is_empty() {
        return Ok((0, false));
    }
    let ids: Vec<String> = videos.iter().map(|video| video.video_id.clone()).collect();
    let stored = stored_runs(layout, &ids, printer)?;
    let _listening = interrupt.listen_silently();
    let n_wanted = videos.iter().map(|video| video.frames.len() as u64).sum();
    let counter = Counter::new(printer, "analyze", "pictures", Some(n_wanted));
    let (mut n_written, mut has_failed) = (0, stored.n_damaged > 0);
    for (video, _) in &stored.runs {
        let Some(pictures) = videos.iter().find(|pictures| pictures.video_id == video.video_id) else { continue };
        let go_on = || {
            counter.advance();
            if interrupt.is_requested() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let reading = video.info.as_ref().map(|info| info.reading).unwrap_or_default();
        let written = find_source(video)
            .and_then(|source| write_pictures((&source, reading), pictures.size_px, &pictures.frames, go_on));
        if interrupt.is_requested() {
            counter.clear();
            return Err(Error::Interrupted);
        }
        let problem = match written {
            Ok(count) => {
                n_written += count as u64;
                (count < pictures.frames.len()).then(|| (format!("only {count} of its frames can be decoded"), None))
            }
            // A full disk fails for every video.
            Err(error @ RenderError::Artifact(_)) => return Err(error.into()),
            Err(error) => Some((error.to_string(), error.hint())),
        };
        if let Some((problem, hint)) = problem {
            printer.complain(&format!("{}: its pictures are missing: {problem}", video.name), hint);
            has_failed = true;
        }
    }
    counter.clear();
    Ok((n_written, has_failed))
}

//! Finds the videos of a dataset by the names that users give: a file name, an id, or the beginning of either.

use std::collections::HashMap;

use crate::analyze::all::StoredVideo;
use crate::error::Error;
use crate::output::printer::Printer;
use crate::store::people::{self, ShownVideo, shown_videos};
use crate::store::read::read_run;
use crate::store::records::VideoRecord;
use crate::store::{Access, Catalog, Layout, Table};

/// The current runs of the given videos, or of all videos.
pub(super) struct StoredRuns {
    /// The usable runs.
    pub(super) runs: Vec<StoredVideo>,
    /// The number of videos with a damaged record; each was reported.
    pub(super) n_damaged: usize,
}

/// Reads the records of the current runs of videos. A damaged record is reported and does not stop the others.
pub(super) fn stored_runs(layout: &Layout, names: &[String], printer: &Printer) -> Result<StoredRuns, Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let videos = named_videos(&catalog, names)?;
    let with_tables = videos.iter().filter_map(|video| Some((&video.video_id, &video.name, video.run_id.as_ref()?)));
    let mut stored = StoredRuns { runs: Vec::new(), n_damaged: 0 };
    for (video_id, name, run_id) in with_tables {
        match read_run(&layout.part(Table::Runs, video_id, run_id, 0)) {
            // The file may have been renamed since.
            Ok((video, run)) => stored.runs.push((VideoRecord { name: name.clone(), ..video }, run)),
            Err(error) => {
                printer.complain(&format!("{name}: {error}"), Some("`posekit extract` rebuilds the record of its run"));
                stored.n_damaged += 1;
            }
        }
    }
    Ok(stored)
}

/// Returns the given videos, or all.
pub(super) fn named_videos(catalog: &Catalog, names: &[String]) -> Result<Vec<ShownVideo>, Error> {
    if names.is_empty() {
        return Ok(shown_videos(catalog)?);
    }
    names.iter().map(|name| find_video(catalog, name)).collect()
}

/// Queries the tables about all videos. A video with an unreadable part is reported and left out, and the query runs
/// again for the others. Returns the number of videos left out.
pub(super) fn around_damage<T>(
    catalog: &Catalog,
    runs: &mut Vec<StoredVideo>,
    printer: &Printer,
    ask: &dyn Fn(&[StoredVideo]) -> Result<T, Error>,
) -> Result<(T, usize), Error> {
    let mut left_out: Vec<String> = Vec::new();
    loop {
        let error = match ask(runs) {
            Ok(answer) => return Ok((answer, left_out.len())),
            Err(error) => error,
        };
        let damaged = error.damaged_video().filter(|id| left_out.iter().all(|known| known != id)).map(str::to_owned);
        let Some(video_id) = damaged else { return Err(error) };
        let video = shown_videos(catalog)?.into_iter().find(|video| video.video_id == video_id);
        let name = video.map_or_else(|| video_id.clone(), |video| video.name);
        printer.complain(&format!("{name}: {error}"), error.hint());
        runs.retain(|(video, _)| video.video_id != video_id);
        left_out.push(video_id);
        catalog.leave_out(&left_out)?;
    }
}

/// Returns the file name stem of each video, by its id.
pub(super) fn stems_by_id(layout: &Layout) -> Result<HashMap<String, String>, Error> {
    Ok(people::stems_by_id(&Catalog::open(layout, Access::Read)?)?)
}

/// Returns the video that a name refers to.
pub(super) fn find_video(catalog: &Catalog, name: &str) -> Result<ShownVideo, Error> {
    let videos = shown_videos(catalog)?;
    let found = matching(&videos, name);
    match found.as_slice() {
        [video] => Ok((*video).clone()),
        [] => Err(Error::Usage {
            message: format!("no video {name} in the tables"),
            hint: format!("videos: {}", some_of(videos.iter().map(|video| video.name.clone()))),
        }),
        several => {
            let names = several.iter().map(|video| format!("{} ({})", video.video_id, video.name));
            Err(Error::Usage {
                message: format!("{name} matches several videos"),
                hint: format!("give the id of one: {}", some_of(names)),
            })
        }
    }
}

/// Returns the videos that a name matches: exactly, else as the end of a path, else at its beginning.
fn matching<'a>(videos: &'a [ShownVideo], name: &str) -> Vec<&'a ShownVideo> {
    let where_so = |is_match: &dyn Fn(&str) -> bool| -> Vec<&ShownVideo> {
        videos.iter().filter(|video| is_match(&video.video_id) || is_match(&video.name)).collect()
    };
    let path = std::path::Path::new(name);
    let last = path.file_name().map_or(name.into(), |last| last.to_string_lossy());
    let [exact, by_path, by_beginning, by_folder]: [&dyn Fn(&str) -> bool; 4] = [
        &|text| text == name,
        &|text| path.ends_with(text),
        &|text| text.starts_with(name),
        // Sequences have the name of their folder in front.
        &|text| text.strip_prefix(&*last).is_some_and(|rest| rest.starts_with('/')),
    ];
    let found = [exact, by_path, by_beginning, by_folder].into_iter().map(where_so).find(|found| !found.is_empty());
    found.unwrap_or_default()
}

/// Lists the first of some names and the number of the others.
pub(super) fn some_of(names: impl ExactSizeIterator<Item = String>) -> String {
    const MAX_NAMED: usize = 10;
    let n_more = names.len().saturating_sub(MAX_NAMED);
    let named: Vec<String> = names.take(MAX_NAMED).collect();
    match (named.is_empty(), n_more) {
        (true, _) => "none".to_owned(),
        (false, 0) => named.join(", "),
        (false, _) => format!("{} and {n_more} more", named.join(", ")),
    }
}

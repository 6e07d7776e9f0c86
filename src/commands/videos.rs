//! Videos of a dataset by the names that users give them: a file name, an id, or the beginning of either.

use std::collections::HashMap;

use crate::analyze::all::StoredVideo;
use crate::error::Error;
use crate::output::printer::Printer;
use crate::store::people::{self, ShownVideo, shown_videos};
use crate::store::read::read_run;
use crate::store::records::VideoRecord;
use crate::store::{Access, Catalog, Layout, Table};

/// The runs that stand for the videos that the user names, or for all.
pub(super) struct StoredRuns {
    /// Those that can be worked on.
    pub(super) runs: Vec<StoredVideo>,
    /// Videos whose record is damaged; the user was told.
    pub(super) n_damaged: usize,
}

/// Reads the records of the runs that stand for videos. A damaged one is told and does not stop the others.
pub(super) fn stored_runs(layout: &Layout, names: &[String], printer: &Printer) -> Result<StoredRuns, Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let videos = named_videos(&catalog, names)?;
    let with_tables = videos.iter().filter_map(|video| Some((&video.video_id, &video.name, video.run_id.as_ref()?)));
    let mut stored = StoredRuns { runs: Vec::new(), n_damaged: 0 };
    for (video_id, name, run_id) in with_tables {
        match read_run(&layout.part(Table::Runs, video_id, run_id, 0)) {
            // The file may have another name by now.
            Ok((video, run)) => stored.runs.push((VideoRecord { name: name.clone(), ..video }, run)),
            Err(error) => {
                printer
                    .complain(&format!("{name}: {error}"), Some("`posekit extract` makes the record of its run again"));
                stored.n_damaged += 1;
            }
        }
    }
    Ok(stored)
}

/// The videos that the user names, or all.
pub(super) fn named_videos(catalog: &Catalog, names: &[String]) -> Result<Vec<ShownVideo>, Error> {
    if names.is_empty() {
        return Ok(shown_videos(catalog)?);
    }
    names.iter().map(|name| find_video(catalog, name)).collect()
}

/// Asks the tables something about all videos. A video with a part that cannot be read is told and left out, and the others are asked about
/// again. Returns how many were left out.
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

/// How the files that are made of each video begin, by its id.
pub(super) fn stems_by_id(layout: &Layout) -> Result<HashMap<String, String>, Error> {
    Ok(people::stems_by_id(&Catalog::open(layout, Access::Read)?)?)
}

/// The video that a name means.
pub(super) fn find_video(catalog: &Catalog, name: &str) -> Result<ShownVideo, Error> {
    let videos = shown_videos(catalog)?;
    let matching = |is_match: &dyn Fn(&str) -> bool| -> Vec<&ShownVideo> {
        videos.iter().filter(|video| is_match(&video.video_id) || is_match(&video.name)).collect()
    };
    let exact = matching(&|text| text == name);
    let found = if exact.is_empty() { matching(&|text| text.starts_with(name)) } else { exact };
    match found.as_slice() {
        [video] => Ok((*video).clone()),
        [] => Err(Error::Usage {
            message: format!("there is no video {name} in the tables"),
            hint: format!("there are: {}", some_of(videos.iter().map(|video| video.name.clone()))),
        }),
        several => {
            let names = several.iter().map(|video| format!("{} ({})", video.video_id, video.name));
            Err(Error::Usage {
                message: format!("{name} could be several videos"),
                hint: format!("name one by its id: {}", some_of(names)),
            })
        }
    }
}

/// The first of some names, and how many more there are.
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

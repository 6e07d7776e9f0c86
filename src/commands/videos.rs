//! Videos of a dataset by the names that users give them: a file name, an id, or the beginning of either.

use crate::error::Error;
use crate::store::Catalog;
use crate::store::people::{self, ShownVideo};

/// The video that a name means.
pub(super) fn find_video(catalog: &Catalog, name: &str) -> Result<ShownVideo, Error> {
    let videos = people::shown_videos(catalog)?;
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

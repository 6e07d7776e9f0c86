//! The beginning of the names of all files made from a video: the video's file name without the extension, unless two
//! videos share it. Pure.

use std::collections::HashMap;
use std::path::Path;

/// Returns the beginnings for videos given as (id, file name), in their order. They are safe as file names, and no two
/// videos share one: videos of the same name receive a piece of their id.
#[must_use]
pub(crate) fn stems<'a>(videos: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let plain: Vec<(&str, String)> = videos.into_iter().map(|(id, name)| (id, stem(name))).collect();
    let mut owners: HashMap<&str, &str> = HashMap::new();
    let mut shared: Vec<&str> = Vec::new();
    for (id, stem) in &plain {
        if owners.insert(stem, id).is_some_and(|other| other != *id) {
            shared.push(stem);
        }
    }
    let with_id = |(id, stem): &(&str, String)| {
        if shared.contains(&stem.as_str()) {
            format!("{stem}-{}", id.chars().take(8).collect::<String>())
        } else {
            stem.clone()
        }
    };
    plain.iter().map(with_id).collect()
}

/// Returns a file name without its extension, safe as the beginning of other file names. A sequence of pictures
/// (`take/frame_%04d.png`) has its folder and the text before the number (`take_frame`).
fn stem(video: &str) -> String {
    let stem = match video.rsplit_once('%') {
        Some((before, _)) if video.contains('/') => before.trim_end_matches(['_', '-', '.', ' ', '/']).into(),
        _ => Path::new(video).file_stem().unwrap_or_default().to_string_lossy(),
    };
    stem.chars().map(|c| if c.is_control() || "/\\:*?\"<>|".contains(c) { '_' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn videos_of_one_name_are_told_apart() {
        let videos = [("0123456789", "a.mp4"), ("abcdefghij", "a.mov"), ("x", "b:c?.mp4"), ("0123456789", "a.mp4")];
        assert_eq!(stems(videos), ["a-01234567", "a-abcdefgh", "b_c_", "a-01234567"]);
        assert_eq!(stems([("x", "a.mp4"), ("x", "a.mp4")]), ["a", "a"]);
        let sequences = [("x", "take 1/f_%04d.png"), ("y", "take 2/f_%04d.png"), ("z", "take 3/%d.tif")];
        assert_eq!(stems(sequences), ["take 1_f", "take 2_f", "take 3"]);
        assert_eq!(stems([("x", "100% of %04d.mp4")]), ["100% of %04d"]);
    }
}

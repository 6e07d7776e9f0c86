//! Settings remembered with the dataset, in `DATASET/journal/settings.jsonl`. A height that was given once, for
//! example, need not be given again.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::config::Wishes;
use super::error::AnalyzeError;
use crate::journal::{self, Journal};
use crate::store::ids::lettered_video;

/// The name of the journal.
const NAME: &str = "settings";

/// A line of the journal. Every line has every key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    /// The id of the video; `None` for all videos of the dataset, including later ones.
    video_id: Option<String>,
    /// Whether all earlier settings are forgotten.
    is_anew: bool,
    /// The requested settings.
    settings: Wishes,
    said_at_us: i64,
}

/// The remembered settings of each video.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Remembered {
    of_all: Wishes,
    of_videos: BTreeMap<String, Wishes>,
}

/// A request for settings, and its videos.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Saying<'a> {
    /// The ids of the videos; empty for all videos, including later ones.
    pub(crate) video_ids: &'a [String],
    /// The requested settings.
    pub(crate) wishes: &'a Wishes,
    /// Whether all earlier settings are forgotten.
    pub(crate) is_anew: bool,
}

impl Remembered {
    /// Reads the remembered settings of a dataset; empty if there is no journal.
    ///
    /// # Errors
    /// If the journal cannot be read.
    pub(crate) fn read(dataset: &Path) -> Result<Self, AnalyzeError> {
        let mut remembered = Self::default();
        journal::scan(dataset, NAME, &mut |_, line: Line| {
            remembered.enter(line.video_id.as_deref(), &line.settings, line.is_anew);
        })?;
        Ok(remembered)
    }

    /// Returns the remembered settings of a video.
    #[must_use]
    pub(crate) fn of(&self, video_id: &str) -> Wishes {
        self.of_videos.get(&lettered_video(video_id)).unwrap_or(&self.of_all).clone()
    }

    /// Applies a request.
    pub(crate) fn take_in(&mut self, saying: Saying) {
        let Saying { video_ids, wishes, is_anew } = saying;
        if video_ids.is_empty() {
            self.enter(None, wishes, is_anew);
        }
        for video_id in video_ids {
            self.enter(Some(video_id), wishes, is_anew);
        }
    }

    /// Appends a request to the journal, unless it changes nothing.
    ///
    /// # Errors
    /// If the journal cannot be written.
    pub(crate) fn note(dataset: &Path, saying: Saying, now_us: i64) -> Result<(), AnalyzeError> {
        let before = Self::read(dataset)?;
        let mut after = before.clone();
        after.take_in(saying);
        if after == before {
            return Ok(());
        }
        let Saying { video_ids, wishes, is_anew } = saying;
        let line = |video_id| Line { video_id, is_anew, settings: wishes.clone(), said_at_us: now_us };
        let mut lines: Vec<Line> = video_ids.iter().map(|video_id| line(Some(video_id.clone()))).collect();
        if lines.is_empty() {
            lines.push(line(None));
        }
        Journal::open(dataset, NAME)?.append_all(&lines)?;
        Ok(())
    }

    fn enter(&mut self, video_id: Option<&str>, said: &Wishes, is_anew: bool) {
        let newer = |known: &Wishes| if is_anew { said.clone() } else { said.clone().over(known.clone()) };
        if let Some(video_id) = video_id {
            let known = newer(&self.of(video_id));
            self.of_videos.insert(lettered_video(video_id), known);
        } else {
            self.of_all = newer(&self.of_all);
            self.of_videos.values_mut().for_each(|known| *known = newer(known));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wishes(text: &str) -> Wishes {
        toml::from_str(text).unwrap()
    }

    fn say(dataset: &Path, video_ids: &[&str], text: &str, is_anew: bool) {
        let video_ids: Vec<String> = video_ids.iter().map(ToString::to_string).collect();
        Remembered::note(dataset, Saying { video_ids: &video_ids, wishes: &wishes(text), is_anew }, 7).unwrap();
    }

    #[test]
    fn what_was_said_last_counts_for_what_it_is_about() {
        let folder = tempfile::tempdir().unwrap();
        let of = |video_id: &str| Remembered::read(folder.path()).unwrap().of(video_id);
        assert_eq!(of("a"), Wishes::default());
        say(folder.path(), &[], "sport_type = 'squat'\nheight_m = 1.7", false);
        say(folder.path(), &["a"], "height_m = 1.82", false);
        assert_eq!(of("a"), wishes("sport_type = 'squat'\nheight_m = 1.82"));
        assert_eq!(of("later"), wishes("sport_type = 'squat'\nheight_m = 1.7"));
        say(folder.path(), &[], "sport_type = 'running'", false);
        assert_eq!(of("a"), wishes("sport_type = 'running'\nheight_m = 1.82"));
        say(folder.path(), &["a"], "", true);
        assert_eq!(of("a"), Wishes::default());
        assert_eq!(of("b").sport_type.as_deref(), Some("running"));
    }

    #[test]
    fn what_is_known_is_not_written_down_again() {
        let folder = tempfile::tempdir().unwrap();
        let size = || std::fs::metadata(journal::path(folder.path(), NAME)).map_or(0, |file| file.len());
        say(folder.path(), &[], "", false);
        assert_eq!(size(), 0, "nothing was said");
        say(folder.path(), &[], "heights_m = { '0' = 1.82 }", false);
        let once = size();
        say(folder.path(), &[], "heights_m = { '0' = 1.82 }", false);
        assert!(once > 0 && size() == once);
    }
}

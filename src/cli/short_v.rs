//! `-v`: alone it means the same in every command; with a name it is short for `--video`.

use std::ffi::OsString;

use clap::Args;

/// `-v` of commands that videos can be named for.
#[derive(Debug, Args)]
pub(super) struct ShortV {
    /// Alone: the same as --verbose. With a name: the same as --video
    #[arg(short = 'v', value_name = "VIDEO", num_args = 0..=1, default_missing_value = "", action = clap::ArgAction::Append)]
    video_or_verbose: Vec<OsString>,
}

impl ShortV {
    /// Whether it stands alone somewhere.
    pub(super) fn is_verbose(&self) -> bool {
        self.video_or_verbose.iter().any(|video| video.is_empty())
    }

    /// The videos that it names.
    pub(super) fn videos(self) -> impl Iterator<Item = OsString> {
        self.video_or_verbose.into_iter().filter(|video| !video.is_empty())
    }

    /// The videos of the tables that `--video` and it name.
    pub(super) fn added_to(self, mut videos: Vec<String>) -> Vec<String> {
        videos.extend(self.videos().map(|video| video.to_string_lossy().into_owned()));
        videos
    }
}

//! The option `-v`: without a value it means `--verbose` in every command; with a value it means `--video`.

use std::ffi::OsString;

use clap::Args;

/// The option `-v` of commands that take videos.
#[derive(Debug, Args)]
pub(super) struct ShortV {
    /// Without a value: same as --verbose. With a value: same as --video
    #[arg(short = 'v', value_name = "VIDEO", num_args = 0..=1, default_missing_value = "", action = clap::ArgAction::Append)]
    video_or_verbose: Vec<OsString>,
}

impl ShortV {
    /// Returns whether `-v` occurs without a value.
    pub(super) fn is_verbose(&self) -> bool {
        self.video_or_verbose.iter().any(|video| video.is_empty())
    }

    /// Returns the values of `-v`: videos.
    pub(super) fn videos(self) -> impl Iterator<Item = OsString> {
        self.video_or_verbose.into_iter().filter(|video| !video.is_empty())
    }

    /// Returns the videos given by `--video` (`videos`) followed by those given by `-v`.
    pub(super) fn added_to(self, mut videos: Vec<String>) -> Vec<String> {
        videos.extend(self.videos().map(|video| video.to_string_lossy().into_owned()));
        videos
    }
}

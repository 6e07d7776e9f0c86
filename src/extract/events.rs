//! The events of an extraction, for progress display.

use crate::store::records::RunRecord;

/// An event.
#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// The plan is made.
    Planned {
        /// The number of files that may hold videos to be extracted.
        n_videos: usize,
        /// The expected number of their frames.
        n_frames: u64,
        /// The number of videos whose tables are already there.
        n_known: usize,
        /// The number of videos extracted at the same time.
        workers: usize,
    },
    /// A file that the catalog does not know is being read to its end.
    FileOpened {
        /// The file's number in this extraction, from 0.
        video: usize,
        /// The file's name.
        name: &'a str,
        /// The file's size.
        size_bytes: u64,
    },
    /// A file has nothing to extract.
    FileKnown {
        /// The file's number.
        video: usize,
    },
    /// A video is being extracted.
    VideoStarted {
        /// The video's number in this extraction, from 0.
        video: usize,
        /// The video's file name.
        name: &'a str,
        /// The expected number of frames.
        n_frames: u64,
        /// The number of frames that an earlier try has sealed.
        n_sealed: u64,
    },
    /// A frame of a video was searched for people.
    FrameDone {
        /// The video's number.
        video: usize,
    },
    /// A video's tables are complete and in the catalog.
    VideoFinished {
        /// The video's number.
        video: usize,
        /// The video's file name.
        name: &'a str,
        /// The video's run.
        run: &'a RunRecord,
    },
    /// A video could not be extracted.
    VideoFailed {
        /// The video's number; `None` if it failed before it was planned.
        video: Option<usize>,
        /// The video's path or file name.
        name: &'a str,
        /// The reason.
        reason: &'a str,
        /// What the user can do.
        hint: Option<&'a str>,
    },
}

/// Receives events, from any thread.
pub(crate) trait Reporter: Sync {
    /// Handles an event.
    fn on(&self, event: &Event<'_>);
}

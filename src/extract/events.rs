//! What happens during an extraction, for whoever shows it.

use crate::store::records::RunRecord;

/// Something that happened.
#[derive(Debug)]
pub enum Event<'a> {
    /// The plan is made.
    Planned {
        /// Files that may hold videos to be extracted.
        n_videos: usize,
        /// Frames that they are expected to have.
        n_frames: u64,
        /// Videos whose tables are there already.
        n_known: usize,
        /// Videos extracted at the same time.
        workers: usize,
    },
    /// A file is being read to its end: the catalog does not know it.
    FileOpened {
        /// Its number in this extraction, from 0.
        video: usize,
        /// Its name.
        name: &'a str,
        /// Its size.
        size_bytes: u64,
    },
    /// There is nothing to extract from a file.
    FileKnown {
        /// Its number.
        video: usize,
    },
    /// A video is being extracted.
    VideoStarted {
        /// Its number in this extraction, from 0.
        video: usize,
        /// Its file name.
        name: &'a str,
        /// Frames that are expected.
        n_frames: u64,
        /// Frames of them that an earlier try has sealed.
        n_sealed: u64,
    },
    /// People were looked for in a frame of it.
    FrameDone {
        /// The video's number.
        video: usize,
    },
    /// A video's tables are complete and in the catalog.
    VideoFinished {
        /// Its number.
        video: usize,
        /// Its file name.
        name: &'a str,
        /// Its run.
        run: &'a RunRecord,
    },
    /// A video could not be extracted.
    VideoFailed {
        /// Its number; `None` where it failed before it was planned.
        video: Option<usize>,
        /// Its path or file name.
        name: &'a str,
        /// Why.
        reason: &'a str,
        /// What the user can do.
        hint: Option<&'a str>,
    },
}

/// Takes events in, from any thread.
pub trait Reporter: Sync {
    /// Something happened.
    fn on(&self, event: &Event<'_>);
}

//! Turns decoded frames into pictures: an interlaced frame into one for each of its fields, any other frame into itself.
//!
//! Each picture depends on its frame and on the frames before and after it, and on nothing else. So decoding can begin
//! one frame before a picture.

use std::collections::VecDeque;

use ffmpeg::util::frame;
use ffmpeg_next as ffmpeg;

use super::bwdif::{Bwdif, Fault, Fields};
use super::fields;
use super::footage::Deinterlace;

/// A picture of a video.
pub(super) struct FieldPicture {
    /// Its pixels: deinterlaced, or as decoded if there is a fault.
    pub(super) frame: frame::Video,
    /// The reason why the pixels could not be deinterlaced.
    pub(super) fault: Option<Fault>,
    /// Its presentation stamp, half ticks.
    pub(super) half_ticks: Option<i64>,
    /// Whether it is the second field of its frame.
    pub(super) is_second: bool,
    /// Numbers that it takes: 2 if the picture after it is left out.
    pub(super) n_numbers: u32,
}

impl FieldPicture {
    /// A picture that is a whole frame.
    pub(super) fn of_frame(frame: frame::Video) -> Self {
        let half_ticks = frame.timestamp().map(fields::half_ticks);
        Self { frame, fault: None, half_ticks, is_second: false, n_numbers: 1 }
    }
}

/// Interlaced frames that follow each other, up to the last decoded one. Its pictures need the frame after it.
struct Run {
    filter: Result<Bwdif, Fault>,
    last: frame::Video,
}

/// Turns frames in display order into pictures in display order.
pub(super) struct Deinterlacer {
    mode: Deinterlace,
    /// Whether second fields are counted but left out.
    leaves_out_second_fields: bool,
    threads: usize,
    run: Option<Run>,
    /// Presentation stamp of the last frame whose pictures are made.
    last_ticks: Option<i64>,
    ready: VecDeque<FieldPicture>,
}

impl Deinterlacer {
    /// Creates a deinterlacer whose filter has `threads` threads.
    pub(super) fn new(mode: Deinterlace, threads: usize) -> Self {
        Self { mode, leaves_out_second_fields: false, threads, run: None, last_ticks: None, ready: VecDeque::new() }
    }

    /// Leaves out second fields, but not their numbers: there is one picture for each frame.
    pub(super) fn leave_out_second_fields(&mut self) {
        self.leaves_out_second_fields = true;
    }

    /// The next picture; `None` if another frame is needed first.
    pub(super) fn next(&mut self) -> Option<FieldPicture> {
        self.ready.pop_front()
    }

    /// Adds the next frame.
    pub(super) fn push(&mut self, frame: frame::Video) {
        let filter = self.finish_run(Some(&frame));
        if self.mode == Deinterlace::Off || !frame.is_interlaced() {
            // The next filter begins anew, so that its pictures do not depend on earlier frames.
            self.last_ticks = frame.timestamp();
            self.ready.push_back(FieldPicture::of_frame(frame));
            return;
        }
        let filter = filter.map_or_else(|| self.begin(&frame), Ok);
        self.run = Some(Run { filter, last: frame });
    }

    /// Ends the video.
    pub(super) fn finish(&mut self) {
        self.finish_run(None);
    }

    fn begin(&self, frame: &frame::Video) -> Result<Bwdif, Fault> {
        let fields = if self.has_second_fields() { Fields::Both } else { Fields::First };
        let mut filter = Bwdif::new(frame, fields, self.threads)?;
        filter.push(Some(frame))?;
        Ok(filter)
    }

    fn has_second_fields(&self) -> bool {
        self.mode == Deinterlace::Auto && !self.leaves_out_second_fields
    }

    /// Makes the pictures of the last frame; `next` is the frame after it. Returns the filter if it has taken `next`.
    fn finish_run(&mut self, next: Option<&frame::Video>) -> Option<Bwdif> {
        let Run { mut filter, last } = self.run.take()?;
        let fitting = next.filter(|next| filter.as_ref().is_ok_and(|filter| filter.fits(next)));
        if let Err(fault) = filter.as_mut().map_err(|fault| fault.clone()).and_then(|filter| filter.push(fitting)) {
            filter = Err(fault);
        }
        let ticks = last.timestamp();
        let mut picture = || {
            let taken = filter.as_mut().map_err(|fault| fault.clone()).and_then(Bwdif::take);
            match taken {
                Ok(picture) => {
                    FieldPicture { half_ticks: ticks.map(fields::half_ticks), ..FieldPicture::of_frame(picture) }
                }
                Err(fault) => FieldPicture { fault: Some(fault), ..FieldPicture::of_frame(last.clone()) },
            }
        };
        let n_numbers = if self.mode == Deinterlace::Auto && self.leaves_out_second_fields { 2 } else { 1 };
        self.ready.push_back(FieldPicture { n_numbers, ..picture() });
        if self.has_second_fields() {
            let neighbors = [self.last_ticks, next.and_then(|next| next.timestamp())];
            let half_ticks = ticks.and_then(|ticks| fields::second_half_ticks(ticks, neighbors));
            self.ready.push_back(FieldPicture { half_ticks, is_second: true, ..picture() });
        }
        self.last_ticks = ticks;
        filter.ok().filter(|_| fitting.is_some())
    }
}

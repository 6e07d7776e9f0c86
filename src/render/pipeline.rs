//! Decodes, draws and encodes at the same time, with one thread for each. Few pictures are in flight between the
//! threads, and their memory is reused.

use std::collections::VecDeque;
use std::path::Path;
use std::thread::{self, Scope, ScopedJoinHandle};

use crossbeam_channel::{Receiver, Sender, bounded};

use super::composer::Composer;
use super::error::RenderError;
use super::memory::Share;
use super::parts::{PART_FRAMES, Parts, put_in_place};
use super::scenes::Scenes;
use super::settings::{Encoding, Span};
use crate::failpoint;
use crate::image::yuv::YuvImage;
use crate::interrupt::Interrupt;
use crate::video::assemble::{Assembly, Sound, SoundOutcome, assemble};
use crate::video::clock::TimeBase;
use crate::video::encode::{EncoderSettings, PartWriter};
use crate::video::{FrameTime, Reading, VideoReader};

/// A video to render.
pub(crate) struct Work<'a> {
    /// The source video.
    pub(crate) source: &'a Path,
    /// How its file is read.
    pub(crate) reading: Reading,
    /// The time range to show and its speed.
    pub(crate) span: Span,
    /// The encoding.
    pub(crate) encoding: Encoding,
    /// The approximate frame rate, Hz.
    pub(crate) rate_hz: f64,
    /// The title that players show.
    pub(crate) title: &'a str,
    /// The file to write.
    pub(crate) target: &'a Path,
    /// The resources that fit into the memory limit.
    pub(crate) share: Share,
    /// Set when the user asks to stop.
    pub(crate) interrupt: &'a Interrupt,
    /// Called for every encoded frame.
    pub(crate) on_frame: &'a (dyn Fn() + Sync),
}

/// The result of a render.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// The number of frames of the new video.
    pub(crate) n_frames: u64,
    /// The number of those frames that an earlier render made.
    pub(crate) n_earlier: u64,
    /// The result for the sound.
    pub(crate) sound: SoundOutcome,
}

/// A frame to draw on; without a picture if an earlier render has made it.
struct Decoded {
    time: FrameTime,
    picture: Option<YuvImage>,
}

/// A frame to encode.
struct Drawn {
    ticks: i64,
    picture: YuvImage,
}

/// The extent of the decoded frames.
#[derive(Default)]
struct Extent {
    n_frames: u64,
    /// The time of the first frame, seconds: from the source's first frame, and on the source's own clock.
    first: Option<[f64; 2]>,
    last_time_s: f64,
}

/// Renders a video. Returns `None` if the user interrupted; sealed parts stay for the next run.
///
/// # Errors
/// See [`RenderError`].
pub(crate) fn render_video(
    work: &Work<'_>,
    scenes: &mut Scenes<'_>,
    composer: &mut Composer,
    parts: Parts,
) -> Result<Option<Rendered>, RenderError> {
    let n_earlier = parts.n_sealed() * PART_FRAMES;
    let reader = VideoReader::open(work.source, work.share.decoder_threads, work.reading)?.with_first_fields_only();
    let time_base = work.span.time_base(reader.time_base());
    let extent = thread::scope(|scope| {
        let (to_draw, decoded) = bounded(work.share.ahead);
        let (to_encode, drawn) = bounded(work.share.ahead);
        // As many as can be in use, so that no picture is freed and allocated again.
        let (pictures, free_pictures) = bounded(work.share.pictures());
        let (canvases, free_canvases) = bounded(work.share.pictures());
        let returned = if composer.is_in_place() { pictures.clone() } else { canvases };
        let decoding = spawn(scope, "decode", move || decode(reader, work, n_earlier, &to_draw, &free_pictures))?;
        let parts = &parts;
        let encoding = spawn(scope, "encode", move || encode(work, parts, time_base, &drawn, &returned))?;
        // A failing thread closes the channels of the others, which then end without an error.
        let out = Outlet { to_encode, pictures, free_canvases };
        let drawing = draw(work, time_base, scenes, composer, &decoded, &out);
        drop((decoded, out));
        join(encoding)?;
        drawing?;
        join(decoding)
    })?;
    if work.interrupt.is_requested() {
        return Ok(None);
    }
    let sound = finish(work, &parts, time_base, &extent)?;
    parts.remove();
    Ok(Some(Rendered { n_frames: extent.n_frames, n_earlier: n_earlier.min(extent.n_frames), sound }))
}

fn spawn<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    name: &str,
    run: impl FnOnce() -> Result<T, RenderError> + Send + 'scope,
) -> Result<ScopedJoinHandle<'scope, Result<T, RenderError>>, RenderError> {
    let thread = thread::Builder::new().name(name.to_owned());
    thread.spawn_scoped(scope, run).map_err(|error| RenderError::Thread { what: error.to_string() })
}

fn join<T>(thread: ScopedJoinHandle<'_, Result<T, RenderError>>) -> Result<T, RenderError> {
    let name = thread.thread().name().unwrap_or_default().to_owned();
    thread.join().unwrap_or_else(|_| Err(RenderError::Thread { what: name }))
}

/// Decodes the frames of the span. Frames that are already rendered are only counted.
fn decode(
    mut reader: VideoReader,
    work: &Work<'_>,
    n_earlier: u64,
    to_draw: &Sender<Decoded>,
    free: &Receiver<YuvImage>,
) -> Result<Extent, RenderError> {
    let mut extent = Extent::default();
    while let Some(time) = reader.next_frame()? {
        if work.span.is_before(time.media_time_s) {
            continue;
        }
        if work.span.is_after(time.media_time_s) || work.interrupt.is_requested() {
            break;
        }
        let stamp_s = reader.last_stamp_s().unwrap_or(time.media_time_s);
        extent.first.get_or_insert([time.media_time_s, stamp_s]);
        extent.last_time_s = time.media_time_s;
        let picture = if extent.n_frames < n_earlier {
            None
        } else {
            let mut picture = free.try_recv().unwrap_or_default();
            reader.take_planes(&mut picture)?;
            Some(picture)
        };
        extent.n_frames += 1;
        if to_draw.send(Decoded { time, picture }).is_err() {
            break;
        }
    }
    Ok(extent)
}

/// Draws the scene of each frame on its picture.
fn draw(
    work: &Work<'_>,
    time_base: TimeBase,
    scenes: &mut Scenes<'_>,
    composer: &mut Composer,
    decoded: &Receiver<Decoded>,
    out: &Outlet,
) -> Result<(), RenderError> {
    let mut clock = work.span.clock(time_base);
    // Frames that an earlier render made and in which trails may begin.
    let mut recent: VecDeque<FrameTime> = VecDeque::new();
    for Decoded { time, picture } in decoded {
        let ticks = clock.next(time.media_time_s);
        let Some(mut picture) = picture else {
            recent.push_back(time);
            while recent.front().is_some_and(|first| time.time_s - first.time_s > composer.memory_s()) {
                recent.pop_front();
            }
            continue;
        };
        for earlier in recent.drain(..) {
            composer.remember(scenes.at(earlier.frame_idx, earlier.time_s)?);
        }
        let scene = scenes.at(time.frame_idx, time.time_s)?;
        let finished = if composer.is_in_place() {
            composer.draw_on(&mut picture, &scene)?;
            picture
        } else {
            let mut canvas = out.free_canvases.try_recv().unwrap_or_default();
            composer.compose(&mut picture, &scene, &mut canvas)?;
            give_back(&out.pictures, picture);
            canvas
        };
        if out.to_encode.send(Drawn { ticks, picture: finished }).is_err() {
            break;
        }
    }
    Ok(())
}

/// The channels that drawing takes canvases from and sends pictures to.
struct Outlet {
    to_encode: Sender<Drawn>,
    /// Returned pictures, which the decoder reuses.
    pictures: Sender<YuvImage>,
    free_canvases: Receiver<YuvImage>,
}

/// Returns a picture for reuse. It is freed if the channel is full or closed.
fn give_back(to: &Sender<YuvImage>, picture: YuvImage) {
    let _is_kept = to.try_send(picture).is_ok();
}

/// Encodes pictures in parts and seals each full part.
fn encode(
    work: &Work<'_>,
    parts: &Parts,
    time_base: TimeBase,
    drawn: &Receiver<Drawn>,
    returned: &Sender<YuvImage>,
) -> Result<(), RenderError> {
    let mut part = parts.n_sealed();
    let mut open: Option<(PartWriter, u64)> = None;
    for Drawn { ticks, picture } in drawn {
        if work.interrupt.is_requested() {
            // The unfinished part is rendered again next time.
            return Ok(());
        }
        let (mut writer, n_frames) = match open.take() {
            Some(open) => open,
            None => (PartWriter::create(&parts.unsealed(part), &work.encoder(&picture, time_base))?, 0),
        };
        writer.write(&picture, ticks)?;
        give_back(returned, picture);
        (work.on_frame)();
        if n_frames + 1 == PART_FRAMES {
            writer.finish()?;
            parts.seal(part)?;
            failpoint::pass("render-part-sealed");
            part += 1;
        } else {
            open = Some((writer, n_frames + 1));
        }
    }
    if let Some((writer, _)) = open {
        writer.finish()?;
        parts.seal(part)?;
    }
    Ok(())
}

impl Work<'_> {
    fn encoder(&self, picture: &YuvImage, time_base: TimeBase) -> EncoderSettings {
        EncoderSettings {
            codec: self.encoding.codec,
            crf: self.encoding.crf,
            size_px: [picture.width(), picture.height()],
            colors: picture.colors,
            time_base,
            rate_hz: self.rate_hz * self.span.speed,
            effort: self.share.effort,
        }
    }
}

/// Joins the parts and the sound and renames the file.
fn finish(work: &Work<'_>, parts: &Parts, time_base: TimeBase, extent: &Extent) -> Result<SoundOutcome, RenderError> {
    let Some([first_time_s, first_stamp_s]) = extent.first else {
        let what = format!("{} has no frame in the requested time range", work.source.display());
        return Err(RenderError::Nothing { what });
    };
    let frame_s = 1.0 / work.rate_hz;
    let sound = Sound {
        path: work.source.to_path_buf(),
        origin_s: first_stamp_s,
        duration_s: extent.last_time_s - first_time_s + frame_s,
    };
    let paths: Vec<_> = (0..extent.n_frames.div_ceil(PART_FRAMES)).map(|part| parts.sealed(part)).collect();
    let assembly = Assembly {
        parts: &paths,
        codec: work.encoding.codec,
        time_base,
        frame_ticks: time_base.ticks(frame_s / work.span.speed).max(1),
        // Slowed-down sound would have another pitch or need to be encoded again.
        sound: work.span.is_real_time().then_some(sound),
        title: work.title,
    };
    let outcome = assemble(&assembly, &parts.whole())?;
    failpoint::pass("render-assembled");
    put_in_place(&parts.whole(), work.target)?;
    Ok(outcome)
}

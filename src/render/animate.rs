//! A short animated picture of one repetition, as GIF or WebP, for messages and slides.

use std::path::Path;

use serde::Serialize;

use super::error::RenderError;
use super::frames::pictures;
use super::settings::Span;
use super::subject::Subject;
use crate::artifacts::files::{PendingFile, write_whole};
use crate::artifacts::made::{self, in_key};
use crate::image::RgbImage;
use crate::image::yuv::YuvImage;
use crate::render::draw::to_rgb::rgb_bytes;
use crate::render::framing::animation::{AnimationWriter, Palette};
use crate::render::framing::crop_scale::{Border, CropScaler, Rectangle, size_at_most};
use crate::video::FrameTime;
use crate::video::encode::encode_animation;

/// The file format of an animation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AnimationFormat {
    /// GIF: shown everywhere, large files, 256 colors.
    Gif,
    /// WebP: smaller files, all colors.
    Webp,
}

impl AnimationFormat {
    /// The names of all formats, which are also their extensions.
    pub(crate) const NAMES: [&'static str; 2] = ["gif", "webp"];

    /// Returns the format with this name.
    #[must_use]
    pub(crate) fn find(name: &str) -> Option<Self> {
        [Self::Gif, Self::Webp].into_iter().find(|format| format.extension() == name)
    }

    /// Returns the extension of its files.
    #[must_use]
    pub(crate) fn extension(self) -> &'static str {
        Self::NAMES[self as usize]
    }
}

/// The settings of an animation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(crate) struct AnimationWish {
    /// The format.
    pub(crate) format: AnimationFormat,
    /// The repetition of the main athlete; default: the whole time span.
    pub(crate) repetition: Option<u32>,
    /// The maximum width, pixels.
    pub(crate) max_width_px: usize,
}

/// The maximum number of frames of an animation; longer ones should be videos.
const MAX_FRAMES: usize = 600;
/// The maximum frame rate, Hz. Some viewers cannot show more.
const MAX_RATE_HZ: f64 = 25.0;
/// The number of pictures that the colors are learned from.
const LEARNED: usize = 12;

/// Writes the animation, unless it is up to date and not forced. Returns whether it was written.
///
/// # Errors
/// See [`RenderError`].
pub(crate) fn write_animation(
    subject: &Subject<'_>,
    wish: AnimationWish,
    span: Span,
    target: &Path,
    is_forced: bool,
) -> Result<bool, RenderError> {
    let key = subject.key(&[&in_key(&(wish, span))])?;
    if !is_forced && made::is_current(target, &key) {
        return Ok(false);
    }
    let mut open = subject.open()?;
    let span = match wish.repetition {
        None => span.within(open.ghost_span_s.map(|span_s| open.media_span_s(span_s))),
        Some(number) => {
            let person_id = subject.look.people.as_ref().and_then(|people| people.first()).copied().unwrap_or(0);
            let mut all = open.context.repetitions.iter();
            let found = all.find(|found| found.repetition == number && found.person_id == person_id);
            let found = found.ok_or_else(|| RenderError::Nothing {
                what: format!(
                    "person {person_id} has no repetition {number}; `posekit query \"FROM repetitions\"` lists them"
                ),
            })?;
            span.within(Some(open.media_span_s([found.times_s[0], found.times_s[2]])))
        }
    };
    let frames = small_pictures(subject, &mut open, span, wish.max_width_px)?;
    let Some((last, _)) = frames.last() else {
        return Err(RenderError::Nothing { what: "the requested time range has no frame".to_owned() });
    };
    let end_s = last.media_time_s + 1.0 / subject.rate_hz();
    let starts = frames.iter().map(|(time, _)| time.media_time_s);
    let ends = starts.clone().skip(1).chain([end_s]);
    let durations: Vec<f64> = starts.zip(ends).map(|(start, end)| (end - start) / span.speed).collect();
    let pictures: Vec<&YuvImage> = frames.iter().map(|(_, picture)| picture).collect();
    match wish.format {
        AnimationFormat::Gif => write_whole(target, &gif(&pictures, &durations)?)?,
        AnimationFormat::Webp => {
            let pending = PendingFile::create(target)?;
            encode_animation(pending.temporary_path(), &pictures, &durations)?;
            pending.commit()?;
        }
    }
    made::note(target, &key)?;
    Ok(true)
}

fn small_pictures(
    subject: &Subject<'_>,
    open: &mut super::subject::OpenSubject,
    span: Span,
    max_width_px: usize,
) -> Result<Vec<(FrameTime, YuvImage)>, RenderError> {
    let mut frames: Vec<(FrameTime, YuvImage)> = Vec::new();
    let mut scaler = CropScaler::new(Border::Edge);
    let mut next_s = f64::NEG_INFINITY;
    let mut is_too_long = false;
    let is_wanted = |time: FrameTime| !span.is_before(time.media_time_s) && !span.is_after(time.media_time_s);
    pictures(open, &subject.draw.angles, is_wanted, u32::MAX, |time, picture| {
        // The tolerance allows for rounded times.
        if time.media_time_s < next_s || is_too_long {
            return Ok(());
        }
        next_s = time.media_time_s + 0.9 / MAX_RATE_HZ * span.speed;
        is_too_long = frames.len() == MAX_FRAMES;
        let size_px = [picture.width(), picture.height()];
        let mut small = YuvImage::new(size_at_most(size_px, max_width_px), picture.colors);
        scaler.draw(picture, Rectangle::whole(size_px), &mut small)?;
        frames.push((time, small));
        Ok(())
    })?;
    if is_too_long {
        let what =
            format!("an animation has at most {MAX_FRAMES} pictures: choose a --repetition, or --start and --end");
        return Err(RenderError::Nothing { what });
    }
    Ok(frames)
}

fn gif(pictures: &[&YuvImage], durations_s: &[f64]) -> Result<Vec<u8>, RenderError> {
    let rgb: Vec<RgbImage> = pictures.iter().map(|picture| rgb_image(picture)).collect();
    let Some(first) = rgb.first() else { return Ok(Vec::new()) };
    let step = rgb.len().div_ceil(LEARNED);
    let palette = Palette::learn(&rgb.iter().step_by(step).collect::<Vec<_>>());
    let mut writer = AnimationWriter::new(Vec::new(), [first.width(), first.height()], palette)?;
    for (picture, &duration_s) in rgb.iter().zip(durations_s) {
        writer.add(picture, duration_s)?;
    }
    Ok(writer.finish()?)
}

fn rgb_image(picture: &YuvImage) -> RgbImage {
    let bytes = rgb_bytes(picture);
    let (width, height) = (picture.width(), picture.height());
    let mut image = RgbImage::new(width, height);
    let stride = image.stride();
    let rows = image.bytes_mut().chunks_mut(stride).zip(bytes.chunks_exact(width * 3));
    rows.for_each(|(target, row)| target[..width * 3].copy_from_slice(row));
    image
}

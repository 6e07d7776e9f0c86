//! Renders single pictures of a video, for stills and animations: one after another, without encoding.

use super::error::RenderError;
use super::scenes::Scenes;
use super::subject::OpenSubject;
use crate::image::yuv::YuvImage;
use crate::video::{FrameTime, VideoReader};

/// Passes the finished pictures of the frames for which `is_wanted` is true to `take`, in order. Frames after
/// `last_frame` are not decoded.
///
/// # Errors
/// The source or the tables cannot be read, or `take` fails.
pub(super) fn pictures(
    subject: &mut OpenSubject,
    joints: &[String],
    is_wanted: impl Fn(FrameTime) -> bool,
    last_frame: u32,
    mut take: impl FnMut(FrameTime, &YuvImage) -> Result<(), RenderError>,
) -> Result<(), RenderError> {
    let OpenSubject { source, reading, workspace, composer, .. } = subject;
    let mut reader = VideoReader::open(source, 2, *reading)?;
    let mut scenes = Scenes::new(workspace, joints);
    let (mut picture, mut canvas) = (YuvImage::default(), YuvImage::default());
    while let Some(time) = reader.next_frame()? {
        if time.frame_idx > last_frame {
            break;
        }
        if !is_wanted(time) {
            continue;
        }
        reader.take_planes(&mut picture)?;
        let scene = scenes.at(time.frame_idx, time.time_s)?;
        if composer.is_in_place() {
            composer.draw_on(&mut picture, &scene)?;
            take(time, &picture)?;
        } else {
            composer.compose(&mut picture, &scene, &mut canvas)?;
            take(time, &canvas)?;
        }
    }
    Ok(())
}

//! The subject of a render: a video with its source, its tables, and the elements to draw.

use std::path::PathBuf;

use super::composer::{Composer, Ingredients};
use super::context::read_context;
use super::crops::read_crops;
use super::error::RenderError;
use super::ghosts::{Attempt, AttemptTrack, GhostLayer};
use super::look::Look;
use crate::artifacts::made::in_key;
use crate::pose::skeleton::LANDMARK_NAMES;
use crate::render::draw::TrailPoint;
use crate::render::framing::ghost::{Anchor, JointDifference};
use crate::scene::SceneContext;
use crate::sports::Draw;
use crate::store::Layout;
use crate::store::ids;
use crate::store::records::{RunRecord, VideoRecord};
use crate::store::results::run_key;
use crate::store::workspace::{EngineLimits, Workspace};
use crate::versions;
use crate::video::{Reading, VideoInfo, identity};

/// DuckDB's memory limit, bytes. Queries are small: a stretch of a video at a time.
pub(super) const ENGINE_BYTES: u64 = 64 << 20;

/// Another attempt to draw over the video.
pub(crate) struct GhostWish<'a> {
    /// The other attempt's video and run.
    pub(crate) stored: (&'a VideoRecord, &'a RunRecord),
    /// The other attempt.
    pub(crate) attempt: Attempt,
    /// The attempt of the video that is rendered.
    pub(crate) onto: Attempt,
    /// The part of the ghost that stays on the athlete.
    pub(crate) anchor: Anchor,
    /// Whether to swap left and right of the ghost.
    pub(crate) is_mirrored: bool,
}

/// The inputs of the pictures of a video.
pub(crate) struct Subject<'a> {
    /// The dataset.
    pub(crate) layout: &'a Layout,
    /// The video and its run.
    pub(crate) stored: (&'a VideoRecord, &'a RunRecord),
    /// The elements that the sport draws.
    pub(crate) draw: &'a Draw,
    /// The look.
    pub(crate) look: &'a Look,
    /// Another attempt to draw over the video, if any.
    pub(crate) ghost: Option<GhostWish<'a>>,
}

/// A subject with open tables.
pub(crate) struct OpenSubject {
    /// The video's file.
    pub(crate) source: PathBuf,
    /// How the file is read.
    pub(crate) reading: Reading,
    /// Its tables.
    pub(crate) workspace: Workspace,
    /// The data of the whole video.
    pub(crate) context: SceneContext,
    /// The composer of its pictures.
    pub(crate) composer: Composer,
    /// The differences between the joints of a ghost and the athlete's.
    pub(crate) differences: Vec<JointDifference>,
    /// The start and end of the athlete's repetition under the ghost, seconds; `None` if it is not a repetition.
    pub(crate) ghost_span_s: Option<[f64; 2]>,
}

impl OpenSubject {
    /// Returns the times of a moment and a later one in the file. `span_s` has the athlete's times, seconds.
    pub(super) fn media_span_s(&self, span_s: [f64; 2]) -> [f64; 2] {
        span_s.map(|time_s| time_s * self.reading.slow_motion)
    }
}

impl Subject<'_> {
    /// Returns a hash of everything its pictures depend on, and of `more`.
    ///
    /// # Errors
    /// The tables cannot be read.
    pub(crate) fn key(&self, more: &[&str]) -> Result<String, RenderError> {
        let (video, run) = self.stored;
        let mut things = vec![versions::DRAWINGS.to_owned(), in_key(self.look), in_key(self.draw)];
        if let Some(ghost) = &self.ghost {
            let (video, run) = ghost.stored;
            things.push(run_key(self.layout, video, run, &[])?);
            things.push(in_key(&(&ghost.attempt, &ghost.onto, ghost.anchor, ghost.is_mirrored)));
        }
        let things: Vec<&str> = things.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Ok(run_key(self.layout, video, run, &things)?)
    }

    /// Returns the approximate rate of the frames in the tables, Hz, as the file shows them.
    #[must_use]
    pub(crate) fn rate_hz(&self) -> f64 {
        self.stored.0.info.as_ref().and_then(VideoInfo::media_fps).filter(|&rate| rate > 0.0).unwrap_or(1.0)
    }

    /// Returns the approximate rate of the frames that the file stores, Hz.
    #[must_use]
    pub(crate) fn stored_rate_hz(&self) -> f64 {
        self.stored.0.info.as_ref().and_then(VideoInfo::stored_fps).filter(|&rate| rate > 0.0).unwrap_or(1.0)
    }

    /// Opens the tables.
    ///
    /// # Errors
    /// The tables cannot be read, the source is missing, or the person to follow or to compare is missing.
    pub(crate) fn open(&self) -> Result<OpenSubject, RenderError> {
        let (video, _) = self.stored;
        let source = find_source(video)?;
        let workspace = self.workspace(self.stored)?;
        let Draw { angles, metrics, trails } = self.draw;
        let rate_hz = video.info.as_ref().and_then(|info| info.fps);
        let context = read_context(&workspace, rate_hz, metrics, angles)?;
        let reading = video.info.as_ref().map(|info| info.reading).unwrap_or_default();
        let picture_px = video.info.as_ref().map_or([1, 1], |info| [info.width as usize, info.height as usize]);
        let (mut ghost, mut ghost_span_s) = (None, None);
        if let Some(wish) = &self.ghost {
            let onto = AttemptTrack::read(&workspace, &wish.onto, angles)?;
            let of = AttemptTrack::read(&self.workspace(wish.stored)?, &wish.attempt, angles)?;
            ghost = Some(GhostLayer::new(&of, &onto, wish.anchor, wish.is_mirrored)?);
            ghost_span_s = onto.span_s();
        }
        let differences = ghost.as_ref().map(|ghost| ghost.differences.clone()).unwrap_or_default();
        let composer = Composer::new(Ingredients {
            look: self.look.clone(),
            context: context.clone(),
            trail_points: trails.iter().filter_map(|name| trail_point(name)).collect(),
            crops: read_crops(&workspace, self.look, picture_px)?,
            ghost,
        });
        Ok(OpenSubject { source, reading, workspace, context, composer, differences, ghost_span_s })
    }

    fn workspace(&self, (video, run): (&VideoRecord, &RunRecord)) -> Result<Workspace, RenderError> {
        let limits = EngineLimits { memory_bytes: ENGINE_BYTES };
        Ok(Workspace::open(self.layout, video, run, limits)?)
    }
}

/// Returns the trail point of a sport pack's point. Points that are not landmarks, such as the middle of the hips, have
/// no trail.
fn trail_point(name: &str) -> Option<TrailPoint> {
    if name == "center_of_mass" {
        return Some(TrailPoint::CenterOfMass);
    }
    LANDMARK_NAMES.iter().position(|&landmark| landmark == name).map(TrailPoint::Landmark)
}

/// Returns the file that the tables were made from, if it is unchanged.
///
/// # Errors
/// The file is missing, or its content has changed.
pub(crate) fn find_source(video: &VideoRecord) -> Result<PathBuf, RenderError> {
    let path = PathBuf::from(&video.path);
    let is_known = match identity::stamp(&path) {
        Ok(stamp) if stamp == video.stamp => true,
        Ok(_) => identity::content_digits(&path)
            .is_ok_and(|digits| ids::video_id(&digits) == ids::lettered_video(&video.video_id)),
        Err(_) => false,
    };
    if is_known { Ok(path) } else { Err(RenderError::SourceMoved { path }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pose::skeleton::landmark;

    #[test]
    fn trails_follow_landmarks_and_the_center_of_mass() {
        assert_eq!(trail_point("center_of_mass"), Some(TrailPoint::CenterOfMass));
        assert_eq!(trail_point("left_ankle"), Some(TrailPoint::Landmark(landmark::LEFT_ANKLE)));
        assert_eq!(trail_point("mid_hip"), None);
    }
}

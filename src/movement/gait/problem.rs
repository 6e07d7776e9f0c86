//! Reasons why gait is not reported.

use super::Side;

/// The reason why no gait was found.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub(crate) enum GaitProblem {
    /// The signals have different lengths: a bug in posekit.
    #[error("the landmarks of this person do not fit together")]
    BrokenSignals,
    /// The length of the legs is missing.
    #[error("the length of the legs is unknown")]
    NoLegLength,
    /// A still, also as a video.
    #[error("{}", if *frames == 1 {
        "there is only one picture".to_owned()
    } else {
        format!("the picture does not change: {changed} of {frames} frames differ from the frame before")
    })]
    OnePicture {
        /// The number of frames that show another picture than the frame before.
        changed: usize,
        /// The number of frames.
        frames: usize,
    },
    /// Hips and feet are seen in too few frames.
    #[error("hips and both feet are seen together in only {:.0} % of the frames", share * 100.0)]
    FeetUnseen {
        /// The share of frames in which they are seen, 0..=1.
        share: f64,
    },
    /// The body is not carried upright above the feet.
    #[error("the body is upright above the feet in only {:.0} % of the frames", share * 100.0)]
    NotUpright {
        /// The share of frames in which the body is upright, 0..=1.
        share: f64,
    },
    /// The person neither crosses the picture nor turns a side to the camera.
    #[error("the person neither crosses the picture nor is seen from the side")]
    NoDirection,
    /// No direction lasts long enough.
    #[error("the longest stretch in one direction lasts {longest_s:.1} s, too short for gait ({needed_s:.1} s)")]
    TooShort {
        /// The duration of the longest stretch, seconds.
        longest_s: f64,
        /// The required value.
        needed_s: f64,
    },
    /// A foot hardly moves under the body.
    #[error(
        "the {} foot moves only {swing:.2} leg lengths back and forth under the body; walking takes {needed:.2}",
        if *side == Side::Left { "left" } else { "right" }
    )]
    FeetDoNotSwing {
        /// The foot that moves less.
        side: Side,
        /// The range of that foot, leg lengths.
        swing: f64,
        /// The required value.
        needed: f64,
    },
    /// One foot stays ahead of the other.
    #[error("the feet pass each other {passings} times; walking takes at least {needed}")]
    FeetDoNotPass {
        /// How often the feet pass each other.
        passings: usize,
        /// The required value.
        needed: usize,
    },
    /// Too few alternating contacts.
    #[error("only {contacts} steps were found; gait takes at least {needed}")]
    TooFewSteps {
        /// The number of alternating contacts.
        contacts: usize,
        /// The required value.
        needed: usize,
    },
    /// The steps have no rhythm.
    #[error("the steps keep no rhythm: their times vary by {:.0} %", variation * 100.0)]
    NoRhythm {
        /// The standard deviation of step times divided by their mean.
        variation: f64,
    },
    /// Too many steps are missing between those that were found.
    #[error("{missed} of {intervals} intervals between contacts are not a step")]
    MissedSteps {
        /// The number of intervals that are not one step.
        missed: usize,
        /// The number of intervals between contacts.
        intervals: usize,
    },
    /// No method found events in the order of steps.
    #[error("the contacts and toe-offs of the feet are not in the order of steps")]
    WrongOrder,
}

impl GaitProblem {
    /// Returns the problem of a person in `frames` frames, of which `changed` show a new picture; `None` if the picture
    /// changes. Compression makes some frames of a filmed still differ.
    #[must_use]
    pub(crate) fn of_pictures(changed: usize, frames: usize) -> Option<Self> {
        /// The smallest share of new pictures in a video. Slow motion that repeats each picture ten times has 0.1.
        const LEAST_SHARE: f64 = 0.05;
        let is_still = frames > 0 && changed as f64 <= (LEAST_SHARE * frames as f64).max(1.0);
        is_still.then_some(Self::OnePicture { changed, frames })
    }

    /// Returns the remark for a person. It is not a warning: most people without gait do something else.
    #[must_use]
    pub(crate) fn remark(&self, person_id: u16) -> String {
        match self {
            Self::BrokenSignals
            | Self::NoLegLength
            | Self::OnePicture { .. }
            | Self::FeetUnseen { .. }
            | Self::NoDirection
            | Self::TooShort { .. } => {
                format!("person {person_id}: walking or running cannot be seen here, so there is no gait ({self})")
            }
            Self::NotUpright { .. } | Self::FeetDoNotSwing { .. } | Self::FeetDoNotPass { .. } => {
                format!("person {person_id} does not walk or run here, so there is no gait ({self})")
            }
            // The feet swing past each other: there may be steps.
            Self::TooFewSteps { .. } | Self::NoRhythm { .. } | Self::MissedSteps { .. } | Self::WrongOrder => {
                format!("person {person_id}: gait could not be measured here ({self})")
            }
        }
    }
}

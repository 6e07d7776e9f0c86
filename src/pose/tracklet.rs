//! A tracklet: one person followed through consecutive frames of one segment. Identities over a whole video are made of
//! tracklets.

use super::tracker::TrackedPose;

/// Number of values of an appearance: a color histogram of the upper and the lower body.
pub const APPEARANCE_BINS: usize = 48;

/// One person in one frame, as part of a tracklet.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonPose {
    /// Number of the tracklet in its segment, from 0.
    pub tracklet: u16,
    /// The pose that was found.
    pub tracked: TrackedPose,
}

/// Summary of a tracklet when its segment ends, in addition to its poses.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackletSummary {
    /// Number of the tracklet in its segment, from 0.
    pub tracklet: u16,
    /// Number of times the person detector confirmed it.
    pub n_detections: u32,
    /// Colors of the upper and the lower body, each half summing to 1; `None` if they were never clearly visible.
    pub appearance: Option<[f32; APPEARANCE_BINS]>,
    /// Whether the tracklet is a person. If it is not, its poses are left out.
    pub is_somebody: bool,
}

/// How a tracklet was recognized as a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// A new person.
    New,
    /// From the frames just before, as at the border of two segments.
    Segment,
    /// By motion, after a moment out of sight.
    Gap,
    /// By appearance, after a longer time.
    Appearance,
    /// By an edit of the user.
    Edit,
}

impl Link {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::New, Self::Segment, Self::Gap, Self::Appearance, Self::Edit];

    /// The link's name in the tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Segment => "segment",
            Self::Gap => "gap",
            Self::Appearance => "appearance",
            Self::Edit => "edit",
        }
    }
}

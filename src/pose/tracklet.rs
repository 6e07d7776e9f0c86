//! A tracklet: one person followed through consecutive frames of one segment. Identity over a whole video is made of them.

use super::tracker::TrackedPose;

/// Values of an appearance: a histogram of the colors of the upper and the lower body.
pub const APPEARANCE_BINS: usize = 48;

/// One person in one frame, as part of a tracklet.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonPose {
    /// Number of the tracklet in its segment, from 0.
    pub tracklet: u16,
    /// What was found.
    pub tracked: TrackedPose,
}

/// What is known of a tracklet when its segment ends, besides its poses.
#[derive(Debug, Clone, PartialEq)]
pub struct TrackletSummary {
    /// Its number in its segment, from 0.
    pub tracklet: u16,
    /// How often the person detector confirmed it.
    pub n_detections: u32,
    /// Colors of the upper and the lower body, each half summing to 1; `None` where they were never seen well.
    pub appearance: Option<[f32; APPEARANCE_BINS]>,
    /// Whether it counts: what turned out to be nobody does not, and its poses are left out.
    pub is_somebody: bool,
}

/// How a tracklet was recognized as a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link {
    /// Nobody seen before.
    New,
    /// From the frames just before, as at the border of two segments.
    Segment,
    /// After a moment out of sight.
    Gap,
    /// After a longer time, by its looks.
    Appearance,
    /// The user said so.
    Edit,
}

impl Link {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::New, Self::Segment, Self::Gap, Self::Appearance, Self::Edit];

    /// The name in the tables.
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

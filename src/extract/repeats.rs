//! Recognizes pictures that repeat the one before them, so that networks need not look twice. Pure.
//!
//! Editors and screen recorders store 25 pictures a second as 30 frames, or each one twice. A codec changes a repeated
//! picture a little, since it codes it again. How much depends on the codec, so the changes before tell what is little:
//! a body that moves clearly does not stop for one frame and go on. Where nothing moves, only pictures count that are
//! all but the same. ADR 055 has the measurements behind the numbers.

use std::collections::VecDeque;

use crate::image::blocks::Blocks;

/// The change, in steps of brightness of the block that changes most, up to which a picture is the same in any case.
const STILL: f32 = 0.5;
/// The largest change of a repeated picture that a codec has changed, and its largest share of the changes before.
const MAX_CHANGE: f32 = 10.0;
const MAX_SHARE: f32 = 0.15;
/// The number of changes before that are looked at: three large ones among them even if only every eighth frame is new.
const CHANGES: usize = 24;
/// The longest time for which a picture that changes a little counts as the same, seconds. Pictures come at least five
/// times a second.
const MAX_PAUSE_S: f64 = 0.2;
/// Times are rounded.
const ROUNDING_S: f64 = 1e-4;

/// Compares the pictures of a segment, each with the last different one before it.
#[derive(Debug, Default)]
pub(crate) struct RepeatFinder {
    /// The last picture that was not a repeated one, and its time in the file.
    last: Option<(Blocks, f64)>,
    /// The changes by which the last different pictures came.
    changes: VecDeque<f32>,
}

impl RepeatFinder {
    /// Returns whether the next picture of the segment repeats the one before. `media_time_s` is its time in the file.
    pub(crate) fn is_repeated(&mut self, blocks: Blocks, media_time_s: f64) -> bool {
        let change = self.last.as_ref().and_then(|(last, last_s)| {
            let change = blocks.largest_difference(last)?;
            Some((change, media_time_s - last_s <= MAX_PAUSE_S + ROUNDING_S))
        });
        if let Some((change, is_soon)) = change
            && (change <= STILL || is_soon && change <= MAX_CHANGE.min(MAX_SHARE * self.usual_change()))
        {
            return true;
        }
        self.last = Some((blocks, media_time_s));
        self.changes.extend(change.map(|(change, _)| change));
        if self.changes.len() > CHANGES {
            self.changes.pop_front();
        }
        false
    }

    /// Forgets the pictures, as at the start of a segment.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Returns the change that a picture is expected to bring: that of the last one, unless fewer than three of the last
    /// ones were as large: a cut is alone, and a flash of light comes and goes.
    fn usual_change(&self) -> f32 {
        let mut changes: Vec<f32> = self.changes.iter().copied().collect();
        changes.sort_by(|a, b| b.total_cmp(a));
        let (Some(&last), Some(&third)) = (self.changes.back(), changes.get(2)) else { return 0.0 };
        last.min(third)
    }
}

#[cfg(test)]
mod tests;

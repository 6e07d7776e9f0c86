//! Presentation stamps of fields. Pure.
//!
//! An interlaced frame holds two moments. The second lies halfway to the next frame, which may be between two ticks. So
//! stamps of pictures count half ticks.

use super::footage::Deinterlace;

/// The stamp of a frame, and of its first field, in half ticks.
#[must_use]
pub fn half_ticks(ticks: i64) -> i64 {
    ticks.saturating_mul(2)
}

/// The stamp of the second field of a frame at `ticks`, in half ticks: half an interval later. The interval is the
/// smaller one of those to the frame before and to the frame after, because frames may be missing on one side. `None`
/// if there is no frame on either side.
#[must_use]
pub fn second_half_ticks(ticks: i64, neighbors: [Option<i64>; 2]) -> Option<i64> {
    let [before, after] = neighbors;
    let intervals = [before.map(|before| ticks.saturating_sub(before)), after.map(|after| after.saturating_sub(ticks))];
    let interval = intervals.into_iter().flatten().filter(|&interval| interval > 0).min()?;
    Some(half_ticks(ticks).saturating_add(interval))
}

/// How the frames that decoding gives follow from the packets of a video, as far as its first frames show.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldNumbering {
    /// The interval of stored frames, ticks, if the video is interlaced.
    pub interlaced_ticks: Option<i64>,
    /// What is done with interlaced frames.
    pub deinterlace: Deinterlace,
}

impl FieldNumbering {
    fn is_by_field(&self) -> bool {
        self.interlaced_ticks.is_some() && self.deinterlace == Deinterlace::Auto
    }

    /// The number of frames that each stored frame becomes.
    #[must_use]
    pub fn frames_per_stored(&self) -> usize {
        if self.is_by_field() { 2 } else { 1 }
    }

    /// The stamps of the stored frames of packets with the stamps `ticks`, ascending.
    #[must_use]
    pub fn stored_frames(&self, ticks: Vec<i64>) -> Vec<i64> {
        match self.interlaced_ticks {
            None => ticks,
            Some(interval) => without_second_fields(&ticks, interval),
        }
    }

    /// The stamps of the frames that decoding gives, half ticks. `stored` are the stamps of the stored frames. The second
    /// field of a single frame has none.
    #[must_use]
    pub fn half_ticks(&self, stored: &[i64]) -> Vec<i64> {
        if !self.is_by_field() {
            return stored.iter().map(|&ticks| half_ticks(ticks)).collect();
        }
        let neighbor = |number: Option<usize>| number.and_then(|number| stored.get(number)).copied();
        let both = stored.iter().enumerate().flat_map(|(number, &ticks)| {
            let neighbors = [neighbor(number.checked_sub(1)), neighbor(number.checked_add(1))];
            [Some(half_ticks(ticks)), second_half_ticks(ticks, neighbors)]
        });
        both.flatten().collect()
    }

    /// The number of the first stored frame that a frame needs. Fields are separated with the help of the frame before.
    #[must_use]
    pub fn first_needed(&self, frame_idx: usize) -> usize {
        if self.is_by_field() {
            return (frame_idx / 2).saturating_sub(1);
        }
        // If each stored frame stays one, interlaced frames later in the video do not show in the numbers.
        frame_idx.saturating_sub(usize::from(self.deinterlace == Deinterlace::Frame))
    }
}

/// Leaves out the stamps of packets that hold the second field of a frame. They follow the packet of the first field
/// much faster than frames follow each other.
fn without_second_fields(ticks: &[i64], frame_interval: i64) -> Vec<i64> {
    let much_faster = frame_interval.saturating_sub(frame_interval / 4);
    let mut frames: Vec<i64> = Vec::with_capacity(ticks.len());
    let mut may_be_second = false;
    for &own in ticks {
        let is_near = frames.last().is_some_and(|&first| own.saturating_sub(first) < much_faster);
        if may_be_second && is_near {
            may_be_second = false;
        } else {
            frames.push(own);
            may_be_second = true;
        }
    }
    frames
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn by_field(interval: i64) -> FieldNumbering {
        FieldNumbering { interlaced_ticks: Some(interval), deinterlace: Deinterlace::Auto }
    }

    #[test]
    fn the_second_field_lies_halfway_to_the_next_frame() {
        assert_eq!(by_field(3).half_ticks(&[100, 103, 106]), [200, 203, 206, 209, 212, 215]);
    }

    #[test]
    fn a_gap_does_not_move_the_second_field() {
        assert_eq!(by_field(40).half_ticks(&[0, 40, 400, 440]), [0, 40, 80, 120, 800, 840, 880, 920]);
    }

    #[test]
    fn a_single_frame_has_no_interval() {
        assert_eq!((by_field(40).half_ticks(&[7]), by_field(40).frames_per_stored()), (vec![14], 2));
        assert_eq!(second_half_ticks(7, [None, None]), None);
        assert_eq!(second_half_ticks(7, [Some(9), Some(3)]), None, "times run backward on both sides");
        assert_eq!(second_half_ticks(7, [Some(9), Some(10)]), Some(17));
    }

    #[test]
    fn packets_of_fields_and_of_frames_may_be_mixed() {
        // Two fields, a frame, a frame, two fields, a gap, two fields.
        let packets = vec![0, 20, 40, 80, 120, 140, 400, 420];
        assert_eq!(by_field(40).stored_frames(packets.clone()), [0, 40, 80, 120, 400]);
        assert_eq!(by_field(40).stored_frames(vec![0, 40, 80]), [0, 40, 80]);
        assert_eq!(by_field(i64::MAX).stored_frames(vec![0, 20]), [0], "a single frame");
        assert_eq!(FieldNumbering::default().stored_frames(packets.clone()), packets);
    }

    #[test]
    fn fields_need_the_frame_before() {
        assert_eq!([0, 1, 2, 3, 4].map(|frame_idx| by_field(40).first_needed(frame_idx)), [0, 0, 0, 0, 1]);
        let whole = FieldNumbering { deinterlace: Deinterlace::Frame, ..FieldNumbering::default() };
        assert_eq!([0, 1, 2].map(|frame_idx| whole.first_needed(frame_idx)), [0, 0, 1]);
        assert_eq!(FieldNumbering::default().first_needed(2), 2);
    }

    proptest! {
        #[test]
        fn stamps_of_fields_ascend(intervals in prop::collection::vec(1_i64..1000, 2..50), first in -1000_i64..1000) {
            let stored: Vec<i64> =
                intervals.iter().scan(first, |ticks, interval| { *ticks += interval; Some(*ticks) }).collect();
            let frames = by_field(500).half_ticks(&stored);
            prop_assert_eq!(frames.len(), stored.len() * 2);
            prop_assert!(frames.windows(2).all(|pair| pair[0] < pair[1]));
        }
    }
}

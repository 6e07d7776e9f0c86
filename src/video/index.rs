//! Entry points for decoding within a video, so that each segment can be extracted by itself. Pure.
//!
//! An index numbers frames by the presentation stamps of packets. It is therefore built only if packets and frames
//! agree as far as packets show: every packet is to be shown, each at its own time, and none is missing. Whether the
//! decoder agrees is checked during decoding: a segment began at the right frame and holds the right number of frames
//! if its first frame and the frame after its last have the stamps in the index. If that holds for all segments, their
//! frames are the same, number by number, as when decoding from the start.

use serde::{Deserialize, Serialize};

use super::fields::{self, FieldNumbering};
use super::orientation::Orientation;

/// The header of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketHeader {
    /// Presentation stamp of the packet's frame, ticks.
    pub presentation_ticks: Option<i64>,
    /// Decoding stamp, ticks.
    pub decoding_ticks: Option<i64>,
    /// Whether the container marks the packet as one with which decoding can begin.
    pub is_key: bool,
    /// Whether the packet's data confirm this, if they can.
    pub is_clean: bool,
    /// Whether the packet's frame is to be shown.
    pub is_shown: bool,
}

/// Properties of the first frame that apply to all frames of a video.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FirstFrame {
    /// Presentation stamp of the frame, half ticks.
    pub half_ticks: i64,
    /// Size of every frame before it is turned for display, with square pixels.
    pub upright_size_px: [usize; 2],
    /// The rotation of stored pixels for display.
    pub orientation: Orientation,
}

/// The entry point for decoding a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EntryPoint {
    /// The video's first frame.
    pub first_frame: FirstFrame,
    /// Number of the segment's first frame.
    pub frame_idx: u32,
    /// Presentation stamp of the segment's first frame, half ticks of the stream.
    pub half_ticks: i64,
    /// The packet to begin with.
    pub key: KeyPacket,
}

/// A packet with which decoding can begin: no frame shown after its own frame needs any earlier packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPacket {
    /// Number of the packet's frame.
    pub frame_idx: u32,
    /// Presentation stamp, ticks.
    pub presentation_ticks: i64,
    /// Decoding stamp, ticks; the presentation stamp if the container gives none.
    pub decoding_ticks: i64,
}

/// Entry points of all segments of a video.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SegmentIndex {
    first_frame: FirstFrame,
    segment_frames: u32,
    n_frames: u32,
    /// The segment of the first entry; earlier segments may have been left out.
    first_segment: usize,
    /// For each segment, the presentation stamp of its first frame, half ticks, and the packet to begin with.
    segments: Vec<(i64, KeyPacket)>,
}

impl SegmentIndex {
    /// Number of frames in every segment but the last, which may be shorter.
    #[must_use]
    pub fn segment_frames(&self) -> u32 {
        self.segment_frames
    }

    /// Number of frames in the video.
    #[must_use]
    pub fn n_frames(&self) -> u32 {
        self.n_frames
    }

    /// Number of segments in the video.
    #[must_use]
    pub fn n_segments(&self) -> usize {
        self.n_frames.div_ceil(self.segment_frames.max(1)) as usize
    }

    /// The part of the index that is needed for the segments from `first` to `last` (to the end if `last` is `None`):
    /// their entries, and the entry of the next segment.
    #[must_use]
    pub fn excerpt(&self, first: u32, last: Option<u32>) -> Self {
        let from = (first as usize).saturating_sub(self.first_segment).min(self.segments.len());
        let until = last.map_or(usize::MAX, |last| (last as usize + 2).saturating_sub(self.first_segment));
        let segments = self.segments[from..until.clamp(from, self.segments.len())].to_vec();
        Self { first_segment: self.first_segment + from, segments, ..self.clone() }
    }

    /// The entry point of segment `number`, counted from 0; `None` after the last.
    #[must_use]
    pub fn entry(&self, number: usize) -> Option<EntryPoint> {
        let &(half_ticks, key) = self.segments.get(number.checked_sub(self.first_segment)?)?;
        let frame_idx = u32::try_from(number).ok()?.checked_mul(self.segment_frames)?;
        Some(EntryPoint { first_frame: self.first_frame, frame_idx, half_ticks, key })
    }
}

/// A packet with which decoding can begin; stamps in ticks.
#[derive(Debug, Clone, Copy)]
struct Key {
    shown_at: i64,
    decoded_at: i64,
    is_clean: bool,
}

/// Builds an index from packets in the order of the file.
#[derive(Debug, Clone)]
pub struct IndexBuilder {
    is_regular: bool,
    /// Presentation stamps of all packets.
    presentation_ticks: Vec<i64>,
    last_decoding_ticks: Option<i64>,
    /// The latest presentation stamp so far.
    latest_ticks: i64,
    /// Packets with which decoding can begin.
    keys: Vec<Key>,
}

impl Default for IndexBuilder {
    fn default() -> Self {
        Self {
            is_regular: true,
            presentation_ticks: Vec::new(),
            last_decoding_ticks: None,
            latest_ticks: i64::MIN,
            keys: Vec::new(),
        }
    }
}

impl IndexBuilder {
    /// Adds the next packet.
    pub fn push(&mut self, packet: PacketHeader) {
        let (Some(shown_at), true) = (packet.presentation_ticks, packet.is_shown) else {
            self.is_regular = false;
            return;
        };
        match (packet.decoding_ticks, self.last_decoding_ticks) {
            (Some(now), last) if last.is_none_or(|last| last <= now) => self.last_decoding_ticks = Some(now),
            // Matroska has no decoding stamps: FFmpeg computes them, except for the first few.
            (None, None) => {}
            _ => self.is_regular = false,
        }
        // Decoding cannot begin with a key after which a frame from before it is shown.
        if packet.is_key && shown_at > self.latest_ticks {
            let decoded_at = packet.decoding_ticks.unwrap_or(shown_at);
            self.keys.push(Key { shown_at, decoded_at, is_clean: packet.is_clean });
        }
        self.latest_ticks = self.latest_ticks.max(shown_at);
        self.presentation_ticks.push(shown_at);
    }

    /// Builds the index for segments of `segment_frames`; `None` if the packets leave any doubt. `first_frame` is the
    /// frame that was decoded first, `numbering` how frames follow from packets.
    #[must_use]
    pub fn finish(
        self,
        segment_frames: u32,
        first_frame: FirstFrame,
        numbering: FieldNumbering,
    ) -> Option<SegmentIndex> {
        let Self { is_regular, presentation_ticks: mut ticks, keys, .. } = self;
        ticks.sort_unstable();
        let has_distinct_ticks = ticks.windows(2).all(|pair| pair[0] < pair[1]);
        let stored = numbering.stored_frames(ticks);
        let frames = numbering.half_ticks(&stored);
        let is_whole = is_regular && has_distinct_ticks && frames.first() == Some(&first_frame.half_ticks);
        let n_frames = u32::try_from(frames.len()).ok()?;
        let has_all_stamps = frames.len() == stored.len() * numbering.frames_per_stored();
        if !is_whole || !has_all_stamps || segment_frames == 0 {
            return None;
        }
        // The kept keys are in presentation order, too.
        let mut keys = keys.into_iter().peekable();
        let (mut key_before, mut key) = (None, None);
        let mut segments = Vec::with_capacity(frames.len().div_ceil(segment_frames as usize));
        for (frame_idx, &half_ticks) in frames.iter().enumerate().step_by(segment_frames as usize) {
            let &needed_ticks = stored.get(numbering.first_needed(frame_idx))?;
            while let Some(next) = keys.next_if(|next| next.shown_at <= needed_ticks) {
                key_before = key.replace(next);
            }
            // If a key may need earlier packets, decoding begins one key earlier, if there is one.
            let Key { shown_at, decoded_at, .. } = key.filter(|key: &Key| key.is_clean).or(key_before).or(key)?;
            let frame_idx = frames.partition_point(|&other| other < fields::half_ticks(shown_at));
            let frame_idx = u32::try_from(frame_idx).ok()?;
            let key = KeyPacket { frame_idx, presentation_ticks: shown_at, decoding_ticks: decoded_at };
            segments.push((half_ticks, key));
        }
        Some(SegmentIndex { first_frame, segment_frames, n_frames, first_segment: 0, segments })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn first() -> FirstFrame {
        FirstFrame { half_ticks: 0, upright_size_px: [4, 2], orientation: Orientation::default() }
    }

    /// An index of packets that are decoded one tick after another; the second value marks keys.
    fn index(packets: &[(i64, bool)], segment_frames: u32) -> Option<SegmentIndex> {
        let mut builder = IndexBuilder::default();
        for (number, &(ticks, is_key)) in packets.iter().enumerate() {
            builder.push(packet(ticks, number as i64, is_key));
        }
        builder.finish(segment_frames, first(), FieldNumbering::default())
    }

    fn packet(presentation: i64, decoding: i64, is_key: bool) -> PacketHeader {
        let [presentation_ticks, decoding_ticks] = [presentation, decoding].map(Some);
        PacketHeader { presentation_ticks, decoding_ticks, is_key, is_clean: true, is_shown: true }
    }

    /// Segment's first frame, its stamp, its key's frame, the key's decoding stamp.
    fn entries(index: &SegmentIndex) -> Vec<(u32, i64, u32, i64)> {
        let entries = (0..index.n_segments()).map(|number| index.entry(number).unwrap());
        entries
            .map(|entry| (entry.frame_idx, entry.half_ticks / 2, entry.key.frame_idx, entry.key.decoding_ticks))
            .collect()
    }

    #[test]
    fn a_segment_is_entered_at_the_last_key_at_or_before_its_first_frame() {
        // Shown: 0 10 20 30 40 50 60. The frame at 40 is a key; one frame is decoded after it and shown before it.
        let packets = [(0, true), (20, false), (10, false), (40, true), (30, false), (60, false), (50, false)];
        let index = index(&packets, 3).unwrap();
        // The frame at 30 is decoded from the first key on, the one at 60 from the second.
        assert_eq!(entries(&index), [(0, 0, 0, 0), (3, 30, 0, 0), (6, 60, 4, 3)]);
        assert_eq!((index.n_frames(), index.n_segments(), index.entry(3)), (7, 3, None));
    }

    #[test]
    fn an_excerpt_has_the_same_entries_for_its_segments_and_the_next_one() {
        let packets: Vec<_> = (0..10).map(|number| (number * 10, number % 4 == 0)).collect();
        let index = index(&packets, 2).unwrap();
        let excerpt = index.excerpt(1, Some(2));
        assert_eq!((excerpt.n_frames(), excerpt.n_segments()), (10, 5));
        for number in 0..6 {
            let expected = index.entry(number).filter(|_| (1..=3).contains(&number));
            assert_eq!(excerpt.entry(number), expected, "{number}");
        }
        assert_eq!(excerpt.excerpt(2, None).entry(2), index.entry(2));
        assert_eq!(index.excerpt(4, Some(4)).entry(4), index.entry(4));
        assert_eq!(index.excerpt(9, None).entry(9), None);
    }

    #[test]
    fn a_key_that_something_earlier_is_shown_after_is_passed_over() {
        let packets = [(0, true), (30, false), (10, true), (20, false)];
        assert_eq!(entries(&index(&packets, 2).unwrap()), [(0, 0, 0, 0), (2, 20, 0, 0)]);
    }

    #[test]
    fn a_key_that_may_need_more_is_given_a_run_up() {
        let mut builder = IndexBuilder::default();
        for number in 0..9 {
            // Keys are 0, 2, 4, 6 and 8; all but the one at 6 are doubtful.
            builder.push(PacketHeader { is_clean: number == 6, ..packet(number, number, number % 2 == 0) });
        }
        let keys = entries(&builder.finish(3, first(), FieldNumbering::default()).unwrap())
            .into_iter()
            .map(|(frame, _, key, _)| (frame, key));
        assert_eq!(keys.collect::<Vec<_>>(), [(0, 0), (3, 0), (6, 6)]);
    }

    #[test]
    fn doubtful_files_have_no_index() {
        let regular = [packet(0, 0, true), packet(1, 1, false), packet(2, 2, false)];
        let is_indexed = |change: fn(&mut Vec<PacketHeader>)| {
            let mut packets = regular.to_vec();
            change(&mut packets);
            let mut builder = IndexBuilder::default();
            for packet in packets {
                builder.push(packet);
            }
            builder.finish(2, first(), FieldNumbering::default()).is_some()
        };
        assert!(is_indexed(|_| {}));
        assert!(!is_indexed(|packets| packets[1].is_shown = false), "an edit list hides frames");
        assert!(!is_indexed(|packets| packets[1].presentation_ticks = None));
        assert!(!is_indexed(|packets| packets[1].decoding_ticks = None));
        assert!(is_indexed(|packets| packets[0].decoding_ticks = None), "as the first ones of Matroska");
        assert!(!is_indexed(|packets| packets[2].presentation_ticks = Some(1)), "two frames at one time");
        assert!(!is_indexed(|packets| packets[2].decoding_ticks = Some(0)), "a joined stream");
        assert!(!is_indexed(|packets| packets[0].presentation_ticks = Some(-1)), "the decoder left the first one out");
        assert!(!is_indexed(|packets| packets[0].is_key = false), "nothing to begin with");
        assert!(!is_indexed(Vec::clear));
    }

    proptest! {
        #[test]
        fn every_segment_begins_at_its_frame_and_has_the_latest_key(
            is_key in prop::collection::vec(any::<bool>(), 0..60), segment_frames in 1u32..20,
        ) {
            let packets: Vec<(i64, bool)> =
                std::iter::once(true).chain(is_key).enumerate().map(|(number, is_key)| (number as i64, is_key)).collect();
            let index = index(&packets, segment_frames).unwrap();
            prop_assert_eq!(index.n_segments(), packets.len().div_ceil(segment_frames as usize));
            for (number, (frame_idx, ticks, key_idx, _)) in entries(&index).into_iter().enumerate() {
                prop_assert_eq!((frame_idx, ticks), (number as u32 * segment_frames, i64::from(frame_idx)));
                let latest = packets[..=frame_idx as usize].iter().rposition(|packet| packet.1);
                prop_assert_eq!(Some(key_idx as usize), latest);
            }
        }
    }
}

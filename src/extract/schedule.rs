//! Assigns segments to workers. Pure: no clock, no threads. Threads that share a schedule must lock it.
//!
//! A video's segments are divided into ranges of consecutive ones. The worker of a range decodes one segment after
//! another. An idle worker takes a video that no worker has started. If there is none, it takes the second half of the
//! longest remaining range. The rows of a segment do not depend on which worker makes them.
//!
//! If decoding shows that the frames of a video differ from its index, its segments cannot be worked on separately. The
//! worker of the earliest range then continues to the end of the video, and the work of the others on that video is
//! discarded.

use std::collections::VecDeque;

/// A range of segments of one worker, by its number in the schedule.
pub(crate) type RangeId = usize;

/// The division of videos into units of work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Division {
    /// A range is as long as it can be. While it is in work, an idle worker can take its second half.
    #[default]
    WhileInWork,
    /// A range has at most so many segments from the start, and is never divided while it is in work.
    InAdvance(u32),
}

/// Work on segments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Assignment {
    /// The video, by its number.
    pub(crate) video: usize,
    /// The range, for later calls about it.
    pub(crate) range: RangeId,
    /// The first segment.
    pub(crate) first_segment: u32,
    /// The last segment for now, since other workers may take the second half. `None` means the end of the video,
    /// wherever that is.
    pub(crate) last_segment: Option<u32>,
}

/// The next task of a worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Next {
    /// Prepare a video that is not begun, then call [`Schedule::begin`] for it.
    Prepare(usize),
    /// Work on segments.
    Work(Assignment),
    /// Wait: work may appear when other workers have progressed.
    Wait,
    /// End: no work is left.
    End,
}

/// The next step of a range's worker after a segment is decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum AfterSegment {
    /// Goes on with the next segment.
    GoOn,
    /// The range ends here.
    Stop,
    /// The work of this range is invalid: another worker decodes the video alone.
    Void,
}

#[derive(Debug, Clone)]
struct Range {
    video: usize,
    /// The segment in work.
    current: u32,
    /// The first segment after the range. `None` means the end of the video, wherever that is.
    end: Option<u32>,
    is_active: bool,
    is_void: bool,
}

/// All videos of an extraction and the ranges of their segments.
#[derive(Debug, Default)]
pub(crate) struct Schedule {
    unbegun: VecDeque<usize>,
    n_preparing: usize,
    ranges: Vec<Range>,
    /// The ranges that no worker has yet.
    waiting: VecDeque<RangeId>,
    /// Whether work on segments is held back.
    is_held: bool,
    division: Division,
}

impl Schedule {
    /// Creates a schedule for videos, by their numbers. They are begun in this order.
    #[must_use]
    pub(crate) fn new(videos: &[usize], division: Division) -> Self {
        Self { unbegun: videos.iter().copied().collect(), division, ..Self::default() }
    }

    /// Lets workers prepare videos, but not work on segments until [`Schedule::release`].
    pub(crate) fn hold(&mut self) {
        self.is_held = true;
    }

    /// Lets work on segments begin.
    pub(crate) fn release(&mut self) {
        self.is_held = false;
    }

    /// Returns the next task of an idle worker.
    pub(crate) fn next_task(&mut self) -> Next {
        if let Some(range) = self.waiting.front().copied().filter(|_| !self.is_held) {
            self.waiting.pop_front();
            return Next::Work(self.assign(range));
        }
        if let Some(video) = self.unbegun.pop_front() {
            self.n_preparing += 1;
            return Next::Prepare(video);
        }
        if self.is_held {
            return Next::Wait;
        }
        if let Some(range) = self.split_longest() {
            return Next::Work(self.assign(range));
        }
        let is_work_to_come = self.n_preparing > 0 || self.ranges.iter().any(|range| range.is_active);
        if is_work_to_come { Next::Wait } else { Next::End }
    }

    /// Adds the ranges of a prepared video. Each range goes from its first segment to before its end (`None`: to the
    /// end of the video, one segment after the other).
    pub(crate) fn begin(&mut self, video: usize, ranges: &[(u32, Option<u32>)]) {
        self.n_preparing = self.n_preparing.saturating_sub(1);
        let longest = match self.division {
            Division::WhileInWork => u32::MAX,
            Division::InAdvance(n_segments) => n_segments.max(1),
        };
        for &(first, end) in ranges.iter().filter(|(first, end)| end.is_none_or(|end| *first < end)) {
            let mut current = first;
            while let Some(end) = end.filter(|end| end - current > longest) {
                self.add(video, current, Some(end.min(current + longest)));
                current += longest;
            }
            self.add(video, current, end);
        }
    }

    fn add(&mut self, video: usize, current: u32, end: Option<u32>) {
        self.ranges.push(Range { video, current, end, is_active: false, is_void: false });
        self.waiting.push_back(self.ranges.len() - 1);
    }

    /// Gives up a failed video: its ranges in work become invalid, and no more are started.
    pub(crate) fn give_up(&mut self, video: usize) {
        self.ranges.iter_mut().filter(|range| range.video == video).for_each(|range| range.is_void = true);
        self.drop_void();
    }

    fn drop_void(&mut self) {
        let Self { waiting, ranges, .. } = self;
        waiting.retain(|&waiting| !ranges[waiting].is_void);
    }

    fn assign(&mut self, range: RangeId) -> Assignment {
        let Range { video, current, end, is_active, .. } = &mut self.ranges[range];
        *is_active = true;
        let last_segment = end.map(|end| end.saturating_sub(1));
        Assignment { video: *video, range, first_segment: *current, last_segment }
    }

    /// Takes the second half of the longest remaining range.
    fn split_longest(&mut self) -> Option<RangeId> {
        if self.division != Division::WhileInWork {
            return None;
        }
        let left = |range: &Range| match range.end {
            Some(end) if range.is_active && !range.is_void => end.saturating_sub(range.current + 1),
            _ => 0,
        };
        let (longest, n_left) =
            self.ranges.iter().enumerate().map(|(id, range)| (id, left(range))).rev().max_by_key(|(_, n)| *n)?;
        if n_left == 0 {
            return None;
        }
        let range = &mut self.ranges[longest];
        let (video, end) = (range.video, range.end?);
        let start = end - n_left.div_ceil(2);
        range.end = Some(start);
        self.ranges.push(Range { video, current: start, end: Some(end), is_active: false, is_void: false });
        Some(self.ranges.len() - 1)
    }

    /// Returns the next step after the decoder of a range has reached the end of segment `current`. `is_as_indexed`
    /// tells whether the frame after it is the one that the index predicts.
    pub(crate) fn after_segment(&mut self, range: RangeId, is_as_indexed: bool) -> AfterSegment {
        if self.ranges[range].is_void {
            return AfterSegment::Void;
        }
        if !is_as_indexed {
            self.continue_alone(range);
        }
        let range = &mut self.ranges[range];
        if range.end.is_some_and(|end| range.current + 1 >= end) {
            return AfterSegment::Stop;
        }
        range.current += 1;
        AfterSegment::GoOn
    }

    /// Gives the video to this range alone, up to the video's end.
    fn continue_alone(&mut self, range: RangeId) {
        let (video, current) = (self.ranges[range].video, self.ranges[range].current);
        for other in self.ranges.iter_mut().filter(|other| other.video == video && other.current > current) {
            other.is_void = true;
        }
        self.drop_void();
        self.ranges[range].end = None;
    }

    /// Returns the segment that is being decoded in a range.
    #[must_use]
    pub(crate) fn current(&self, range: RangeId) -> u32 {
        self.ranges[range].current
    }

    /// Returns whether the work of a range is invalid.
    #[must_use]
    pub(crate) fn is_void(&self, range: RangeId) -> bool {
        self.ranges[range].is_void
    }

    /// Ends the work of a range. Returns whether the video has no work left.
    pub(crate) fn finish(&mut self, range: RangeId) -> bool {
        self.ranges[range].is_active = false;
        let video = self.ranges[range].video;
        let is_open =
            |(id, other): (usize, &Range)| other.video == video && (other.is_active || self.waiting.contains(&id));
        !self.ranges.iter().enumerate().any(is_open)
    }

    /// Stops the schedule: no more work is begun, but work in progress is finished.
    pub(crate) fn stop(&mut self) {
        self.unbegun.clear();
        self.waiting.clear();
        for range in &mut self.ranges {
            range.end = Some(range.current + 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_segment_is_begun_while_the_schedule_is_held() {
        let mut schedule = Schedule::new(&[0], Division::WhileInWork);
        schedule.hold();
        assert_eq!(schedule.next_task(), Next::Prepare(0));
        schedule.begin(0, &[(0, Some(1))]);
        assert_eq!(schedule.next_task(), Next::Wait);
        schedule.release();
        assert!(matches!(schedule.next_task(), Next::Work(_)));
    }

    #[test]
    fn whole_videos_go_first_then_what_is_left_is_split() {
        let mut schedule = Schedule::new(&[0, 1], Division::WhileInWork);
        assert_eq!(schedule.next_task(), Next::Prepare(0));
        assert_eq!(schedule.next_task(), Next::Prepare(1));
        assert_eq!(schedule.next_task(), Next::Wait, "the others are being prepared");
        schedule.begin(0, &[(0, Some(9))]);
        schedule.begin(1, &[]);
        let first = schedule.next_task();
        assert_eq!(first, Next::Work(Assignment { video: 0, range: 0, first_segment: 0, last_segment: Some(8) }));
        // The second half of the eight segments after the one in work.
        assert_eq!(
            schedule.next_task(),
            Next::Work(Assignment { video: 0, range: 1, first_segment: 5, last_segment: Some(8) })
        );
        for _ in 1..5 {
            assert_eq!(schedule.after_segment(0, true), AfterSegment::GoOn);
        }
        assert_eq!(schedule.after_segment(0, true), AfterSegment::Stop);
        assert!(!schedule.finish(0));
    }

    #[test]
    fn other_frames_than_indexed_leave_the_video_to_the_earliest() {
        let mut schedule = Schedule::new(&[0], Division::WhileInWork);
        schedule.next_task();
        schedule.begin(0, &[(0, Some(8))]);
        for (range, first_segment, last_segment) in [(0, 0, 7), (1, 4, 7), (2, 2, 3), (3, 6, 7)] {
            let last_segment = Some(last_segment);
            let expected = Assignment { video: 0, range, first_segment, last_segment };
            assert_eq!(schedule.next_task(), Next::Work(expected));
        }
        assert_eq!(schedule.after_segment(2, false), AfterSegment::GoOn);
        for later in [1, 3] {
            assert_eq!(schedule.after_segment(later, true), AfterSegment::Void);
            assert!(!schedule.finish(later));
        }
        // The earlier range matches the index, and continues independently.
        assert_eq!(schedule.after_segment(0, true), AfterSegment::GoOn);
        assert_eq!(schedule.after_segment(0, true), AfterSegment::Stop);
        for _ in 0..20 {
            assert_eq!(schedule.after_segment(2, false), AfterSegment::GoOn, "whatever the index says");
        }
        assert!(!schedule.finish(2));
        assert!(schedule.finish(0));
    }

    #[test]
    fn once_stopped_only_what_is_in_work_is_finished() {
        let mut schedule = Schedule::new(&[0, 1], Division::WhileInWork);
        schedule.next_task();
        schedule.begin(0, &[(0, Some(9))]);
        schedule.next_task();
        schedule.stop();
        assert_eq!(schedule.next_task(), Next::Wait);
        assert_eq!(schedule.after_segment(0, true), AfterSegment::Stop);
        schedule.finish(0);
        assert_eq!(schedule.next_task(), Next::End);
    }

    proptest! {
        /// Workers take turns in any order. Each finishes a segment, or takes new work if it has none.
        #[test]
        fn every_segment_is_worked_on_exactly_once(
            lengths in prop::collection::vec(0u32..12, 1..5),
            turns in prop::collection::vec(0usize..4, 400),
            longest in prop::option::of(1u32..4),
        ) {
            let division = longest.map_or(Division::WhileInWork, Division::InAdvance);
            let mut schedule = Schedule::new(&(0..lengths.len()).collect::<Vec<_>>(), division);
            let mut workers: Vec<Option<(Assignment, u32)>> = vec![None; 4];
            let mut done: Vec<Vec<u32>> = vec![vec![]; lengths.len()];
            let mut completed = vec![0; lengths.len()];
            // After the random turns, all workers take turns until no work is left.
            for worker in turns.into_iter().chain((0..4).cycle().take(400)) {
                if let Some((assignment, segment)) = workers[worker].take() {
                    done[assignment.video].push(segment);
                    match schedule.after_segment(assignment.range, true) {
                        AfterSegment::GoOn => workers[worker] = Some((assignment, segment + 1)),
                        _ => completed[assignment.video] += usize::from(schedule.finish(assignment.range)),
                    }
                    continue;
                }
                match schedule.next_task() {
                    Next::Prepare(video) => schedule.begin(video, &[(0, Some(lengths[video]))]),
                    Next::Work(assignment) => {
                        let n_segments = assignment.last_segment.unwrap() - assignment.first_segment + 1;
                        prop_assert!(longest.is_none_or(|longest| n_segments <= longest));
                        workers[worker] = Some((assignment.clone(), assignment.first_segment));
                    }
                    Next::Wait | Next::End => {}
                }
            }
            prop_assert_eq!(schedule.next_task(), Next::End);
            for (video, mut segments) in done.into_iter().enumerate() {
                segments.sort_unstable();
                prop_assert_eq!(segments, (0..lengths[video]).collect::<Vec<_>>());
                prop_assert_eq!(completed[video], usize::from(lengths[video] > 0));
            }
        }
    }
}

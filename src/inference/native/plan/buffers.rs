//! Places maps in one arena. Maps that are never needed at the same time share memory.

use std::ops::Range;

use super::super::graph::MapId;
use super::super::memory::LINE;
use super::steps::Step;

/// Where the maps are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Buffers {
    /// The part of the arena of each map that a step writes.
    pub(crate) places: Vec<Option<Range<usize>>>,
    /// Values of the arena.
    pub(crate) len: usize,
}

/// Places the outputs of `steps`. `len` says how many values a map takes; maps in `kept` stay to the end.
pub(crate) fn place(steps: &[Step], maps: usize, kept: &[MapId], len: impl Fn(MapId) -> usize) -> Buffers {
    let mut last_use = vec![0; maps];
    for (index, step) in steps.iter().enumerate() {
        for map in step.ending.maps().chain([step.input, step.output]) {
            last_use[map] = index;
        }
    }
    for map in kept {
        last_use[*map] = steps.len();
    }
    let mut buffers = Buffers { places: vec![None; maps], len: 0 };
    let mut living: Vec<MapId> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        living.retain(|map| last_use[*map] >= index);
        let taken: Vec<Range<usize>> = living.iter().filter_map(|map| buffers.places[*map].clone()).collect();
        let place = first_gap(taken, len(step.output).next_multiple_of(LINE));
        buffers.len = buffers.len.max(place.end);
        buffers.places[step.output] = Some(place);
        living.push(step.output);
    }
    buffers
}

/// The first free range of `len` values.
fn first_gap(mut taken: Vec<Range<usize>>, len: usize) -> Range<usize> {
    taken.sort_by_key(|range| range.start);
    let mut start = 0;
    for range in taken {
        if range.start >= start + len {
            break;
        }
        start = start.max(range.end);
    }
    start..start + len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_gap_that_is_large_enough_is_taken() {
        assert_eq!(first_gap(vec![], 5), 0..5);
        assert_eq!(first_gap(vec![8..16, 0..4], 4), 4..8);
        assert_eq!(first_gap(vec![8..16, 0..4], 5), 16..21);
        assert_eq!(first_gap(vec![0..10, 2..6], 1), 10..11);
    }
}

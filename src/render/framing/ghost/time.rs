//! Maps times of B to times of A.

use super::place::{body_center, position};
use super::{GhostError, GhostTrack};
use crate::movement::dtw::{Warping, warp, warp_within};
use crate::pose::skeleton::landmark;

/// The minimum time between two compared poses, seconds.
const MIN_STEP_S: f64 = 1.0 / 60.0;
/// The maximum number of compared pairs of poses; longer attempts use fewer poses.
const MAX_PAIRS: f64 = 4e6;
/// The number of samples on each side over which the steps of a warping path are smoothed.
const SMOOTHING_REACH: usize = 3;

/// A piecewise linear map between pairs of times. A's times do not decrease, B's increase.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TimeMap {
    /// (B, A) in seconds.
    knots: Vec<(f64, f64)>,
    /// Whether the map continues before the first and after the last pair, at A's own speed.
    is_endless: bool,
}

impl TimeMap {
    /// Creates a map from pairs of seconds (A, B).
    pub(super) fn of_events(pairs: &[(f64, f64)]) -> Result<Self, GhostError> {
        let rise = |pair: &[(f64, f64)]| pair[0].0 < pair[1].0 && pair[0].1 < pair[1].1;
        let are_finite = pairs.iter().all(|pair| pair.0.is_finite() && pair.1.is_finite());
        if pairs.is_empty() || !are_finite || !pairs.windows(2).all(rise) {
            return Err(GhostError::Events);
        }
        Ok(Self { knots: pairs.iter().map(|&(a, b)| (b, a)).collect(), is_endless: true })
    }

    /// Returns the time of A, which may lie outside of A if the map is endless.
    pub(super) fn time_a(&self, time_b: f64) -> Option<f64> {
        const SAME_S: f64 = 1e-9;
        let after = self.knots.partition_point(|knot| knot.0 < time_b);
        let (first, last) = (*self.knots.first()?, *self.knots.last()?);
        if let (Some(before), Some(&to)) = (after.checked_sub(1), self.knots.get(after)) {
            let from = self.knots[before];
            return Some(from.1 + (time_b - from.0) / (to.0 - from.0) * (to.1 - from.1));
        }
        let nearest = if after == 0 { first } else { last };
        let beyond = time_b - nearest.0;
        (self.is_endless || beyond.abs() <= SAME_S).then_some(nearest.1 + beyond)
    }
}

/// Aligns by dynamic time warping of poses around the hips in units of body size (`sizes_px` of A and B): with a band
/// the whole of B, otherwise a part of it. Returns the map and the mean distance of the poses.
pub(super) fn warped(
    a: &GhostTrack,
    b: &GhostTrack,
    band: Option<f64>,
    sizes_px: [f64; 2],
) -> Result<(TimeMap, f64), GhostError> {
    let (Some(from_a), Some(from_b)) = (a.times_s.first(), b.times_s.first()) else {
        return Err(GhostError::NothingInCommon);
    };
    let [length_a, length_b] = [a, b].map(|track| track.times_s[track.times_s.len() - 1] - track.times_s[0]);
    let step_s = (length_a * length_b / MAX_PAIRS).sqrt().max(length_a.max(length_b) / MAX_PAIRS).max(MIN_STEP_S);
    let [poses_a, poses_b] = poses(a, b, step_s, sizes_px)?;
    let Warping { distance, path } = match band {
        Some(band) => warp(&poses_a, &poses_b, band)?,
        None => warp_within(&poses_a, &poses_b)?,
    };
    let mean_distance = distance / path.len() as f64;
    let knots = knots(&path)
        .into_iter()
        .map(|(index_b, index_a)| (from_b + index_b as f64 * step_s, from_a + index_a * step_s))
        .collect();
    Ok((TimeMap { knots, is_endless: false }, mean_distance))
}

/// Returns for each sample of B on the path the mean of A's samples, smoothed over the neighbors. The ends do not move.
fn knots(path: &[(usize, usize)]) -> Vec<(usize, f64)> {
    let means: Vec<(usize, f64)> = path
        .chunk_by(|one, next| one.1 == next.1)
        .map(|same| (same[0].1, same.iter().map(|pair| pair.0 as f64).sum::<f64>() / same.len() as f64))
        .collect();
    let last = means.len().saturating_sub(1);
    let smooth = |index: usize| {
        let reach = SMOOTHING_REACH.min(index).min(last - index);
        let window = &means[index - reach..=index + reach];
        (means[index].0, window.iter().map(|mean| mean.1).sum::<f64>() / window.len() as f64)
    };
    (0..means.len()).map(smooth).collect()
}

/// Returns the poses of both at even times, as numbers: the coordinates of the joints that both have, with gaps
/// bridged.
fn poses(a: &GhostTrack, b: &GhostTrack, step_s: f64, sizes_px: [f64; 2]) -> Result<[Vec<Vec<f64>>; 2], GhostError> {
    let mut samples: [Vec<Vec<f64>>; 2] = Default::default();
    for (id, axis) in landmark::JOINTS.into_iter().flat_map(|id| [(id, 0), (id, 1)]) {
        let tracks = [(a, sizes_px[0]), (b, sizes_px[1])];
        let [of_a, of_b] = tracks.map(|(track, size)| coordinate(track, id, axis, size, step_s));
        if let (Some(of_a), Some(of_b)) = (of_a, of_b) {
            for (samples, values) in samples.iter_mut().zip([of_a, of_b]) {
                samples.resize(values.len(), Vec::new());
                samples.iter_mut().zip(values).for_each(|(sample, value)| sample.push(value));
            }
        }
    }
    if samples[0].is_empty() {
        return Err(GhostError::NothingInCommon);
    }
    Ok(samples)
}

/// Returns a landmark's coordinate relative to the middle of the hips at even times. `None` if it is never known.
fn coordinate(track: &GhostTrack, id: usize, axis: usize, size_px: f64, step_s: f64) -> Option<Vec<f64>> {
    let known: Vec<(f64, f64)> = track
        .times_s
        .iter()
        .zip(&track.poses)
        .filter_map(|(&time, pose)| Some((time, (position(pose, id)?[axis] - body_center(pose)?[axis]) / size_px)))
        .collect();
    let (first, last) = (*known.first()?, *known.last()?);
    let (start, end) = (*track.times_s.first()?, *track.times_s.last()?);
    let count = ((end - start) / step_s).floor() as usize + 1;
    let mut after = 0;
    let values = (0..count).map(|index| {
        let time = start + index as f64 * step_s;
        while known.get(after).is_some_and(|sample| sample.0 < time) {
            after += 1;
        }
        match (after.checked_sub(1).map(|before| known[before]), known.get(after)) {
            (Some(from), Some(to)) => from.1 + (time - from.0) / (to.0 - from.0) * (to.1 - from.1),
            (None, _) => first.1,
            (_, None) => last.1,
        }
    });
    Some(values.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice as fast, in steps of one and three: after smoothing they are a slope again, and the ends have not moved.
    #[test]
    fn stairs_become_a_slope() {
        let path: Vec<(usize, usize)> = (0..40)
            .flat_map(|column| {
                let first = 2 * column - usize::from(column % 2 == 1);
                let count = if column % 2 == 1 { 3 } else { 1 };
                (first..first + count).map(move |row| (row, column))
            })
            .collect();
        let knots = knots(&path);
        assert_eq!((knots[0], knots[39]), ((0, 0.0), (39, 78.0)));
        assert!(knots.iter().all(|&(column, row)| (row - 2.0 * column as f64).abs() < 0.01), "{knots:?}");
        let jagged: Vec<(usize, usize)> = (0..40).map(|column| (column / 4 * 4, column)).collect();
        let steps: Vec<f64> = super::knots(&jagged).windows(2).map(|pair| pair[1].1 - pair[0].1).collect();
        assert!(steps[4..34].iter().all(|&step| (0.5..=1.2).contains(&step)), "{steps:?}");
    }
}

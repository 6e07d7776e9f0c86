//! Computes a crop that follows the athlete like a calm camera operator: one size for the whole video, and a path that
//! stands still while the athlete stays within a dead zone.
//!
//! The athlete's positions are reduced to one median per tenth of a second, so that a flickering box does not move the
//! crop. The path is the mean of two paths that move only at the edge of the dead zone, one forward and one backward in
//! time. Each lags by the zone's half width, in opposite directions, so their mean does not lag. Local linear
//! regression with a Gaussian kernel over the true times (Cleveland, "Robust locally weighted regression and smoothing
//! scatterplots", Journal of the American Statistical Association 74, 1979; here without the robust steps) then rounds
//! the corners and leaves straight motion as it is. All in linear time.

use super::crop_scale::Rectangle;

/// The length of the bins that positions are grouped in, seconds.
const BIN_S: f64 = 0.1;
/// The number of bins of a running median. Flicker of less than half as many bins is removed.
const MEDIAN_BINS: usize = 5;
/// The time ahead and back for which the athlete is kept in the crop, seconds.
const CONTAINED_S: f64 = 0.5;
/// The share of the crop at its edges that the athlete does not enter.
const EDGE_SHARE: f64 = 0.06;
/// The number of standard deviations after which the Gaussian is cut off.
const CUTOFF: f64 = 3.0;

/// The settings of following.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct FollowSettings {
    /// The aspect ratio of the crop: width over height.
    pub(crate) aspect: f32,
    /// The share (0..=1) of the frames in which the whole athlete fits.
    pub(crate) size_quantile: f32,
    /// The margin on each side, as a share of the athlete's box.
    pub(crate) margin: f32,
    /// Half width of the dead zone, as a share of the crop's width and height.
    pub(crate) dead_zone: f32,
    /// Standard deviation of the smoothing, seconds.
    pub(crate) smoothing_s: f64,
}

impl FollowSettings {
    /// Returns the default settings for a crop of the given aspect ratio.
    #[must_use]
    pub(crate) fn with_aspect(aspect: f32) -> Self {
        Self { aspect, size_quantile: 0.98, margin: 0.2, dead_zone: 0.08, smoothing_s: 0.4 }
    }
}

/// The reason why nobody can be followed.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub(crate) enum FollowError {
    /// The numbers of boxes and times differ.
    #[error("{n_times} frames have {n_boxes} boxes")]
    Lengths {
        /// Number of times.
        n_times: usize,
        /// Number of boxes.
        n_boxes: usize,
    },
    /// A time that is not finite or lies before the one before it.
    #[error("the time of frame {0} does not follow the one before")]
    Times(usize),
    /// An invalid aspect ratio.
    #[error("invalid aspect ratio {0} of a crop")]
    Aspect(f32),
}

/// Returns the crop of every frame. All crops have the same size and lie within the picture of `picture_px` (width,
/// height). `times_s` must not decrease; `boxes` are the athlete's, `None` if nobody was found. Gaps are bridged in a
/// straight line; before the first and after the last box the crop stands still. Without any box the crop is the middle
/// of the picture, as large as fits.
///
/// # Errors
/// The numbers of boxes and times differ, times decrease, or the aspect ratio is not a positive number.
pub(crate) fn follow(
    times_s: &[f64],
    boxes: &[Option<Rectangle>],
    picture_px: [usize; 2],
    settings: &FollowSettings,
) -> Result<Vec<Rectangle>, FollowError> {
    check(times_s, boxes, settings)?;
    let picture = picture_px.map(|length| length as f32);
    let boxes: Vec<Option<Rectangle>> = boxes.iter().map(|found| found.filter(Rectangle::covers_something)).collect();
    let size = crop_size(&boxes, picture, settings);
    let paths = [0, 1].map(|axis| {
        let edges = [0.0, 1.0].map(|side| {
            let edge = |found: Option<Rectangle>| found.map_or(f64::NAN, |found| edge(&found, axis, side));
            let places: Vec<f64> = boxes.iter().map(|&found| edge(found)).collect();
            let mut nodes = Nodes::gather(times_s, &places, f64::from(picture[axis]) / 2.0);
            nodes.remove_flicker();
            nodes
        });
        let half = f64::from(size[axis]) / 2.0;
        let range = (half, (f64::from(picture[axis]) - half).max(half));
        let limits = Limits { half, zone: f64::from(settings.dead_zone * size[axis]), range };
        let path = stand_still(edges, &limits).smooth_at(times_s, settings.smoothing_s);
        path.into_iter().map(|center| (center.clamp(range.0, range.1) - half) as f32).collect::<Vec<f32>>()
    });
    let corner = paths[0].iter().zip(&paths[1]);
    Ok(corner.map(|(&x_px, &y_px)| Rectangle { x_px, y_px, width_px: size[0], height_px: size[1] }).collect())
}

/// Returns the beginning (`side` 0) or the end (1) of a box along an axis.
fn edge(found: &Rectangle, axis: usize, side: f64) -> f64 {
    let (start, length) = [(found.x_px, found.width_px), (found.y_px, found.height_px)][axis];
    f64::from(start) + side * f64::from(length)
}

fn check(times_s: &[f64], boxes: &[Option<Rectangle>], settings: &FollowSettings) -> Result<(), FollowError> {
    if times_s.len() != boxes.len() {
        return Err(FollowError::Lengths { n_times: times_s.len(), n_boxes: boxes.len() });
    }
    if !(settings.aspect.is_finite() && settings.aspect > 0.0) {
        return Err(FollowError::Aspect(settings.aspect));
    }
    let mut before = f64::NEG_INFINITY;
    for (index, &time) in times_s.iter().enumerate() {
        if !time.is_finite() || time < before {
            return Err(FollowError::Times(index));
        }
        before = time;
    }
    Ok(())
}

/// Returns the width and height of the crop: a high quantile of the box sizes plus a margin, in the wanted aspect
/// ratio, at most the picture.
fn crop_size(boxes: &[Option<Rectangle>], picture: [f32; 2], settings: &FollowSettings) -> [f32; 2] {
    let quantile = |length: fn(&Rectangle) -> f32| {
        let mut lengths: Vec<f32> = boxes.iter().flatten().map(length).collect();
        let index = (lengths.len().saturating_sub(1) as f32 * settings.size_quantile.clamp(0.0, 1.0)).round() as usize;
        (!lengths.is_empty()).then(|| *lengths.select_nth_unstable_by(index, f32::total_cmp).1)
    };
    let room = 1.0 + 2.0 * settings.margin.max(0.0);
    let largest_height = picture[1].min(picture[0] / settings.aspect);
    let height = match (quantile(|found| found.width_px), quantile(|found| found.height_px)) {
        (Some(width), Some(height)) => (room * height.max(width / settings.aspect)).min(largest_height),
        _ => largest_height,
    };
    [height * settings.aspect, height]
}

/// Positions along one axis, at times that are at least a tenth of a second apart.
struct Nodes {
    times_s: Vec<f64>,
    places: Vec<f64>,
}

impl Nodes {
    /// Returns the median of each bin. Empty bins are bridged; without any position the result is `otherwise`.
    fn gather(times_s: &[f64], places: &[f64], otherwise: f64) -> Self {
        let mut nodes = Self { times_s: Vec::new(), places: Vec::new() };
        let bin = |time: f64| (time / BIN_S).floor();
        let mut known = Vec::new();
        let mut start = 0;
        while start < times_s.len() {
            let count = times_s[start..].iter().take_while(|&&time| bin(time) == bin(times_s[start])).count();
            let frames = start..start + count;
            known.clear();
            known.extend(places[frames.clone()].iter().copied().filter(|place| !place.is_nan()));
            nodes.times_s.push(times_s[frames].iter().sum::<f64>() / count as f64);
            nodes.places.push(median(&mut known));
            start += count;
        }
        nodes.bridge(otherwise);
        nodes
    }

    fn bridge(&mut self, otherwise: f64) {
        let known: Vec<usize> = (0..self.places.len()).filter(|&index| !self.places[index].is_nan()).collect();
        let (Some(&first), Some(&last)) = (known.first(), known.last()) else {
            self.places.fill(otherwise);
            return;
        };
        let (head, tail) = (self.places[first], self.places[last]);
        self.places[..first].fill(head);
        self.places[last..].fill(tail);
        for pair in known.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            let (start, end) = (self.places[from], self.places[to]);
            for index in from + 1..to {
                let share = (self.times_s[index] - self.times_s[from]) / (self.times_s[to] - self.times_s[from]);
                self.places[index] = start + share * (end - start);
            }
        }
    }

    /// Applies a running median. It is narrower towards the ends, so that they keep their position.
    fn remove_flicker(&mut self) {
        let half = MEDIAN_BINS / 2;
        let count = self.places.len();
        let before = self.places.clone();
        for (index, place) in self.places.iter_mut().enumerate() {
            let reach = half.min(index).min(count - 1 - index);
            let mut window = before[index - reach..=index + reach].to_vec();
            *place = median(&mut window);
        }
    }

    fn smooth_at(&self, times_s: &[f64], deviation_s: f64) -> Vec<f64> {
        let deviation_s = deviation_s.max(BIN_S / 2.0);
        let reach_s = CUTOFF * deviation_s;
        let (mut from, mut to) = (0, 0);
        let mut smooth = Vec::with_capacity(times_s.len());
        for &time in times_s {
            while self.times_s[from] < time - reach_s && from + 1 < self.times_s.len() {
                from += 1;
            }
            while to < self.times_s.len() && self.times_s[to] <= time + reach_s {
                to += 1;
            }
            // If no node is within reach, the nearest one is used.
            let nodes = from..to.max(from + 1);
            smooth.push(local_line(&self.times_s[nodes.clone()], &self.places[nodes], time, deviation_s));
        }
        smooth
    }
}

/// The limits along one axis.
struct Limits {
    /// Half of the crop's length.
    half: f64,
    /// Half of the dead zone's length.
    zone: f64,
    /// The smallest and the largest center for which the crop is within the picture.
    range: (f64, f64),
}

impl Limits {
    /// Returns the range of centers that keep the athlete's box (from `begin` to `end`) in the crop.
    fn containing(&self, begin: f64, end: f64) -> (f64, f64) {
        let room = (1.0 - EDGE_SHARE) * self.half;
        (end - room, begin + room)
    }
}

/// Keeps the path still while the athlete is in the dead zone around it and completely in the crop, also a while before
/// and after, so that smoothing does not cut the athlete off.
fn stand_still([begins, ends]: [Nodes; 2], limits: &Limits) -> Nodes {
    let centers: Vec<f64> =
        begins.places.iter().zip(&ends.places).map(|(begin, end)| f64::midpoint(*begin, *end)).collect();
    let contained: Vec<(f64, f64)> =
        begins.places.iter().zip(&ends.places).map(|(&begin, &end)| limits.containing(begin, end)).collect();
    let allowed: Vec<(f64, f64)> = (0..centers.len())
        .map(|index| {
            let is_near = |other: &usize| (begins.times_s[*other] - begins.times_s[index]).abs() <= CONTAINED_S;
            let near = (0..=index).rev().take_while(is_near).chain((index + 1..centers.len()).take_while(is_near));
            let (mut low, mut high) = (f64::NEG_INFINITY, f64::INFINITY);
            for other in near {
                (low, high) = (low.max(contained[other].0), high.min(contained[other].1));
            }
            // An athlete who is too large or too fast cannot be contained all the time; then only the current frame
            // counts.
            if low > high {
                low = centers[index].clamp(high, low);
                high = low;
            }
            let inside = |center: f64| center.clamp(low, high).clamp(limits.range.0, limits.range.1);
            (inside(centers[index] - limits.zone), inside(centers[index] + limits.zone))
        })
        .collect();
    let start = |index: usize| centers[index].clamp(allowed[index].0, allowed[index].1);
    let drag = |path: &mut f64, (low, high): (f64, f64)| {
        *path = path.clamp(low, high);
        *path
    };
    let Some(last) = centers.len().checked_sub(1) else { return begins };
    let mut path = start(0);
    let mut places: Vec<f64> = allowed.iter().map(|&bounds| drag(&mut path, bounds)).collect();
    path = start(last);
    for (place, &bounds) in places.iter_mut().zip(&allowed).rev() {
        *place = f64::midpoint(*place, drag(&mut path, bounds));
    }
    Nodes { times_s: begins.times_s, places }
}

/// Returns the value at `time` of the best-fitting line; near nodes have the largest weight.
fn local_line(times_s: &[f64], places: &[f64], time: f64, deviation_s: f64) -> f64 {
    let (mut weight, mut first, mut second, mut value, mut slope) = (0.0, 0.0, 0.0, 0.0, 0.0);
    // Positions are relative to the first one, so that a still path stays exactly still.
    let origin = places[0];
    for (&node, &place) in times_s.iter().zip(places) {
        let distance = (node - time) / deviation_s;
        let share = (-distance * distance / 2.0).exp().max(f64::MIN_POSITIVE);
        weight += share;
        first += share * distance;
        second += share * distance * distance;
        value += share * (place - origin);
        slope += share * distance * (place - origin);
    }
    let determinant = weight * second - first * first;
    // Nodes that almost coincide do not determine a slope.
    if determinant > 1e-6 * weight * weight {
        origin + (second * value - first * slope) / determinant
    } else {
        origin + value / weight
    }
}

/// Returns the median; NaN without values.
fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let (middle, is_even) = (values.len() / 2, values.len().is_multiple_of(2));
    let (below, &mut upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if is_even { f64::midpoint(lower, upper) } else { upper }
}

#[cfg(test)]
mod tests;

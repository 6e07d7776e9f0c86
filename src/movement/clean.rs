//! Turns raw tracks into clean ones: swapped sides exchanged, outliers replaced, gaps filled, filtered. Pure.

use super::clean_settings::CleanSettings;
use super::filters::Filter;
use super::gaps::{GapLimits, fill, sections};
use super::landmark_error::{LandmarkErrors, RawPlane, landmark_errors};
use super::noise::jitter;
use super::outliers::Hampel;
use super::provenance::Provenance;
use super::swaps::{BodyPart, PoseFrame, Swap, Swaps, find};
use super::track::{CHANNELS, PerLandmark, Stretch};
use crate::pose::skeleton::LANDMARK_COUNT;

/// A cleaned stretch.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CleanStretch {
    /// The clean coordinates; NaN if missing.
    pub(crate) stretch: Stretch,
    /// The provenance of each value, by landmark.
    pub(crate) provenance: Vec<Vec<Provenance>>,
    /// The noise and repairs, by landmark.
    pub(crate) noise: PerLandmark<Noise>,
    /// The standard errors in each frame, by landmark.
    pub(crate) errors: PerLandmark<LandmarkErrors>,
}

/// The noise and repairs of a landmark.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Noise {
    /// The number of frames.
    pub(crate) n_frames: u32,
    /// The number of interpolated frames.
    pub(crate) n_interpolated: u32,
    /// The number of corrected frames.
    pub(crate) n_corrected: u32,
    /// The number of frames in which the sides were exchanged.
    pub(crate) n_swapped: u32,
    /// The number of frames in which the sides may be swapped and were left unchanged.
    pub(crate) n_suspected_swaps: u32,
    /// The standard deviation of the raw noise, pixels and meters (mean over the axes x, y); `None` if it cannot be
    /// estimated.
    pub(crate) jitter: Option<[f64; 2]>,
    /// The share of white noise that passes the filter, 0..1.
    pub(crate) noise_gain: Option<f64>,
}

/// The deviation, as a share of the body's height, below which an outlier is rounding.
const LEAST_OUTLIER: f64 = 0.005;
/// The approximate height of the body that world landmarks assume, meters.
const WORLD_HEIGHT_M: f64 = 1.7;

/// Cleans a stretch. `body_height_px` is the height of the upright person in the picture.
#[must_use]
pub(crate) fn clean(raw: Stretch, body_height_px: f64, settings: &CleanSettings, filter: &Filter) -> CleanStretch {
    let mut stretch = raw;
    let raw_plane: RawPlane = stretch.points.iter().map(|series| [series[0].clone(), series[1].clone()]).collect();
    let swaps = exchange_swapped(&mut stretch, body_height_px, settings);
    let gain = filter.noise_gain(stretch.rate_hz());
    let mut noise = [Noise::default(); LANDMARK_COUNT];
    let mut provenance = Vec::with_capacity(LANDMARK_COUNT);
    for (landmark, noise) in noise.iter_mut().enumerate() {
        let mut origins: Vec<Provenance> = (0..stretch.len())
            .map(|index| {
                let is_swapped = swaps.repairs[index].has(BodyPart::of(landmark));
                if is_swapped { Provenance::Corrected } else { Provenance::Measured }
            })
            .collect();
        hide_invisible(&mut stretch, landmark, settings.min_visibility);
        noise.jitter = plane_jitter(&stretch, landmark);
        noise.noise_gain = gain;
        for channel in 0..CHANNELS {
            let unit = if channel < 3 { body_height_px } else { WORLD_HEIGHT_M };
            clean_channel(&mut stretch, landmark, channel, LEAST_OUTLIER * unit, settings, filter, &mut origins);
        }
        count(noise, &origins, landmark, &swaps);
        provenance.push(origins);
    }
    let errors = landmark_errors(&stretch, &raw_plane, body_height_px, WORLD_HEIGHT_M);
    CleanStretch { stretch, provenance, noise, errors }
}

/// Exchanges sides that are swapped for a moment, and returns all confirmed and suspected swaps.
fn exchange_swapped(stretch: &mut Stretch, body_height_px: f64, settings: &CleanSettings) -> Swaps {
    if !settings.repair_swaps {
        return Swaps { repairs: vec![Swap::default(); stretch.len()], spans: Vec::new() };
    }
    let frames: Vec<PoseFrame> = (0..stretch.len())
        .map(|index| PoseFrame {
            time_s: stretch.times_s[index],
            points_px: std::array::from_fn(|landmark| [stretch.at(landmark, 0, index), stretch.at(landmark, 1, index)]),
            visibility: std::array::from_fn(|landmark| stretch.visibility[landmark][index]),
            body_height_px,
        })
        .collect();
    let swaps = find(&frames, settings.max_swap_s);
    for (index, &swap) in swaps.repairs.iter().enumerate().filter(|(_, swap)| **swap != Swap::default()) {
        for channel in 0..CHANNELS {
            repair(swap, stretch.points.iter_mut().map(|series| &mut series[channel][index]));
        }
        repair(swap, stretch.visibility.iter_mut().map(|values| &mut values[index]));
        repair(swap, stretch.presence.iter_mut().map(|values| &mut values[index]));
    }
    swaps
}

/// Reverts a swap for one value of each landmark.
fn repair<'a>(swap: Swap, values: impl Iterator<Item = &'a mut f64>) {
    let places: Vec<&mut f64> = values.collect();
    let before: PerLandmark<f64> = std::array::from_fn(|landmark| *places[landmark]);
    let after = swap.repair(&before);
    for (place, value) in places.into_iter().zip(after) {
        *place = value;
    }
}

/// Sets the values of barely visible landmarks to missing.
fn hide_invisible(stretch: &mut Stretch, landmark: usize, min_visibility: f64) {
    for index in 0..stretch.len() {
        if stretch.visibility[landmark][index] < min_visibility {
            for channel in 0..CHANNELS {
                stretch.points[landmark][channel][index] = f64::NAN;
            }
        }
    }
}

/// Returns the jitter in the plane of the picture: of pixels and of world meters, mean over x and y.
fn plane_jitter(stretch: &Stretch, landmark: usize) -> Option<[f64; 2]> {
    let of = |channel: usize| jitter(&stretch.times_s, &stretch.points[landmark][channel]);
    let both = |a: f64, b: f64| (0.5 * (a * a + b * b)).sqrt();
    Some([both(of(0)?, of(1)?), both(of(3)?, of(4)?)])
}

/// Replaces outliers, fills gaps and filters a channel; records what was done to which frame. The provenance of a
/// landmark is that of its x and y in the picture.
fn clean_channel(
    stretch: &mut Stretch,
    landmark: usize,
    channel: usize,
    least_outlier: f64,
    settings: &CleanSettings,
    filter: &Filter,
    origins: &mut [Provenance],
) {
    let values = &mut stretch.points[landmark][channel];
    let is_origin = channel < 2;
    if settings.outlier_sigmas > 0.0 {
        let hampel = Hampel {
            window_s: settings.outlier_window_s,
            threshold_sigmas: settings.outlier_sigmas,
            min_deviation: least_outlier,
        };
        for outlier in hampel.outliers(&stretch.times_s, values) {
            values[outlier.index] = outlier.replacement;
            if is_origin {
                origins[outlier.index] = Provenance::Corrected;
            }
        }
    }
    let limits = GapLimits { pchip_max_s: settings.pchip_max_s, linear_max_s: settings.linear_max_s };
    let filled = fill(&stretch.times_s, values, limits);
    *values = filled.values;
    for index in 0..values.len() {
        if is_origin && filled.is_filled[index] {
            origins[index] = Provenance::Interpolated;
        } else if is_origin && values[index].is_nan() {
            origins[index] = Provenance::Missing;
        }
    }
    for section in sections(values) {
        let smooth = filter.apply(&stretch.times_s[section.clone()], &values[section.clone()]);
        values[section].copy_from_slice(&smooth);
    }
}

fn count(noise: &mut Noise, origins: &[Provenance], landmark: usize, swaps: &Swaps) {
    let number = |wanted| origins.iter().filter(|&&origin| origin == wanted).count() as u32;
    noise.n_frames = origins.len() as u32;
    noise.n_interpolated = number(Provenance::Interpolated);
    noise.n_corrected = number(Provenance::Corrected);
    let part = BodyPart::of(landmark);
    noise.n_swapped = swaps.repairs.iter().filter(|swap| swap.has(part)).count() as u32;
    let suspected = swaps.spans.iter().filter(|span| span.is_suspected && span.part == part);
    noise.n_suspected_swaps = suspected.map(|span| span.frames.len() as u32).sum();
}

//! The step from raw landmarks to clean landmarks. It also writes the noise and repairs that cleaning found, and the
//! facing (the side toward the camera).

use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, Float64Array, Int16Array, Int32Array, RecordBatch, StringArray};
use arrow::error::ArrowError;

use super::error::AnalyzeError;
use super::load::RawRun;
use super::settings::AnalysisSettings;
use crate::movement::clean::{CleanStretch, Noise};
use crate::movement::facing::facings;
use crate::movement::retimed::clean_apart;
use crate::movement::track::{PerLandmark, Stretch};
use crate::pose::skeleton::{LANDMARK_COUNT, LANDMARK_NAMES, landmark};
use crate::store::results::{ResultOwner, ResultWriter};
use crate::store::{Layout, Table};

/// The step of x, y and z, pixels: fine enough for second derivatives.
const STEP_PX: f64 = 1.0 / 512.0;
/// The step of world coordinates, meters.
const STEP_M: f64 = 1.0 / 65536.0;

/// Cleans all people of a run and writes `clean_landmarks`, `landmark_noise` and `facings` below `into`. Returns the
/// number of rows of all three tables.
///
/// # Errors
/// If a part cannot be read or written, or the settings are invalid.
pub(crate) fn clean_run(
    layout: &Layout,
    into: &Layout,
    owner: &ResultOwner,
    settings: &AnalysisSettings,
    key: &str,
) -> Result<u64, AnalyzeError> {
    let clean_settings = &settings.clean;
    let filter = clean_settings.filter().map_err(|problem| AnalyzeError::Frames { what: "the filter", problem })?;
    let mut raw = RawRun::read(layout, owner)?;
    let repeats = raw.repeats();
    let mut landmarks = ResultWriter::new(into, owner, Table::CleanLandmarks);
    let mut noises = ResultWriter::new(into, owner, Table::LandmarkNoise);
    let mut sides = ResultWriter::new(into, owner, Table::Facings);
    for person_id in raw.people() {
        let longest_gap_s = clean_settings.pchip_max_s.max(clean_settings.linear_max_s);
        let stretches = raw.take_stretches(person_id, longest_gap_s);
        let body_height_px = body_height_px(&stretches);
        let cleaned: Vec<CleanStretch> = stretches
            .into_iter()
            .map(|stretch| clean_apart(stretch, &repeats, body_height_px, clean_settings, &filter))
            .collect();
        for landmark in 0..LANDMARK_COUNT {
            for stretch in &cleaned {
                landmarks.push(&columns(landmark_columns(person_id, landmark, stretch))?)?;
            }
        }
        noises.push(&columns(noise_columns(person_id, &cleaned))?)?;
        for CleanStretch { stretch, .. } in &cleaned {
            sides.push(&columns(facing_columns(person_id, stretch))?)?;
        }
    }
    Ok(noises.finish(key)? + sides.finish(key)? + landmarks.finish(key)?)
}

fn columns(batch: Result<RecordBatch, ArrowError>) -> Result<RecordBatch, AnalyzeError> {
    batch.map_err(|error| AnalyzeError::Frames { what: "clean landmarks", problem: error.to_string() })
}

/// Estimates the height of the upright person in the picture, pixels: 3.4 times the distance from the middle of the
/// shoulders to the middle of the hips, in frames that show its full length.
fn body_height_px(stretches: &[Stretch]) -> f64 {
    let mut lengths: Vec<f64> = stretches
        .iter()
        .flat_map(|stretch| {
            (0..stretch.len()).map(|index| {
                let middle =
                    |a, b, channel| f64::midpoint(stretch.at(a, channel, index), stretch.at(b, channel, index));
                let along = |channel| {
                    middle(landmark::LEFT_SHOULDER, landmark::RIGHT_SHOULDER, channel)
                        - middle(landmark::LEFT_HIP, landmark::RIGHT_HIP, channel)
                };
                along(0).hypot(along(1))
            })
        })
        .filter(|length| length.is_finite())
        .collect();
    lengths.sort_by(f64::total_cmp);
    3.4 * lengths.get(lengths.len() * 3 / 4).copied().unwrap_or(1.0).max(1.0)
}

fn floats(values: impl Iterator<Item = f64>, step: Option<f64>) -> ArrayRef {
    let rounded = values.map(|value| {
        let value = step.map_or(value, |step| (value / step).round_ties_even() * step);
        value.is_finite().then_some(value as f32)
    });
    Arc::new(rounded.collect::<Float32Array>())
}

/// Returns values with 8 significant bits, which take half the space in a file. An error is not known better than that.
fn coarse(values: &[f64]) -> ArrayRef {
    let rounded = values.iter().map(|&value| {
        let bits = (value as f32).to_bits();
        value.is_finite().then(|| f32::from_bits((bits + 0x8000) & 0xFFFF_0000))
    });
    Arc::new(rounded.collect::<Float32Array>())
}

fn landmark_columns(person_id: u16, landmark: usize, clean: &CleanStretch) -> Result<RecordBatch, ArrowError> {
    let CleanStretch { stretch, provenance, errors, .. } = clean;
    let channel = |channel: usize, step| floats(stretch.points[landmark][channel].iter().copied(), Some(step));
    let n = stretch.len();
    RecordBatch::try_from_iter([
        ("frame_idx", Arc::new(stretch.frames.iter().map(|&frame| frame as i32).collect::<Int32Array>()) as ArrayRef),
        ("time_s", Arc::new(Float64Array::from(stretch.times_s.clone()))),
        ("person_id", Arc::new(Int16Array::from_value(person_id as i16, n))),
        ("landmark_id", Arc::new(Int16Array::from_value(landmark as i16, n))),
        ("landmark", Arc::new(StringArray::from(vec![LANDMARK_NAMES[landmark]; n]))),
        ("x_px", channel(0, STEP_PX)),
        ("y_px", channel(1, STEP_PX)),
        ("z_px", channel(2, STEP_PX)),
        ("visibility", floats(stretch.visibility[landmark].iter().copied(), None)),
        ("presence", floats(stretch.presence[landmark].iter().copied(), None)),
        ("world_x_m", channel(3, STEP_M)),
        ("world_y_m", channel(4, STEP_M)),
        ("world_z_m", channel(5, STEP_M)),
        (
            "provenance",
            Arc::new(StringArray::from_iter_values(provenance[landmark].iter().map(|origin| origin.name()))),
        ),
        ("error_px", coarse(&errors[landmark].image_px)),
        ("error_m", coarse(&errors[landmark].world_m)),
    ])
}

/// Returns the noise and repairs of each landmark of a person over all its stretches. Frames are added up; jitter is
/// that of the longest stretch.
fn noise_columns(person_id: u16, cleaned: &[CleanStretch]) -> Result<RecordBatch, ArrowError> {
    let longest =
        cleaned.iter().filter(|clean| clean.noise[0].jitter.is_some()).max_by_key(|clean| clean.stretch.len());
    let unknown = [Noise::default(); LANDMARK_COUNT];
    let noise: &PerLandmark<Noise> = longest.map_or(&unknown, |clean| &clean.noise);
    let sum = |part: &dyn Fn(&Noise) -> u32| -> ArrayRef {
        let of = |landmark: usize| cleaned.iter().map(|clean| part(&clean.noise[landmark]) as i32).sum::<i32>();
        Arc::new((0..LANDMARK_COUNT).map(of).collect::<Int32Array>())
    };
    let jitter = |unit: usize, is_clean: bool| {
        let of = move |noise: &Noise| {
            // If the noise gain of the filter is unknown (as for a spline that chooses its own smoothness), no
            // reduction is assumed.
            let gain = if is_clean { noise.noise_gain.unwrap_or(1.0) } else { 1.0 };
            noise.jitter.map_or(f64::NAN, |jitter| jitter[unit] * gain)
        };
        floats(noise.iter().map(of), None)
    };
    RecordBatch::try_from_iter([
        ("person_id", Arc::new(Int16Array::from_value(person_id as i16, LANDMARK_COUNT)) as ArrayRef),
        ("landmark_id", Arc::new((0..LANDMARK_COUNT as i16).collect::<Int16Array>())),
        ("landmark", Arc::new(StringArray::from(LANDMARK_NAMES.to_vec()))),
        ("n_frames", sum(&|noise| noise.n_frames)),
        ("n_interpolated", sum(&|noise| noise.n_interpolated)),
        ("n_corrected", sum(&|noise| noise.n_corrected)),
        ("n_swapped", sum(&|noise| noise.n_swapped)),
        ("n_suspected_swaps", sum(&|noise| noise.n_suspected_swaps)),
        ("jitter_px", jitter(0, false)),
        ("jitter_m", jitter(1, false)),
        ("clean_jitter_px", jitter(0, true)),
        ("clean_jitter_m", jitter(1, true)),
    ])
}

fn facing_columns(person_id: u16, stretch: &Stretch) -> Result<RecordBatch, ArrowError> {
    let spans = facings(stretch);
    let frames = |end: usize| -> ArrayRef {
        Arc::new(spans.iter().map(|span| stretch.frames[span.range[end]] as i32).collect::<Int32Array>())
    };
    let times = |end: usize| -> ArrayRef {
        Arc::new(spans.iter().map(|span| stretch.times_s[span.range[end]]).collect::<Float64Array>())
    };
    RecordBatch::try_from_iter([
        ("person_id", Arc::new(Int16Array::from_value(person_id as i16, spans.len())) as ArrayRef),
        ("first_frame_idx", frames(0)),
        ("last_frame_idx", frames(1)),
        ("first_time_s", times(0)),
        ("last_time_s", times(1)),
        ("facing", Arc::new(StringArray::from_iter_values(spans.iter().map(|span| span.facing.name())))),
        ("yaw_deg", floats(spans.iter().map(|span| span.yaw_deg), None)),
    ])
}

//! Reads the data of a whole video from the tables: names, events, repetitions, metrics for the panel, small curves.

use crate::scene::{SceneContext, SceneCurve, SceneEvent, SceneMetric, SceneRepetition};
use crate::store::StoreError;
use crate::store::select::select;
use crate::store::workspace::Workspace;

const NAMES: &str = include_str!("../../sql/render/names.sql");
const EVENTS: &str = include_str!("../../sql/render/events.sql");
const REPETITIONS: &str = include_str!("../../sql/render/repetitions.sql");
const METRICS: &str = include_str!("../../sql/render/metrics.sql");
const CORNERS: &str = include_str!("../../sql/render/corners.sql");
const CURVES: &str = include_str!("../../sql/render/curves.sql");

/// Reads the context of a video with frames of about `rate_hz`. `metrics` and `joints` are those of the panel, in its order.
///
/// # Errors
/// The tables cannot be read.
pub(crate) fn read_context(
    workspace: &Workspace,
    rate_hz: Option<f64>,
    metrics: &[String],
    joints: &[String],
) -> Result<SceneContext, StoreError> {
    Ok(SceneContext {
        names: names(workspace)?,
        events: events(workspace)?,
        repetitions: repetitions(workspace)?,
        metrics: panel_metrics(workspace, metrics)?,
        curves: curves(workspace, joints)?,
        is_panel_left: is_panel_left(workspace)?,
        rate_hz,
    })
}

/// Returns whether people cover the upper right corner more than the upper left corner.
fn is_panel_left(workspace: &Workspace) -> Result<bool, StoreError> {
    let mut is_left = false;
    select::<StoreError>(workspace, &[], CORNERS, |rows| {
        let (left, right) = (rows.numbers("n_left")?, rows.numbers("n_right")?);
        is_left = left.iter().sum::<f64>() < right.iter().sum::<f64>();
        Ok(())
    })?;
    Ok(is_left)
}

fn names(workspace: &Workspace) -> Result<Vec<(u16, String)>, StoreError> {
    let mut names = Vec::new();
    select::<StoreError>(workspace, &[], NAMES, |rows| {
        let ids = rows.numbers("person_id")?;
        names.extend(ids.into_iter().map(|id| id as u16).zip(rows.texts("name")?));
        Ok(())
    })?;
    Ok(names)
}

fn events(workspace: &Workspace) -> Result<Vec<SceneEvent>, StoreError> {
    let mut events = Vec::new();
    select::<StoreError>(workspace, &[], EVENTS, |rows| {
        let (people, times) = (rows.numbers("person_id")?, rows.numbers("time_s")?);
        let (kinds, sides) = (rows.texts("kind")?, rows.texts("side")?);
        let found = people.into_iter().zip(times).zip(kinds.into_iter().zip(sides));
        events.extend(found.map(|((person_id, time_s), (kind, side))| SceneEvent {
            person_id: person_id as u16,
            kind,
            side,
            time_s,
        }));
        Ok(())
    })?;
    Ok(events)
}

fn repetitions(workspace: &Workspace) -> Result<Vec<SceneRepetition>, StoreError> {
    let mut repetitions = Vec::new();
    select::<StoreError>(workspace, &[], REPETITIONS, |rows| {
        let (people, numbers) = (rows.numbers("person_id")?, rows.numbers("repetition")?);
        let exercises = rows.texts("exercise")?;
        let times = [rows.numbers("first_time_s")?, rows.numbers("turn_time_s")?, rows.numbers("last_time_s")?];
        for (row, exercise) in exercises.into_iter().enumerate() {
            repetitions.push(SceneRepetition {
                person_id: people[row] as u16,
                repetition: numbers[row] as u32,
                exercise,
                times_s: [times[0][row], times[1][row], times[2][row]],
            });
        }
        Ok(())
    })?;
    Ok(repetitions)
}

fn panel_metrics(workspace: &Workspace, wanted: &[String]) -> Result<Vec<SceneMetric>, StoreError> {
    let mut found: Vec<(usize, SceneMetric)> = Vec::new();
    select::<StoreError>(workspace, &[], METRICS, |rows| {
        let (people, values) = (rows.numbers("person_id")?, rows.numbers("value")?);
        let (low, high) = (rows.numbers("low")?, rows.numbers("high")?);
        let (metrics, sides, units) = (rows.texts("metric")?, rows.texts("side")?, rows.texts("unit")?);
        for (row, unit) in units.into_iter().enumerate() {
            let Some(place) = wanted.iter().position(|wanted| *wanted == metrics[row]) else { continue };
            let half_width = (high[row] - low[row]) / 2.0;
            found.push((
                place,
                SceneMetric {
                    person_id: people[row] as u16,
                    label: label(&metrics[row], &sides[row]),
                    value: values[row],
                    half_width: half_width.is_finite().then_some(half_width),
                    unit,
                },
            ));
        }
        Ok(())
    })?;
    found.sort_by_key(|(place, _)| *place);
    Ok(found.into_iter().map(|(_, metric)| metric).collect())
}

fn curves(workspace: &Workspace, joints: &[String]) -> Result<Vec<SceneCurve>, StoreError> {
    let mut curves: Vec<(usize, SceneCurve)> = Vec::new();
    select::<StoreError>(workspace, &[], CURVES, |rows| {
        let (times, angles) = (rows.numbers("time_s")?, rows.numbers("angle_2d_deg")?);
        let (names, sides) = (rows.texts("joint")?, rows.texts("side")?);
        for row in 0..rows.len() {
            let Some(place) = joints.iter().position(|joint| *joint == names[row]) else { continue };
            let label = label(&names[row], &sides[row]);
            if curves.last().is_none_or(|(_, curve)| curve.label != label) {
                let curve = SceneCurve { person_id: 0, label, unit: "deg".to_owned(), samples: Vec::new() };
                curves.push((place, curve));
            }
            if let Some((_, curve)) = curves.last_mut() {
                curve.samples.push((times[row], angles[row] as f32));
            }
        }
        Ok(())
    })?;
    curves.sort_by_key(|(place, _)| *place);
    Ok(curves.into_iter().map(|(_, curve)| curve).collect())
}

/// Returns a name of the tables in words: `Knee range of motion, left`.
#[must_use]
pub(crate) fn label(name: &str, side: &str) -> String {
    // Everything in a picture is in the picture plane, so `_2d` is dropped.
    let words = name.strip_suffix("_2d").unwrap_or(name).replace('_', " ");
    let mut letters = words.chars();
    let words: String = letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default();
    if side.is_empty() || side == "none" { words } else { format!("{words}, {side}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_words() {
        assert_eq!(label("knee_range_of_motion_2d", "left"), "Knee range of motion, left");
        assert_eq!(label("cadence", "none"), "Cadence");
        assert_eq!(label("", ""), "");
    }
}

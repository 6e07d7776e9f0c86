//! Detects events and repetitions: passes series from the tables to the detectors and writes the results into tables.

use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int32Array, RecordBatch, StringArray};

use super::error::AnalyzeError;
use super::exercise::{Posture, exercise, turns_at_rest};
use super::frames::{PersonSignals, by_person, data_frame};
use crate::movement::gait::{EventKind, Gait, GaitEvent, GaitMethod, GaitProblem, GaitSignals, Side, detect_gait};
use crate::movement::jump::{Jump, JumpProblem, JumpSignals, Moment, find_jumps, jump_problem};
use crate::movement::repetitions::{Repetition, Repetitions, Signal, count_turns, find_repetitions};
use crate::sports::SportPack;
use crate::store::Table;
use crate::store::results::ResultWriter;
use crate::store::workspace::Workspace;

/// The tables that event detection reads.
pub(crate) const EVENT_NEEDS: [Table; 2] = [Table::Kinematics, Table::Scales];

/// The tables that repetition detection reads.
pub(crate) const REPETITION_NEEDS: [Table; 2] = [Table::JointAngles, Table::Kinematics];

const POINTS: &str = include_str!("../../sql/signals/points.sql");
const POSTURES: &str = include_str!("../../sql/signals/postures.sql");
const ANGLES: &str = include_str!("../../sql/signals/angles.sql");
const PEOPLE: &str = include_str!("../../sql/signals/people.sql");
const PICTURES: &str = include_str!("../../sql/signals/pictures.sql");

/// An event as a table row.
struct Event {
    person_id: u16,
    kind: &'static str,
    side: &'static str,
    frame_idx: u32,
    time_s: f64,
    method: &'static str,
    confidence: f64,
}

/// Detects gait and jumps, as the pack configures, and writes their events. Returns remarks: who has no gait, or none
/// for a while, or too few steps, and why; and whose movement looks like a jump and is none.
///
/// # Errors
/// If the series cannot be read or rows cannot be written.
pub(crate) fn events(
    workspace: &Workspace,
    pack: &SportPack,
    writer: &mut ResultWriter,
) -> Result<Vec<String>, AnalyzeError> {
    let mut remarks = Vec::new();
    let (sizes, pictures) = (signals(workspace, PEOPLE)?, signals(workspace, PICTURES)?);
    for person in signals(workspace, POINTS)? {
        let of_person = |of: &[PersonSignals], name: &str| {
            let found = of.iter().find(|it| it.person_id == person.person_id);
            found.map_or([f64::NAN; 2], |it| it.pairs(name)[0])
        };
        let [leg_length_px, meters_per_px] = of_person(&sizes, "sizes");
        let [n_frames, n_changed] = of_person(&pictures, "pictures");
        let mut events = Vec::new();
        if pack.detect.gait {
            let still = GaitProblem::of_pictures(n_changed as usize, n_frames as usize);
            match still.map_or_else(|| gait_events(&person, leg_length_px), Err) {
                Ok((found, unused)) => {
                    events.extend(found);
                    remarks.extend(unused);
                }
                Err(problem) => remarks.push(problem.remark(person.person_id)),
            }
        }
        if pack.detect.jumps {
            let has_gait = !events.is_empty();
            match jump_events(&person, leg_length_px, meters_per_px) {
                Ok(found) => events.extend(found),
                // Running steps are short flights, too.
                Err(JumpProblem::TooShort { .. }) if has_gait => {}
                Err(problem) => remarks.push(problem.remark(person.person_id)),
            }
        }
        events.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
        writer.push(&event_columns(&events)?)?;
    }
    Ok(remarks)
}

fn signals(workspace: &Workspace, sql: &str) -> Result<Vec<PersonSignals>, AnalyzeError> {
    by_person(&data_frame(&workspace.collect(sql)?)?)
}

/// Returns the name of a side in the tables.
fn side_name(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
    }
}

/// Returns the name of a method in the tables.
fn method_name(method: GaitMethod) -> &'static str {
    match method {
        GaitMethod::ZeniAndSpeed => "zeni_and_speed",
        GaitMethod::FootSpeed => "foot_speed",
        GaitMethod::FootHeight => "foot_height",
        GaitMethod::Footprints => "footprints",
    }
}

/// Returns the events of gait, and a remark for each stretch in one direction that has none.
fn gait_events(person: &PersonSignals, leg_length_px: f64) -> Result<(Vec<Event>, Vec<String>), GaitProblem> {
    let sides = |part: &str| Side::BOTH.map(|side| person.pairs(&format!("{}_{part}", side_name(side))));
    let signals = GaitSignals {
        times_s: person.times_s.clone(),
        sacrum_px: person.pairs("mid_hip"),
        shoulders_px: person.pairs("neck"),
        heel_px: sides("heel"),
        toe_px: sides("foot_index"),
        ankle_px: sides("ankle"),
        raw_toe_px: sides("foot_index_raw"),
        leg_length_px,
    };
    let gait = detect_gait(&signals, None)?;
    let event = |event: &GaitEvent| Event {
        person_id: person.person_id,
        kind: if event.kind == EventKind::Contact { "contact" } else { "toe_off" },
        side: side_name(event.side),
        frame_idx: person.frames[event.frame],
        time_s: event.time_s,
        method: method_name(event.method),
        confidence: event.confidence,
    };
    let remark = |&(first, last, problem): &(usize, usize, GaitProblem)| {
        format!(
            "person {}: no gait from {:.1} to {:.1} s ({problem})",
            person.person_id, person.times_s[first], person.times_s[last]
        )
    };
    let mut remarks: Vec<String> = gait.unused.iter().map(remark).collect();
    remarks.extend(few_steps(&gait).map(|remark| format!("person {}: {remark}", person.person_id)));
    Ok((gait.events.iter().map(event).collect(), remarks))
}

/// Returns what few steps do not allow. A spread, and so an honest interval, needs two strides of a foot.
fn few_steps(gait: &Gait) -> Option<String> {
    const CONTACTS_OF_TWO_STRIDES: usize = 5;
    let contacts = gait.events.iter().filter(|event| event.kind == EventKind::Contact).count();
    (contacts < CONTACTS_OF_TWO_STRIDES).then(|| {
        format!(
            "only {contacts} contacts of the feet were seen; times and lengths of strides rest on {} and say nothing about \
             how steady the gait is",
            if contacts > 3 { "one stride of each foot" } else { "one stride" }
        )
    })
}

/// Returns the events of jumps, none if nothing looks like a jump.
///
/// # Errors
/// If a movement looks like a jump and there are no jumps.
fn jump_events(person: &PersonSignals, leg_length_px: f64, meters_per_px: f64) -> Result<Vec<Event>, JumpProblem> {
    let rows = |part: &str| Side::BOTH.map(|side| person.values(&format!("{}_{part}", side_name(side)), 1));
    let signals = JumpSignals {
        times_s: person.times_s.clone(),
        center_of_mass_y_px: person.values("center_of_mass", 1),
        heel_y_px: rows("heel"),
        toe_y_px: rows("foot_index"),
        hips_px: person.pairs("mid_hip"),
        shoulders_px: person.pairs("neck"),
        foot_visibility: Side::BOTH.map(|side| person.values(&format!("{}_foot_visibility", side_name(side)), 0)),
        leg_length_px,
        meters_per_px: Some(meters_per_px).filter(|scale| scale.is_finite()),
    };
    let event = |kind: &'static str, moment: Moment, confidence: f64| Event {
        person_id: person.person_id,
        kind,
        side: "both",
        frame_idx: person.frames[moment.frame],
        time_s: moment.time_s,
        method: "flight",
        confidence,
    };
    let jumps = find_jumps(&signals);
    if let Some(problem) = jumps.is_empty().then(|| jump_problem(&signals)).flatten() {
        return Err(problem);
    }
    let both = |jump: &Jump| {
        [event("take_off", jump.take_off, jump.confidence), event("landing", jump.landing, jump.confidence)]
    };
    Ok(jumps.iter().flat_map(both).collect())
}

fn names(values: impl Iterator<Item = &'static str>) -> ArrayRef {
    Arc::new(StringArray::from_iter_values(values))
}

fn numbers(values: impl Iterator<Item = u32>) -> ArrayRef {
    Arc::new(values.map(|value| value as i32).collect::<Int32Array>())
}

fn floats(values: impl Iterator<Item = f64>) -> ArrayRef {
    Arc::new(values.map(|value| value.is_finite().then_some(value)).collect::<Float64Array>())
}

fn event_columns(events: &[Event]) -> Result<RecordBatch, AnalyzeError> {
    batch(vec![
        ("person_id", numbers(events.iter().map(|event| u32::from(event.person_id)))),
        ("kind", names(events.iter().map(|event| event.kind))),
        ("side", names(events.iter().map(|event| event.side))),
        ("frame_idx", numbers(events.iter().map(|event| event.frame_idx))),
        ("time_s", floats(events.iter().map(|event| event.time_s))),
        ("method", names(events.iter().map(|event| event.method))),
        ("confidence", floats(events.iter().map(|event| event.confidence))),
    ])
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> Result<RecordBatch, AnalyzeError> {
    RecordBatch::try_from_iter(columns)
        .map_err(|error| AnalyzeError::Frames { what: "the detections", problem: error.to_string() })
}

/// A series to search for repetitions, with its name and unit.
struct Candidate {
    name: String,
    unit: &'static str,
    values: Vec<f64>,
    min_range: f64,
}

/// The smallest range of a joint angle that counts as exercise, degrees.
const LEAST_ANGLE_DEG: f64 = 40.0;

/// Detects repetitions, if the pack asks for them, and writes them. Repetitions less deep than `min_depth_deg` are
/// partial ones.
///
/// # Errors
/// If the series cannot be read or rows cannot be written.
pub(crate) fn repetitions(
    workspace: &Workspace,
    pack: &SportPack,
    min_depth_deg: Option<f64>,
    writer: &mut ResultWriter,
) -> Result<(), AnalyzeError> {
    if !pack.detect.repetitions {
        return Ok(());
    }
    let postures = signals(workspace, POSTURES)?;
    for person in signals(workspace, ANGLES)? {
        let posture = Posture::new(&person, postures.iter().find(|it| it.person_id == person.person_id));
        let candidates: Vec<Candidate> = person
            .names()
            .map(|name| Candidate {
                name: format!("{name}_3d"),
                unit: "deg",
                // The 3D angle, which is the same from every viewpoint.
                values: person.values(name, 1),
                min_range: LEAST_ANGLE_DEG,
            })
            .collect();
        let offered: Vec<Signal> = candidates
            .iter()
            .map(|candidate| Signal { values: &candidate.values, min_range: candidate.min_range })
            .collect();
        if let Some(found) = find_repetitions(&person.times_s, &offered, min_depth_deg) {
            let (index, candidate) = (found.signal, &candidates[found.signal]);
            let all = all_of(&found);
            let exercise = exercise(&person, posture, &candidate.name, &all);
            let found = if turns_at_rest(&person, exercise, &all) {
                let signal = (index, &offered[index]);
                count_turns(&person.times_s, signal, !found.turns_are_maxima, min_depth_deg).unwrap_or(found)
            } else {
                found
            };
            writer.push(&repetition_columns(&person, exercise, candidate, &found)?)?;
        }
    }
    Ok(())
}

/// Returns all repetitions of a set: first the counted ones, then those that are not counted.
fn all_of(found: &Repetitions) -> Vec<Repetition> {
    found.repetitions.iter().copied().chain(found.partial.iter().map(|partial| partial.seen)).collect()
}

/// Returns the rows of a set: first the counted repetitions, then those that are not counted, numbered throughout.
fn repetition_columns(
    person: &PersonSignals,
    exercise: &'static str,
    signal: &Candidate,
    found: &Repetitions,
) -> Result<RecordBatch, AnalyzeError> {
    let rows = all_of(found);
    let (n_counted, n_partial, n) = (found.repetitions.len(), found.partial.len(), rows.len());
    let frames = |of: &dyn Fn(&Repetition) -> Moment| numbers(rows.iter().map(|it| person.frames[of(it).frame]));
    let moments = |of: &dyn Fn(&Repetition) -> Moment| floats(rows.iter().map(|it| of(it).time_s));
    let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; n])) };
    let reasons = found.partial.iter().map(|partial| Some(partial.reason.name()));
    let reasons: StringArray = std::iter::repeat_n(None, n_counted).chain(reasons).collect();
    batch(vec![
        ("person_id", numbers((0..n).map(|_| u32::from(person.person_id)))),
        ("repetition", numbers((1..).take(n))),
        ("exercise", text(exercise)),
        ("signal", text(&signal.name)),
        ("first_frame_idx", frames(&|it| it.start)),
        ("turn_frame_idx", frames(&|it| it.turn)),
        ("last_frame_idx", frames(&|it| it.end)),
        ("first_time_s", moments(&|it| it.start)),
        ("turn_time_s", moments(&|it| it.turn)),
        ("last_time_s", moments(&|it| it.end)),
        ("depth", floats(rows.iter().map(|it| it.depth))),
        ("extreme", floats(rows.iter().map(|it| signal.values[it.turn.frame]))),
        ("unit", text(signal.unit)),
        ("duration_s", floats(rows.iter().map(|it| it.duration_s))),
        ("outward_s", floats(rows.iter().map(|it| it.to_turn_s))),
        ("return_s", floats(rows.iter().map(|it| it.from_turn_s))),
        ("n_partial", numbers((0..n).map(|_| n_partial as u32))),
        ("partial", Arc::new(reasons)),
    ])
}

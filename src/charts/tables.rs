//! Reads the data of charts from the tables of one video.

use super::raw_angles::{on_raw_angles, raw_angles_sql};
use super::words::side;
use crate::charts::plot::data::{EventMark, Repetition, Side};
use crate::store::StoreError;
use crate::store::select::{Rows, select};
use crate::store::workspace::Workspace;

const PEOPLE: &str = include_str!("../../sql/charts/people.sql");
const ANGLES: &str = include_str!("../../sql/charts/angles.sql");
const CYCLE_MEANS: &str = include_str!("../../sql/charts/cycle_means.sql");
const CYCLE_SPANS: &str = include_str!("../../sql/charts/cycle_spans.sql");
const TRAILS: &str = include_str!("../../sql/charts/trails.sql");
const REPETITIONS: &str = include_str!("../../sql/charts/repetitions.sql");
const SIGNAL: &str = include_str!("../../sql/charts/signal.sql");
const EVENTS: &str = include_str!("../../sql/render/events.sql");

/// A person in a video.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::struct_field_names, reason = "person_id is the name in the tables")]
pub(super) struct Person {
    pub(super) person_id: u32,
    /// The name that the user gave.
    pub(super) name: Option<String>,
    /// The frame in the middle of the person's time in view.
    pub(super) middle_frame_idx: u32,
    pub(super) meters_per_px: Option<f64>,
    pub(super) events: Vec<EventMark>,
    pub(super) spans: Vec<CycleSpan>,
}

/// The time span of a stride or a repetition.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CycleSpan {
    pub(super) kind: String,
    pub(super) side: Side,
    pub(super) number: usize,
    pub(super) times_s: [f64; 2],
}

/// The angle of a joint of one side, frame by frame; NaN if missing.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct JointSeries {
    pub(super) side: Side,
    pub(super) time_s: Vec<f64>,
    pub(super) raw_deg: Vec<f64>,
    pub(super) clean_deg: Vec<f64>,
    pub(super) spatial_deg: Vec<f64>,
    pub(super) velocity_deg_s: Vec<f64>,
    pub(super) error_deg: Vec<f64>,
}

/// The mean cycle of a joint of one side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct MeanCycle {
    pub(super) kind: String,
    pub(super) side: Side,
    pub(super) mean_deg: Vec<f64>,
    pub(super) spread_deg: Vec<f64>,
    pub(super) n_cycles: usize,
}

/// The repetitions of a person and the signal they were found in.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct RepetitionTable {
    pub(super) exercise: String,
    pub(super) signal: String,
    pub(super) unit: String,
    pub(super) repetitions: Vec<Repetition>,
}

/// Makes the angles of raw landmarks, which [`joint_series`] reads.
pub(super) fn prepare(workspace: &Workspace) -> Result<(), StoreError> {
    workspace.execute(&raw_angles_sql())
}

/// Reads all people with their data of the whole video.
pub(super) fn people(workspace: &Workspace) -> Result<Vec<Person>, StoreError> {
    let mut people = Vec::new();
    select::<StoreError>(workspace, &[], PEOPLE, |rows| {
        let [ids, middles, scales] = numbers(rows, ["person_id", "middle_frame_idx", "meters_per_px"])?;
        for (row, name) in rows.texts("name")?.into_iter().enumerate() {
            people.push(Person {
                person_id: ids[row] as u32,
                name: (!name.is_empty()).then_some(name),
                middle_frame_idx: middles[row] as u32,
                meters_per_px: scales[row].is_finite().then_some(scales[row]),
                events: Vec::new(),
                spans: Vec::new(),
            });
        }
        Ok(())
    })?;
    add_events(workspace, &mut people)?;
    for person in &mut people {
        person.spans = spans(workspace, person.person_id)?;
    }
    Ok(people)
}

fn add_events(workspace: &Workspace, people: &mut [Person]) -> Result<(), StoreError> {
    select::<StoreError>(workspace, &[], EVENTS, |rows| {
        let [ids, times] = numbers(rows, ["person_id", "time_s"])?;
        let (kinds, sides) = (rows.texts("kind")?, rows.texts("side")?);
        for (row, kind) in kinds.iter().enumerate() {
            if let Some(person) = people.iter_mut().find(|person| person.person_id == ids[row] as u32) {
                let label = super::words::words(kind);
                person.events.push(EventMark { time_s: times[row], label, side: side(&sides[row]) });
            }
        }
        Ok(())
    })
}

fn spans(workspace: &Workspace, person_id: u32) -> Result<Vec<CycleSpan>, StoreError> {
    let mut spans = Vec::new();
    of_person(workspace, person_id, None, CYCLE_SPANS, |rows| {
        let [cycles, starts, ends] = numbers(rows, ["cycle", "start_time_s", "end_time_s"])?;
        let sides = rows.texts("side")?;
        for (row, kind) in rows.texts("kind")?.into_iter().enumerate() {
            let number = cycles[row] as usize;
            spans.push(CycleSpan { kind, side: side(&sides[row]), number, times_s: [starts[row], ends[row]] });
        }
        Ok(())
    })?;
    Ok(spans)
}

/// Reads the angles of a joint, left and right. Sides without angles are left out.
pub(super) fn joint_series(workspace: &Workspace, person_id: u32, joint: &str) -> Result<Vec<JointSeries>, StoreError> {
    let mut series: Vec<JointSeries> = Vec::new();
    of_person(workspace, person_id, Some(("joint", joint)), ANGLES, |rows| {
        let columns = ["time_s", "angle_2d_deg", "angle_3d_deg", "velocity_deg_s", "error_deg"];
        let [times, clean, spatial, velocities, errors] = numbers(rows, columns)?;
        for (row, name) in rows.texts("side")?.iter().enumerate() {
            let one = side_of(&mut series, side(name));
            one.time_s.push(times[row]);
            one.clean_deg.push(clean[row]);
            one.spatial_deg.push(spatial[row]);
            one.velocity_deg_s.push(velocities[row]);
            one.error_deg.push(errors[row]);
        }
        Ok(())
    })?;
    series.retain(|one| one.clean_deg.iter().any(|angle| angle.is_finite()));
    if series.is_empty() {
        return Ok(series);
    }
    // The raw angles have the same frames in the same order.
    of_person(workspace, person_id, Some(("joint", joint)), &on_raw_angles(ANGLES, "side, frame_idx"), |rows| {
        let [raw] = numbers(rows, ["angle_2d_deg"])?;
        for (name, angle) in rows.texts("side")?.iter().zip(raw) {
            if let Some(one) = series.iter_mut().find(|one| one.side == side(name)) {
                one.raw_deg.push(angle);
            }
        }
        Ok(())
    })?;
    Ok(series)
}

fn side_of(series: &mut Vec<JointSeries>, side: Side) -> &mut JointSeries {
    let index = series.iter().position(|one| one.side == side).unwrap_or_else(|| {
        let [time_s, raw_deg, clean_deg, spatial_deg, velocity_deg_s, error_deg] = [const { Vec::new() }; 6];
        series.push(JointSeries { side, time_s, raw_deg, clean_deg, spatial_deg, velocity_deg_s, error_deg });
        series.len() - 1
    });
    &mut series[index]
}

/// Reads the mean cycles of a joint, grouped by kind.
pub(super) fn mean_cycles(workspace: &Workspace, person_id: u32, joint: &str) -> Result<Vec<MeanCycle>, StoreError> {
    let mut cycles: Vec<MeanCycle> = Vec::new();
    of_person(workspace, person_id, Some(("joint", joint)), CYCLE_MEANS, |rows| {
        let [means, spreads, counts] = numbers(rows, ["angle_2d_deg", "spread_2d_deg", "n_cycles"])?;
        let (kinds, sides) = (rows.texts("kind")?, rows.texts("side")?);
        for (row, (kind, name)) in kinds.into_iter().zip(&sides).enumerate() {
            let side = side(name);
            if cycles.last().is_none_or(|last| (&last.kind, last.side) != (&kind, side)) {
                cycles.push(MeanCycle { kind, side, mean_deg: Vec::new(), spread_deg: Vec::new(), n_cycles: 0 });
            }
            if let Some(cycle) = cycles.last_mut() {
                cycle.mean_deg.push(means[row]);
                cycle.spread_deg.push(spreads[row]);
                cycle.n_cycles = cycle.n_cycles.max(counts[row] as usize);
            }
        }
        Ok(())
    })?;
    cycles.retain(|cycle| cycle.n_cycles > 0);
    Ok(cycles)
}

/// Reads the path of a point in pixels of the displayed picture; NaN if missing.
pub(super) fn trail(workspace: &Workspace, person_id: u32, point: &str) -> Result<Vec<[f64; 2]>, StoreError> {
    let mut positions = Vec::new();
    of_person(workspace, person_id, Some(("point", point)), TRAILS, |rows| {
        let [x, y] = numbers(rows, ["x_px", "y_px"])?;
        positions.extend(x.into_iter().zip(y).map(|(x, y)| [x, y]));
        Ok(())
    })?;
    Ok(positions)
}

/// Reads the repetitions of a person.
pub(super) fn repetitions(workspace: &Workspace, person_id: u32) -> Result<RepetitionTable, StoreError> {
    let mut table = RepetitionTable::default();
    of_person(workspace, person_id, None, REPETITIONS, |rows| {
        let columns = ["repetition", "first_time_s", "turn_time_s", "last_time_s", "depth"];
        let [count, first, turn, last, depth] = numbers(rows, columns)?;
        table.repetitions.extend((0..rows.len()).map(|row| Repetition {
            number: count[row] as usize,
            first_time_s: first[row],
            turn_time_s: turn[row],
            last_time_s: last[row],
            depth: depth[row],
            depth_interval: None,
        }));
        // A person repeats one exercise, found in one signal.
        let one = |name: &str| rows.texts(name).map(|texts| texts.into_iter().next().unwrap_or_default());
        if !rows.is_empty() {
            (table.exercise, table.signal, table.unit) = (one("exercise")?, one("signal")?, one("unit")?);
        }
        Ok(())
    })?;
    Ok(table)
}

/// Reads the signal that repetitions were found in: times and values.
pub(super) fn signal(workspace: &Workspace, person_id: u32, signal: &str) -> Result<(Vec<f64>, Vec<f64>), StoreError> {
    let (mut time_s, mut values) = (Vec::new(), Vec::new());
    of_person(workspace, person_id, Some(("signal", signal)), SIGNAL, |rows| {
        time_s.extend(rows.numbers("time_s")?);
        values.extend(rows.numbers("value")?);
        Ok(())
    })?;
    Ok((time_s, values))
}

fn of_person(
    workspace: &Workspace,
    person_id: u32,
    variable: Option<(&str, &str)>,
    sql: &str,
    take: impl FnMut(&Rows<'_>) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
    let person_id = person_id.to_string();
    let variables = [Some(("person_id", person_id.as_str())), variable].into_iter().flatten();
    let variables: Vec<_> = variables.map(|(name, value)| (name, Some(value))).collect();
    select(workspace, &variables, sql, take)
}

/// Reads several columns of numbers.
fn numbers<const N: usize>(rows: &Rows<'_>, names: [&str; N]) -> Result<[Vec<f64>; N], StoreError> {
    let mut columns = [const { Vec::new() }; N];
    for (column, name) in columns.iter_mut().zip(names) {
        *column = rows.numbers(name)?;
    }
    Ok(columns)
}

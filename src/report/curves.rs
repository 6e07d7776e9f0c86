//! Reads angles over time and over cycles. A long video has millions of angles, so curves are read one at a time and
//! shortened immediately.

use serde::Deserialize;

use crate::report::page::data::{CurveName, CurveSet, Cycle};
use crate::store::StoreError;
use crate::store::select::{Engine, records, select};

const CURVES: &str = include_str!("../../sql/report/curves.sql");
const CYCLES: &str = include_str!("../../sql/report/cycles.sql");

/// The angles of one side of a person, frame by frame.
#[derive(Default)]
struct Gathered {
    person_id: i32,
    joint: String,
    side: String,
    times_s: Vec<f64>,
    angle_2d_deg: Vec<Option<f64>>,
    angle_3d_deg: Vec<Option<f64>>,
}

impl Gathered {
    fn is_of(&self, person_id: i32, joint: &str, side: &str) -> bool {
        self.person_id == person_id && self.joint == joint && self.side == side
    }

    /// Adds its curves to `set`. A curve without any angle is left out.
    fn push_into(self, set: &mut CurveSet) {
        for (dimension, angle_deg) in [("2d", &self.angle_2d_deg), ("3d", &self.angle_3d_deg)] {
            if angle_deg.iter().any(Option::is_some) {
                let name = CurveName { person_id: self.person_id, joint: &self.joint, side: &self.side, dimension };
                set.push(name, &self.times_s, angle_deg);
            }
        }
    }
}

/// Reads the angles of all people over time.
pub(super) fn read_curves(engine: &impl Engine, video_id: &str) -> Result<CurveSet, StoreError> {
    let mut set = CurveSet::default();
    let mut gathered = Gathered::default();
    select::<StoreError>(engine, &[("video_id", Some(video_id))], CURVES, |rows| {
        let (person_ids, joints, sides) = (rows.numbers("person_id")?, rows.texts("joint")?, rows.texts("side")?);
        let (times_s, angles_2d, angles_3d) =
            (rows.numbers("time_s")?, rows.numbers("angle_2d_deg")?, rows.numbers("angle_3d_deg")?);
        let known = |value: f64| value.is_finite().then_some(value);
        for row in 0..rows.len() {
            let person_id = person_ids[row] as i32;
            if !gathered.is_of(person_id, &joints[row], &sides[row]) {
                let (joint, side) = (joints[row].clone(), sides[row].clone());
                let next = Gathered { person_id, joint, side, ..Gathered::default() };
                std::mem::replace(&mut gathered, next).push_into(&mut set);
            }
            gathered.times_s.push(times_s[row]);
            gathered.angle_2d_deg.push(known(angles_2d[row]));
            gathered.angle_3d_deg.push(known(angles_3d[row]));
        }
        Ok(())
    })?;
    gathered.push_into(&mut set);
    Ok(set)
}

/// Reads the mean angles of all people over strides and repetitions, at 0, 1, ... 100 % of each cycle.
pub(super) fn read_cycles(engine: &impl Engine, video_id: &str) -> Result<Vec<Cycle>, StoreError> {
    #[derive(Deserialize)]
    struct PercentRow {
        person_id: i32,
        kind: String,
        side: String,
        joint: String,
        joint_side: String,
        percent: u32,
        n_cycles: u32,
        mean_2d_deg: Option<f64>,
        spread_2d_deg: Option<f64>,
        mean_3d_deg: Option<f64>,
        spread_3d_deg: Option<f64>,
    }
    const PERCENTS: usize = 101;
    let rows: Vec<PercentRow> = records(engine, &[("video_id", Some(video_id))], CYCLES)?;
    let mut cycles: Vec<Cycle> = Vec::new();
    for row in rows {
        let is_of = |cycle: &Cycle| {
            let names = [&cycle.kind, &cycle.side, &cycle.joint, &cycle.joint_side];
            cycle.person_id == row.person_id && names == [&row.kind, &row.side, &row.joint, &row.joint_side]
        };
        if !cycles.last().is_some_and(is_of) {
            cycles.push(Cycle {
                person_id: row.person_id,
                kind: row.kind.clone(),
                side: row.side.clone(),
                joint: row.joint.clone(),
                joint_side: row.joint_side.clone(),
                n_cycles: 0,
                mean_2d_deg: vec![None; PERCENTS],
                spread_2d_deg: vec![None; PERCENTS],
                mean_3d_deg: vec![None; PERCENTS],
                spread_3d_deg: vec![None; PERCENTS],
            });
        }
        let Some(cycle) = cycles.last_mut() else { continue };
        cycle.n_cycles = cycle.n_cycles.max(row.n_cycles);
        let percent = row.percent as usize;
        for (curve, value) in [
            (&mut cycle.mean_2d_deg, row.mean_2d_deg),
            (&mut cycle.spread_2d_deg, row.spread_2d_deg),
            (&mut cycle.mean_3d_deg, row.mean_3d_deg),
            (&mut cycle.spread_3d_deg, row.spread_3d_deg),
        ] {
            if let Some(place) = curve.get_mut(percent) {
                *place = value;
            }
        }
    }
    Ok(cycles)
}

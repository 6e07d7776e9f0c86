//! Exports marker trajectories of a person: TRC in pixels and meters, C3D, BVH.

use super::{Export, ExportError, ExportFormat, Exported, Person, write_file};
use crate::export::formats::c3d::write_c3d;
use crate::export::formats::markers::with_marker_names;
use crate::export::formats::trc::{TrcUnits, complete_span_s, write_trc};
use crate::export::formats::{EventSide, Marker, Motion, MotionEvent, bvh, resampled};
use crate::pose::skeleton::{LANDMARK_COUNT, LANDMARK_NAMES, landmark};
use crate::store::select::select;
use crate::store::{Catalog, StoreError};

const POINTS: &str = include_str!("../../sql/export/points.sql");
const EVENTS: &str = include_str!("../../sql/export/events.sql");
const WORLD_SIZE: &str = include_str!("../../sql/export/world_size.sql");
/// The queries of this module.
pub(super) const QUERIES: [&str; 3] = [POINTS, EVENTS, WORLD_SIZE];

/// The landmarks of a person: the time of each frame, and the position of each landmark in it.
struct Points {
    frames: Vec<u32>,
    times_s: Vec<f64>,
    /// x, y in pixels; x, y, z of the world in meters; NaN if missing.
    landmarks: Vec<Vec<[f64; 5]>>,
    /// The size of the athlete as a multiple of that of the world landmarks, which are those of an average body.
    world_size: f64,
}

pub(super) fn write(
    catalog: &Catalog,
    wanted: &Export,
    person: &Person,
    format: ExportFormat,
    outcome: &mut Exported,
) -> Result<(), ExportError> {
    let points = read_points(catalog, person)?;
    let events = read_events(catalog, person)?;
    let path = |ending: &str| wanted.output.join(format!("{}_person{}{ending}", person.stem, person.id));
    let in_space = motion(person, &points, &events, |landmark, index| world_point(person, &points, landmark, index));
    match format {
        ExportFormat::Trc => {
            let in_picture = with_marker_names(&motion(person, &points, &events, |landmark, index| {
                let [x, y, ..] = points.landmarks[landmark][index];
                (x.is_finite() && y.is_finite()).then_some([x, y, 0.0])
            }));
            outcome.note(write_file(path("_px.trc"), |out| write_trc(out, &in_picture, TrcUnits::Pixels)))?;
            let in_space = with_marker_names(&in_space);
            outcome.remarks.extend(gap_remark(&in_space));
            outcome.note(write_file(path(".trc"), |out| write_trc(out, &in_space, TrcUnits::Meters)))
        }
        ExportFormat::C3d => {
            let even = with_marker_names(&resampled(&in_space, person.rate_hz));
            outcome.note(write_file(path(".c3d"), |out| write_c3d(out, &even)))
        }
        _ => {
            let even = resampled(&in_space, person.rate_hz);
            outcome.note(write_file(path(".bvh"), |out| bvh::write_bvh(out, &even)))
        }
    }
}

/// Returns the longest stretch without a missing marker, in words; `None` if no marker is ever missing. OpenSim's
/// scaling skips a measurement if one position in its time range is missing, and still reports success.
fn gap_remark(motion: &Motion) -> Option<String> {
    let whole_s = [*motion.times_s.first()?, *motion.times_s.last()?];
    let name = &motion.name;
    match complete_span_s(motion) {
        Some(span_s) if span_s == whole_s => None,
        Some([start_s, end_s]) => Some(format!(
            "{name}.trc: no marker is missing from {start_s:.3} s to {end_s:.3} s; \
             scale in OpenSim with a time range inside it"
        )),
        None => Some(format!("{name}.trc: no frame has all markers; OpenSim cannot scale with it")),
    }
}

/// Returns the position of a landmark in space, meters: the world landmark in the size of the athlete, moved along with
/// the hips through the picture. X to the right, Y up from the floor, Z toward the camera. Without a scale the hips stay
/// at the origin.
fn world_point(person: &Person, points: &Points, landmark: usize, index: usize) -> Option<[f64; 3]> {
    let [_, _, world @ ..] = points.landmarks[landmark][index];
    let [x, y, z] = world.map(|coordinate_m| points.world_size * coordinate_m);
    let hips = |axis: usize| landmark::HIPS.iter().map(|&hip| points.landmarks[hip][index][axis]).sum::<f64>() / 2.0;
    let floor_y_px = person.floor_y_px.unwrap_or(f64::from(person.height_px));
    let [across, up] = match person.meters_per_px {
        Some(scale) => [scale * (hips(0) - f64::from(person.width_px) / 2.0), scale * (floor_y_px - hips(1))],
        None => [0.0, 0.0],
    };
    let point = [across + x, up - y, -z];
    point.iter().all(|coordinate| coordinate.is_finite()).then_some(point)
}

fn motion(
    person: &Person,
    points: &Points,
    events: &[MotionEvent],
    position: impl Fn(usize, usize) -> Option<[f64; 3]>,
) -> Motion {
    let marker = |landmark: usize| Marker {
        name: LANDMARK_NAMES[landmark].to_owned(),
        positions: (0..points.frames.len()).map(|index| position(landmark, index)).collect(),
    };
    Motion {
        name: format!("{}_person{}", person.stem, person.id),
        rate_hz: person.rate_hz,
        first_frame: points.frames.first().copied().unwrap_or_default(),
        times_s: points.times_s.clone(),
        markers: (0..LANDMARK_COUNT).map(marker).collect(),
        events: events.to_vec(),
    }
}

fn read_points(catalog: &Catalog, person: &Person) -> Result<Points, StoreError> {
    let mut points = Points {
        frames: Vec::new(),
        times_s: Vec::new(),
        landmarks: vec![Vec::new(); LANDMARK_COUNT],
        world_size: read_world_size(catalog, person)?,
    };
    let person_id = person.id.to_string();
    let variables = [("video_id", Some(person.video_id.as_str())), ("person_id", Some(&person_id))];
    select(catalog, &variables, POINTS, |rows| {
        let (landmarks, frames, times) =
            (rows.numbers("landmark_id")?, rows.numbers("frame_idx")?, rows.numbers("time_s")?);
        let names = ["x_px", "y_px", "world_x_m", "world_y_m", "world_z_m"];
        let coordinates = names.map(|name| rows.numbers(name)).into_iter().collect::<Result<Vec<_>, _>>()?;
        for row in 0..rows.len() {
            let landmark = landmarks[row] as usize;
            if landmark == 0 {
                points.frames.push(frames[row] as u32);
                points.times_s.push(times[row]);
            }
            points.landmarks[landmark].push(std::array::from_fn(|axis| coordinates[axis][row]));
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(points)
}

fn read_world_size(catalog: &Catalog, person: &Person) -> Result<f64, StoreError> {
    let person_id = person.id.to_string();
    let variables = [("video_id", Some(person.video_id.as_str())), ("person_id", Some(&person_id))];
    let mut size = 1.0;
    select(catalog, &variables, WORLD_SIZE, |rows| {
        size = rows.numbers("world_size")?.first().copied().unwrap_or(size);
        Ok::<(), StoreError>(())
    })?;
    Ok(size)
}

fn read_events(catalog: &Catalog, person: &Person) -> Result<Vec<MotionEvent>, StoreError> {
    let mut events = Vec::new();
    let person_id = person.id.to_string();
    let variables = [("video_id", Some(person.video_id.as_str())), ("person_id", Some(&person_id))];
    select(catalog, &variables, EVENTS, |rows| {
        let (kinds, sides, times) = (rows.texts("kind")?, rows.texts("side")?, rows.numbers("time_s")?);
        for row in 0..rows.len() {
            let label = match kinds[row].as_str() {
                "contact" => "Foot Strike".to_owned(),
                "toe_off" => "Foot Off".to_owned(),
                other => other.replace('_', " "),
            };
            let side = match sides[row].as_str() {
                "left" => EventSide::Left,
                "right" => EventSide::Right,
                _ => EventSide::General,
            };
            events.push(MotionEvent { time_s: times[row], label, side });
        }
        Ok::<(), StoreError>(())
    })?;
    Ok(events)
}

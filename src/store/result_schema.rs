//! The columns of the tables that `posekit analyze` makes, and the order of their rows. Pure.
//!
//! Results are made by SQL and by Rust. In both cases the columns are converted to these names and types before they
//! are written, so that scripts can rely on them. `video_id` and `run_id` are in the folder names.

use arrow::array::{ArrayRef, RecordBatch};
use arrow::compute::cast;
use arrow::datatypes::{DataType, Field, Schema, SchemaRef};
use std::sync::Arc;

use super::layout::Table;
use super::schema::{COORDINATES, name_type};

/// A column of a result.
#[derive(Clone, Copy)]
struct Column {
    name: &'static str,
    kind: Kind,
    missing: Missing,
}

#[derive(Clone, Copy)]
enum Kind {
    /// A frame or a count.
    Number,
    /// A person or a landmark.
    Id,
    /// A measured value.
    Value,
    /// Seconds, and values that are summed.
    Exact,
    /// A name from a small set.
    Name,
    /// Free text.
    Text,
}

/// What may be missing of a column.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Missing {
    /// Nothing: each row has a value.
    Nothing,
    /// Values: rows may be NULL. SQL must name the column all the same: a forgotten bound is not an unknown one.
    Values,
    /// Values, and the whole column: if it is absent, all rows are NULL.
    Column,
}

impl Column {
    const fn new(name: &'static str, kind: Kind) -> Self {
        Self { name, kind, missing: Missing::Nothing }
    }

    /// Returns the column with rows that may be NULL.
    const fn may_be_null(self) -> Self {
        Self { missing: Missing::Values, ..self }
    }

    /// Returns the column with rows that may be NULL. It may also be absent, then all are.
    const fn may_be_absent(self) -> Self {
        Self { missing: Missing::Column, ..self }
    }
}

const PERSON: Column = Column::new("person_id", Kind::Id);
const FRAME: Column = Column::new("frame_idx", Kind::Number);
const TIME: Column = exact("time_s");
const SIDE: Column = name("side");

const fn name(name: &'static str) -> Column {
    Column::new(name, Kind::Name)
}

const fn number(name: &'static str) -> Column {
    Column::new(name, Kind::Number)
}

const fn exact(name: &'static str) -> Column {
    Column::new(name, Kind::Exact)
}

const fn text(name: &'static str) -> Column {
    Column::new(name, Kind::Text)
}

/// Returns the column of a measured value, which may be unknown.
const fn value(name: &'static str) -> Column {
    Column::new(name, Kind::Value).may_be_absent()
}

/// Returns the columns of an angle over time. `part` names the joint or the body segment.
const fn angle_columns(part: &'static str) -> [Column; 13] {
    [
        FRAME,
        TIME,
        PERSON,
        name(part),
        SIDE,
        value("angle_2d_deg"),
        value("angle_3d_deg"),
        value("velocity_deg_s"),
        value("acceleration_deg_s2"),
        value("velocity_3d_deg_s"),
        value("error_deg"),
        value("error_3d_deg"),
        value("quality"),
    ]
}

const SPAN: [Column; 4] =
    [number("first_frame_idx"), number("last_frame_idx"), exact("first_time_s"), exact("last_time_s")];

/// The definition of a result.
struct Definition {
    columns: Vec<Column>,
    /// The columns by which the rows of a run are sorted. Empty if they keep the order in which they are made.
    sorted_by: &'static [&'static str],
}

/// Defines a result whose rows are sorted by columns, ascending.
fn sorted(sorted_by: &'static [&'static str], columns: Vec<Column>) -> Definition {
    Definition { columns, sorted_by }
}

/// Defines a result whose rows keep the order in which they are made, file by file.
fn as_made(columns: Vec<Column>) -> Definition {
    Definition { columns, sorted_by: &[] }
}

fn definition(table: Table) -> Definition {
    match table {
        Table::Events
        | Table::Phases
        | Table::Repetitions
        | Table::Cycles
        | Table::Metrics
        | Table::Checks
        | Table::Stability => findings(table),
        _ => series(table),
    }
}

/// Returns the definition of a table with rows for each frame or person.
fn series(table: Table) -> Definition {
    match table {
        Table::Analyses => as_made(vec![name("sport"), text("settings"), text("posekit_version")]),
        Table::CleanLandmarks => {
            let mut columns = vec![FRAME, TIME, PERSON, Column::new("landmark_id", Kind::Id), name("landmark")];
            columns.extend(COORDINATES.map(value));
            columns.extend([name("provenance"), value("error_px"), value("error_m")]);
            sorted(&["person_id", "landmark_id", "frame_idx"], columns)
        }
        Table::LandmarkNoise => sorted(
            &["person_id", "landmark_id"],
            vec![
                PERSON,
                Column::new("landmark_id", Kind::Id),
                name("landmark"),
                number("n_frames"),
                number("n_interpolated"),
                number("n_corrected"),
                number("n_swapped"),
                number("n_suspected_swaps"),
                value("jitter_px"),
                value("jitter_m"),
                value("clean_jitter_px"),
                value("clean_jitter_m"),
            ],
        ),
        Table::Facings => sorted(
            &["person_id", "first_frame_idx"],
            [vec![PERSON], SPAN.to_vec(), vec![name("facing"), value("yaw_deg")]].concat(),
        ),
        Table::Scales => sorted(
            &["person_id"],
            vec![
                PERSON,
                exact("meters_per_px").may_be_absent(),
                exact("meters_per_px_low").may_be_absent(),
                exact("meters_per_px_high").may_be_absent(),
                name("method"),
                value("height_m"),
                value("height_px"),
                value("leg_length_px"),
                value("floor_angle_deg"),
                value("floor_y_px"),
            ],
        ),
        Table::JointAngles => sorted(&["person_id", "joint", "side", "frame_idx"], angle_columns("joint").to_vec()),
        Table::SegmentAngles => {
            sorted(&["person_id", "segment", "side", "frame_idx"], angle_columns("segment").to_vec())
        }
        Table::Kinematics => sorted(
            &["person_id", "point", "frame_idx"],
            vec![
                FRAME,
                TIME,
                PERSON,
                name("point"),
                value("x_px"),
                value("y_px"),
                value("velocity_x_px_s"),
                value("velocity_y_px_s"),
                value("speed_px_s"),
                value("acceleration_px_s2"),
                value("speed_m_s"),
                value("acceleration_m_s2"),
                value("error_px"),
                value("quality"),
            ],
        ),
        _ => as_made(Vec::new()),
    }
}

/// Returns the definition of a table of findings or measurements.
fn findings(table: Table) -> Definition {
    match table {
        Table::Events => as_made(vec![PERSON, name("kind"), SIDE, FRAME, TIME, name("method"), value("confidence")]),
        Table::Phases => as_made([vec![PERSON, number("attempt"), name("phase")], SPAN.to_vec()].concat()),
        Table::Repetitions => sorted(
            &["person_id", "repetition"],
            vec![
                PERSON,
                number("repetition"),
                name("exercise"),
                name("signal"),
                number("first_frame_idx"),
                number("turn_frame_idx"),
                number("last_frame_idx"),
                exact("first_time_s"),
                exact("turn_time_s"),
                exact("last_time_s"),
                exact("depth"),
                exact("extreme").may_be_absent(),
                name("unit"),
                exact("duration_s"),
                exact("outward_s"),
                exact("return_s"),
                number("n_partial"),
                name("partial").may_be_absent(),
            ],
        ),
        Table::Cycles => sorted(
            &["person_id", "kind", "side", "cycle", "joint", "joint_side", "percent"],
            vec![
                PERSON,
                name("kind"),
                SIDE,
                number("cycle"),
                name("joint"),
                name("joint_side"),
                number("percent"),
                value("angle_2d_deg"),
                value("angle_3d_deg"),
            ],
        ),
        Table::Metrics => as_made(vec![
            PERSON,
            name("metric"),
            SIDE,
            exact("value").may_be_null(),
            exact("low").may_be_null(),
            exact("high").may_be_null(),
            name("unit"),
            number("n"),
            exact("time_s").may_be_absent(),
            text("scale").may_be_absent(),
            text("note").may_be_absent(),
            name("made_by"),
        ]),
        Table::Stability => sorted(
            &["person_id", "metric", "side"],
            vec![
                PERSON,
                name("metric"),
                SIDE,
                name("unit"),
                exact("value").may_be_null(),
                number("n_variants"),
                number("n_found"),
                exact("mean").may_be_null(),
                exact("standard_deviation").may_be_null(),
                exact("lowest").may_be_null(),
                exact("highest").may_be_null(),
                number("n_agree").may_be_null(),
            ],
        ),
        Table::Checks => as_made(vec![
            name("check_name"),
            name("severity"),
            PERSON.may_be_absent(),
            FRAME.may_be_absent(),
            exact("time_s").may_be_absent(),
            exact("value").may_be_absent(),
            text("problem"),
        ]),
        _ => as_made(Vec::new()),
    }
}

/// Returns the columns of a result table.
pub(super) fn result_schema(table: Table) -> SchemaRef {
    let field = |Column { name, kind, missing }: Column| {
        let data_type = match kind {
            Kind::Number => DataType::Int32,
            Kind::Id => DataType::Int16,
            Kind::Value => DataType::Float32,
            Kind::Exact => DataType::Float64,
            Kind::Name => name_type(),
            Kind::Text => DataType::Utf8,
        };
        Field::new(name, data_type, missing != Missing::Nothing)
    };
    Arc::new(Schema::new(definition(table).columns.into_iter().map(field).collect::<Vec<_>>()))
}

/// Returns the columns by which the rows of a result of a run are sorted, ascending. The list is empty if they keep the
/// order in which they are made.
pub(super) fn result_order(table: Table) -> &'static [&'static str] {
    definition(table).sorted_by
}

/// Converts a batch's columns to a table's names, order and types. Other columns are dropped. A column that may be
/// absent is filled with NULL if the batch lacks it.
///
/// # Errors
/// The mismatch, in words.
pub(super) fn conformed(table: Table, batch: &RecordBatch) -> Result<RecordBatch, String> {
    let schema = result_schema(table);
    let column = |(field, Column { name, missing, .. }): (&Arc<Field>, Column)| -> Result<ArrayRef, String> {
        let Some(column) = batch.column_by_name(name) else {
            if missing == Missing::Column {
                return Ok(arrow::array::new_null_array(field.data_type(), batch.num_rows()));
            }
            return Err(format!("column {name} not found"));
        };
        // Text that is no number would silently become NULL.
        if field.data_type().is_numeric() && matches!(column.data_type(), DataType::Utf8 | DataType::Utf8View) {
            return Err(format!("column {name} is text, not a number"));
        }
        // A dictionary can be made from text only.
        let text;
        let column = if matches!(field.data_type(), DataType::Dictionary(..)) {
            text = cast(column, &DataType::Utf8).map_err(|error| format!("column {name}: {error}"))?;
            &text
        } else {
            column
        };
        cast(column, field.data_type()).map_err(|error| format!("column {name}: {error}"))
    };
    let columns = schema.fields().iter().zip(definition(table).columns).map(column).collect::<Result<Vec<_>, _>>()?;
    RecordBatch::try_new(schema, columns).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow::array::{Float64Array, Int64Array, StringArray};

    fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
        RecordBatch::try_from_iter(columns).unwrap()
    }

    #[test]
    fn every_result_has_columns_of_its_own() {
        for table in Table::RESULTS.into_iter().chain(Table::ON_REQUEST) {
            let schema = result_schema(table);
            let mut names: Vec<_> = schema.fields().iter().map(|field| field.name().clone()).collect();
            assert!(!names.is_empty(), "{}", table.name());
            names.sort();
            names.dedup();
            assert_eq!(names.len(), schema.fields().len(), "{}", table.name());
            for column in result_order(table) {
                let field = schema.field_with_name(column).unwrap();
                assert!(!field.is_nullable(), "{} is sorted by {column}", table.name());
            }
        }
    }

    #[test]
    fn columns_are_brought_to_their_types_and_order() {
        let events = batch(vec![
            ("confidence", Arc::new(Float64Array::from(vec![0.5]))),
            ("kind", Arc::new(StringArray::from(vec!["contact"]))),
            ("side", Arc::new(StringArray::from(vec!["left"]))),
            ("frame_idx", Arc::new(Int64Array::from(vec![7]))),
            ("time_s", Arc::new(Float64Array::from(vec![0.25]))),
            ("method", Arc::new(StringArray::from(vec!["zeni"]))),
            ("person_id", Arc::new(Int64Array::from(vec![1]))),
            ("else", Arc::new(Int64Array::from(vec![1]))),
        ]);
        assert_eq!(conformed(Table::Events, &events).unwrap().schema(), result_schema(Table::Events));
    }

    #[test]
    fn what_must_be_there_is_missed() {
        let events = batch(vec![("kind", Arc::new(StringArray::from(vec!["contact"])))]);
        assert!(conformed(Table::Events, &events).unwrap_err().contains("person_id"));
    }

    #[test]
    fn a_metric_names_its_bounds_and_numbers_are_numbers() {
        let text = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text])) };
        let number = || -> ArrayRef { Arc::new(Float64Array::from(vec![1.0])) };
        let metric = |value: ArrayRef| {
            let texts = ["metric", "side", "unit", "made_by"].map(|name| (name, text("x")));
            let numbers = ["person_id", "low", "high", "n"].map(|name| (name, number()));
            texts.into_iter().chain(numbers).chain([("value", value)]).collect::<Vec<_>>()
        };
        assert!(conformed(Table::Metrics, &batch(metric(number()))).is_ok());
        assert!(conformed(Table::Metrics, &batch(metric(text("1.5")))).unwrap_err().contains("value is text"));
        let mut without = metric(number());
        without.retain(|(name, _)| *name != "low");
        assert!(conformed(Table::Metrics, &batch(without)).unwrap_err().contains("low not found"));
    }
}

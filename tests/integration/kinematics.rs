//! The SQL of `sql/macros` and `sql/analysis` on small tables whose answers are worked out by hand.

use std::fs;

use duckdb::Connection;
use posekit::sql::library::Library;
use proptest::prelude::*;

use crate::support::clone;

fn sql(path: &str) -> String {
    fs::read_to_string(clone().join("sql").join(path)).unwrap()
}

/// A database in memory with all macros.
fn database() -> Connection {
    let connection = Connection::open_in_memory().unwrap();
    // In the order of their names, since some macros use others.
    Library::built_in().folder("macros").for_each(|(_, sql)| connection.execute_batch(sql).unwrap());
    connection
}

fn value(connection: &Connection, sql: &str) -> f64 {
    connection.query_row(sql, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

fn is_null(connection: &Connection, sql: &str) -> bool {
    connection.query_row(sql, [], |row| row.get::<_, Option<f64>>(0)).unwrap().is_none()
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 0.01, "{found} is not {expected}");
}

#[test]
fn macros_give_what_is_worked_out_by_hand() {
    let database = database();
    close(value(&database, "SELECT angle_deg(1, 0, 0, 0, 0, 1)"), 90.0);
    close(value(&database, "SELECT angle_deg(-5, 0, 0, 0, 5, 0)"), 180.0);
    close(value(&database, "SELECT angle_deg(2, 2, 0, 0, 3, 0)"), 45.0);
    assert!(is_null(&database, "SELECT angle_deg(1, 1, 1, 1, 2, 2)"), "no angle at a point that is one of its ends");
    close(value(&database, "SELECT angle_3d_deg(1, 0, 0, 1, 1, sqrt(2))"), 60.0);
    close(value(&database, "SELECT signed_angle_deg(1, 0, 0, 1)"), -90.0);
    close(value(&database, "SELECT distance(1, 1, 4, 5)"), 5.0);
    for (angle, center, period, expected) in [
        (190.0, 0.0, 360.0, -170.0),
        (180.0, 0.0, 360.0, 180.0),
        (-180.0, 0.0, 360.0, 180.0),
        (-120.0, 65.0, 360.0, 240.0),
        (100.0, 0.0, 180.0, -80.0),
        (0.0, 0.0, 360.0, 0.0),
    ] {
        close(value(&database, &format!("SELECT wrap_deg({angle}, {center}, {period})")), expected);
    }
    close(value(&database, "SELECT nearby_deg(-170, 175)"), 190.0);
    // x = t^2 at the uneven times 0, 1, 3: slope 2 and second derivative 2 at t = 1.
    close(value(&database, "SELECT central_velocity(0, 1, 9, 0, 1, 3)"), 2.0);
    close(value(&database, "SELECT central_acceleration(0, 1, 9, 0, 1, 3)"), 2.0);
    assert!(is_null(&database, "SELECT central_velocity(0, 1, 9, 1, 1, 3)"), "equal times have no rate");
    close(value(&database, "SELECT symmetry_index(90, 110)"), 20.0);
    // 1.96 x sqrt((3^2 + 4^2) / 25)
    close(value(&database, "SELECT half_width(3, 4, 25)"), 1.96);
    close(value(&database, "SELECT half_width(NULL, 2, 1)"), 3.92);
    close(value(&database, "SELECT difference_half_width(1, 7, 10, 18)"), 5.0);
    let verdict = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(verdict("SELECT verdict_of(10, 9, 11, 12, 11, 13)"), "differs");
    assert_eq!(verdict("SELECT verdict_of(10, 9, 11, 12, NULL, 13)"), "within_uncertainty");
    let differs = |sql: &str| database.query_row(sql, [], |row| row.get::<_, bool>(0)).unwrap();
    assert!(
        differs("SELECT differs(10, 9, 11, 12, 11, 13)") && !differs("SELECT differs(10, 9, 11, 11.3, 10.3, 12.3)")
    );
}

#[test]
fn macros_of_packs_give_what_is_worked_out_by_hand() {
    let database = database();
    let is_true = |sql: &str| database.query_row(sql, [], |row| row.get::<_, bool>(0)).unwrap();
    assert!(is_true("SELECT is_running(0, 0.2, 0.5)") && !is_true("SELECT is_running(0, 0.25, 0.5)"));
    assert!(is_true("SELECT is_side_view('left', -61)") && !is_true("SELECT is_side_view('left', -59)"));
    assert!(!is_true("SELECT is_side_view('front', 61)"));
    // sqrt(3^2 + 4^2): the value changes by 8 sqrt(12) a second, 2 frames a second.
    close(value(&database, "SELECT moment_error(3, 8 * sqrt(12), 2)"), 5.0);
    close(value(&database, "SELECT moment_error(3, NULL, 2)"), 3.0);
    // 10 with 1.96 x 2 to either side.
    let mean = |what: &str| value(&database, &format!("SELECT (mean_interval(x, {what} FROM (VALUES (10)) AS t (x)"));
    close(mean("2)).low"), 6.08);
    close(mean("2)).high"), 13.92);
    close(mean("2, lowest := 7)).low"), 7.0);
    // 100 px of 0.01 m: 0.03 m from the length and 0.04 m from the scale are 0.05 m together.
    let scale = "(SELECT 1e-2 AS meters_per_px, 96e-4 AS meters_per_px_low, 104e-4 AS meters_per_px_high) AS scales";
    let scaled = |what: &str| value(&database, &format!("SELECT (scaled_interval(100, 3, scales{what} FROM {scale}"));
    let exactly = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found} is not {expected}");
    exactly(scaled(")).value"), 1.0);
    exactly(scaled(")).low"), 0.95);
    exactly(scaled(")).high"), 1.05);
    exactly(scaled(", lowest := 0.99)).low"), 0.99);
}

/// Tables of macros read relations that are named when they are called: tables, views, or parts of the query.
#[test]
fn tables_of_macros_read_the_relations_that_they_are_told() {
    let database = database();
    database
        .execute_batch(
            "CREATE VIEW events AS SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, * FROM (VALUES
                ('up', 10, 1.0), ('down', 14, 1.4), ('up', 20, 2.0), ('down', 26, 2.6)) AS t (kind, frame_idx, time_s);
            CREATE VIEW videos AS SELECT 'v' AS video_id, 10.0 AS fps;
            CREATE VIEW phases AS FROM phases_between([{'phase': 'fall', 'from_kind': 'up', 'to_kind': 'down'}])",
        )
        .unwrap();
    close(value(&database, "SELECT last_frame_idx::DOUBLE FROM phases WHERE attempt = 2 AND phase = 'fall'"), 26.0);
    close(value(&database, "SELECT count(*)::DOUBLE FROM phases"), 2.0);
    close(value(&database, "SELECT value FROM phase_times(['fall'])"), 0.5);
    close(value(&database, "SELECT n::DOUBLE FROM phase_times(['fall'])"), 2.0);
    close(value(&database, "SELECT count(*)::DOUBLE FROM phase_times(['rise'])"), 0.0);
    let part = "WITH first AS (FROM phases WHERE attempt = 1) SELECT value FROM phase_times(['fall'], phases := first)";
    close(value(&database, part), 0.4);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// SQL against Rust, by another formula: the law of cosines.
    #[test]
    fn angles_agree_with_the_law_of_cosines(points in prop::array::uniform6(-1000.0..1000.0f64)) {
        let [ax, ay, bx, by, cx, cy] = points;
        let (ba, bc, ac) = ((ax - bx).hypot(ay - by), (cx - bx).hypot(cy - by), (cx - ax).hypot(cy - ay));
        prop_assume!(ba > 1.0 && bc > 1.0);
        let cosine = (ba * ba + bc * bc - ac * ac) / (2.0 * ba * bc);
        let expected = cosine.clamp(-1.0, 1.0).acos().to_degrees();
        let database = database();
        // With an exponent they are doubles to DuckDB, not decimals.
        let [ax, ay, bx, by, cx, cy] = points.map(|value| format!("{value}e0"));
        let found = value(&database, &format!("SELECT angle_deg({ax}, {ay}, {bx}, {by}, {cx}, {cy})"));
        prop_assert!((found - expected).abs() < 1e-4, "{found} {expected}");
        let signed = value(&database, &format!(
            "SELECT abs(signed_angle_deg({ax} - {bx}, {ay} - {by}, {cx} - {bx}, {cy} - {by}))"));
        prop_assert!((signed - expected).abs() < 1e-4);
        let in_space = value(&database, &format!(
            "SELECT angle_3d_deg({ax} - {bx}, {ay} - {by}, 0, {cx} - {bx}, {cy} - {by}, 0)"));
        prop_assert!((in_space - expected).abs() < 1e-4);
    }
}

/// A point of a figure: name, x and y in pixels (y down).
type Point = (&'static str, f64, f64);

/// A figure seen from its right side, looking to the right of the picture. Shank upright, thigh 30 degrees forward of straight up
/// from the knee, trunk upright, arm hanging, forearm bent forward by 90 degrees, foot level.
fn sitting() -> Vec<Point> {
    let (sin, cos) = 30_f64.to_radians().sin_cos();
    let hip = (500.0 - 100.0 * sin, 800.0 - 100.0 * cos);
    let shoulder = (hip.0, hip.1 - 100.0);
    let mut points =
        vec![("mid_hip", hip.0, hip.1), ("neck", shoulder.0, shoulder.1), ("head", shoulder.0, shoulder.1 - 30.0)];
    for [knee, ankle, heel, toe, hips, shoulders, elbow, wrist, index] in [
        [
            "left_knee",
            "left_ankle",
            "left_heel",
            "left_foot_index",
            "left_hip",
            "left_shoulder",
            "left_elbow",
            "left_wrist",
            "left_index",
        ],
        [
            "right_knee",
            "right_ankle",
            "right_heel",
            "right_foot_index",
            "right_hip",
            "right_shoulder",
            "right_elbow",
            "right_wrist",
            "right_index",
        ],
    ] {
        points.extend([
            (knee, 500.0, 800.0),
            (ankle, 500.0, 900.0),
            (heel, 490.0, 910.0),
            (toe, 530.0, 910.0),
            (hips, hip.0, hip.1),
            (shoulders, shoulder.0, shoulder.1),
            (elbow, shoulder.0, shoulder.1 + 60.0),
            (wrist, shoulder.0 + 60.0, shoulder.1 + 60.0),
            (index, shoulder.0 + 80.0, shoulder.1 + 60.0),
        ]);
    }
    points
}

/// A database with a figure in each frame, at 10 frames a second, facing one way.
fn figure(facing: &str, frames: &[Vec<Point>]) -> Connection {
    let database = database();
    database
        .execute_batch(&format!(
            "CREATE TABLE body_points (video_id VARCHAR, run_id VARCHAR, frame_idx INTEGER, time_s DOUBLE, person_id SMALLINT,
                 point VARCHAR, x_px DOUBLE, y_px DOUBLE, world_x_m DOUBLE, world_y_m DOUBLE, world_z_m DOUBLE,
                 visibility DOUBLE, error_px DOUBLE, error_m DOUBLE);
             CREATE TABLE facings AS SELECT 'r' AS run_id, 0 AS person_id, 0 AS first_frame_idx, 1000 AS last_frame_idx,
                 '{facing}' AS facing;"
        ))
        .unwrap();
    for (frame, points) in frames.iter().enumerate() {
        for (name, x, y) in points {
            database
                .execute_batch(&format!(
                    "INSERT INTO body_points VALUES ('v', 'r', {frame}, {}, 0, '{name}', {x}, {y}, {}, {}, 0, 1, 1, 0.001)",
                    frame as f64 / 10.0,
                    x / 1000.0,
                    y / 1000.0
                ))
                .unwrap();
        }
    }
    for relation in ["joint_angles", "segment_angles"] {
        let definition = sql(&format!("analysis/{relation}.sql"));
        database.execute_batch(&format!("CREATE TABLE {relation} AS {definition}")).unwrap();
    }
    database
}

fn joint(database: &Connection, joint: &str, side: &str, column: &str) -> f64 {
    value(
        database,
        &format!("SELECT {column} FROM joint_angles WHERE joint = '{joint}' AND side = '{side}' AND frame_idx = 0"),
    )
}

fn segment(database: &Connection, segment: &str, side: &str, frame: u32) -> f64 {
    value(
        database,
        &format!(
            "SELECT angle_2d_deg FROM segment_angles WHERE segment = '{segment}' AND side = '{side}' AND frame_idx = {frame}"
        ),
    )
}

#[test]
fn joint_angles_of_a_figure_are_those_worked_out_by_hand() {
    let database = figure("right", &[sitting()]);
    for side in ["left", "right"] {
        for (name, angle_2d_deg, angle_3d_deg) in [
            ("ankle", 0.0, 0.0),
            ("knee", 30.0, 30.0),
            // The thigh leans back by 30 degrees from the hip down to the knee: the knee is ahead of the hip.
            ("hip", 30.0, 30.0),
            ("shoulder", 0.0, 0.0),
            ("elbow", 90.0, 90.0),
            ("wrist", 0.0, 0.0),
        ] {
            close(joint(&database, name, side, "angle_2d_deg"), angle_2d_deg);
            close(joint(&database, name, side, "angle_3d_deg"), angle_3d_deg);
        }
    }
    // Heel to toe is level, shank and arm point straight down, trunk straight up.
    for (name, side, angle_deg) in [
        ("foot", "left", 0.0),
        ("shank", "right", -90.0),
        ("thigh", "right", -60.0),
        ("trunk", "center", 90.0),
        ("head", "center", 90.0),
        ("arm", "left", -90.0),
        ("forearm", "left", 0.0),
        ("hand", "right", 0.0),
    ] {
        close(segment(&database, name, side, 0), angle_deg);
    }
}

/// Fault of the usual tool: the left wrist's vertex is the finger.
#[test]
fn both_wrists_are_measured_at_the_wrist() {
    let bent = |figure: Vec<Point>| -> Vec<Point> {
        figure
            .into_iter()
            .map(|(name, x, y)| {
                if name.ends_with("_index") && !name.contains("foot") {
                    (name, x - 20.0, y + 20.0)
                } else {
                    (name, x, y)
                }
            })
            .collect()
    };
    let database = figure("right", &[bent(sitting())]);
    close(joint(&database, "wrist", "left", "abs(angle_2d_deg)"), 90.0);
    assert_eq!(joint(&database, "wrist", "left", "angle_2d_deg"), joint(&database, "wrist", "right", "angle_2d_deg"));
}

#[test]
fn who_looks_to_the_left_has_the_same_angles() {
    let mirrored = sitting().into_iter().map(|(name, x, y)| (name, 1000.0 - x, y)).collect();
    let (right, left) = (figure("right", &[sitting()]), figure("left", &[mirrored]));
    for name in ["ankle", "knee", "hip", "shoulder", "elbow", "wrist"] {
        close(joint(&left, name, "right", "angle_2d_deg"), joint(&right, name, "right", "angle_2d_deg"));
    }
    for (name, side) in [("foot", "left"), ("thigh", "right"), ("trunk", "center"), ("forearm", "left")] {
        close(segment(&left, name, side, 0), segment(&right, name, side, 0));
    }
}

/// Fault of the usual tool: in front and back views tilts are nearly zero whatever they are.
#[test]
fn pelvis_and_shoulders_tilt_in_front_and_back_views() {
    // Seen from the front the left side is to the right of the picture; it is 10 pixels higher over 100 pixels.
    let tilt = |left_x: f64, right_x: f64| {
        let mut points = sitting();
        for (name, x, y) in &mut points {
            match *name {
                "left_hip" | "left_shoulder" => (*x, *y) = (left_x, 490.0),
                "right_hip" | "right_shoulder" => (*x, *y) = (right_x, 500.0),
                _ => {}
            }
        }
        points
    };
    let expected = 0.1_f64.atan().to_degrees();
    let front = figure("front", &[tilt(550.0, 450.0)]);
    let back = figure("back", &[tilt(450.0, 550.0)]);
    for part in ["pelvis", "shoulders"] {
        close(segment(&front, part, "center", 0), expected);
        close(segment(&back, part, "center", 0), expected);
    }
}

/// Fault of the usual tool: an angle or a coordinate that is exactly 0 counts as missing.
#[test]
fn zero_is_a_value() {
    let at_the_edge = sitting().into_iter().map(|(name, x, y)| (name, x - 500.0, y - 800.0)).collect();
    let database = figure("right", &[at_the_edge]);
    close(joint(&database, "knee", "left", "angle_2d_deg"), 30.0);
    close(joint(&database, "ankle", "left", "angle_2d_deg"), 0.0);
}

/// Fault of the usual tool: an elbow ran to 320 degrees.
#[test]
fn an_elbow_that_is_straight_stays_near_zero_and_a_full_turn_goes_on() {
    let turn = |degrees: f64| -> Vec<Point> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let (x, y) = (450.0, 713.4);
        let about = |px: f64, py: f64| (x + cos * (px - x) - sin * (py - y), y + sin * (px - x) + cos * (py - y));
        sitting()
            .into_iter()
            .map(|(name, px, py)| {
                // A nearly straight arm, bent a little to either side.
                let (px, py) = if name.ends_with("_wrist") {
                    (px - 60.0 + degrees.rem_euclid(5.0) - 2.0, py + 60.0)
                } else {
                    (px, py)
                };
                let (px, py) = about(px, py);
                (name, px, py)
            })
            .collect()
    };
    // A somersault forward (clockwise in the picture, looking right) in steps of 24 degrees.
    let frames: Vec<Vec<Point>> = (0..16).map(|step| turn(24.0 * f64::from(step))).collect();
    let database = figure("right", &frames);
    let elbow = "SELECT max(abs(angle_2d_deg)) FROM joint_angles WHERE joint = 'elbow'";
    assert!(value(&database, elbow) < 10.0, "{}", value(&database, elbow));
    let first = segment(&database, "trunk", "center", 0);
    close(segment(&database, "trunk", "center", 15), first - 360.0);
    let knee = "SELECT max(abs(angle_2d_deg - 30)) FROM joint_angles WHERE joint = 'knee'";
    assert!(value(&database, knee) < 0.01, "the knee does not turn with the body");
}

/// Fault of the usual tool: a sign error gives a knee that is bent by more than 180 degrees.
#[test]
fn an_angle_beyond_anatomy_is_not_measured() {
    // The shank is swung back by some degrees about the knee, which is bent by 30 if the shank hangs down.
    let swung = |degrees: f64| -> Vec<Point> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        let ankle = (500.0 - 100.0 * sin, 800.0 + 100.0 * cos);
        let move_ankle =
            |(name, x, y): Point| if name.ends_with("_ankle") { (name, ankle.0, ankle.1) } else { (name, x, y) };
        sitting().into_iter().map(move_ankle).collect()
    };
    let knee = "SELECT angle_2d_deg FROM joint_angles WHERE joint = 'knee' AND side = 'left' AND frame_idx = 1";
    for (degrees, from_side, from_front) in [
        (130.0, Some(160.0), 160.0),
        (-45.0, Some(-15.0), -15.0),
        // Bent forward, as a person who faces the other way would be.
        (-100.0, None, -70.0),
        (200.0, None, -130.0),
    ] {
        let frames = [swung(0.0), swung(degrees), swung(0.0)];
        let database = figure("right", &frames);
        match from_side {
            Some(angle_deg) => close(value(&database, knee), angle_deg),
            None => assert!(is_null(&database, knee), "{degrees}"),
        }
        close(value(&database, &knee.replace("angle_2d_deg", "count(angle_3d_deg)")), 1.0);
        // From the front, the knee may point to either side of the picture.
        close(value(&figure("front", &frames), knee), from_front);
    }
}

#[test]
fn velocities_and_errors_are_those_worked_out_by_hand() {
    // The shank swings back by 10 degrees a frame, 100 degrees a second.
    let swing =
        |step: f64| -> Vec<Point> {
            let (sin, cos) = (10.0 * step).to_radians().sin_cos();
            sitting()
                .into_iter()
                .map(|(name, x, y)| {
                    if name.ends_with("_ankle") {
                        (name, 500.0 - 100.0 * sin, 800.0 + 100.0 * cos)
                    } else {
                        (name, x, y)
                    }
                })
                .collect()
        };
    let database = figure("right", &[swing(0.0), swing(1.0), swing(2.0)]);
    let at_1 = |column: &str| {
        value(
            &database,
            &format!("SELECT {column} FROM joint_angles WHERE joint = 'knee' AND side = 'left' AND frame_idx = 1"),
        )
    };
    close(at_1("angle_2d_deg"), 40.0);
    close(at_1("velocity_deg_s"), 100.0);
    close(at_1("acceleration_deg_s2"), 0.0);
    // Both segments are 100 px, all errors 1 px; the knee moves both ends: 1/100^2 x (1 + 1 + 1 + 1 - 2 cos 140) rad^2.
    let expected = (1e-4 * (4.0 - 2.0 * 140_f64.to_radians().cos())).sqrt().to_degrees();
    close(at_1("error_deg"), expected);
    let ends = "SELECT velocity_deg_s FROM joint_angles WHERE joint = 'knee' AND side = 'left' AND frame_idx = 2";
    assert!(is_null(&database, ends), "there is no rate without both neighbors");
}

//! The metrics and data-quality checks for every movement, on small tables whose answers are worked out by hand.

use std::fs;

use duckdb::Connection;
use posekit::sql::library::Library;

use crate::support::clone;

/// Empty relations as analyses have them (`tests/sports/tables.sql`), with macros and views; a pixel is 0.02 m, people are 100 px high.
fn database() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    Library::built_in().folder("macros").for_each(|(_, sql)| database.execute_batch(sql).unwrap());
    let run = |path: &str| database.execute_batch(&fs::read_to_string(clone().join(path)).unwrap()).unwrap();
    run("tests/sports/tables.sql");
    database
        .execute_batch(
            "ALTER TABLE videos ADD COLUMN is_vfr BOOLEAN; ALTER TABLE videos ADD COLUMN time_source VARCHAR;
             ALTER TABLE videos ADD COLUMN current_run_id VARCHAR; ALTER TABLE videos ADD COLUMN width INTEGER;
             ALTER TABLE videos ADD COLUMN height INTEGER; ALTER TABLE videos ADD COLUMN capture_source VARCHAR;
             CREATE TABLE frames (video_id VARCHAR, run_id VARCHAR, frame_idx INTEGER, time_s DOUBLE);
             CREATE TABLE runs (video_id VARCHAR, run_id VARCHAR, n_frames BIGINT, n_failed BIGINT, n_missing BIGINT);
             CREATE TABLE repetitions (video_id VARCHAR, run_id VARCHAR, person_id SMALLINT, repetition INTEGER, exercise VARCHAR,
                 signal VARCHAR, turn_time_s DOUBLE, depth DOUBLE, unit VARCHAR, duration_s DOUBLE, n_partial INTEGER);
             CREATE TABLE partial_repetitions AS SELECT *, 'cut' AS partial FROM repetitions;
             INSERT INTO videos BY NAME SELECT 'v' AS video_id, 'walk.mp4' AS name, 50.0 AS fps, false AS is_vfr,
                 'container' AS time_source, 'r' AS current_run_id, 1000 AS width, 500 AS height;
             INSERT INTO scales BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 0.02 AS meters_per_px,
                 0.0196 AS meters_per_px_low, 0.0204 AS meters_per_px_high, 'height' AS method, 100 AS height_px, 50 AS leg_length_px;",
        )
        .unwrap();
    run("sql/views/strides.sql");
    run("sql/views/body_points.sql");
    run("sql/views/side_views.sql");
    run("sql/views/far_sides.sql");
    database
}

fn text(path: &str) -> String {
    let text = fs::read_to_string(clone().join("sql").join(path)).unwrap();
    text.trim_end().trim_end_matches(';').to_owned()
}

/// A metric's value and half the width of its interval.
fn metric(database: &Connection, file: &str, metric: &str, side: &str) -> (f64, f64) {
    let sql = format!(
        "SELECT value::DOUBLE, ((high - low) / 2)::DOUBLE FROM ({}) WHERE metric = '{metric}' AND side = '{side}'",
        text(&format!("metrics/{file}.sql"))
    );
    database
        .query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap_or_else(|error| panic!("{file}: {metric} {side}: {error}"))
}

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() < 1e-6, "{found} is not {expected}");
}

/// A walker at 50 frames a second: a stride a second, the floor left after 0.6 of it; right steps of 40 px, left ones of 38.
fn walker() -> Connection {
    let database = database();
    let event = |kind: &str, side: &str, time_s: f64| {
        let frame = (time_s * 50.0).round();
        let sql = format!(
            "INSERT INTO events BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, '{kind}' AS kind, '{side}' AS side,
                 {frame} AS frame_idx, {time_s} AS time_s"
        );
        database.execute_batch(&sql).unwrap();
    };
    let heel = |side: &str, time_s: f64, x_px: f64| {
        let sql = format!(
            "INSERT INTO clean_landmarks BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, {} AS frame_idx,
                 {time_s} AS time_s, '{side}_heel' AS landmark, {} AS landmark_id, {x_px} AS x_px, 0 AS y_px",
            (time_s * 50.0).round(),
            if side == "left" { 29 } else { 30 }
        );
        database.execute_batch(&sql).unwrap();
    };
    for stride in 0..3 {
        let start_s = f64::from(stride);
        event("contact", "right", start_s);
        event("toe_off", "left", start_s + 0.1);
        event("contact", "left", start_s + 0.5);
        event("toe_off", "right", start_s + 0.6);
        // A stride of 78 px: 40 to the right contact, 38 to the left one.
        let right_px = 100.0 + 78.0 * start_s;
        heel("right", start_s, right_px);
        heel("left", start_s, right_px - 40.0);
        heel("right", start_s + 0.5, right_px);
        heel("left", start_s + 0.5, right_px + 38.0);
    }
    database
        .execute_batch(
            "INSERT INTO landmark_noise BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 29 AS landmark_id,
                 'left_heel' AS landmark, 1 AS clean_jitter_px, 0 AS n_suspected_swaps",
        )
        .unwrap();
    database
}

#[test]
fn times_of_gait_are_those_worked_out_by_hand() {
    let database = walker();
    // Two ends, each uniform within 1/50 s; two strides a side that do not differ. Contacts may all be off by 0.025 s
    // and toe-offs by 0.035: not so between contacts, and twice for both times on two feet.
    let random = 1.96 * (1.0 / 50.0) / 6_f64.sqrt() / 2_f64.sqrt();
    let bias = 1.96 * (0.025_f64.powi(2) + 0.035_f64.powi(2)).sqrt();
    for side in ["left", "right"] {
        for (name, expected, spans) in [
            ("stride_time", 1.0, 0.0),
            ("stance_time", 0.6, 1.0),
            ("swing_time", 0.4, 1.0),
            ("single_support_time", 0.4, 1.0),
            ("double_support_time", 0.2, 2.0),
        ] {
            let (value, width) = metric(&database, "gait_times", name, side);
            close(value, expected);
            close(width, random.hypot(spans * bias));
        }
    }
    let share = |path: &str, name: &str| {
        let sql = format!(
            "SELECT value, (high - low) / 2 FROM ({}) WHERE metric = '{name}' AND side = 'left'",
            text(&format!("sports/{path}.sql"))
        );
        database.query_row(&sql, [], |row| Ok((row.get::<_, f64>(0)?, row.get::<_, f64>(1)?))).unwrap()
    };
    for (path, name, expected, random_spans, spans) in [
        ("walking/metrics/shares", "stance_share", 60.0, 1_f64, 1.0),
        ("walking/metrics/shares", "double_support_share", 20.0, 2_f64, 2.0),
        ("running/metrics/stance", "duty_factor", 60.0, 1_f64, 1.0),
    ] {
        let (value, width) = share(path, name);
        close(value, expected);
        close(width, 100.0 * (random * random_spans.sqrt()).hypot(spans * bias));
    }
    let flights = format!("SELECT count(*) FROM ({}) WHERE metric = 'flight_time'", text("metrics/gait_times.sql"));
    let n: i64 = database.query_row(&flights, [], |row| row.get(0)).unwrap();
    assert_eq!(n, 0, "who walks does not fly");
    close(metric(&database, "cadence", "cadence", "both").0, 120.0);
}

/// The walker runs: each foot is on the floor for 0.3 s. The other heel is 30 px ahead in the air when a heel lands.
fn runner() -> Connection {
    let database = walker();
    database
        .execute_batch(
            "UPDATE events SET time_s = floor(time_s) + CASE side WHEN 'right' THEN 0.3 ELSE 0.8 END WHERE kind = 'toe_off';
             UPDATE events SET frame_idx = round(time_s * 50);
             UPDATE clean_landmarks SET x_px = x_px + 70 WHERE landmark = 'left_heel' AND frame_idx % 50 = 0;",
        )
        .unwrap();
    database
}

/// A heel in the air is no step, which goes from landing to landing.
#[test]
fn a_step_of_a_runner_is_from_one_landing_to_the_next() {
    let database = runner();
    close(metric(&database, "gait_lengths", "step_length", "right").0, 0.8);
    close(metric(&database, "gait_lengths", "step_length", "left").0, 0.76);
    close(metric(&database, "gait_lengths", "stride_length", "right").0, 1.56);
}

/// The rate of an AVI is made up; so are the slow accelerations of the runner, but not her steps, 120 a minute.
#[test]
fn a_runner_who_hardly_accelerates_contradicts_a_rate_without_times() {
    let found = |of: Connection, time_source: &str, acceleration_m_s2: f64| -> usize {
        of.execute_batch(&format!(
            "UPDATE videos SET time_source = '{time_source}';
             INSERT INTO kinematics BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 'center_of_mass' AS point,
                 frame_idx, frame_idx / 50.0 AS time_s, CASE frame_idx % 3 WHEN 0 THEN 20 ELSE {acceleration_m_s2} END AS acceleration_m_s2
                 FROM range(0, 150) AS frames (frame_idx);"
        ))
        .unwrap();
        findings(&of, "implausible_rate").len()
    };
    assert_eq!(found(runner(), "header_rate", 2.2), 1);
    assert_eq!(found(runner(), "stream_rate", 2.2), 1);
    assert_eq!(found(runner(), "header_rate", 7.0), 0);
    assert_eq!(found(runner(), "container", 2.2), 0);
    assert_eq!(found(walker(), "header_rate", 2.2), 0);
    let slow = runner();
    slow.execute_batch("UPDATE events SET time_s = 2 * time_s").unwrap();
    assert_eq!(found(slow, "container", 7.0), 1, "60 steps a minute");
}

#[test]
fn lengths_of_gait_are_those_worked_out_by_hand() {
    let database = walker();
    close(metric(&database, "gait_lengths", "stride_length", "right").0, 1.56);
    close(metric(&database, "gait_lengths", "step_length", "right").0, 0.8);
    close(metric(&database, "gait_lengths", "step_length", "left").0, 0.76);
    close(metric(&database, "gait_lengths", "gait_speed", "both").0, 1.56);
    // Jitter of 1 px at two heels over two steps, and 2 % of the scale.
    let jitter_m = 1.96 * 2_f64.sqrt() / 2_f64.sqrt() * 0.02;
    close(metric(&database, "gait_lengths", "step_length", "right").1, (jitter_m.powi(2) + 0.016_f64.powi(2)).sqrt());
    let (symmetry, width) = metric(&database, "step_length_symmetry", "step_length_symmetry", "both");
    close(symmetry, 100.0 * 40.0 / 38.0);
    // 1.96 px on either side: 5 % and 5 %, more than the difference, which is said.
    close(width, symmetry * ((1.96 / 40.0_f64).powi(2) + (1.96 / 38.0_f64).powi(2)).sqrt());
    let note = format!("SELECT note FROM ({})", text("metrics/step_length_symmetry.sql"));
    let note: String = database.query_row(&note, [], |row| row.get(0)).unwrap();
    assert!(note.contains("do not differ"));
    // A difference that is sure, of legs that are seen alike; and of a person whose left leg is hidden behind the right.
    database.execute_batch("UPDATE landmark_noise SET clean_jitter_px = 0.01; DELETE FROM facings").unwrap();
    let legs = "DELETE FROM joint_angles; INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id,
             0 AS first_frame_idx, 99 AS last_frame_idx, 'right' AS facing, 90 AS yaw_deg;
         INSERT INTO joint_angles BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 'knee' AS joint, side, quality
         FROM (VALUES ('left', 0.95), ('right', 1.0)) AS t(side, quality)";
    database.execute_batch(legs).unwrap();
    let note = || -> Option<String> {
        let sql = format!("SELECT note FROM ({})", text("metrics/step_length_symmetry.sql"));
        database.query_row(&sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(note(), None);
    database.execute_batch("UPDATE joint_angles SET quality = 0.5 WHERE side = 'left'").unwrap();
    assert_eq!(note().as_deref(), Some("one leg is away from the camera and hidden, so this is an estimate"));
}

/// A body that leaves the floor at 1 s and meets it at 1.5 s, half-way between frames 62 and 63 at its highest: it rises
/// g t^2 / 8. The events are given; the floor after it is `drop_px` lower.
fn jumper(take_off_s: f64, drop_px: f64, noise_px: f64) -> Connection {
    let database = database();
    database
        .execute_batch(&format!(
            "INSERT INTO events BY NAME FROM (VALUES
                 ('v', 'r', 0, 'take_off', 'both', 50, {take_off_s}), ('v', 'r', 0, 'landing', 'both', 75, 1.5))
                 AS rows (video_id, run_id, person_id, kind, side, frame_idx, time_s);
             INSERT INTO kinematics BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 'center_of_mass' AS point,
                 frame_idx, frame_idx / 50.0 AS time_s,
                 20 - 9.80665 / 2 * ((frame_idx - 50) / 50.0) * (0.5 - (frame_idx - 50) / 50.0) / 0.02
                     + CASE frame_idx % 2 WHEN 0 THEN 1 ELSE -1 END * {noise_px} AS y_px
                 FROM range(50, 76) AS frames (frame_idx);
             INSERT INTO clean_landmarks BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, frame_idx,
                 frame_idx / 50.0 AS time_s, 'left_heel' AS landmark, 29 AS landmark_id, y_px
                 FROM (VALUES (50, 200.0), (75, 200.0 + {drop_px})) AS feet (frame_idx, y_px);"
        ))
        .unwrap();
    database
}

#[test]
fn a_jump_is_as_high_as_by_hand_and_another_floor_is_reckoned_with() {
    let (g, frame_s) = (9.80665_f64, 1.0_f64 / 50.0);
    let height_m = g * 0.25 / 8.0;
    let level = jumper(1.0, 0.0, 0.0);
    let (flight_s, flight_width_s) = metric(&level, "jump", "jump_flight_time", "both");
    close(flight_s, 0.5);
    // Half a frame at each end, and take-offs and landings that may all be off by 0.025 and 0.01 s.
    close(flight_width_s, 1.96 * (frame_s.powi(2) / 6.0 + 0.025_f64.powi(2) + 0.01_f64.powi(2)).sqrt());
    close(metric(&level, "jump", "jump_height_flight", "both").0, height_m);
    // Half a frame and the error of take-offs at the speed of take-off, g t / 2, and 2 % of the scale.
    let (rise_m, rise_width_m) = metric(&level, "jump", "jump_height_rise", "both");
    close(rise_m, height_m);
    let speed_m_s = g * 0.25;
    let take_off_s = (frame_s.powi(2) / 12.0 + 0.025_f64.powi(2)).sqrt();
    close(rise_width_m, (0.02 * height_m).hypot(1.96 * speed_m_s * take_off_s));
    close(metric(&level, "jump", "jump_height_difference", "both").0, 0.0);
    // 50 px, 1 m lower: it left with g t / 2 - 1 m / t.
    let lower = jumper(1.0, 50.0, 0.0);
    let speed_m_s = g * 0.5 / 2.0 - 1.0 / 0.5;
    close(metric(&lower, "jump", "jump_height_flight", "both").0, speed_m_s * speed_m_s / (2.0 * g));
}

#[test]
fn a_take_off_between_frames_and_a_body_that_strays_from_free_fall() {
    let g = 9.80665;
    // Half-way to frame 51 the body is, on a straight line, half as high as in that frame: 0.02 s after 1 s.
    let later = jumper(1.01, 0.0, 0.0);
    let height_m = g / 2.0 * 0.02 * (0.5 - 0.02) / 2.0;
    close(metric(&later, "jump", "jump_height_rise", "both").0, g * 0.25 / 8.0 - height_m);
    close(metric(&later, "jump", "jump_flight_time", "both").0, 0.49);
    // 26 frames that are by turns 1 px too low and too high: 0.02 m from the line, over 24 degrees of freedom; the slope
    // of the line through them takes 3 / (26^2 - 1) of the squares.
    let stray_m = 0.02 * (26.0 * (1.0 - 3.0 / 675.0) / 24.0_f64).sqrt();
    let stray_s = stray_m / (g * 0.25);
    let straying = jumper(1.0, 0.0, 1.0);
    let width_s = metric(&straying, "jump", "jump_flight_time", "both").1;
    close(width_s, 1.96 * (0.02_f64.powi(2) / 6.0 + 0.025_f64.powi(2) + 0.01_f64.powi(2) + stray_s.powi(2)).sqrt());
}

#[test]
fn repetitions_are_summed_up_as_by_hand() {
    let database = database();
    for (number, turn_s, depth, duration_s) in [(1, 1.0, 90.0, 1.8), (2, 3.0, 100.0, 2.0), (3, 5.0, 110.0, 2.2)] {
        let sql = format!(
            "INSERT INTO repetitions VALUES ('v', 'r', 0, {number}, 'squat', 'left_knee_3d', {turn_s}, {depth}, 'deg', {duration_s}, 1)"
        );
        database.execute_batch(&sql).unwrap();
    }
    let value = |name: &str| metric(&database, "repetitions", name, "none").0;
    close(value("repetition_count"), 3.0);
    close(value("repetition_partial_count"), 1.0);
    close(value("repetition_depth"), 100.0);
    close(value("repetition_depth_variation"), 10.0);
    close(value("repetition_duration"), 2.0);
    // Two periods in four seconds.
    close(value("repetition_tempo"), 30.0);
    close(metric(&database, "repetitions", "repetition_depth", "none").1, 1.96 * 10.0 / 3_f64.sqrt());
    // Shallow ones are no part of the means.
    let partial = "INSERT INTO partial_repetitions VALUES ('v', 'r', 0, 1, 'squat', 'left_knee_3d', 2.0, 40.0, 'deg', 9.0, 1, 'shallow')";
    database.execute_batch(partial).unwrap();
    close(value("repetition_count"), 3.0);
    close(value("repetition_depth"), 100.0);
    close(value("repetition_tempo"), 30.0);
    // If nothing is deep enough, the count is zero.
    database.execute_batch("DELETE FROM repetitions").unwrap();
    close(value("repetition_count"), 0.0);
    close(value("repetition_partial_count"), 1.0);
}

/// Every fifth of 30 frames: 20 %. Everybody was seen in them, and their landmarks are filled.
#[test]
fn repeated_frames_are_counted_and_leave_the_coverage_whole() {
    let database = database();
    for frame in 0..30 {
        let provenance = if frame % 5 == 3 { "interpolated" } else { "measured" };
        for (id, landmark) in [(0, "nose"), (11, "left_shoulder")] {
            let sql = format!(
                "INSERT INTO clean_landmarks BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, {frame} AS frame_idx,
                     {frame} / 50.0 AS time_s, '{landmark}' AS landmark, {id} AS landmark_id, 10 AS x_px, 10 AS y_px,
                     0.9 AS visibility, '{provenance}' AS provenance"
            );
            database.execute_batch(&sql).unwrap();
        }
    }
    assert_eq!(findings(&database, "repeated_frames"), [("warning".to_owned(), 20.0)]);
    assert!(findings(&database, "coverage").is_empty());
    // One frame less, if the network's value counts for anybody.
    database
        .execute_batch("UPDATE clean_landmarks SET provenance = 'measured' WHERE frame_idx = 8 AND landmark_id = 11")
        .unwrap();
    let found = findings(&database, "repeated_frames");
    assert!((found[0].1 - 100.0 * 5.0 / 30.0).abs() < 1e-9, "{found:?}");
}

/// What a check finds: severities, in order.
fn findings(database: &Connection, check: &str) -> Vec<(String, f64)> {
    let sql = text(&format!("quality/{check}.sql"));
    let mut statement =
        database.prepare(&format!("SELECT severity, coalesce(value, 0)::DOUBLE FROM ({sql}) ORDER BY ALL")).unwrap();
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

fn insert_frames(database: &Connection, times_s: &[f64]) {
    for (frame, time_s) in times_s.iter().enumerate() {
        database.execute_batch(&format!("INSERT INTO frames VALUES ('v', 'r', {frame}, {time_s})")).unwrap();
    }
}

#[test]
fn clocks_that_stand_still_and_gaps_are_found() {
    let healthy = database();
    insert_frames(&healthy, &[0.0, 0.02, 0.04, 0.06]);
    assert!(findings(&healthy, "clock_faults").is_empty() && findings(&healthy, "frame_gaps").is_empty());
    let ill = database();
    insert_frames(&ill, &[0.0, 0.02, 0.02, 0.04, 0.06, 0.2]);
    assert_eq!(findings(&ill, "clock_faults"), [("error".to_owned(), 0.0)]);
    assert_eq!(findings(&ill, "frame_gaps").len(), 1);
    ill.execute_batch("UPDATE videos SET is_vfr = true").unwrap();
    assert!(findings(&ill, "frame_gaps").is_empty(), "a variable rate has no usual interval");
    healthy.execute_batch("UPDATE videos SET time_source = 'header_rate'").unwrap();
    assert!(findings(&healthy, "clock_faults").is_empty(), "AVI states its rate");
    healthy.execute_batch("UPDATE videos SET time_source = 'stream_rate'").unwrap();
    assert_eq!(findings(&healthy, "clock_faults").len(), 1);
    healthy.execute_batch("UPDATE videos SET capture_source = 'option'").unwrap();
    assert!(findings(&healthy, "clock_faults").is_empty(), "the rate was given");
    ill.execute_batch("INSERT INTO runs VALUES ('v', 'r', 95, 1, 5)").unwrap();
    assert_eq!(findings(&ill, "frame_gaps"), [("error".to_owned(), 6.0)]);
}

#[test]
fn a_video_without_people_is_found() {
    let database = database();
    insert_frames(&database, &[0.0, 0.02, 0.04]);
    assert_eq!(findings(&database, "nobody"), [("error".to_owned(), 3.0)]);
    let landmark =
        "INSERT INTO clean_landmarks BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 1 AS frame_idx, 0 AS person_id";
    database.execute_batch(landmark).unwrap();
    assert!(findings(&database, "nobody").is_empty(), "somebody is seen in one frame");
}

#[test]
fn the_side_of_a_lean_is_named_only_if_it_is_sure() {
    let database = database();
    // Each person leans by the same angle in all of 100 frames: backward by 1 and by 3 degrees, forward by 1 and by 3,
    // to the left by 1, to the right by 3. The standard error of the angle is 1 degree, so half the interval is 1.96.
    for (person, facing, lean) in
        [(0, "right", -1), (1, "right", -3), (2, "right", 1), (3, "right", 3), (4, "front", 1), (5, "front", -3)]
    {
        let rows = format!(
            "INSERT INTO facings BY NAME SELECT 'v' AS video_id, 'r' AS run_id, {person} AS person_id, 0 AS first_frame_idx,
                 99 AS last_frame_idx, '{facing}' AS facing, 0 AS yaw_deg;
             INSERT INTO segment_angles BY NAME SELECT 'v' AS video_id, 'r' AS run_id, {person} AS person_id, 'trunk' AS segment,
                 'center' AS side, i AS frame_idx, i / 50.0 AS time_s, 90 - ({lean}) AS angle_2d_deg, 1 AS error_deg FROM range(100) AS t(i)"
        );
        database.execute_batch(&rows).unwrap();
    }
    let sql = text("metrics/trunk_lean.sql");
    let mut statement = database
        .prepare(&format!("SELECT coalesce(note, '') FROM ({sql}) WHERE metric = 'trunk_lean_mean' ORDER BY person_id"))
        .unwrap();
    let notes: Vec<String> = statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    let forward_or_back = "the trunk leans too little to tell forward from backward";
    assert_eq!(
        notes,
        [
            forward_or_back,
            "the trunk leans backward",
            forward_or_back,
            "",
            "the trunk leans sideways, by too little to tell to which side",
            "the trunk leans sideways, to the right",
        ]
    );
}

#[test]
fn jumps_of_the_whole_body_and_of_bones_are_found() {
    let database = database();
    let hip = |frame: u32, x_px: f64| {
        let sql = format!(
            "INSERT INTO kinematics BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 'mid_hip' AS point,
                 {frame} AS frame_idx, {frame} / 50.0 AS time_s, {x_px} AS x_px, 0 AS y_px"
        );
        database.execute_batch(&sql).unwrap();
    };
    // 20 px in 1/50 s are 10 body heights a second, 40 are 20.
    for (frame, x_px) in [(0, 0.0), (1, 20.0), (2, 60.0)] {
        hip(frame, x_px);
    }
    let found = findings(&database, "teleports");
    assert_eq!(found.len(), 1);
    assert!((found[0].1 - 20.0).abs() < 0.01, "{found:?}");
    let bone = |frame: u32, length_m: f64| {
        for (landmark, id, y_m) in [("left_hip", 23, 0.0), ("left_knee", 25, length_m)] {
            let sql = format!(
                "INSERT INTO clean_landmarks BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, {frame} AS frame_idx,
                     0 AS time_s, '{landmark}' AS landmark, {id} AS landmark_id, 0 AS world_x_m, {y_m} AS world_y_m, 0 AS world_z_m,
                     0 AS x_px, 0 AS y_px, 1 AS visibility, 'measured' AS provenance"
            );
            database.execute_batch(&sql).unwrap();
        }
    };
    for (frame, length_m) in [(0, 0.40), (1, 0.42), (2, 0.40), (3, 0.60), (4, 0.41)] {
        bone(frame, length_m);
    }
    assert_eq!(findings(&database, "bone_lengths").len(), 2, "there and back");
}

#[test]
fn hidden_lost_and_cut_off_bodies_are_found() {
    let database = database();
    let landmark = |frame: u32, id: u32, x_px: f64, visibility: f64, provenance: &str| {
        let name = if id == 0 { "nose".to_owned() } else { format!("landmark_{id}") };
        let sql = format!(
            "INSERT INTO clean_landmarks BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, {frame} AS frame_idx,
                 0 AS time_s, '{name}' AS landmark, {id} AS landmark_id, {x_px} AS x_px, 10 AS y_px, {visibility} AS visibility,
                 '{provenance}' AS provenance"
        );
        database.execute_batch(&sql).unwrap();
    };
    for frame in 0..10 {
        landmark(frame, 0, 10.0, 1.0, if frame < 6 { "measured" } else { "interpolated" });
        if frame >= 6 {
            let unseen =
                format!("UPDATE clean_landmarks SET visibility = NULL WHERE frame_idx = {frame} AND landmark_id = 0");
            database.execute_batch(&unseen).unwrap();
        }
        for id in 11..33 {
            // Eight landmarks of 22 leave the picture in half of the frames; number 25 is never seen.
            let x_px = if id < 19 && frame % 2 == 0 { -5.0 } else { 10.0 };
            landmark(frame, id, x_px, if id == 25 { 0.1 } else { 0.9 }, "measured");
        }
    }
    assert_eq!(findings(&database, "coverage"), [("warning".to_owned(), 60.0)]);
    assert!(findings(&database, "repeated_frames").is_empty(), "gaps are no repeats");
    assert_eq!(findings(&database, "out_of_frame"), [("warning".to_owned(), 50.0)]);
    assert_eq!(findings(&database, "low_confidence").len(), 1);
    assert!(findings(&database, "swaps").is_empty());
    let noise = |jitter_px: f64, n_suspected: u32| {
        database
            .execute_batch(&format!(
                "DELETE FROM landmark_noise;
                 INSERT INTO landmark_noise BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 25 AS landmark_id,
                     'left_knee' AS landmark, {jitter_px} AS clean_jitter_px, {n_suspected} AS n_suspected_swaps"
            ))
            .unwrap();
    };
    noise(0.5, 7);
    assert_eq!(findings(&database, "swaps"), [("warning".to_owned(), 7.0)]);
    assert!(findings(&database, "jitter").is_empty());
    noise(1.5, 0);
    assert_eq!(findings(&database, "jitter"), [("warning".to_owned(), 1.5)]);
    noise(2.5, 0);
    assert_eq!(findings(&database, "jitter"), [("error".to_owned(), 2.5)]);
}

/// The landmarks of one side: how far below the shoulder each is, in pixels, if the person stands upright. World landmarks
/// have a hundredth of that in meters.
const SIDE: [(&str, f64); 5] = [("shoulder", 0.0), ("hip", 30.0), ("knee", 55.0), ("ankle", 80.0), ("heel", 84.0)];

/// A person in five frames, each a little larger than the one before, seen from the front. Whoever is bent has thighs that
/// point toward the camera: they take up 15 instead of 25 pixels.
fn person_in_front(is_bent: bool) -> Connection {
    let database = database();
    database.execute_batch("CREATE TABLE analyses AS SELECT 'r' AS run_id, '{\"height_m\": 1.8}' AS settings").unwrap();
    for frame in 0..5 {
        let larger = 1.0 + 0.001 * (f64::from(frame) - 2.0);
        let insert = |name: &str, x: f64, y: f64, near_m: f64| {
            let row = format!(
                "INSERT INTO clean_landmarks BY NAME SELECT 'v' AS video_id, 'r' AS run_id, {frame} AS frame_idx, 0 AS person_id,
                     '{name}' AS landmark, {x} * {larger} AS x_px, {y} * {larger} AS y_px, {x} * {larger} / 100 AS world_x_m,
                     {y} * {larger} / 100 AS world_y_m, -{near_m} * {larger} AS world_z_m"
            );
            database.execute_batch(&row).unwrap();
        };
        insert("nose", 0.0, -10.0, 0.0);
        for (side, x) in [("left", 10.0), ("right", -10.0)] {
            for (name, y) in SIDE {
                let is_below_thigh = y > 50.0;
                let (raised, near_m) = if is_bent && is_below_thigh { (10.0, 0.2) } else { (0.0, 0.0) };
                insert(&format!("{side}_{name}"), x, y - raised, near_m);
            }
            for joint in ["hip", "knee"] {
                database
                    .execute_batch(&format!(
                        "INSERT INTO joint_angles BY NAME SELECT 'v' AS video_id, 'r' AS run_id, {frame} AS frame_idx, 0 AS person_id,
                             '{joint}' AS joint, '{side}' AS side, 0 AS angle_2d_deg, {} AS angle_3d_deg",
                        if is_bent { 60 } else { 10 }
                    ))
                    .unwrap();
            }
        }
    }
    database
}

/// The height of a person in pixels, meters per pixel and half the width of its interval as a share.
fn scale(database: &Connection) -> (f64, f64, f64) {
    let sql = format!(
        "SELECT height_px, meters_per_px, (meters_per_px_high - meters_per_px_low) / 2 / meters_per_px FROM ({})",
        text("analysis/scales.sql")
    );
    database.query_row(&sql, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap()
}

#[test]
fn a_person_who_is_never_upright_has_the_same_height_and_a_wide_interval() {
    // Foot, shank, thigh, trunk, and one and a half times shoulders to nose.
    let height_px = 1.063 * (4.0 + 25.0 + 25.0 + 30.0 + 1.5 * 10.0);
    for (is_bent, share) in [(false, 0.02), (true, 0.1)] {
        let database = person_in_front(is_bent);
        let (found_px, meters_per_px, uncertain) = scale(&database);
        close(found_px / height_px, 1.0);
        close(meters_per_px, 1.8 / height_px);
        // The frames differ by a thousandth.
        assert!((uncertain - share).abs() < 1e-4, "{uncertain}");
        assert_eq!(findings(&database, "never_upright").len(), usize::from(is_bent));
    }
}

/// The scale says 0.02 meters per pixel: twice what world landmarks say.
#[test]
fn widths_of_steps_grow_with_the_height_that_is_given() {
    let database = person_in_front(false);
    database
        .execute_batch(
            "INSERT INTO events BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, 'contact' AS kind, 'left' AS side,
                 2 AS frame_idx",
        )
        .unwrap();
    // 20 pixels between the ankles are 0.2 m in world landmarks, with a tenth for the proportions of the body.
    let close_to = |(value, half_width): (f64, f64), expected_m: f64| {
        close(value, expected_m);
        close(half_width, 0.1 * expected_m);
    };
    close_to(metric(&database, "step_width", "step_width", "both"), 0.4);
    database.execute_batch("UPDATE scales SET method = 'world'").unwrap();
    close_to(metric(&database, "step_width", "step_width", "both"), 0.2);
}

/// The signals of a query of `sql/signals`, as (frame, name, x, y).
fn signals(database: &Connection, name: &str) -> Vec<(i32, String, Option<f64>, Option<f64>)> {
    let sql = format!("SELECT frame_idx::INTEGER, name, x, y FROM ({})", text(&format!("signals/{name}.sql")));
    let mut statement = database.prepare(&sql).unwrap();
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

/// A picture of 1000 x 500 px. Frame 0: upright, the trunk 100 px, the hips 180 px above the lower foot. Frame 1: on the side,
/// the left foot below the picture. Frame 2: upside down; the heel is interpolated.
#[test]
fn postures_and_feet_are_those_worked_out_by_hand() {
    let database = database();
    database
        .execute_batch(
            "INSERT INTO kinematics BY NAME SELECT 'v' AS video_id, 'r' AS run_id, 0 AS person_id, frame_idx, frame_idx / 50.0 AS time_s,
                 point, x_px, y_px, quality
             FROM (VALUES
                 (0, 'neck', 500, 100, 1), (0, 'mid_hip', 500, 200, 1), (0, 'left_heel', 480, 370, 0.9),
                 (0, 'left_foot_index', 490, 380, 0.8), (0, 'right_heel', 510, 300, 0.3), (0, 'right_foot_index', 520, 320, 0.4),
                 (1, 'neck', 400, 400, 1), (1, 'mid_hip', 500, 400, 1), (1, 'left_heel', 700, 505, 0.9),
                 (1, 'left_foot_index', 710, 515, 0.8), (1, 'right_heel', 700, 410, 0.7), (1, 'right_foot_index', 700, 420, 0.6),
                 (2, 'neck', 500, 300, 1), (2, 'mid_hip', 500, 200, 1), (2, 'left_heel', 500, 20, 0),
                 (2, 'left_foot_index', 500, 10, 0), (2, 'right_heel', NULL, NULL, 0), (2, 'right_foot_index', NULL, NULL, 0))
                 AS rows (frame_idx, point, x_px, y_px, quality);
             ALTER TABLE frames ADD COLUMN is_repeated BOOLEAN;
             INSERT INTO frames VALUES ('v', 'r', 0, 0, false), ('v', 'r', 1, 0.02, true), ('v', 'r', 2, 0.04, NULL), ('v', 'r', 3, 0.06, false);
             CREATE TABLE raw_landmarks (person_id SMALLINT, frame_idx INTEGER, time_s DOUBLE, landmark VARCHAR, x_px FLOAT, y_px FLOAT)",
        )
        .unwrap();
    let postures = signals(&database, "postures");
    let expected = [(0.0, 1.8), (90.0, 1.15), (180.0, -1.8)];
    assert_eq!(postures.len(), expected.len());
    for ((_, _, lean_deg, height), (expected_deg, expected_height)) in postures.iter().zip(expected) {
        close(lean_deg.unwrap(), expected_deg);
        close(height.unwrap(), expected_height);
    }
    let feet: Vec<(i32, String, Option<f64>)> = signals(&database, "points")
        .into_iter()
        .filter(|row| row.1.ends_with("_foot_visibility"))
        .map(|(frame, name, visibility, _)| (frame, name, visibility.map(|it| (it * 100.0).round() / 100.0)))
        .collect();
    let rows = [
        (0, "left", Some(0.9)),
        (0, "right", Some(0.4)),
        (1, "left", Some(0.0)),
        (1, "right", Some(0.7)),
        (2, "left", None),
        (2, "right", Some(0.0)),
    ];
    assert_eq!(feet, rows.map(|(frame, side, visibility)| (frame, format!("{side}_foot_visibility"), visibility)));
    // Frame 3 shows nobody; frame 2 is of a version that did not look.
    assert_eq!(signals(&database, "pictures"), [(0, "pictures".to_owned(), Some(3.0), Some(2.0))]);
}

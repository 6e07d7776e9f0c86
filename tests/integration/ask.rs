//! `posekit ask`: the SQL of the ready questions on tables worked out by hand, and the command on a real clip. A server
//! on this machine takes the place of a hosted model.

use std::fs;

use duckdb::Connection;
use posekit::ask::ready::Ready;
use posekit::sql::library::Library;
use serde_json::Value;

use crate::llm::walking;
use crate::loopback::{Config, Loopback};
use crate::support::{Dataset, Run, clone, posekit};

/// The small dataset, with the views that the questions read.
fn tables() -> Connection {
    let database = Connection::open_in_memory().unwrap();
    let library = Library::built_in();
    library.folder("macros").for_each(|(_, sql)| database.execute_batch(sql).unwrap());
    let run = |path: &str| {
        let sql = fs::read_to_string(clone().join(path)).unwrap();
        database.execute_batch(&sql).unwrap_or_else(|error| panic!("{path}: {error}"));
    };
    run("tests/ask/tables.sql");
    for view in [
        "far_sides",
        "sides_compared",
        "event_counts",
        "step_times",
        "repetition_changes",
        "phase_durations",
        "video_spans",
        "check_counts",
    ] {
        run(&format!("sql/views/{view}.sql"));
    }
    database
}

/// Some columns of the rows of a ready question, as a client gets them that sets the parameters as variables.
fn rows(database: &Connection, name: &str, variables: &[(&str, &str)], columns: &str) -> String {
    const PARAMETERS: [&str; 16] = [
        "metrics",
        "joints",
        "side",
        "video_id",
        "person_id",
        "name",
        "other_video_id",
        "other_person_id",
        "other_name",
        "kind",
        "exercise",
        "repetition",
        "is_last",
        "place",
        "from_s",
        "to_s",
    ];
    for parameter in PARAMETERS.iter().chain(&["is_least", "measure"]) {
        database.execute_batch(&format!("RESET VARIABLE {parameter}")).unwrap();
    }
    for (variable, value) in variables {
        database.execute_batch(&format!("SET VARIABLE {variable} = {value}")).unwrap();
    }
    let sql = fs::read_to_string(clone().join(format!("sql/llm/questions/{name}.sql"))).unwrap();
    let query = format!("SELECT coalesce(to_json(list([{columns}]))::VARCHAR, '[]') FROM ({sql}\n)");
    database.query_row(&query, [], |row| row.get(0)).unwrap_or_else(|error| panic!("{name}: {error}\n{query}"))
}

#[test]
fn ready_questions_give_what_is_worked_out_by_hand() {
    let database = tables();
    let knee: (&str, &str) = ("metrics", "['knee_range_of_motion_2d', 'knee_range_of_motion_3d']");
    let anna = ("name", "'Anna'");
    let check = |name: &str, variables: &[(&str, &str)], columns: &str, expected: &str| {
        assert_eq!(rows(&database, name, variables, columns), expected, "{name}");
    };
    // In the picture where the view is from the side, else in space; the side view has no angle in space on the right.
    let text = "person_id::VARCHAR, metric, side, value::VARCHAR";
    check(
        "metric_value",
        &[knee, ("side", "'left'")],
        text,
        r#"[["0","knee_range_of_motion_3d","left","70.0"],["1","knee_range_of_motion_2d","left","60.0"]]"#,
    );
    check(
        "metric_value",
        &[("metrics", "['cadence']"), anna],
        "video, value::VARCHAR",
        r#"[["a.mp4","100.0"],["b.mp4","110.0"]]"#,
    );
    check("how_sure", &[("metrics", "['cadence']"), ("video_id", "'va'")], "share_pct, n_observations", "[[2.0,5.0]]");
    // 10 apart; half-widths 3 and 4 make 5 together; the mean is 55.
    check(
        "sides_compared",
        &[knee, ("person_id", "1")],
        "side_greater, verdict, (difference)::VARCHAR, low_difference::VARCHAR, round(symmetry_index_pct, 2)::VARCHAR",
        r#"[["left","differs","10.0","5.0","18.18"]]"#,
    );
    check(
        "sides_compared",
        &[knee, ("person_id", "0")],
        "metric, verdict",
        r#"[["knee_range_of_motion_3d","within_uncertainty"]]"#,
    );
    check("uneven_sides", &[], "name, metric", r#"[["Anna","knee_range_of_motion_2d"]]"#);
    // Frame 48 is at 1.6 s; the angle is the number of the frame.
    check(
        "angle_at_time",
        &[("joints", "['knee']"), ("from_s", "1.61"), ("to_s", "1.61")],
        "side, angle_deg::VARCHAR",
        r#"[["left","48.0"],["right","96.0"]]"#,
    );
    check(
        "angle_within",
        &[("joints", "['knee']"), ("from_s", "1.0"), ("to_s", "2.0")],
        "side, least_deg::VARCHAR, largest_deg::VARCHAR, range_deg::VARCHAR, largest_time_s::VARCHAR",
        r#"[["left","30.0","60.0","30.0","2.0"]]"#,
    );
    // 100 and 110, half-widths 2 and 4.
    check(
        "athletes_compared",
        &[("metrics", "['cadence']"), ("video_id", "'va'"), ("other_video_id", "'vb'")],
        "difference::VARCHAR, round(high_difference - difference, 3)::VARCHAR, is_different::VARCHAR, is_first_greater::VARCHAR",
        r#"[["10.0","4.472","true","false"]]"#,
    );
    check(
        "ranking",
        &[("metrics", "['cadence']"), ("is_least", "false")],
        "video, rank::VARCHAR",
        r#"[["b.mp4","1"],["a.mp4","2"]]"#,
    );
    check("ranking", &[("metrics", "['cadence']"), ("is_least", "true")], "video", r#"[["a.mp4"],["b.mp4"]]"#);
    check("jump_height", &[], "flight_m, time_s, rise_m", "[[0.2,2.0,null]]");
}

#[test]
fn ready_questions_about_attempts_and_events_give_what_is_worked_out_by_hand() {
    let database = tables();
    let check = |name: &str, variables: &[(&str, &str)], columns: &str, expected: &str| {
        assert_eq!(rows(&database, name, variables, columns), expected, "{name}");
    };
    check("repetition_count", &[("exercise", "'squat'")], "number, n_partial", "[[4,1]]");
    check("repetition_count", &[("exercise", "'lunge'")], "number", "[]");
    check("repetitions", &[("repetition", "2")], "value::VARCHAR, duration_s::VARCHAR", r#"[["90.0","0.5"]]"#);
    check("repetitions", &[("is_last", "true")], "repetition", "[[4]]");
    check(
        "best_repetition",
        &[("measure", "'depth'"), ("is_least", "false")],
        "repetition, value, mean, number",
        "[[2.0,90.0,85.0,4.0]]",
    );
    check(
        "best_repetition",
        &[("measure", "'duration'"), ("is_least", "true")],
        "repetition::VARCHAR, unit",
        r#"[["1","s"]]"#,
    );
    check(
        "repetition_change",
        &[],
        "measure, round(change, 3)::VARCHAR, verdict",
        r#"[["depth","6.0","within_spread"],["duration","0.2","within_spread"]]"#,
    );
    check("event_count", &[("kind", "'contact'")], "number, first_time_s, last_time_s", "[[4.0,1.0,2.8]]");
    check("event_count", &[("kind", "'contact'"), ("side", "'left'")], "number", "[[2]]");
    check("event_times", &[("kind", "'contact'"), ("side", "'right'")], "time_s", "[[1.6],[2.8]]");
    check("event_times", &[("kind", "'contact'"), ("place", "'first'")], "time_s", "[[1.0]]");
    // Steps of 0.6, 0.5 and 0.7 s.
    check("step_count", &[], "number, round(mean_s, 3)", "[[3.0,0.6]]");
    check("extreme_step", &[("is_least", "false")], "step, round(value, 3), last_time_s", "[[3.0,0.7,2.8]]");
    check("extreme_step", &[("is_least", "true")], "side, round(value, 3)::VARCHAR", r#"[["left","0.5"]]"#);
    check("phases", &[], "phase, round(value, 3)::VARCHAR", r#"[["descent","0.2"],["ascent","0.2"]]"#);
    check(
        "who",
        &[("name", "'Anna'")],
        "video, person_id::VARCHAR, span_s::VARCHAR",
        r#"[["a.mp4","1","2.0"],["b.mp4","0","2.0"]]"#,
    );
    check("clips", &[("video_id", "'vb'")], "video, duration_s::VARCHAR, sport", r#"[["b.mp4","2.0","squat"]]"#);
    check(
        "quality",
        &[("video_id", "'va'")],
        "person_id::VARCHAR, coalesce(check_name, 'none'), coalesce(number, 0)::VARCHAR",
        r#"[["0","none","0"],["1","bone_lengths","2"]]"#,
    );
    check(
        "not_measured",
        &[],
        "metric, side, coalesce(note, '')",
        r#"[["knee angle","right",""],["wrist_smoothness","left","too few frames"]]"#,
    );
    check(
        "measured",
        &[("video_id", "'va'"), ("person_id", "1")],
        "number::VARCHAR, metrics",
        r#"[["4","cadence, knee_range_of_motion_2d, knee_range_of_motion_3d"]]"#,
    );
}

#[test]
fn a_difference_of_a_hidden_side_is_an_estimate_and_no_asymmetry() {
    let database = tables();
    let knee: (&str, &str) = ("metrics", "['knee_range_of_motion_2d']");
    let sides = |person: &str| {
        let columns = "verdict, far_side, round(value_left, 1)::VARCHAR";
        rows(&database, "sides_compared", &[knee, ("person_id", person)], columns)
    };
    let uneven = || rows(&database, "uneven_sides", &[], "metric");
    // Person 1 looks to the left, so the right leg is away from the camera, with a visibility of 0.4 against 0.9.
    database.execute_batch("UPDATE facings SET facing = 'left', yaw_deg = -90 WHERE person_id = 1").unwrap();
    assert_eq!(sides("1"), r#"[["far_side","right","60.0"]]"#);
    assert_eq!(uneven(), "[]");
    // A difference within the uncertainty stays what it is.
    database.execute_batch("UPDATE metrics SET value = 58 WHERE person_id = 1 AND value = 50").unwrap();
    assert_eq!(sides("1"), r#"[["within_uncertainty","right","60.0"]]"#);
    database.execute_batch("UPDATE metrics SET value = 50 WHERE person_id = 1 AND value = 58").unwrap();
    // Both legs are seen alike.
    database.execute_batch("UPDATE joint_angles SET quality = 0.85 WHERE side = 'right'").unwrap();
    assert_eq!(sides("1"), r#"[["differs",null,"60.0"]]"#);
    assert_eq!(uneven(), r#"[["knee_range_of_motion_2d"]]"#);
    // Arms are judged by arms.
    let limbs = "SELECT string_agg(limb_of(metric), ' ') FROM (VALUES ('knee_range_of_motion_2d'), ('wrist_smoothness'), ('arm_peak_velocity_2d'),
        ('step_length'), ('forearm_peak_velocity_2d'), ('golf_hand_speed'), ('foot_strike_angle')) AS t(metric)";
    let limbs: String = database.query_row(limbs, [], |row| row.get(0)).unwrap();
    assert_eq!(limbs, "leg arm arm leg arm arm leg");
}

#[test]
fn a_clip_without_people_has_its_own_quality() {
    let database = tables();
    database
        .execute_batch(
            "INSERT INTO videos VALUES ('vc', 'c.mp4', 'rc', 2.0, 60, 30.0, 1280, 720);
             INSERT INTO checks VALUES ('vc', 'c.mp4', 'rc', 'nobody', 'error', NULL, NULL, NULL, 6.0, 'x')",
        )
        .unwrap();
    let columns = "video, is_found::VARCHAR, check_name, severity, last_time_s::VARCHAR";
    assert_eq!(
        rows(&database, "quality", &[("video_id", "'vc'")], columns),
        r#"[["c.mp4","false","nobody","error","2.0"]]"#
    );
}

fn ask(dataset: &Dataset, arguments: &[&str]) -> Run {
    command(dataset, arguments).output().unwrap().into()
}

fn command(dataset: &Dataset, arguments: &[&str]) -> std::process::Command {
    fs::create_dir_all(dataset.videos()).unwrap();
    let mut command = posekit();
    command.current_dir(dataset.videos()).args(["ask", "--dataset"]).arg(dataset.path()).args(arguments);
    command
}

fn json(run: Run, status: i32) -> Value {
    serde_json::from_str(&run.expect_status(status).stdout).unwrap()
}

#[test]
fn a_ready_question_is_answered_without_a_model() {
    let dataset = walking();
    let text = ask(&dataset, &["What is the cadence of person 1?"]).expect_status(0).stdout;
    for part in [
        "the cadence is ",
        " per minute (",
        "SELECT",
        "FROM metrics AS m",
        "in the video:",
        "file:///",
        "posekit render",
    ] {
        assert!(text.contains(part), "{part} in\n{text}");
    }
    let answer = json(ask(&dataset, &["--format", "json", "What is the cadence of person 1?"]), 0);
    let table = &answer["queries"][0]["table"];
    let column = |name: &str| table["columns"].as_array().unwrap().iter().position(|column| column == name).unwrap();
    let value = table["rows"][0][column("value")].as_f64().unwrap();
    assert_eq!(value, dataset.number("SELECT value FROM metrics WHERE metric = 'cadence' AND person_id = 1"));
    // The SQL that is shown runs by itself and gives the same rows.
    let again = dataset.rows(answer["queries"][0]["sql"].as_str().unwrap());
    assert_eq!(again[0]["value"].as_f64(), Some(value));
    assert_eq!(answer["ready"], "metric_value");
    let refused = json(ask(&dataset, &["--format", "json", "What is Bob's cadence?"]), 1);
    assert!(
        refused["kind"] == "refused" && refused["text"].as_str().unwrap().contains("no person is named Bob"),
        "{refused}"
    );
    let elsewhere = ask(&dataset, &["cadence of person 0"]).expect_status(1).stdout;
    assert!(elsewhere.contains("person 1 in flip_and_walk_2p.mp4"), "{elsewhere}");
    let unclear = ask(&dataset, &["How many eggs make an omelet?"]).expect_status(1).stdout;
    assert!(unclear.contains("similar ready questions") && unclear.contains("--use_claude"), "{unclear}");
    // Every template fits the rows of its SQL: no question ends with an error.
    for ready in Ready::all(&Library::built_in()).unwrap() {
        let question = ready.example.replace("Anna", "person 1");
        let answer = ask(&dataset, &["--format", "json", &question]);
        assert!(
            answer.status <= 1 && serde_json::from_str::<Value>(&answer.stdout).is_ok(),
            "{question}: {}",
            answer.stderr
        );
    }
    let listed = ask(&dataset, &["--questions"]).expect_status(0).stdout;
    assert!(listed.contains("(metric_value)") && listed.contains("(sides_compared)"), "{listed}");
    let folder = ask(&dataset, &["How many eggs?", "--model", "llm_models/mine"]).expect_status(2);
    assert!(folder.stderr.contains("llm_models/mine"), "{}", folder.stderr);
}

#[test]
fn the_evidence_of_an_answer_can_be_rendered() {
    let dataset = walking();
    let target = dataset.beside("evidence.mp4");
    ask(&dataset, &["When is the first left foot contact of person 1?", "--clip", target.to_str().unwrap()])
        .expect_status(0);
    assert!(fs::metadata(&target).unwrap().len() > 10_000);
    let left: Vec<_> = fs::read_dir(dataset.videos())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
        .collect();
    assert!(!left.iter().any(|name| name.starts_with(".posekit-ask")), "{left:?}");
}

const KEY: &str = "sk-test-0123456789abcdef";
const MODELS: [(&str, &[&str]); 3] = [
    ("claude-haiku-5-5", &["--use_claude", "--model", "claude-haiku-5-5", "--budget", "1"]),
    ("gpt-6.1-terra", &["--use_openai", "--model", "gpt-6.1-terra", "--budget", "1"]),
    ("llama3.2", &["--provider", "local", "--model", "llama3.2"]),
];

fn server() -> Loopback {
    Loopback::start(Config { key: Some(KEY.to_owned()), ..Config::default() }).unwrap()
}

fn hosted(dataset: &Dataset, server: &Loopback, model: &[&str], question: &str) -> Run {
    let mut command = command(dataset, &[&["--format", "json", question], model].concat());
    for provider in ["ANTHROPIC", "OPENAI"] {
        command.env(format!("{provider}_API_KEY"), KEY);
    }
    command.env("ANTHROPIC_BASE_URL", server.base()).env("OPENAI_BASE_URL", server.openai_base());
    command.output().unwrap().into()
}

#[test]
fn a_hosted_model_asks_the_tables_and_its_numbers_are_held_against_the_rows() {
    let dataset = walking();
    for (name, model) in MODELS {
        let server = server();
        // The wrong SQL and the write are given back; the right one answers, and a number that is made up is marked.
        let question = "Whose footwork is odd? [sql: SELEC 1] [sql: DROP TABLE metrics] \
             [sql: SELECT * FROM metrics WHERE metric = 'center_of_mass_peak_speed' AND person_id = 0] \
             [say: The fastest moment was quick.] [invent]";
        let answer = json(hosted(&dataset, &server, model, question), 0);
        let queries = answer["queries"].as_array().unwrap();
        assert_eq!(queries.len(), 3, "{answer}");
        assert!(queries[0]["error"].as_str().unwrap().contains("Parser Error"), "{answer}");
        assert!(queries[1]["error"].as_str().unwrap().contains("Only queries are allowed"), "{answer}");
        assert_eq!(answer["unproven"], serde_json::json!(["123.4"]));
        assert!(answer["text"].as_str().unwrap().contains("123.4 [not in the rows]"), "{answer}");
        let state = server.state();
        assert!(state.rejections.is_empty() && state.records.len() == 4, "{:?}", state.rejections);
        let cost_usd = state.cost_nano_usd() as f64 / 1e9;
        drop(state);
        // What was paid for is not asked again.
        json(hosted(&dataset, &server, model, question), 0);
        assert_eq!(server.state().records.len(), 4);
        let ledger = format!("SELECT coalesce(sum(cost_usd), 0) FROM llm_ledger WHERE model = '{name}'");
        assert!((dataset.number(&ledger) - cost_usd).abs() < 1e-9, "{name}: the ledger is the server's own count");
    }
    assert_eq!(dataset.number("SELECT count(*) FROM videos"), 1.0, "nothing was dropped");
}

#[test]
fn a_model_may_refuse_and_a_small_budget_sends_nothing() {
    let dataset = walking();
    let server = server();
    let refused = json(
        hosted(&dataset, &server, MODELS[0].1, "Which wrist is the odd one? [say: CANNOT: wrists are not seen.]"),
        1,
    );
    assert!(refused["kind"] == "refused" && refused["text"] == "wrists are not seen.", "{refused}");
    let n_before = server.state().records.len();
    let poor = ["--use_claude", "--model", "claude-haiku-5-5", "--budget", "0.0001"];
    let unpaid = json(hosted(&dataset, &server, &poor, "What is the oddest footwork of all?"), 1);
    assert!(unpaid["text"].as_str().unwrap().contains("the budget does not allow"), "{unpaid}");
    assert_eq!(server.state().records.len(), n_before);
    // A ready question needs no model, so nothing is sent although one is named.
    let ready = hosted(&dataset, &server, MODELS[0].1, "What is the cadence of person 1?").expect_status(0);
    assert!(!ready.stderr.contains("rows of its queries"), "{}", ready.stderr);
    assert_eq!((json(ready, 0)["ready"].as_str(), server.state().records.len()), (Some("metric_value"), n_before));
    // Nor is one asked what no video can tell, or about somebody who is not there: nothing is announced, no journal is opened.
    for hopeless in ["What is Bob's cadence?", "How heavy is person 1?"] {
        let refused = hosted(&dataset, &server, MODELS[1].1, hopeless).expect_status(1);
        assert!(!refused.stderr.contains("rows of its queries"), "{}", refused.stderr);
    }
    assert_eq!(server.state().records.len(), n_before);
}

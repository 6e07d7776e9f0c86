//! Sport packs on small hand-made movements (`tests/sports/`). The expected results are worked out by hand, and no
//! other results are allowed.

use std::collections::BTreeSet;
use std::fs;

use duckdb::Connection;
use posekit::analyze::config::Wishes;
use posekit::analyze::plan::Plan;
use posekit::sports::SportPack;
use posekit::sql::library::Library;

use crate::support::clone;

fn run_file(database: &Connection, path: &str) {
    let sql = fs::read_to_string(clone().join(path)).unwrap();
    database.execute_batch(&sql).unwrap_or_else(|error| panic!("{path}: {error}"));
}

/// A database with the hand-made movement of a sport.
fn movement(sport: &str) -> Connection {
    let database = Connection::open_in_memory().unwrap();
    let library = Library::built_in();
    library.folder("macros").for_each(|(_, sql)| database.execute_batch(sql).unwrap());
    run_file(&database, "tests/sports/tables.sql");
    run_file(&database, "sql/views/strides.sql");
    run_file(&database, "sql/views/body_points.sql");
    run_file(&database, "sql/views/side_views.sql");
    run_file(&database, "sql/views/far_sides.sql");
    run_file(&database, &format!("tests/sports/{sport}.sql"));
    database
}

/// A row as text: file, person, name, side, value; values to a thousandth.
type Row = (String, String, String, String, String);

fn rounded(value: &str) -> String {
    value.parse::<f64>().map_or(value.to_owned(), |number| format!("{:.3}", number + 0.0))
}

/// What the files of a kind give, and, for events and phases, also puts it into the table of that name.
fn found(database: &Connection, sport: &str, kind: &str, columns: &str) -> Vec<Row> {
    let library = Library::built_in();
    let mut rows = Vec::new();
    for (file, sql) in library.folder(&format!("sports/{sport}/{kind}")) {
        let sql = sql.trim_end().trim_end_matches(';');
        database.execute_batch(&format!("CREATE OR REPLACE TEMP TABLE found AS {sql}")).unwrap_or_else(|error| {
            panic!("{sport}/{kind}/{file}: {error}");
        });
        let mut statement = database.prepare(&format!("SELECT person_id::VARCHAR, {columns} FROM found")).unwrap();
        let read = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))).unwrap();
        for row in read {
            let (person, name, side, value): (String, String, String, String) = row.unwrap();
            rows.push((file.to_owned(), person, name, side, rounded(&value)));
        }
        if kind != "metrics" {
            database.execute_batch(&format!("INSERT INTO {kind} BY NAME FROM found")).unwrap();
        }
        let nonsense =
            "SELECT count(*) FROM found WHERE NOT (low <= value AND value <= high) OR low IS NULL OR unit IS NULL";
        if kind == "metrics" {
            let n: i64 = database.query_row(nonsense, [], |row| row.get(0)).unwrap();
            assert_eq!(n, 0, "{sport}/{file}: intervals must hold their value");
        }
    }
    rows
}

fn expected(sport: &str) -> Vec<Row> {
    let text = fs::read_to_string(clone().join(format!("tests/sports/{sport}.expected.csv"))).unwrap();
    let rows = text.lines().skip(1).map(|line| {
        let cells: Vec<&str> = line.split(',').collect();
        let [file, person, name, side, value] = cells[..] else { panic!("{sport}: {line}") };
        (file.to_owned(), person.to_owned(), name.to_owned(), side.to_owned(), rounded(value))
    });
    rows.collect()
}

fn check(sport: &str) {
    let database = movement(sport);
    let mut rows = found(&database, sport, "events", "kind, side, frame_idx::VARCHAR");
    rows.extend(found(
        &database,
        sport,
        "phases",
        "phase || ':' || attempt, '', first_frame_idx || '-' || last_frame_idx",
    ));
    rows.extend(found(&database, sport, "metrics", "metric, side, value::DOUBLE::VARCHAR"));
    let (found, expected): (BTreeSet<Row>, BTreeSet<Row>) =
        (rows.into_iter().collect(), expected(sport).into_iter().collect());
    assert!(!expected.is_empty());
    let missing: Vec<_> = expected.difference(&found).collect();
    let unexpected: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty() && unexpected.is_empty(), "{sport}: missing {missing:#?}, unexpected {unexpected:#?}");
}

#[test]
fn running_is_measured_as_by_hand() {
    check("running");
}

#[test]
fn walking_is_measured_as_by_hand() {
    check("walking");
}

#[test]
fn jumps_are_measured_as_by_hand() {
    check("jump");
}

#[test]
fn squats_are_measured_as_by_hand() {
    check("squat");
}

#[test]
fn basketball_is_measured_as_by_hand() {
    check("basketball");
}

#[test]
fn soccer_is_measured_as_by_hand() {
    check("soccer");
}

#[test]
fn golf_is_measured_as_by_hand() {
    check("golf");
}

#[test]
fn tennis_is_measured_as_by_hand() {
    check("tennis");
}

#[test]
fn every_pack_can_be_planned_and_names_metrics_that_there_are() {
    let library = Library::built_in();
    let packs = library.subfolders("sports");
    for needed in ["generic", "running", "walking", "jump", "squat", "basketball", "soccer", "golf", "tennis"] {
        assert!(packs.contains(&needed), "{needed}");
    }
    let texts: String = ["metrics".to_owned()]
        .into_iter()
        .chain(packs.iter().map(|pack| format!("sports/{pack}/metrics")))
        .flat_map(|folder| library.folder(&folder).map(|(_, sql)| sql.to_owned()).collect::<Vec<_>>())
        .collect();
    for name in packs {
        let pack = SportPack::find(&library, name).unwrap();
        let settings = Wishes::default().settings(&pack).unwrap();
        Plan::new(&library, &pack, &settings).unwrap();
        let drawn = pack.draw.metrics.iter().chain(pack.norms.iter().map(|norm| &norm.metric));
        for metric in drawn {
            // Names that SQL puts together: of a joint or segment and what is measured of it.
            let ending = metric.split_once('_').map_or(metric.as_str(), |(_, ending)| ending);
            assert!(texts.contains(metric.as_str()) || texts.contains(&format!("_{ending}")), "{name} names {metric}");
        }
        assert!(pack.norms.iter().all(|norm| norm.low < norm.high && !norm.source.is_empty()), "{name}");
    }
}

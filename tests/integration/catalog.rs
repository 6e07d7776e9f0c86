//! The catalog as other DuckDB clients see it, and its views on tables small enough to work out by hand.

use std::fs;
use std::path::Path;

use duckdb::{AccessMode, Config, Connection};
use posekit::pose::smoothing::BodyPoint;
use posekit::store::part::write_part;
use posekit::store::records::{RunRecord, RunStatus, VideoRecord};
use posekit::store::rows::{FrameRow, FrameStatus, PoseRow};
use posekit::store::schema::{frame_columns, landmark_columns, region_columns};
use posekit::store::segments::RunLabel;
use posekit::store::{Access, Catalog, Layout, Table};
use posekit::video::info::FileStamp;

use crate::support::{BALANCE, Dataset, Run, clone, posekit};

fn open_elsewhere(dataset: &Dataset) -> Connection {
    let config = Config::default().access_mode(AccessMode::ReadOnly).unwrap();
    Connection::open_with_flags(dataset.path().join("catalog.duckdb"), config).unwrap()
}

fn count(connection: &Connection, table: &str) -> i64 {
    connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap()
}

#[test]
fn views_work_in_another_client_and_working_directory() {
    let dataset = Dataset::new();
    let mut command = posekit();
    command.args(["extract", "--people", "1", "--network", "lite", "--end", "0.1", "--dataset", "datasets", "--video"]);
    command.arg(crate::support::clip(BALANCE)).current_dir(dataset.path().parent().unwrap());
    Run::from(command.output().unwrap()).expect_status(0);
    let connection = open_elsewhere(&dataset);
    assert_eq!(count(&connection, "landmarks"), 6 * 33);
    assert_eq!(count(&connection, "poses"), 6);
}

#[test]
fn a_dataset_that_has_moved_is_found_again() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    let moved = dataset.path().with_file_name("moved");
    fs::rename(dataset.path(), &moved).unwrap();
    let run = posekit()
        .args(["query", "--format", "csv", "SELECT count(*) FROM landmarks", "--dataset"])
        .arg(&moved)
        .output()
        .unwrap();
    assert!(Run::from(run).expect_status(0).stdout.ends_with("\n198\n"));
}

#[test]
fn a_lost_catalog_is_told_from_a_dataset_without_tables() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    fs::remove_file(dataset.path().join("catalog.duckdb")).unwrap();
    let lost = dataset.run("status", &["--check"]).expect_status(3);
    assert!(lost.stderr.contains("its tables exist") && lost.stderr.contains("--rebuild"), "{}", lost.stderr);
    dataset.run("status", &["--rebuild"]).expect_status(0);
    dataset.run("status", &["--check"]).expect_status(0);
    fs::remove_file(dataset.path().join("catalog.duckdb")).unwrap();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0);
}

#[test]
fn a_dataset_folder_may_have_any_name_but_one_with_a_question_mark() {
    let dataset = Dataset::new();
    let query = |folder: &Path| {
        let run = posekit()
            .args(["query", "--format", "csv", "SELECT count(*) FROM frames", "--dataset"])
            .arg(folder)
            .output();
        Run::from(run.unwrap())
    };
    let extract = |folder: &Path| {
        let mut command = posekit();
        command
            .args(["extract", "--people", "1", "--network", "lite", "--end", "0.1", "--video"])
            .arg(crate::support::clip(BALANCE));
        Run::from(command.arg("--dataset").arg(folder).output().unwrap())
    };
    // `st*r` must not read what lies in `star`.
    for name in ["star", "st*r", "coach's [1] {a}", "é 日本"] {
        let folder = dataset.beside(name);
        extract(&folder).expect_status(0);
        assert!(query(&folder).expect_status(0).stdout.ends_with("\n6\n"), "{name}");
    }
    assert!(extract(&dataset.beside("q?m")).expect_status(3).stderr.contains("hint:"));
}

#[test]
fn the_files_in_sql_run_in_a_plain_client_inside_the_dataset_folder() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    // A client that knows the catalog's tables but not posekit's views.
    let connection = Connection::open_in_memory().unwrap();
    let catalog = dataset.path().join("catalog.duckdb");
    connection.execute_batch(&format!("ATTACH '{}' AS catalog (READ_ONLY)", catalog.display())).unwrap();
    connection
        .execute_batch("CREATE TABLE videos AS FROM catalog.videos; CREATE TABLE runs AS FROM catalog.runs")
        .unwrap();
    let root = dataset.path();
    connection.execute_batch(&format!("SET file_search_path = '{}'", root.display())).unwrap();
    for name in ["frames", "regions", "raw_landmarks", "landmarks", "poses", "tracks", "people"] {
        run_file(&connection, &format!("views/{name}.sql"));
    }
    assert_eq!(count(&connection, "landmarks"), 198);
    for file in ["status/videos.sql", "status/totals.sql", "examples/at_a_glance.sql", "serve/relations.sql"] {
        run_file(&connection, file);
    }
}

fn run_file(connection: &Connection, name: &str) {
    let sql = fs::read_to_string(clone().join("sql").join(name)).unwrap();
    connection.execute_batch(&sql).unwrap_or_else(|error| panic!("{name}: {error}"));
}

#[test]
fn every_sql_file_says_what_it_is() {
    let files = walkdir::WalkDir::new(clone().join("sql")).into_iter().map(Result::unwrap);
    let files: Vec<_> =
        files.filter(|file| file.path().extension().is_some_and(|extension| extension == "sql")).collect();
    assert!(files.len() >= 8);
    for file in files {
        let text = fs::read_to_string(file.path()).unwrap();
        let has = |key: &str| text.lines().take_while(|line| line.starts_with("--")).any(|line| line.starts_with(key));
        let is_migration = has("-- migration:");
        let is_macro = has("-- macro:");
        let kinds =
            ["view", "query", "check", "macro", "relation", "metric", "events", "phases", "examples", "question"]
                .map(|kind| format!("-- {kind}:"));
        assert!(is_migration || kinds.iter().any(|kind| has(kind)), "{}", file.path().display());
        assert!(has("-- what:"), "{}", file.path().display());
        assert!(is_migration || is_macro || has("-- grain:"), "{}", file.path().display());
    }
}

#[test]
fn an_empty_dataset_answers_with_no_rows() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = Catalog::open(&Layout::new(folder.path()), Access::Write).unwrap();
    let views = [
        "frames",
        "regions",
        "raw_landmarks",
        "landmarks",
        "poses",
        "tracks",
        "people",
        "track_edits",
        "analyses",
        "clean_landmarks",
        "landmark_noise",
        "facings",
        "side_views",
        "body_points",
        "joint_angles",
        "segment_angles",
        "scales",
        "kinematics",
        "events",
        "phases",
        "repetitions",
        "cycles",
        "cycle_means",
        "metrics",
        "metric_sides",
        "checks",
        "stability",
        "strides",
    ];
    for view in views.into_iter().chain(["videos", "runs"]) {
        assert_eq!(count(catalog.connection(), view), 0, "{view}");
    }
}

/// Two frames of one person: in the first, landmark 0 at (10, 20) and landmark 32 at (110, 220); in the second all of them
/// outside the picture.
fn hand_made_dataset(folder: &Path) -> Catalog {
    let layout = Layout::new(folder);
    let label = RunLabel { video_id: "v".to_owned(), run_id: "r".to_owned(), fingerprint: "f".to_owned() };
    let pose = |frame_idx: u32, presence: f32| PoseRow {
        frame_idx,
        time_s: f64::from(frame_idx) * 0.5,
        owner: 0,
        points: std::array::from_fn(|landmark| BodyPoint {
            image_px: [
                10.0 + 100.0 * (landmark as f32 / 32.0).floor(),
                20.0 + 200.0 * (landmark as f32 / 32.0).floor(),
                f32::NAN,
            ],
            world_m: [0.5, -0.25, 0.125],
            visibility: 1.0,
            presence,
        }),
    };
    let poses = [pose(0, 1.0), pose(1, 0.25)];
    let frame = |frame_idx: u32, status| FrameRow {
        frame_idx,
        time_s: f64::from(frame_idx) * 0.5,
        status,
        n_people: u16::from(status == FrameStatus::Ok),
    };
    let frames = [
        frame(0, FrameStatus::Ok),
        frame(1, FrameStatus::Ok),
        frame(2, FrameStatus::NoPerson),
        frame(3, FrameStatus::Failed),
    ];
    let write =
        |table, columns| write_part(&layout.part(table, "v", "r", 0), table, &label.part(0, [0, 3]), &columns).unwrap();
    write(Table::Frames, frame_columns(&frames).unwrap());
    write(Table::Regions, region_columns(&[]).unwrap());
    write(Table::RawLandmarks, landmark_columns(Table::RawLandmarks, &poses).unwrap());
    write(Table::Landmarks, landmark_columns(Table::Landmarks, &poses[..1]).unwrap());
    let mut catalog = Catalog::open(&layout, Access::Write).unwrap();
    catalog.commit_run(&video_record(), &run_record("r", RunStatus::Ok)).unwrap();
    catalog
}

fn video_record() -> VideoRecord {
    VideoRecord {
        video_id: "v".to_owned(),
        path: "/videos/clip.mp4".to_owned(),
        name: "clip.mp4".to_owned(),
        stamp: FileStamp { size_bytes: 1, modified_ns: 2 },
        info: None,
        n_decoded: None,
    }
}

fn run_record(run_id: &str, status: RunStatus) -> RunRecord {
    RunRecord {
        run_id: run_id.to_owned(),
        video_id: "v".to_owned(),
        fingerprint: run_id.to_owned(),
        network: "full".to_owned(),
        network_sha256: String::new(),
        settings: "{}".to_owned(),
        status,
        reason: (status == RunStatus::Failed).then(|| "it broke".to_owned()),
        started_at_s: 0.0,
        finished_at_s: 1.5,
        n_frames: 4,
        n_found: 2,
        n_failed: 1,
        n_missing: 0,
        peak_rss_bytes: 0,
        lowest_budget_bytes: 0,
    }
}

#[test]
fn poses_have_a_column_a_coordinate_and_a_box_around_what_is_in_the_picture() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = hand_made_dataset(folder.path());
    let row = catalog.connection().query_row(
        "SELECT nose_x_px, right_foot_index_y_px, nose_z_px, left_knee_world_y_m,
             box_left_px, box_top_px, box_right_px, box_bottom_px, video FROM poses",
        [],
        |row| {
            let numbers: Vec<Option<f32>> = (0..8).map(|index| row.get(index)).collect::<Result<_, _>>()?;
            Ok((numbers, row.get::<_, String>(8)?))
        },
    );
    let expected = vec![Some(10.0), Some(220.0), None, Some(-0.25), Some(10.0), Some(20.0), Some(110.0), Some(220.0)];
    assert_eq!(row.unwrap(), (expected, "clip.mp4".to_owned()));
}

#[test]
fn status_counts_frames_by_what_became_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let catalog = hand_made_dataset(folder.path());
    let sql = fs::read_to_string(clone().join("sql/status/videos.sql")).unwrap();
    let counts = catalog.connection().query_row(&sql, [], |row| {
        Ok((
            row.get::<_, String>("status")?,
            row.get::<_, i64>("frames")?,
            row.get::<_, f64>("coverage")?,
            row.get::<_, i64>("failed")?,
        ))
    });
    assert_eq!(counts.unwrap(), ("ok".to_owned(), 4, 0.5, 1));
}

#[test]
fn a_failed_run_does_not_hide_the_tables_of_an_earlier_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut catalog = hand_made_dataset(folder.path());
    catalog.commit_run(&video_record(), &run_record("later", RunStatus::Failed)).unwrap();
    assert_eq!(count(catalog.connection(), "frames"), 4);
    assert_eq!(catalog.knowledge().unwrap().run_ids.len(), 2);
    catalog.prune(&[]).unwrap();
    assert_eq!(catalog.knowledge().unwrap().run_ids.len(), 1);
    assert_eq!(count(catalog.connection(), "frames"), 4);
}

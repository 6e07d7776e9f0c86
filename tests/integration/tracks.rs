//! Tracks and their edits: on runs made by hand, whose expected results are obvious, and on a clip.

use std::fs;
use std::path::Path;

use posekit::extract::segment::SegmentWriter;
use posekit::pose::landmarks::{Landmark, RawPose};
use posekit::pose::region::Region;
use posekit::pose::tracker::{RegionSource, TrackedPose};
use posekit::pose::tracklet::{PersonPose, TrackletSummary};
use posekit::store::edits::read_edits;
use posekit::store::records::{RunRecord, RunStatus, VideoRecord};
use posekit::store::rows::FrameStatus;
use posekit::store::segments::RunLabel;
use posekit::store::segments::{self, Progress};
use posekit::store::{Access, Catalog, Layout};
use posekit::tracks::identity::identify_run;
use posekit::tracks::smoothing::smooth_run;
use posekit::video::FrameTime;
use posekit::video::info::FileStamp;
use serde_json::{Value, json};

use crate::support::{BALANCE, Dataset, Run, clip};

/// Picture of the runs made by hand, pixels.
const SIZE_PX: [usize; 2] = [1000, 500];
const N_FRAMES: u32 = 120;

/// Somebody who stands still from frame to frame (first and last), 200 px tall.
#[derive(Clone, Copy)]
struct Stand {
    frames: [u32; 2],
    x_px: f32,
}

const ATHLETE: Stand = Stand { frames: [0, 119], x_px: 200.0 };
const VISITOR: Stand = Stand { frames: [0, 39], x_px: 800.0 };
/// More than two seconds after the visitor, and elsewhere: nothing tells that it is the same person.
const LATER: Stand = Stand { frames: [110, 119], x_px: 500.0 };

impl Stand {
    fn pose(self) -> TrackedPose {
        let [width_px, height_px] = SIZE_PX.map(|side| side as f32);
        let landmark = |index: usize| Landmark {
            x: self.x_px / width_px,
            // From 150 to 350 px.
            y: (150.0 + index as f32 * 6.25) / height_px,
            visibility: 1.0,
            presence: 1.0,
            ..Landmark::default()
        };
        TrackedPose {
            region: Region {
                center_x: self.x_px / width_px,
                center_y: 0.5,
                width: 250.0 / width_px,
                height: 250.0 / height_px,
                rotation_rad: 0.0,
            },
            source: RegionSource::Tracking,
            object_scale_px: 200.0,
            pose: RawPose {
                score: 0.75,
                landmarks: std::array::from_fn(landmark),
                auxiliary: [Landmark::default(); 2],
                world_m: [[0.0; 3]; 33],
            },
        }
    }
}

/// Makes a run of a video as an extraction would: segments, identity, smoothing, record, catalog. In each segment the
/// tracker numbers people in the order given. Returns what identity warned of.
fn make_run(dataset: &Path, run_id: &str, segment_frames: u32, people: &[Stand]) -> Vec<String> {
    make_run_of(dataset, "abc123", run_id, segment_frames, people)
}

fn make_run_of(dataset: &Path, video_id: &str, run_id: &str, segment_frames: u32, people: &[Stand]) -> Vec<String> {
    let layout = Layout::new(dataset);
    let label =
        RunLabel { video_id: video_id.to_owned(), run_id: run_id.to_owned(), fingerprint: format!("f-{run_id}") };
    let summaries: Vec<TrackletSummary> = (0..people.len())
        .map(|number| TrackletSummary { tracklet: number as u16, n_detections: 1, appearance: None, is_somebody: true })
        .collect();
    let mut writer = SegmentWriter::new(&layout, &label, segment_frames);
    for frame_idx in 0..N_FRAMES {
        if frame_idx % segment_frames == 0 {
            writer.end_segment(&summaries, true).unwrap();
        }
        let in_view = people.iter().enumerate().filter(|(_, who)| (who.frames[0]..=who.frames[1]).contains(&frame_idx));
        let poses: Vec<PersonPose> =
            in_view.map(|(number, who)| PersonPose { tracklet: number as u16, tracked: who.pose() }).collect();
        let time = FrameTime::plain(frame_idx, f64::from(frame_idx) / 30.0);
        writer.push(time, FrameStatus::NoPerson, &poses, SIZE_PX);
    }
    writer.end_segment(&summaries, true).unwrap();
    let Progress { segments, counts, .. } = segments::find(&layout, &label).unwrap();
    let (edits, size_px) = (read_edits(&layout, video_id).unwrap(), SIZE_PX.map(|side| side as u32));
    let warnings = identify_run(&layout, &layout, &label, &segments, 6, Some(size_px), &edits).unwrap();
    smooth_run(&layout, &layout, &label, &segments).unwrap();
    let run = RunRecord {
        run_id: label.run_id.clone(),
        video_id: label.video_id.clone(),
        fingerprint: label.fingerprint.clone(),
        network: "full".to_owned(),
        network_sha256: String::new(),
        settings: r#"{"people":6}"#.to_owned(),
        status: RunStatus::Ok,
        reason: None,
        started_at_s: 0.0,
        finished_at_s: 1.0,
        n_frames: counts.n_frames,
        n_found: counts.n_found,
        n_failed: counts.n_failed,
        n_missing: 0,
        peak_rss_bytes: 0,
        lowest_budget_bytes: 0,
    };
    let video = VideoRecord {
        video_id: label.video_id.clone(),
        path: "/videos/clip.mp4".to_owned(),
        name: "clip.mp4".to_owned(),
        stamp: FileStamp { size_bytes: 1, modified_ns: 2 },
        info: None,
        n_decoded: None,
    };
    let columns = posekit::store::schema::run_columns(&video, &run).unwrap();
    let path = layout.part(posekit::store::Table::Runs, &label.video_id, run_id, 0);
    posekit::store::part::write_part(&path, posekit::store::Table::Runs, &label.part(0, [0, N_FRAMES - 1]), &columns)
        .unwrap();
    Catalog::open(&layout, Access::Write).unwrap().commit_run(&video, &run).unwrap();
    warnings
}

fn three_people() -> Dataset {
    let dataset = Dataset::new();
    assert_eq!(make_run(&dataset.path(), "r1", 60, &[ATHLETE, VISITOR, LATER]), Vec::<String>::new());
    dataset
}

impl Dataset {
    fn tracks(&self, arguments: &[&str]) -> Run {
        let (action, rest) = arguments.split_first().unwrap();
        let path = self.path();
        command(&[&["tracks", action, "--dataset", path.to_str().unwrap()], rest].concat())
    }

    /// Each person: id, name, first and last frame, number of frames.
    fn people(&self) -> Vec<Value> {
        self.rows(
            "SELECT person_id, name, [first_frame_idx, last_frame_idx] AS frames, n_frames FROM people ORDER BY person_id",
        )
    }

    /// The bytes of every file that says who is who.
    fn identity_files(&self) -> Vec<(String, Vec<u8>)> {
        let is_wanted = |name: &String| name.starts_with("tracks/") || name.starts_with("landmarks/");
        let names = self.files().into_iter().filter(is_wanted);
        names.map(|name| (name.clone(), fs::read(self.path().join(name)).unwrap())).collect()
    }
}

fn command(arguments: &[&str]) -> Run {
    crate::support::posekit().args(arguments).output().unwrap().into()
}

/// A row of [`Dataset::people`].
fn person(person_id: u16, name: Option<&str>, frames: [u32; 2], n_frames: u32) -> Value {
    json!({"person_id": person_id, "name": name, "frames": frames, "n_frames": n_frames})
}

#[test]
fn people_have_span_coverage_and_size() {
    let dataset = three_people();
    let rows = dataset.rows(
        "SELECT person_id, video, n_frames, round(first_time_s, 3) AS first_s, round(last_time_s, 3) AS last_s,
             round(coverage, 4) AS coverage, height_px, n_tracklets FROM people ORDER BY person_id",
    );
    let row = |person_id: u16, n_frames: u32, times: [f64; 2], coverage: f64, n_tracklets: u32| {
        json!({"person_id": person_id, "video": "clip.mp4", "n_frames": n_frames, "first_s": times[0],
            "last_s": times[1], "coverage": coverage, "height_px": 200.0, "n_tracklets": n_tracklets})
    };
    assert_eq!(
        rows,
        [row(0, 120, [0.0, 3.967], 1.0, 2), row(1, 40, [0.0, 1.3], 0.3333, 1), row(2, 10, [3.667, 3.967], 0.0833, 1)]
    );
    let links = dataset.rows("SELECT track_id, person_id, link FROM tracks ORDER BY track_id");
    let link =
        |track_id: u32, person_id: u16, link: &str| json!({"track_id": track_id, "person_id": person_id, "link": link});
    assert_eq!(links, [link(0, 0, "new"), link(1, 1, "new"), link(10_000, 0, "segment"), link(10_002, 2, "new")]);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn the_raw_tables_have_people_and_tracklets() {
    let dataset = three_people();
    for (relation, rows) in [("regions", 1.0), ("raw_landmarks", 33.0)] {
        let sql = format!("SELECT count(*) FROM {relation} WHERE person_id = 1 AND track_id = 1");
        assert_eq!(dataset.number(&sql), 40.0 * rows, "{relation}");
    }
    let n_people = "SELECT list(DISTINCT n_people ORDER BY n_people) AS n FROM frames";
    assert_eq!(dataset.value(n_people), json!([1, 2]));
}

#[test]
fn two_are_merged_and_apart_again() {
    let dataset = three_people();
    let before = dataset.identity_files();
    let run = dataset.tracks(&["merge", "clip.mp4", "2", "1"]).expect_status(0);
    assert!(run.stderr.contains("people 2 and 1 are now person 1") && run.stdout.is_empty(), "{}", run.stderr);
    assert!(run.stderr.contains("`posekit tracks undo --dataset /"), "{}", run.stderr);
    assert_eq!(dataset.people(), [person(0, None, [0, 119], 120), person(1, None, [0, 119], 50)]);
    assert_eq!(dataset.number("SELECT count(*) FROM landmarks WHERE person_id = 1"), 50.0 * 33.0);
    assert_eq!(dataset.value("SELECT link FROM tracks WHERE track_id = 10002"), "edit");
    dataset.run("status", &["--check"]).expect_status(0);
    dataset.tracks(&["undo", "clip"]).expect_status(0);
    assert_eq!(dataset.identity_files(), before, "byte for byte as before the edit");
    assert_eq!(dataset.number("SELECT count(*) FROM track_edits"), 0.0);
    assert!(dataset.tracks(&["undo", "clip"]).expect_status(2).stderr.contains("has no edits"));
}

#[test]
fn a_split_cuts_a_tracklet_where_it_is_asked_to() {
    let dataset = three_people();
    let run = dataset.tracks(&["split", "abc123", "0", "--at", "1.0"]).expect_status(0);
    assert!(run.stderr.contains("person 0 is now person 3 from 1.00 s on"), "{}", run.stderr);
    let expected = [
        person(0, None, [0, 29], 30),
        person(1, None, [0, 39], 40),
        person(2, None, [110, 119], 10),
        person(3, None, [30, 119], 90),
    ];
    assert_eq!(dataset.people(), expected);
    let pieces =
        dataset.rows("SELECT first_frame_idx, last_frame_idx, person_id FROM tracks WHERE track_id = 0 ORDER BY 1");
    let piece = |frames: [u32; 2], person_id: u16| json!({"first_frame_idx": frames[0], "last_frame_idx": frames[1], "person_id": person_id});
    assert_eq!(pieces, [piece([0, 29], 0), piece([30, 59], 3)]);
    dataset.run("status", &["--check"]).expect_status(0);
    // What was split can be put together again by a merge as well.
    dataset.tracks(&["merge", "abc123", "3", "0"]).expect_status(0);
    assert_eq!(dataset.people()[0], person(0, None, [0, 119], 120));
}

#[test]
fn names_show_and_any_edit_can_be_taken_back() {
    let dataset = three_people();
    dataset.tracks(&["name", "clip.mp4", "1", "Åsa"]).expect_status(0);
    dataset.tracks(&["merge", "clip.mp4", "1", "2"]).expect_status(0);
    assert_eq!(dataset.people()[1], person(1, Some("Åsa"), [0, 119], 50));
    let edits: Value =
        serde_json::from_str(&dataset.tracks(&["edits", "--format", "json"]).expect_status(0).stdout).unwrap();
    let kinds: Vec<_> = edits.as_array().unwrap().iter().map(|edit| (&edit["edit_id"], &edit["kind"])).collect();
    assert_eq!(kinds, [(&json!(1), &json!("name")), (&json!(2), &json!("merge"))]);
    dataset.tracks(&["undo", "clip.mp4", "1"]).expect_status(0);
    assert_eq!(dataset.people()[1], person(1, None, [0, 119], 50));
    let unknown = dataset.tracks(&["undo", "clip.mp4", "7"]).expect_status(2);
    assert!(unknown.stderr.contains("2 (merge)"), "{}", unknown.stderr);
}

#[test]
fn edits_hold_for_a_later_run_with_other_tracklets() {
    let dataset = three_people();
    dataset.tracks(&["merge", "clip.mp4", "1", "2"]).expect_status(0);
    dataset.tracks(&["name", "clip.mp4", "0", "Anna"]).expect_status(0);
    // Other segments, and the tracker finds people in another order.
    assert_eq!(make_run(&dataset.path(), "r2", 50, &[LATER, VISITOR, ATHLETE]), Vec::<String>::new());
    assert_eq!(dataset.value("SELECT any_value(run_id) FROM people"), "r2");
    assert_eq!(dataset.people(), [person(0, Some("Anna"), [0, 119], 120), person(1, None, [0, 119], 50)]);
    // In a run without the visitor the merge has nothing to join, and says so.
    let warnings = make_run(&dataset.path(), "r3", 60, &[ATHLETE, LATER]);
    assert_eq!(warnings, ["edit 1 (merge) has no effect: no person found at its position"]);
    assert_eq!(dataset.people(), [person(0, Some("Anna"), [0, 119], 120), person(1, None, [110, 119], 10)]);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn a_rebuilt_catalog_knows_the_edits() {
    let dataset = three_people();
    dataset.tracks(&["merge", "clip.mp4", "1", "2"]).expect_status(0);
    let people = dataset.people();
    fs::remove_file(dataset.path().join("catalog.duckdb")).unwrap();
    dataset.run("status", &["--rebuild"]).expect_status(0);
    assert_eq!(dataset.people(), people);
    assert_eq!(dataset.number("SELECT count(*) FROM track_edits"), 1.0);
    dataset.tracks(&["undo", "clip.mp4"]).expect_status(0);
    assert_eq!(dataset.people().len(), 3);
}

#[test]
fn nonsense_is_refused_with_what_there_is() {
    let dataset = three_people();
    let before = dataset.identity_files();
    for (arguments, says) in [
        (vec!["merge", "clip.mp4", "0", "1"], "both are in frame 0"),
        (vec!["merge", "clip.mp4", "1", "1"], "the same person"),
        (vec!["merge", "clip.mp4", "0", "7"], "hint: people: 0, 1, 2"),
        (vec!["name", "other.mp4", "0", "x"], "hint: videos: clip.mp4"),
        (vec!["name", "clip.mp4", "0", " "], "the name is empty"),
        (vec!["split", "clip.mp4", "1", "--at", "2"], "not in view both before and after 2 s"),
        (vec!["split", "clip.mp4", "1", "--at", "0"], "not in view both before and after 0 s"),
        (vec!["split", "clip.mp4", "1", "--at", "nan"], "invalid time"),
    ] {
        let run = dataset.tracks(&arguments).expect_status(2);
        assert!(run.stderr.contains(says), "{arguments:?}: {}", run.stderr);
    }
    assert_eq!(dataset.identity_files(), before);
    assert!(!dataset.path().join("journal/edits.jsonl").exists());
}

/// What a reader sees of who is who, and of the edits.
fn seen(dataset: &Dataset) -> Vec<Value> {
    dataset.rows(
        "SELECT 'tracks' AS relation, track_id, person_id, first_frame_idx AS at, name FROM tracks
         UNION ALL SELECT DISTINCT 'landmarks', NULL, person_id, min(frame_idx), NULL FROM landmarks GROUP BY person_id
         UNION ALL SELECT kind, edit_id, NULL, frame_idx, name FROM track_edits
         ORDER BY ALL",
    )
}

#[test]
fn a_killed_change_is_finished_by_the_same_command_and_nobody_sees_half_of_it() {
    let places = [
        "edit-noted=1",
        "file-renamed=1",
        "file-renamed=3",
        "change-staged=1",
        "change-committed=1",
        "change-part-renamed=1",
        "change-part-renamed=2",
        "change-part-renamed=3",
    ];
    let merge: &[&str] = &["merge", "clip.mp4", "1", "2"];
    let changes: [(&[&[&str]], &[&str]); 4] = [
        (&[], merge),
        (&[], &["split", "clip.mp4", "0", "--at", "1"]),
        (&[], &["name", "clip.mp4", "0", "Anna"]),
        // Repeated, it must not take back the first edit too.
        (&[&["name", "clip.mp4", "0", "Anna"], merge], &["undo", "clip.mp4"]),
    ];
    for (before, change) in changes {
        let undisturbed = three_people();
        for arguments in before {
            undisturbed.tracks(arguments).expect_status(0);
        }
        let old = seen(&undisturbed);
        undisturbed.tracks(change).expect_status(0);
        let new = seen(&undisturbed);
        for place in places {
            let dataset = three_people();
            for arguments in before {
                dataset.tracks(arguments).expect_status(0);
            }
            let mut killed = crate::support::posekit();
            killed.env("POSEKIT_FAILPOINT", place).arg("tracks").arg(change[0]).arg("--dataset").arg(dataset.path());
            assert!(
                killed.args(&change[1..]).output().unwrap().status.code().is_none(),
                "{change:?} passes no {place}"
            );
            let meanwhile = seen(&dataset);
            assert!([&old, &new].contains(&&meanwhile), "{change:?} {place}: {meanwhile:?}");
            dataset.run("status", &["--check"]).expect_status(0);
            dataset.tracks(change).expect_status(0);
            assert_eq!(seen(&dataset), new, "{change:?} {place}");
            assert_eq!(dataset.identity_files(), undisturbed.identity_files(), "{change:?} {place}");
            dataset.run("status", &["--check"]).expect_status(0);
        }
    }
}

#[test]
fn an_open_notebook_holds_up_nobody() {
    let dataset = three_people();
    let read_only = || duckdb::Config::default().access_mode(duckdb::AccessMode::ReadOnly).unwrap();
    let path = dataset.path().join("catalog.duckdb");
    let notebook = duckdb::Connection::open_with_flags(&path, read_only()).unwrap();
    let count =
        |connection: &duckdb::Connection, sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count(&notebook, "SELECT count(DISTINCT person_id) FROM landmarks"), 3);
    dataset.tracks(&["name", "clip.mp4", "0", "Anna"]).expect_status(0);
    dataset.tracks(&["merge", "clip.mp4", "1", "2"]).expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    make_run(&dataset.path(), "r2", 50, &[ATHLETE]);
    dataset.run("status", &["--use", "clip.mp4", "r1"]).expect_status(0);
    // It goes on with what it has, and sees the rest when it connects anew.
    assert_eq!(count(&notebook, "SELECT count(*) FROM runs"), 1);
    assert_eq!(count(&notebook, "SELECT count(DISTINCT person_id) FROM landmarks"), 2);
    drop(notebook);
    let anew = duckdb::Connection::open_with_flags(&path, read_only()).unwrap();
    assert_eq!(count(&anew, "SELECT count(*) FROM runs"), 2);
    assert_eq!(count(&anew, "SELECT count(*) FROM track_edits"), 2);
    drop(anew);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn the_run_that_was_chosen_stands_also_in_a_catalog_that_is_made_again() {
    let dataset = three_people();
    make_run(&dataset.path(), "r2", 50, &[ATHLETE]);
    let standing = || dataset.value("SELECT current_run_id FROM videos");
    assert_eq!(standing(), "r2");
    let used = dataset.run("status", &["--use", "clip.mp4", "r1"]).expect_status(0);
    assert!(used.stderr.contains("clip.mp4: the current run is r1 (full, whole)"), "{}", used.stderr);
    assert_eq!(standing(), "r1");
    fs::remove_file(dataset.path().join("catalog.duckdb")).unwrap();
    dataset.run("status", &["--rebuild"]).expect_status(0);
    assert_eq!(standing(), "r1");
    let runs = dataset.run("status", &["--runs"]).expect_status(0).stdout;
    assert!(runs.contains("r1") && runs.contains("r2"), "{runs}");
    let unknown = dataset.run("status", &["--use", "clip.mp4", "r9"]).expect_status(2);
    assert!(unknown.stderr.contains("r1 (full, whole)"), "{}", unknown.stderr);
    let pruned = dataset.run("status", &["--prune"]).expect_status(0);
    assert!(
        pruned.stderr.contains("clip.mp4: r2 (full, whole)") && pruned.stderr.contains("1 run removed"),
        "{}",
        pruned.stderr
    );
    assert_eq!(standing(), "r1");
}

#[test]
fn ids_of_an_older_posekit_get_letters_and_everything_stays() {
    let dataset = Dataset::new();
    let (video_id, run_id) = ("98e76543210123459876543210123456", "98e7654321012345");
    make_run_of(&dataset.path(), video_id, run_id, 60, &[ATHLETE, VISITOR, LATER]);
    dataset.tracks(&["merge", "clip.mp4", "1", "2"]).expect_status(0);
    dataset.run("analyze", &["--height_m", "0=1.82"]).expect_status(0);
    let before = (dataset.people(), seen(&dataset));
    dataset.run("status", &["--migrate"]).expect_status(0);
    assert_eq!(dataset.value("SELECT current_run_id FROM videos"), format!("r{run_id}"));
    assert!(dataset.files().iter().all(|file| !file.contains(&format!("={video_id}"))), "{:?}", dataset.files());
    assert_eq!((dataset.people(), seen(&dataset)), before);
    dataset.run("status", &["--check"]).expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    assert_eq!(dataset.value("SELECT settings ->> '$.heights_m.0' FROM analyses"), "1.82");
    dataset.tracks(&["undo", "clip.mp4"]).expect_status(0);
    assert_eq!(dataset.people().len(), 3);
    let again = dataset.run("status", &["--migrate"]).expect_status(0);
    assert!(again.stderr.contains("0 runs got new ids"), "{}", again.stderr);
}

#[test]
fn damaged_edits_are_told_and_stop_nothing() {
    let dataset = three_people();
    dataset.tracks(&["name", "clip.mp4", "0", "Anna"]).expect_status(0);
    dataset.tracks(&["merge", "clip.mp4", "1", "2"]).expect_status(0);
    let path = dataset.path().join("journal/edits.jsonl");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("Anna", "Bnna", 1)).unwrap();
    let checked = dataset.run("status", &["--check"]).expect_status(1);
    assert!(checked.stderr.contains("edits.jsonl: 1 line"), "{}", checked.stderr);
    dataset.run("status", &[]).expect_status(0);
    dataset.tracks(&["refresh"]).expect_status(0);
    assert_eq!(dataset.people(), [person(0, None, [0, 119], 120), person(1, None, [0, 119], 50)]);
    dataset.tracks(&["name", "clip.mp4", "0", "Anna"]).expect_status(0);
    assert_eq!(dataset.people()[0], person(0, Some("Anna"), [0, 119], 120));
    let listed = || dataset.tracks(&["edits", "--format", "csv"]).expect_status(0).stdout;
    assert!(!listed().contains("Bnna"), "a line that does not count: {}", listed());
    // A torn line at the end hides none that comes after it.
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    dataset.tracks(&["name", "clip.mp4", "1", "Berta"]).expect_status(0);
    assert!(listed().contains("Berta"), "{}", listed());
    assert_eq!(dataset.number("SELECT count(*) FROM track_edits WHERE name = 'Berta'"), 1.0);
    let repaired = dataset.run("status", &["--repair"]).expect_status(0);
    assert!(repaired.stderr.contains("2 damaged lines moved to edits.jsonl.damaged"), "{}", repaired.stderr);
    dataset.run("status", &["--check"]).expect_status(0);
    assert_eq!(fs::read_to_string(path.with_extension("jsonl.damaged")).unwrap().lines().count(), 2);
    assert!(listed().contains("Berta") && listed().contains("Anna"), "{}", listed());
}

#[test]
fn who_is_who_can_be_found_out_again_from_the_stored_rows() {
    let dataset = three_people();
    dataset.tracks(&["merge", "clip.mp4", "1", "2"]).expect_status(0);
    let before = dataset.identity_files();
    for (name, _) in &before {
        fs::remove_file(dataset.path().join(name)).unwrap();
    }
    let run = dataset.run("tracks", &["refresh"]).expect_status(0);
    assert!(run.stderr.contains("again in 1 video"), "{}", run.stderr);
    assert_eq!(dataset.identity_files(), before);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn the_checks_see_one_body_with_two_ids() {
    let dataset = Dataset::new();
    let twin = Stand { frames: [10, 19], x_px: ATHLETE.x_px + 5.0 };
    make_run(&dataset.path(), "r1", 60, &[ATHLETE, twin]);
    let run = dataset.run("status", &["--check"]).expect_status(1);
    assert!(
        run.stderr.contains("people_have_bodies_of_their_own") && run.stderr.contains("frame 10"),
        "{}",
        run.stderr
    );
}

#[test]
fn people_are_listed_in_every_format() {
    let dataset = three_people();
    let list = |arguments: &[&str]| dataset.run("tracks", arguments).expect_status(0).stdout;
    assert!(list(&[]).contains("clip.mp4") && list(&[]).ends_with("3 rows\n"));
    let json: Value = serde_json::from_str(&list(&["--format", "json", "--video", "abc"])).unwrap();
    assert_eq!((json.as_array().unwrap().len(), &json[0]["coverage"]), (3, &json!(1.0)));
    assert!(list(&["--format", "csv"]).starts_with("video,person_id,name,from_s,to_s,frames,coverage,height_px,"));
    dataset.run("tracks", &["--video", "nothing"]).expect_status(2);
    // The folder may be named before the action or after it; what is for the list only is no silent nothing.
    dataset.run("tracks", &["name", "clip.mp4", "0", "Anna"]).expect_status(0);
    assert!(list(&["edits"]).contains("Anna"));
    dataset.run("tracks", &["--format", "json", "undo", "clip.mp4"]).expect_status(2);
}

#[test]
fn a_name_survives_extraction_with_other_settings_and_back() {
    let dataset = Dataset::new();
    dataset.extract_beginning(BALANCE, "0.2").expect_status(0);
    dataset.extract_beginning(BALANCE, "0.1").expect_status(0);
    dataset.tracks(&["name", BALANCE, "0", "Anna"]).expect_status(0);
    let names = "SELECT list(name) FROM people";
    assert_eq!(dataset.value(names), json!(["Anna"]));
    // A run from before the name is shown again.
    dataset.extract_beginning(BALANCE, "0.2").expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 12.0);
    assert_eq!(dataset.value(names), json!(["Anna"]));
    let clip = clip(BALANCE);
    let again = ["--people", "1", "--network", "lite", "--end", "0.1", "--force", "--video", clip.to_str().unwrap()];
    dataset.run("extract", &again).expect_status(0);
    assert_eq!(dataset.value(names), json!(["Anna"]));
    dataset.run("status", &["--check"]).expect_status(0);
}

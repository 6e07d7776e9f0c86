//! Faults of the machine and of other programs during an extraction: disks that are full or read-only, videos that
//! vanish or change, damaged parts.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use arrow::array::{ArrayRef, Float32Array, RecordBatch};
use posekit::store::part::{PartLabel, write_part};
use posekit::store::read::{read_label, read_poses};
use posekit::store::rows::{FrameRow, FrameStatus};
use posekit::store::schema::{frame_columns, landmark_columns, region_columns};
use posekit::store::{Layout, Table};

use crate::support::{BALANCE, Dataset, FLIP, Run, clip, posekit, wait_for};

/// Forty frames in four segments.
const SHORT: [&str; 10] =
    ["--people", "1", "--network", "lite", "--end", "0.66", "--segment-frames", "10", "--workers", "1"];

fn extract(dataset: &Dataset, video: &Path, arguments: &[&str]) -> Command {
    let mut command = posekit();
    command.arg("extract").arg("--dataset").arg(dataset.path()).arg("--video").arg(video).args(arguments);
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    command
}

fn run(mut command: Command) -> Run {
    command.output().unwrap().into()
}

/// The command as a shell script with it as `"$@"`.
fn in_shell(shell: &[&str], script: &str, command: &Command) -> Command {
    let mut wrapped = Command::new(shell[0]);
    wrapped.args(&shell[1..]).arg("-c").arg(script).arg("sh").arg(command.get_program()).args(command.get_args());
    wrapped.stdout(Stdio::null()).stderr(Stdio::piped()).stdin(Stdio::null());
    wrapped
}

/// Whether mounts of our own are allowed; says so where not.
#[allow(clippy::print_stderr, reason = "whoever runs the tests should know what was left out")]
fn can_mount() -> bool {
    let can = Command::new("unshare").args(["-m", "true"]).output().is_ok_and(|output| output.status.success());
    if !can {
        eprintln!("left out: without the right to mount, there is no small and no read-only file system to test with");
    }
    can
}

fn assert_no_leftovers(dataset: &Dataset) {
    let left: Vec<String> = dataset.files().into_iter().filter(|file| file.contains(".tmp")).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn a_write_that_fails_is_named_and_the_next_run_goes_on() {
    let dataset = Dataset::new();
    let command = extract(&dataset, &clip(BALANCE), &SHORT);
    // The catalog can be made before the writes begin to fail.
    run(extract(&dataset, &clip(BALANCE), &["--people", "1", "--network", "lite", "--end", "0.1"])).expect_status(0);
    // The limit is in kilobytes; a part of landmarks has more.
    let limited = in_shell(&["bash"], "trap '' XFSZ; ulimit -f 4; exec \"$@\"", &command);
    let failed = run(limited).expect_status(3);
    let names_it = failed.stderr.contains("cannot write") && failed.stderr.contains("raw_landmarks");
    assert!(names_it && failed.stderr.contains("is writable"), "{}", failed.stderr);
    assert_no_leftovers(&dataset);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 6.0, "what was there before");
    run(command).expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 40.0);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn a_full_disk_is_named_and_the_next_run_goes_on() {
    if !can_mount() {
        return;
    }
    let dataset = Dataset::new();
    fs::create_dir_all(dataset.path()).unwrap();
    let folder = dataset.path().display().to_string();
    // The file system lives as long as the shell: both runs and the check are in it.
    let script = format!(
        "mount -t tmpfs -o size=4m none '{folder}' || exit 90
         \"$@\" --end 0.1; test $? = 0 || exit 91
         head -c 4m /dev/zero > '{folder}/filling' 2> /dev/null
         \"$@\" --end 0.66; test $? = 3 || exit 92
         test -z \"$(find '{folder}' -name '*.tmp')\" || exit 93
         rm '{folder}/filling'
         \"$@\" --end 0.66; test $? = 0 || exit 94
         \"$1\" status --dataset '{folder}' --check"
    );
    let command = extract(&dataset, &clip(BALANCE), &["--people", "1", "--network", "lite", "--segment-frames", "10"]);
    let full = run(in_shell(&["unshare", "-m", "sh"], &script, &command)).expect_status(0);
    assert!(
        full.stderr.contains("No space left on device") && full.stderr.contains("free some disk space"),
        "{}",
        full.stderr
    );
}

#[test]
fn a_dataset_that_can_only_be_read_is_refused_before_any_work_and_answers_queries() {
    let nowhere = run({
        let mut command = posekit();
        command
            .args(["extract", "--people", "1", "--network", "lite", "--dataset", "/proc/posekit", "--video"])
            .arg(clip(BALANCE));
        command
    })
    .expect_status(3);
    assert!(nowhere.stderr.contains("/proc/posekit") && nowhere.stderr.contains("hint:"), "{}", nowhere.stderr);
    assert!(!nowhere.stderr.contains("frames/s"), "{}", nowhere.stderr);
    if !can_mount() {
        return;
    }
    let dataset = Dataset::new();
    run(extract(&dataset, &clip(BALANCE), &SHORT)).expect_status(0);
    let folder = dataset.path().display().to_string();
    let script = format!("mount --bind '{folder}' '{folder}' && mount -o remount,ro,bind '{folder}' && exec \"$@\"");
    let read_only = |command: &Command| run(in_shell(&["unshare", "-m", "sh"], &script, command));
    let refused = read_only(&extract(&dataset, &clip(FLIP), &SHORT)).expect_status(3);
    assert!(refused.stderr.contains("Read-only file system"), "{}", refused.stderr);
    assert!(!refused.stderr.contains("frames/s"), "{}", refused.stderr);
    let known = read_only(&extract(&dataset, &clip(BALANCE), &SHORT)).expect_status(0);
    assert!(known.stderr.contains("already extracted"), "{}", known.stderr);
    let mut query = posekit();
    query.args(["query", "--dataset", &folder, "SELECT 1 FROM frames HAVING count(*) = 40"]);
    read_only(&query).expect_status(0);
    dataset.run("analyze", &[]).expect_status(0);
    let files = dataset.beside("files").display().to_string();
    let analyze = |arguments: &[&str]| {
        let mut analyze = posekit();
        analyze.args(["analyze", "--dataset", &folder]).args(arguments);
        read_only(&analyze)
    };
    for arguments in [&["--check"][..], &["--export", "csv", "--output", &files]] {
        analyze(arguments).expect_status(0);
    }
    let unchanged = analyze(&[]).expect_status(0);
    assert!(unchanged.stderr.contains("everything is up to date"), "{}", unchanged.stderr);
    let other = analyze(&["--height_m", "1.5"]).expect_status(3);
    assert!(other.stderr.contains("Read-only file system"), "{}", other.stderr);
}

/// An extraction of a copy of a clip that has gone on for some frames, and the copy.
fn in_the_middle(dataset: &Dataset) -> (Child, PathBuf) {
    let video = dataset.beside("video.mp4");
    fs::copy(clip(BALANCE), &video).unwrap();
    let arguments =
        ["--people", "1", "--network", "heavy", "--segment-frames", "10", "--workers", "1", "--progress", "json"];
    let mut child = extract(dataset, &video, &arguments).spawn().unwrap();
    wait_for(&mut child, "\"event\":\"progress\"");
    (child, video)
}

#[test]
fn a_video_that_is_removed_while_it_is_read_is_read_to_its_end() {
    let dataset = Dataset::new();
    let (child, video) = in_the_middle(&dataset);
    fs::remove_file(video).unwrap();
    Run::from(child.wait_with_output().unwrap()).expect_status(0);
    assert_eq!(dataset.number("SELECT count(*) FROM frames"), 100.0);
    assert_eq!(dataset.value("SELECT status FROM runs"), "ok");
}

#[test]
fn a_video_that_changes_while_it_is_read_gives_no_rows_and_others_stay() {
    let cut_off = |video: &Path| fs::OpenOptions::new().write(true).open(video).unwrap().set_len(90_000).unwrap();
    let replace = |video: &Path| {
        let other = video.with_extension("new");
        fs::copy(clip(FLIP), &other).unwrap();
        fs::rename(other, video).unwrap();
    };
    for change in [&cut_off as &dyn Fn(&Path), &replace] {
        let dataset = Dataset::new();
        run(extract(&dataset, &clip(FLIP), &SHORT)).expect_status(0);
        let (child, video) = in_the_middle(&dataset);
        change(&video);
        let failed = Run::from(child.wait_with_output().unwrap()).expect_status(1);
        assert!(failed.stderr.contains("changed while it was read"), "{}", failed.stderr);
        let runs = dataset.rows("SELECT name, status, reason FROM videos JOIN runs USING (video_id) ORDER BY name");
        assert_eq!((runs[0]["name"].as_str(), runs[0]["status"].as_str()), (Some(FLIP), Some("ok")));
        let reason = runs[1]["reason"].as_str().unwrap();
        assert!(runs[1]["status"] == "failed" && reason.contains("changed while it was read"), "{}", runs[1]);
        assert_eq!(dataset.value("SELECT string_agg(DISTINCT video) FROM landmarks"), FLIP);
        // Nothing is left that a run of the old content could go on from.
        let parts = dataset.files().into_iter().filter(|file| file.contains("part-"));
        let runs: std::collections::BTreeSet<String> =
            parts.map(|part| part.split('/').nth(2).unwrap().to_owned()).collect();
        assert_eq!(runs.len(), 1, "{runs:?}");
        dataset.run("status", &["--check"]).expect_status(0);
        // As it is now, it is another video.
        let now = run(extract(&dataset, &video, &SHORT));
        assert!(!now.stderr.contains("changed while it was read"), "{}", now.stderr);
    }
}

#[test]
fn unfinished_runs_stay_for_the_next_run_until_they_are_pruned() {
    let dataset = Dataset::new();
    run(extract(&dataset, &clip(BALANCE), &SHORT)).expect_status(0);
    let mut killed = extract(&dataset, &clip(FLIP), &SHORT);
    killed.env("POSEKIT_FAILPOINT", "file-renamed=6");
    assert_eq!(run(killed).status, -1);
    // Complete, but not yet in the catalog.
    let mut sealed = extract(&dataset, &clip(FLIP), &["--people", "1", "--network", "lite", "--end", "0.2"]);
    sealed.env("POSEKIT_FAILPOINT", "catalog-written=1");
    assert_eq!(run(sealed).status, -1);
    let pruned = dataset.run("status", &["--prune"]).expect_status(0);
    assert!(pruned.stderr.contains("1 unfinished run removed"), "{}", pruned.stderr);
    let committed =
        run(extract(&dataset, &clip(FLIP), &["--people", "1", "--network", "lite", "--end", "0.2"])).expect_status(0);
    assert!(committed.stderr.contains(FLIP), "{}", committed.stderr);
    assert_eq!(dataset.number("SELECT count(DISTINCT video_id) FROM frames"), 2.0);
    dataset.run("status", &["--check"]).expect_status(0);
}

#[test]
fn prune_waits_for_nobody() {
    let dataset = Dataset::new();
    run(extract(&dataset, &clip(BALANCE), &SHORT)).expect_status(0);
    let (mut child, _) = in_the_middle(&dataset);
    let refused = dataset.run("status", &["--prune"]).expect_status(3);
    assert!(refused.stderr.contains("is being written by process"), "{}", refused.stderr);
    child.kill().unwrap();
    child.wait().unwrap();
}

/// A dataset of one run, to be damaged.
struct Damaged {
    dataset: Dataset,
    layout: Layout,
    label: PartLabel,
}

impl Damaged {
    fn new() -> Self {
        let dataset = Dataset::new();
        run(extract(&dataset, &clip(BALANCE), &SHORT)).expect_status(0);
        let file =
            dataset.files().into_iter().find(|file| file.starts_with("frames/") && file.contains("00001")).unwrap();
        let label = read_label(&dataset.path().join(file), Table::Frames).unwrap();
        Self { layout: Layout::new(dataset.path()), dataset, label }
    }

    /// The second segment's part of a table.
    fn part(&self, table: Table) -> PathBuf {
        self.layout.part(table, &self.label.video_id, &self.label.run_id, 1)
    }

    /// Frames 10 to 19, changed.
    fn write_frames(&self, change: impl Fn(&mut FrameRow)) {
        let rows = (10..20_u32).map(|frame_idx| {
            let mut row =
                FrameRow { frame_idx, time_s: f64::from(frame_idx) / 60.0, status: FrameStatus::Ok, n_people: 1 };
            change(&mut row);
            row
        });
        let columns = frame_columns(&rows.collect::<Vec<_>>()).unwrap();
        write_part(&self.part(Table::Frames), Table::Frames, &self.label, &columns).unwrap();
    }

    /// The dataset is said to be damaged, in these words.
    fn expect(&self, words: &str) {
        let check = self.dataset.run("status", &["--check"]).expect_status(1);
        assert!(check.stderr.contains(words), "{words} is missing in\n{}", check.stderr);
    }
}

#[test]
fn a_check_names_a_damaged_footer() {
    let damaged = Damaged::new();
    let path = damaged.part(Table::RawLandmarks);
    let mut bytes = fs::read(&path).unwrap();
    let end = bytes.len();
    bytes[end - 60..end - 8].fill(0xa5);
    fs::write(&path, &bytes).unwrap();
    damaged.expect(&path.display().to_string());
    bytes.truncate(end / 2);
    fs::write(&path, &bytes).unwrap();
    damaged.expect(&path.display().to_string());
}

#[test]
fn a_check_names_a_part_in_the_wrong_place() {
    let damaged = Damaged::new();
    let other = damaged.layout.part(Table::Frames, &damaged.label.video_id, &damaged.label.run_id, 2);
    fs::copy(other, damaged.part(Table::Frames)).unwrap();
    damaged.expect("its footer belongs to another path");
}

#[test]
fn a_check_names_gaps_repetitions_and_wrong_counts() {
    let damaged = Damaged::new();
    damaged.write_frames(|row| row.frame_idx += u32::from(row.frame_idx > 14));
    damaged.expect("frame 16 follows frame 14");
    damaged.write_frames(|row| row.frame_idx -= u32::from(row.frame_idx > 14));
    damaged.expect("frame 14 follows frame 14");
    damaged.write_frames(|row| {
        if row.frame_idx == 12 {
            row.status = FrameStatus::Failed;
        }
    });
    damaged.expect("the run records 40 frames and 0 failed ones, but the tables contain 40 and 1");
    let nine = FrameRow { frame_idx: 10, time_s: 10.0 / 60.0, status: FrameStatus::Ok, n_people: 1 };
    let columns = frame_columns(&[nine]).unwrap();
    write_part(&damaged.part(Table::Frames), Table::Frames, &damaged.label, &columns).unwrap();
    damaged.expect("its numbers of rows and frames differ");
}

#[test]
fn a_check_names_times_that_run_back_or_are_none() {
    let damaged = Damaged::new();
    for time_s in [0.01, f64::NAN] {
        damaged.write_frames(|row| {
            if row.frame_idx == 15 {
                row.time_s = time_s;
            }
        });
        damaged.expect("frame 15 has the time ");
    }
}

#[test]
fn a_check_names_poses_that_are_not_complete() {
    let damaged = Damaged::new();
    damaged.write_frames(|row| row.n_people = u16::from(row.frame_idx != 15));
    damaged.expect("frame 15 lists 0 people, but regions contains 1");
    damaged.write_frames(|_| ());
    let regions = region_columns(&[]).unwrap();
    write_part(&damaged.part(Table::Regions), Table::Regions, &damaged.label, &regions).unwrap();
    damaged.expect("frame 10 lists 1 people, but regions contains 0");
}

#[test]
fn a_check_names_coordinates_that_are_not_numbers() {
    let damaged = Damaged::new();
    let path = damaged.part(Table::RawLandmarks);
    let poses = read_poses(&path, Table::RawLandmarks).unwrap();
    let columns = landmark_columns(Table::RawLandmarks, &poses).unwrap();
    for (name, wrong) in [("x_px", f32::NAN), ("world_z_m", f32::INFINITY), ("visibility", 1.5)] {
        let place = columns.schema().index_of(name).unwrap();
        let mut arrays = columns.columns().to_vec();
        arrays[place] = Arc::new(Float32Array::from(vec![wrong; columns.num_rows()])) as ArrayRef;
        let changed = RecordBatch::try_new(columns.schema(), arrays).unwrap();
        write_part(&path, Table::RawLandmarks, &damaged.label, &changed).unwrap();
        damaged.expect("frame 10 has an invalid value");
    }
}

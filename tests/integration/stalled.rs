//! Storage that stalls: a video whose drive does not answer any more fails with a reason, and the others are finished.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::support::{BALANCE, Dataset, FLIP, Run, clip, ffmpeg, posekit, wait_for};

const SHORT: [&str; 6] = ["--people", "1", "--network", "lite", "--segment-frames", "10"];

/// An extraction of all files beside the dataset. `stall` is `NAME=N`: whatever has NAME in its path is read as if it
/// were on a network drive, which answers N - 1 times.
fn extract(dataset: &Dataset, stall: Option<&str>) -> Command {
    let mut command = posekit();
    command.arg("extract").args(SHORT).arg("--input").arg(dataset.videos()).arg("--dataset").arg(dataset.path());
    command.stdout(Stdio::null()).stderr(Stdio::piped());
    if let Some(stall) = stall {
        command.env("POSEKIT_STALL", stall);
    }
    command
}

fn run(mut command: Command) -> Run {
    command.output().unwrap().into()
}

/// Makes a file, or numbered pictures, of the first half second of a clip.
fn make(target: &Path, arguments: &[&str]) {
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    let source = clip(BALANCE);
    ffmpeg(&[&["-i", source.to_str().unwrap(), "-t", "0.5", "-an"], arguments, &[target.to_str().unwrap()]].concat());
}

#[test]
fn what_is_read_by_a_thread_has_the_rows_of_what_ffmpeg_reads() {
    let dataset = Dataset::new();
    fs::copy(clip(FLIP), dataset.beside("a.mp4")).unwrap();
    make(&dataset.beside("b.mkv"), &["-c", "copy"]);
    make(&dataset.beside("c.avi"), &["-c:v", "mpeg4"]);
    make(&dataset.beside("d.ts"), &["-c", "copy"]);
    make(&dataset.beside("e.mpg"), &["-c:v", "mpeg2video", "-r", "25"]);
    make(&dataset.beside("shots/f_%02d.png"), &["-s", "320x180"]);
    make(&dataset.beside("still.jpg"), &["-frames:v", "1"]);
    run(extract(&dataset, None)).expect_status(0);
    let expected = dataset.content();
    assert_eq!(dataset.number("SELECT count(*) FROM videos"), 7.0);
    fs::remove_dir_all(dataset.path()).unwrap();
    run(extract(&dataset, Some("videos=1000000"))).expect_status(0);
    assert_eq!(dataset.content(), expected);
}

#[test]
fn a_stalled_video_fails_and_the_others_are_finished() {
    let dataset = Dataset::new();
    fs::copy(clip(BALANCE), dataset.beside("slow.mp4")).unwrap();
    make(&dataset.beside("slow.mkv"), &["-c", "copy"]);
    make(&dataset.beside("shots/f_%02d.png"), &["-s", "320x180"]);
    make(&dataset.beside("other.mp4"), &["-c:v", "mpeg4"]);
    run(extract(&dataset, None)).expect_status(0);
    let expected = dataset.content();
    // While the file is opened, while its packets are looked through, while it is decoded.
    for (name, counts) in [("slow.mp4", &[1, 60, 190][..]), ("slow.mkv", &[8, 14]), ("shots", &[60, 90])] {
        for count in counts {
            fs::remove_dir_all(dataset.path()).unwrap();
            let stall = format!("{name}={count}");
            let stalled = run(extract(&dataset, Some(&stall))).expect_status(1);
            for part in ["has made no progress for 2 s", "check the drive or the network", "1 video failed"] {
                assert!(stalled.stderr.contains(part), "{stall}: {part} is missing in {}", stalled.stderr);
            }
            assert_eq!(dataset.number("SELECT count(DISTINCT video_id) FROM frames"), 3.0, "{stall}");
            let resumed = run(extract(&dataset, None)).expect_status(0);
            if *count == 190 {
                assert!(resumed.stderr.contains("frames already done"), "{stall}: {}", resumed.stderr);
            }
            assert_eq!(dataset.content(), expected, "{stall}");
            dataset.run("status", &["--check"]).expect_status(0);
        }
    }
}

#[test]
fn an_interrupt_ends_an_extraction_that_waits_for_storage() {
    let dataset = Dataset::new();
    fs::copy(clip(BALANCE), dataset.beside("slow.mp4")).unwrap();
    let mut waiting = extract(&dataset, Some("slow.mp4=190")).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(1));
    let since = Instant::now();
    let id = waiting.id().to_string();
    assert!(Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    wait_for(&mut waiting, "interrupted");
    assert_eq!(waiting.wait().unwrap().code(), Some(130));
    assert!(since.elapsed() < Duration::from_secs(30));
    run(extract(&dataset, None)).expect_status(0);
    dataset.run("status", &["--check"]).expect_status(0);
}

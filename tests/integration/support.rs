//! A temporary dataset, the binary, and FFmpeg's program to make video variants.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The clone.
pub(crate) fn clone() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A clip of the public folder.
pub(crate) fn clip(name: &str) -> PathBuf {
    clone().join("public").join(name)
}

pub(crate) const FLIP: &str = "flip_and_walk_2p.mp4";
pub(crate) const BALANCE: &str = "balance_multi_cam04.mp4";

/// What a run of the binary came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Run {
    /// Fails the test with the run's messages where the status is another.
    pub(crate) fn expect_status(self, status: i32) -> Self {
        assert_eq!(self.status, status, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

/// A command of the binary, in the test's own environment without the variables that change messages or libraries.
pub(crate) fn posekit() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_posekit"));
    command.stdin(Stdio::null()).env_remove("RUST_LOG").env_remove("ORT_DYLIB_PATH").env_remove("POSEKIT_INSTRUCTIONS");
    command
}

/// A dataset in a temporary folder, with room for videos beside it.
pub(crate) struct Dataset {
    folder: TempDir,
}

impl Dataset {
    pub(crate) fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    /// The dataset's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("datasets")
    }

    /// A path beside the dataset.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        let path = self.folder.path().join("videos").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    /// The folder beside the dataset.
    pub(crate) fn videos(&self) -> PathBuf {
        self.folder.path().join("videos")
    }

    pub(crate) fn run(&self, command: &str, arguments: &[&str]) -> Run {
        posekit().arg(command).arg("--dataset").arg(self.path()).args(arguments).output().unwrap().into()
    }

    /// Extracts the beginning of a public clip with the lite network.
    pub(crate) fn extract_beginning(&self, name: &str, end_s: &str) -> Run {
        let clip = clip(name);
        self.run("extract", &["--people", "1", "--network", "lite", "--end", end_s, "--video", clip.to_str().unwrap()])
    }

    /// The rows of a query.
    pub(crate) fn rows(&self, sql: &str) -> Vec<Value> {
        let run = self.run("query", &["--format", "jsonl", sql]).expect_status(0);
        run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    /// The only value of a query.
    pub(crate) fn value(&self, sql: &str) -> Value {
        let rows = self.rows(sql);
        assert_eq!(rows.len(), 1, "{sql}");
        rows[0].as_object().unwrap().values().next().unwrap().clone()
    }

    pub(crate) fn number(&self, sql: &str) -> f64 {
        self.value(sql).as_f64().unwrap_or(f64::NAN)
    }

    /// A hash of all rows of all tables, and how many there are.
    pub(crate) fn content(&self) -> Vec<Value> {
        let tables = ["frames", "camera_motion", "regions", "raw_landmarks", "tracks", "landmarks"];
        let hashes = tables
            .map(|table| format!("SELECT '{table}' AS name, count(*) AS n, bit_xor(hash(t)) AS h FROM {table} AS t"));
        self.rows(&hashes.join(" UNION ALL "))
    }

    /// All files of the dataset, relative to it.
    pub(crate) fn files(&self) -> Vec<String> {
        let root = self.path();
        let entries = walkdir::WalkDir::new(&root).into_iter().filter_map(Result::ok);
        let files = entries.filter(|entry| entry.file_type().is_file());
        let mut names: Vec<String> =
            files.map(|file| file.path().strip_prefix(&root).unwrap().display().to_string()).collect();
        names.sort();
        names
    }
}

/// Runs FFmpeg's program.
pub(crate) fn ffmpeg(arguments: &[&str]) {
    let run = Command::new("ffmpeg").args(["-v", "error", "-y"]).args(arguments).stdin(Stdio::null()).output();
    let output = run.expect("ffmpeg is installed (`make native`)");
    assert!(output.status.success(), "ffmpeg {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Reads the child's standard error up to a line with `mark`.
pub(crate) fn wait_for(child: &mut Child, mark: &str) {
    let stderr = child.stderr.as_mut().unwrap();
    let (mut seen, mut byte) = (String::new(), [0]);
    while !(seen.contains(mark) && seen.ends_with('\n')) {
        assert_eq!(stderr.read(&mut byte).unwrap(), 1, "{mark} is missing in {seen}");
        seen.push(char::from(byte[0]));
    }
}

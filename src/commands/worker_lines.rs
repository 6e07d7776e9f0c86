//! The lines that `posekit worker` reads and writes (docs/WORKER.md).

use std::io::{self, Lines, StdinLock, Write};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::analyze::config::Wishes;
use crate::analyze::run::Made;
use crate::error::Error;
use crate::extract::job::{Job, JobOutcome};
use crate::extract::settings::PoseSettings;
use crate::extract::spec::{CompletionSpec, SegmentsSpec, UnitRecord};
use crate::extract::unit::UnitError;
use crate::machine;
use crate::video::VideoError;
use crate::video::info::FileStamp;

/// A line of standard input.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// An id that is returned with every line about the unit.
    #[serde(default)]
    pub(super) id: Value,
    pub(super) unit: Unit,
}

/// A unit of work. The networks of one unit of segments serve the next, so these units differ from all others.
#[derive(Debug, Deserialize)]
#[serde(from = "UnitLine")]
pub(super) enum Unit {
    /// Does segments of a video: frames are decoded, people are followed.
    Segments(Box<SegmentsSpec>),
    /// Needs no networks.
    Other(Box<OtherUnit>),
}

/// A unit of work that needs no networks.
#[derive(Debug)]
pub(super) enum OtherUnit {
    /// Identifies the video of a file. The file's bytes are read and hashed.
    Identify { path: PathBuf },
    /// Finds the segments of a video, and the missing ones among them. The video's packets are read.
    Prepare(PrepareSpec),
    /// Completes a run.
    Complete(Box<CompletionSpec>),
    /// Analyzes a run.
    Analyze(AnalyzeSpec),
}

/// A unit of work as a line has it.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum UnitLine {
    Identify { path: PathBuf },
    Prepare(PrepareSpec),
    Segments(Box<SegmentsSpec>),
    Complete(Box<CompletionSpec>),
    Analyze(AnalyzeSpec),
}

impl From<UnitLine> for Unit {
    fn from(line: UnitLine) -> Self {
        let other = match line {
            UnitLine::Segments(spec) => return Self::Segments(spec),
            UnitLine::Identify { path } => OtherUnit::Identify { path },
            UnitLine::Prepare(spec) => OtherUnit::Prepare(spec),
            UnitLine::Complete(spec) => OtherUnit::Complete(spec),
            UnitLine::Analyze(spec) => OtherUnit::Analyze(spec),
        };
        Self::Other(Box::new(other))
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PrepareSpec {
    pub(super) job: Job,
    pub(super) pose: PoseSettings,
    /// The largest number of segments of one unit.
    pub(super) segments_per_unit: u32,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct AnalyzeSpec {
    pub(super) video_id: String,
    pub(super) run_id: String,
    /// The sport, the heights and the filter.
    #[serde(default)]
    pub(super) wishes: Wishes,
    pub(super) sql_dir: Option<PathBuf>,
    pub(super) sports_dir: Option<PathBuf>,
    #[serde(default)]
    pub(super) is_forced: bool,
}

/// The result of a unit.
#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Done {
    Identify {
        video_id: String,
        stamp: FileStamp,
    },
    /// Only recording the run remains, or the video cannot be read.
    Ended {
        outcome: Box<JobOutcome>,
    },
    /// These units are missing. When all are done, and their records added to `completion.record`, the completion is
    /// the last unit.
    Prepare {
        segments: Vec<SegmentsSpec>,
        completion: Box<CompletionSpec>,
    },
    /// If the frames of the video differ from its index, the video must be prepared again when its other units have
    /// ended.
    Segments {
        record: UnitRecord,
        has_diverged: bool,
    },
    Analyze(AnalyzeResult),
}

/// The outcome of the analysis of a run.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct AnalyzeResult {
    pub(super) made: Vec<Made>,
    pub(super) n_up_to_date: usize,
    pub(super) remarks: Vec<String>,
    /// The messages of the SQL files that failed.
    pub(super) failed: Vec<String>,
}

/// The extent of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reach {
    /// The line is invalid, or was made by another version of posekit.
    Request,
    /// This video cannot be read: the run is to be completed with this failure.
    Video,
    /// This worker, the dataset or the machine has failed.
    Worker,
}

/// The reason why a unit failed.
#[derive(Debug, Serialize)]
pub(super) struct Failed {
    pub(super) reach: Reach,
    pub(super) message: String,
    pub(super) hint: Option<String>,
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self { reach: Reach::Worker, message: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

impl From<VideoError> for Failed {
    fn from(error: VideoError) -> Self {
        Self { reach: Reach::Video, message: error.to_string(), hint: error.hint().map(str::to_owned) }
    }
}

impl From<UnitError> for Failed {
    fn from(error: UnitError) -> Self {
        match error {
            UnitError::Video(error) => error.into(),
            UnitError::Store(error) => Error::from(error).into(),
            UnitError::Thread(error) => Error::Thread(error).into(),
            UnitError::CalledOff => Error::Interrupted.into(),
        }
    }
}

/// A line of standard output.
#[derive(Debug, Serialize)]
pub(super) struct Reply<'a> {
    id: &'a Value,
    #[serde(flatten)]
    says: Says,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Says {
    /// The number of finished frames of the unit.
    Progress {
        n_frames: u64,
    },
    Done {
        result: Done,
        peak_rss_bytes: u64,
    },
    Failed(Failed),
}

/// The incoming units.
pub(super) struct Requests {
    pub(super) lines: Lines<StdinLock<'static>>,
}

impl Requests {
    /// Returns the next valid unit. Invalid ones are answered with an error.
    pub(super) fn next(&mut self) -> Result<Option<Request>, Error> {
        for line in &mut self.lines {
            let line = line.map_err(|source| Error::Output { target: "standard input".into(), source })?;
            if line.trim().is_empty() {
                continue;
            }
            match serde_json::from_str::<Request>(&line) {
                Ok(request) => return Ok(Some(request)),
                Err(error) => {
                    let id = serde_json::from_str::<Value>(&line).map_or(Value::Null, |line| line["id"].clone());
                    let message = format!("invalid unit of work: {error}");
                    let hint = Some("docs/WORKER.md describes the lines".to_owned());
                    say(&id, Says::Failed(Failed { reach: Reach::Request, message, hint }))?;
                }
            }
        }
        Ok(None)
    }
}

pub(super) fn say(id: &Value, says: Says) -> Result<(), Error> {
    let failed = |source| Error::Output { target: "standard output".into(), source };
    let line = serde_json::to_string(&Reply { id, says }).map_err(|error| failed(error.into()))?;
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}").and_then(|()| stdout.flush()).map_err(failed)
}

pub(super) fn answer(id: &Value, result: Result<Done, Failed>) -> Result<(), Error> {
    let done = |result| Says::Done { result, peak_rss_bytes: machine::peak_resident_bytes() };
    say(id, result.map_or_else(Says::Failed, done))
}

/// Reports the progress of a unit at intervals.
pub(super) struct Progress<'a> {
    id: &'a Value,
    state: Mutex<(u64, Instant)>,
}

impl<'a> Progress<'a> {
    const PAUSE: Duration = Duration::from_secs(1);

    pub(super) fn new(id: &'a Value) -> Self {
        Self { id, state: Mutex::new((0, Instant::now())) }
    }

    pub(super) fn on_frame(&self) {
        let Ok(mut state) = self.state.lock() else { return };
        state.0 += 1;
        if state.1.elapsed() >= Self::PAUSE {
            state.1 = Instant::now();
            // If the output is closed, the answer to the unit reports the error.
            let _ = say(self.id, Says::Progress { n_frames: state.0 });
        }
    }
}

//! The errors of commands, the scope of each error, and hints for the user.

use std::path::PathBuf;

use crate::analyze::AnalyzeError;
use crate::artifacts::ArtifactError;
use crate::ask::AskError;
use crate::charts::PlotError;
use crate::cluster::ClusterError;
use crate::export::ExportError;
use crate::extract::job::JobError;
use crate::inference::InferenceError;
use crate::inference::native::{InstructionSet, NativeError};
use crate::inference::networks::NetworkError;
use crate::journal::JournalError;
use crate::llm::prices::PriceError;
use crate::llm_data::LlmDataError;
use crate::providers::{EndpointError, HttpError};
use crate::render::RenderError;
use crate::report::ReportingError;
use crate::scope::Scope;
use crate::serve::ServeError;
use crate::store::StoreError;
use crate::synth::job::JobError as SynthError;
#[cfg(feature = "train")]
use crate::train::TrainError;
use crate::video::error::InitializeError;

/// The reason why a command failed. Failures of single videos are outcomes of `extract`, not errors.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The request is invalid.
    #[error("{message}")]
    Usage {
        /// What is wrong.
        message: String,
        /// What to do.
        hint: String,
    },
    /// FFmpeg could not be initialized.
    #[error(transparent)]
    Ffmpeg(#[from] InitializeError),
    /// A network file is missing or wrong.
    #[error(transparent)]
    Network(#[from] NetworkError),
    /// ONNX Runtime is missing, or does not accept a network.
    #[error(transparent)]
    Inference(#[from] InferenceError),
    /// The tables could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be written or removed.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// An analysis could not be done.
    #[error(transparent)]
    Analyze(#[from] AnalyzeError),
    /// Files for other tools could not be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// A video could not be rendered.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// The folder to serve contains no report.
    #[error("{} contains no report (index.html)", folder.display())]
    NoReport {
        /// The folder.
        folder: PathBuf,
    },
    /// A report could not be served.
    #[error(transparent)]
    Serve(#[from] ServeError),
    /// Charts could not be made.
    #[error(transparent)]
    Plot(#[from] PlotError),
    /// A report could not be made.
    #[error(transparent)]
    Reporting(#[from] ReportingError),
    /// Language-model data could not be written or checked.
    #[error(transparent)]
    LlmData(#[from] LlmDataError),
    /// A file of the ready questions is invalid.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// A language model cannot be reached or does not answer.
    #[error("{message}")]
    Assistant {
        /// Why.
        message: String,
    },
    /// A provider of language models cannot be used; nothing was sent.
    #[error(transparent)]
    Endpoint(#[from] EndpointError),
    /// No connection to a provider can be made; nothing was sent.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// A list of prices is invalid.
    #[error(transparent)]
    Price(#[from] PriceError),
    /// A journal of the dataset cannot be used.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Other machines cannot be used.
    #[error(transparent)]
    Cluster(#[from] ClusterError),
    /// The wording of examples by a model stopped.
    #[error(transparent)]
    Synth(#[from] SynthError),
    /// A training stopped.
    #[cfg(feature = "train")]
    #[error(transparent)]
    Train(#[from] TrainError),
    /// The memory limit is too small even for one video.
    #[error("the memory limit of {} MiB is too small: this needs at least {} MiB", cap_bytes >> 20, smallest_bytes.div_ceil(1 << 20))]
    MemoryCap {
        /// The limit, bytes.
        cap_bytes: u64,
        /// The smallest sufficient limit, bytes.
        smallest_bytes: u64,
    },
    /// A worker thread could not be started.
    #[error("cannot start a worker thread: {0}")]
    Thread(std::io::Error),
    /// The thread that records outcomes died: an internal error of posekit.
    #[error("cannot record outcomes; `posekit status --rebuild` rebuilds the catalog from the tables")]
    Recorder,
    /// The answer could not be written.
    #[error("cannot write {}: {source}", target.display())]
    Output {
        /// The destination.
        target: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The answer cannot be written in the requested format.
    #[error("cannot write the answer as {format}: {message}")]
    Format {
        /// The format.
        format: &'static str,
        /// Why.
        message: String,
    },
    /// The user asked to stop.
    #[error("interrupted")]
    Interrupted,
}

impl Error {
    /// Returns the scope of the error. A wrapping error has the scope of the error it wraps.
    #[must_use]
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Interrupted => Scope::Interrupted,
            #[cfg(feature = "train")]
            Self::Train(error) if error.is_interrupted() => Scope::Interrupted,
            #[cfg(feature = "train")]
            Self::Train(error) => {
                if error.is_usage() {
                    Scope::Usage
                } else {
                    Scope::Environment
                }
            }
            Self::Store(error) => error.scope(),
            Self::Artifact(error) => error.scope(),
            Self::Analyze(error) => error.scope(),
            Self::Export(error) => error.scope(),
            Self::Render(error) => error.scope(),
            Self::Plot(error) => error.scope(),
            Self::Reporting(error) => error.scope(),
            Self::LlmData(error) => error.scope(),
            Self::Price(_) | Self::Usage { .. } | Self::Format { .. } => Scope::Usage,
            Self::Inference(
                InferenceError::Shape { .. } | InferenceError::Run(_) | InferenceError::NotLoaded { .. },
            )
            | Self::Ask(_)
            | Self::Recorder => Scope::Internal,
            Self::Ffmpeg(_)
            | Self::Network(_)
            | Self::Inference(_)
            | Self::NoReport { .. }
            | Self::Serve(_)
            | Self::Assistant { .. }
            | Self::Endpoint(_)
            | Self::Http(_)
            | Self::Journal(_)
            | Self::Synth(_)
            | Self::Thread(_)
            | Self::Cluster(_)
            | Self::MemoryCap { .. }
            | Self::Output { .. } => Scope::Environment,
        }
    }

    /// Returns the video with an unreadable part, if that is the error.
    #[must_use]
    pub(crate) fn damaged_video(&self) -> Option<&str> {
        match self {
            Self::Store(error)
            | Self::Export(ExportError::Store(error))
            | Self::Reporting(ReportingError::Store(error) | ReportingError::Export(ExportError::Store(error))) => {
                error.damaged_video()
            }
            _ => None,
        }
    }

    /// Returns a hint on what the user can do about the error, if there is one.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&str> {
        match self {
            Self::Usage { hint, .. } => Some(hint),
            Self::Network(error) => Some(error.hint()),
            Self::Inference(InferenceError::Library { .. }) => {
                Some("run `posekit doctor`; in a clone, `make native` fetches the library")
            }
            Self::Inference(InferenceError::Instructions { .. }) => {
                Some("unset the variable: the fastest set is chosen")
            }
            Self::Inference(InferenceError::Native {
                source: NativeError::NotAvailable(InstructionSet::Amx), ..
            }) => Some("--inference native runs on every processor"),
            Self::Inference(InferenceError::Native { source: NativeError::NotAvailable(_), .. }) => {
                Some("unset POSEKIT_INSTRUCTIONS: the fastest set is chosen")
            }
            Self::Inference(InferenceError::Native { .. }) => Some("--inference ort runs it with ONNX Runtime"),
            Self::Store(error) => error.hint(),
            Self::Artifact(error) => Some(error.hint()),
            Self::Export(error) => error.hint(),
            Self::Analyze(error) => error.hint(),
            Self::Render(error) => error.hint(),
            Self::NoReport { .. } => Some("`posekit report` writes a report; --output gives its folder"),
            Self::Serve(error) => error.hint(),
            Self::Plot(error) => error.hint(),
            Self::Reporting(error) => error.hint(),
            Self::Output { .. } => Some("check that the folder exists, is writable and has free space"),
            Self::LlmData(error) => error.hint(),
            Self::Endpoint(_) => Some("docs/SYNTH.md lists the variables; --provider local needs no key"),
            Self::Price(_) => Some("the format is that of src/llm/prices.toml; docs/SYNTH.md explains it"),
            Self::Journal(_) | Self::Synth(_) | Self::Assistant { .. } => {
                Some("paid results are kept; run the same command again to continue from there")
            }
            Self::Cluster(error) => error.hint(),
            Self::Format { .. } => Some("choose another --format, or cast the column to text in the SQL"),
            #[cfg(feature = "train")]
            Self::Train(error) => error.hint(),
            Self::Interrupted => Some("finished work is kept; run the same command again to continue from there"),
            Self::MemoryCap { .. } => Some("raise --memory_limit, or use fewer --workers or a smaller --network"),
            Self::Ask(_) | Self::Ffmpeg(_) | Self::Inference(_) | Self::Http(_) | Self::Thread(_) | Self::Recorder => {
                None
            }
        }
    }

    /// Returns whether the reader closed our output. That is not a failure.
    #[must_use]
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output { source, .. } if source.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

impl From<JobError> for Error {
    fn from(error: JobError) -> Self {
        match error {
            JobError::Store(error) => Self::Store(error),
            JobError::Inference(error) => Self::Inference(error),
            JobError::Thread { source } => Self::Thread(source),
            JobError::Elsewhere { message, hint } => Self::Cluster(ClusterError::Refused { message, hint }),
            JobError::Interrupted => Self::Interrupted,
        }
    }
}

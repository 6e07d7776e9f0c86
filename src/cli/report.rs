//! Prints errors and picks the exit status. No other place does either.

use std::process::ExitCode;

use crate::commands::Outcome;
use crate::error::Error;
use crate::inference::engine;
use crate::installation;
use crate::output::printer::Printer;
use crate::scope::Scope;
use crate::store::engine::duckdb_version;
use crate::video;

/// Prints the error and turns a command's result into the exit status: 0 success; 1 finished, but some inputs failed; 2
/// wrong usage; 3 something on this machine is missing, full or damaged; 4 internal error of posekit; 130 interrupted.
pub(super) fn exit_code(result: Result<Outcome, Error>, printer: &Printer) -> ExitCode {
    let error = match result {
        Ok(Outcome::Done) => return ExitCode::SUCCESS,
        Ok(Outcome::SomeFailed) => return ExitCode::from(1),
        Ok(Outcome::EnvironmentLacking) => return ExitCode::from(3),
        Err(error) if error.is_broken_pipe() => return ExitCode::SUCCESS,
        Err(error) => error,
    };
    printer.complain(&error.to_string(), error.hint());
    ExitCode::from(match error.scope() {
        Scope::Usage => 2,
        Scope::Environment => 3,
        Scope::Internal => 4,
        Scope::Interrupted => 130,
    })
}

/// Returns the versions of posekit and its native libraries.
pub(super) fn versions() -> String {
    let onnxruntime = engine::library_version(&installation::onnxruntime())
        .unwrap_or_else(|_| "not found (see `posekit doctor`)".to_owned());
    format!(
        "{}\nFFmpeg {}\nONNX Runtime {onnxruntime}\nDuckDB {}",
        env!("CARGO_PKG_VERSION"),
        video::ffmpeg_version(),
        duckdb_version().unwrap_or_else(|error| error),
    )
}

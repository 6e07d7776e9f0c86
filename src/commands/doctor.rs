//! `posekit doctor`: reports what is installed on this machine, what is missing, and the command that fixes it.

use std::fmt::Write as _;
use std::path::Path;

use super::{Outcome, print};
use crate::error::Error;
use crate::inference::kind::EngineKind;
use crate::inference::networks::{self, DETECTOR, LANDMARK_FILES, NetworkFile, PEOPLE_DETECTOR};
use crate::inference::{engine, native_networks};
use crate::installation;
use crate::machine::Machine;
use crate::output::units;
use crate::store::engine::duckdb_version;
use crate::video;

/// The result of one check.
struct Finding {
    name: String,
    /// What was found, or the problem and its fix.
    state: Result<String, (String, String)>,
}

/// Runs the command.
///
/// # Errors
/// The report cannot be written.
pub(crate) fn run(models: &Path) -> Result<Outcome, Error> {
    let mut findings = vec![ffmpeg(), onnx_runtime(), inference(), duckdb_library()];
    let files = [DETECTOR, PEOPLE_DETECTOR].into_iter().chain(LANDMARK_FILES);
    findings.extend(files.map(|file| network(file, models)));
    findings.push(machine());
    let n_lacking = findings.iter().filter(|finding| finding.state.is_err()).count();
    print(&report(&findings))?;
    Ok(if n_lacking == 0 { Outcome::Done } else { Outcome::EnvironmentLacking })
}

fn report(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.name.len()).max().unwrap_or_default();
    let mut text = format!("posekit {}\n", env!("CARGO_PKG_VERSION"));
    for Finding { name, state } in findings {
        // Writing to a string cannot fail.
        let _ = match state {
            Ok(found) => writeln!(text, "  ok       {name:width$}  {found}"),
            Err((problem, remedy)) => {
                writeln!(text, "  MISSING  {name:width$}  {problem}\n           {:width$}  fix it with: {remedy}", "")
            }
        };
    }
    text
}

fn ffmpeg() -> Finding {
    let state = match video::initialize(false) {
        Ok(()) => {
            let filter = match video::check_deinterlacer() {
                Ok(()) => "with libavfilter for interlaced video".to_owned(),
                Err(reason) => format!("no interlaced video: {reason}"),
            };
            Ok(format!("{} (libavcodec {}, {filter})", video::ffmpeg_version(), video::libavcodec_version()))
        }
        Err(error) => Err((error.to_string(), "apt-get install ffmpeg".to_owned())),
    };
    Finding { name: "FFmpeg".to_owned(), state }
}

fn onnx_runtime() -> Finding {
    let path = installation::onnxruntime();
    let state = match engine::library_version(&path) {
        Ok(version) => Ok(format!("{version} ({})", path.display())),
        Err(error) => Err((
            error.to_string(),
            format!("make native (in a clone), or set {} to libonnxruntime.so", installation::ONNXRUNTIME_VARIABLE),
        )),
    };
    Finding { name: "ONNX Runtime".to_owned(), state }
}

fn inference() -> Finding {
    let state = match native_networks::instruction_set() {
        Ok(set) => {
            let chosen = if EngineKind::best() == EngineKind::Ort {
                "ort: the processor has none of AVX2, AVX-512 and NEON".to_owned()
            } else {
                format!("native: the processor has {set}")
            };
            let amx = if EngineKind::Amx.is_available() { "AMX for --inference amx" } else { "no AMX" };
            Ok(format!("{chosen}; {amx}"))
        }
        Err(reason) => Err((reason, format!("unset {}", native_networks::INSTRUCTIONS_VARIABLE))),
    };
    Finding { name: "inference".to_owned(), state }
}

fn duckdb_library() -> Finding {
    Finding {
        name: "DuckDB".to_owned(),
        state: duckdb_version().map_err(|error| (error, "make native (in a clone)".to_owned())),
    }
}

fn network(file: NetworkFile, models: &Path) -> Finding {
    let folders = installation::network_folders(models);
    let read = networks::locate(file, &folders).and_then(|path| networks::read_verified(file, &path).map(|_| path));
    let state = match read {
        Ok(path) => Ok(format!("sha256 {}… ({})", &file.sha256[..12], path.display())),
        Err(error) => Err((error.to_string(), error.hint().to_owned())),
    };
    Finding { name: file.file_name.to_owned(), state }
}

fn machine() -> Finding {
    let Machine { cores, memory_bytes, memory_limit_bytes } = Machine::inspect();
    let limit = memory_limit_bytes
        .map_or_else(|| "no cgroup limit".to_owned(), |limit| format!("cgroup limit {}", units::bytes(limit)));
    let found = format!("{}, {} of memory, {limit}", units::counted(cores as u64, "core"), units::bytes(memory_bytes));
    Finding { name: "machine".to_owned(), state: Ok(found) }
}

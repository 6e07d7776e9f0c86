//! Where an installed or freshly built posekit finds its library and networks.
//!
//! `make install` puts the program into `PREFIX/bin`, its libraries into `PREFIX/lib/posekit` and its networks into
//! `PREFIX/share/posekit/models`. A program that runs from a build finds both in the clone that it was built from.

use std::path::{Path, PathBuf};

/// Environment variable that names the ONNX Runtime library.
pub const ONNXRUNTIME_VARIABLE: &str = "ORT_DYLIB_PATH";

/// Libraries and networks of the clone that this program was built from.
const BUILD_LIBRARIES: &str = env!("POSEKIT_BUILD_LIBRARIES");
const BUILD_MODELS: &str = env!("POSEKIT_BUILD_MODELS");

fn prefix() -> Option<PathBuf> {
    let program = std::env::current_exe().and_then(|path| path.canonicalize()).ok()?;
    program.parent()?.parent().map(Path::to_path_buf)
}

/// Where ONNX Runtime may be, best first.
#[must_use]
pub fn onnxruntime_candidates() -> Vec<PathBuf> {
    let file_name = format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let named = std::env::var_os(ONNXRUNTIME_VARIABLE).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(path) = named {
        return vec![path];
    }
    let installed = prefix().map(|prefix| prefix.join("lib/posekit").join(&file_name));
    installed.into_iter().chain([Path::new(BUILD_LIBRARIES).join(&file_name)]).collect()
}

/// The ONNX Runtime library: the first candidate that is there, else the bare name for the system's loader to find.
#[must_use]
pub fn onnxruntime() -> PathBuf {
    let candidates = onnxruntime_candidates();
    let bare_name = candidates.first().and_then(|path| path.file_name()).map(PathBuf::from).unwrap_or_default();
    let is_named = std::env::var_os(ONNXRUNTIME_VARIABLE).is_some_and(|value| !value.is_empty());
    let found = candidates.iter().find(|path| is_named || path.is_file()).cloned();
    found.unwrap_or(bare_name)
}

/// Folders in which networks are looked for, best first: the user's models folder, then where posekit is installed.
#[must_use]
pub fn network_folders(models: &Path) -> Vec<PathBuf> {
    let installed = prefix().map(|prefix| prefix.join("share/posekit/models"));
    let mut folders = vec![models.to_path_buf()];
    folders.extend(installed);
    folders.push(PathBuf::from(BUILD_MODELS));
    folders
}

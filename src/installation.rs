//! Locates the libraries and networks of an installed or freshly built posekit.
//!
//! `make install` puts the program into `PREFIX/bin`, its libraries into `PREFIX/lib/posekit` and its networks into
//! `PREFIX/share/posekit/models`. A program that runs from a build finds both in the clone that it was built from.

use std::path::{Path, PathBuf};

/// The environment variable with the path of the ONNX Runtime library.
pub const ONNXRUNTIME_VARIABLE: &str = "ORT_DYLIB_PATH";

/// The libraries and networks of the clone that this program was built from.
const BUILD_LIBRARIES: &str = env!("POSEKIT_BUILD_LIBRARIES");
const BUILD_MODELS: &str = env!("POSEKIT_BUILD_MODELS");

fn prefix() -> Option<PathBuf> {
    let program = std::env::current_exe().and_then(|path| path.canonicalize()).ok()?;
    program.parent()?.parent().map(Path::to_path_buf)
}

/// Returns the path of the ONNX Runtime library: the user's if set, else the first place that has it, else the bare
/// name, which the system's loader resolves.
#[must_use]
pub fn onnxruntime() -> PathBuf {
    if let Some(named) = std::env::var_os(ONNXRUNTIME_VARIABLE).filter(|value| !value.is_empty()) {
        return PathBuf::from(named);
    }
    let file_name = format!("{}onnxruntime{}", std::env::consts::DLL_PREFIX, std::env::consts::DLL_SUFFIX);
    let installed = prefix().map(|prefix| prefix.join("lib/posekit").join(&file_name));
    let mut candidates = installed.into_iter().chain([Path::new(BUILD_LIBRARIES).join(&file_name)]);
    candidates.find(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(&file_name))
}

/// Returns the folders to search for networks, best first: the user's models folder, the folder of the installation,
/// the folder of the build.
#[must_use]
pub fn network_folders(models: &Path) -> Vec<PathBuf> {
    let installed = prefix().map(|prefix| prefix.join("share/posekit/models"));
    let mut folders = vec![models.to_path_buf()];
    folders.extend(installed);
    folders.push(PathBuf::from(BUILD_MODELS));
    folders
}

/// The environment variable with the Python interpreter that connects to clusters.
const PYTHON_VARIABLE: &str = "POSEKIT_PYTHON";

/// Returns the Python interpreter that has posekit's package: the user's if set, else the one beside this program, which
/// `pip` installed there, else the first one of the system.
#[must_use]
pub(crate) fn python() -> PathBuf {
    if let Some(named) = std::env::var_os(PYTHON_VARIABLE).filter(|value| !value.is_empty()) {
        return PathBuf::from(named);
    }
    // The folder of the program as it was called: an environment of Python has links to programs.
    let beside = std::env::current_exe().ok().and_then(|program| Some(program.parent()?.join("python3")));
    beside.filter(|python| python.is_file()).unwrap_or_else(|| PathBuf::from("python3"))
}

/// Returns the folder of the Python package in the clone that this program was built from, if the program runs there.
#[must_use]
pub(crate) fn python_package_of_clone() -> Option<PathBuf> {
    let clone = Path::new(BUILD_MODELS).parent()?.join("python");
    let is_installed = prefix().is_some_and(|prefix| prefix.join("share/posekit").is_dir());
    (!is_installed && clone.join("posekit").is_dir()).then_some(clone)
}

/// The default language model, relative to a folder of networks.
const LANGUAGE_MODEL: &str = "llm/SmolLM2-135M-Instruct.Q4_1.gguf";
/// The Hugging Face repository of the same model, with weights that PEFT can load.
const LANGUAGE_MODEL_REPOSITORY: &str = "HuggingFaceTB/SmolLM2-135M-Instruct";

/// Returns the path of the default language model, if it was downloaded.
#[must_use]
pub fn default_language_model() -> Option<PathBuf> {
    let folders = network_folders(Path::new("models"));
    folders.into_iter().map(|folder| folder.join(LANGUAGE_MODEL)).find(|path| path.is_file())
}

/// Returns the repository of a model that posekit knows by its file name.
#[must_use]
pub fn known_repository(path: &Path) -> Option<String> {
    let is_default = path.file_name() == Path::new(LANGUAGE_MODEL).file_name();
    is_default.then(|| LANGUAGE_MODEL_REPOSITORY.to_owned())
}

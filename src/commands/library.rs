//! The SQL and sport packs that a command reads: posekit's own, and those of the user's folders.

use std::path::Path;

use crate::analyze::AnalyzeError;
use crate::error::Error;
use crate::sql::library::Library;

/// Returns posekit's SQL and sport packs together with those of the user's folders. A file of `sports_dir` replaces one
/// of `sql_dir`, and both replace posekit's.
///
/// # Errors
/// A folder cannot be read, or has SQL in a place that posekit reads no SQL from.
pub(super) fn with_folders(sql_dir: Option<&Path>, sports_dir: Option<&Path>) -> Result<Library, Error> {
    let mut library = Library::built_in();
    for (folder, prefix) in [(sql_dir, ""), (sports_dir, "sports/")] {
        if let Some(folder) = folder {
            library.add_folder(folder, prefix).map_err(AnalyzeError::from)?;
        }
    }
    match library.misplaced() {
        None => Ok(library),
        Some(path) => Err(Error::Usage {
            message: format!("{path} is not used: posekit reads no SQL from its folder"),
            hint: "SQL files lie in metrics/, quality/, llm/KIND/ or sports/SPORT/{events,phases,metrics,quality}/"
                .to_owned(),
        }),
    }
}

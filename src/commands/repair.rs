//! `posekit status --repair`: rebuilds the parts that do not need the videos, and sets aside damaged parts that another
//! command rebuilds.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Outcome;
use super::videos::stored_runs;
use crate::artifacts::ArtifactError;
use crate::error::Error;
use crate::output::printer::Printer;
use crate::output::units;
use crate::store::edits::put_damaged_aside;
use crate::store::folders::parquet_files;
use crate::store::lock::DatasetLock;
use crate::store::read::read_label;
use crate::store::{Access, Catalog, Layout, Table};
use crate::tracks::stored::StoredRun;

/// The command that rebuilds a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Maker {
    /// This command, from the stored rows.
    Here,
    /// `posekit analyze`.
    Analyze,
    /// `posekit analyze --stability`.
    AnalyzeStability,
    /// `posekit extract`, from the video.
    Extract,
}

impl Maker {
    fn of(table: Table) -> Self {
        match table {
            Table::Tracks | Table::Landmarks => Self::Here,
            table if Table::RESULTS.contains(&table) => Self::Analyze,
            table if Table::ON_REQUEST.contains(&table) => Self::AnalyzeStability,
            _ => Self::Extract,
        }
    }
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]. Damage that cannot be repaired is an outcome, not an error.
pub(super) fn repair(layout: &Layout, printer: &Printer) -> Result<Outcome, Error> {
    let catalog = Catalog::open(layout, Access::Read)?;
    let runs = catalog.runs()?;
    let paths = catalog.video_paths()?;
    drop(catalog);
    let lock = DatasetLock::acquire(layout, "posekit status --repair")?;
    let mut damaged: BTreeMap<Maker, BTreeSet<String>> = BTreeMap::new();
    let mut n_left = 0;
    for run in &runs {
        for table in Table::of_runs() {
            for path in parquet_files(&layout.run(table, &run.video_id, &run.run_id)) {
                let Err(error) = read_label(&path, table) else { continue };
                let maker = Maker::of(table);
                let video = paths.get(&run.video_id).map(PathBuf::from).unwrap_or_default();
                if maker == Maker::Extract && !video.exists() {
                    n_left += 1;
                    let hint = format!("the video is needed but missing: {}", video.display());
                    printer.complain(&error.to_string(), Some(&hint));
                    continue;
                }
                damaged.entry(maker).or_default().insert(run.video.clone());
                // Identities of the current run replace the damaged part below, in one change. Until then a reader gets
                // an error, not a table without rows.
                if maker == Maker::Here && run.is_current {
                    printer.say(&error.to_string());
                } else {
                    put_aside(&path)?;
                    printer.say(&format!("{error}: set aside"));
                }
            }
        }
    }
    let n_lines = put_damaged_aside(layout)?;
    if n_lines > 0 {
        let lines = units::counted(n_lines as u64, "damaged line");
        printer.say(&format!("journal/edits.jsonl: {lines} moved to edits.jsonl.damaged and ignored"));
    }
    let n_found_out = find_out_again(layout, printer)?;
    drop(lock);
    // A table may have lost its only part.
    if !damaged.is_empty() {
        Catalog::open(layout, Access::Write)?.refresh_views()?;
    }
    if n_found_out > 0 {
        printer.say(&format!("identities were assigned again in {}", units::counted(n_found_out, "video")));
    }
    let makers = [
        (Maker::Extract, "posekit extract"),
        (Maker::Analyze, "posekit analyze"),
        (Maker::AnalyzeStability, "posekit analyze --stability N"),
    ];
    for (maker, command) in makers {
        if let Some(videos) = damaged.get(&maker) {
            let names: Vec<&str> = videos.iter().map(String::as_str).collect();
            printer.say(&format!("`{command}` rebuilds the missing parts of {}", names.join(", ")));
        }
    }
    if damaged.is_empty() && n_found_out == 0 && n_left == 0 && n_lines == 0 {
        printer.say("nothing to repair");
    }
    Ok(if n_left == 0 { Outcome::Done } else { Outcome::SomeFailed })
}

/// Rebuilds tracks and landmarks that are missing or do not match the edits. Both follow from the rows that the
/// networks made. Returns the number of videos rebuilt.
fn find_out_again(layout: &Layout, printer: &Printer) -> Result<u64, Error> {
    let mut n_done = 0;
    for (video, run) in stored_runs(layout, &[], printer)?.runs {
        // A run that lacks other tables needs an extraction.
        let Ok(stored) = StoredRun::open(layout, &video.video_id, &run.run_id) else { continue };
        if let Some(warnings) = stored.obey_edits(layout)? {
            n_done += 1;
            for warning in &warnings {
                printer.say(&format!("warning: {}: {warning}", video.name));
            }
        }
    }
    Ok(n_done)
}

/// Renames a damaged part, so that it no longer belongs to its table. Its readable content is kept.
fn put_aside(path: &Path) -> Result<(), ArtifactError> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(".damaged");
    std::fs::rename(path, &aside).map_err(ArtifactError::io("rename", path))
}

//! Verifying a dataset: every part as a file, then the tables of current runs with the queries of `sql/checks/`.

use std::path::Path;

use super::catalog::Catalog;
use super::edits::read_edits;
use super::error::StoreError;
use super::folders::parquet_files;
use super::layout::{Layout, Table};
use super::runs::VideoRun;
use super::wholeness::RunExtent;
use super::{change, edits, read};

/// The checks on tables. Each returns the rows that violate the check: `video_id`, `run_id`, `problem`.
const CHECKS: [(&str, &str); 8] = [
    ("frames_are_contiguous", include_str!("../../sql/checks/frames_are_contiguous.sql")),
    ("times_do_not_run_back", include_str!("../../sql/checks/times_do_not_run_back.sql")),
    ("poses_are_complete", include_str!("../../sql/checks/poses_are_complete.sql")),
    ("missing_is_null", include_str!("../../sql/checks/missing_is_null.sql")),
    ("tracks_have_people", include_str!("../../sql/checks/tracks_have_people.sql")),
    ("landmarks_follow_tracks", include_str!("../../sql/checks/landmarks_follow_tracks.sql")),
    ("people_have_bodies_of_their_own", include_str!("../../sql/checks/people_have_bodies_of_their_own.sql")),
    ("runs_count_their_frames", include_str!("../../sql/checks/runs_count_their_frames.sql")),
];

/// The number of violations of a check that are listed. Further ones are only counted.
const MAX_NAMED: usize = 5;

/// The result of a verification.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Findings {
    /// The number of parts that were read.
    pub(crate) n_parts: usize,
    /// The problems, one sentence each.
    pub(crate) problems: Vec<String>,
}

/// Verifies a dataset.
#[must_use]
pub(crate) fn verify(catalog: &Catalog) -> Findings {
    let mut findings = Findings::default();
    let mut faulty_videos: Vec<String> = Vec::new();
    for table in Table::of_runs() {
        for path in parquet_files(&catalog.layout().table(table)) {
            findings.n_parts += 1;
            if let Err(error) = verify_part(&path, table) {
                findings.problems.push(error.to_string());
                faulty_videos.extend(error.damaged_video().map(str::to_owned));
            }
        }
    }
    let (incomplete, problems) = missing_parts(catalog);
    faulty_videos.extend(incomplete);
    findings.problems.extend(problems);
    findings.problems.extend(edit_problems(catalog));
    findings.problems.extend(unknown_runs(catalog));
    findings.problems.extend(table_problems(catalog, &faulty_videos));
    findings
}

/// Returns the violations of the checks on tables. No query reads the tables of a faulty video: damaged pages can crash
/// DuckDB, and missing rows would be reported again by each check.
fn table_problems(catalog: &Catalog, faulty_videos: &[String]) -> Vec<String> {
    if !faulty_videos.is_empty()
        && let Err(error) = catalog.leave_out(faulty_videos)
    {
        return vec![format!("the checks on tables could not run: {error}")];
    }
    let mut problems = Vec::new();
    for (name, sql) in CHECKS {
        match violations(catalog, sql, faulty_videos) {
            Ok((named, n_all)) => {
                problems.extend(named.iter().map(|violation| format!("{name}: {violation}")));
                if n_all > named.len() {
                    problems.push(format!("{name}: and {} more", n_all - named.len()));
                }
            }
            Err(error) => problems.push(format!("{name} could not run: {error}")),
        }
    }
    problems
}

/// Returns the videos with runs that lack a part, and a problem for each part that a run of the catalog must have and
/// lacks, and for tracks that do not follow from the edits.
fn missing_parts(catalog: &Catalog) -> (Vec<String>, Vec<String>) {
    let (mut incomplete, mut problems) = (Vec::new(), Vec::new());
    let runs = match catalog.runs() {
        Ok(runs) => runs,
        Err(error) => return (incomplete, vec![error.to_string()]),
    };
    for VideoRun { video_id, run_id, n_frames, is_current, .. } in &runs {
        let extent = RunExtent { video_id, run_id, n_frames: *n_frames };
        let mut missing = extent.missing_of_extraction(catalog.layout());
        // The check of each part reports damage.
        missing.retain(|problem| !problem.ends_with("is damaged"));
        let is_extracted = missing.is_empty();
        missing.extend(extent.missing_of_analysis(catalog.layout()));
        incomplete.extend((!missing.is_empty()).then(|| video_id.clone()));
        if is_extracted && *is_current {
            missing.extend(unedited(catalog.layout(), video_id, run_id));
        }
        problems.append(&mut missing);
    }
    (incomplete, problems)
}

/// Returns a problem unless tracks and landmarks were made together, with the edits as they are now.
fn unedited(layout: &Layout, video_id: &str, run_id: &str) -> Option<String> {
    let key = read_edits(layout, video_id).ok()?.key();
    let mut files = parquet_files(&layout.run(Table::Landmarks, video_id, run_id));
    files.push(layout.part(Table::Tracks, video_id, run_id, 0));
    let fingerprints = files.iter().filter_map(|path| {
        let table = if path.starts_with(layout.table(Table::Tracks)) { Table::Tracks } else { Table::Landmarks };
        read::read_footer(path, table).ok().map(|label| label.fingerprint)
    });
    let is_as_edited = |fingerprint: &String| fingerprint.ends_with(&format!("-{key}"));
    let fingerprints: Vec<String> = fingerprints.collect();
    let problem = || {
        format!("video {video_id}, run {run_id}: people do not match the edits; `posekit tracks refresh` rebuilds them")
    };
    (!fingerprints.iter().all(is_as_edited)).then(problem)
}

/// Returns a problem for unfinished changes, and for damaged lines of the journal.
fn edit_problems(catalog: &Catalog) -> Vec<String> {
    let layout = catalog.layout();
    let mut problems = Vec::new();
    match edits::n_damaged(layout) {
        Ok(0) => {}
        Err(error) => problems.push(error.to_string()),
        Ok(n) => problems.push(format!(
            "journal/edits.jsonl: {n} line{} damaged and ignored; `posekit tracks edits` lists the edits in effect",
            if n == 1 { " is" } else { "s are" }
        )),
    }
    if change::is_pending(layout) {
        problems.push("a change of the tables is incomplete; the next command that writes completes it".to_owned());
    }
    problems
}

/// Returns a problem for each complete run that the catalog does not know.
fn unknown_runs(catalog: &Catalog) -> Vec<String> {
    let known = match catalog.knowledge() {
        Ok(knowledge) => knowledge.run_ids,
        Err(error) => return vec![error.to_string()],
    };
    let records = parquet_files(&catalog.layout().table(Table::Runs));
    let runs = records.iter().filter_map(|path| read::read_run(path).ok()).map(|(_, run)| run.run_id);
    let unknown = runs.filter(|run_id| !known.contains(run_id));
    unknown
        .map(|run_id| format!("run {run_id} is complete, but missing from the catalog; run `posekit status --rebuild`"))
        .collect()
}

/// Reads a part to its end and compares its footer with its path.
fn verify_part(path: &Path, table: Table) -> Result<(), StoreError> {
    let label = read::read_label(path, table)?;
    let n_rows = read::count_rows(path)?;
    let wrong = |problem: &str| StoreError::WrongColumns {
        path: path.to_path_buf(),
        table: table.name(),
        problem: problem.to_owned(),
    };
    let place = path.display().to_string();
    let belongs = [
        format!("video_id={}", label.video_id),
        format!("run_id={}", label.run_id),
        format!("part-{:05}.", label.part),
    ];
    if !belongs.iter().all(|piece| place.contains(piece)) {
        return Err(wrong("its footer belongs to another path"));
    }
    let n_frames = u64::from(label.frames[1] - label.frames[0]) + 1;
    if table == Table::Frames && n_rows != n_frames {
        return Err(wrong("its numbers of rows and frames differ"));
    }
    Ok(())
}

/// Returns the violations of a check, and their number. The catalog still has the runs of videos that were left out.
fn violations(catalog: &Catalog, sql: &str, left_out: &[String]) -> Result<(Vec<String>, usize), duckdb::Error> {
    let mut statement = catalog.connection().prepare(sql)?;
    let mut rows = statement.query([])?;
    let (mut named, mut n_all) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let (video_id, run_id, problem): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        if left_out.contains(&video_id) {
            continue;
        }
        n_all += 1;
        if named.len() < MAX_NAMED {
            named.push(format!("video {video_id}, run {run_id}: {problem}"));
        }
    }
    Ok((named, n_all))
}

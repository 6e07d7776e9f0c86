//! The runs of a video: the current one, and those that are no longer needed.

use std::collections::HashMap;
use std::time::{SystemTime, UNIX_EPOCH};

use duckdb::params;

use super::catalog::Catalog;
use super::error::StoreError;
use super::ids::{lettered_run, lettered_video};
use super::layout::Table;
use super::run_journal::{self, Line};
use super::standing::Extent;
use crate::artifacts::files::remove_folder;

/// A run that has tables.
#[derive(Debug, Clone, PartialEq)]
pub struct VideoRun {
    /// The video of the run.
    pub video_id: String,
    /// The video's file name.
    pub video: String,
    /// The id of the run.
    pub run_id: String,
    /// The range of time and the network of the run.
    pub extent: Extent,
    /// The number of frames in its tables.
    pub n_frames: u64,
    /// Whether the run is the current run of its video.
    pub is_current: bool,
}

impl Catalog {
    /// Returns all runs that have tables, by video, the newest of each first.
    ///
    /// # Errors
    /// DuckDB cannot read the runs.
    pub(crate) fn runs(&self) -> Result<Vec<VideoRun>, StoreError> {
        let sql = "SELECT videos.video_id, videos.name, run_id, network, settings, coalesce(current_run_id = run_id, false), runs.n_frames
             FROM runs JOIN videos USING (video_id) WHERE status <> 'failed' ORDER BY name, video_id, finished_at DESC, run_id";
        let read = || -> Result<Vec<VideoRun>, duckdb::Error> {
            let mut statement = self.connection().prepare(sql)?;
            let run = |row: &duckdb::Row<'_>| {
                let extent = Extent::new(&row.get::<_, String>(3)?, &row.get::<_, String>(4)?);
                let (video_id, video, run_id) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok(VideoRun { video_id, video, run_id, extent, is_current: row.get(5)?, n_frames: row.get(6)? })
            };
            statement.query_map([], run)?.collect()
        };
        read().map_err(|error| self.failed(&error))
    }

    /// Returns the path at which each video was last seen, by its id.
    ///
    /// # Errors
    /// DuckDB cannot read the paths.
    pub(crate) fn video_paths(&self) -> Result<HashMap<String, String>, StoreError> {
        let read = || -> Result<HashMap<String, String>, duckdb::Error> {
            let mut statement = self.connection().prepare("SELECT video_id, path FROM videos")?;
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
        };
        read().map_err(|error| self.failed(&error))
    }

    /// Makes a run the current run of its video, also in a catalog that is rebuilt later.
    ///
    /// # Errors
    /// The journal or the catalog cannot be written.
    pub(crate) fn use_run(&self, video_id: &str, run_id: &str) -> Result<(), StoreError> {
        self.note_use(video_id, run_id)?;
        self.index_use(video_id, run_id)
    }

    /// Does the same in the catalog alone.
    pub(super) fn index_use(&self, video_id: &str, run_id: &str) -> Result<(), StoreError> {
        let set = "UPDATE videos SET current_run_id = ? WHERE video_id = ?";
        let done = self.connection().execute(set, params![run_id, video_id]);
        done.map(|_| ()).map_err(|error| self.failed(&error))
    }

    pub(super) fn note_use(&self, video_id: &str, run_id: &str) -> Result<(), StoreError> {
        let age = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let (video_id, run_id, said_at_s) = (lettered_video(video_id), lettered_run(run_id), age.as_secs_f64());
        run_journal::note(self.layout(), &Line::Use { video_id, run_id, said_at_s })
    }

    /// Forgets these runs and all failed ones, and removes their parts.
    ///
    /// # Errors
    /// DuckDB or the journal cannot be written, or a folder cannot be removed.
    pub fn prune(&self, runs: &[VideoRun]) -> Result<(), StoreError> {
        run_journal::note(self.layout(), &Line::FailedForgotten)?;
        let remove = |table: Table| {
            let mut folders = runs.iter().map(|run| self.layout().run(table, &run.video_id, &run.run_id));
            folders.try_for_each(|folder| remove_folder(&folder))
        };
        // The records are removed first. A run that only the catalog knows can be pruned again, but a run that only its
        // record knows would come back. Once the catalog has forgotten the run too, its other parts are an unfinished
        // run, which the next pruning removes.
        remove(Table::Runs)?;
        let forget = || -> Result<(), duckdb::Error> {
            let transaction = self.connection().unchecked_transaction()?;
            transaction.execute("DELETE FROM runs WHERE status = 'failed'", [])?;
            for run in runs {
                transaction.execute("DELETE FROM runs WHERE run_id = ?", [&run.run_id])?;
            }
            transaction.commit()
        };
        forget().map_err(|error| self.failed(&error))?;
        Table::of_runs().try_for_each(remove)?;
        self.refresh_views()
    }
}

/// Returns the runs that can be removed. Each video keeps its current run, and its best run if that is better. Of
/// several equally good runs, the newest is the best.
#[must_use]
pub(crate) fn prunable(runs: &[VideoRun]) -> Vec<VideoRun> {
    let is_best = |run: &VideoRun| {
        let of_video = || runs.iter().filter(|other| other.video_id == run.video_id);
        let best = of_video().map(|other| other.extent.rank()).max();
        // Newer runs come first.
        let newest = of_video().find(|other| Some(other.extent.rank()) == best);
        newest.is_some_and(|newest| newest.run_id == run.run_id)
    };
    // The current run replaces a best run that is not better.
    let stands_as_good = |run: &VideoRun| {
        let mut of_video = runs.iter().filter(|other| other.video_id == run.video_id);
        of_video.any(|other| other.is_current && other.extent.rank() >= run.extent.rank())
    };
    runs.iter().filter(|run| !run.is_current && (!is_best(run) || stands_as_good(run))).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(run_id: &str, network: &str, settings: &str, is_current: bool) -> VideoRun {
        let (video_id, video) = ("v".to_owned(), "v.mp4".to_owned());
        VideoRun {
            video_id,
            video,
            run_id: run_id.to_owned(),
            extent: Extent::new(network, settings),
            n_frames: 9,
            is_current,
        }
    }

    fn pruned(runs: &[VideoRun]) -> Vec<String> {
        prunable(runs).into_iter().map(|run| run.run_id).collect()
    }

    #[test]
    fn what_stands_and_what_is_better_stay() {
        let part = r#"{"people": 6, "end_s": 3.0}"#;
        let whole = r#"{"people": 6}"#;
        // The newest run comes first, as in README's list.
        let runs = [
            run("lite", "lite", whole, true),
            run("part", "full", part, false),
            run("heavy", "heavy", whole, false),
            run("full", "full", whole, false),
        ];
        assert_eq!(pruned(&runs), ["part", "full"]);
        let mut others = runs.clone();
        others[0].is_current = false;
        others[2].is_current = true;
        assert_eq!(pruned(&others), ["lite", "part", "full"]);
    }

    #[test]
    fn a_run_that_was_made_again_takes_the_place_of_the_one_before() {
        let whole = r#"{"people": 6}"#;
        assert_eq!(pruned(&[run("again", "full", whole, true), run("first", "full", whole, false)]), ["first"]);
        assert_eq!(pruned(&[run("again", "full", whole, false), run("first", "full", whole, true)]), ["again"]);
        let other_video = VideoRun { video_id: "w".to_owned(), ..run("w", "lite", whole, true) };
        assert_eq!(pruned(&[run("a", "full", whole, true), other_video]), Vec::<String>::new());
    }
}

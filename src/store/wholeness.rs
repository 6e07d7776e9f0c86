//! The parts that a run must have, and the missing ones among them. It reads footers, no rows.

use std::collections::BTreeSet;
use std::path::Path;

use super::folders::parquet_files;
use super::layout::{Layout, Table};
use super::read::read_footer;
use super::segments::{SEGMENT_TABLES, tables_of_segment};

/// The facts about a run from its record.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RunExtent<'a> {
    /// The video.
    pub(crate) video_id: &'a str,
    /// The run.
    pub(crate) run_id: &'a str,
    /// The number of frames in its tables.
    pub(crate) n_frames: u64,
}

impl RunExtent<'_> {
    fn numbers(&self, layout: &Layout, table: Table) -> BTreeSet<u32> {
        let files = parquet_files(&layout.run(table, self.video_id, self.run_id));
        files.iter().filter_map(|path| part_number(path)).collect()
    }

    /// Returns the missing tables of extraction, in words. The result is empty if they are complete. A part whose
    /// footer cannot be read is missing.
    #[must_use]
    pub(crate) fn missing_of_extraction(&self, layout: &Layout) -> Vec<String> {
        let mut missing = Vec::new();
        let tables = SEGMENT_TABLES.into_iter().chain([Table::Landmarks]);
        let numbers: BTreeSet<u32> = tables.flat_map(|table| self.numbers(layout, table)).collect();
        let mut n_frames = 0;
        let of_segments = numbers.iter().flat_map(|&part| {
            let tables = tables_of_segment(layout, self.video_id, self.run_id, part).chain([Table::Landmarks]);
            tables.map(move |table| (table, part))
        });
        for (table, part) in of_segments.chain([(Table::Tracks, 0), (Table::Runs, 0)]) {
            let path = layout.part(table, self.video_id, self.run_id, part);
            match read_footer(&path, table) {
                Ok(label) if table == Table::Frames => n_frames += u64::from(label.frames[1] - label.frames[0]) + 1,
                Ok(_) => {}
                Err(_) if path.exists() => missing.push(format!("{} is damaged", path.display())),
                Err(_) => missing.push(format!("{} is missing", path.display())),
            }
        }
        if missing.is_empty() && n_frames != self.n_frames {
            let folder = layout.run(Table::Frames, self.video_id, self.run_id);
            missing.push(format!("{}: {n_frames} of {} frames found", folder.display(), self.n_frames));
        }
        missing
    }

    /// Returns the missing tables of an analysis, in words. The result is empty if they are complete, or if the run was
    /// not analyzed.
    #[must_use]
    pub(crate) fn missing_of_analysis(&self, layout: &Layout) -> Vec<String> {
        let numbers: Vec<_> = Table::RESULTS.into_iter().map(|table| (table, self.numbers(layout, table))).collect();
        if numbers.iter().all(|(_, numbers)| numbers.is_empty()) {
            return Vec::new();
        }
        let mut missing = Vec::new();
        for (table, numbers) in numbers {
            let end = numbers.last().map_or(1, |last| last + 1);
            let absent = (0..end).filter(|part| !numbers.contains(part));
            missing.extend(
                absent.map(|part| {
                    format!("{} is missing", layout.part(table, self.video_id, self.run_id, part).display())
                }),
            );
        }
        missing
    }
}

fn part_number(path: &Path) -> Option<u32> {
    path.file_stem()?.to_str()?.strip_prefix("part-")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_there_together_and_without_gaps() {
        let folder = tempfile::tempdir().unwrap();
        let layout = Layout::new(folder.path());
        let run = RunExtent { video_id: "v", run_id: "r", n_frames: 10 };
        let put = |table, part| {
            let path = layout.part(table, "v", "r", part);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        };
        assert_eq!(run.missing_of_analysis(&layout), Vec::<String>::new());
        for table in Table::RESULTS {
            put(table, 0);
        }
        put(Table::Kinematics, 1);
        assert_eq!(run.missing_of_analysis(&layout), Vec::<String>::new());
        std::fs::remove_file(layout.part(Table::Kinematics, "v", "r", 0)).unwrap();
        std::fs::remove_file(layout.part(Table::Checks, "v", "r", 0)).unwrap();
        let missing = run.missing_of_analysis(&layout);
        assert!(
            missing.len() == 2 && missing[0].contains("kinematics") && missing[1].contains("checks"),
            "{missing:?}"
        );
    }
}

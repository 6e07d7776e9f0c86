//! Writes the files of charts and their list.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::PlotError;
use super::tables::Person;
use crate::artifacts::files::{remove_file, write_whole};
use crate::artifacts::made;
use crate::charts::plot::{Chart, png};

/// The number of PNG pixels per pixel of a chart: sharp also on high-resolution screens.
const PNG_SCALE: f32 = 2.0;

/// A chart in a folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartFile {
    /// Name of the SVG file in the folder.
    pub svg: String,
    /// Name of the PNG file in the folder.
    pub png: String,
    /// The title.
    pub title: String,
    /// What the chart shows, in a sentence or two.
    pub description: String,
    /// The id of the person.
    pub person_id: u32,
    /// The name of the person, if the user gave one.
    pub person: Option<String>,
}

/// The folder for the charts of a video.
pub(super) struct Gallery<'a> {
    folder: &'a Path,
    stem: &'a str,
    key: &'a str,
    charts: Vec<ChartFile>,
}

impl<'a> Gallery<'a> {
    /// Creates a gallery. All file names begin with `stem`; `key` identifies the inputs of the charts.
    pub(super) fn new(folder: &'a Path, stem: &'a str, key: &'a str) -> Self {
        Self { folder, stem, key, charts: Vec::new() }
    }

    /// Returns the existing charts, if all of them match the key.
    pub(super) fn current(&self) -> Option<Vec<ChartFile>> {
        let is_current = |path: &Path| made::is_current(path, self.key);
        let charts = is_current(&self.list()).then(|| self.listed())?;
        let are_current =
            charts.iter().flat_map(|chart| [&chart.svg, &chart.png]).all(|name| is_current(&self.folder.join(name)));
        are_current.then_some(charts)
    }

    /// Writes a chart as `<stem>.p<person>.<name>.svg` and `.png`.
    pub(super) fn add(&mut self, person: &Person, name: &str, chart: &Chart) -> Result<(), PlotError> {
        let stem = format!("{}.p{}.{name}", self.stem, person.person_id);
        let file = ChartFile {
            svg: format!("{stem}.svg"),
            png: format!("{stem}.png"),
            title: chart.title.clone(),
            description: chart.description.clone(),
            person_id: person.person_id,
            person: person.name.clone(),
        };
        self.write(&self.folder.join(&file.svg), chart.svg.as_bytes())?;
        self.write(&self.folder.join(&file.png), &png(chart, PNG_SCALE)?)?;
        self.charts.push(file);
        Ok(())
    }

    /// Returns the number of charts written.
    pub(super) fn n_charts(&self) -> usize {
        self.charts.len()
    }

    /// Removes earlier charts without data and writes the list.
    pub(super) fn finish(self) -> Result<Vec<ChartFile>, PlotError> {
        let is_made = |name: &String| self.charts.iter().any(|chart| [&chart.svg, &chart.png].contains(&name));
        // The list may have been edited, so only this video's files in this folder are removed.
        let is_own = |name: &String| name.starts_with(&format!("{}.p", self.stem)) && !name.contains('/');
        let earlier = self.listed().into_iter().flat_map(|chart| [chart.svg, chart.png]);
        for name in earlier.filter(|name| is_own(name) && !is_made(name)) {
            remove_file(&self.folder.join(name))?;
        }
        let list = self.list();
        let text = serde_json::to_string_pretty(&self.charts);
        let text = text.map_err(|error| PlotError::Output { path: list.clone(), source: error.into() })?;
        self.write(&list, text.as_bytes())?;
        Ok(self.charts)
    }

    fn list(&self) -> PathBuf {
        self.folder.join(format!("{}.charts.json", self.stem))
    }

    /// Returns the charts of the earlier list; empty if the list is missing or unreadable.
    fn listed(&self) -> Vec<ChartFile> {
        let text = std::fs::read(self.list()).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), PlotError> {
        write_whole(path, bytes)?;
        Ok(made::note(path, self.key)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn person() -> Person {
        Person {
            person_id: 1,
            name: None,
            middle_frame_idx: 0,
            meters_per_px: None,
            events: Vec::new(),
            spans: Vec::new(),
        }
    }

    fn chart() -> Chart {
        Chart {
            svg: "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"4\" height=\"4\"/>".to_owned(),
            size_px: [4, 4],
            title: "Title".to_owned(),
            description: "Description".to_owned(),
        }
    }

    #[test]
    fn a_chart_without_data_any_more_is_removed_and_others_files_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let mut first = Gallery::new(folder.path(), "a", "one");
        first.add(&person(), "knee.angle", &chart()).unwrap();
        first.add(&person(), "repetitions", &chart()).unwrap();
        let mut charts = first.finish().unwrap();
        assert_eq!(Gallery::new(folder.path(), "a", "one").current().as_ref(), Some(&charts));
        assert_eq!(Gallery::new(folder.path(), "a", "two").current(), None);
        // The list was edited to contain another file's name.
        charts[0].svg = "mine.svg".to_owned();
        std::fs::write(path("mine.svg"), "mine").unwrap();
        std::fs::write(path("a.charts.json"), serde_json::to_vec(&charts).unwrap()).unwrap();
        let mut second = Gallery::new(folder.path(), "a", "two");
        second.add(&person(), "knee.angle", &chart()).unwrap();
        second.finish().unwrap();
        assert!(path("a.p1.knee.angle.svg").exists() && path("mine.svg").exists());
        assert!(!path("a.p1.repetitions.svg").exists() && !path("a.p1.repetitions.png").exists());
    }

    #[test]
    fn a_removed_file_is_missed() {
        let folder = tempfile::tempdir().unwrap();
        let mut gallery = Gallery::new(folder.path(), "a", "one");
        gallery.add(&person(), "knee.angle", &chart()).unwrap();
        gallery.finish().unwrap();
        std::fs::remove_file(folder.path().join("a.p1.knee.angle.png")).unwrap();
        assert_eq!(Gallery::new(folder.path(), "a", "one").current(), None);
    }
}

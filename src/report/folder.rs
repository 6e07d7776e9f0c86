//! The files of a video in the report's folder: annotated video, poster, tables and charts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use super::error::ReportingError;
use crate::artifacts::files::remove_file;
use crate::report::page::data::FileLink;
use crate::store::records::VideoRecord;
use crate::video::encode::VideoCodec;
use crate::video::{identity, outline};

/// The folder of pages of videos.
pub(super) const PAGES: &str = "videos";
/// The folder of posters.
const MEDIA: &str = "media";
/// The folder of tables.
const TABLES: &str = "tables";
/// The folder of charts.
const CHARTS: &str = "charts";
/// The part before the extension in names of annotated videos.
const ANNOTATED: &str = "annotated";

/// The folders with files of videos. The first is the report's folder itself.
const FOLDERS: [&str; 4] = ["", MEDIA, TABLES, CHARTS];

/// The names of one video's files, by folder.
type OwnFiles = BTreeMap<&'static str, BTreeSet<String>>;

/// All files in the report's folder, by the video that they belong to. Each folder is listed once: with thousands of
/// videos, a list for each page takes longer than the pages.
pub(super) struct Listing {
    by_stem: HashMap<String, OwnFiles>,
}

impl Listing {
    /// Lists the folders. `stems` are the beginnings of the names of all videos' files. A folder that does not exist
    /// has no files.
    pub(super) fn read<'a>(output: &Path, stems: impl Iterator<Item = &'a str>) -> Self {
        let stems: HashSet<&str> = stems.collect();
        let mut by_stem: HashMap<String, OwnFiles> = HashMap::new();
        for folder in FOLDERS {
            let entries = fs::read_dir(output.join(folder)).into_iter().flatten().filter_map(Result::ok);
            for name in entries.filter_map(|entry| entry.file_name().into_string().ok()) {
                let Some(stem) = owner(&name, &stems) else { continue };
                let own = by_stem.entry(stem.to_owned()).or_default();
                own.entry(folder).or_default().insert(name);
            }
        }
        Self { by_stem }
    }

    /// Returns the files of the video whose files begin with `stem`.
    pub(super) fn video<'a>(&self, output: &'a Path, stem: &'a str) -> VideoFolder<'a> {
        VideoFolder { output, stem, files: self.by_stem.get(stem).cloned().unwrap_or_default() }
    }
}

/// The files of one video in the report's folder.
pub(super) struct VideoFolder<'a> {
    /// The report's folder.
    pub(super) output: &'a Path,
    /// The beginning of the names of the video's files.
    pub(super) stem: &'a str,
    files: OwnFiles,
}

/// The annotated video.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Annotated {
    /// Its name in the report's folder.
    pub(super) name: String,
    /// Whether it shows the whole video in real time, so that charts can follow it.
    pub(super) is_whole: bool,
}

impl VideoFolder<'_> {
    /// Returns the path of the poster, relative to the report's folder.
    pub(super) fn poster(&self) -> String {
        format!("{MEDIA}/{}.png", self.stem)
    }

    /// Returns the folder for tables.
    pub(super) fn tables(&self) -> PathBuf {
        self.output.join(TABLES)
    }

    /// Returns the path of the annotated video, the newest if there are several. Clips and other views have other
    /// names.
    pub(super) fn annotated_path(&self) -> Option<PathBuf> {
        let extensions = VideoCodec::NAMES.iter().filter_map(|name| VideoCodec::find(name)).map(VideoCodec::extension);
        let mut paths: Vec<PathBuf> =
            extensions.map(|extension| self.output.join(format!("{}.{ANNOTATED}.{extension}", self.stem))).collect();
        paths.dedup();
        let stamped = paths.into_iter().filter_map(|path| Some((identity::stamp(&path).ok()?.modified_ns, path)));
        stamped.max().map(|(_, path)| path)
    }

    /// Returns the annotated video, and whether charts can follow it. They cannot if the source video has changed
    /// since.
    pub(super) fn annotated(&self, video: &VideoRecord) -> Option<Annotated> {
        let path = self.annotated_path()?;
        let length_s = outline(&path, 1).ok()?.duration_s?;
        let is_whole = video.info.as_ref().is_some_and(|info| {
            let frame_s = 1.0 / info.media_fps().filter(|&rate| rate > 0.0).unwrap_or(25.0);
            (info.media_duration_s() - length_s).abs() <= 2.0 * frame_s
        });
        Some(Annotated { name: path.file_name()?.to_str()?.to_owned(), is_whole })
    }

    /// Returns clips of the annotated video, slow motion and other views, sorted by name.
    pub(super) fn other_views(&self) -> Vec<FileLink> {
        let views = self.own_files("").filter_map(|name| {
            let (rest, _) = name.strip_prefix(self.stem)?.strip_prefix('.')?.rsplit_once('.')?;
            let marks = rest.strip_suffix(ANNOTATED)?.strip_suffix('.')?;
            Some(FileLink { label: format!("Annotated: {}", marks.replace('_', " ")), path: name.to_owned() })
        });
        views.collect()
    }

    /// Returns the charts of the video.
    pub(super) fn charts(&self) -> Vec<FileLink> {
        let charts = self.own_files(CHARTS).filter_map(|name| {
            let what = name.strip_prefix(self.stem)?.strip_prefix('.')?.strip_suffix(".svg")?;
            Some(FileLink {
                label: format!("Chart: {}", what.replace(['.', '_', '-'], " ")),
                path: format!("{CHARTS}/{name}"),
            })
        });
        charts.collect()
    }

    /// Takes note of a file that was written.
    pub(super) fn note_written(&mut self, path: &Path) {
        let Ok(path) = path.strip_prefix(self.output) else { return };
        let folder = path.parent().and_then(Path::to_str).unwrap_or_default();
        let name = path.file_name().and_then(|name| name.to_str());
        if let (Some(folder), Some(name)) = (FOLDERS.into_iter().find(|one| *one == folder), name) {
            self.files.entry(folder).or_default().insert(name.to_owned());
        }
    }

    /// Removes the angle tables of people who are no longer in the video: all that are not among the tables just
    /// written.
    pub(super) fn remove_other_angles(&mut self, written: &[PathBuf]) -> Result<(), ReportingError> {
        let is_other = |name: &str| name.ends_with("_angles.csv") && !written.contains(&self.tables().join(name));
        let others: Vec<String> = self.own_files(TABLES).filter(|name| is_other(name)).map(str::to_owned).collect();
        for name in others {
            remove_file(&self.tables().join(&name))?;
            if let Some(names) = self.files.get_mut(TABLES) {
                names.remove(&name);
            }
        }
        Ok(())
    }

    /// Returns everything the page links to, with sizes and times. The page is up to date while this is unchanged.
    pub(super) fn state(&self) -> String {
        let in_folders = [MEDIA, TABLES, CHARTS]
            .into_iter()
            .flat_map(|folder| self.own_files(folder).map(move |name| self.output.join(folder).join(name)));
        let views = self.other_views().into_iter().map(|link| self.output.join(link.path));
        let stamps = in_folders.chain(self.annotated_path()).chain(views).map(|path| {
            let stamp = identity::stamp(&path).map(|stamp| format!("{} {}", stamp.size_bytes, stamp.modified_ns));
            format!("{} {}\n", path.strip_prefix(self.output).unwrap_or(&path).display(), stamp.unwrap_or_default())
        });
        stamps.collect()
    }

    /// Returns the sorted names of this video's files in a folder of the report.
    fn own_files(&self, folder: &str) -> impl Iterator<Item = &str> {
        self.files.get(folder).into_iter().flatten().map(String::as_str)
    }
}

/// Returns the stem that a file belongs to: of `a` and `a.b`, which both match `a.b.svg`, the longer one.
fn owner<'a>(name: &'a str, stems: &HashSet<&str>) -> Option<&'a str> {
    let ends = name.rmatch_indices(['.', '_']).map(|(end, _)| name.split_at(end));
    let mut owners = ends.filter(|(_, rest)| rest.starts_with('.') || rest.starts_with("_person"));
    owners.find(|(stem, _)| stems.contains(stem)).map(|(stem, _)| stem)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_belong_to_the_longest_stem() {
        let stems = HashSet::from(["a", "a.b", "a_person1"]);
        for (name, of) in [
            ("a.metrics.csv", Some("a")),
            ("a_person0_angles.csv", Some("a")),
            ("a.b.metrics.csv", Some("a.b")),
            ("a_person1.metrics.csv", Some("a_person1")),
            ("ab.metrics.csv", None),
            ("notes.txt", None),
        ] {
            assert_eq!(owner(name, &stems), of, "{name}");
        }
    }

    #[test]
    fn only_own_charts_and_views_are_linked_and_only_angles_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let names = [
            "a.annotated.mp4",
            "a.2-3.5s.slow0.25.annotated.mp4",
            "a.side_by_side.annotated.webm",
            "a.ghost.mp4",
            "a.b.annotated.mp4",
            "charts/a.p0.knee_2d.svg",
            "charts/a.p0.knee_2d.png",
            "charts/b.p0.svg",
            "tables/a_person1_angles.csv",
            "tables/a.events.csv",
        ];
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name).unwrap();
        }
        let listing = Listing::read(folder.path(), ["a", "b", "a.b"].into_iter());
        let mut files = listing.video(folder.path(), "a");
        let charts = files.charts();
        assert_eq!(
            charts,
            [FileLink { label: "Chart: p0 knee 2d".to_owned(), path: "charts/a.p0.knee_2d.svg".to_owned() }]
        );
        let views: Vec<(String, String)> =
            files.other_views().into_iter().map(|link| (link.label, link.path)).collect();
        let view = |label: &str, path: &str| (label.to_owned(), path.to_owned());
        assert_eq!(
            views,
            [
                view("Annotated: 2-3.5s.slow0.25", "a.2-3.5s.slow0.25.annotated.mp4"),
                view("Annotated: side by side", "a.side_by_side.annotated.webm"),
            ]
        );
        let before = files.state();
        files.remove_other_angles(&[]).unwrap();
        let is_there = |name: &str| folder.path().join(name).exists();
        assert!(!is_there("tables/a_person1_angles.csv") && is_there("tables/a.events.csv"));
        let removed = files.state();
        assert_ne!(removed, before);
        let angles = folder.path().join("tables/a_person0_angles.csv");
        fs::write(&angles, "0").unwrap();
        assert_eq!(files.state(), removed, "a file that was written since the folders were listed");
        files.note_written(&angles);
        assert_ne!(files.state(), removed);
        let anew = Listing::read(folder.path(), ["a", "b", "a.b"].into_iter());
        assert_eq!(anew.video(folder.path(), "a").state(), files.state(), "the next report sees the same files");
        let whole = folder.path().join("a.annotated.mp4");
        assert_eq!((files.annotated_path(), files.poster().as_str()), (Some(whole), "media/a.png"));
    }
}

//! Exports the tables of an analysis as files for other tools.

mod curves;
pub(crate) mod formats;
mod motions;
mod one_video;
mod poses;
mod tables;
mod training;
mod video;

use std::fs;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use self::one_video::OneVideo;
use crate::artifacts::ArtifactError;
use crate::artifacts::files::PendingFile;
use crate::export::formats::FormatError;
use crate::export::formats::coco::CocoKeypoints;
use crate::scope::Scope;
use crate::store::people::stems_by_id;
use crate::store::select::select;
use crate::store::{Catalog, StoreError};

pub(crate) use training::VideoPictures;
pub(crate) use video::VideoFiles;

const PEOPLE: &str = include_str!("../../sql/export/people.sql");

/// The kind of an exported file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum ExportFormat {
    /// Results as comma-separated values, and angles over time.
    Csv,
    /// Results as Parquet.
    Parquet,
    /// Marker trajectories for OpenSim and Sports2D.
    Trc,
    /// Angles for OpenSim.
    Mot,
    /// Marker trajectories with events for motion capture programs.
    C3d,
    /// Key points for training and evaluation: COCO's 17, and all 33.
    Coco,
    /// A pose dataset for Ultralytics' YOLO.
    Yolo,
    /// Poses of each video as DeepLabCut writes them.
    Dlc,
    /// Poses of each video in the style of OpenPose.
    Json,
    /// Skeleton animation.
    Bvh,
}

impl ExportFormat {
    /// All formats, with their names on the command line.
    pub(crate) const ALL: [(&str, Self); 10] = [
        ("csv", Self::Csv),
        ("parquet", Self::Parquet),
        ("trc", Self::Trc),
        ("mot", Self::Mot),
        ("c3d", Self::C3d),
        ("coco", Self::Coco),
        ("yolo", Self::Yolo),
        ("dlc", Self::Dlc),
        ("json", Self::Json),
        ("bvh", Self::Bvh),
    ];
}

/// The reason why files could not be written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ExportError {
    /// The tables could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file could not be put in place.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// A file's contents do not fit its format.
    #[error("cannot write {}: {source}", path.display())]
    Format {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        source: FormatError,
    },
    /// A file could not be written.
    #[error("cannot write {}: {problem}", path.display())]
    File {
        /// The path of the file.
        path: PathBuf,
        /// The reason.
        problem: String,
    },
}

impl ExportError {
    /// Returns the scope of the error.
    #[must_use]
    pub(crate) fn scope(&self) -> Scope {
        match self {
            Self::Store(error) => error.scope(),
            Self::Artifact(error) => error.scope(),
            Self::Format { .. } | Self::File { .. } => Scope::Environment,
        }
    }

    /// Returns a hint for the user, if one is known.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Store(error) => error.hint(),
            Self::Artifact(error) => Some(error.hint()),
            Self::Format { .. } | Self::File { .. } => {
                Some("check that the folder exists, is writable and has free space")
            }
        }
    }
}

/// The reason why writing a file stopped: its source tables, or the file itself.
#[derive(Debug)]
enum WriteError {
    Store(StoreError),
    Format(FormatError),
}

impl From<StoreError> for WriteError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<FormatError> for WriteError {
    fn from(error: FormatError) -> Self {
        Self::Format(error)
    }
}

/// A request for an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Export {
    /// The formats to write.
    pub(crate) formats: Vec<ExportFormat>,
    /// The output folder.
    pub(crate) output: PathBuf,
    /// The ids of the videos; empty for all videos.
    pub(crate) video_ids: Vec<String>,
    /// Every how many frames are in COCO and YOLO files, as pictures; `None` for all, in COCO without pictures.
    pub(crate) picture_step: Option<u32>,
}

impl Export {
    /// Returns a request for one format of all videos.
    fn of(format: ExportFormat, output: &Path) -> Self {
        Self { formats: vec![format], output: output.to_path_buf(), video_ids: Vec::new(), picture_step: None }
    }
}

/// The outcome of an export.
#[derive(Debug, Default)]
pub(crate) struct Exported {
    /// The files that were written, in the order of writing.
    pub(crate) written: Vec<PathBuf>,
    /// The errors of files whose format cannot hold the data; such an error does not stop the other files.
    pub(crate) failed: Vec<ExportError>,
    /// What readers of the files need to know, one line each.
    pub(crate) remarks: Vec<String>,
    /// The pictures that the files refer to, which are still to be written.
    pub(crate) pictures: Vec<VideoPictures>,
}

/// A person in a video, with the data that the files need.
#[derive(Debug, Clone, PartialEq)]
struct Person {
    video_id: String,
    /// The file name of the video.
    video: String,
    /// The stem of the names of the video's output files.
    stem: String,
    id: u16,
    width_px: u32,
    height_px: u32,
    rate_hz: f64,
    network: String,
    meters_per_px: Option<f64>,
    floor_y_px: Option<f64>,
}

/// Writes the files.
///
/// # Errors
/// If the tables cannot be read or the folder cannot be written.
pub(crate) fn export(catalog: &Catalog, wanted: &Export) -> Result<Exported, ExportError> {
    fs::create_dir_all(&wanted.output)
        .map_err(|source| ExportError::File { path: wanted.output.clone(), problem: source.to_string() })?;
    let people = people(catalog, &wanted.video_ids)?;
    let mut single = OneVideo::beside(catalog)?;
    let pictures = training::pictures(&mut single, wanted, &videos(&people))?;
    let mut outcome = Exported { pictures, ..Exported::default() };
    for &format in &wanted.formats {
        match format {
            ExportFormat::Csv => {
                tables::write_csv(catalog, wanted, &mut outcome)?;
                for person in &people {
                    outcome.note(curves::write_csv(single.of(&person.video_id)?, wanted, person))?;
                }
            }
            ExportFormat::Parquet => tables::write_parquet(catalog, wanted, &mut outcome)?,
            ExportFormat::Coco => {
                for kind in [CocoKeypoints::Coco17, CocoKeypoints::BlazePose33] {
                    outcome.note(training::write_coco(&mut single, wanted, &videos(&people), kind))?;
                }
            }
            ExportFormat::Yolo => training::write_yolo(&mut single, wanted, &videos(&people), &mut outcome)?,
            ExportFormat::Dlc => {
                for video in videos(&people) {
                    outcome.note(poses::write_dlc(single.of(&video.video_id)?, wanted, video, &people))?;
                }
            }
            ExportFormat::Json => {
                for video in videos(&people) {
                    outcome.note(poses::write_json(single.of(&video.video_id)?, wanted, video))?;
                }
            }
            ExportFormat::Mot => {
                for person in &people {
                    outcome.note(curves::write_mot(single.of(&person.video_id)?, wanted, person))?;
                }
            }
            ExportFormat::Trc | ExportFormat::C3d | ExportFormat::Bvh => {
                for person in &people {
                    motions::write(single.of(&person.video_id)?, wanted, person, format, &mut outcome)?;
                }
            }
        }
    }
    Ok(outcome)
}

impl Exported {
    /// Records a written or failed file. Only an error of the tables or of the file system ends the export.
    fn note(&mut self, file: Result<PathBuf, ExportError>) -> Result<(), ExportError> {
        match file {
            Ok(path) => self.written.push(path),
            Err(error @ (ExportError::Store(_) | ExportError::Artifact(_))) => return Err(error),
            Err(error) => self.failed.push(error),
        }
        Ok(())
    }
}

fn people(catalog: &Catalog, video_ids: &[String]) -> Result<Vec<Person>, StoreError> {
    let mut people: Vec<Person> = Vec::new();
    select(catalog, &[("video_id", None)], PEOPLE, |rows| {
        let number = |name: &str| rows.numbers(name);
        let (ids, videos, networks) = (rows.texts("video_id")?, rows.texts("video")?, rows.texts("network")?);
        let (person_ids, widths, heights) = (number("person_id")?, number("width")?, number("height")?);
        let (rates, scales, floors) = (number("fps")?, number("meters_per_px")?, number("floor_y_px")?);
        for row in 0..rows.len() {
            people.push(Person {
                video_id: ids[row].clone(),
                stem: String::new(),
                video: videos[row].clone(),
                id: person_ids[row] as u16,
                width_px: widths[row] as u32,
                height_px: heights[row] as u32,
                rate_hz: if rates[row] > 0.0 { rates[row] } else { 1.0 },
                network: networks[row].clone(),
                meters_per_px: Some(scales[row]).filter(|scale| scale.is_finite()),
                floor_y_px: Some(floors[row]).filter(|floor| floor.is_finite()),
            });
        }
        Ok::<(), StoreError>(())
    })?;
    let stems = stems_by_id(catalog)?;
    for person in &mut people {
        person.stem = stems.get(&person.video_id).cloned().unwrap_or_default();
    }
    people.retain(|person| video_ids.is_empty() || video_ids.contains(&person.video_id));
    Ok(people)
}

/// Returns one person of each video, for the values that all people of a video share.
fn videos(people: &[Person]) -> Vec<&Person> {
    let mut videos: Vec<&Person> = Vec::new();
    for person in people {
        if videos.last().is_none_or(|last| last.video_id != person.video_id) {
            videos.push(person);
        }
    }
    videos
}

/// Writes a file atomically: it appears complete or not at all.
fn write_file<E: Into<WriteError>>(
    path: PathBuf,
    write: impl FnOnce(&mut BufWriter<&mut fs::File>) -> Result<(), E>,
) -> Result<PathBuf, ExportError> {
    let mut pending = PendingFile::create(&path)?;
    let mut out = BufWriter::new(pending.file());
    let written = write(&mut out).map_err(Into::into).and_then(|()| Ok(out.flush().map_err(FormatError::from)?));
    drop(out);
    written.map_err(|error| match error {
        WriteError::Store(error) => ExportError::Store(error),
        // The I/O error is passed on as such, so that a full disk is recognized.
        WriteError::Format(FormatError::Io(source)) => ArtifactError::io("write", &path)(source).into(),
        WriteError::Format(source) => ExportError::Format { path: path.clone(), source },
    })?;
    pending.commit()?;
    Ok(path)
}

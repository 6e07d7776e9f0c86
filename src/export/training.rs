//! Exports poses for training and evaluation: COCO keypoints, YOLO's pose datasets, and which frames they need as
//! pictures. Never holds a whole video in memory.

use std::path::PathBuf;

use super::one_video::OneVideo;
use super::poses::{POSES, frames};
use super::{Export, ExportError, ExportFormat, Exported, Person, WriteError, write_file};
use crate::export::formats::coco::{CocoKeypoints, CocoPerson, CocoVideo, CocoWriter};
use crate::export::formats::labels::{Label, picture_name};
use crate::export::formats::yolo;
use crate::pose::skeleton::COCO_LANDMARKS;
use crate::store::StoreError;
use crate::store::select::select;

const FRAMES: &str = include_str!("../../sql/export/frames.sql");
/// The queries of this module.
pub(super) const QUERIES: [&str; 1] = [FRAMES];

/// The folder of all pictures, and that of their labels.
const PICTURES: &str = "images";
const LABELS: &str = "labels";

/// The pictures of a video that exported files refer to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct VideoPictures {
    /// The id of the video.
    pub(crate) video_id: String,
    /// Width and height of its pictures.
    pub(crate) size_px: [u32; 2],
    /// The number of each frame, increasing, and the path of its picture.
    pub(crate) frames: Vec<(u32, PathBuf)>,
}

/// Writes `coco.json` with COCO's own 17 keypoints, or `coco33.json` with all landmarks of BlazePose.
pub(super) fn write_coco(
    tables: &mut OneVideo,
    wanted: &Export,
    videos: &[&Person],
    kind: CocoKeypoints,
) -> Result<PathBuf, ExportError> {
    let name = match kind {
        CocoKeypoints::Coco17 => "coco.json",
        CocoKeypoints::BlazePose33 => "coco33.json",
    };
    write_file(wanted.output.join(name), |out| {
        let mut coco = CocoWriter::begin(out, kind)?;
        for video in videos {
            coco.video(CocoVideo {
                video_id: video.video_id.clone(),
                folder: video.stem.clone(),
                size_px: [video.width_px, video.height_px],
            });
            frames(tables.of(&video.video_id)?, &video.video_id, POSES, |frame| {
                if !is_taken(wanted, frame.number) {
                    return Ok::<(), WriteError>(());
                }
                coco.frame(frame.number, (frame.time_s * 1e6).round() as i64)?;
                for person in &frame.people {
                    coco.person(&CocoPerson { person_id: person.person_id, landmarks: &person.keypoints })?;
                }
                Ok(())
            })?;
        }
        Ok::<(), WriteError>(coco.finish().map(drop)?)
    })
}

/// Writes a pose dataset for YOLO: labels of each frame, lists of the pictures, and `data.yaml`.
pub(super) fn write_yolo(
    tables: &mut OneVideo,
    wanted: &Export,
    videos: &[&Person],
    outcome: &mut Exported,
) -> Result<(), ExportError> {
    let mut names = Vec::new();
    for video in videos {
        let size_px = [video.width_px, video.height_px];
        let mut of_video = Vec::new();
        frames(tables.of(&video.video_id)?, &video.video_id, POSES, |frame| {
            if !is_taken(wanted, frame.number) {
                return Ok(());
            }
            let people: Vec<Label> = frame
                .people
                .iter()
                .filter_map(|person| Label::of(&person.keypoints, &COCO_LANDMARKS, size_px))
                .collect();
            let name = picture_name(&video.stem, frame.number);
            let path = wanted.output.join(LABELS).join(&name).with_extension("txt");
            of_video.push(name);
            outcome.note(write_file(path, |out| yolo::write_labels(out, &people, size_px)))
        })?;
        names.push(of_video);
    }
    let [training, validation] = yolo::split(names);
    for (list, names) in [(yolo::TRAIN_LIST, training), (yolo::VALIDATION_LIST, validation)] {
        outcome.note(write_file(wanted.output.join(list), |out| yolo::write_list(out, &names)))?;
    }
    outcome.note(write_file(wanted.output.join("data.yaml"), |out| yolo::write_description(out)))
}

/// Returns the pictures that the exported files refer to: those of YOLO always, those of COCO if they are wanted.
pub(super) fn pictures(
    tables: &mut OneVideo,
    wanted: &Export,
    videos: &[&Person],
) -> Result<Vec<VideoPictures>, StoreError> {
    let has = |format| wanted.formats.contains(&format);
    if !(has(ExportFormat::Yolo) || has(ExportFormat::Coco) && wanted.picture_step.is_some()) {
        return Ok(Vec::new());
    }
    let of_video = |video: &&Person| {
        let mut frames = Vec::new();
        select(tables.of(&video.video_id)?, &[("video_id", Some(video.video_id.as_str()))], FRAMES, |rows| {
            let numbers = rows.numbers("frame_idx")?.into_iter().map(|number| number as u32);
            let path = |number| wanted.output.join(PICTURES).join(picture_name(&video.stem, number));
            frames.extend(numbers.filter(|&number| is_taken(wanted, number)).map(|number| (number, path(number))));
            Ok::<(), StoreError>(())
        })?;
        Ok(VideoPictures { video_id: video.video_id.clone(), size_px: [video.width_px, video.height_px], frames })
    };
    videos.iter().map(of_video).collect()
}

fn is_taken(wanted: &Export, frame: u32) -> bool {
    wanted.picture_step.is_none_or(|step| frame.is_multiple_of(step))
}

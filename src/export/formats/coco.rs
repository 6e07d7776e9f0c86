//! COCO keypoints (JSON), the input of most training and evaluation tools.
//!
//! A COCO file holds `images`, `annotations` and `categories` as separate arrays, in any order. [`CocoWriter`] writes
//! every annotation when it arrives and keeps only the frame number of every image (4 bytes) until the end, so the
//! length of the videos does not matter.
//!
//! The requirements of readers:
//! - ids of images and annotations are unique over all videos of the file and begin at 1: pycocotools never matches
//!   annotation 0;
//! - every annotation has `bbox`, `area`, `iscrowd` and `num_keypoints`, and no `null`: pycocotools looks them up;
//! - `track_id` begins at 1: sleap-io makes no track of 0;
//! - boxes and labeled keypoints are inside the picture ([`Label`]): trainers drop a picture with others.

use crate::export::formats::labels::{Label, Labeled, picture_name};
use crate::export::formats::{FormatError, Keypoint, rounded, write_json};
use crate::pose::skeleton::{COCO_LANDMARKS, CONNECTIONS, LANDMARK_COUNT, LANDMARK_NAMES, keypoint};
use serde::Serialize;
use std::io::Write;

/// The set of keypoints of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CocoKeypoints {
    /// COCO's own 17.
    Coco17,
    /// All landmarks of BlazePose.
    BlazePose33,
}

/// COCO's bones, as pairs of keypoints (`person_keypoints_val2017.json`).
const COCO_CONNECTIONS: [(usize, usize); 19] = [
    (keypoint::LEFT_ANKLE, keypoint::LEFT_KNEE),
    (keypoint::LEFT_KNEE, keypoint::LEFT_HIP),
    (keypoint::RIGHT_ANKLE, keypoint::RIGHT_KNEE),
    (keypoint::RIGHT_KNEE, keypoint::RIGHT_HIP),
    (keypoint::LEFT_HIP, keypoint::RIGHT_HIP),
    (keypoint::LEFT_SHOULDER, keypoint::LEFT_HIP),
    (keypoint::RIGHT_SHOULDER, keypoint::RIGHT_HIP),
    (keypoint::LEFT_SHOULDER, keypoint::RIGHT_SHOULDER),
    (keypoint::LEFT_SHOULDER, keypoint::LEFT_ELBOW),
    (keypoint::RIGHT_SHOULDER, keypoint::RIGHT_ELBOW),
    (keypoint::LEFT_ELBOW, keypoint::LEFT_WRIST),
    (keypoint::RIGHT_ELBOW, keypoint::RIGHT_WRIST),
    (keypoint::LEFT_EYE, keypoint::RIGHT_EYE),
    (keypoint::NOSE, keypoint::LEFT_EYE),
    (keypoint::NOSE, keypoint::RIGHT_EYE),
    (keypoint::LEFT_EYE, keypoint::LEFT_EAR),
    (keypoint::RIGHT_EYE, keypoint::RIGHT_EAR),
    (keypoint::LEFT_EAR, keypoint::LEFT_SHOULDER),
    (keypoint::RIGHT_EAR, keypoint::RIGHT_SHOULDER),
];

impl CocoKeypoints {
    fn landmarks(self) -> Vec<usize> {
        match self {
            Self::Coco17 => COCO_LANDMARKS.to_vec(),
            Self::BlazePose33 => (0..LANDMARK_COUNT).collect(),
        }
    }

    /// Returns the bones, as pairs of keypoint numbers that count from 1.
    fn skeleton(self) -> Vec<[usize; 2]> {
        let bones: &[(usize, usize)] = match self {
            Self::Coco17 => &COCO_CONNECTIONS,
            Self::BlazePose33 => &CONNECTIONS,
        };
        bones.iter().map(|&(from, to)| [from + 1, to + 1]).collect()
    }
}

/// The video that the next frames belong to.
#[derive(Debug, Clone)]
pub(crate) struct CocoVideo {
    /// The id of the video, an extra key of its images and annotations.
    pub(crate) video_id: String,
    /// The folder of its pictures: `file_name` is `folder/000123.jpg`.
    pub(crate) folder: String,
    /// Width and height of its pictures.
    pub(crate) size_px: [u32; 2],
}

/// One person in one frame.
#[derive(Debug, Clone)]
pub(crate) struct CocoPerson<'a> {
    /// The number of the person within the video, from 0. Its `track_id` is one more.
    pub(crate) person_id: i64,
    /// All landmarks of the person, in BlazePose's order.
    pub(crate) landmarks: &'a [Keypoint; LANDMARK_COUNT],
}

/// The precision of areas: a thousandth of a square pixel.
const AREA_DIGITS: f64 = 1e3;
const CATEGORY_ID: u32 = 1;

#[derive(Serialize)]
#[serde(untagged)]
enum Number {
    Coordinate(f64),
    Visibility(u8),
}

#[derive(Serialize)]
struct Annotation<'a> {
    id: u64,
    image_id: u64,
    category_id: u32,
    bbox: [f64; 4],
    area: f64,
    iscrowd: u8,
    num_keypoints: usize,
    keypoints: Vec<Number>,
    video_id: &'a str,
    track_id: i64,
    frame_index: u32,
    pts_us: i64,
}

#[derive(Serialize)]
struct Image<'a> {
    id: u64,
    file_name: String,
    width: u32,
    height: u32,
    video_id: &'a str,
    frame_index: u32,
}

#[derive(Serialize)]
struct Category {
    id: u32,
    name: &'static str,
    supercategory: &'static str,
    keypoints: Vec<&'static str>,
    skeleton: Vec<[usize; 2]>,
}

/// Writes a COCO file as a stream. Call [`video`](Self::video) for every video, [`frame`](Self::frame) for every
/// frame, [`person`](Self::person) for every person in it, and [`finish`](Self::finish) at the end; without it the
/// file is not valid JSON.
#[derive(Debug)]
pub(crate) struct CocoWriter<W: Write> {
    out: W,
    kind: CocoKeypoints,
    landmarks: Vec<usize>,
    videos: Vec<VideoFrames>,
    images: u64,
    annotations: u64,
    pts_us: i64,
}

/// A video and the numbers of its frames so far.
#[derive(Debug)]
struct VideoFrames {
    video: CocoVideo,
    frames: Vec<u32>,
}

impl<W: Write> CocoWriter<W> {
    /// Starts a file.
    ///
    /// # Errors
    ///
    /// If the destination fails.
    pub(crate) fn begin(mut out: W, kind: CocoKeypoints) -> Result<Self, FormatError> {
        out.write_all(b"{\"annotations\":[")?;
        let landmarks = kind.landmarks();
        Ok(Self { out, kind, landmarks, videos: vec![], images: 0, annotations: 0, pts_us: 0 })
    }

    /// Starts a video: the next frames belong to it.
    pub(crate) fn video(&mut self, video: CocoVideo) {
        self.videos.push(VideoFrames { video, frames: vec![] });
    }

    /// Starts a frame: the next people are in it. Frames without people are images too.
    ///
    /// # Errors
    ///
    /// If no video was started, or the frame does not come after the previous one.
    pub(crate) fn frame(&mut self, frame_index: u32, pts_us: i64) -> Result<(), FormatError> {
        let Some(current) = self.videos.last_mut() else {
            return Err(FormatError::Order("a COCO file needs the video before its frames"));
        };
        if current.frames.last().is_some_and(|&last| last >= frame_index) {
            return Err(FormatError::Order("a COCO file needs the frames of a video in increasing order, once each"));
        }
        current.frames.push(frame_index);
        self.images += 1;
        self.pts_us = pts_us;
        Ok(())
    }

    /// Writes one person of the current frame. Returns whether an annotation was written: a person without a box inside
    /// the picture is left out.
    ///
    /// # Errors
    ///
    /// If the destination fails or no frame was started.
    pub(crate) fn person(&mut self, person: &CocoPerson<'_>) -> Result<bool, FormatError> {
        let current = self.videos.last().and_then(|current| Some((&current.video, *current.frames.last()?)));
        let Some((video, frame_index)) = current else {
            return Err(FormatError::Order("a COCO file needs the frame before its people"));
        };
        let Some(label) = Label::of(person.landmarks, &self.landmarks, video.size_px) else { return Ok(false) };
        self.annotations += 1;
        let [_, _, width, height] = label.box_px;
        let annotation = Annotation {
            id: self.annotations,
            image_id: self.images,
            category_id: CATEGORY_ID,
            bbox: label.box_px,
            area: rounded(width * height, AREA_DIGITS),
            iscrowd: 0,
            num_keypoints: label.keypoints.iter().filter(|keypoint| **keypoint != Labeled::No).count(),
            keypoints: label.keypoints.iter().flat_map(|keypoint| numbers(*keypoint)).collect(),
            video_id: &video.video_id,
            track_id: person.person_id + 1,
            frame_index,
            pts_us: self.pts_us,
        };
        separate(&mut self.out, self.annotations == 1)?;
        write_json(&mut self.out, &annotation)?;
        Ok(true)
    }

    /// Writes the images and the category, and returns the destination.
    ///
    /// # Errors
    ///
    /// If the destination fails.
    pub(crate) fn finish(mut self) -> Result<W, FormatError> {
        self.out.write_all(b"\n],\"images\":[")?;
        let mut id = 0;
        for VideoFrames { video, frames } in &self.videos {
            for &frame_index in frames {
                id += 1;
                let image = Image {
                    id,
                    file_name: picture_name(&video.folder, frame_index),
                    width: video.size_px[0],
                    height: video.size_px[1],
                    video_id: &video.video_id,
                    frame_index,
                };
                separate(&mut self.out, id == 1)?;
                write_json(&mut self.out, &image)?;
            }
        }
        let category = Category {
            id: CATEGORY_ID,
            name: "person",
            supercategory: "person",
            keypoints: self.landmarks.iter().map(|&landmark| LANDMARK_NAMES[landmark]).collect(),
            skeleton: self.kind.skeleton(),
        };
        self.out.write_all(b"\n],\"categories\":[\n")?;
        write_json(&mut self.out, &category)?;
        self.out.write_all(b"\n]}\n")?;
        self.out.flush()?;
        Ok(self.out)
    }
}

/// Separates objects: one object per line.
fn separate(out: &mut impl Write, is_first: bool) -> Result<(), FormatError> {
    Ok(out.write_all(if is_first { b"\n" } else { b",\n" })?)
}

/// Returns x, y and v of a keypoint: v is 0 not labeled, 1 hidden, 2 visible.
fn numbers(keypoint: Labeled) -> [Number; 3] {
    let (x, y, v) = keypoint.numbers();
    [Number::Coordinate(x), Number::Coordinate(y), Number::Visibility(v)]
}

#[cfg(test)]
mod tests;

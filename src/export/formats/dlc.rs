//! Poses over time as DeepLabCut writes them (CSV, several individuals), for `movement` and other tools that start
//! from DeepLabCut's files.
//!
//! The requirements of readers, from DeepLabCut's own `to_csv` and `movement`'s `load_poses.from_dlc_file`:
//! - four header lines (`scorer`, `individuals`, `bodyparts`, `coords`), then a line for each frame that begins with
//!   its number;
//! - `movement` ignores the numbers and counts lines, so there is a line for every frame from 0 on;
//! - the same body parts in the same order for all individuals, since `movement` makes one array of them;
//! - a missing landmark is three empty cells.

use std::io::Write;

use crate::export::formats::{FormatError, Keypoint};
use crate::pose::skeleton::{LANDMARK_COUNT, LANDMARK_NAMES};

/// The columns of each landmark.
const COORDS: [&str; 3] = ["x", "y", "likelihood"];

/// Writes one video as a stream. Call [`frame`](Self::frame) for every frame, in order.
#[derive(Debug)]
pub(crate) struct DlcWriter<W: Write> {
    out: W,
    person_ids: Vec<i64>,
    n_frames: u32,
}

impl<W: Write> DlcWriter<W> {
    /// Writes the header. `scorer` names the network; `person_ids` are all people of the video, in the order of their
    /// columns.
    ///
    /// # Errors
    /// If the destination fails, there are no people, or the scorer has a character that shifts columns.
    pub(crate) fn begin(mut out: W, scorer: &str, person_ids: Vec<i64>) -> Result<Self, FormatError> {
        if person_ids.is_empty() {
            return Err(FormatError::NoFrames { name: scorer.to_owned() });
        }
        if scorer.contains([',', '"', '\n', '\r', '\t']) {
            return Err(FormatError::InvalidName { name: scorer.to_owned() });
        }
        let individuals: Vec<String> = person_ids.iter().map(|person_id| format!("person{person_id}")).collect();
        for (line, name) in ["scorer", "individuals", "bodyparts", "coords"].into_iter().enumerate() {
            write!(out, "{name}")?;
            for individual in &individuals {
                for landmark in LANDMARK_NAMES {
                    for coordinate in COORDS {
                        write!(out, ",{}", [scorer, individual, landmark, coordinate][line])?;
                    }
                }
            }
            writeln!(out)?;
        }
        Ok(Self { out, person_ids, n_frames: 0 })
    }

    /// Writes a frame with the people in it. Frames that were left out before it become empty lines of the table.
    ///
    /// # Errors
    /// If the destination fails, the frame is not after the one before it, or a person is not in the header.
    pub(crate) fn frame(
        &mut self,
        number: u32,
        people: &[(i64, &[Keypoint; LANDMARK_COUNT])],
    ) -> Result<(), FormatError> {
        if number < self.n_frames {
            return Err(FormatError::Order("frames of a DeepLabCut file must increase"));
        }
        if people.iter().any(|(id, _)| !self.person_ids.contains(id)) {
            return Err(FormatError::Order("a person of a DeepLabCut file must be in its header"));
        }
        for absent in self.n_frames..number {
            self.line(absent, &[])?;
        }
        self.line(number, people)?;
        self.n_frames = number + 1;
        Ok(())
    }

    fn line(&mut self, number: u32, people: &[(i64, &[Keypoint; LANDMARK_COUNT])]) -> Result<(), FormatError> {
        write!(self.out, "{number}")?;
        for person_id in &self.person_ids {
            let found = people.iter().find(|(id, _)| id == person_id);
            for landmark in 0..LANDMARK_COUNT {
                match found.map(|(_, keypoints)| keypoints[landmark]).filter(|keypoint| !keypoint.is_missing()) {
                    Some(Keypoint { x_px, y_px, visibility }) => {
                        write!(self.out, ",{x_px:.3},{y_px:.3},{visibility:.4}")?;
                    }
                    None => write!(self.out, ",,,")?,
                }
            }
        }
        writeln!(self.out)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const AT: Keypoint = Keypoint { x_px: 12.5, y_px: 7.0, visibility: 0.25 };
    const NONE: Keypoint = Keypoint { x_px: f64::NAN, y_px: f64::NAN, visibility: f64::NAN };

    fn table(person_ids: &[i64], frames: &[(u32, Vec<i64>)]) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        let mut writer = DlcWriter::begin(&mut out, "blazepose_full", person_ids.to_vec()).unwrap();
        let mut keypoints = [NONE; LANDMARK_COUNT];
        keypoints[0] = AT;
        for (number, ids) in frames {
            writer.frame(*number, &ids.iter().map(|id| (*id, &keypoints)).collect::<Vec<_>>()).unwrap();
        }
        let text = String::from_utf8(out).unwrap();
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_file_to_the_letter() {
        let rows = table(&[0, 2], &[(0, vec![2]), (2, vec![0, 2])]);
        assert_eq!(rows.len(), 4 + 3, "the frame that was left out has a line");
        let heads: Vec<Vec<&str>> = rows.iter().map(|row| row[..4].iter().map(String::as_str).collect()).collect();
        assert_eq!(heads[0], ["scorer", "blazepose_full", "blazepose_full", "blazepose_full"]);
        assert_eq!(heads[1], ["individuals", "person0", "person0", "person0"]);
        assert_eq!(heads[2], ["bodyparts", "nose", "nose", "nose"]);
        assert_eq!(heads[3], ["coords", "x", "y", "likelihood"]);
        assert_eq!(heads[4], ["0", "", "", ""]);
        assert_eq!(heads[5], ["1", "", "", ""]);
        assert_eq!(heads[6], ["2", "12.500", "7.000", "0.2500"]);
        let second = 1 + LANDMARK_COUNT * 3;
        assert_eq!(rows[1][second], "person2");
        assert_eq!(rows[4][second..second + 3], ["12.500", "7.000", "0.2500"]);
        assert!(rows[4][second + 3..].iter().all(String::is_empty));
    }

    #[test]
    fn what_the_file_cannot_hold_is_refused() {
        assert!(matches!(DlcWriter::begin(Vec::new(), "x", Vec::new()), Err(FormatError::NoFrames { .. })));
        assert!(matches!(DlcWriter::begin(Vec::new(), "a,b", vec![0]), Err(FormatError::InvalidName { .. })));
        let mut writer = DlcWriter::begin(Vec::new(), "x", vec![0]).unwrap();
        assert!(matches!(writer.frame(0, &[(1, &[AT; LANDMARK_COUNT])]), Err(FormatError::Order(_))));
        writer.frame(3, &[]).unwrap();
        assert!(matches!(writer.frame(3, &[]), Err(FormatError::Order(_))));
    }

    proptest! {
        #[test]
        fn every_line_has_the_same_number_of_cells(
            people in 1usize..4, steps in prop::collection::vec((1u32..4, prop::collection::vec(any::<bool>(), 4)), 1..6),
        ) {
            let person_ids: Vec<i64> = (0..people as i64).collect();
            let mut number = 0;
            let frames: Vec<(u32, Vec<i64>)> = steps.iter().map(|(step, present)| {
                number += step;
                (number, person_ids.iter().copied().filter(|id| present[*id as usize]).collect())
            }).collect();
            let rows = table(&person_ids, &frames);
            prop_assert_eq!(rows.len(), 4 + number as usize + 1);
            prop_assert!(rows.iter().all(|row| row.len() == 1 + people * LANDMARK_COUNT * 3));
            prop_assert!(rows[4..].iter().enumerate().all(|(index, row)| row[0] == index.to_string()));
        }
    }
}

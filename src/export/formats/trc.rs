//! OpenSim marker trajectories (TRC, `PathFileType 4`).
//!
//! The requirements of readers, from OpenSim's `TRCFileAdapter` and `MarkerData`, and from Pose2Sim's `read_trc`
//! (pandas):
//! - exactly eight header keys, `Frame#` and `Time` first, labels `X1 Y1 Z1 X2 ...`, times that increase;
//! - every row with exactly `2 + 3 n` cells. OpenSim drops an empty cell at the end of a line and then rejects the
//!   row, and its older reader counts tabs, so a missing position is written as `NaN` three times, which all of them
//!   accept;
//! - no blank line after the header: it is allowed, but not needed.

use crate::export::formats::{FormatError, Motion, check_name};
use std::io::Write;

/// The unit of the coordinates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TrcUnits {
    /// `m`.
    Meters,
    /// `px`. OpenSim has no such unit; Sports2D reads such files.
    Pixels,
}

/// Writes a motion as TRC. `Frame#` continues from the motion's `first_frame`, and `Time` has its true times.
///
/// Coordinates are written as they are. Sports2D's `--load_trc_px` expects picture coordinates, y down (with y up all
/// its angles change their sign). It needs a row for every frame of the video from the first, because it counts rows
/// and ignores `Time`, and it knows the names of [`crate::export::formats::markers`].
///
/// # Errors
///
/// If the destination fails, the motion has no frames or invalid times, or a name contains a tab or line break.
pub(crate) fn write_trc(out: &mut impl Write, motion: &Motion, units: TrcUnits) -> Result<(), FormatError> {
    motion.check()?;
    check_name(&motion.name)?;
    for marker in &motion.markers {
        check_name(&marker.name)?;
    }
    write_header(out, motion, units)?;
    let decimals = match units {
        TrcUnits::Meters => 6,
        TrcUnits::Pixels => 3,
    };
    for (frame, time_s) in motion.times_s.iter().enumerate() {
        write!(out, "{}\t{time_s:.6}", motion.first_frame as usize + frame)?;
        for marker in &motion.markers {
            match marker.position(frame) {
                Some([x, y, z]) => write!(out, "\t{x:.decimals$}\t{y:.decimals$}\t{z:.decimals$}")?,
                None => write!(out, "\tNaN\tNaN\tNaN")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

/// Returns the first and last time of the longest stretch of frames in which no marker is missing, seconds; of equally
/// long ones the first. `None` if there is no such frame.
pub(crate) fn complete_span_s(motion: &Motion) -> Option<[f64; 2]> {
    let is_complete = |frame: &usize| motion.markers.iter().all(|marker| marker.position(*frame).is_some());
    let frames: Vec<usize> = (0..motion.times_s.len()).filter(is_complete).collect();
    let stretches = frames.chunk_by(|frame, next| frame + 1 == *next);
    // The last of several maxima would win.
    let longest = stretches.rev().max_by_key(|stretch| stretch.len())?;
    Some([motion.times_s[*longest.first()?], motion.times_s[*longest.last()?]])
}

fn write_header(out: &mut impl Write, motion: &Motion, units: TrcUnits) -> Result<(), FormatError> {
    let Motion { name, rate_hz, first_frame, times_s, markers, .. } = motion;
    let unit = match units {
        TrcUnits::Meters => "m",
        TrcUnits::Pixels => "px",
    };
    writeln!(out, "PathFileType\t4\t(X/Y/Z)\t{name}.trc")?;
    writeln!(
        out,
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"
    )?;
    let (frames, count) = (times_s.len(), markers.len());
    writeln!(out, "{rate_hz}\t{rate_hz}\t{frames}\t{count}\t{unit}\t{rate_hz}\t{first_frame}\t{frames}")?;
    write!(out, "Frame#\tTime")?;
    for marker in markers {
        write!(out, "\t{}\t\t", marker.name)?;
    }
    write!(out, "\n\t")?;
    for number in 1..=count {
        write!(out, "\tX{number}\tY{number}\tZ{number}")?;
    }
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::formats::Marker;

    fn motion() -> Motion {
        let marker = |name: &str, positions| Marker { name: name.to_owned(), positions };
        Motion {
            name: "run".to_owned(),
            rate_hz: 59.94,
            first_frame: 7,
            times_s: vec![0.1, 0.116_683],
            markers: vec![
                marker("RHip", vec![Some([0.1, 0.92, -0.25]), Some([0.11, 0.93, 0.0])]),
                marker("RKnee", vec![Some([1.0, 2.0, 3.0]), None]),
            ],
            events: vec![],
        }
    }

    #[test]
    fn a_file_to_the_letter() {
        let mut out = Vec::new();
        write_trc(&mut out, &motion(), TrcUnits::Meters).unwrap();
        let expected = "PathFileType\t4\t(X/Y/Z)\trun.trc\n\
            DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n\
            59.94\t59.94\t2\t2\tm\t59.94\t7\t2\n\
            Frame#\tTime\tRHip\t\t\tRKnee\t\t\n\
            \t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\
            7\t0.100000\t0.100000\t0.920000\t-0.250000\t1.000000\t2.000000\t3.000000\n\
            8\t0.116683\t0.110000\t0.930000\t0.000000\tNaN\tNaN\tNaN\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn every_line_of_the_table_has_the_same_number_of_cells() {
        let mut out = Vec::new();
        write_trc(&mut out, &motion(), TrcUnits::Pixels).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.contains("\tpx\t"));
        let cells: Vec<usize> = text.lines().skip(3).map(|line| line.split('\t').count()).collect();
        assert_eq!(cells, [8; 4]);
    }

    #[test]
    fn the_longest_stretch_without_a_gap() {
        let span_s = |is_known: &[[bool; 2]]| {
            let times_s = (0..is_known.len()).map(|frame| frame as f64).collect();
            let marker = |side: usize| Marker {
                name: format!("m{side}"),
                positions: is_known.iter().map(|known| known[side].then_some([0.0; 3])).collect(),
            };
            complete_span_s(&Motion { times_s, markers: vec![marker(0), marker(1)], ..motion() })
        };
        let [both, one, none] = [[true, true], [true, false], [false, false]];
        assert_eq!(span_s(&[both; 3]), Some([0.0, 2.0]));
        assert_eq!(span_s(&[none, both, one, both, both, none]), Some([3.0, 4.0]));
        assert_eq!(span_s(&[both, both, one, both, both]), Some([0.0, 1.0]), "the first of two");
        assert_eq!(span_s(&[one, none]), None);
        assert_eq!(span_s(&[]), None);
    }

    #[test]
    fn a_name_with_a_tab_is_refused_before_the_first_byte() {
        let mut out = Vec::new();
        let mut motion = motion();
        motion.markers[1].name = "R\tKnee".to_owned();
        assert!(matches!(write_trc(&mut out, &motion, TrcUnits::Meters), Err(FormatError::InvalidName { .. })));
        assert!(out.is_empty());
    }
}

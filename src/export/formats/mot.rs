//! OpenSim motion files (MOT): curves such as joint angles in degrees.
//!
//! `nColumns` counts the time column. The file declares version 3: OpenSim reads version 1, which many programs
//! write, with an old reader that stops at the first missing value and splits names at spaces.

use crate::export::formats::{Curves, FormatError, check_length, check_name, check_times};
use std::io::Write;

/// Writes curves in degrees as MOT. A missing value is `NaN`, which OpenSim and pandas read as missing.
///
/// # Errors
///
/// If the destination fails, the curves have no rows or invalid times, or a name contains a tab or line break.
pub(crate) fn write_mot(out: &mut impl Write, curves: &Curves) -> Result<(), FormatError> {
    check_times(&curves.name, &curves.times_s)?;
    for (name, values) in &curves.columns {
        check_name(name)?;
        check_length(name, curves.times_s.len(), values.len())?;
    }
    write_header(out, curves)?;
    for (row, time_s) in curves.times_s.iter().enumerate() {
        write!(out, "{time_s:.6}")?;
        for (_, values) in &curves.columns {
            match values[row].filter(|value| value.is_finite()) {
                Some(value) => write!(out, "\t{value:.6}")?,
                None => write!(out, "\tNaN")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_header(out: &mut impl Write, curves: &Curves) -> Result<(), FormatError> {
    writeln!(out, "Coordinates\nversion=3\nDataType=double")?;
    writeln!(out, "nRows={}\nnColumns={}", curves.times_s.len(), curves.columns.len() + 1)?;
    writeln!(out, "inDegrees=yes\n")?;
    writeln!(out, "Units are S.I. units (second, meters, Newtons, ...)")?;
    writeln!(
        out,
        "If the header above contains a line with 'inDegrees', this indicates whether rotational values are in \
         degrees (yes) or radians (no).\n"
    )?;
    write!(out, "endheader\ntime")?;
    for (name, _) in &curves.columns {
        write!(out, "\t{name}")?;
    }
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_to_the_letter() {
        let curves = Curves {
            name: "run".to_owned(),
            times_s: vec![0.0, 0.5],
            columns: vec![
                ("right knee".to_owned(), vec![Some(12.5), None]),
                ("left knee".to_owned(), vec![Some(f64::NAN), Some(-0.25)]),
            ],
        };
        let mut out = Vec::new();
        write_mot(&mut out, &curves).unwrap();
        let expected = "Coordinates\nversion=3\nDataType=double\nnRows=2\nnColumns=3\ninDegrees=yes\n\n\
            Units are S.I. units (second, meters, Newtons, ...)\n\
            If the header above contains a line with 'inDegrees', this indicates whether rotational values are in \
            degrees (yes) or radians (no).\n\n\
            endheader\ntime\tright knee\tleft knee\n\
            0.000000\t12.500000\tNaN\n\
            0.500000\tNaN\t-0.250000\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn a_short_column_is_refused() {
        let curves =
            Curves { name: "run".to_owned(), times_s: vec![0.0, 0.5], columns: vec![("a".to_owned(), vec![None])] };
        assert!(matches!(write_mot(&mut Vec::new(), &curves), Err(FormatError::LengthMismatch { .. })));
    }
}

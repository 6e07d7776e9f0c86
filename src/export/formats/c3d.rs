//! C3D: the binary exchange format of motion capture (little-endian, floating point).
//!
//! Layout (C3D user guide, c3d.org): blocks of 512 bytes; a header block, the parameter blocks, then for every frame
//! and marker four floats x, y, z, residual. A missing position has residual -1.
//!
//! C3D has one rate and no times: frame number n (from 1) is at `(n - 1) / rate` seconds, and event times follow the
//! same axis. Frame numbers are 16-bit. There are several private extensions, but no two readers agree: ezc3d rejects
//! a file whose `POINT:FRAMES` is a float, Mokka shows only the first 65535 frames. So this writer rejects a longer
//! recording, and numbers a recording that begins late in its video from 1, with its first frame as time 0.

mod parameters;

use crate::export::formats::{EventSide, FormatError, Motion};
use parameters::{Parameters, Text};
use std::io::Write;

const BLOCK_BYTES: usize = 512;
/// The parameter section begins with the second block.
const PARAMETER_BLOCK: u8 = 2;
/// Marks headers and parameter sections of C3D files.
const MAGIC: u8 = 0x50;
/// The largest frame number and number of frames. To ezc3d 65535 means "more than that", and it reads on.
const MAX_FRAME: usize = 65_534;

/// Unit of the coordinates in the file, that of most motion capture systems.
const UNIT: &str = "mm";
/// Units in a meter.
const UNITS_PER_METER: f64 = 1000.0;

/// Writes a motion in meters as C3D, with its events in the EVENT group. The motion must be evenly sampled, see
/// [`crate::export::formats::resampled`], which also makes frame numbers and times agree.
///
/// # Errors
///
/// If the destination fails, the motion has no frames or more than 65534, the times are not even, or the markers and
/// events do not fit into the parameter section (which holds some thousand).
pub(crate) fn write_c3d(out: &mut impl Write, motion: &Motion) -> Result<(), FormatError> {
    motion.check_even("C3D")?;
    let frames = motion.times_s.len();
    if frames > MAX_FRAME {
        return Err(FormatError::TooManyFrames { name: motion.name.clone(), format: "C3D", frames, limit: MAX_FRAME });
    }
    let numbering = Numbering::of(motion);
    // The position of the data depends on the length of the section that contains it; the length does not depend on
    // the position.
    let blocks = parameter_section(motion, numbering, 0)?.len() / BLOCK_BYTES;
    let data_block = u16::from(PARAMETER_BLOCK) + blocks as u16;
    out.write_all(&header(motion, numbering, data_block))?;
    out.write_all(&parameter_section(motion, numbering, data_block)?)?;
    write_frames(out, motion)
}

/// The frame numbers of the file, from 1, and the shift that is subtracted from the motion's times to agree with
/// them.
#[derive(Clone, Copy)]
struct Numbering {
    first_frame: u16,
    last_frame: u16,
    shift_s: f64,
}

impl Numbering {
    fn of(motion: &Motion) -> Self {
        let frames = motion.times_s.len();
        let last_frame = motion.first_frame as usize + frames;
        if last_frame <= MAX_FRAME {
            return Self { first_frame: motion.first_frame as u16 + 1, last_frame: last_frame as u16, shift_s: 0.0 };
        }
        let start_s = motion.times_s.first().copied().unwrap_or_default();
        Self { first_frame: 1, last_frame: frames as u16, shift_s: start_s }
    }
}

fn header(motion: &Motion, numbering: Numbering, data_block: u16) -> [u8; BLOCK_BYTES] {
    let mut block = [0; BLOCK_BYTES];
    block[0] = PARAMETER_BLOCK;
    block[1] = MAGIC;
    let mut put = |word: usize, bytes: &[u8]| {
        let at = 2 * (word - 1);
        block[at..at + bytes.len()].copy_from_slice(bytes);
    };
    // Word numbers count from 1, as in the guide. Words 3, 6 and 10 (analog channels, interpolation) stay 0.
    put(2, &(motion.markers.len() as u16).to_le_bytes());
    put(4, &numbering.first_frame.to_le_bytes());
    put(5, &numbering.last_frame.to_le_bytes());
    put(7, &SCALE.to_le_bytes());
    put(9, &data_block.to_le_bytes());
    put(11, &(motion.rate_hz as f32).to_le_bytes());
    block
}

/// `POINT:SCALE`: negative for floating point data, 1 as the values are in the file's unit.
const SCALE: f32 = -1.0;

fn parameter_section(motion: &Motion, numbering: Numbering, data_block: u16) -> Result<Vec<u8>, FormatError> {
    let mut parameters = Parameters::default();
    add_points(&mut parameters, motion, data_block);
    add_analog(&mut parameters);
    if !motion.events.is_empty() {
        add_events(&mut parameters, motion, numbering);
    }
    parameters.into_section().ok_or_else(|| FormatError::HeaderTooLarge { name: motion.name.clone() })
}

fn add_points(parameters: &mut Parameters, motion: &Motion, data_block: u16) {
    let names: Vec<&str> = motion.markers.iter().map(|marker| marker.name.as_str()).collect();
    let mut group = parameters.group("POINT");
    group.integer("USED", names.len() as u16);
    group.float("SCALE", SCALE);
    group.float("RATE", motion.rate_hz as f32);
    group.integer("DATA_START", data_block);
    group.integer("FRAMES", motion.times_s.len() as u16);
    group.text_lists("LABELS", &names);
    group.text_lists("DESCRIPTIONS", &names);
    group.text("UNITS", UNIT);
    group.text("X_SCREEN", "+X");
    group.text("Y_SCREEN", "+Y");
}

/// Adds the analog group, which readers expect even without channels.
fn add_analog(parameters: &mut Parameters) {
    let mut group = parameters.group("ANALOG");
    group.integer("USED", 0);
    group.float("GEN_SCALE", 1.0);
    group.float("RATE", 0.0);
}

fn add_events(parameters: &mut Parameters, motion: &Motion, numbering: Numbering) {
    let mut events: Vec<_> = motion.events.iter().collect();
    events.sort_by(|a, b| a.time_s.total_cmp(&b.time_s));
    let column = |value: fn(&crate::export::formats::MotionEvent) -> Text<'_>| -> Vec<Text<'_>> {
        events.iter().map(|event| value(event)).collect()
    };
    let mut group = parameters.group("EVENT");
    group.integer("USED", events.len() as u16);
    group.text_lists("CONTEXTS", &column(|event| event.side.name()));
    group.text_lists("LABELS", &column(|event| &event.label));
    group.text_lists("SUBJECTS", &vec![motion.name.as_str(); events.len()]);
    // Minutes and seconds. Readers add both, so the minutes stay 0 and the seconds carry the whole time.
    let times: Vec<[f32; 2]> = events.iter().map(|event| [0.0, (event.time_s - numbering.shift_s) as f32]).collect();
    group.float_pairs("TIMES", &times);
    add_event_contexts(parameters);
}

/// Adds the sides that events refer to, for viewers.
fn add_event_contexts(parameters: &mut Parameters) {
    let sides = [EventSide::Left, EventSide::Right, EventSide::General].map(EventSide::name);
    let mut group = parameters.group("EVENT_CONTEXT");
    group.integer("USED", sides.len() as u16);
    group.text_lists("LABELS", &sides);
}

fn write_frames(out: &mut impl Write, motion: &Motion) -> Result<(), FormatError> {
    let mut bytes = 0;
    for frame in 0..motion.times_s.len() {
        for marker in &motion.markers {
            let [x, y, z, residual] = match marker.position(frame) {
                Some(position) => {
                    let [x, y, z] = position.map(|value| (value * UNITS_PER_METER) as f32);
                    [x, y, z, 0.0]
                }
                None => [0.0, 0.0, 0.0, -1.0],
            };
            for value in [x, y, z, residual] {
                out.write_all(&value.to_le_bytes())?;
                bytes += size_of::<f32>();
            }
        }
    }
    let padding = bytes.next_multiple_of(BLOCK_BYTES) - bytes;
    out.write_all(&[0; BLOCK_BYTES][..padding])?;
    Ok(())
}

#[cfg(test)]
mod tests;

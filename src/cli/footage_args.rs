//! The arguments that say how videos were filmed.

use clap::{Args, ValueEnum};

use crate::commands::footage::FootageWishes;
use crate::video::footage::{Capture, Deinterlace};

/// How the videos were filmed.
#[derive(Debug, Args)]
#[command(next_help_heading = "How the videos were filmed (for single files: docs/FOOTAGE.md)")]
pub(super) struct FootageArgs {
    /// Number of pictures that the camera took in a second, for slow motion that the file does not mark, and for streams
    /// and picture sequences without times [default: from the file's tags, else as the file shows them]
    #[arg(long, value_name = "HZ", value_parser = above_zero, conflicts_with = "slow_motion")]
    capture_fps: Option<f64>,

    /// How many times slower than the movement the file shows it: 8 for 240 pictures a second shown at 30
    #[arg(long, value_name = "TIMES", value_parser = above_zero)]
    slow_motion: Option<f64>,

    /// The files hold mirror images, as front cameras save them: mirror them back
    #[arg(long)]
    mirrored: bool,

    /// Interlaced video: auto makes a picture of each field, frame makes one of each frame, off leaves pictures as they
    /// are stored [default: auto]
    #[arg(long, value_name = "MODE")]
    deinterlace: Option<DeinterlaceName>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum DeinterlaceName {
    Auto,
    Frame,
    Off,
}

impl FootageArgs {
    pub(super) fn wishes(&self) -> FootageWishes {
        let slow_motion = self.slow_motion.map(Capture::SlowMotion);
        FootageWishes {
            capture: self.capture_fps.map(Capture::Fps).or(slow_motion),
            deinterlace: self.deinterlace.map(|name| match name {
                DeinterlaceName::Auto => Deinterlace::Auto,
                DeinterlaceName::Frame => Deinterlace::Frame,
                DeinterlaceName::Off => Deinterlace::Off,
            }),
            is_mirrored: self.mirrored.then_some(true),
        }
    }
}

fn above_zero(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if value.is_finite() && value > 0.0 { Ok(value) } else { Err(format!("invalid value {text} (expected above 0)")) }
}

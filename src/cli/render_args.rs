//! The arguments of `posekit render`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use crate::commands::DEFAULT_DATASET;
use crate::commands::render::RenderSettings;
use crate::draw::theme::{Element, Theme};
use crate::error::Error;
use crate::memory::limit::MemoryLimit;
use crate::render::composer::Look;
use crate::render::job::Plan;
use crate::render::settings::{Encoding, Span};
use crate::video::encode::VideoCodec;

/// Tables and videos to annotated videos; what is up to date is skipped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit render\n  \
    posekit render --video squat.mp4 --draw skeleton,angles --slow 0.25\n  \
    posekit render --video game.mp4 --start 10 --end 20 -o clips")]
pub(super) struct RenderArgs {
    /// One video of the tables, by its file name, its id, or the beginning of either (repeatable) [default: all]
    #[arg(long, value_name = "VIDEO")]
    video: Vec<String>,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Folder for annotated videos and reports
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    output: PathBuf,

    /// Folder of your own sport packs
    #[arg(long, value_name = "DIR")]
    sports_dir: Option<PathBuf>,

    #[command(flatten)]
    drawing: DrawingArgs,

    /// Seconds of each video from which on to show it
    #[arg(long, value_name = "SECONDS", value_parser = super::extract_args::seconds)]
    start: Option<f64>,

    /// Seconds of each video up to which to show it
    #[arg(long, value_name = "SECONDS", value_parser = super::extract_args::seconds)]
    end: Option<f64>,

    /// Speed: 0.25 is four times slower; without sound
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    slow: f64,

    /// Resident memory at most: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// Make videos again that are up to date
    #[arg(long)]
    force: bool,

    /// The same as --verbose
    #[arg(short = 'v')]
    pub(super) v: bool,
}

/// How annotated videos look: options of each command that makes some.
#[derive(Debug, Args)]
pub(super) struct DrawingArgs {
    /// What is drawn [default: all but boxes]
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = element())]
    draw: Vec<Element>,

    /// Colors and sizes: a TOML file
    #[arg(long, value_name = "FILE")]
    theme: Option<PathBuf>,

    /// How the video is coded
    #[arg(long, value_name = "CODEC", default_value = "h264", value_parser = codec())]
    codec: VideoCodec,

    /// Quality on the codec's own scale, less is better [default: 20 for h264, 23 h265, 31 vp9, 32 av1]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(0..=63))]
    crf: Option<u8>,
}

impl DrawingArgs {
    /// How videos are made.
    pub(super) fn plan(self, span: Span, is_forced: bool) -> Result<Plan, Error> {
        let Self { draw, theme, codec, crf } = self;
        let theme = theme.map(|path| read_theme(&path)).transpose()?.unwrap_or_default();
        let elements = if draw.is_empty() { Element::DEFAULT.to_vec() } else { draw };
        Ok(Plan {
            look: Look { elements, theme },
            span,
            encoding: Encoding { codec, crf: crf.unwrap_or(codec.usual_crf()) },
            is_forced,
        })
    }
}

impl RenderArgs {
    pub(super) fn settings(self, is_verbose: bool) -> Result<RenderSettings, Error> {
        let Self { video, dataset, output, sports_dir, drawing, start, end, slow, memory_limit, force, v: _ } = self;
        let span = Span { start_s: start, end_s: end, speed: slow };
        Ok(RenderSettings {
            dataset,
            videos: video,
            output,
            sports_dir,
            plan: drawing.plan(span, force)?,
            memory_limit,
            is_verbose,
        })
    }
}

fn read_theme(path: &std::path::Path) -> Result<Theme, Error> {
    let usage = |problem: String| Error::Usage {
        message: format!("the theme {} cannot be used: {problem}", path.display()),
        hint: "docs/RENDER.md lists what a theme can set".to_owned(),
    };
    let text = std::fs::read_to_string(path).map_err(|error| usage(error.to_string()))?;
    Theme::from_toml(&text).map_err(|error| usage(error.to_string()))
}

fn element() -> impl TypedValueParser<Value = Element> {
    PossibleValuesParser::new(Element::NAMES).try_map(|name| name.parse::<Element>())
}

fn codec() -> impl TypedValueParser<Value = VideoCodec> {
    PossibleValuesParser::new(VideoCodec::NAMES)
        .try_map(|name| VideoCodec::find(&name).ok_or_else(|| format!("there is no codec {name}")))
}

fn speed(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if (0.01..=16.0).contains(&value) { Ok(value) } else { Err("expected 0.01 to 16".to_owned()) }
}

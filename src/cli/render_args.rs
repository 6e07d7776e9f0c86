//! The arguments of `posekit render`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::short_v::ShortV;
use crate::commands::DEFAULT_DATASET;
use crate::commands::render::{Ghosting, Product, RenderSettings};
use crate::error::Error;
use crate::memory::limit::MemoryLimit;
use crate::render::animate::{AnimationFormat, AnimationWish};
use crate::render::draw::theme::{Element, Theme};
use crate::render::framing::ghost::Anchor;
use crate::render::ghosts::Attempt;
use crate::render::look::{Ground, Look, View};
use crate::render::settings::{Encoding, Span};
use crate::video::encode::VideoCodec;

/// Turn tables and videos into annotated videos, stills, animations and charts; up-to-date files are skipped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit render\n  \
    posekit render --video squat.mp4 --draw skeleton,angles --slow 0.25\n  \
    posekit render --video game.mp4 --follow --start 10 --end 20 -o clips\n  \
    posekit render --stills events\n  \
    posekit render --video squat.mp4 --animate gif --repetition 2\n  \
    posekit render --ghost best.mp4@3 --onto today.mp4@1\n  \
    posekit render --charts")]
pub(super) struct RenderArgs {
    /// Video of the tables: its file name, its id, or the beginning of either (repeatable) [default: all]
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

    /// Ids of the people to draw, separated by commas [default: everybody]
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    person: Vec<u16>,

    /// Crop steadily around one person: the main athlete, or the person with this id
    #[arg(long, value_name = "ID", num_args = 0..=1, default_missing_value = "0", require_equals = true, conflicts_with = "side_by_side")]
    follow: Option<u16>,

    /// Show the source beside the annotated picture, or two people by id: 0,1
    #[arg(long, value_name = "ID,ID", num_args = 0..=1, default_missing_value = "", require_equals = true)]
    side_by_side: Option<String>,

    /// Attempt to draw over another one: VIDEO, VIDEO@REPETITION or VIDEO#PERSON@REPETITION
    #[arg(long, value_name = "ATTEMPT", requires = "onto", value_parser = str::parse::<Attempt>)]
    ghost: Option<Attempt>,

    /// Attempt to draw the ghost onto
    #[arg(long, value_name = "ATTEMPT", requires = "ghost", conflicts_with = "video", value_parser = str::parse::<Attempt>)]
    onto: Option<Attempt>,

    /// Part of the ghost that stays on the athlete
    #[arg(long, value_name = "WHAT", default_value = "hips", value_parser = anchor())]
    ghost_anchor: Anchor,

    /// Swap left and right of the ghost
    #[arg(long)]
    ghost_mirrored: bool,

    /// Make pictures of events and of turning points of repetitions instead of a video
    #[arg(long, value_name = "OF", value_parser = ["events"], conflicts_with = "animate")]
    stills: Option<String>,

    /// Make a short animated picture instead of a video
    #[arg(long, value_name = "FORMAT", value_parser = animation_format())]
    animate: Option<AnimationFormat>,

    /// Make charts of angles, cycles, paths and repetitions (SVG and PNG) instead of a video
    #[arg(long, conflicts_with_all = ["stills", "animate", "ghost"])]
    charts: bool,

    /// Repetition to animate [default: all from --start to --end]
    #[arg(long, value_name = "N", requires = "animate")]
    repetition: Option<u32>,

    /// Maximum width of the animated picture, pixels
    #[arg(long, value_name = "PX", default_value_t = 480, value_parser = clap::value_parser!(u32).range(16..=1920))]
    animation_width: u32,

    /// Start of the range to show, seconds from the first frame of each video
    #[arg(long, value_name = "SECONDS", value_parser = super::extract_args::seconds)]
    start: Option<f64>,

    /// End of the range to show, seconds from the first frame of each video
    #[arg(long, value_name = "SECONDS", value_parser = super::extract_args::seconds)]
    end: Option<f64>,

    /// Playback speed: 0.25 is four times slower; other speeds than 1 have no sound
    #[arg(long, value_name = "FACTOR", default_value = "1", value_parser = speed)]
    slow: f64,

    /// Resident memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// Make files again even if they are up to date
    #[arg(long)]
    force: bool,

    #[command(flatten)]
    pub(super) v: ShortV,
}

/// The look of annotated videos: options of every command that makes them.
#[derive(Debug, Args)]
pub(super) struct DrawingArgs {
    /// Elements to draw, separated by commas [default: all but boxes]
    #[arg(long, value_name = "WHAT", value_delimiter = ',', value_parser = element())]
    draw: Vec<Element>,

    /// TOML file of colors and sizes
    #[arg(long, value_name = "FILE")]
    theme: Option<PathBuf>,

    /// Codec of the video
    #[arg(long, value_name = "CODEC", default_value = "h264", value_parser = codec())]
    codec: VideoCodec,

    #[arg(long, value_name = "N", help = crf_help(), value_parser = clap::value_parser!(u8).range(0..=63))]
    crf: Option<u8>,

    /// Hide the source picture and show only the drawing
    #[arg(long, conflicts_with = "blur_faces")]
    skeleton_only: bool,

    /// Blur the head of every detected person
    #[arg(long)]
    blur_faces: bool,
}

impl DrawingArgs {
    /// Returns the look of the whole picture and the encoding.
    pub(super) fn look(&self) -> Result<(Look, Encoding), Error> {
        let theme = self.theme.as_deref().map(read_theme).transpose()?.unwrap_or_default();
        let elements = if self.draw.is_empty() { Element::DEFAULT.to_vec() } else { self.draw.clone() };
        let ground = match (self.skeleton_only, self.blur_faces) {
            (true, _) => Ground::Plain,
            (false, true) => Ground::FacesBlurred,
            (false, false) => Ground::Picture,
        };
        let encoding = Encoding { codec: self.codec, crf: self.crf.unwrap_or(self.codec.usual_crf()) };
        Ok((Look { elements, theme, ground, ..Look::default() }, encoding))
    }
}

impl RenderArgs {
    pub(super) fn settings(self, is_verbose: bool) -> Result<RenderSettings, Error> {
        let (look, encoding) = self.drawing.look()?;
        if look.ground == Ground::Plain && self.side_by_side.as_ref().is_some_and(String::is_empty) {
            return Err(Error::Usage {
                message: "--skeleton_only hides the source, --side_by_side shows it".to_owned(),
                hint: "use only one of them".to_owned(),
            });
        }
        let view = match (&self.side_by_side, self.follow) {
            (Some(people), _) => side_by_side(people)?,
            (None, Some(person_id)) => View::Follow(person_id),
            (None, None) => View::Whole,
        };
        let people = (!self.person.is_empty()).then_some(self.person);
        let product = match (self.stills, self.animate) {
            _ if self.charts => Product::Charts,
            (Some(_), _) => Product::Stills,
            (None, Some(format)) => Product::Animation(AnimationWish {
                format,
                repetition: self.repetition,
                max_width_px: self.animation_width as usize,
            }),
            (None, None) => Product::Video(encoding),
        };
        let (anchor, is_mirrored) = (self.ghost_anchor, self.ghost_mirrored);
        let ghost = self.ghost.zip(self.onto);
        Ok(RenderSettings {
            dataset: self.dataset,
            videos: self.v.added_to(self.video),
            output: self.output,
            sports_dir: self.sports_dir,
            look: Look { view, people, ..look },
            span: Span { start_s: self.start, end_s: self.end, speed: self.slow },
            product,
            ghost: ghost.map(|(attempt, onto)| Ghosting { attempt, onto, anchor, is_mirrored }),
            is_forced: self.force,
            memory_limit: self.memory_limit,
            is_verbose,
        })
    }
}

fn side_by_side(people: &str) -> Result<View, Error> {
    if people.is_empty() {
        return Ok(View::SourceAndAnnotated);
    }
    let pair = people.split_once(',').and_then(|(left, right)| Some([left.parse().ok()?, right.parse().ok()?]));
    pair.map(View::TwoPeople).ok_or_else(|| Error::Usage {
        message: format!("invalid pair of people {people:?} for --side_by_side"),
        hint: "give two person ids, as in --side_by_side=0,1; `posekit tracks` lists them".to_owned(),
    })
}

fn anchor() -> impl TypedValueParser<Value = Anchor> {
    PossibleValuesParser::new(["hips", "feet"]).map(|name| if name == "feet" { Anchor::Feet } else { Anchor::Hips })
}

fn animation_format() -> impl TypedValueParser<Value = AnimationFormat> {
    PossibleValuesParser::new(AnimationFormat::NAMES)
        .try_map(|name| AnimationFormat::find(&name).ok_or_else(|| format!("unknown format {name}")))
}

fn read_theme(path: &Path) -> Result<Theme, Error> {
    let usage = |problem: String| Error::Usage {
        message: format!("the theme {} cannot be used: {problem}", path.display()),
        hint: "docs/RENDER.md lists the settings of a theme".to_owned(),
    };
    let text = std::fs::read_to_string(path).map_err(|error| usage(error.to_string()))?;
    Theme::from_toml(&text).map_err(|error| usage(error.to_string()))
}

fn element() -> impl TypedValueParser<Value = Element> {
    PossibleValuesParser::new(Element::NAMES).try_map(|name| name.parse::<Element>())
}

fn codec() -> impl TypedValueParser<Value = VideoCodec> {
    PossibleValuesParser::new(VideoCodec::NAMES)
        .try_map(|name| VideoCodec::find(&name).ok_or_else(|| format!("unknown codec {name}")))
}

/// Returns the help of `--crf`, with the default of each codec.
fn crf_help() -> String {
    let codecs = VideoCodec::NAMES.iter().filter_map(|name| VideoCodec::find(name));
    let defaults: Vec<String> = codecs.map(|codec| format!("{} for {codec}", codec.usual_crf())).collect();
    format!("Quality on the codec's own scale, lower is better [default: {}]", defaults.join(", "))
}

fn speed(text: &str) -> Result<f64, String> {
    let value: f64 = text.parse().map_err(|_| "expected a number".to_owned())?;
    if (0.01..=16.0).contains(&value) { Ok(value) } else { Err("expected 0.01 to 16".to_owned()) }
}

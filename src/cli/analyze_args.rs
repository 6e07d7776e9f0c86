//! The arguments of `posekit analyze`.

use std::path::PathBuf;

use clap::Args;
use clap::builder::{PossibleValuesParser, TypedValueParser};

use super::short_v::ShortV;
use crate::analyze::config::Wishes;
use crate::cluster::ClusterAddress;
use crate::commands::DEFAULT_DATASET;
use crate::commands::analyze::AnalyzeSettings;
use crate::commands::stability::StabilitySettings;
use crate::export::ExportFormat;
use crate::memory::limit::MemoryLimit;
use crate::movement::filters::Filter;

/// Turn tables into measurements: clean tracks, angles, events, repetitions, metrics, checks; up-to-date results are
/// skipped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit analyze\n  \
    posekit analyze --sport_type running --height_m 1.78\n  \
    posekit analyze --video squat.mp4 --height_m 0=1.78,1=1.65 --filter gcv_spline\n  \
    posekit analyze --check\n  \
    posekit analyze --video squat.mp4 --stability 8
  \
    posekit analyze --export csv,trc,c3d --output files
  \
    posekit analyze --export yolo --picture_step 10 --output training

\
    The dataset remembers sport, heights, filter and depth until other options or --defaults replace them.\n\
    Give --sports_dir and --sql_dir each time. Settings can also be written in posekit.toml\n\
    (docs/SETTINGS.md). The command line overrides the file; the file overrides remembered options.\n\
    With only --check or --export, nothing is analyzed.")]
pub(super) struct AnalyzeArgs {
    /// Video of the tables: its file name, its id, or the beginning of either (repeatable) [default: all]
    #[arg(long, value_name = "VIDEO")]
    video: Vec<String>,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    #[command(flatten)]
    wishes: WishArgs,

    /// Number of videos to analyze in parallel [default: from cores]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    workers: Option<u32>,

    /// Memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// Analyze on a cluster: ray, ray://HOST:PORT, dask, or tcp://HOST:PORT of a Dask scheduler
    #[arg(long, value_name = "ADDRESS", value_parser = str::parse::<ClusterAddress>)]
    cluster: Option<ClusterAddress>,

    /// Analyze again even if results are up to date
    #[arg(long)]
    force: bool,

    /// Forget the remembered options (sport, heights, filter, depth): use the defaults and the options given now
    #[arg(long)]
    defaults: bool,

    /// Show the results of the data-quality checks without analyzing; exit status 1 if there are errors
    #[arg(long)]
    check: bool,

    /// Measure how far each metric changes when the pictures are altered: extract and analyze N variants of each video
    /// (mirrored, lower resolution, coarser compression, darker, smaller, noise, shifted, brighter, then two at once).
    /// Takes N times as long as an extraction
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=35))]
    stability: Option<u8>,

    /// Folder of the networks for --stability; a network that is missing there is taken from the installation
    #[arg(long, value_name = "DIR", default_value = "models", requires = "stability")]
    models: PathBuf,

    /// Export the existing tables to files for other tools, separated by commas: csv, parquet, trc, mot, c3d, coco,
    /// yolo, dlc, json, bvh
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = export_format())]
    export: Vec<ExportFormat>,

    /// Folder for the exported files
    #[arg(short, long, value_name = "DIR", default_value = "output")]
    output: PathBuf,

    /// For coco and yolo: export every N-th frame, each also as a JPEG picture [default: all frames, coco without
    /// pictures]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), requires = "export")]
    picture_step: Option<u32>,

    #[command(flatten)]
    pub(super) v: ShortV,
}

/// Analysis options, shared by every command that analyzes.
#[derive(Debug, Args)]
pub(super) struct WishArgs {
    /// Sport pack: defines what to detect and measure [default: generic]
    #[arg(long, value_name = "S")]
    pub(super) sport_type: Option<String>,

    /// Folder of your own sport packs
    #[arg(long, value_name = "DIR")]
    pub(super) sports_dir: Option<PathBuf>,

    /// Folder of SQL files (metrics/, quality/, analysis/) that add to posekit's or replace them
    #[arg(long, value_name = "DIR")]
    pub(super) sql_dir: Option<PathBuf>,

    /// Height of the main athlete in meters, or of people by their id: 0=1.78,1=1.65
    #[arg(long, value_name = "M", value_delimiter = ',', value_parser = height)]
    height_m: Vec<(Option<u16>, f64)>,

    /// Filter to smooth the tracks with [default: butterworth]
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Filter::names()))]
    filter: Option<String>,

    /// Cut-off frequency of the Butterworth filter, Hz [default: 6]
    #[arg(long, value_name = "HZ")]
    cutoff_hz: Option<f64>,

    /// Visibility below which a landmark counts as missing, 0 to 1 [default: 0]
    #[arg(long, value_name = "P")]
    min_visibility: Option<f64>,

    /// Depth from which a repetition counts, degrees of the counted joint angle; others are partial [default: all]
    #[arg(long, value_name = "DEG")]
    min_depth: Option<f64>,

    /// Keep left and right as the network detected them
    #[arg(long)]
    no_swap_repair: bool,

    /// Settings file [default: posekit.toml in the working directory]
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
}

impl WishArgs {
    pub(super) fn wishes(&self) -> Wishes {
        let mut clean = toml::Table::new();
        let numbers = [("cutoff_hz", self.cutoff_hz), ("min_visibility", self.min_visibility)];
        clean.extend(
            numbers.into_iter().filter_map(|(name, value)| Some((name.to_owned(), toml::Value::Float(value?)))),
        );
        clean.extend(self.filter.clone().map(|filter| ("filter".to_owned(), toml::Value::String(filter))));
        clean.extend(self.no_swap_repair.then(|| ("repair_swaps".to_owned(), toml::Value::Boolean(false))));
        let heights = &self.height_m;
        let named =
            heights.iter().filter_map(|(person_id, height_m)| Some((person_id.as_ref()?.to_string(), *height_m)));
        Wishes {
            sport_type: self.sport_type.clone(),
            height_m: heights.iter().find_map(|(person_id, height_m)| person_id.is_none().then_some(*height_m)),
            heights_m: named.collect(),
            min_depth_deg: self.min_depth,
            clean,
        }
    }
}

impl AnalyzeArgs {
    pub(super) fn settings(self, is_verbose: bool) -> AnalyzeSettings {
        let Self { video, dataset, wishes, workers, memory_limit, cluster, force, .. } = self;
        let Self { defaults, check, stability, models, export, output, picture_step, v, .. } = self;
        let stability = stability.map(|n| StabilitySettings { n_variants: usize::from(n), models });
        let said = wishes.wishes();
        let says_nothing = said == Wishes::default() && wishes.sql_dir.is_none() && wishes.sports_dir.is_none();
        let is_only_shown = (check || !export.is_empty()) && !force && !defaults && says_nothing && stability.is_none();
        AnalyzeSettings {
            dataset,
            videos: v.added_to(video),
            config: wishes.config.clone(),
            sports_dir: wishes.sports_dir.clone(),
            sql_dir: wishes.sql_dir.clone(),
            wishes: said,
            workers: workers.map(|count| count as usize),
            memory_limit,
            cluster,
            is_forced: force,
            is_analyzing: !is_only_shown,
            is_anew: defaults,
            is_checking: check,
            export,
            output,
            picture_step,
            stability,
            is_verbose,
        }
    }
}

fn export_format() -> impl TypedValueParser<Value = ExportFormat> {
    PossibleValuesParser::new(ExportFormat::ALL.map(|(name, _)| name)).try_map(|name| {
        let found = ExportFormat::ALL.into_iter().find(|(known, _)| *known == name);
        found.map(|(_, format)| format).ok_or_else(|| format!("unknown format {name}"))
    })
}

/// Parses a height in meters with an optional person id: `1.78` or `1=1.65`.
fn height(text: &str) -> Result<(Option<u16>, f64), String> {
    let (person, meters) = match text.split_once('=') {
        Some((person, meters)) => (Some(person), meters),
        None => (None, text),
    };
    let person_id = person.map(|person| person.parse::<u16>().map_err(|_| format!("invalid person id {person}")));
    let meters = meters.parse::<f64>().map_err(|_| format!("invalid height {meters}: expected a number of meters"))?;
    Ok((person_id.transpose()?, meters))
}

//! The arguments of every command.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::analyze_args::AnalyzeArgs;
use super::ask_args::AskArgs;
use super::extract_args::ExtractArgs;
use super::llm_args::{ExportLlmArgs, SynthArgs};
use super::page_args::PageArgs;
use super::render_args::RenderArgs;
use super::run_args::RunArgs;
use super::serve_args::ServeArgs;
use super::tracks_args::TracksArgs;
#[cfg(feature = "train")]
use super::train_args::TrainArgs;
use crate::commands::DEFAULT_DATASET;
use crate::commands::bench::BenchSettings;
use crate::commands::query::QuerySettings;
use crate::commands::status::{StatusSettings, StatusTask};
use crate::commands::worker::WorkerSettings;
use crate::inference::kind::EngineKind;
use crate::inference::networks::LandmarkNetwork;
use crate::memory::limit::MemoryLimit;
use crate::output::answer::AnswerFormat;
use crate::output::printer::{ProgressStyle, Verbosity};
use crate::pose::follow::People;

/// Turns folders of sport video into pose tables that anyone can query with SQL.
#[derive(Debug, Parser)]
#[command(
    name = "posekit",
    version,
    max_term_width = 100,
    after_help = "Examples:\n  \
        posekit extract --input videos\n  \
        posekit analyze\n  \
        posekit query \"SELECT video, count(*) FROM landmarks GROUP BY ALL\"\n  \
        posekit status\n\n\
        Options can also be written with underscores (--batch_size).\n\
        Data goes to standard output, everything else to standard error.\n\
        Exit status: 0 success; 1 some inputs failed; 2 wrong usage;\n\
        3 something is missing, full or damaged; 4 internal error of posekit; 130 interrupted."
)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,

    /// Print errors only
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Print what happens and why (after a command, also -v)
    #[arg(long, global = true)]
    verbose: bool,

    /// How to show progress: bars on a terminal, JSON lines, or nothing
    #[arg(long, global = true, value_enum, default_value_t = ProgressChoice::Bar, value_name = "STYLE")]
    progress: ProgressChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ProgressChoice {
    Bar,
    Json,
    None,
}

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "a process has exactly one")]
pub(super) enum Command {
    Extract(ExtractArgs),
    Analyze(AnalyzeArgs),
    Render(RenderArgs),
    Report(PageArgs),
    Run(RunArgs),
    ExportLlm(ExportLlmArgs),
    Synth(SynthArgs),
    #[cfg(feature = "train")]
    Train(TrainArgs),
    Serve(ServeArgs),
    Ask(AskArgs),
    Query(QueryArgs),
    Status(StatusArgs),
    Tracks(TracksArgs),
    Doctor(DoctorArgs),
    Bench(BenchArgs),
    #[command(hide = true)]
    Worker(WorkerArgs),
    Completions(CompletionsArgs),
}

/// Run SQL on the tables
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit query \"SELECT * FROM videos\"\n  \
    posekit query --output knees.parquet \"FROM landmarks WHERE landmark LIKE '%knee'\"\n  \
    echo \"FROM frames\" | posekit query --format csv\n\n\
    Views: frames, regions, landmarks, raw_landmarks, poses, tracks, people, track_edits;\n    \
    after `posekit analyze` also clean_landmarks, joint_angles, segment_angles, kinematics,\n    \
    scales, facings, events, strides, phases, repetitions, cycles, cycle_means, metrics,\n    \
    metric_sides, stability, side_views, checks, analyses. Tables: videos, runs, files. docs/COOKBOOK.md has examples.")]
pub(super) struct QueryArgs {
    /// The SQL [default: read from standard input]
    #[arg(allow_hyphen_values = true)]
    sql: Option<String>,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Format of the answer [default: from the extension of --output, else table]
    #[arg(short, long, value_enum)]
    format: Option<FormatChoice>,

    /// File to write the answer to
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Let the SQL change the catalog
    #[arg(long)]
    write: bool,

    /// Same as --verbose
    #[arg(short = 'v')]
    v: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FormatChoice {
    Table,
    Csv,
    Json,
    Jsonl,
    Parquet,
}

/// Show what the dataset contains: videos, runs, frames, people, failures, size
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag on the command line; settings() turns them into one task"
)]
pub(super) struct StatusArgs {
    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Output format
    #[arg(short, long, value_enum, default_value_t = StatusFormat::Table)]
    format: StatusFormat,

    /// List the runs of each video and mark its current run
    #[arg(long, group = "task")]
    runs: bool,

    /// Make a run the current run of a video: the one that views, measurements and pages show
    #[arg(long = "use", group = "task", num_args = 2, value_names = ["VIDEO", "RUN"])]
    used: Vec<String>,

    /// Remove replaced runs and the parts of unfinished runs. Each video keeps its current run and its best run:
    /// complete before partial, heavy before auto before full before lite
    #[arg(long, group = "task")]
    prune: bool,

    /// Remove runs without asking for confirmation
    #[arg(long, requires = "prune")]
    yes: bool,

    /// Rebuild the catalog from the Parquet files alone
    #[arg(long, group = "task")]
    rebuild: bool,

    /// Verify every part and all tables; exit status 1 if something is wrong
    #[arg(long, group = "task")]
    check: bool,

    /// Repair what does not need the videos: finish interrupted changes, set damaged parts aside, rebuild people and
    /// landmarks
    #[arg(long, group = "task")]
    repair: bool,

    /// Give videos and runs written by an older posekit the ids that posekit assigns today (some readers took the old
    /// ids for numbers)
    #[arg(long, group = "task")]
    migrate: bool,

    /// Same as --verbose
    #[arg(short = 'v')]
    v: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum StatusFormat {
    Table,
    Json,
}

/// Check this machine: what is installed, what is missing, how to fix it; exit status 3 if something is missing
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Folder of the networks
    #[arg(short, long, value_name = "DIR", default_value = "models")]
    pub(super) models: PathBuf,

    /// Same as --verbose
    #[arg(short = 'v')]
    v: bool,
}

/// Measure how fast this machine is: each stage of the pipeline, their limit, and the speed of extraction
#[derive(Debug, Args)]
pub(super) struct BenchArgs {
    /// The clip to measure with
    #[arg(long, value_name = "FILE", default_value = "public/flip_and_walk_2p.mp4")]
    video: PathBuf,

    /// Folder of the networks
    #[arg(short, long, value_name = "DIR", default_value = "models")]
    models: PathBuf,

    /// BlazePose landmark network
    #[arg(long, default_value = "full", value_parser = network_name())]
    network: LandmarkNetwork,

    /// Engine of the BlazePose networks: native, ort, amx, or auto
    #[arg(long, value_name = "ENGINE", default_value = "auto", value_parser = engine_name())]
    inference: EngineWish,

    /// Maximum number of people, or auto; 1 is MediaPipe's single-person algorithm
    #[arg(long, value_name = "N", default_value = "1", value_parser = super::extract_args::people)]
    people: People,

    /// Folder of the tables; the result is stored in its catalog (table benchmarks)
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Number of end-to-end runs; the median is reported
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=100))]
    runs: u32,
}

/// Read units of work as JSON lines from standard input and write their results to standard output (docs/WORKER.md)
#[derive(Debug, Args)]
pub(super) struct WorkerArgs {
    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Folder of the networks; a network that is missing there is taken from the installation
    #[arg(short, long, value_name = "DIR", default_value = "models")]
    models: PathBuf,

    /// Resident memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// Cores to use [default: all]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=256))]
    cores: Option<u32>,

    /// Number of frames to decode ahead
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    batch_size: u32,

    /// Print the version and the networks of this posekit as JSON, and end
    #[arg(long)]
    describe: bool,
}

/// Print a completion script for your shell
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  posekit completions bash > ~/.local/share/bash-completion/completions/posekit")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_parser = PossibleValuesParser::new(["bash", "zsh", "fish"]).try_map(|name| name.parse::<clap_complete::Shell>()))]
    pub(super) shell: clap_complete::Shell,
}

impl Arguments {
    pub(super) fn verbosity(&self) -> Verbosity {
        let v = match &self.command {
            Command::Extract(args) => args.v.is_verbose(),
            Command::Run(args) => args.extract.v.is_verbose(),
            Command::Analyze(args) => args.v.is_verbose(),
            Command::Render(args) => args.v.is_verbose(),
            Command::Report(args) => args.v.is_verbose(),
            Command::ExportLlm(args) => args.is_verbose(),
            Command::Synth(args) => args.is_verbose(),
            Command::Ask(args) => args.v,
            Command::Query(QueryArgs { v, .. })
            | Command::Status(StatusArgs { v, .. })
            | Command::Serve(ServeArgs { v, .. })
            | Command::Tracks(TracksArgs { v, .. })
            | Command::Doctor(DoctorArgs { v, .. }) => *v,
            #[cfg(feature = "train")]
            Command::Train(_) => false,
            Command::Bench(_) | Command::Worker(_) | Command::Completions(_) => false,
        };
        match (self.quiet, self.verbose || v) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        }
    }

    pub(super) fn progress(&self) -> ProgressStyle {
        match self.progress {
            ProgressChoice::Bar => ProgressStyle::Bar,
            ProgressChoice::Json => ProgressStyle::Json,
            ProgressChoice::None => ProgressStyle::None,
        }
    }
}

impl QueryArgs {
    pub(super) fn settings(self) -> QuerySettings {
        let Self { sql, dataset, format, output, write, v: _ } = self;
        let format = format.map(|format| match format {
            FormatChoice::Table => AnswerFormat::Table,
            FormatChoice::Csv => AnswerFormat::Csv,
            FormatChoice::Json => AnswerFormat::Json,
            FormatChoice::Jsonl => AnswerFormat::Jsonl,
            FormatChoice::Parquet => AnswerFormat::Parquet,
        });
        QuerySettings { sql, dataset, format, output, is_writing: write }
    }
}

impl BenchArgs {
    pub(super) fn settings(self) -> BenchSettings {
        let Self { video, models, network, inference, people, dataset, runs } = self;
        let inference = inference.0.unwrap_or_else(EngineKind::best);
        BenchSettings { video, models, network, inference, people, dataset, runs: runs as usize }
    }
}

impl WorkerArgs {
    pub(super) fn settings(self) -> WorkerSettings {
        let Self { dataset, models, memory_limit, cores, batch_size, describe } = self;
        let cores = cores.map(|cores| cores as usize);
        let batch_size = batch_size as usize;
        WorkerSettings { dataset, models, memory_limit, cores, batch_size, is_describing: describe }
    }
}

impl StatusArgs {
    pub(super) fn settings(self) -> StatusSettings {
        let Self { dataset, format, runs, used, prune, yes, rebuild, check, repair, migrate, v: _ } = self;
        let task = match (used.as_slice(), runs, prune, rebuild, check) {
            _ if repair => StatusTask::Repair,
            _ if migrate => StatusTask::Migrate,
            ([video, run], ..) => StatusTask::Use { video: video.clone(), run: run.clone() },
            (_, true, ..) => StatusTask::Runs,
            (_, _, true, ..) => StatusTask::Prune { is_sure: yes },
            (_, _, _, true, _) => StatusTask::Rebuild,
            (.., true) => StatusTask::Check,
            _ => StatusTask::Show,
        };
        StatusSettings { dataset, is_json: format == StatusFormat::Json, task }
    }
}

/// Parses the name of a landmark network; help and completions list the names.
pub(super) fn network_name() -> impl TypedValueParser<Value = LandmarkNetwork> {
    PossibleValuesParser::new(LandmarkNetwork::NAMES).try_map(|name| name.parse::<LandmarkNetwork>())
}

/// The engine that the user wants; `None` leaves the choice to posekit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct EngineWish(pub(super) Option<EngineKind>);

/// Parses the name of an engine, or `auto`.
pub(super) fn engine_name() -> impl TypedValueParser<Value = EngineWish> {
    let names = std::iter::once("auto").chain(EngineKind::ALL.map(EngineKind::name));
    PossibleValuesParser::new(names)
        .map(|name| EngineWish(EngineKind::ALL.into_iter().find(|engine| engine.name() == name)))
}

/// Replaces underscores in long options with hyphens: `--batch_size=3` becomes `--batch-size=3`.
pub(super) fn normalized(arguments: impl IntoIterator<Item = OsString>) -> Vec<OsString> {
    let mut is_option_allowed = true;
    let normalize = |argument: OsString| {
        if argument == "--" {
            is_option_allowed = false;
        }
        match argument.to_str() {
            Some(text) if is_option_allowed && is_long_option(text) => {
                let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
                let name = name.replace('_', "-");
                value.map_or(name.clone(), |value| format!("{name}={value}")).into()
            }
            _ => argument,
        }
    };
    arguments.into_iter().map(normalize).collect()
}

/// Returns whether `text` is `--name` or `--name=value`, and not SQL that begins with a comment.
fn is_long_option(text: &str) -> bool {
    let name = text.strip_prefix("--").map(|rest| rest.split('=').next().unwrap_or_default());
    name.is_some_and(|name| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_'))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::commands::extract::ExtractSettings;
    use crate::error::Error;

    fn parse(arguments: &[&str]) -> Result<Arguments, clap::Error> {
        Arguments::try_parse_from(normalized(arguments.iter().map(OsString::from)))
    }

    fn extract(arguments: &[&str]) -> (ExtractSettings, Verbosity) {
        let arguments = parse(&[&["posekit", "extract"], arguments].concat()).unwrap();
        let verbosity = arguments.verbosity();
        let Command::Extract(args) = arguments.command else { panic!("not extract") };
        (args.settings(verbosity == Verbosity::Verbose, Path::new("")).unwrap(), verbosity)
    }

    #[test]
    fn the_command_line_is_consistent() {
        use clap::CommandFactory;
        Arguments::command().debug_assert();
    }

    #[test]
    fn underscores_and_hyphens_are_the_same() {
        assert_eq!(extract(&["--batch_size", "3"]), extract(&["--batch-size=3"]));
        let untouched = normalized(["posekit", "query", "--", "--a_b"].map(OsString::from));
        assert_eq!(untouched[3], "--a_b");
        let comment = normalized(["-- my_comment\nSELECT 1"].map(OsString::from));
        assert_eq!(comment[0], "-- my_comment\nSELECT 1");
        let value = normalized(["--output=a_b.csv"].map(OsString::from));
        assert_eq!(value[0], "--output=a_b.csv");
    }

    #[test]
    fn short_v_with_a_file_is_a_video_and_alone_verbose() {
        let (settings, verbosity) = extract(&["-v", "a.mp4", "--video", "b.mp4"]);
        assert_eq!((settings.videos.len(), verbosity), (2, Verbosity::Normal));
        let (settings, verbosity) = extract(&["-v", "--input", "clips"]);
        assert_eq!((settings.videos.len(), verbosity), (0, Verbosity::Verbose));
    }

    #[test]
    fn short_v_means_the_same_in_every_command() {
        for command in [
            "extract",
            "run",
            "analyze",
            "render",
            "report",
            "export-llm",
            "query",
            "status",
            "tracks",
            "serve",
            "doctor",
        ] {
            let arguments = parse(&["posekit", command, "-v"]).unwrap();
            assert_eq!(arguments.verbosity(), Verbosity::Verbose, "{command}");
        }
        for command in ["extract", "run", "analyze", "render", "report", "export-llm", "synth"] {
            let named = parse(&["posekit", command, "-v", "a.mp4", "--video", "b.mp4"]).unwrap();
            assert_eq!(named.verbosity(), Verbosity::Normal, "{command}");
            let named = format!("{:?}", named.command);
            assert!(named.contains("a.mp4") && named.contains("b.mp4"), "{command}");
        }
        let Command::Analyze(args) = parse(&["posekit", "analyze", "-v", "a", "--video", "b", "-v"]).unwrap().command
        else {
            panic!("not analyze")
        };
        let is_verbose = args.v.is_verbose();
        assert_eq!((args.settings(is_verbose).videos, is_verbose), (vec!["b".to_owned(), "a".to_owned()], true));
    }

    #[test]
    fn the_public_folder_is_searched_only_where_nothing_is_named() {
        assert_eq!(extract(&[]).0.input, Some(PathBuf::from("public")));
        assert_eq!(extract(&["-v", "a.mp4"]).0.input, None);
    }

    #[test]
    fn nonsense_is_refused() {
        for nonsense in [
            ["--people", "0"],
            ["--network", "huge"],
            ["--start", "-1"],
            ["--min-detection-confidence", "1.5"],
            ["--workers", "0"],
            ["--end", "NaN"],
        ] {
            let error = parse(&[&["posekit", "extract"], nonsense.as_slice()].concat()).unwrap_err();
            assert_eq!(error.exit_code(), 2, "{nonsense:?}");
        }
    }

    #[test]
    fn a_range_that_ends_before_it_starts_is_wrong_usage() {
        let Command::Extract(args) = parse(&["posekit", "extract", "--start", "2", "--end", "1"]).unwrap().command
        else {
            panic!("not extract")
        };
        assert!(matches!(args.settings(false, Path::new("")), Err(Error::Usage { .. })));
    }
}

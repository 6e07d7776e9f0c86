//! The commands, and the arguments that all of them have.

use std::ffi::OsString;
use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::analyze_args::AnalyzeArgs;
use super::ask_args::AskArgs;
use super::bench_args::BenchArgs;
use super::extract_args::ExtractArgs;
use super::llm_args::{ExportLlmArgs, SynthArgs};
use super::page_args::PageArgs;
use super::query_args::QueryArgs;
use super::render_args::RenderArgs;
use super::run_args::RunArgs;
use super::serve_args::ServeArgs;
use super::status_args::StatusArgs;
use super::tracks_args::TracksArgs;
#[cfg(feature = "train")]
use super::train_args::TrainArgs;
use super::worker_args::WorkerArgs;
use crate::output::printer::{ProgressStyle, Verbosity};

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

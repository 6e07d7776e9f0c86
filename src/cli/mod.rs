//! The command line: turns arguments into settings, passes settings to commands, and turns errors into text and an exit
//! status.

mod analyze_args;
mod args;
mod ask_args;
mod bench_args;
mod engine_args;
mod extract_args;
mod footage_args;
mod layers;
mod llm_args;
mod model_args;
mod page_args;
mod query_args;
mod render_args;
mod report;
mod run_args;
mod serve_args;
mod short_v;
mod status_args;
mod tracks_args;
#[cfg(feature = "train")]
mod train_args;
mod worker_args;

use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};

use crate::analyze::config::SETTINGS_FILE;
use crate::commands::{self, Outcome};
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::output::printer::{Printer, ProgressStyle, Verbosity};
use args::{Arguments, Command};

/// Runs posekit with a command line. `interrupt` is set when the user asks to stop.
pub fn run(arguments: impl IntoIterator<Item = OsString>, interrupt: &Interrupt) -> ExitCode {
    let arguments = args::normalized(arguments);
    let is_version = arguments.iter().skip(1).any(|argument| argument == "--version" || argument == "-V");
    // Loading the native libraries takes time, so only `--version` does it.
    let command = if is_version { Arguments::command().version(report::versions()) } else { Arguments::command() };
    let layered = match layers::layered(arguments, &command) {
        Ok(layered) => layered,
        Err(error) => return report::exit_code(Err(error), &Printer::new(Verbosity::Normal, ProgressStyle::None)),
    };
    let parsed = command.clone().try_get_matches_from(&layered.arguments);
    let parsed = parsed.and_then(|matches| Ok((Arguments::from_arg_matches(&matches)?, matches)));
    let (arguments, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            // Help and version go to standard output with status 0, usage errors to standard error with status 2.
            let status = u8::try_from(error.exit_code()).unwrap_or(2);
            drop(error.print());
            return ExitCode::from(status);
        }
    };
    if let (Some(("run", matches)), Some(command)) = (matches.subcommand(), command.find_subcommand("run"))
        && matches.get_flag("show_config")
    {
        let in_force = layers::InForce { matches, command, layered: &layered };
        let written = write!(std::io::stdout().lock(), "{in_force}");
        let written = written.map_err(|source| Error::Output { target: "standard output".into(), source });
        return report::exit_code(
            written.map(|()| Outcome::Done),
            &Printer::new(Verbosity::Normal, ProgressStyle::None),
        );
    }
    let printer = Printer::new(arguments.verbosity(), arguments.progress());
    initialize_logging(arguments.verbosity(), &printer);
    let result = dispatch(arguments, &printer, interrupt);
    report::exit_code(result, &printer)
}

fn dispatch(arguments: Arguments, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    let is_verbose = arguments.verbosity() == Verbosity::Verbose;
    match arguments.command {
        Command::Extract(args) => {
            commands::extract::run(&args.settings(is_verbose, Path::new(SETTINGS_FILE))?, printer, interrupt)
        }
        Command::Analyze(args) => commands::analyze::run(&args.settings(is_verbose), printer, interrupt),
        Command::Render(args) => commands::render::run(&args.settings(is_verbose)?, printer, interrupt),
        Command::Report(args) => commands::report::run(&args.settings(is_verbose), printer, interrupt),
        Command::Run(args) => commands::run::run(&args.settings(is_verbose)?, printer, interrupt),
        Command::ExportLlm(args) => commands::export_llm::run(&args.settings(is_verbose)?, printer, interrupt),
        Command::Synth(args) => commands::synth::run(&args.settings(is_verbose)?, printer, interrupt),
        #[cfg(feature = "train")]
        Command::Train(args) => commands::train::run(&args.settings(), printer, interrupt),
        Command::Serve(args) => commands::serve::run(&args.settings()?, printer, interrupt),
        Command::Ask(args) => commands::ask::run(&args.settings(is_verbose)?, printer, interrupt),
        Command::Query(args) => commands::query::run(&args.settings()),
        Command::Status(args) => commands::status::run(&args.settings(), printer),
        Command::Tracks(args) => commands::tracks::run(&args.settings()?, printer),
        Command::Worker(args) => commands::worker::run(&args.settings(), interrupt),
        Command::Bench(args) => commands::bench::run(&args.settings(), interrupt),
        Command::Doctor(args) => commands::doctor::run(&args.models),
        Command::Completions(args) => {
            let mut script = Vec::new();
            clap_complete::generate(args.shell, &mut Arguments::command(), "posekit", &mut script);
            let written = std::io::stdout().lock().write_all(&script);
            written.map_err(|source| Error::Output { target: "standard output".into(), source })?;
            Ok(Outcome::Done)
        }
    }
}

/// Sends log messages to standard error, around the progress bars. `RUST_LOG` overrides the verbosity.
fn initialize_logging(verbosity: Verbosity, printer: &Printer) {
    use tracing_subscriber::EnvFilter;
    let default = match verbosity {
        Verbosity::Quiet => "error",
        Verbosity::Normal => "posekit=warn",
        Verbosity::Verbose => "posekit=debug",
    };
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(default));
    let printer = printer.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .without_time()
        .with_target(false)
        .with_ansi(printer.progress() == ProgressStyle::Bar)
        .with_writer(move || LogLine { printer: printer.clone(), text: Vec::new() });
    // A second initialization (tests run commands in one process) keeps the first.
    drop(subscriber.try_init());
}

/// Collects a log message and prints it as one line.
struct LogLine {
    printer: Printer,
    text: Vec<u8>,
}

impl Write for LogLine {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.text.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Drop for LogLine {
    fn drop(&mut self) {
        self.printer.line(String::from_utf8_lossy(&self.text).trim_end());
    }
}

//! `posekit ask`: answers a question in plain words from the tables.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::Value;

#[cfg(feature = "train")]
use super::ask_local::LocalAssistant;
use super::ask_model::with_hosted;
use super::asker::Asker;
use super::render::{self, Product, RenderSettings};
use super::synth::ModelChoice;
use super::{Outcome, dataset_option, print, shell_word};
use crate::ask::answer::{Answer, Kind, Moment};
use crate::ask::assistant::Assistant;
use crate::ask::table::Table;
use crate::error::Error;
use crate::interrupt::Interrupt;
use crate::machine::Machine;
use crate::memory::limit::MemoryLimit;
use crate::output::printer::{Printer, ProgressStyle, Verbosity, printable};
use crate::output::table::{self, Column};
use crate::output::units;
use crate::render::look::Look;
use crate::render::settings::{Encoding, Span};
use crate::sql::library::Library;
use crate::store::shared_catalog::SharedCatalog;
use crate::store::workspace::EngineLimits;
use crate::store::{Access, Catalog, Layout};

/// The maximum number of rows shown; JSON has all rows that were read.
const MAX_SHOWN: usize = 20;

/// The model that answers questions without a ready answer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum AskModel {
    /// No model.
    None,
    /// A hosted model, or a model of a server on this machine.
    Hosted(ModelChoice),
    /// A model in a folder on this machine.
    Folder(PathBuf),
}

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AskSettings {
    /// The question; `None` lists the ready questions.
    pub(crate) question: Option<String>,
    /// The dataset.
    pub(crate) dataset: PathBuf,
    /// The model that answers questions without a ready answer.
    pub(crate) model: AskModel,
    /// The file for a video that shows the evidence of the answer.
    pub(crate) clip: Option<PathBuf>,
    /// The look of that video.
    pub(crate) look: Look,
    /// The encoding of that video.
    pub(crate) encoding: Encoding,
    /// The memory limit.
    pub(crate) memory_limit: MemoryLimit,
    /// Whether the answer is JSON.
    pub(crate) is_json: bool,
    /// Whether to show FFmpeg's messages.
    pub(crate) is_verbose: bool,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`]. If the tables have no answer, that is an outcome, not an error.
pub(crate) fn run(settings: &AskSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    let layout = Layout::new(&settings.dataset);
    let limits = EngineLimits { memory_bytes: settings.memory_limit.bytes_on(&Machine::inspect()) };
    let catalog = Arc::new(SharedCatalog::new(layout.clone(), limits));
    let asker = Asker::new(catalog, &Library::built_in())?;
    let Some(question) = &settings.question else {
        return print(&listed(&asker)).map(|()| Outcome::Done);
    };
    // A missing dataset is reported before any money is spent.
    drop(Catalog::open(&layout, Access::Read)?);
    let _listening = interrupt.listen();
    let answer = answered(&asker, question, &settings.model, &settings.dataset, printer, interrupt)?;
    let text = if settings.is_json { json(&answer)? } else { shown(&answer, settings) };
    print(&text)?;
    if let (Some(clip), Some(moment)) = (&settings.clip, answer.moments.first()) {
        render_clip(settings, clip, moment, printer, interrupt)?;
    }
    Ok(if answer.kind == Kind::Answered { Outcome::Done } else { Outcome::SomeFailed })
}

/// Answers a question from the ready questions, otherwise with the user's model.
pub(super) fn answered(
    asker: &Asker,
    question: &str,
    model: &AskModel,
    dataset: &Path,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<Answer, Error> {
    // A ready question costs nothing. A key and a budget are needed, and announced, only if no ready question fits.
    let answer = asker.answer(question, None)?;
    if !answer.may_ask_model {
        return Ok(answer);
    }
    let ask = |assistant: &mut dyn Assistant| asker.answer(question, Some(assistant));
    // The kinds of models are distinguished only here.
    match model {
        AskModel::None => Ok(answer),
        AskModel::Hosted(choice) => with_hosted(choice, dataset, printer, interrupt, ask),
        #[cfg(feature = "train")]
        AskModel::Folder(folder) => ask(&mut LocalAssistant::load(folder, interrupt)?),
        #[cfg(not(feature = "train"))]
        AskModel::Folder(folder) => Err(Error::Usage {
            message: format!("cannot load {}: this posekit was built without local models", folder.display()),
            hint: "--provider local --model NAME uses a server on this machine, such as Ollama".to_owned(),
        }),
    }
}

/// Returns the list of ready questions: an example of each and what it answers.
fn listed(asker: &Asker) -> String {
    let mut text = String::new();
    for ready in asker.ready() {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}\n    {} ({})", ready.example, ready.what, ready.name);
    }
    text
}

fn json(answer: &Answer) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(answer);
    text.map(|text| text + "\n").map_err(|error| Error::Format { format: "json", message: error.to_string() })
}

/// Formats the answer for people.
fn shown(answer: &Answer, settings: &AskSettings) -> String {
    let mut text = String::new();
    let is_refused = answer.kind == Kind::Refused;
    let label = if is_refused { "no answer: " } else { "" };
    let mut line = |words: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}", printable(words));
    };
    line(&format!("{label}{}", answer.text));
    if let Some(model) = &answer.model {
        let doubts = match answer.unproven.len() {
            0 if is_refused => String::new(),
            0 => "; every number is in the rows below".to_owned(),
            1 => "; one number is not in the rows below".to_owned(),
            n => format!("; {n} numbers are not in the rows below"),
        };
        line(&format!("(words of {model}{doubts})"));
    }
    if let Some(understood) = &answer.understood {
        line(&format!("understood as: {understood}"));
    }
    for query in
        answer.queries.iter().filter(|query| !is_refused || !query.table.rows.is_empty() || query.error.is_some())
    {
        line(&format!("\nSQL:\n    {}", query.sql.replace('\n', "\n    ")));
        match &query.error {
            Some(error) => line(&format!("the SQL is invalid: {error}")),
            None => line(&drawn(&query.table)),
        }
    }
    for (number, moment) in answer.moments.iter().enumerate() {
        if number == 0 {
            line("\nin the video:");
        }
        line(&format!("  {} from {:.2} s to {:.2} s: {}", moment.video, moment.start_s, moment.end_s, moment.link));
    }
    if let (Some(moment), None) = (answer.moments.first(), &settings.clip) {
        let dataset = dataset_option(&settings.dataset);
        let (video, start_s, end_s) = (shell_word(&moment.video), moment.start_s, moment.end_s);
        line(&format!(
            "  drawn: posekit render{dataset} --video {video} --start {start_s} --end {end_s}, or --clip FILE here"
        ));
    }
    if is_refused && !answer.closest.is_empty() {
        line("similar ready questions:");
        answer.closest.iter().for_each(|example| line(&format!("  {example}")));
        line(
            "  (--questions lists all; a model answers others: --use_claude, --use_openai, --provider local or --model \
             FOLDER)",
        );
    }
    text
}

/// Draws the rows as a table with rounded numbers.
fn drawn(table: &Table) -> String {
    let cell = |value: &Value| match value {
        Value::Null => "NULL".to_owned(),
        Value::String(text) => printable(text),
        Value::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() => ((value * 1000.0).round() / 1000.0).to_string(),
            _ => number.to_string(),
        },
        other => other.to_string(),
    };
    let rows: Vec<Vec<String>> = table.rows.iter().take(MAX_SHOWN).map(|row| row.iter().map(cell).collect()).collect();
    let is_number = |column: usize| table.rows.iter().any(|row| row[column].is_number());
    let columns: Vec<Column> =
        table.columns.iter().enumerate().map(|(column, name)| (name.clone(), is_number(column))).collect();
    let count = units::counted(table.rows.len() as u64, "row");
    let more = if table.is_cut || table.rows.len() > rows.len() { " (not all shown)" } else { "" };
    format!("{}\n{count}{more}", table::draw(&columns, &rows, table::terminal_width()))
}

/// Renders the evidence of an answer with the code of `posekit render`.
fn render_clip(
    settings: &AskSettings,
    clip: &Path,
    moment: &Moment,
    printer: &Printer,
    interrupt: &Interrupt,
) -> Result<(), Error> {
    let failed = |source| Error::Output { target: clip.to_path_buf(), source };
    let beside = clip.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(beside).map_err(failed)?;
    let folder = beside.join(format!(".posekit-ask-{}", std::process::id()));
    let wish = RenderSettings {
        dataset: settings.dataset.clone(),
        videos: vec![moment.video_id.clone()],
        output: folder.clone(),
        sports_dir: None,
        look: settings.look.clone(),
        span: Span { start_s: Some(moment.start_s), end_s: Some(moment.end_s), ..Span::default() },
        product: Product::Video(settings.encoding),
        ghost: None,
        is_forced: false,
        memory_limit: settings.memory_limit,
        is_verbose: settings.is_verbose,
    };
    // Rendering happens in a temporary folder under other file names.
    let silent = Printer::new(Verbosity::Quiet, ProgressStyle::None);
    let made = render::perform(&wish, &silent, interrupt).and_then(|step| match step.outcome {
        Outcome::Done => rendered_file(&folder).and_then(|file| std::fs::rename(file, clip)).map_err(failed),
        _ => Err(failed(std::io::Error::other("cannot render the video"))),
    });
    // The temporary folder is no longer needed. A failure to remove it is ignored.
    let _ = std::fs::remove_dir_all(&folder);
    made?;
    printer.say(&format!("{}: {} from {:.2} s to {:.2} s", clip.display(), moment.video, moment.start_s, moment.end_s));
    Ok(())
}

/// Returns the only video of a folder.
fn rendered_file(folder: &Path) -> std::io::Result<PathBuf> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            return Ok(path);
        }
    }
    Err(std::io::Error::other("no video was rendered"))
}

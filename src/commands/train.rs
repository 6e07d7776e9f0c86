//! `posekit train`: trains an adapter of a local model on exported data and measures the improvement of its answers.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;

use super::train_output::{About, key, summary, write_merged};
use super::train_rows::Rows;
use super::{Outcome, Step};
use crate::error::Error;
use crate::installation;
use crate::interrupt::Interrupt;
use crate::local_model::{
    Chat, ComputeDevice, Config, LocalModel, LoraSettings, ModelTokenizer, TrainingSize, model_bytes, training_bytes,
};
use crate::machine::{Machine, peak_resident_bytes};
use crate::memory::limit::MemoryLimit;
use crate::output::counter::Counter;
use crate::output::printer::Printer;
use crate::output::units;
use crate::store::shared_catalog::SharedCatalog;
use crate::store::workspace::EngineLimits;
use crate::store::{Layout, visitor};
use crate::train::TrainError;
use crate::train::checkpoint::StepRecord;
use crate::train::course::Course;
use crate::train::data::FORMATS;
use crate::train::evaluate::{Asked, Examiner, baselines};
use crate::train::plan::{Plan, Schedule};
use crate::train::report::{Measured, Report, tokens_per_s};

/// The default folder of trained models.
pub(crate) const DEFAULT_LLM_MODELS: &str = "llm_models";
/// The file with the state of an unfinished training.
pub(super) const STATE_FILE: &str = "state.safetensors";
/// posekit's own file in an adapter folder, beside PEFT's files.
pub(super) const ABOUT_FILE: &str = "posekit.json";
/// The memory limit of the tables that tool calls query, bytes.
const FENCE_MEMORY_BYTES: u64 = 256 << 20;
/// The maximum number of rows that a tool call returns.
const MAX_ROWS: usize = 100;

/// The way activations are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Checkpointing {
    /// All activations, unless memory is short.
    Auto,
    /// Only the input of each layer.
    On,
    /// All activations.
    Off,
}

/// The length of a training.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Length {
    /// This many steps.
    Steps(u64),
    /// Each row this many times.
    Epochs(f64),
}

/// The settings of the command.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct TrainSettings {
    /// The dataset of `export-llm`.
    pub(crate) data: PathBuf,
    /// The formats to read.
    pub(crate) formats: Vec<String>,
    /// The base model; default: the one that `make llm` fetches.
    pub(crate) base: Option<PathBuf>,
    /// The base that PEFT loads; default: the path of the base.
    pub(crate) base_name: Option<String>,
    /// The folder for the adapter.
    pub(crate) output: PathBuf,
    /// The length of the training.
    pub(crate) length: Length,
    /// The number of rows per step.
    pub(crate) batch: usize,
    /// The maximum length of a row, tokens; longer rows are left out.
    pub(crate) max_seq: usize,
    /// The settings of the adapter.
    pub(crate) lora: LoraSettings,
    /// The highest learning rate.
    pub(crate) rate: f64,
    /// The number of steps until the highest learning rate is reached.
    pub(crate) warmup: u64,
    /// The seed of the row order and of the adapter's initial weights.
    pub(crate) seed: u64,
    /// The way activations are kept.
    pub(crate) checkpointing: Checkpointing,
    /// The maximum number of rows to evaluate on, before and after training.
    pub(crate) eval_limit: usize,
    /// The number of steps between two saves of the state.
    pub(crate) save_every: u64,
    /// Whether to also merge the adapter into the weights.
    pub(crate) is_merged: bool,
    /// The device to compute on.
    pub(crate) device: ComputeDevice,
    /// The memory limit.
    pub(crate) memory_limit: MemoryLimit,
    /// The dataset whose tables answer tool calls.
    pub(crate) dataset: PathBuf,
}

/// Runs the command.
///
/// # Errors
/// See [`Error`].
pub(crate) fn run(settings: &TrainSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Outcome, Error> {
    Ok(perform(settings, printer, interrupt)?.say(printer))
}

/// Does the work of the command.
///
/// # Errors
/// See [`Error`].
pub(super) fn perform(settings: &TrainSettings, printer: &Printer, interrupt: &Interrupt) -> Result<Step, Error> {
    let _listening = interrupt.listen();
    let base = base(settings)?;
    let config = LocalModel::describe(&base).map_err(TrainError::from)?;
    let tokenizer = ModelTokenizer::load(&base).map_err(TrainError::from)?;
    let chat = Chat::new(&tokenizer).map_err(TrainError::from)?;
    let rows = Rows::read(settings, &chat)?;
    let key = key(settings, &base, &rows);
    let about = About { settings, base: &base, config: &config, key: &key };
    if about.is_current() {
        let line = format!("{} is up to date", settings.output.display());
        return Ok(Step { outcome: Outcome::Done, summary: vec![line], next: None });
    }
    let is_checkpointed = fitting(settings, &config, rows.longest())?;
    let mut model = LocalModel::load(&base, settings.device).map_err(TrainError::from)?;
    model.add_adapter(settings.lora.clone(), settings.seed).map_err(TrainError::from)?;
    let trained = Trained { settings, tokenizer: &tokenizer, chat: &chat, rows: &rows, printer, interrupt };
    model.set_adapted(false);
    let before = trained.ask(&model, "evaluated before")?;
    model.set_adapted(true);
    let steps = trained.course(&mut model, &key, is_checkpointed)?;
    let after = trained.ask(&model, "evaluated after")?;
    let questions = rows.questions();
    let [frequent, copied] = baselines(&rows.train, &questions);
    let report = Report {
        posekit_version: env!("CARGO_PKG_VERSION").to_owned(),
        base: about.base_name(),
        base_parameters: config.parameters(),
        adapter_parameters: model.adapter_parameters() as u64,
        data: settings.data.display().to_string(),
        settings: described(settings, is_checkpointed),
        train_rows: rows.train.len() as u64,
        rows_left_out: rows.left_out,
        test_split: rows.test_split.clone(),
        test_rows: rows.n_test,
        asked_rows: questions.len() as u64,
        shared_prompts: rows.shared_prompts,
        before: Measured::from(&before),
        after: Measured::from(&after),
        most_frequent_answer: frequent,
        copied_numbers: copied,
        training_s: steps.iter().map(|step| step.duration_s).sum(),
        tokens_per_s: tokens_per_s(&steps),
        steps,
        peak_memory_bytes: Some(peak_resident_bytes()).filter(|bytes| *bytes > 0),
        samples: paired(before.samples, after.samples),
    };
    if settings.is_merged {
        write_merged(&model, &tokenizer, &settings.output)?;
    }
    about.write(&model, &report)?;
    Ok(Step { outcome: Outcome::Done, summary: summary(settings, &report), next: None })
}

/// Returns the model to train: the given base, or the default one if `make llm` has fetched it.
pub(super) fn base(settings: &TrainSettings) -> Result<PathBuf, Error> {
    if let Some(base) = &settings.base {
        return Ok(base.clone());
    }
    installation::default_language_model().ok_or_else(|| Error::Usage {
        message: "no model is given, and the default model is missing".to_owned(),
        hint: "`make llm` in the clone fetches SmolLM2-135M-Instruct (98 MB); --base takes a Hugging Face folder or a \
                       GGUF file"
            .to_owned(),
    })
}

/// Returns whether to checkpoint activations. Fails if the model cannot fit into memory, before it is loaded.
fn fitting(settings: &TrainSettings, config: &Config, longest: usize) -> Result<bool, Error> {
    let cap_bytes = settings.memory_limit.bytes_on(&Machine::inspect());
    let need = |batch: usize, tokens: usize, is_checkpointed: bool| {
        training_bytes(config, &settings.lora, TrainingSize { batch, tokens, is_checkpointed })
    };
    let is_checkpointed = match settings.checkpointing {
        Checkpointing::On => true,
        Checkpointing::Off => false,
        Checkpointing::Auto => need(settings.batch, longest, false) > cap_bytes,
    };
    if need(settings.batch, longest, is_checkpointed) <= cap_bytes {
        return Ok(is_checkpointed);
    }
    let fits = |(batch, tokens): &(usize, usize)| need(*batch, *tokens, true) <= cap_bytes;
    let mut smaller =
        [longest, 1024, 512, 256, 128].into_iter().filter(|tokens| *tokens <= longest).map(|tokens| (1, tokens));
    let hint = match smaller.find(fits) {
        Some((batch, tokens)) => {
            format!("--batch {batch} --max_seq {tokens} --checkpoint on would fit; or raise --memory_limit")
        }
        None => format!(
            "the model alone takes {}: raise --memory_limit, or choose a smaller --base",
            units::bytes(model_bytes(config))
        ),
    };
    Err(Error::Usage {
        message: format!(
            "this training takes about {}, more than the memory limit of {}",
            units::bytes(need(settings.batch, longest, is_checkpointed)),
            units::bytes(cap_bytes)
        ),
        hint,
    })
}

struct Trained<'a> {
    settings: &'a TrainSettings,
    tokenizer: &'a ModelTokenizer,
    chat: &'a Chat<'a>,
    rows: &'a Rows,
    printer: &'a Printer,
    interrupt: &'a Interrupt,
}

impl Trained<'_> {
    fn course(&self, model: &mut LocalModel, key: &str, is_checkpointed: bool) -> Result<Vec<StepRecord>, Error> {
        let lengths = self.rows.examples.iter().map(|example| example.ids.len()).collect();
        let plan = Plan::new(lengths, self.settings.batch, self.settings.seed);
        let steps = match self.settings.length {
            Length::Steps(steps) => steps.max(1),
            Length::Epochs(epochs) => ((plan.steps_per_epoch() as f64 * epochs).round() as u64).max(1),
        };
        let counter = Counter::new(self.printer, "train", "steps", None);
        let on_step = |step: u64, record: &StepRecord| {
            let left = units::duration(record.duration_s * (steps - step) as f64);
            counter.set_with(step, &format!("of {steps}, loss {:.3}, {left} left", record.loss));
        };
        let mut course = Course {
            model,
            examples: &self.rows.examples,
            plan,
            schedule: Schedule { rate: self.settings.rate, warmup: self.settings.warmup.min(steps), steps },
            is_checkpointed,
            save_every: self.settings.save_every.max(1),
            state: &self.settings.output.join(STATE_FILE),
            key,
            is_interrupted: &|| self.interrupt.is_requested(),
            on_step: &on_step,
        };
        let steps = course.run()?;
        counter.clear();
        Ok(steps)
    }

    fn ask(&self, model: &LocalModel, noun: &'static str) -> Result<Asked, Error> {
        let counter = Counter::new(self.printer, "train", noun, None);
        let layout = Layout::new(&self.settings.dataset);
        let fence = SharedCatalog::new(layout, EngineLimits { memory_bytes: FENCE_MEMORY_BYTES });
        let never = AtomicBool::new(false);
        let run_sql = |sql: &str| {
            let rows = visitor::first_rows(&fence, sql, MAX_ROWS, &never).ok()?;
            serde_json::to_string(&rows.rows).ok()
        };
        let has_tables = fence.stay();
        let examiner = Examiner {
            model,
            tokenizer: self.tokenizer,
            chat: self.chat,
            run_sql: has_tables.is_ok().then_some(&run_sql),
            is_interrupted: &|| self.interrupt.is_requested(),
            on_answer: &|count| counter.set(count),
        };
        let asked = examiner.ask(&self.rows.questions())?;
        counter.clear();
        Ok(asked)
    }
}

fn paired(before: Vec<[String; 4]>, after: Vec<[String; 4]>) -> Vec<[String; 5]> {
    let pairs = before.into_iter().zip(after);
    pairs.map(|([kind, question, expected, was], [.., is])| [kind, question, expected, was, is]).collect()
}

/// Returns the settings that change the result.
pub(super) fn described(settings: &TrainSettings, is_checkpointed: bool) -> BTreeMap<String, String> {
    let length = match settings.length {
        Length::Steps(steps) => ("steps", steps.to_string()),
        Length::Epochs(epochs) => ("epochs", epochs.to_string()),
    };
    let pairs = [
        ("format", settings.formats.join(",")),
        length,
        ("batch", settings.batch.to_string()),
        ("max_seq", settings.max_seq.to_string()),
        ("rank", settings.lora.rank.to_string()),
        ("alpha", settings.lora.alpha.to_string()),
        ("targets", settings.lora.targets.join(",")),
        ("lr", settings.rate.to_string()),
        ("warmup", settings.warmup.to_string()),
        ("seed", settings.seed.to_string()),
        ("checkpoint", if is_checkpointed { "on" } else { "off" }.to_owned()),
        ("eval_limit", settings.eval_limit.to_string()),
        ("merge", settings.is_merged.to_string()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// Returns the default formats to read. Together they contain each example once.
#[must_use]
pub(crate) fn default_formats() -> Vec<String> {
    FORMATS[..2].iter().map(|name| (*name).to_owned()).collect()
}

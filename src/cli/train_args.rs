//! The arguments of `posekit train`, and of the training step of `posekit run`.

#![expect(clippy::doc_markdown, reason = "help texts name options and formats as they are typed")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::llm_args::DEFAULT_LLM_DATA;
use crate::commands::DEFAULT_DATASET;
use crate::commands::train::{Checkpointing, DEFAULT_LLM_MODELS, Length, TrainSettings, default_formats};
use crate::llm::recipes::{ALPHA, RANK, RATE};
use crate::local_model::{ComputeDevice, LoraSettings};
use crate::memory::limit::MemoryLimit;
use crate::train::data::FORMATS;

/// Fine-tune a local language model (LoRA) on exported data and measure it on athletes it has never seen
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit train\n  \
    posekit train --base ~/models/Qwen3-0.6B --steps 500 --output llm_models/qwen\n  \
    posekit train --epochs 2 --rank 16 --alpha 32 --checkpoint on --memory_limit 4GiB\n\n\
    The output folder is a PEFT adapter with report.json and report.html. docs/TRAIN.md explains measures and\n\
    limits.")]
pub(super) struct TrainArgs {
    /// Folder of the language-model data
    #[arg(long, value_name = "DIR", default_value = DEFAULT_LLM_DATA)]
    data: PathBuf,

    /// Formats to read, separated by commas: messages, tools, sharegpt, alpaca, prompt_completion, openai,
    /// openai_tools, preference [default: messages,tools]
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = FORMATS)]
    format: Vec<String>,

    /// Folder of the adapter [default: llm_models/NAME, with the name of the base]
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,

    /// Rows per training step
    #[arg(long = "batch", id = "train_batch", value_name = "N", default_value_t = DEFAULT_BATCH, value_parser = positive)]
    batch: usize,

    /// Also merge the adapter into the weights: OUTPUT/merged (a Hugging Face folder, 32 bits) and OUTPUT/merged.gguf
    /// (16 bits)
    #[arg(long)]
    merge: bool,

    /// Steps between two saves; a killed training resumes from the last save
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SAVE_EVERY, value_parser = clap::value_parser!(u64).range(1..))]
    save_every: u64,

    /// Base model to name in adapter_config.json: a repository or a folder that PEFT can load [default: the base, or
    /// its repository]
    #[arg(long, value_name = "NAME")]
    base_name: Option<String>,

    /// Folder of the tables that tool calls query
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    #[command(flatten)]
    model: TrainModelArgs,
}

/// The step of `posekit run` that trains a model.
#[derive(Debug, Args)]
pub(super) struct RunTrainArgs {
    /// Also train a local language model on the data (docs/TRAIN.md)
    #[arg(long)]
    pub(super) train_llm: bool,

    /// Folder of trained models
    #[arg(long, value_name = "DIR", default_value = DEFAULT_LLM_MODELS)]
    llm_models: PathBuf,

    /// Rows per training step
    #[arg(long, value_name = "N", default_value_t = DEFAULT_BATCH, value_parser = positive)]
    train_batch: usize,

    #[command(flatten)]
    model: TrainModelArgs,
}

/// Training options, shared by `train` and `run`.
#[derive(Debug, Args)]
struct TrainModelArgs {
    /// Base model: a Hugging Face folder or a GGUF file (Llama, SmolLM2, Qwen 3) [default: the one `make llm` fetched]
    #[arg(long, value_name = "MODEL")]
    base: Option<PathBuf>,

    /// Number of training steps [default: 120]
    #[arg(long, value_name = "N", conflicts_with = "epochs", value_parser = clap::value_parser!(u64).range(1..))]
    steps: Option<u64>,

    /// Number of times each row is used in training
    #[arg(long, value_name = "N", value_parser = above_zero)]
    epochs: Option<f64>,

    /// Maximum number of rows to evaluate the model on, before and after training
    #[arg(long, value_name = "N", default_value_t = 48)]
    eval_limit: usize,

    /// Maximum length of a row, tokens; longer rows are left out
    #[arg(long, value_name = "N", default_value_t = 768, value_parser = positive)]
    max_seq: usize,

    /// Rank of the adapter
    #[arg(long, value_name = "N", default_value_t = RANK, value_parser = positive)]
    rank: usize,

    /// Scale of the adapter times its rank
    #[arg(long, value_name = "N", default_value_t = f64::from(ALPHA))]
    alpha: f64,

    /// Linear layers that get an adapter, separated by commas
    #[arg(
        long,
        value_name = "NAMES",
        value_delimiter = ',',
        default_value = "q_proj,k_proj,v_proj,o_proj,gate_proj,up_proj,down_proj"
    )]
    targets: Vec<String>,

    /// Highest learning rate
    #[arg(long, value_name = "RATE", default_value_t = RATE)]
    lr: f64,

    /// Steps until the highest learning rate is reached
    #[arg(long, value_name = "N", default_value_t = 10)]
    warmup: u64,

    /// Seed of the row order and of the adapter's initial weights
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,

    /// Recompute layers for their gradients instead of keeping them: less memory, a third more work
    #[arg(long, value_enum, default_value_t = CheckpointChoice::Auto, value_name = "WHEN")]
    checkpoint: CheckpointChoice,

    /// Device to compute on
    #[arg(long, value_enum, default_value_t = DeviceChoice::Cpu, value_name = "DEVICE")]
    device: DeviceChoice,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CheckpointChoice {
    Auto,
    On,
    Off,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum DeviceChoice {
    Cpu,
    Cuda,
}

fn positive(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|value| *value > 0).ok_or_else(|| "expected a whole number above 0".to_owned())
}

fn above_zero(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|value| *value > 0.0).ok_or_else(|| "expected a number above 0".to_owned())
}

impl TrainModelArgs {
    fn settings(
        self,
        data: PathBuf,
        output: PathBuf,
        batch: usize,
        dataset: PathBuf,
        memory_limit: MemoryLimit,
    ) -> TrainSettings {
        TrainSettings {
            data,
            formats: default_formats(),
            base: self.base,
            base_name: None,
            output,
            length: self.epochs.map_or(Length::Steps(self.steps.unwrap_or(DEFAULT_STEPS)), Length::Epochs),
            batch,
            max_seq: self.max_seq,
            lora: LoraSettings { rank: self.rank, alpha: self.alpha, targets: self.targets },
            rate: self.lr,
            warmup: self.warmup,
            seed: self.seed,
            checkpointing: match self.checkpoint {
                CheckpointChoice::Auto => Checkpointing::Auto,
                CheckpointChoice::On => Checkpointing::On,
                CheckpointChoice::Off => Checkpointing::Off,
            },
            eval_limit: self.eval_limit,
            save_every: DEFAULT_SAVE_EVERY,
            is_merged: false,
            device: match self.device {
                DeviceChoice::Cpu => ComputeDevice::Cpu,
                DeviceChoice::Cuda => ComputeDevice::Cuda,
            },
            memory_limit,
            dataset,
        }
    }

    /// Returns the default folder of the adapter, named after the base.
    fn output(&self, models: &Path) -> PathBuf {
        let name = self.base.as_deref().and_then(Path::file_stem).map_or_else(|| DEFAULT_NAME.into(), OsStr::to_owned);
        models.join(name)
    }
}

impl TrainArgs {
    pub(super) fn settings(self) -> TrainSettings {
        let output = self.output.unwrap_or_else(|| self.model.output(Path::new(DEFAULT_LLM_MODELS)));
        let mut settings = self.model.settings(self.data, output, self.batch, self.dataset, self.memory_limit);
        if !self.format.is_empty() {
            settings.formats = self.format;
        }
        settings.base_name = self.base_name;
        settings.save_every = self.save_every;
        settings.is_merged = self.merge;
        settings
    }
}

impl RunTrainArgs {
    /// Returns the step of `run` that trains a model; `None` without `--train_llm`.
    pub(super) fn settings(self, data: PathBuf, dataset: PathBuf, memory_limit: MemoryLimit) -> Option<TrainSettings> {
        let output = self.model.output(&self.llm_models);
        self.train_llm.then(|| self.model.settings(data, output, self.train_batch, dataset, memory_limit))
    }
}

/// The default number of steps.
const DEFAULT_STEPS: u64 = 120;
/// The default number of rows per step.
const DEFAULT_BATCH: usize = 4;
/// The default number of steps between two saves.
const DEFAULT_SAVE_EVERY: u64 = 20;
/// The folder name of an adapter of the default model.
const DEFAULT_NAME: &str = "smollm2";

//! The arguments of `posekit export-llm` and `posekit synth`, and of the language-model step of `posekit run`.

#![expect(clippy::doc_markdown, reason = "help texts name options and formats as they are typed")]

use std::path::PathBuf;

use clap::Args;

use super::model_args::ModelArgs;
use super::short_v::ShortV;
use crate::commands::DEFAULT_DATASET;
use crate::commands::export_llm::{DEFAULT_SPLIT_SEED, ExportLlmSettings, LlmTask};
use crate::commands::synth::SynthSettings;
use crate::error::Error;
use crate::llm::balance::Balance;
use crate::llm::shapes::Config;
use crate::llm::split::{Shares, SplitBy, Splitter};
use crate::llm::tokens::Tokenizer;
use crate::memory::limit::MemoryLimit;

/// The folder of language-model data if none is named.
pub(super) const DEFAULT_LLM_DATA: &str = "llm_training_data";

/// Turn tables into language-model datasets in which SQL proves every number
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit export-llm\n  \
    posekit export-llm --format messages,preference --split 0.7,0.15,0.15\n  \
    posekit export-llm --dry_run\n  \
    posekit export-llm --check\n  \
    posekit export-llm --use_claude --model claude-haiku-5-5 --n 200 --budget 2\n\n\
    docs/LLM_DATA.md explains formats, splits and proofs; docs/LLM_KINDS.md explains how\n\
    to add your own examples.")]
pub(super) struct ExportLlmArgs {
    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// Verify the folder: run every proof again and check every file against the rules of trainers
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
}

/// Have Claude, OpenAI or a local server word examples; every number is verified and spending is capped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit synth --use_claude --model claude-haiku-5-5 --n 200 --budget 5 --dry_run\n  \
    posekit synth --use_openai --model gpt-6.1-terra --n 50 --budget 1 --tasks paraphrase,dialogue --lang en,de\n  \
    posekit synth --use_claude --model claude-haiku-5-5 --n 5000 --budget 10 --batch\n  \
    posekit synth --provider local --model llama3.2 --n 20\n  \
    posekit synth --ledger\n\n\
    Keys and addresses come from ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY, OPENAI_BASE_URL.\n\
    Only statistics of poses leave this machine, never pictures. docs/SYNTH.md explains budgets, batches\n\
    and the verifier.")]
pub(super) struct SynthArgs {
    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// Show every call that was made and its cost
    #[arg(long)]
    ledger: bool,
}

/// Options that select the tables to read.
#[derive(Debug, Args)]
struct SourceArgs {
    /// Video of the tables: its file name, its id, or the beginning of either (repeatable) [default: all]
    #[arg(long, value_name = "VIDEO")]
    video: Vec<String>,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Use the words and norms of this sport instead of the sport a video was analyzed for
    #[arg(long, value_name = "S")]
    sport_type: Option<String>,

    /// Folder of your own sport packs
    #[arg(long, value_name = "DIR")]
    sports_dir: Option<PathBuf>,

    /// Folder of SQL and templates (llm/KIND/) that add to posekit's or replace them
    #[arg(long, value_name = "DIR")]
    sql_dir: Option<PathBuf>,

    /// Memory limit: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    #[command(flatten)]
    v: ShortV,
}

/// Output options, shared by every command that writes language-model data.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag on the command line")]
pub(super) struct DataArgs {
    /// Folder of the language-model data
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_LLM_DATA)]
    llm_data: PathBuf,

    /// Kinds of examples, separated by commas [default: all]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kinds: Vec<String>,

    /// Formats, separated by commas: messages, tools, openai, openai_tools, sharegpt, alpaca, prompt_completion,
    /// preference, vision, parquet [default: all but vision]
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format)]
    format: Vec<DataFormat>,

    /// Shares of the training, validation and test splits
    #[arg(long, value_name = "SHARES", default_value = "0.8,0.1,0.1", value_parser = str::parse::<Shares>)]
    split: Shares,

    /// Unit that stays in one split: athlete, video, or segment (segment needs --allow_leakage)
    #[arg(long, value_name = "WHAT", default_value = "athlete", value_parser = str::parse::<SplitBy>)]
    split_by: SplitBy,

    /// Seed of the splits; another number gives other splits
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SPLIT_SEED)]
    split_seed: u64,

    /// Write even if people or videos are in more than one split
    #[arg(long)]
    allow_leakage: bool,

    /// Write real names of athletes and files instead of pseudonyms
    #[arg(long)]
    names: bool,

    /// Write equally many examples of each kind, sport or difficulty (separated by commas)
    #[arg(long, value_name = "WHAT", value_parser = str::parse::<Balance>)]
    balance: Option<Balance>,

    /// Maximum number of examples
    #[arg(long, value_name = "N")]
    max_rows: Option<u64>,

    /// Count tokens with o200k_base or cl100k_base
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Tokenizer>)]
    tokenizer: Option<Tokenizer>,

    /// License to name in the dataset card, such as cc-by-4.0
    #[arg(long, value_name = "NAME", default_value = "")]
    license: String,

    /// Add vision rows with stills of the videos
    #[arg(long)]
    images: bool,

    /// Only count, show samples and estimate costs; nothing is written or sent
    #[arg(long)]
    dry_run: bool,
}

/// The step of `posekit run` that writes language-model data.
#[derive(Debug, Args)]
pub(super) struct RunLlmArgs {
    /// Also write language-model data; --use_claude, --use_openai and --provider imply this
    #[arg(long)]
    export_llm: bool,

    /// Folder of the language-model data
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_LLM_DATA)]
    llm_data: PathBuf,

    #[command(flatten)]
    models: ModelArgs,
}

/// A format of `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DataFormat {
    Lines(Config),
    Parquet,
}

fn format(name: &str) -> Result<DataFormat, String> {
    if name == "parquet" {
        return Ok(DataFormat::Parquet);
    }
    name.parse::<Config>().map(DataFormat::Lines).map_err(|error| error.to_string())
}

impl SourceArgs {
    fn settings(self, data: DataArgs, is_verbose: bool) -> ExportLlmSettings {
        let mut settings = data.settings(self.dataset, self.memory_limit, is_verbose);
        settings.videos = self.v.added_to(self.video);
        settings.sport = self.sport_type;
        settings.sports_dir = self.sports_dir;
        settings.sql_dir = self.sql_dir;
        settings
    }

    fn is_verbose(&self) -> bool {
        self.v.is_verbose()
    }
}

impl DataArgs {
    pub(super) fn settings(self, dataset: PathBuf, memory_limit: MemoryLimit, is_verbose: bool) -> ExportLlmSettings {
        let mut configs: Vec<Config> = self
            .format
            .iter()
            .filter_map(|format| match format {
                DataFormat::Lines(config) => Some(*config),
                DataFormat::Parquet => None,
            })
            .collect();
        if self.format.is_empty() {
            configs.extend(Config::ALL.into_iter().filter(|config| *config != Config::Vision));
        }
        if self.images && !configs.contains(&Config::Vision) {
            configs.push(Config::Vision);
        }
        let has_images = configs.contains(&Config::Vision);
        ExportLlmSettings {
            kinds: self.kinds,
            has_parquet: self.format.is_empty() || self.format.contains(&DataFormat::Parquet),
            configs,
            splitter: Splitter { by: self.split_by, shares: self.split, seed: self.split_seed },
            allow_leakage: self.allow_leakage,
            with_names: self.names,
            balance: Balance { max_rows: self.max_rows, ..self.balance.unwrap_or_default() },
            tokenizer: self.tokenizer,
            license: self.license,
            has_images,
            task: if self.dry_run { LlmTask::DryRun } else { LlmTask::Write },
            is_verbose,
            ..ExportLlmSettings::new(dataset, self.llm_data, memory_limit)
        }
    }
}

impl RunLlmArgs {
    /// Returns the step of `run` that writes language-model data; `None` if neither the user nor another step needs it.
    pub(super) fn settings(
        self,
        dataset: PathBuf,
        memory_limit: MemoryLimit,
        is_needed: bool,
    ) -> Result<Option<ExportLlmSettings>, Error> {
        let synth = self.models.task()?;
        if !self.export_llm && !is_needed && synth.is_none() {
            return Ok(None);
        }
        Ok(Some(ExportLlmSettings { synth, ..ExportLlmSettings::new(dataset, self.llm_data, memory_limit) }))
    }
}

impl ExportLlmArgs {
    pub(super) fn is_verbose(&self) -> bool {
        self.source.is_verbose()
    }

    pub(super) fn settings(self, is_verbose: bool) -> Result<ExportLlmSettings, Error> {
        let synth = self.models.task()?;
        let mut settings = self.source.settings(self.data, is_verbose);
        settings.synth = synth;
        if self.check {
            settings.task = LlmTask::Check;
        }
        Ok(settings)
    }
}

impl SynthArgs {
    pub(super) fn is_verbose(&self) -> bool {
        self.source.is_verbose()
    }

    pub(super) fn settings(self, is_verbose: bool) -> Result<SynthSettings, Error> {
        let task = self.models.task()?;
        let mut export = self.source.settings(self.data, is_verbose);
        if !self.ledger && task.is_none() {
            return Err(Error::Usage {
                message: "no provider is given".to_owned(),
                hint: "use --use_claude, --use_openai or --provider local; --ledger shows what was spent".to_owned(),
            });
        }
        export.synth = task;
        Ok(SynthSettings { export, is_ledger: self.ledger })
    }
}

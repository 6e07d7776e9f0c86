//! The arguments of `posekit export-llm` and `posekit synth`, and of the language-model step of `posekit run`.

#![expect(clippy::doc_markdown, reason = "help texts name options and formats as they are typed")]

use std::path::PathBuf;

use clap::Args;

use crate::commands::DEFAULT_DATASET;
use crate::commands::export_llm::{DEFAULT_SPLIT_SEED, ExportLlmSettings, LlmTask};
use crate::commands::synth::{PriceSource, Provider, SynthSettings, SynthTask};
use crate::error::Error;
use crate::llm::balance::Balance;
use crate::llm::shapes::Config;
use crate::llm::split::{Shares, SplitBy, Splitter};
use crate::llm::tasks::Task;
use crate::llm::tokens::Tokenizer;
use crate::llm::wire::Effort;
use crate::memory::limit::MemoryLimit;

/// The folder of language-model data if none is named.
pub(super) const DEFAULT_LLM_DATA: &str = "llm_training_data";

/// Tables to language-model datasets whose every number is proven by SQL
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit export-llm\n  \
    posekit export-llm --format messages,preference --split 0.7,0.15,0.15\n  \
    posekit export-llm --dry_run\n  \
    posekit export-llm --check\n  \
    posekit export-llm --use_claude --model claude-haiku-5-5 --n 200 --budget 2\n\n\
    docs/LLM_DATA.md explains formats, splits and proofs; docs/LLM_KINDS.md how to add your own examples.")]
pub(super) struct ExportLlmArgs {
    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// Verify the folder: every proof is run again, every file is held against the rules of trainers
    #[arg(long, conflicts_with = "dry_run")]
    check: bool,
}

/// Examples that Claude, OpenAI or a local server words; every number is verified, spending is capped
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    posekit synth --use_claude --model claude-haiku-5-5 --n 200 --budget 5 --dry_run\n  \
    posekit synth --use_openai --model gpt-6.1-terra --n 50 --budget 1 --tasks paraphrase,dialogue --lang en,de\n  \
    posekit synth --use_claude --model claude-haiku-5-5 --n 5000 --budget 10 --batch\n  \
    posekit synth --provider local --model llama3.2 --n 20\n  \
    posekit synth --ledger\n\n\
    Keys and addresses come from ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL, OPENAI_API_KEY, OPENAI_BASE_URL. Only statistics of poses leave\n\
    this machine, never pictures. docs/SYNTH.md explains budgets, batches and the verifier.")]
pub(super) struct SynthArgs {
    #[command(flatten)]
    source: SourceArgs,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    models: ModelArgs,

    /// Show every call that was made, and what it cost
    #[arg(long)]
    ledger: bool,
}

/// Which tables are read.
#[derive(Debug, Args)]
struct SourceArgs {
    /// One video of the tables, by its file name, its id, or the beginning of either (repeatable) [default: all]
    #[arg(long, value_name = "VIDEO")]
    video: Vec<String>,

    /// Folder of the tables
    #[arg(long, value_name = "DIR", default_value = DEFAULT_DATASET)]
    dataset: PathBuf,

    /// Words and norms of this sport instead of the one that a video was analyzed for
    #[arg(long, value_name = "S")]
    sport_type: Option<String>,

    /// Folder of your own sport packs
    #[arg(long, value_name = "DIR")]
    sports_dir: Option<PathBuf>,

    /// Folder whose SQL and templates (llm/KIND/) add to posekit's or take their place
    #[arg(long, value_name = "DIR")]
    sql_dir: Option<PathBuf>,

    /// Memory at most: a share of the machine's (or its cgroup's) memory, or bytes such as 2GiB
    #[arg(long, value_name = "F", default_value = "0.4", value_parser = str::parse::<MemoryLimit>)]
    memory_limit: MemoryLimit,

    /// The same as --verbose
    #[arg(short = 'v')]
    v: bool,
}

/// What is written: options of each command that writes language-model data.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag on the command line")]
pub(super) struct DataArgs {
    /// Folder of the language-model data
    #[arg(short, long, value_name = "DIR", default_value = DEFAULT_LLM_DATA)]
    llm_data: PathBuf,

    /// Kinds of examples, separated by commas [default: all]
    #[arg(long, value_name = "KINDS", value_delimiter = ',')]
    kinds: Vec<String>,

    /// Formats, separated by commas: messages, tools, openai, openai_tools, sharegpt, alpaca, prompt_completion, preference, vision, parquet
    /// [default: all but vision]
    #[arg(long, value_name = "FORMATS", value_delimiter = ',', value_parser = format)]
    format: Vec<DataFormat>,

    /// Shares of training, validation and test
    #[arg(long, value_name = "SHARES", default_value = "0.8,0.1,0.1", value_parser = str::parse::<Shares>)]
    split: Shares,

    /// What stays together: athlete, video, or segment (which needs --allow_leakage)
    #[arg(long, value_name = "WHAT", default_value = "athlete", value_parser = str::parse::<SplitBy>)]
    split_by: SplitBy,

    /// Another number shuffles the splits anew
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SPLIT_SEED)]
    split_seed: u64,

    /// Write although people or videos are in more than one split
    #[arg(long)]
    allow_leakage: bool,

    /// Real names of athletes and files instead of pseudonyms
    #[arg(long)]
    names: bool,

    /// As many examples of each: kind, sport, difficulty, separated by commas
    #[arg(long, value_name = "WHAT", value_parser = str::parse::<Balance>)]
    balance: Option<Balance>,

    /// At most this many examples
    #[arg(long, value_name = "N")]
    max_rows: Option<u64>,

    /// Count tokens with o200k_base or cl100k_base
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Tokenizer>)]
    tokenizer: Option<Tokenizer>,

    /// License that the dataset card names, such as cc-by-4.0
    #[arg(long, value_name = "NAME", default_value = "")]
    license: String,

    /// Vision rows with stills of the videos
    #[arg(long)]
    images: bool,

    /// Write or send nothing: count, show samples, estimate costs
    #[arg(long)]
    dry_run: bool,
}

/// The step of `posekit run` that writes language-model data.
#[derive(Debug, Args)]
pub(super) struct RunLlmArgs {
    /// Write language-model data, too; --use_claude, --use_openai and --provider do so as well
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

/// `none`, or how much a model thinks.
#[derive(Debug, Clone, Copy)]
struct ModelEffort(Option<Effort>);

fn effort(name: &str) -> Result<ModelEffort, String> {
    let known =
        [("none", None), ("low", Some(Effort::Low)), ("medium", Some(Effort::Medium)), ("high", Some(Effort::High))];
    let found = known.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, effort)| ModelEffort(effort)).ok_or_else(|| "expected none, low, medium or high".to_owned())
}

/// Which model words examples: options of each command that may ask one.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag on the command line")]
pub(super) struct ModelArgs {
    /// Let Claude word examples
    #[arg(long, conflicts_with_all = ["use_openai", "provider"])]
    use_claude: bool,

    /// Let OpenAI word examples
    #[arg(long, conflicts_with = "provider")]
    use_openai: bool,

    /// claude, openai, or local: a server on this machine that speaks OpenAI's Chat Completions (Ollama, vLLM, llama.cpp)
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Provider>)]
    provider: Option<Provider>,

    /// Model, by the provider's name for it
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Requests to make
    #[arg(long, value_name = "N", default_value_t = 100)]
    n: u64,

    /// Most that may be spent, US dollars; earlier runs of the same job count
    #[arg(long, value_name = "USD")]
    budget: Option<f64>,

    /// What to ask for: paraphrase, explanation, dialogue, distractor
    #[arg(long, value_name = "TASKS", value_delimiter = ',', default_value = "paraphrase,explanation,dialogue,distractor", value_parser = str::parse::<Task>)]
    tasks: Vec<Task>,

    /// Languages: en, de, fr, es
    #[arg(long, value_name = "LANGS", value_delimiter = ',', default_value = "en", value_parser = ["en", "de", "fr", "es"])]
    lang: Vec<String>,

    /// Use the provider's batches: half the price, within a day. Submits, looks once, and ends
    #[arg(long)]
    batch: bool,

    /// Come back to batches: wait for their results, ask again for what is missing
    #[arg(long, requires = "batch")]
    resume: bool,

    /// Seconds between two looks at a batch
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    poll: f64,

    /// How much a model thinks before it words: low, medium or high; none for models that cannot
    #[arg(long, value_name = "HOW", default_value = "low", value_parser = effort)]
    effort: ModelEffort,

    /// Requests in flight at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    concurrency: u32,

    /// Most tokens a minute
    #[arg(long, value_name = "N")]
    tokens_per_minute: Option<u64>,

    /// US dollars for a million tokens in, for a model that is not in the price list
    #[arg(long, value_name = "USD", requires = "price_out")]
    price_in: Option<f64>,

    /// US dollars for a million tokens out
    #[arg(long, value_name = "USD", requires = "price_in")]
    price_out: Option<f64>,

    /// Count the model as free
    #[arg(long, conflicts_with = "price_in")]
    no_price_check: bool,

    /// File of prices that adds to posekit's list
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    /// Address of the server, for --provider local
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

impl ModelArgs {
    fn provider(&self) -> Option<Provider> {
        match (self.use_claude, self.use_openai) {
            (true, _) => Some(Provider::Claude),
            (_, true) => Some(Provider::OpenAi),
            _ => self.provider,
        }
    }

    /// What is asked of a model; `None` if no model is wanted.
    pub(super) fn task(self) -> Result<Option<SynthTask>, Error> {
        let Some(provider) = self.provider() else { return Ok(None) };
        let usage = |message: &str, hint: &str| Error::Usage { message: message.to_owned(), hint: hint.to_owned() };
        let model =
            self.model.ok_or_else(|| usage("no model is named", "--model NAME; docs/SYNTH.md lists known ones"))?;
        let price = match (self.price_in, self.price_out) {
            (Some(input), Some(output)) => PriceSource::Given { input_usd: input, output_usd: output },
            _ if self.no_price_check || provider == Provider::Local => PriceSource::Free,
            _ => PriceSource::List { file: self.prices },
        };
        let is_wrong = |usd: f64| !(usd >= 0.0 && usd.is_finite());
        if [self.budget, self.price_in, self.price_out].into_iter().flatten().any(is_wrong) {
            return Err(usage("a budget or price is negative or not a number", "US dollars, such as --budget 5"));
        }
        if self.budget.is_none() && price != PriceSource::Free {
            return Err(usage("no budget is given", "--budget USD caps what may be spent, such as --budget 5"));
        }
        Ok(Some(SynthTask {
            provider,
            model,
            n: self.n,
            budget_usd: self.budget,
            tasks: self.tasks,
            languages: self.lang,
            is_batch: self.batch,
            is_resuming: self.resume,
            concurrency: self.concurrency as usize,
            tokens_per_minute: self.tokens_per_minute,
            price,
            base_url: self.base_url,
            effort: self.effort.0,
            poll_s: self.poll.max(0.1),
        }))
    }
}

impl SourceArgs {
    fn settings(self, data: DataArgs, is_verbose: bool) -> ExportLlmSettings {
        let mut settings = data.settings(self.dataset, self.memory_limit, is_verbose);
        settings.videos = self.video;
        settings.sport = self.sport_type;
        settings.sports_dir = self.sports_dir;
        settings.sql_dir = self.sql_dir;
        settings
    }

    fn is_verbose(&self) -> bool {
        self.v
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
    /// The step of `run` that writes language-model data; `None` if the user wants none.
    pub(super) fn settings(
        self,
        dataset: PathBuf,
        memory_limit: MemoryLimit,
    ) -> Result<Option<ExportLlmSettings>, Error> {
        let synth = self.models.task()?;
        if !self.export_llm && synth.is_none() {
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
                message: "no provider is named".to_owned(),
                hint: "--use_claude, --use_openai or --provider local; --ledger shows what was spent".to_owned(),
            });
        }
        export.synth = task;
        Ok(SynthSettings { export, is_ledger: self.ledger })
    }
}

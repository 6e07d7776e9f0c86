//! The arguments that name a language model. `posekit synth`, `export-llm` and `run` use it to word examples, `ask` to
//! answer questions.

use std::path::PathBuf;

use clap::Args;

use crate::commands::ask::AskModel;
use crate::commands::synth::{ModelChoice, PriceSource, Provider, SynthTask};
use crate::error::Error;
use crate::llm::tasks::Task;
use crate::llm::wire::Effort;

/// `none`, or how much a model thinks.
#[derive(Debug, Clone, Copy)]
struct ModelEffort(Option<Effort>);

fn effort(name: &str) -> Result<ModelEffort, String> {
    let known =
        [("none", None), ("low", Some(Effort::Low)), ("medium", Some(Effort::Medium)), ("high", Some(Effort::High))];
    let found = known.into_iter().find(|(known, _)| *known == name);
    found.map(|(_, effort)| ModelEffort(effort)).ok_or_else(|| "expected none, low, medium or high".to_owned())
}

/// The model, its address and its budget: options of every command that can call a language model.
#[derive(Debug, Args)]
pub(super) struct ProviderArgs {
    /// Use Claude
    #[arg(long, conflicts_with_all = ["use_openai", "provider"])]
    use_claude: bool,

    /// Use OpenAI
    #[arg(long, conflicts_with = "provider")]
    use_openai: bool,

    /// claude, openai, or local: a server on this machine that speaks OpenAI's Chat Completions (Ollama, vLLM,
    /// llama.cpp)
    #[arg(long, value_name = "NAME", value_parser = str::parse::<Provider>)]
    provider: Option<Provider>,

    /// Name of the model, as the provider spells it
    #[arg(long, value_name = "NAME")]
    model: Option<String>,

    /// Spending limit, US dollars; earlier runs of the same job count
    #[arg(long, value_name = "USD")]
    budget: Option<f64>,

    /// Reasoning effort of the model before it answers: low, medium or high; none for models without it
    #[arg(long, value_name = "HOW", default_value = "low", value_parser = effort)]
    effort: ModelEffort,

    /// Price of a million input tokens, US dollars, for a model that is not in the price list
    #[arg(long, value_name = "USD", requires = "price_out")]
    price_in: Option<f64>,

    /// Price of a million output tokens, US dollars
    #[arg(long, value_name = "USD", requires = "price_in")]
    price_out: Option<f64>,

    /// Treat the model as free
    #[arg(long, conflicts_with = "price_in")]
    no_price_check: bool,

    /// File of prices that are added to posekit's list
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,

    /// Address of the server, for --provider local
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
}

/// Options of every command that lets a model word examples.
#[derive(Debug, Args)]
pub(super) struct ModelArgs {
    #[command(flatten)]
    provider: ProviderArgs,

    /// Number of requests to make
    #[arg(long, value_name = "N", default_value_t = 100)]
    n: u64,

    /// Tasks for the model: paraphrase, explanation, dialogue, distractor
    #[arg(long, value_name = "TASKS", value_delimiter = ',', default_value = "paraphrase,explanation,dialogue,distractor", value_parser = str::parse::<Task>)]
    tasks: Vec<Task>,

    /// Languages: en, de, fr, es
    #[arg(long, value_name = "LANGS", value_delimiter = ',', default_value = "en", value_parser = ["en", "de", "fr", "es"])]
    lang: Vec<String>,

    /// Use the provider's batches: half the price, results within a day. Submits, checks once, and exits
    #[arg(long)]
    batch: bool,

    /// Resume batches: wait for their results and request missing ones again
    #[arg(long, requires = "batch")]
    resume: bool,

    /// Seconds between two checks of a batch
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    poll: f64,

    /// Maximum number of requests in flight
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u32).range(1..=256))]
    concurrency: u32,

    /// Maximum number of tokens per minute
    #[arg(long, value_name = "N")]
    tokens_per_minute: Option<u64>,
}

impl ProviderArgs {
    fn provider(&self) -> Option<Provider> {
        match (self.use_claude, self.use_openai) {
            (true, _) => Some(Provider::Claude),
            (_, true) => Some(Provider::OpenAi),
            _ => self.provider,
        }
    }

    /// Returns the model that answers questions without a ready answer.
    pub(super) fn ask_model(self) -> Result<AskModel, Error> {
        let folder = self.model.clone();
        Ok(match (self.choice()?, folder) {
            (Some(choice), _) => AskModel::Hosted(choice),
            // A model without a provider is a folder on this machine.
            (None, Some(folder)) => AskModel::Folder(folder.into()),
            (None, None) => AskModel::None,
        })
    }

    /// Returns the model to call; `None` if no provider is given.
    pub(super) fn choice(self) -> Result<Option<ModelChoice>, Error> {
        let Some(provider) = self.provider() else { return Ok(None) };
        let usage = |message: &str, hint: &str| Error::Usage { message: message.to_owned(), hint: hint.to_owned() };
        let model = self
            .model
            .ok_or_else(|| usage("no model is given", "add --model NAME; docs/SYNTH.md lists known models"))?;
        let price = match (self.price_in, self.price_out) {
            (Some(input), Some(output)) => PriceSource::Given { input_usd: input, output_usd: output },
            _ if self.no_price_check || provider == Provider::Local => PriceSource::Free,
            _ => PriceSource::List { file: self.prices },
        };
        let is_wrong = |usd: f64| !(usd >= 0.0 && usd.is_finite());
        if [self.budget, self.price_in, self.price_out].into_iter().flatten().any(is_wrong) {
            return Err(usage("a budget or price is negative or not a number", "give US dollars, such as --budget 5"));
        }
        if self.budget.is_none() && price != PriceSource::Free {
            return Err(usage("no budget is given", "--budget USD limits the spending, such as --budget 5"));
        }
        let (budget_usd, base_url, effort) = (self.budget, self.base_url, self.effort.0);
        Ok(Some(ModelChoice { provider, model, budget_usd, price, base_url, effort }))
    }
}

impl ModelArgs {
    /// Returns the task of the model; `None` if no model is given.
    pub(super) fn task(self) -> Result<Option<SynthTask>, Error> {
        let Some(choice) = self.provider.choice()? else { return Ok(None) };
        let ModelChoice { provider, model, budget_usd, price, base_url, effort } = choice;
        Ok(Some(SynthTask {
            provider,
            model,
            n: self.n,
            budget_usd,
            tasks: self.tasks,
            languages: self.lang,
            is_batch: self.batch,
            is_resuming: self.resume,
            concurrency: self.concurrency as usize,
            tokens_per_minute: self.tokens_per_minute,
            price,
            base_url,
            effort,
            poll_s: self.poll.max(0.1),
        }))
    }
}

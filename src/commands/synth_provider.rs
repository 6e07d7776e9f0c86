//! The providers of models for `posekit synth` and `posekit ask`, and their prices.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::Error;
use crate::llm::prices::{Price, Prices};
use crate::llm::wire::Effort;
use crate::providers::ProviderChoice;

/// Nano-dollars per dollar.
pub(super) const NANO: f64 = 1e9;

/// A provider of language models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    /// Anthropic.
    Claude,
    /// OpenAI.
    OpenAi,
    /// A server that speaks OpenAI's Chat Completions.
    Local,
}

impl Provider {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Claude => "claude",
            Self::OpenAi => "openai",
            Self::Local => "local",
        }
    }

    pub(super) fn choice(self) -> ProviderChoice {
        match self {
            Self::Claude => ProviderChoice::Claude,
            Self::OpenAi => ProviderChoice::OpenAi,
            Self::Local => ProviderChoice::Local,
        }
    }
}

impl FromStr for Provider {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let known = [Self::Claude, Self::OpenAi, Self::Local];
        let found = known.into_iter().find(|provider| provider.name() == text);
        found.ok_or_else(|| format!("unknown provider {text:?} (known: claude, openai, local)"))
    }
}

/// The source of prices.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum PriceSource {
    /// The built-in list and an additional file.
    List {
        /// The file.
        file: Option<PathBuf>,
    },
    /// Prices given by the user.
    Given {
        /// US dollars per million input tokens.
        input_usd: f64,
        /// US dollars per million output tokens.
        output_usd: f64,
    },
    /// The model is free.
    Free,
}

/// A hosted model, or a model of a server on this machine, with its spending limit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct ModelChoice {
    /// The provider.
    pub(crate) provider: Provider,
    /// The name of the model, as the provider spells it.
    pub(crate) model: String,
    /// The spending limit, US dollars.
    pub(crate) budget_usd: Option<f64>,
    /// The source of prices.
    pub(crate) price: PriceSource,
    /// The address of a local server.
    pub(crate) base_url: Option<String>,
    /// The reasoning effort of hosted models.
    pub(crate) effort: Option<Effort>,
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Returns the price of a model.
pub(super) fn price(provider: Provider, model: &str, source: &PriceSource) -> Result<Price, Error> {
    let per_token = |usd_per_million: f64| (usd_per_million * NANO / 1e6).ceil() as u64;
    match source {
        PriceSource::Free => Ok(Price::free()),
        PriceSource::Given { input_usd, output_usd } => Ok(flat(per_token(*input_usd), per_token(*output_usd))),
        PriceSource::List { file } => {
            let mut prices = Prices::built_in()?;
            if let Some(path) = file {
                let text =
                    std::fs::read_to_string(path).map_err(|source| Error::Output { target: path.clone(), source })?;
                prices.with_file_text(&text)?;
            }
            prices.find(provider.choice().family(), model).cloned().ok_or_else(|| Error::Usage {
                message: format!("the price of {model} is unknown (list of {})", prices.dated),
                hint:
                    "set it with --price_in and --price_out (US dollars per million tokens), or treat it as free with \
                       --no_price_check"
                        .to_owned(),
            })
        }
    }
}

/// Returns a price without discounts: the user's price applies to all tokens.
fn flat(input_nano_usd: u64, output_nano_usd: u64) -> Price {
    Price {
        input_nano_usd,
        output_nano_usd,
        cached_nano_usd: input_nano_usd,
        cache_write_nano_usd: input_nano_usd,
        ..Price::free()
    }
}

//! Who words examples for `posekit synth`, and what that costs.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::error::Error;
use crate::llm::prices::{Price, Prices};
use crate::llm::wire::Effort;
use crate::providers::ProviderChoice;

/// Nano-dollars of a dollar.
pub(super) const NANO: f64 = 1e9;

/// Who words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provider {
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

/// Where prices come from.
#[derive(Debug, Clone, PartialEq)]
pub enum PriceSource {
    /// The program's list, and a file that adds to it.
    List {
        /// The file.
        file: Option<PathBuf>,
    },
    /// The user says.
    Given {
        /// US dollars for a million tokens in.
        input_usd: f64,
        /// US dollars for a million tokens out.
        output_usd: f64,
    },
    /// Nothing is paid.
    Free,
}

/// A hosted model, or one of a server on this machine, and what it may cost.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelChoice {
    /// Who runs it.
    pub provider: Provider,
    /// The model, by the provider's name for it.
    pub model: String,
    /// Most that may be spent, US dollars.
    pub budget_usd: Option<f64>,
    /// Where prices come from.
    pub price: PriceSource,
    /// Address of the server, for local ones.
    pub base_url: Option<String>,
    /// How much hosted models think first.
    pub effort: Option<Effort>,
}

impl fmt::Display for Provider {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// The price of a model.
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
                message: format!("the price of {model} is not known (list of {})", prices.dated),
                hint: "--price_in and --price_out give it in US dollars for a million tokens; --no_price_check counts it as free"
                    .to_owned(),
            })
        }
    }
}

/// A price without discounts: what the user gave is taken for all tokens.
fn flat(input_nano_usd: u64, output_nano_usd: u64) -> Price {
    Price {
        input_nano_usd,
        output_nano_usd,
        cached_nano_usd: input_nano_usd,
        cache_write_nano_usd: input_nano_usd,
        ..Price::free()
    }
}

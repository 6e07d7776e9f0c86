//! Prices of models: dated data that a user's file can override. Money is in whole nano-dollars. Pure.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::wire::Usage;

const BUILT_IN: &str = include_str!("prices.toml");

/// Nano-dollars per token at one dollar per million tokens.
const NANO_USD_PER_TOKEN: f64 = 1000.0;
/// Highest plausible price of a token, dollars per million.
const MAX_USD_PER_MILLION: f64 = 1_000_000.0;
/// Tokens that providers add to a request: the chat template and the description of the reply's schema.
const TEMPLATE_TOKENS: u64 = 1024;

/// The price list of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Family {
    /// Anthropic.
    Anthropic,
    /// OpenAI.
    OpenAi,
    /// Any model behind an OpenAI-compatible server. Only a user's file has entries here. The caller decides whether a
    /// local model is free ([`Price::free`]).
    Local,
}

/// Prices of a model, nano-dollars per token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Price {
    /// Input that is neither read from nor written to a cache.
    pub(crate) input_nano_usd: u64,
    /// Output, thinking included.
    pub(crate) output_nano_usd: u64,
    /// Input read from a cache.
    pub(crate) cached_nano_usd: u64,
    /// Input written to a cache.
    pub(crate) cache_write_nano_usd: u64,
    /// Input size in tokens, cached input included, above which the `long_` prices apply to the whole request.
    pub(crate) long_above_tokens: Option<u64>,
    /// Input of a long request.
    pub(crate) long_input_nano_usd: u64,
    /// Output of a long request.
    pub(crate) long_output_nano_usd: u64,
    /// Cached input of a long request.
    pub(crate) long_cached_nano_usd: u64,
    /// Input of a long request that is written to a cache.
    pub(crate) long_cache_write_nano_usd: u64,
    /// Price of a batch, percent of the normal price.
    pub(crate) batch_percent: u64,
    /// Maximum of input and output together, tokens.
    pub(crate) context_tokens: Option<u64>,
    /// Maximum output, tokens.
    pub(crate) max_output_tokens: Option<u64>,
}

impl Default for Price {
    fn default() -> Self {
        Self {
            input_nano_usd: 0,
            output_nano_usd: 0,
            cached_nano_usd: 0,
            cache_write_nano_usd: 0,
            long_above_tokens: None,
            long_input_nano_usd: 0,
            long_output_nano_usd: 0,
            long_cached_nano_usd: 0,
            long_cache_write_nano_usd: 0,
            batch_percent: 50,
            context_tokens: None,
            max_output_tokens: None,
        }
    }
}

impl Price {
    /// Price of a model that costs nothing, such as one on the user's own machine.
    #[must_use]
    pub(crate) fn free() -> Self {
        Self::default()
    }
}

/// A price list cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PriceError {
    /// The file is not TOML of the expected structure.
    #[error("invalid price list: {0}")]
    Form(#[from] toml::de::Error),
    /// A price is negative, not a number, or implausibly high.
    #[error("invalid price list: `{field}` of `{model}` is {value}")]
    Value {
        /// The model.
        model: String,
        /// The field.
        field: &'static str,
        /// Its value.
        value: f64,
    },
    /// The tier for long requests is incomplete.
    #[error("invalid price list: `{0}` needs `long_above_tokens`, `long_input` and `long_output` together")]
    Long(String),
    /// A required date is missing.
    #[error("invalid price list: `dated` not found")]
    Undated,
}

/// A price list.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prices {
    /// Date of the data, `YYYY-MM-DD`. A user's file may have its own.
    pub(crate) dated: String,
    entries: BTreeMap<(Family, String), Price>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dated: Option<String>,
    /// Information for readers of the file.
    #[serde(rename = "source")]
    _source: Option<String>,
    batch_factor: Option<f64>,
    #[serde(default)]
    model: Vec<Model>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Model {
    family: Family,
    name: String,
    input: f64,
    output: f64,
    cached: Option<f64>,
    cache_write: Option<f64>,
    long_above_tokens: Option<u64>,
    long_input: Option<f64>,
    long_output: Option<f64>,
    long_cached: Option<f64>,
    long_cache_write: Option<f64>,
    batch_factor: Option<f64>,
    context_tokens: Option<u64>,
    max_output_tokens: Option<u64>,
}

impl Prices {
    /// The built-in list.
    ///
    /// # Errors
    ///
    /// If the list is invalid, which tests exclude.
    pub(crate) fn built_in() -> Result<Self, PriceError> {
        let mut prices = Self::default();
        prices.with_file_text(BUILT_IN)?;
        if prices.dated.is_empty() { Err(PriceError::Undated) } else { Ok(prices) }
    }

    /// Overrides and adds entries from a file with the structure of the built-in list.
    ///
    /// # Errors
    ///
    /// If the file does not have that structure. Nothing is changed then.
    pub(crate) fn with_file_text(&mut self, text: &str) -> Result<(), PriceError> {
        let file: File = toml::from_str(text)?;
        let mut entries = Vec::new();
        for model in &file.model {
            entries.push(((model.family, model.name.clone()), price(model, file.batch_factor.unwrap_or(0.5))?));
        }
        self.entries.extend(entries);
        if let Some(dated) = file.dated {
            self.dated = dated;
        }
        Ok(())
    }

    /// Finds the price of a model. A name with a date at its end, such as `claude-haiku-5-5-20261007`, also matches the
    /// entry without the date.
    #[must_use]
    pub(crate) fn find(&self, family: Family, model: &str) -> Option<&Price> {
        let entry = |name: &str| self.entries.get(&(family, name.to_owned()));
        entry(model).or_else(|| without_date(model).and_then(entry))
    }
}

/// The name without `-YYYYMMDD` or `-YYYY-MM-DD`.
fn without_date(model: &str) -> Option<&str> {
    let is_date = |tail: &str, pattern: &str| {
        tail.len() == pattern.len()
            && tail.bytes().zip(pattern.bytes()).all(|(byte, wanted)| match wanted {
                b'9' => byte.is_ascii_digit(),
                wanted => byte == wanted,
            })
    };
    ["-99999999", "-9999-99-99"].into_iter().find_map(|pattern| {
        let (head, tail) = model.split_at_checked(model.len().checked_sub(pattern.len())?)?;
        (!head.is_empty() && is_date(tail, pattern)).then_some(head)
    })
}

fn price(model: &Model, batch_factor: f64) -> Result<Price, PriceError> {
    let checked = |field: &'static str, value: f64, most: f64| {
        if value.is_finite() && (0.0..=most).contains(&value) {
            Ok(value)
        } else {
            Err(PriceError::Value { model: model.name.clone(), field, value })
        }
    };
    // Rounded up, except for the binary noise of a decimal fraction.
    let nano = |field: &'static str, usd_per_million: f64| {
        let nano_usd = checked(field, usd_per_million, MAX_USD_PER_MILLION)? * NANO_USD_PER_TOKEN;
        Ok::<u64, PriceError>((nano_usd - 1e-6).ceil().max(0.0) as u64)
    };
    let batch_factor = checked("batch_factor", model.batch_factor.unwrap_or(batch_factor), 1.0)?;
    let mut price = Price {
        input_nano_usd: nano("input", model.input)?,
        output_nano_usd: nano("output", model.output)?,
        cached_nano_usd: nano("cached", model.cached.unwrap_or(model.input))?,
        cache_write_nano_usd: nano("cache_write", model.cache_write.unwrap_or(model.input * 1.25))?,
        batch_percent: (batch_factor * 100.0 - 1e-6).ceil().max(0.0) as u64,
        context_tokens: model.context_tokens,
        max_output_tokens: model.max_output_tokens,
        ..Price::default()
    };
    match (model.long_above_tokens, model.long_input, model.long_output) {
        (Some(above), Some(input), Some(output)) => {
            price.long_above_tokens = Some(above);
            price.long_input_nano_usd = nano("long_input", input)?;
            price.long_output_nano_usd = nano("long_output", output)?;
            price.long_cached_nano_usd = nano("long_cached", model.long_cached.unwrap_or(input))?;
            price.long_cache_write_nano_usd = nano("long_cache_write", model.long_cache_write.unwrap_or(input * 1.25))?;
        }
        (None, None, None) if model.long_cached.is_none() && model.long_cache_write.is_none() => {}
        _ => return Err(PriceError::Long(model.name.clone())),
    }
    Ok(price)
}

/// Prices of one tier: input, output, cached, cache write.
fn tier(price: &Price, is_long: bool) -> [u64; 4] {
    if is_long {
        [
            price.long_input_nano_usd,
            price.long_output_nano_usd,
            price.long_cached_nano_usd,
            price.long_cache_write_nano_usd,
        ]
    } else {
        [price.input_nano_usd, price.output_nano_usd, price.cached_nano_usd, price.cache_write_nano_usd]
    }
}

/// The sum with the batch price if applicable, rounded up.
fn billed(price: &Price, nano_usd: u128, is_batch: bool) -> u64 {
    let nano_usd = if is_batch { (nano_usd * u128::from(price.batch_percent)).div_ceil(100) } else { nano_usd };
    u64::try_from(nano_usd).unwrap_or(u64::MAX)
}

/// Cost of a reply, nano-dollars, rounded up.
#[must_use]
pub(crate) fn cost_nano_usd(price: &Price, usage: &Usage, is_batch: bool) -> u64 {
    let is_long = price.long_above_tokens.is_some_and(|above| usage.input_tokens > above);
    let [input, output, cached, cache_write] = tier(price, is_long);
    let fresh_tokens = usage.input_tokens.saturating_sub(usage.cached_tokens).saturating_sub(usage.cache_write_tokens);
    let sum = [
        (fresh_tokens, input),
        (usage.cached_tokens, cached),
        (usage.cache_write_tokens, cache_write),
        (usage.output_tokens, output),
    ]
    .into_iter()
    .map(|(tokens, nano_usd)| u128::from(tokens) * u128::from(nano_usd))
    .sum();
    billed(price, sum, is_batch)
}

/// The largest number of input tokens that a request body of this size can have.
///
/// A token has at least one byte, so bytes limit the tokens of text. The base64 text of a photograph is longer than the
/// picture's tokens. Text that providers add is included.
#[must_use]
pub(crate) fn worst_input_tokens(input_bytes: usize) -> u64 {
    (input_bytes as u64).saturating_add(TEMPLATE_TOKENS)
}

/// The worst-case cost of a reply, nano-dollars.
///
/// `input_bytes` is the length of the whole request body. Every input token counts at the highest price of its tier,
/// including cache writes: OpenAI writes to its cache without being asked.
#[must_use]
pub(crate) fn worst_cost_nano_usd(price: &Price, input_bytes: usize, max_tokens: u32, is_batch: bool) -> u64 {
    let input_tokens = worst_input_tokens(input_bytes);
    let worst = |is_long: bool| {
        let [input, output, cached, cache_write] = tier(price, is_long);
        let dearest = input.max(cached).max(cache_write);
        u128::from(input_tokens) * u128::from(dearest) + u128::from(max_tokens) * u128::from(output)
    };
    let is_long = price.long_above_tokens.is_some_and(|above| input_tokens > above);
    let sum = if is_long { worst(false).max(worst(true)) } else { worst(false) };
    billed(price, sum, is_batch)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(family: Family, model: &str) -> Price {
        Prices::built_in().unwrap().find(family, model).unwrap().clone()
    }

    #[test]
    fn built_in_list_is_dated_and_complete() {
        let prices = Prices::built_in().unwrap();
        assert_eq!(prices.dated.len(), 10);
        let n_models = |family: Family| prices.entries.keys().filter(|(of, _)| *of == family).count();
        assert!(n_models(Family::Anthropic) >= 6);
        assert!(n_models(Family::OpenAi) >= 4);
        assert_eq!(n_models(Family::Local), 0);
        let haiku = found(Family::Anthropic, "claude-haiku-5-5");
        assert_eq!((haiku.input_nano_usd, haiku.output_nano_usd), (100, 500));
        assert_eq!((haiku.cached_nano_usd, haiku.cache_write_nano_usd), (10, 125));
        assert_eq!(haiku.batch_percent, 50);
        for ((_, model), price) in &prices.entries {
            assert!(price.cached_nano_usd < price.input_nano_usd, "{model}");
            assert!(price.cache_write_nano_usd >= price.input_nano_usd, "{model}");
            assert!(price.long_above_tokens.is_none() || price.long_input_nano_usd > price.input_nano_usd);
        }
    }

    #[test]
    fn thousand_samples_cost_what_the_price_pages_say() {
        // 1,500 tokens in and 500 out: $0.40 per thousand on the smallest models, $4 on Terra, $8 on Sonnet and Sol.
        let usage = Usage { input_tokens: 1500, output_tokens: 500, ..Usage::default() };
        for (family, model, usd) in [
            (Family::Anthropic, "claude-haiku-5-5", 0.4),
            (Family::OpenAi, "gpt-6-luna", 0.4),
            (Family::OpenAi, "gpt-6.1-terra", 4.0),
            (Family::Anthropic, "claude-sonnet-5-5", 8.0),
            (Family::OpenAi, "gpt-6.1-sol", 8.0),
        ] {
            let price = found(family, model);
            assert_eq!(cost_nano_usd(&price, &usage, false) * 1000, (usd * 1e9) as u64, "{model}");
            assert_eq!(cost_nano_usd(&price, &usage, true) * 1000, (usd * 5e8) as u64, "{model}");
        }
    }

    #[test]
    fn long_requests_cost_more_in_every_part() {
        let price = found(Family::Anthropic, "claude-haiku-5-5");
        let short =
            Usage { input_tokens: 100_000, cached_tokens: 60_000, cache_write_tokens: 10_000, output_tokens: 10 };
        assert_eq!(cost_nano_usd(&price, &short, false), 30_000 * 100 + 60_000 * 10 + 10_000 * 125 + 10 * 500);
        let long = Usage { input_tokens: 100_001, ..short };
        assert_eq!(cost_nano_usd(&price, &long, false), 30_001 * 500 + 60_000 * 50 + 10_000 * 625 + 10 * 2500);
    }

    #[test]
    fn dated_names_find_their_entry_and_others_do_not() {
        let prices = Prices::built_in().unwrap();
        for (family, model) in [
            (Family::Anthropic, "claude-haiku-5-5-20261007"),
            (Family::OpenAi, "gpt-6.1-sol-2026-09-29"),
            (Family::OpenAi, "gpt-6-luna"),
        ] {
            assert!(prices.find(family, model).is_some(), "{model}");
        }
        for model in
            ["gpt-6.1-sol-pro", "gpt-6.1", "gpt-6.1-sol-202609", "claude-haiku-5-5", "-20261007", "", "ü-20261007"]
        {
            assert!(prices.find(Family::OpenAi, model).is_none(), "{model}");
        }
        assert!(prices.find(Family::Local, "gpt-6-luna").is_none());
    }

    #[test]
    fn user_file_overrides_and_adds() {
        let mut prices = Prices::built_in().unwrap();
        prices
            .with_file_text(
                "dated = '2027-01-02'\nbatch_factor = 0.25\n\
                 [[model]]\nfamily = 'openai'\nname = 'gpt-6-luna'\ninput = 0.0333\noutput = 1\n\
                 [[model]]\nfamily = 'local'\nname = 'qwen'\ninput = 0\noutput = 0\nbatch_factor = 1\n",
            )
            .unwrap();
        assert_eq!(prices.dated, "2027-01-02");
        let luna = prices.find(Family::OpenAi, "gpt-6-luna").unwrap();
        // Rounded up, no discount, the usual surcharge, no tier for long requests.
        assert_eq!((luna.input_nano_usd, luna.cached_nano_usd, luna.cache_write_nano_usd), (34, 34, 42));
        assert_eq!((luna.batch_percent, luna.long_above_tokens), (25, None));
        assert_eq!(prices.find(Family::Local, "qwen").unwrap().batch_percent, 100);
        assert!(prices.find(Family::OpenAi, "gpt-6.1-sol").is_some());
    }

    #[test]
    fn broken_files_change_nothing() {
        let mut prices = Prices::built_in().unwrap();
        let good = "[[model]]\nfamily = 'openai'\nname = 'new'\ninput = 1\noutput = 1\n";
        for (bad, words) in [
            ("input = -1\noutput = 1", "`input` of `bad` is -1"),
            ("input = nan\noutput = 1", "`input`"),
            ("input = 1\noutput = inf", "`output`"),
            ("input = 1", "missing field `output`"),
            ("input = 1\noutput = 1\nprice = 3", "unknown field `price`"),
            ("input = 1\noutput = 1\nlong_input = 3", "long_above_tokens"),
            ("input = 1\noutput = 1\nlong_cached = 3", "long_above_tokens"),
            ("input = 1\noutput = 1\nbatch_factor = 1.5", "batch_factor"),
        ] {
            let text = format!("{good}[[model]]\nfamily = 'openai'\nname = 'bad'\n{bad}\n");
            let error = prices.with_file_text(&text).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
            assert!(prices.find(Family::OpenAi, "new").is_none());
        }
    }

    #[test]
    fn free_models_cost_nothing_and_sums_do_not_overflow() {
        let usage = Usage { input_tokens: u64::MAX, cached_tokens: 7, cache_write_tokens: 7, output_tokens: u64::MAX };
        assert_eq!(cost_nano_usd(&Price::free(), &usage, false), 0);
        assert_eq!(worst_cost_nano_usd(&Price::free(), usize::MAX, u32::MAX, true), 0);
        assert_eq!(cost_nano_usd(&found(Family::OpenAi, "gpt-6-astra"), &usage, false), u64::MAX);
    }

    #[test]
    fn odd_sums_of_a_batch_are_rounded_up() {
        let price = Price { input_nano_usd: 1, ..Price::default() };
        let usage = Usage { input_tokens: 3, ..Usage::default() };
        assert_eq!(cost_nano_usd(&price, &usage, true), 2);
    }

    proptest! {
        #[test]
        fn no_answer_costs_more_than_the_worst(
            per_token in prop::array::uniform8(0_u64..100_000),
            above in prop::option::of(0_u64..40_000),
            batch_percent in 0_u64..=100,
            bytes in 0_usize..40_000,
            max_tokens in 0_u32..10_000,
            parts in prop::array::uniform4(0.0_f64..=1.0),
            is_batch: bool,
        ) {
            let price = Price {
                input_nano_usd: per_token[0],
                output_nano_usd: per_token[1],
                cached_nano_usd: per_token[2],
                cache_write_nano_usd: per_token[3],
                long_above_tokens: above,
                long_input_nano_usd: per_token[4],
                long_output_nano_usd: per_token[5],
                long_cached_nano_usd: per_token[6],
                long_cache_write_nano_usd: per_token[7],
                batch_percent,
                ..Price::default()
            };
            let part = |of: u64, part: f64| (of as f64 * part) as u64;
            let input_tokens = part(worst_input_tokens(bytes), parts[0]);
            let cached_tokens = part(input_tokens, parts[1]);
            let usage = Usage {
                input_tokens,
                cached_tokens,
                cache_write_tokens: part(input_tokens - cached_tokens, parts[2]),
                output_tokens: part(u64::from(max_tokens), parts[3]),
            };
            prop_assert!(
                cost_nano_usd(&price, &usage, is_batch) <= worst_cost_nano_usd(&price, bytes, max_tokens, is_batch)
            );
        }
    }
}

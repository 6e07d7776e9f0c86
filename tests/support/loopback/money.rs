//! What the server charges: its own count of tokens and nano-dollars, independent of the program under test.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

/// Prices of a model, nano-dollars a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_field_names, reason = "names carry units")]
pub(crate) struct Price {
    /// Input that no cache knows.
    pub(crate) input_nano_usd: u64,
    /// Output.
    pub(crate) output_nano_usd: u64,
    /// Input read from the cache.
    pub(crate) cached_nano_usd: u64,
}

impl Price {
    /// A price whose cached input costs a tenth, as is common.
    pub(crate) fn new(input_nano_usd: u64, output_nano_usd: u64) -> Self {
        Self { input_nano_usd, output_nano_usd, cached_nano_usd: input_nano_usd.div_ceil(10) }
    }
}

/// Prices by model name, as the providers listed them in November 2026.
pub(crate) fn listed_prices() -> BTreeMap<String, Price> {
    let openai = |input, output, cached| Price { cached_nano_usd: cached, ..Price::new(input, output) };
    [
        ("claude-haiku-5-5", Price::new(100, 500)),
        ("claude-sonnet-5-5", Price::new(2_000, 10_000)),
        ("claude-opus-5-5", Price::new(4_000, 20_000)),
        ("claude-fable-5-1", Price::new(10_000, 50_000)),
        ("claude-opus-5", Price::new(5_000, 25_000)),
        ("claude-sonnet-5", Price::new(2_000, 10_000)),
        ("gpt-6-luna", openai(100, 500, 10)),
        ("gpt-6.1-terra", openai(1_000, 5_000, 50)),
        ("gpt-6.1-sol", openai(2_000, 10_000, 100)),
        ("gpt-6-astra", Price::new(10_000, 50_000)),
    ]
    .map(|(name, price)| (name.to_string(), price))
    .into()
}

/// Tokens of a text: one for each four bytes, rounded up.
pub(crate) fn tokens(n_bytes: usize) -> u64 {
    n_bytes.div_ceil(4) as u64
}

/// Tokens of one answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Usage {
    /// All input, cached input included.
    pub(crate) input: u64,
    /// Input read from the cache.
    pub(crate) cached: u64,
    /// Input written to the cache, to live five minutes.
    pub(crate) written_5m: u64,
    /// Input written to the cache, to live an hour.
    pub(crate) written_1h: u64,
    /// Output.
    pub(crate) output: u64,
}

impl Usage {
    /// Input that the cache had no part in.
    pub(crate) fn plain_input(self) -> u64 {
        self.input - self.cached - self.written_5m - self.written_1h
    }

    /// Adds another answer's tokens.
    pub(crate) fn add(&mut self, other: Self) {
        self.input += other.input;
        self.cached += other.cached;
        self.written_5m += other.written_5m;
        self.written_1h += other.written_1h;
        self.output += other.output;
    }

    /// For the state in JSON.
    pub(crate) fn to_json(self) -> Value {
        json!({
            "input_tokens": self.input, "cached_tokens": self.cached,
            "cache_write_tokens": self.written_5m + self.written_1h, "output_tokens": self.output
        })
    }
}

/// Price of one answer, nano-dollars. A cache entry costs 1.25 times the input if it lives five minutes and twice if it lives an hour;
/// a batch costs half, rounded up.
pub(crate) fn cost_nano_usd(price: Price, usage: Usage, is_batch: bool) -> u64 {
    let whole = usage.plain_input() * price.input_nano_usd
        + usage.cached * price.cached_nano_usd
        + (usage.written_5m * price.input_nano_usd * 5).div_ceil(4)
        + usage.written_1h * price.input_nano_usd * 2
        + usage.output * price.output_nano_usd;
    if is_batch { whole.div_ceil(2) } else { whole }
}

/// How a request asks for prompt caching.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Prefix {
    /// The text up to the last breakpoint.
    pub(crate) text: String,
    /// How the provider charges for the first use.
    pub(crate) write: CacheWrite,
}

/// What the first use of a cached prefix costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CacheWrite {
    /// Nothing more than plain input (`OpenAI`: caching is automatic).
    Free,
    /// An entry of five minutes.
    FiveMinutes,
    /// An entry of an hour.
    Hour,
}

/// Prefixes that were sent before.
#[derive(Debug, Default)]
pub(crate) struct PromptCache(BTreeSet<String>);

impl PromptCache {
    /// Tokens of an input of `n_bytes` bytes that begins with `prefix`. A prefix of fewer than `min_tokens` tokens misses silently.
    pub(crate) fn usage(&mut self, model: &str, n_bytes: usize, prefix: Option<&Prefix>, min_tokens: u64) -> Usage {
        let mut usage = Usage { input: tokens(n_bytes).max(1), ..Usage::default() };
        let Some(prefix) = prefix else { return usage };
        let n_tokens = tokens(prefix.text.len()).min(usage.input);
        if n_tokens == 0 || n_tokens < min_tokens {
            return usage;
        }
        let is_new = self.0.insert(format!("{model}\n{}", prefix.text));
        match (is_new, prefix.write) {
            (false, _) => usage.cached = n_tokens,
            (true, CacheWrite::Free) => {}
            (true, CacheWrite::FiveMinutes) => usage.written_5m = n_tokens,
            (true, CacheWrite::Hour) => usage.written_1h = n_tokens,
        }
        usage
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_four_bytes_rounded_up() {
        assert_eq!([0, 1, 4, 5, 8].map(tokens), [0, 1, 1, 2, 2]);
    }

    #[test]
    fn the_second_use_of_a_prefix_is_cheap() {
        let (mut cache, price) = (PromptCache::default(), Price::new(1_000, 5_000));
        let prefix = Prefix { text: "x".repeat(400), write: CacheWrite::Hour };
        let mut ask = |min| cache.usage("m", 800, Some(&prefix), min);
        assert_eq!(ask(101), Usage { input: 200, ..Usage::default() });
        let first = ask(100);
        assert_eq!(first, Usage { input: 200, written_1h: 100, ..Usage::default() });
        let second = ask(100);
        assert_eq!(second, Usage { input: 200, cached: 100, ..Usage::default() });
        assert_eq!(cost_nano_usd(price, first, false), 100 * 1_000 + 100 * 2_000);
        assert_eq!(cost_nano_usd(price, second, false), 100 * 1_000 + 100 * 100);
        assert_eq!(cost_nano_usd(price, Usage { output: 1, ..Usage::default() }, true), 2_500);
        assert_eq!(cache.usage("other model", 800, Some(&prefix), 0).cached, 0);
    }
}

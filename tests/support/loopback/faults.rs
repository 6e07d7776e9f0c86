//! What goes wrong on purpose. Whether it does is decided by a hash of the seed, the request's content and the attempt, so runs repeat.

use std::collections::BTreeMap;
use std::str::FromStr;

/// Everything that can go wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Fault {
    /// 429 with `retry-after` in seconds.
    RateLimited,
    /// 429 with `retry-after-ms`.
    RateLimitedMs,
    /// 429 with `retry-after` as an HTTP date.
    RateLimitedDate,
    /// 500.
    ServerError,
    /// 500 with `x-should-retry: false`.
    ServerErrorFinal,
    /// 529 (Anthropic) or 503 (`OpenAI`).
    Overloaded,
    /// The body stops for a while in the middle.
    Slow,
    /// The connection is cut in the middle of the body. The answer costs as any.
    Broken,
    /// The model's text is not JSON.
    InvalidJson,
    /// The model's text is JSON of another shape.
    WrongSchema,
    /// The model ran into the limit of output tokens.
    Truncated,
    /// The model refused.
    Refused,
    /// A number is changed.
    Number,
    /// Left for right.
    Side,
    /// Another unit.
    Unit,
    /// Another joint.
    Joint,
    /// Greater for less.
    Direction,
    /// Any of the five before, whichever the facts allow.
    Hallucinated,
    /// A batch item that the provider did not get to.
    ItemExpired,
    /// A batch item that failed.
    ItemErrored,
    /// A batch item whose line comes twice.
    ItemRepeated,
    /// A batch whose results are in another order.
    OutOfOrder,
    /// A batch that expires when half of it is done.
    BatchExpired,
    /// A batch that fails as a whole, without results or cost.
    BatchFailed,
    /// The connection is cut in the middle of the answer to an upload or to the creation of a batch, which exists all the same.
    BrokenCreate,
}

/// Names as the command line has them.
const NAMES: [(Fault, &str); 25] = [
    (Fault::RateLimited, "rate_limited"),
    (Fault::RateLimitedMs, "rate_limited_ms"),
    (Fault::RateLimitedDate, "rate_limited_date"),
    (Fault::ServerError, "server_error"),
    (Fault::ServerErrorFinal, "server_error_final"),
    (Fault::Overloaded, "overloaded"),
    (Fault::Slow, "slow"),
    (Fault::Broken, "broken"),
    (Fault::InvalidJson, "invalid_json"),
    (Fault::WrongSchema, "wrong_schema"),
    (Fault::Truncated, "truncated"),
    (Fault::Refused, "refused"),
    (Fault::Number, "number"),
    (Fault::Side, "side"),
    (Fault::Unit, "unit"),
    (Fault::Joint, "joint"),
    (Fault::Direction, "direction"),
    (Fault::Hallucinated, "hallucinated"),
    (Fault::ItemExpired, "item_expired"),
    (Fault::ItemErrored, "item_errored"),
    (Fault::ItemRepeated, "item_repeated"),
    (Fault::OutOfOrder, "out_of_order"),
    (Fault::BatchExpired, "batch_expired"),
    (Fault::BatchFailed, "batch_failed"),
    (Fault::BrokenCreate, "broken_create"),
];

/// Errors instead of an answer. Nothing happened on the server.
pub(crate) const ERRORS: &[Fault] = &[
    Fault::RateLimited,
    Fault::RateLimitedMs,
    Fault::RateLimitedDate,
    Fault::ServerError,
    Fault::ServerErrorFinal,
    Fault::Overloaded,
];
/// What happens to an answer on its way.
pub(crate) const DELIVERY: &[Fault] = &[Fault::Slow, Fault::Broken];
/// What the model does wrong.
pub(crate) const CONTENT: &[Fault] = &[
    Fault::InvalidJson,
    Fault::WrongSchema,
    Fault::Truncated,
    Fault::Refused,
    Fault::Number,
    Fault::Side,
    Fault::Unit,
    Fault::Joint,
    Fault::Direction,
    Fault::Hallucinated,
];
/// What happens to an item of a batch.
pub(crate) const ITEM: &[Fault] = &[Fault::ItemExpired, Fault::ItemErrored];

impl Fault {
    /// The name on the command line and in the state.
    pub(crate) fn name(self) -> &'static str {
        NAMES.iter().find(|(fault, _)| *fault == self).map_or("", |(_, name)| name)
    }
}

/// Rates of faults.
#[derive(Debug, Clone, Default)]
pub(crate) struct Faults {
    rates: BTreeMap<Fault, f64>,
    is_first_only: bool,
}

impl Faults {
    /// The same faults, and this one at a rate of 0 to 1.
    #[must_use]
    pub(crate) fn with(mut self, fault: Fault, rate: f64) -> Self {
        self.rates.insert(fault, rate);
        self
    }

    /// The same faults, on the first attempt of a request only.
    #[must_use]
    pub(crate) fn on_first_attempt(mut self) -> Self {
        self.is_first_only = true;
        self
    }

    /// The fault of a group that hits an attempt (1, 2, ...) of a request, if any. The rates of a group add up.
    pub(crate) fn pick(&self, group: &[Fault], seed: u64, content: &str, attempt: u64) -> Option<Fault> {
        let first = group.first()?;
        if self.is_first_only && attempt > 1 {
            return None;
        }
        let mut point = fraction(hash(&[&seed.to_string(), first.name(), content, &attempt.to_string()]));
        for fault in group {
            let rate = self.rates.get(fault).copied().unwrap_or(0.0);
            if point < rate {
                return Some(*fault);
            }
            point -= rate;
        }
        None
    }

    /// Whether a single fault hits.
    pub(crate) fn is_hit(&self, fault: Fault, seed: u64, content: &str, attempt: u64) -> bool {
        self.pick(&[fault], seed, content, attempt).is_some()
    }
}

impl FromStr for Faults {
    type Err = String;

    /// Reads `rate_limited=0.1,number=0.5`.
    fn from_str(text: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, rate) = part.split_once('=').ok_or(format!("`{part}` is not NAME=RATE"))?;
            let (fault, _) = NAMES.iter().find(|(_, known)| *known == name).ok_or(format!("unknown fault `{name}`"))?;
            let rate: f64 = rate.parse().map_err(|_| format!("`{rate}` is not a number"))?;
            if !(0.0..=1.0).contains(&rate) {
                return Err(format!("the rate of `{name}` is outside 0 to 1"));
            }
            faults.rates.insert(*fault, rate);
        }
        Ok(faults)
    }
}

/// A number made of texts, the same in every run.
pub(crate) fn hash(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().as_bytes()[..8].iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
}

/// A hash as a number from 0 to below 1.
fn fraction(hash: u64) -> f64 {
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// Choices that repeat with the same seed (`SplitMix64`).
#[derive(Debug, Clone)]
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from 0 to below `n`; 0 if `n` is 0.
    pub(crate) fn roll(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((mixed ^ (mixed >> 31)) % (n.max(1) as u64)) as usize
    }

    /// One of some texts.
    pub(crate) fn one_of<'a>(&mut self, texts: &[&'a str]) -> &'a str {
        let index = self.roll(texts.len());
        texts.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_come_at_their_rate_and_repeat() {
        let faults: Faults = "number=0.2, side=0.3".parse().unwrap();
        let draw = |seed| (0..2000).map(|n: i32| faults.pick(CONTENT, seed, &n.to_string(), 1)).collect::<Vec<_>>();
        let picked = draw(7);
        assert_eq!(picked, draw(7));
        assert_ne!(picked, draw(8));
        let share = |fault| picked.iter().filter(|picked| **picked == Some(fault)).count() as f64 / 2000.0;
        assert!((share(Fault::Number) - 0.2).abs() < 0.03, "{}", share(Fault::Number));
        assert!((share(Fault::Side) - 0.3).abs() < 0.03, "{}", share(Fault::Side));
        assert!(picked.iter().flatten().all(|fault| [Fault::Number, Fault::Side].contains(fault)));
    }

    #[test]
    fn another_attempt_has_other_luck() {
        let faults = Faults::default().with(Fault::ServerError, 0.5);
        let hits = (1..=64).filter(|attempt| faults.is_hit(Fault::ServerError, 1, "same", *attempt)).count();
        assert!((16..=48).contains(&hits), "{hits} of 64");
        let once = Faults::default().with(Fault::ServerError, 1.0).on_first_attempt();
        assert!(once.is_hit(Fault::ServerError, 1, "same", 1));
        assert!(!once.is_hit(Fault::ServerError, 1, "same", 2));
    }

    #[test]
    fn invalid_rates_are_named() {
        for (text, part) in
            [("nonsense=1", "nonsense"), ("number", "NAME=RATE"), ("number=2", "outside"), ("number=x", "not a number")]
        {
            let error = text.parse::<Faults>().unwrap_err();
            assert!(error.contains(part), "{error}");
        }
    }

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        for (fault, name) in NAMES {
            assert_eq!(fault.name(), name);
            assert!(format!("{name}=1").parse::<Faults>().unwrap().is_hit(fault, 0, "", 1));
        }
    }
}

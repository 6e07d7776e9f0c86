//! Decides whether and when to retry, and extracts the provider's error message.

use std::ops::RangeInclusive;

use serde_json::Value;

use super::http::{Response, SendError};
use super::text;

/// Longest wait that [`backoff_s`] gives, seconds.
const MAX_BACKOFF_S: f64 = 60.0;
/// Maximum length of a provider's message that is passed on, characters.
const MAX_MESSAGE_LETTERS: usize = 300;
/// Statuses with which a proxy in front of the provider reports a lost response.
const LOST_BY_PROXY: RangeInclusive<u16> = 520..=527;

/// The action after a try.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Next {
    /// The response is good.
    Done,
    /// Retry.
    Retry {
        /// Wait requested by the provider, seconds. `None`: [`backoff_s`] decides.
        after_s: Option<f64>,
        /// Whether the lost response may have been billed, so that its worst case counts.
        is_billed_maybe: bool,
    },
    /// Retrying does not help.
    Fail,
}

/// Decides the action after a try. `now_s` is the Unix time, seconds.
#[must_use]
pub(crate) fn classify(result: &Result<Response, SendError>, now_s: f64) -> Next {
    let response = match result {
        Ok(response) => response,
        Err(error) => return Next::Retry { after_s: None, is_billed_maybe: error.is_sent },
    };
    if (200..300).contains(&response.status) {
        return Next::Done;
    }
    let is_retry = match response.headers.get("x-should-retry").map(|value| value.trim()) {
        Some("true") => true,
        Some("false") => false,
        _ => is_passing(response.status) && !is_quota_spent(response),
    };
    if !is_retry {
        return Next::Fail;
    }
    // The provider's own errors are not billed. A response lost by a time limit or a proxy may be billed.
    let is_billed_maybe = matches!(response.status, 408 | 502 | 504) || LOST_BY_PROXY.contains(&response.status);
    Next::Retry { after_s: wanted_wait_s(response, now_s), is_billed_maybe }
}

/// Whether a status is temporary: request timeout, conflict, rate limit, and all server errors (529 is Anthropic's
/// "overloaded").
fn is_passing(status: u16) -> bool {
    matches!(status, 408 | 409 | 429 | 500..)
}

/// Whether the account's money is used up. OpenAI returns 429 in this case, too. The SDK retries; it never helps.
fn is_quota_spent(response: &Response) -> bool {
    response.status == 429
        && response.json().is_ok_and(|body| {
            body.pointer("/error/code").and_then(Value::as_str) == Some("insufficient_quota")
                || body.pointer("/error/type").and_then(Value::as_str) == Some("insufficient_quota")
        })
}

/// The requested wait: `retry-after-ms`, then `retry-after` in seconds, then `retry-after` as a date.
fn wanted_wait_s(response: &Response, now_s: f64) -> Option<f64> {
    let header = |name: &str| response.headers.get(name).map(|value| value.trim());
    let milliseconds = header("retry-after-ms").and_then(|value| value.parse::<f64>().ok());
    let after = header("retry-after");
    milliseconds
        .map(|milliseconds| milliseconds / 1000.0)
        .or_else(|| after.and_then(|value| value.parse().ok()))
        .or_else(|| after.and_then(http_date_s).map(|date_s| date_s - now_s))
        .filter(|wait_s| wait_s.is_finite() && *wait_s > 0.0)
}

/// Unix time of an HTTP date such as `Sun, 06 Nov 1994 08:49:37 GMT`. The two obsolete formats are not supported.
fn http_date_s(text: &str) -> Option<f64> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (_, rest) = text.split_once(", ")?;
    let mut words = rest.split(' ');
    let day: i64 = words.next()?.parse().ok()?;
    let month_name = words.next()?;
    let month = MONTHS.iter().position(|name| *name == month_name)? as i64 + 1;
    let year: i64 = words.next().filter(|year| year.len() == 4)?.parse().ok()?;
    let mut clock = words.next()?.split(':').map(str::parse::<i64>);
    let (hour, minute, second) = (clock.next()?.ok()?, clock.next()?.ok()?, clock.next()?.ok()?);
    if words.next()? != "GMT" || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970, with years that begin in March so that the leap day comes last.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468;
    Some((((days * 24 + hour) * 60 + minute) * 60 + second) as f64)
}

/// Wait before try `attempt + 1` (the first retry has attempt 0), seconds: doubles from 1 s, at most 60 s.
///
/// `jitter` (0 to 1) spreads the tries of many workers over the upper half of the wait.
#[must_use]
pub(crate) fn backoff_s(attempt: u32, jitter: f64) -> f64 {
    let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 1.0 };
    let longest_s = 2_f64.powi(attempt.min(16) as i32).min(MAX_BACKOFF_S);
    longest_s * (0.5 + 0.5 * jitter)
}

/// The provider's error message, shortened. Reads the error bodies of both APIs and of local servers.
#[must_use]
pub(crate) fn error_message(body: &[u8]) -> String {
    match serde_json::from_slice::<Value>(body) {
        Ok(body) => error_message_of(&body),
        Err(_) => shortened(&without_tags(&String::from_utf8_lossy(body))),
    }
}

/// Like [`error_message`], for parsed JSON.
pub(super) fn error_message_of(body: &Value) -> String {
    let error = body.get("error").unwrap_or(body);
    let message = error
        .as_str()
        .or_else(|| text(error, "message"))
        .or_else(|| text(body, "message"))
        .or_else(|| text(body, "detail"))
        .map_or_else(|| error.to_string(), str::to_owned);
    match text(error, "code").or_else(|| text(error, "type")) {
        Some(kind) if !message.contains(kind) => format!("{} ({kind})", shortened(&message)),
        _ => shortened(&message),
    }
}

/// Removes HTML tags: proxies respond with web pages.
fn without_tags(text: &str) -> String {
    let mut is_tag = false;
    text.chars()
        .filter_map(|letter| match letter {
            '<' => {
                is_tag = true;
                Some(' ')
            }
            '>' if is_tag => {
                is_tag = false;
                None
            }
            letter => (!is_tag).then_some(letter),
        })
        .collect()
}

/// Shortens a message to one line of limited length.
fn shortened(message: &str) -> String {
    let line = message.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.is_empty() {
        return "no message".to_owned();
    }
    match line.char_indices().nth(MAX_MESSAGE_LETTERS) {
        Some((end, _)) => format!("{}...", &line[..end]),
        None => line,
    }
}

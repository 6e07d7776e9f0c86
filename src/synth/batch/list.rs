//! Reads the providers' lists of batches, to find a batch whose id was not stored. Pure.

use serde_json::Value;

use crate::llm::wire::Api;
use crate::llm::wire::http::{Body, Method, Request};

/// Metadata key of an `OpenAI` batch that holds the plan's id.
const METADATA_KEY: &str = "posekit_plan";
/// Timeout for a list, seconds.
const TIMEOUT_S: f64 = 60.0;

/// One batch in a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Listed {
    pub(super) id: String,
    /// Time of creation, seconds since 1970; `None` if the list does not give it.
    pub(super) created_s: Option<f64>,
    pub(super) n_total: u64,
    pub(super) file_id: Option<String>,
    pub(super) plan_id: Option<String>,
}

/// Requests a page of batches, newest first; `after` is the last id of the previous page.
pub(super) fn request(api: Api, after: Option<&str>) -> Request {
    let (path, after_key) = match api {
        Api::AnthropicMessages => ("/v1/messages/batches", "after_id"),
        Api::OpenAiResponses | Api::OpenAiChat => ("/batches", "after"),
    };
    let after = after.map(|id| format!("&{after_key}={id}")).unwrap_or_default();
    Request { method: Method::Get, path: format!("{path}?limit=100{after}"), body: Body::Empty, timeout_s: TIMEOUT_S }
}

/// Parses a page. Returns its batches and whether more pages follow; `None` if it is not a list.
pub(super) fn parse(page: &Value) -> Option<(Vec<Listed>, bool)> {
    let batches = page.get("data")?.as_array()?.iter().filter_map(listed).collect();
    Some((batches, page.get("has_more").and_then(Value::as_bool).unwrap_or(false)))
}

fn listed(batch: &Value) -> Option<Listed> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let counts = batch.get("request_counts").unwrap_or(&Value::Null);
    let count = |key: &str| counts.get(key).and_then(Value::as_u64);
    // OpenAI gives the total; for Anthropic the total is the sum of its counts.
    let of_anthropic = ["processing", "succeeded", "errored", "canceled", "expired"];
    let n_total = count("total").unwrap_or_else(|| of_anthropic.iter().filter_map(|key| count(key)).sum());
    let created = batch.get("created_at");
    let created_s = created.and_then(|at| at.as_f64().or_else(|| at.as_str().and_then(unix_s)));
    Some(Listed {
        id: text(batch.get("id")?)?,
        created_s,
        n_total,
        file_id: batch.get("input_file_id").and_then(text),
        plan_id: batch.get("metadata").and_then(|metadata| metadata.get(METADATA_KEY)).and_then(text),
    })
}

/// Adds the plan's id to the request that creates an `OpenAI` batch. Anthropic accepts no metadata.
pub(super) fn with_plan_id(api: Api, mut request: Request, plan_id: &str) -> Request {
    if api == Api::AnthropicMessages {
        return request;
    }
    if let Body::Json(bytes) = &request.body
        && let Ok(mut body) = serde_json::from_slice::<Value>(bytes)
        && let Some(object) = body.as_object_mut()
    {
        object.insert("metadata".to_owned(), serde_json::json!({ METADATA_KEY: plan_id }));
        request.body = Body::Json(body.to_string().into_bytes());
    }
    request
}

/// Converts a time such as `2026-11-28T20:05:00.5Z` or `2026-11-28T22:05:00+02:00` to seconds since 1970.
fn unix_s(text: &str) -> Option<f64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (date.next()??, date.next()??, date.next()??);
    let zone_at = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(zone_at);
    let mut clock = clock.split(':').map(|part| part.parse::<f64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next().flatten().unwrap_or(0.0));
    // Days since 1970, computed with years that begin in March.
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468;
    let sign = if zone.starts_with('-') { -1.0 } else { 1.0 };
    let zone_s = zone.get(1..).and_then(|zone| zone.split_once(':')).and_then(|(hours, minutes)| {
        Some(sign * (hours.parse::<f64>().ok()? * 3600.0 + minutes.parse::<f64>().ok()? * 60.0))
    });
    Some(days as f64 * 86_400.0 + hour * 3600.0 + minute * 60.0 + second - zone_s.unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_are_read_with_their_zone() {
        assert_eq!(unix_s("1970-01-01T00:00:00Z"), Some(0.0));
        assert_eq!(unix_s("2000-02-29T12:00:00.5Z"), Some(951_825_600.5));
        assert_eq!(unix_s("2026-11-28T20:05:00+00:00"), Some(1_795_896_300.0));
        assert_eq!(unix_s("2026-11-28T22:05:00+02:00"), unix_s("2026-11-28T18:05:00-02:00"));
        assert_eq!(unix_s("2026-11-28T22:05:00+02:00"), Some(1_795_896_300.0));
        assert_eq!(unix_s("yesterday"), None);
    }

    #[test]
    fn both_lists_are_read() {
        let anthropic = json!({"data": [{"id": "msgbatch_1", "created_at": "1970-01-01T00:01:00Z",
            "request_counts": {"processing": 0, "succeeded": 2, "errored": 1, "canceled": 0, "expired": 0}}],
            "has_more": true, "first_id": "msgbatch_1", "last_id": "msgbatch_1"});
        let (batches, has_more) = parse(&anthropic).unwrap();
        assert!(has_more);
        assert_eq!((batches[0].id.as_str(), batches[0].n_total, batches[0].created_s), ("msgbatch_1", 3, Some(60.0)));
        let openai = json!({"object": "list", "data": [{"id": "batch_1", "created_at": 60, "input_file_id": "file-1",
            "request_counts": {"total": 3, "completed": 0, "failed": 0}, "metadata": {"posekit_plan": "p"}}, {"no": "id"}]});
        let (batches, has_more) = parse(&openai).unwrap();
        let expected = Listed {
            id: "batch_1".to_owned(),
            created_s: Some(60.0),
            n_total: 3,
            file_id: Some("file-1".to_owned()),
            plan_id: Some("p".to_owned()),
        };
        assert_eq!((batches, has_more), (vec![expected], false));
        assert_eq!(parse(&json!({"error": "not found"})), None);
    }

    #[test]
    fn pages_follow_each_other_and_the_plan_goes_along() {
        assert_eq!(request(Api::OpenAiChat, None).path, "/batches?limit=100");
        assert_eq!(request(Api::AnthropicMessages, Some("m1")).path, "/v1/messages/batches?limit=100&after_id=m1");
        let body = Body::Json(b"{\"input_file_id\":\"f\"}".to_vec());
        let create = Request { method: Method::Post, path: "/batches".to_owned(), body, timeout_s: 1.0 };
        assert_eq!(with_plan_id(Api::AnthropicMessages, create.clone(), "p"), create);
        let Body::Json(bytes) = with_plan_id(Api::OpenAiResponses, create, "p").body else { panic!("no JSON") };
        let body: Value = serde_json::from_slice(&bytes).unwrap();
        assert_eq!(body, json!({"input_file_id": "f", "metadata": {"posekit_plan": "p"}}));
    }
}

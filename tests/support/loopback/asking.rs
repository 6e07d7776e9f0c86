//! Conversations with a tool, as `posekit ask` leads them: the model asks for rows by SQL and then words them.
//!
//! A question may say what the model does: each `[sql: ...]` is a query that it makes, `[say: ...]` what it says at last, `[invent]` that it
//! adds a number of its own, 123.4. Without, it looks for the metric whose name has most words of the question among those that the system
//! text names, asks for its rows, and words the first of them; if there is none, it says that the tables cannot answer.

use serde_json::Value;

/// What was said so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Talk {
    /// The user's words.
    pub(crate) question: String,
    /// The system text.
    pub(crate) system: String,
    /// What the tool gave, in order.
    pub(crate) results: Vec<String>,
}

/// What the model does next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Move {
    /// It calls the tool.
    Call(String),
    /// It answers.
    Say(String),
}

/// The conversation of a request, whichever API it came by; none if it has no tools.
pub(crate) fn of(body: &Value) -> Option<Talk> {
    let tools = body.get("tools").and_then(Value::as_array)?;
    if tools.is_empty() {
        return None;
    }
    let mut talk = Talk { question: String::new(), system: String::new(), results: Vec::new() };
    if let Some(text) = body.get("instructions").and_then(Value::as_str) {
        talk.system = text.to_string();
    }
    if let Some(blocks) = body.get("system") {
        talk.system = all_text(blocks);
    }
    let items = body.get("messages").or_else(|| body.get("input")).and_then(Value::as_array)?;
    for item in items {
        match (text(item, "role"), text(item, "type")) {
            ("system", _) => talk.system = all_text(&item["content"]),
            ("tool", _) => talk.results.push(all_text(&item["content"])),
            (_, "function_call_output") => talk.results.push(text(item, "output").to_string()),
            ("user", _) => user(item, &mut talk),
            _ => {}
        }
    }
    Some(talk)
}

/// A user's message: the question, or Anthropic's results of the tool.
fn user(item: &Value, talk: &mut Talk) {
    let blocks = item["content"].as_array();
    let results: Vec<String> = (blocks.into_iter().flatten())
        .filter(|block| text(block, "type") == "tool_result")
        .map(|block| all_text(&block["content"]))
        .collect();
    if results.is_empty() {
        talk.question = all_text(&item["content"]);
    }
    talk.results.extend(results);
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// A text, or the texts of blocks.
fn all_text(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => blocks.iter().map(|block| text(block, "text")).collect(),
        _ => String::new(),
    }
}

/// What the model does next.
pub(crate) fn next(talk: &Talk) -> Move {
    let queries = directives(&talk.question, "[sql:");
    if let Some(query) = queries.get(talk.results.len()) {
        return Move::Call(query.clone());
    }
    if let Some(words) = directives(&talk.question, "[say:").into_iter().next() {
        let invented = if talk.question.contains("[invent]") { " That is 123.4 in all." } else { "" };
        return Move::Say(words + invented);
    }
    let Some(result) = talk.results.last() else {
        return query(talk)
            .map_or_else(|| Move::Say("CANNOT: nothing in the tables is about that.".to_string()), Move::Call);
    };
    Move::Say(worded(result))
}

/// The texts after a mark, up to the closing bracket.
fn directives(question: &str, mark: &str) -> Vec<String> {
    let parts = question.split(mark).skip(1);
    parts.filter_map(|part| Some(part.split_once(']')?.0.trim().to_string())).collect()
}

/// A query for the metric that the question is most about.
fn query(talk: &Talk) -> Option<String> {
    let listed = talk.system.split("metrics.metric is one of: ").nth(1)?.split('.').next()?;
    let words: Vec<String> = talk
        .question
        .to_lowercase()
        .split(|c: char| !c.is_alphanumeric())
        .map(|word| word.trim_end_matches('s').to_string())
        .filter(|word| word.len() > 2)
        .collect();
    let score = |metric: &str| {
        let parts: Vec<&str> = metric.split('_').filter(|part| !["2d", "3d", "of"].contains(part)).collect();
        let n_found = parts.iter().filter(|part| words.iter().any(|word| word == part.trim_end_matches('s'))).count();
        // All words of a short name count more than some of a long one.
        if n_found * 2 > parts.len() { (n_found, usize::MAX - parts.len()) } else { (0, 0) }
    };
    let best = listed.split(", ").max_by_key(|metric| (score(metric), std::cmp::Reverse(*metric)))?;
    if score(best).0 == 0 {
        return None;
    }
    let side = ["left", "right"].into_iter().find(|side| words.iter().any(|word| word == side));
    let side = side.map_or_else(String::new, |side| format!(" AND side = '{side}'"));
    let lower = talk.question.to_lowercase();
    let person = lower.split("person ").nth(1).and_then(|rest| rest.chars().next()).filter(char::is_ascii_digit);
    let person = person.map_or_else(String::new, |number| format!(" AND person_id = {number}"));
    Some(format!(
        "SELECT video, person_id, metric, side, value, low, high, unit, time_s FROM metrics WHERE metric = '{best}'{side}{person} ORDER BY ALL LIMIT 20"
    ))
}

/// The first rows in words.
fn worded(result: &str) -> String {
    let rows: Vec<Value> = serde_json::from_str(result.lines().next().unwrap_or_default()).unwrap_or_default();
    if rows.is_empty() {
        return "CANNOT: the query gave no rows.".to_string();
    }
    let sentence = |row: &Value| {
        let cells = row.as_object().into_iter().flatten().map(|(column, value)| {
            let value = value
                .as_f64()
                .map_or_else(|| value.as_str().unwrap_or("none").to_string(), |number| format!("{number:.3}"));
            format!("{column} {value}")
        });
        cells.collect::<Vec<_>>().join(", ")
    };
    let sentences: Vec<String> = rows.iter().take(5).map(sentence).collect();
    format!("By the tables: {}.", sentences.join("; "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn talk(question: &str, results: &[&str]) -> Talk {
        Talk {
            question: question.to_string(),
            system: "metrics.metric is one of: cadence, knee_peak_flexion_2d, step_width.\n".to_string(),
            results: results.iter().map(ToString::to_string).collect(),
        }
    }

    #[test]
    fn the_metric_that_is_asked_for_is_queried_and_its_rows_are_worded() {
        let Move::Call(sql) = next(&talk("Peak flexion of the left knee of person 1?", &[])) else { panic!("no call") };
        assert!(sql.contains("'knee_peak_flexion_2d' AND side = 'left' AND person_id = 1"), "{sql}");
        let said = next(&talk("cadence?", &["[{\"value\":97.62,\"unit\":\"1/min\"}]"]));
        assert_eq!(said, Move::Say("By the tables: unit 1/min, value 97.620.".to_string()));
        assert!(matches!(next(&talk("How heavy is she?", &[])), Move::Say(words) if words.starts_with("CANNOT")));
    }

    #[test]
    fn directives_are_followed() {
        let question = "x [sql: SELECT 1] [sql: SELECT 2] [say: It is 7.]";
        assert_eq!(next(&talk(question, &[])), Move::Call("SELECT 1".to_string()));
        assert_eq!(next(&talk(question, &["a"])), Move::Call("SELECT 2".to_string()));
        assert_eq!(next(&talk(question, &["a", "b"])), Move::Say("It is 7.".to_string()));
        let invented = next(&talk("x [say: It is odd.] [invent]", &[]));
        assert_eq!(invented, Move::Say("It is odd. That is 123.4 in all.".to_string()));
    }

    #[test]
    fn conversations_of_each_provider_are_read() {
        let claude = json!({"tools": [{}], "system": [{"text": "S"}], "messages": [
            {"role": "user", "content": [{"type": "text", "text": "Q"}]},
            {"role": "assistant", "content": [{"type": "tool_use"}]},
            {"role": "user", "content": [{"type": "tool_result", "content": "R"}]}]});
        let responses = json!({"tools": [{}], "instructions": "S", "input": [
            {"role": "user", "content": [{"type": "input_text", "text": "Q"}]}, {"type": "function_call"},
            {"type": "function_call_output", "output": "R"}]});
        let chat = json!({"tools": [{}], "messages": [{"role": "system", "content": "S"}, {"role": "user", "content": "Q"},
            {"role": "assistant", "content": null}, {"role": "tool", "content": "R"}]});
        let expected = Talk { question: "Q".to_string(), system: "S".to_string(), results: vec!["R".to_string()] };
        for body in [claude, responses, chat] {
            assert_eq!(of(&body), Some(expected.clone()));
        }
        assert_eq!(of(&json!({"messages": []})), None);
    }
}

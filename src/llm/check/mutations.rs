//! Tests that each single change of a valid row is found.

use serde_json::json;

use super::tests::{IMAGE, example, text_of};
use super::*;

fn valid(config: Config) -> Value {
    let tool = matches!(config, Config::Tools | Config::OpenAiTools | Config::ShareGpt);
    serde_json::from_str(&text_of(config, &example(7, tool)).unwrap()).unwrap()
}

fn is_found(config: Config, row: &Value) -> bool {
    let mut check = FolderCheck::new();
    check.path(IMAGE);
    check.row(config, "train", 1, &row.to_string());
    check.finish().iter().any(|fault| fault.line == 1)
}

/// Pointers to all values in a row.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    found.push(at.to_owned());
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| places(value, &format!("{at}/{key}"), found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| places(value, &format!("{at}/{index}"), found));
        }
        _ => {}
    }
}

/// Applies a change to each place of a valid row that it changes, in all configs, and gives those not found.
fn missed(change: impl Fn(&str, &Value) -> Vec<Value>) -> (usize, Vec<String>) {
    let (mut tried, mut missed) = (0, Vec::new());
    for config in Config::ALL {
        let row = valid(config);
        assert!(!is_found(config, &row), "{config}");
        let mut found = Vec::new();
        places(&row, "", &mut found);
        for place in found {
            for value in change(&place, row.pointer(&place).unwrap()) {
                let mut changed = row.clone();
                *changed.pointer_mut(&place).unwrap() = value.clone();
                tried += 1;
                if changed != row && !is_found(config, &changed) {
                    missed.push(format!("{config}{place} = {value}"));
                }
            }
        }
    }
    (tried, missed)
}

#[test]
fn another_type() {
    let others = [json!(null), json!(12), json!(true), json!("12"), json!(["12"]), json!({"12": 1})];
    let (tried, missed) = missed(|_, value| {
        let kind = std::mem::discriminant(value);
        others.iter().filter(|other| std::mem::discriminant(*other) != kind).cloned().collect()
    });
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 1500, "{tried}");
}

#[test]
fn a_whole_number_for_a_float() {
    let (tried, missed) = missed(|_, value| if value.is_f64() { vec![json!(1)] } else { Vec::new() });
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 40, "{tried}");
}

#[test]
fn a_key_less() {
    let (tried, missed) = missed(|_, value| {
        let Value::Object(object) = value else { return Vec::new() };
        let without = |key: &String| {
            let mut object = object.clone();
            object.remove(key);
            Value::Object(object)
        };
        object.keys().map(without).collect()
    });
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 200, "{tried}");
}

#[test]
fn a_key_more() {
    let (tried, missed) = missed(|_, value| {
        let Value::Object(object) = value else { return Vec::new() };
        let mut object = object.clone();
        object.insert("more".to_owned(), json!("x"));
        vec![Value::Object(object)]
    });
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 60, "{tried}");
}

#[test]
fn an_empty_text() {
    let (tried, missed) = missed(|place, value| {
        let may_be_empty = ["/sport", "/input", "/system"].contains(&place) || place.ends_with("/description");
        if value.as_str().is_some_and(|text| !text.is_empty()) && !may_be_empty { vec![json!("")] } else { Vec::new() }
    });
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 150, "{tried}");
}

#[test]
fn another_word_where_words_are_given() {
    let given = [
        "/id",
        "/difficulty",
        "/language",
        "/role",
        "/from",
        "/type",
        "/tool_call_id",
        "/name",
        "/rejected_reason",
        "/image",
        "/tools",
        "/arguments",
    ];
    let (tried, missed) = missed(|place, value| {
        let named = given.iter().any(|end| place.ends_with(end)) && value.is_string();
        if named { vec![json!("Other"), json!("system"), json!("assistant")] } else { Vec::new() }
    });
    // A tool definition may bear any name, but calls then name another.
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 100, "{tried}");
}

#[test]
fn a_turn_less_or_twice() {
    let lists = ["/messages", "/conversations", "/prompt", "/completion", "/chosen", "/rejected"];
    let (tried, missed) = missed(|place, value| {
        let Some(turns) = value.as_array().filter(|_| lists.contains(&place)) else { return Vec::new() };
        let changed = |index: usize| {
            let (mut less, mut twice) = (turns.clone(), turns.clone());
            less.remove(index);
            twice.insert(index, turns[index].clone());
            // The system text may be left out.
            let optional = turns[index]["role"] == "system";
            if optional { vec![json!(twice)] } else { vec![json!(less), json!(twice)] }
        };
        (0..turns.len()).flat_map(changed).chain([json!([])]).collect()
    });
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 60, "{tried}");
}

#[test]
fn turns_in_another_order() {
    let lists = ["/messages", "/conversations"];
    let (tried, missed) = missed(|place, value| {
        let Some(turns) = value.as_array().filter(|_| lists.contains(&place)) else { return Vec::new() };
        let swapped = |index: usize| {
            let mut turns = turns.clone();
            turns.swap(index, index + 1);
            json!(turns)
        };
        (0..turns.len() - 1).map(swapped).collect()
    });
    assert_eq!(missed, Vec::<String>::new());
    assert!(tried > 15, "{tried}");
}

/// Changes that only one config knows.
#[test]
fn what_only_one_format_forbids() {
    let changes: [(Config, &str, Value); 21] = [
        (Config::Tools, "/messages/1/tool_calls", json!([])),
        (Config::Tools, "/messages/1/name", json!("")),
        (Config::Messages, "/first_time_s", json!(3.0)),
        (Config::Messages, "/athletes/0", json!("")),
        (Config::Messages, "/proofs/0/low", json!(null)),
        (Config::Messages, "/proofs/0/high", json!(0.25)),
        (Config::Messages, "/proofs/1/high", json!(3.0)),
        (Config::Messages, "/messages/2/content", json!(" \n")),
        (Config::Preference, "/rejected/0/content", json!("1.0 m/s.")),
        (Config::Preference, "/rejected/0/role", json!("user")),
        (Config::Alpaca, "/history", json!([["question"]])),
        (Config::Vision, "/messages/1/content", json!([{"type": "text", "text": "How fast?"}])),
        (Config::Vision, "/images/0", json!("images/none.jpg")),
        (Config::Vision, "/messages/1/content/0/text", json!("both")),
        (Config::ShareGpt, "/conversations/1/value", json!(r#"{"name":"query_pose","arguments":"{}"}"#)),
        (Config::ShareGpt, "/tools", json!("[]")),
        (Config::Tools, "/tools", json!("[]")),
        (Config::Tools, "/messages/2/content", json!("beside a call")),
        (Config::Tools, "/messages/3/tool_call_id", json!("call_2")),
        (Config::OpenAiTools, "/messages/2/tool_calls/0/function/arguments", json!(r#"{"query":"SELECT"}"#)),
        (Config::OpenAiTools, "/tools", json!([])),
    ];
    for (config, place, value) in changes {
        let mut row = valid(config);
        *row.pointer_mut(place).unwrap() = value.clone();
        assert!(is_found(config, &row), "{config}{place} = {value}");
    }
}

#[test]
fn openai_takes_weights_of_the_assistant_only() {
    for (turn, weight, fault) in [(2, json!(1), false), (2, json!(0), true), (2, json!(2), true), (1, json!(1), true)] {
        let mut row = valid(Config::OpenAi);
        row["messages"][turn]["weight"] = weight.clone();
        assert_eq!(is_found(Config::OpenAi, &row), fault, "weight {weight} of turn {turn}");
    }
}

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::Value;

use super::alpaca::context_and_question;
use super::*;
use crate::llm::example::Difficulty;
use crate::llm::fact::{Fact, Facts, Proof};

fn fact() -> Fact {
    Fact {
        name: "value".into(),
        value: 1.0,
        low: Some(0.5),
        unit: "m".into(),
        shown: "1.0".into(),
        proof: Proof {
            query: "SELECT \"value\" FROM metrics".into(),
            row_key: "metrics/v/1".into(),
            column: "value".into(),
        },
        ..Fact::default()
    }
}

fn user(text: &str) -> Turn {
    Turn::User { text: text.into() }
}

fn assistant(text: &str) -> Turn {
    Turn::Assistant { text: text.into() }
}

fn example(turns: Vec<Turn>) -> Example {
    Example {
        id: "e00".into(),
        kind: "measurement".into(),
        sport: "walking".into(),
        difficulty: Difficulty::Easy,
        language: "en".into(),
        origin: "template".into(),
        video_id: "v1".into(),
        athletes: vec!["Ada".into()],
        segment_s: [0.0, 2.5],
        turns,
        facts: Facts { facts: vec![Fact::default().into(), fact().into()], comparisons: Vec::new() },
        stated: vec![1],
        ..Example::default()
    }
}

fn plain() -> Example {
    example(vec![Turn::System { text: "Coach.".into() }, user("cadence: fast\n\nHow fast?"), assistant("Fast.")])
}

fn with_tool() -> Example {
    example(vec![
        user("How fast?"),
        Turn::Call { id: "c1".into(), sql: "SELECT \"x\"\nFROM y".into() },
        Turn::Answer { id: "c1".into(), text: "[{\"x\":1.0}]".into() },
        assistant("1.0"),
    ])
}

const TOOLS: &str = r#"[{"type":"function"}]"#;

fn written(config: Config, example: &Example) -> Option<String> {
    let mut out = Vec::new();
    line(config, example, TOOLS, &mut out).then(|| String::from_utf8(out).unwrap())
}

fn parsed(config: Config, example: &Example) -> Value {
    serde_json::from_str(&written(config, example).unwrap()).unwrap()
}

const HEAD: &str = r#"{"id":"e00","kind":"measurement","sport":"walking","difficulty":"easy","language":"en","origin":"template","video_id":"v1","athletes":["Ada"],"first_time_s":0.0,"last_time_s":2.5,"#;
const PROOFS: &str = r#","proofs":[{"shown":"1.0","value":1.0,"low":0.5,"high":null,"unit":"m","query":"SELECT \"value\" FROM metrics","row_key":"metrics/v/1","column":"value"}]}"#;

#[test]
fn messages_hold_role_and_content() {
    let middle = r#""messages":[{"role":"system","content":"Coach."},{"role":"user","content":"cadence: fast\n\nHow fast?"},{"role":"assistant","content":"Fast."}]"#;
    assert_eq!(written(Config::Messages, &plain()).unwrap(), format!("{HEAD}{middle}{PROOFS}\n"));
    assert_eq!(written(Config::OpenAi, &plain()).unwrap(), format!("{{{middle}}}\n"));
}

#[test]
fn tools_have_every_key_and_arguments_as_object() {
    let none = r#""tool_calls":null,"tool_call_id":null,"name":null}"#;
    let messages = [
        format!(r#"{{"role":"user","content":"How fast?",{none}"#),
        r#"{"role":"assistant","content":"","tool_calls":[{"id":"c1","type":"function","function":{"name":"query_pose","arguments":{"sql":"SELECT \"x\"\nFROM y"}}}],"tool_call_id":null,"name":null}"#.to_owned(),
        r#"{"role":"tool","content":"[{\"x\":1.0}]","tool_calls":null,"tool_call_id":"c1","name":"query_pose"}"#.to_owned(),
        format!(r#"{{"role":"assistant","content":"1.0",{none}"#),
    ]
    .join(",");
    let tools = r#""tools":"[{\"type\":\"function\"}]""#;
    assert_eq!(
        written(Config::Tools, &with_tool()).unwrap(),
        format!("{HEAD}\"messages\":[{messages}],{tools}{PROOFS}\n")
    );
}

#[test]
fn openai_tools_have_arguments_as_text_and_no_other_keys() {
    let expected = r#"{"messages":[{"role":"user","content":"How fast?"},{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"query_pose","arguments":"{\"sql\":\"SELECT \\\"x\\\"\\nFROM y\"}"}}]},{"role":"tool","tool_call_id":"c1","content":"[{\"x\":1.0}]"},{"role":"assistant","content":"1.0"}],"tools":[{"type":"function"}],"parallel_tool_calls":false}"#;
    assert_eq!(written(Config::OpenAiTools, &with_tool()).unwrap(), format!("{expected}\n"));
}

#[test]
fn sharegpt_has_calls_and_answers() {
    let row = parsed(Config::ShareGpt, &with_tool());
    let from: Vec<_> =
        row["conversations"].as_array().unwrap().iter().map(|turn| turn["from"].as_str().unwrap()).collect();
    assert_eq!(from, ["human", "function_call", "observation", "gpt"]);
    let call: Value = serde_json::from_str(row["conversations"][1]["value"].as_str().unwrap()).unwrap();
    assert_eq!(call, serde_json::json!({"name": "query_pose", "arguments": {"sql": "SELECT \"x\"\nFROM y"}}));
    assert_eq!(row["tools"], TOOLS);
    let row = parsed(Config::ShareGpt, &plain());
    assert_eq!((&row["system"], &row["tools"]), (&"Coach.".into(), &"[]".into()));
}

#[test]
fn alpaca_takes_the_context_as_input() {
    let row = parsed(Config::Alpaca, &plain());
    assert_eq!(row["instruction"], "How fast?");
    assert_eq!(row["input"], "cadence: fast");
    assert_eq!(row["output"], "Fast.");
    assert_eq!(row["history"], serde_json::json!([]));
    assert_eq!(context_and_question("a\n\nb\n\nc"), ("a\n\nb", "c"));
    assert_eq!(context_and_question("only"), ("", "only"));
    assert_eq!(context_and_question("ends\n\n"), ("", "ends\n\n"));
}

#[test]
fn pairs_split_before_the_last_answer() {
    let mut example = plain();
    let row = parsed(Config::PromptCompletion, &example);
    assert_eq!(row["prompt"].as_array().unwrap().len(), 2);
    assert_eq!(row["completion"], serde_json::json!([{"role": "assistant", "content": "Fast."}]));
    assert_eq!(written(Config::Preference, &example), None);
    example.rejected = "Slow.".into();
    example.rejected_reason = "value".into();
    let row = parsed(Config::Preference, &example);
    assert_eq!(row["chosen"][0]["content"], "Fast.");
    assert_eq!(row["rejected"], serde_json::json!([{"role": "assistant", "content": "Slow."}]));
    example.rejected = "Fast.".into();
    assert_eq!(written(Config::Preference, &example), None);
}

#[test]
fn vision_puts_stills_before_the_first_question() {
    let mut example = plain();
    assert_eq!(written(Config::Vision, &example), None);
    example.images = vec!["images/e00.jpg".into()];
    let row = parsed(Config::Vision, &example);
    assert_eq!(row["messages"][0]["content"], serde_json::json!([{"type": "text", "text": "Coach."}]));
    assert_eq!(row["messages"][1]["content"][0], serde_json::json!({"type": "image", "text": null}));
    assert_eq!(row["images"], serde_json::json!(["images/e00.jpg"]));
    assert_eq!(row["messages"][1]["content"].as_array().unwrap().len(), 2);
}

#[test]
fn a_number_without_value_is_null() {
    let mut example = plain();
    Arc::make_mut(&mut example.facts.facts[1]).value = f64::NAN;
    assert_eq!(parsed(Config::Messages, &example)["proofs"][0]["value"], Value::Null);
}

#[test]
fn a_query_without_a_number_is_a_proof_too() {
    let mut example = plain();
    example.stated.clear();
    example.missing = vec![Proof { query: "SELECT".into(), row_key: "k".into(), column: "value".into() }];
    let expected = serde_json::json!([{
        "shown": "", "value": null, "low": null, "high": null, "unit": "", "query": "SELECT", "row_key": "k", "column": "value",
    }]);
    assert_eq!(parsed(Config::Messages, &example)["proofs"], expected);
}

#[test]
fn proofs_are_those_of_the_example() {
    let mut example = plain();
    example.stated = vec![1, 0, 1];
    let missing = Proof { query: "SELECT".into(), ..Proof::default() };
    example.missing = vec![missing.clone()];
    let found: Vec<_> = proven(&example).map(|(fact, proof)| (fact.map(|fact| fact.value), proof.clone())).collect();
    let (own, empty) = (fact().proof, Proof::default());
    assert_eq!(found, [(Some(1.0), own.clone()), (Some(0.0), empty), (Some(1.0), own), (None, missing)]);
}

#[test]
fn broken_conversations_have_no_shape() {
    let call = |id: &str| Turn::Call { id: id.into(), sql: "SELECT".into() };
    let answer = |id: &str| Turn::Answer { id: id.into(), text: "[]".into() };
    let broken: [Vec<Turn>; 9] = [
        vec![],
        vec![user("a")],
        vec![assistant("a")],
        vec![user("a"), user("b"), assistant("c")],
        vec![user("a"), Turn::System { text: "s".into() }, assistant("c")],
        vec![user(""), assistant("c")],
        vec![user("a"), call("c1"), answer("c2"), assistant("b")],
        vec![user("a"), call("c1"), user("x"), assistant("b")],
        vec![user("a"), call("c1"), answer("c1")],
    ];
    for turns in broken {
        let example = example(turns);
        for config in Config::ALL {
            assert_eq!(written(config, &example), None, "{config}: {:?}", example.turns);
        }
    }
}

#[test]
fn names_read_back() {
    for config in Config::ALL {
        assert_eq!(config.name().parse::<Config>(), Ok(config));
        assert_eq!(serde_json::to_value(config).unwrap(), config.name());
    }
    assert!("chatml".parse::<Config>().unwrap_err().to_string().contains("openai_tools"));
}

/// Whether a value has a type: with all its keys, or with some of them if `loose`.
fn is_of(kind: &Kind, value: &Value, loose: bool) -> bool {
    match (kind, value) {
        (Kind::Text, Value::String(_)) | (Kind::Float, Value::Null) | (Kind::Bool, Value::Bool(_)) => true,
        (Kind::Float, Value::Number(number)) => number.is_f64(),
        (Kind::List(item), Value::Array(items)) => items.iter().all(|value| is_of(item, value, loose)),
        (Kind::Struct(fields), Value::Object(object)) => {
            object.keys().all(|key| fields.iter().any(|field| field.name == key))
                && fields.iter().all(|field| match object.get(field.name) {
                    Some(value) => field.optional && value.is_null() || is_of(&field.kind, value, loose),
                    None => loose,
                })
        }
        _ => false,
    }
}

#[test]
fn declared_types_are_those_of_the_rows() {
    let mut example = plain();
    example.rejected = "Slow.".into();
    example.rejected_reason = "value".into();
    example.images = vec!["images/e00.jpg".into()];
    let relations = [("metrics".to_owned(), "numbers".to_owned())];
    for config in Config::ALL {
        let example = if matches!(config, Config::Tools | Config::OpenAiTools) { with_tool() } else { example.clone() };
        let mut out = Vec::new();
        assert!(line(config, &example, &tools_text(&relations), &mut out));
        let row: Value = serde_json::from_slice(&out).unwrap();
        assert!(is_of(&Kind::Struct(features(config)), &row, config == Config::OpenAiTools), "{config}: {row}");
    }
}

/// Keys of a line's outer object, in their written order.
fn keys(line: &str) -> Vec<String> {
    let (mut keys, mut depth, mut inside, mut start, mut escaped) = (Vec::new(), 0, false, 0, false);
    for (at, letter) in line.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' if inside => {
                inside = false;
                if depth == 1 && line[at + 1..].starts_with(':') {
                    keys.push(line[start..at].to_owned());
                }
            }
            '"' => (inside, start) = (true, at + 1),
            '{' | '[' if !inside => depth += 1,
            '}' | ']' if !inside => depth -= 1,
            _ => {}
        }
    }
    keys
}

proptest! {
    #[test]
    fn every_shape_has_its_columns_whatever_the_text(
        texts in prop::collection::vec("\\PC+", 4..7), noise in any::<String>(), tool in any::<bool>(), number in any::<f64>(),
    ) {
        let mut turns = vec![Turn::System { text: texts[0].clone() }, user(&texts[1])];
        if tool {
            turns.push(Turn::Call { id: "c".into(), sql: texts[3].clone() });
            turns.push(Turn::Answer { id: "c".into(), text: texts[1].clone() });
        }
        turns.push(assistant(&texts[2]));
        let mut example = example(turns);
        Arc::make_mut(&mut example.facts.facts[1]).value = number;
        Arc::make_mut(&mut example.facts.facts[1]).shown = noise.clone();
        example.rejected = format!("{}x", texts[2]);
        example.rejected_reason = noise.clone();
        example.images = vec![noise];
        for config in Config::ALL {
            prop_assert_eq!(exists(config, &example), written(config, &example).is_some());
            let Some(line) = written(config, &example) else { continue };
            prop_assert_eq!(line.matches('\n').count(), 1);
            serde_json::from_str::<Value>(&line).unwrap();
            let declared: Vec<_> = features(config).iter().map(|field| field.name).collect();
            prop_assert_eq!(keys(&line), declared);
        }
    }
}

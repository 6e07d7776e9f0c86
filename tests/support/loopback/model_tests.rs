use super::*;

const PAIR: &str = r#"{"name":"left","quantity":"stride length","shown":"1.45","low":"1.27","high":"1.64","unit":"m","side":"left","joint":null},
    {"name":"right","quantity":"stride length","shown":"1.31","low":"1.20","high":"1.42","unit":"m","side":"right","joint":null}"#;

fn prompt(task: &str, language: &str, facts: &str, verdict: &str) -> String {
    format!(
        "Do it.\n```json\n{{\"task\":\"{task}\",\"language\":\"{language}\",\"persona\":\"coach\",\"question\":\"Q?\",\"answer\":\"A.\",\
         \"facts\":[{facts}],\"comparisons\":[{{\"first\":\"left\",\"second\":\"right\",\"verdict\":\"{verdict}\"}}]}}\n```"
    )
}

fn object(properties: &[&str]) -> Value {
    let each: serde_json::Map<String, Value> =
        properties.iter().map(|name| (name.to_string(), json!({"type": "string"}))).collect();
    json!({"type": "object", "properties": each, "required": properties, "additionalProperties": false})
}

#[test]
fn every_language_states_every_fact() {
    let schema = object(&["question", "answer"]);
    for language in ["en", "de", "fr", "es"] {
        for n in 0..50 {
            let said = reply(&prompt("paraphrase", language, PAIR, "greater"), Some(&schema), &n.to_string(), None);
            let value: Value = serde_json::from_str(&said.text).unwrap();
            let answer = value["answer"].as_str().unwrap();
            assert!(answer.contains("1.45") && answer.contains("1.31"), "{answer}");
            assert_eq!(said.change, None);
        }
    }
    let english = reply(&prompt("paraphrase", "en", PAIR, "greater"), Some(&schema), "1", None).text;
    assert_eq!(english, reply(&prompt("paraphrase", "en", PAIR, "greater"), Some(&schema), "1", None).text);
}

#[test]
fn a_change_differs_in_what_was_changed_only() {
    let schema = object(&["question", "answer"]);
    for (fault, kind) in
        [(Fault::Number, "number"), (Fault::Side, "side"), (Fault::Unit, "unit"), (Fault::Direction, "direction")]
    {
        for n in 0..50 {
            let said = reply(&prompt("paraphrase", "de", PAIR, "less"), Some(&schema), &n.to_string(), Some(fault));
            let change = said.change.unwrap();
            assert_eq!((change.kind, &change.changed), (kind, &said.text));
            assert_ne!(change.original, change.changed);
            let [before, after] =
                [&change.original, &change.changed].map(|text| serde_json::from_str::<Value>(text).unwrap());
            assert_eq!(before["question"], after["question"]);
        }
    }
}

#[test]
fn tasks_have_their_shapes() {
    let turns = json!({"type": "object", "properties": {"turns": {"type": "array", "items": object(&["question", "answer"])}}, "required": ["turns"], "additionalProperties": false});
    let mut wrong = object(&["rejected"]);
    wrong["properties"]["what_is_wrong"] = json!({"enum": ["side", "sign", "joint", "interval", "value"]});
    wrong["required"] = json!(["rejected", "what_is_wrong"]);
    for (task, schema) in [("explanation", object(&["explanation"])), ("dialogue", turns), ("distractor", wrong)] {
        for n in 0..50 {
            let said = reply(&prompt(task, "fr", PAIR, "within_uncertainty"), Some(&schema), &n.to_string(), None);
            let value: Value = serde_json::from_str(&said.text).unwrap();
            assert!(schema::accepts(&schema, &value), "{value}");
            assert!(!said.text.contains("null"), "{value}");
            if task == "distractor" {
                let honest = reply(
                    &prompt(task, "fr", PAIR, "within_uncertainty"),
                    Some(&schema),
                    &n.to_string(),
                    Some(Fault::Hallucinated),
                );
                assert_eq!(honest.change.unwrap().kind, "honest_distractor");
            }
        }
    }
}

#[test]
fn a_prompt_without_facts_gets_an_answer_that_fits() {
    let schema = object(&["question", "answer"]);
    for user in
        ["Say something.", "```json\n{\"task\":\"paraphrase\",\"language\":\"es\"}\n```", "```json\nbroken\n```"]
    {
        let value: Value = serde_json::from_str(&reply(user, Some(&schema), "x", Some(Fault::Number)).text).unwrap();
        assert!(schema::accepts(&schema, &value), "{value}");
    }
    let other = object(&["summary"]);
    let value =
        serde_json::from_str(&reply(&prompt("paraphrase", "en", PAIR, "less"), Some(&other), "x", None).text).unwrap();
    assert!(schema::accepts(&other, &value), "{value}");
}

#[test]
fn the_last_block_counts() {
    assert_eq!(last_block("```json\n{\"a\":1}\n```\n text ```json\n{\"b\":2}\n```"), Some(json!({"b": 2})));
    assert_eq!(last_block("nothing"), None);
}

use super::*;

fn schema() -> Value {
    json!({"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"], "additionalProperties": false})
}

fn response_body() -> Value {
    json!({
        "model": "gpt-6-luna", "instructions": "Word the facts.", "input": [{"role": "user", "content": [{"type": "input_text", "text": "Facts."}]}],
        "max_output_tokens": 800, "text": {"format": {"type": "json_schema", "name": "paraphrase", "schema": schema(), "strict": true}}
    })
}

fn chat_body() -> Value {
    json!({
        "model": "gpt-6-luna", "max_completion_tokens": 800,
        "messages": [{"role": "system", "content": "Word the facts."}, {"role": "user", "content": "Facts."}],
        "response_format": {"type": "json_schema", "json_schema": {"name": "paraphrase", "schema": schema(), "strict": true}}
    })
}

#[test]
fn valid_requests_are_read() {
    for ask in [read_response(&response_body()).unwrap(), read_chat(&chat_body()).unwrap()] {
        assert_eq!((ask.user.as_str(), ask.max_tokens), ("Facts.", 800));
        assert_eq!(ask.schema, Some(schema()));
        assert_eq!(ask.prefix.unwrap().text, "Word the facts.");
    }
    assert_eq!(read_response(&json!({"model": "m", "input": "Facts."})).unwrap().user, "Facts.");
    let both = json!({"model": "llama3", "max_tokens": 5, "max_completion_tokens": 5, "messages": [{"role": "user", "content": "x"}]});
    assert_eq!(read_chat(&both).unwrap().max_tokens, 5);
    assert_eq!(
        read_chat(&json!({"model": "llama3", "max_tokens": 5, "messages": [{"role": "user", "content": "x"}]}))
            .unwrap()
            .max_tokens,
        5
    );
}

type Edit = fn(&mut Value);

#[test]
fn what_responses_refuses_is_refused() {
    let edits: [(Edit, &str); 8] = [
        (|b| b["max_tokens"] = json!(5), "Unknown parameter: 'max_tokens'"),
        (|b| b["messages"] = json!([]), "Unknown parameter: 'messages'"),
        (|b| b["max_output_tokens"] = json!(15), ">= 16"),
        (|b| drop(b.as_object_mut().unwrap().remove("input")), "'input'"),
        (|b| b["input"][0]["content"][0]["type"] = json!("text"), "type"),
        (|b| b["text"]["format"]["name"] = json!("two words"), "pattern"),
        (|b| b["text"]["format"]["schema"]["required"] = json!([]), "'required'"),
        (|b| b["text"]["format"]["json_schema"] = json!({}), "text.format.json_schema"),
    ];
    for (edit, part) in edits {
        let mut body = response_body();
        edit(&mut body);
        let error = read_response(&body).unwrap_err();
        assert!(error.message.contains(part), "{}", error.message);
    }
}

#[test]
fn what_chat_refuses_is_refused() {
    let edits: [(Edit, &str); 6] = [
        (|b| b["max_tokens"] = json!(5), "max_completion_tokens"),
        (|b| b["input"] = json!("x"), "Unknown parameter: 'input'"),
        (|b| b["messages"][1]["role"] = json!("human"), "role"),
        (|b| b["response_format"]["schema"] = json!({}), "response_format.schema"),
        (
            |b| b["response_format"]["json_schema"]["schema"]["additionalProperties"] = json!(true),
            "additionalProperties",
        ),
        (|b| b["messages"] = json!([{"role": "system", "content": "only"}]), "user"),
    ];
    for (edit, part) in edits {
        let mut body = chat_body();
        edit(&mut body);
        let error = read_chat(&body).unwrap_err();
        assert!(error.message.contains(part), "{}", error.message);
    }
    let mut free = chat_body();
    free["response_format"]["json_schema"]["strict"] = json!(false);
    free["response_format"]["json_schema"]["schema"]["additionalProperties"] = json!(true);
    assert!(read_chat(&free).is_ok());
}

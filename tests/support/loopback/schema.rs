//! JSON schemas of structured output: what the providers allow, whether a value fits, and a value that fits.

use serde_json::{Map, Value, json};

/// The rules of a provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rules {
    /// Anthropic: objects are closed; limits of numbers, texts and lists are not known.
    Anthropic,
    /// `OpenAI` with `strict`: objects are closed and every property is required.
    OpenAi,
}

const COMMON: [&str; 13] = [
    "type",
    "properties",
    "required",
    "additionalProperties",
    "items",
    "enum",
    "const",
    "description",
    "title",
    "anyOf",
    "$ref",
    "$defs",
    "format",
];
const ONLY_ANTHROPIC: [&str; 4] = ["allOf", "default", "pattern", "minItems"];
const ONLY_OPENAI: [&str; 8] =
    ["pattern", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minItems", "maxItems"];

/// Checks a schema.
///
/// # Errors
/// What the provider does not allow.
pub(crate) fn check(schema: &Value, rules: Rules) -> Result<(), String> {
    if schema.get("type").and_then(Value::as_str) != Some("object") {
        return Err("the schema's root must be an object".to_string());
    }
    check_part(schema, rules, "root")
}

fn check_part(schema: &Value, rules: Rules, at: &str) -> Result<(), String> {
    let object = schema.as_object().ok_or(format!("{at}: a schema is an object"))?;
    let own: &[&str] = if rules == Rules::Anthropic { &ONLY_ANTHROPIC } else { &ONLY_OPENAI };
    if let Some(key) = object.keys().find(|key| !COMMON.contains(&key.as_str()) && !own.contains(&key.as_str())) {
        return Err(format!("{at}: '{key}' is not permitted"));
    }
    if rules == Rules::Anthropic && object.get("minItems").is_some_and(|n| n.as_u64().is_none_or(|n| n > 1)) {
        return Err(format!("{at}: 'minItems' must be 0 or 1"));
    }
    if object.get("type").and_then(Value::as_str) == Some("object") {
        check_object(object, rules, at)?;
    }
    for key in ["properties", "$defs"] {
        for (name, part) in object.get(key).and_then(Value::as_object).into_iter().flatten() {
            check_part(part, rules, &format!("{at}.{name}"))?;
        }
    }
    if let Some(items) = object.get("items") {
        check_part(items, rules, &format!("{at}.items"))?;
    }
    for key in ["anyOf", "allOf"] {
        for part in object.get(key).and_then(Value::as_array).into_iter().flatten() {
            check_part(part, rules, &format!("{at}.{key}"))?;
        }
    }
    Ok(())
}

fn check_object(object: &Map<String, Value>, rules: Rules, at: &str) -> Result<(), String> {
    if object.get("additionalProperties") != Some(&json!(false)) {
        return Err(format!("{at}: 'additionalProperties' is required to be supplied and to be false"));
    }
    let properties =
        object.get("properties").and_then(Value::as_object).ok_or(format!("{at}: 'properties' is missing"))?;
    let required: Vec<&str> =
        object.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    if let Some(name) = required.iter().find(|name| !properties.contains_key(**name)) {
        return Err(format!("{at}: required property '{name}' is not in 'properties'"));
    }
    match properties.keys().find(|name| rules == Rules::OpenAi && !required.contains(&name.as_str())) {
        Some(name) => Err(format!("{at}: 'required' is required to include every key in properties. Missing '{name}'")),
        None => Ok(()),
    }
}

/// Whether a value fits a schema (of the keywords above, those that synthetic text needs).
pub(crate) fn accepts(schema: &Value, value: &Value) -> bool {
    let list = |key: &str| schema.get(key).and_then(Value::as_array);
    let is_type = match schema.get("type").and_then(Value::as_str) {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("number") => value.is_number(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        _ => true,
    };
    is_type
        && list("enum").is_none_or(|allowed| allowed.contains(value))
        && schema.get("const").is_none_or(|constant| constant == value)
        && list("anyOf").is_none_or(|parts| parts.iter().any(|part| accepts(part, value)))
        && value.as_object().is_none_or(|object| accepts_object(schema, object))
        && match (schema.get("items"), value.as_array()) {
            (Some(items), Some(values)) => values.iter().all(|value| accepts(items, value)),
            _ => true,
        }
}

fn accepts_object(schema: &Value, object: &Map<String, Value>) -> bool {
    let part = |name: &str| schema.get("properties").and_then(|parts| parts.get(name));
    let required = schema.get("required").and_then(Value::as_array);
    let is_closed = schema.get("additionalProperties") == Some(&json!(false));
    required.into_iter().flatten().filter_map(Value::as_str).all(|name| object.contains_key(name))
        && object.iter().all(|(name, value)| part(name).map_or(!is_closed, |part| accepts(part, value)))
}

/// A value that fits a schema.
pub(crate) fn instance(schema: &Value) -> Value {
    if let Some(first) =
        schema.get("enum").or(schema.get("anyOf")).and_then(Value::as_array).and_then(|list| list.first())
    {
        return if schema.get("enum").is_some() { first.clone() } else { instance(first) };
    }
    if let Some(constant) = schema.get("const") {
        return constant.clone();
    }
    match schema.get("type").and_then(Value::as_str) {
        Some("object") => {
            let parts = schema.get("properties").and_then(Value::as_object);
            Value::Object(parts.into_iter().flatten().map(|(name, part)| (name.clone(), instance(part))).collect())
        }
        Some("array") => schema.get("items").map_or(json!([]), |items| json!([instance(items)])),
        Some("number" | "integer") => json!(0),
        Some("boolean") => json!(false),
        Some("null") => Value::Null,
        _ => json!("The data show a steady movement."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Value {
        json!({"type": "object", "additionalProperties": false, "required": ["turns", "kind"], "properties": {
            "kind": {"type": "string", "enum": ["side", "sign"]},
            "turns": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["q"],
                "properties": {"q": {"type": "string"}}}}}})
    }

    #[test]
    fn providers_rules_are_kept() {
        for rules in [Rules::Anthropic, Rules::OpenAi] {
            assert_eq!(check(&sample(), rules), Ok(()));
            let mut open = sample();
            open["properties"]["turns"]["items"]["additionalProperties"] = json!(true);
            assert!(check(&open, rules).unwrap_err().contains("root.turns.items: 'additionalProperties'"));
            let mut odd = sample();
            odd["properties"]["kind"]["minLength"] = json!(1);
            assert!(check(&odd, rules).unwrap_err().contains("minLength"));
            assert!(check(&json!({"type": "array"}), rules).is_err());
        }
        let mut optional = sample();
        optional["required"] = json!(["turns"]);
        assert_eq!(check(&optional, Rules::Anthropic), Ok(()));
        assert!(check(&optional, Rules::OpenAi).unwrap_err().contains("'kind'"));
        let mut limited = sample();
        limited["properties"]["turns"]["maxItems"] = json!(3);
        assert_eq!(check(&limited, Rules::OpenAi), Ok(()));
        assert!(check(&limited, Rules::Anthropic).is_err());
    }

    #[test]
    fn an_instance_fits_and_a_broken_one_does_not() {
        let mut value = instance(&sample());
        assert!(accepts(&sample(), &value));
        value["more"] = json!(1);
        assert!(!accepts(&sample(), &value));
        assert!(!accepts(&sample(), &json!({"turns": []})));
        assert!(!accepts(&sample(), &json!({"turns": [], "kind": "other"})));
    }
}

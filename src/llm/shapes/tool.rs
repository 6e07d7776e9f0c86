//! The tool that tool-use conversations call.

use std::fmt::Write;

use serde_json::{Value, json};

/// Name of the tool.
pub(crate) const TOOL: &str = "query_pose";

/// Definition of `query_pose` in OpenAI's function format. `relations` are the names that its SQL may read, each with a
/// description.
#[must_use]
pub(crate) fn tool(relations: &[(String, String)]) -> Value {
    let mut description = String::from(
        "Runs one SQL SELECT (DuckDB dialect) over the pose tables and gives the rows as a JSON array of objects. Relations:",
    );
    for (name, what) in relations {
        // Writing to a string cannot fail.
        let _ = write!(description, "\n{name}: {what}");
    }
    json!({
        "type": "function",
        "function": {
            "name": TOOL,
            "description": description,
            "parameters": {
                "type": "object",
                "properties": {"sql": {"type": "string", "description": "One SELECT statement."}},
                "required": ["sql"],
                "additionalProperties": false,
            },
        },
    })
}

/// The tool list as compact JSON, for [`line`](fn@super::line).
#[must_use]
pub(crate) fn tools_text(relations: &[(String, String)]) -> String {
    Value::Array(vec![tool(relations)]).to_string()
}

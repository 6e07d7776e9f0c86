//! A conversation with a model that may query the tables a few times. Pure: the caller runs the SQL.

use std::fmt::Write;

use serde_json::{Value, json};

use super::answer::{Answer, Kind, Query, moments};
use super::assistant::{Assistant, AssistantError, Reply, Tool, Turn};
use super::known::Known;
use super::table::Table;
use super::unproven::marked;
use crate::llm::shapes;

/// Maximum number of queries by a model, including failed ones.
const MAX_QUERIES: usize = 5;
/// Maximum number of failed queries.
const MAX_WRONG: usize = 3;
/// Maximum number of rows per query that the model receives.
const MAX_ROWS_SEEN: usize = 60;
/// Beginning of a reply if the tables cannot answer.
const CANNOT: &str = "CANNOT:";

/// The description of the tables for the model.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Schema {
    /// Views: name, description, and columns.
    pub(crate) relations: Vec<(String, String, Vec<String>)>,
}

/// The tool with which a model queries the tables.
#[must_use]
pub(crate) fn tool(schema: &Schema) -> Tool {
    let relations: Vec<(String, String)> =
        schema.relations.iter().map(|(name, what, _)| (name.clone(), what.clone())).collect();
    let definition = shapes::tool(&relations);
    let text = |key: &str| definition["function"][key].as_str().unwrap_or_default().to_owned();
    Tool {
        name: text("name"),
        description: text("description"),
        parameters: definition["function"]["parameters"].clone(),
    }
}

/// The system text for a model.
#[must_use]
pub(crate) fn system(schema: &Schema, known: &Known) -> String {
    let mut text = format!(
        "You answer a coach's questions about how athletes move, from tables of poses and measurements made from video. Ask the tables with the \
         tool {}: one DuckDB SELECT at a time, at most {MAX_QUERIES} in all. Let SQL compute every difference, mean, range and count: state no number that \
         is not in the rows of your last queries. Round as the interval allows (low and high bound a value at 95 %), and call a difference one \
         only if it is beyond the intervals. Select the columns video, person_id and time_s (or first_time_s and last_time_s) too, so that the \
         answer can be shown in the video. Answer in one to three plain sentences. If the tables cannot answer, begin with \"{CANNOT}\" and say \
         what is missing.\n\nRelations and their columns:\n",
        shapes::TOOL
    );
    for (name, what, columns) in &schema.relations {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{name} ({what}): {}", columns.join(", "));
    }
    let _ = write!(text, "\nWho is there: {}.", known.everybody());
    let metrics: Vec<&str> = known.metrics.iter().map(|metric| metric.metric.as_str()).collect();
    let kinds: Vec<&str> = known.events.iter().map(|event| event.kind.as_str()).collect();
    let _ = write!(
        text,
        "\nmetrics.metric is one of: {}.\nevents.kind is one of: {}.",
        metrics.join(", "),
        kinds.join(", ")
    );
    text
}

/// Lets a model answer. `run` runs a query and returns its rows or its error.
///
/// # Errors
/// The model gave no reply.
pub(crate) fn talk(
    assistant: &mut dyn Assistant,
    question: &str,
    schema: &Schema,
    known: &Known,
    run: &mut dyn FnMut(&str) -> Result<Table, String>,
) -> Result<Answer, AssistantError> {
    let (system, tool) = (system(schema, known), tool(schema));
    let mut turns = vec![Turn::User(question.to_owned())];
    let mut queries: Vec<Query> = Vec::new();
    let text = loop {
        match assistant.next(&system, &tool, &turns)? {
            Reply::Text(text) => break text,
            Reply::Call { id, sql } => {
                let n_wrong = queries.iter().filter(|query| query.error.is_some()).count();
                if queries.len() >= MAX_QUERIES || n_wrong >= MAX_WRONG {
                    break format!("{CANNOT} the model found no answer within {} queries.", queries.len());
                }
                let query = match run(&sql) {
                    Ok(table) => Query { sql: sql.clone(), table, error: None },
                    Err(error) => Query { sql: sql.clone(), table: Table::default(), error: Some(error) },
                };
                turns.push(Turn::Call { id: id.clone(), sql });
                turns.push(Turn::Result { id, text: seen(&query), is_error: query.error.is_some() });
                queries.push(query);
            }
        }
    };
    Ok(answer(assistant, question, &text, queries, known))
}

/// The rows of a query as the model receives them: a JSON array of objects, or an error.
fn seen(query: &Query) -> String {
    if let Some(error) = &query.error {
        return json!({ "error": error }).to_string();
    }
    let object =
        |row: &Vec<Value>| Value::Object(query.table.columns.iter().cloned().zip(row.iter().cloned()).collect());
    let rows: Vec<Value> = query.table.rows.iter().take(MAX_ROWS_SEEN).map(object).collect();
    let is_cut = query.table.is_cut || query.table.rows.len() > MAX_ROWS_SEEN;
    let note = if is_cut { "\n(more rows are not shown)" } else { "" };
    format!("{}{note}", Value::Array(rows))
}

fn answer(assistant: &dyn Assistant, question: &str, text: &str, queries: Vec<Query>, known: &Known) -> Answer {
    let tables: Vec<&Table> = queries.iter().filter(|query| query.error.is_none()).map(|query| &query.table).collect();
    let has_rows = tables.iter().any(|table| !table.rows.is_empty());
    let refusal = text.trim().strip_prefix(CANNOT).map(str::trim);
    let words = match refusal {
        Some(words) => words.to_owned(),
        None if has_rows => text.trim().to_owned(),
        None => format!("the model's text is not based on any rows of the tables: {}", text.trim()),
    };
    let (words, unproven) = marked(&words, &tables, question, known);
    // The answer is based on the last query with rows; earlier queries led to it.
    let moments = tables.iter().rev().find(|table| !table.rows.is_empty()).map(|table| moments(&[table], known));
    let is_answer = refusal.is_none() && has_rows;
    Answer {
        kind: if is_answer { Kind::Answered } else { Kind::Refused },
        model: Some(assistant.name().to_owned()),
        unproven,
        moments: moments.filter(|_| is_answer).unwrap_or_default(),
        cost_usd: assistant.cost_usd(),
        queries,
        ..Answer::refused(question, words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A model that gives scripted replies in turn and records what it receives.
    struct Scripted(Vec<Reply>, Vec<Turn>);

    impl Assistant for Scripted {
        fn name(&self) -> &'static str {
            "scripted"
        }

        fn next(&mut self, _: &str, _: &Tool, turns: &[Turn]) -> Result<Reply, AssistantError> {
            self.1 = turns.to_vec();
            if self.0.is_empty() {
                Err(AssistantError::NoAnswer("nothing left".to_owned()))
            } else {
                Ok(self.0.remove(0))
            }
        }
    }

    fn call(sql: &str) -> Reply {
        Reply::Call { id: format!("call {sql}"), sql: sql.to_owned() }
    }

    fn talked(replies: Vec<Reply>) -> (Answer, Vec<Turn>) {
        let mut assistant = Scripted(replies, Vec::new());
        let mut run = |sql: &str| match sql {
            "good" => Ok(Table { columns: vec!["value".to_owned()], rows: vec![vec![json!(41.25)]], is_cut: false }),
            "empty" => Ok(Table::default()),
            _ => Err("Parser Error".to_owned()),
        };
        let answer = talk(&mut assistant, "How much?", &Schema::default(), &Known::default(), &mut run).unwrap();
        (answer, assistant.1)
    }

    #[test]
    fn a_wrong_query_is_given_back_and_the_answer_is_compared_with_the_rows() {
        let (answer, turns) = talked(vec![call("bad"), call("good"), Reply::Text("It is 41.3, or 17.".to_owned())]);
        assert_eq!((answer.kind, answer.queries.len()), (Kind::Answered, 2));
        assert_eq!(answer.unproven, ["17"]);
        assert!(matches!(&turns[2], Turn::Result { text, is_error: true, .. } if text.contains("Parser Error")));
        assert!(matches!(&turns[4], Turn::Result { text, is_error: false, .. } if text == "[{\"value\":41.25}]"));
    }

    #[test]
    fn what_rests_on_no_rows_is_refused() {
        assert_eq!(talked(vec![Reply::Text("It is 3.".to_owned())]).0.kind, Kind::Refused);
        assert_eq!(talked(vec![call("empty"), Reply::Text("It is 3.".to_owned())]).0.kind, Kind::Refused);
        let (answer, _) = talked(vec![call("good"), Reply::Text("CANNOT: no force is measured.".to_owned())]);
        assert_eq!((answer.kind, answer.text.as_str()), (Kind::Refused, "no force is measured."));
    }

    #[test]
    fn a_model_that_only_errs_is_stopped() {
        let (answer, turns) = talked(vec![call("a"), call("b"), call("c"), call("d"), Reply::Text("x".to_owned())]);
        assert_eq!((answer.kind, answer.queries.len(), turns.len()), (Kind::Refused, 3, 7));
    }
}

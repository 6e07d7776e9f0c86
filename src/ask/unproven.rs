//! Finds numbers in a text that are in no row. Pure.

use serde_json::Value;

use super::known::Known;
use super::table::Table;
use crate::llm::verify::{Language, NumberMention, Unit, numbers};

/// Mark after a number that is in no row.
const MARK: &str = " [not in the rows]";

/// Marks each number in a text that is neither in the rows nor in the question. Returns the text and these numbers. A
/// number is in the rows if some value rounds to it, whatever its sign; a share may be given as percent.
#[must_use]
pub(crate) fn marked(text: &str, tables: &[&Table], question: &str, known: &Known) -> (String, Vec<String>) {
    let clips = known.clips.iter().map(|clip| clip.name.as_str());
    let people: Vec<String> = known.people.iter().map(super::known::Person::called).collect();
    let names: Vec<&str> = clips.chain(people.iter().map(String::as_str)).collect();
    let mut values: Vec<f64> = tables.iter().flat_map(|table| &table.rows).flatten().flat_map(in_value).collect();
    values.extend(numbers(question, Language::En, &names).iter().map(|mention| mention.value));
    let mut out = String::with_capacity(text.len());
    let (mut end, mut unproven) = (0, Vec::new());
    for mention in numbers(text, Language::En, &names) {
        if mention.is_level || values.iter().any(|value| is_rounded_to(*value, &mention)) {
            continue;
        }
        out.push_str(&text[end..mention.end]);
        out.push_str(MARK);
        end = mention.end;
        unproven.push(mention.text.clone());
    }
    out.push_str(&text[end..]);
    (out, unproven)
}

/// The numbers in a value, including those in a text.
fn in_value(value: &Value) -> Vec<f64> {
    match value {
        Value::Number(number) => number.as_f64().into_iter().collect(),
        Value::String(text) => numbers(text, Language::En, &[]).iter().map(|mention| mention.value).collect(),
        Value::Array(list) => list.iter().flat_map(in_value).collect(),
        Value::Object(object) => object.values().flat_map(in_value).collect(),
        Value::Null | Value::Bool(_) => Vec::new(),
    }
}

fn is_rounded_to(value: f64, mention: &NumberMention) -> bool {
    let half_unit = 0.5 * 10_f64.powi(-(mention.decimals.min(12) as i32)) * (1.0 + 1e-9);
    let is_near = |value: f64| (value.abs() - mention.value.abs()).abs() <= half_unit;
    is_near(value) || mention.unit == Some(Unit::Percent) && is_near(100.0 * value)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn table() -> Table {
        let rows = vec![vec![json!(97.62), json!(-0.125), json!("of 12 strides")]];
        Table { columns: ["a", "b", "c"].map(str::to_owned).to_vec(), rows, is_cut: false }
    }

    fn unproven(text: &str) -> Vec<String> {
        marked(text, &[&table()], "In 2 clips?", &Known::default()).1
    }

    #[test]
    fn rounded_numbers_are_in_the_rows() {
        assert!(
            unproven("It is 97.6, or 98; minus 0.13 (12.5 %), over 12 strides of 2 clips, 95 % interval.").is_empty()
        );
        assert_eq!(unproven("It is 97.7 and 5 more."), ["97.7", "5"]);
    }

    #[test]
    fn others_are_marked_where_they_stand() {
        let (text, _) = marked("It is 97.6 and 41.2 deg.", &[&table()], "", &Known::default());
        assert_eq!(text, "It is 97.6 and 41.2 [not in the rows] deg.");
    }
}

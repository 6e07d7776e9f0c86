//! The rows of a query in the form that templates use. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::known::{Known, called};
use crate::llm::fact::Side;
use crate::llm::row::{Cell, Number, RawFact, Row};
use crate::llm::template::Words;

/// The first rows of a query's result.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Table {
    /// Names of the columns.
    pub(crate) columns: Vec<String>,
    /// The rows; each has one value per column.
    pub(crate) rows: Vec<Vec<Value>>,
    /// Whether there are more rows.
    pub(crate) is_cut: bool,
}

/// A row as a map from column names to values.
pub(super) struct Record<'a>(BTreeMap<&'a str, &'a Value>);

impl Table {
    pub(super) fn records(&self) -> impl Iterator<Item = Record<'_>> {
        self.rows.iter().map(|row| Record(self.columns.iter().map(String::as_str).zip(row).collect()))
    }
}

impl Record<'_> {
    pub(super) fn text(&self, column: &str) -> Option<&str> {
        self.0.get(column)?.as_str()
    }

    pub(super) fn number(&self, column: &str) -> Option<f64> {
        self.0.get(column)?.as_f64()
    }

    /// The unit of a column: from the suffix of its name, or from the row's own unit.
    fn unit(&self, column: &str) -> String {
        const ENDS: [(&str, &str); 5] = [("_s", "s"), ("_deg", "deg"), ("_m", "m"), ("_pct", "1"), ("_px", "px")];
        const COUNTS: [&str; 11] = [
            "number",
            "repetition",
            "step",
            "attempt",
            "person_id",
            "other_person_id",
            "frame_idx",
            "fps",
            "width",
            "height",
            "rank",
        ];
        let by_name = ENDS.into_iter().find(|(end, _)| column.ends_with(end)).map(|(_, unit)| unit);
        if let Some(unit) = by_name {
            return unit.to_owned();
        }
        if column.starts_with("n_") || COUNTS.contains(&column) {
            return "1".to_owned();
        }
        self.text("unit").unwrap_or("1").to_owned()
    }

    /// The interval of a column: `low` and `high` for `value`, `low_left` for `value_left`, `low_rise_m` for `rise_m`.
    fn interval(&self, column: &str) -> Option<(f64, f64)> {
        let end = column.strip_prefix("value").map_or_else(|| format!("_{column}"), str::to_owned);
        let ends = self.number(&format!("low{end}")).zip(self.number(&format!("high{end}")));
        // Counts have no interval.
        ends.filter(|(low, high)| low < high)
    }

    fn side(&self, column: &str) -> Side {
        match (column, self.text("side")) {
            ("value_left", _) | (_, Some("left")) => Side::Left,
            ("value_right", _) | (_, Some("right")) => Side::Right,
            (_, Some("both")) => Side::Both,
            _ => Side::None,
        }
    }

    fn cell(&self, column: &str, value: &Value, known: &Known) -> Cell {
        match value {
            Value::Null => Cell::Null,
            Value::Bool(truth) => Cell::Truth(*truth),
            Value::Number(_) => {
                let interval = self.interval(column);
                let metric = self.text("metric").map(|metric| known.metric_words(metric));
                let raw = RawFact {
                    value: value.as_f64(),
                    low: interval.map(|(low, _)| low),
                    high: interval.map(|(_, high)| high),
                    unit: self.unit(column),
                    side: self.side(column),
                    quantity: metric.unwrap_or_else(|| column.replace('_', " ")),
                    column: column.to_owned(),
                    ..RawFact::default()
                };
                Number::new(column, &raw).map_or(Cell::Null, |number| Cell::Fact(Arc::new(number)))
            }
            Value::String(text) => Cell::Text(text.clone()),
            other => Cell::Text(other.to_string()),
        }
    }

    /// Words for templates in addition to the columns.
    fn words(&self, known: &Known) -> Vec<(&'static str, String)> {
        let mut words = Vec::new();
        if let Some(metric) = self.text("metric") {
            let metric = known.metric_words(metric);
            let side = self.text("side").filter(|side| ["left", "right"].contains(side));
            words.push(("phrase", side.map_or_else(|| metric.clone(), |side| format!("{side} {metric}"))));
            words.push(("words", metric));
        }
        if let Some(kind) = self.text("kind") {
            let event = known.events.iter().find(|event| event.kind == kind);
            let bare = kind.replace('_', " ");
            words.push(("event_words", event.map_or_else(|| bare.clone(), |event| event.words.clone())));
            words.push(("event_plural", event.map_or_else(|| format!("{bare}s"), |event| event.plural.clone())));
        }
        let spelled = [("signal", "signal_words"), ("phase", "phase_words"), ("check_name", "check_words")];
        for (column, name) in spelled {
            if let Some(text) = self.text(column) {
                words.push((name, text.replace("_2d", "").replace("_3d", "").replace('_', " ")));
            }
        }
        if let Some(metrics) = self.text("metrics") {
            words.push(("metrics_words", listed(metrics, known)));
        }
        words.push(("note_words", self.text("note").and_then(note_words).unwrap_or_default().to_owned()));
        words
    }

    /// The athlete and the clip, for the template.
    pub(super) fn names(&self) -> Words {
        let who =
            |id: &str, name: &str| self.number(id).map(|id| called(id as i64, self.text(name))).unwrap_or_default();
        let text = |column: &str| self.text(column).unwrap_or_default().to_owned();
        Words {
            athlete: who("person_id", "name"),
            clip: text("video"),
            other_athlete: who("other_person_id", "other_name"),
            other_clip: text("other_video"),
            ..Words::default()
        }
    }

    /// The row for a template.
    pub(super) fn row(&self, known: &Known) -> Row {
        // Interval columns and units belong to their number, and would hide the functions of templates.
        let is_part = |column: &str| column == "unit" || column.starts_with("low") || column.starts_with("high");
        let own = self.0.iter().filter(|(column, _)| !is_part(column));
        let mut cells: Vec<(Arc<str>, Cell)> =
            own.map(|(column, value)| (Arc::from(*column), self.cell(column, value, known))).collect();
        cells.extend(self.words(known).into_iter().map(|(name, words)| {
            let cell = if words.is_empty() { Cell::Null } else { Cell::Text(words) };
            (Arc::from(name), cell)
        }));
        // Templates use these names even if the query does not return them.
        for name in ["phrase", "words", "note_words"] {
            if !cells.iter().any(|(known, _)| **known == *name) {
                cells.push((Arc::from(name), Cell::Null));
            }
        }
        Row { row_key: "answer".to_owned(), cells, ..Row::default() }
    }
}

/// The words for metrics; a metric with two views is listed once.
fn listed(metrics: &str, known: &Known) -> String {
    let mut names: Vec<String> = metrics
        .split(", ")
        .map(|metric| known.metric_words(metric).replace(" in the picture plane", "").replace(" in space", ""))
        .collect();
    names.sort();
    names.dedup();
    names.join(", ")
}

/// Returns a note as text after a colon; `None` if it is of no use to a reader of a sentence.
fn note_words(note: &str) -> Option<&str> {
    let is_plain = !note.starts_with("of ") && !note.contains(|c: char| c.is_ascii_digit() || c == '_');
    is_plain.then_some(note)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_have_the_interval_and_unit_of_their_row() {
        let columns = [
            "metric",
            "value_left",
            "low_left",
            "high_left",
            "rise_m",
            "low_rise_m",
            "high_rise_m",
            "number",
            "unit",
            "time_s",
        ];
        let row = vec![
            json!("cadence"),
            json!(97.62),
            json!(95.9),
            json!(99.4),
            json!(0.31),
            json!(0.28),
            json!(0.34),
            json!(3),
            json!("1/min"),
            json!(1.5),
        ];
        let table = Table { columns: columns.map(str::to_owned).to_vec(), rows: vec![row], is_cut: false };
        let row = table.records().next().unwrap().row(&Known::default());
        let fact = |name: &str| match row.cell(name) {
            Some(Cell::Fact(number)) => (number.fact.shown.clone(), number.low.clone(), number.fact.unit.clone()),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(fact("value_left"), ("97.6".to_owned(), Some("95.9".to_owned()), "1/min".to_owned()));
        assert_eq!(fact("rise_m"), ("0.31".to_owned(), Some("0.28".to_owned()), "m".to_owned()));
        assert_eq!(fact("number"), ("3".to_owned(), None, "1".to_owned()));
        assert_eq!(fact("time_s").2, "s");
        assert_eq!(row.cell("words"), Some(&Cell::Text("cadence".to_owned())));
    }

    #[test]
    fn notes_with_numbers_are_left_out() {
        assert_eq!(note_words("of right_shoulder_3d"), None);
        assert_eq!(note_words("seen from the front"), Some("seen from the front"));
    }
}

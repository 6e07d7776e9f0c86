//! Inserts the values of a question into the SQL of a ready question. Pure.

use std::collections::BTreeMap;

use super::known::Known;
use super::ready::Ready;
use super::slots::{Slots, Time, Who};

/// SQL values by the names of parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parameters(BTreeMap<&'static str, String>);

/// Parameters that restrict a question to certain people or sides.
const SCOPE: [&str; 6] = ["person_id", "name", "other_person_id", "other_name", "side", "exercise"];
/// Parameters that restrict a question to certain clips.
const CLIPS: [&str; 2] = ["video_id", "other_video_id"];

impl Parameters {
    /// Collects the values that a question names.
    pub(super) fn of(slots: &Slots, ready: &Ready, known: &Known) -> Self {
        let mut values = BTreeMap::new();
        let list =
            |names: &[String]| format!("[{}]", names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", "));
        values.insert("metrics", list(&metrics(slots, ready, known)));
        values.insert("joints", list(&slots.joints));
        if let [side] = slots.sides[..] {
            values.insert("side", quoted(side));
        }
        let clips = slots.clips.iter().map(|place| &known.clips[*place]);
        for (key, clip) in ["video_id", "other_video_id"].into_iter().zip(clips) {
            values.insert(key, quoted(&clip.video_id));
        }
        let keys = [["person_id", "name"], ["other_person_id", "other_name"]];
        for ([number_key, name_key], who) in keys.into_iter().zip(&slots.people) {
            match who {
                Who::Number(number) => values.insert(number_key, number.to_string()),
                Who::Named(name) => values.insert(name_key, quoted(name)),
            };
        }
        share_scope(&mut values, slots);
        if let Some(event) = slots.events.first() {
            values.insert("kind", quoted(event));
        }
        if let Some(exercise) = &slots.exercise {
            values.insert("exercise", quoted(exercise));
        }
        if let Some(repetition) = slots.repetition {
            values.insert("repetition", repetition.to_string());
        }
        if slots.is_last_repetition {
            values.insert("is_last", "true".to_owned());
        }
        if let Some(place) = slots.place {
            values.insert("place", quoted(place));
        }
        let span = slots.time.map(|time| match time {
            Time::Moment(time_s) => (time_s, time_s),
            Time::Span(from_s, to_s) => (from_s, to_s),
        });
        if let Some((from_s, to_s)) = span {
            values.insert("from_s", from_s.to_string());
            values.insert("to_s", to_s.to_string());
        }
        order(&mut values, slots, ready);
        Self(values)
    }

    /// The same values without the restriction to certain people or sides, and to clips unless the question names them.
    pub(super) fn without_scope(&self, names_clips: bool) -> Self {
        let stays = |key: &str| !SCOPE.contains(&key) && (names_clips || !CLIPS.contains(&key));
        Self(self.0.iter().filter(|(key, _)| stays(key)).map(|(key, value)| (*key, value.clone())).collect())
    }

    /// Describes the requested quantities in words.
    pub(super) fn words(slots: &Slots, ready: &Ready, known: &Known) -> String {
        let has = |parameter: &str| ready.sql.contains(&format!("'{parameter}'"));
        let side = match slots.sides[..] {
            [side] => format!("{side} "),
            _ => String::new(),
        };
        let mut named: Vec<String> = Vec::new();
        for joint in slots.joints.iter().filter(|_| has("metrics") || has("joints")) {
            match slots.ends.first().filter(|_| has("metrics")) {
                Some(end) => named.push(bare(&known.metric_words(&format!("{joint}_{end}")))),
                None => named.push(joint.clone()),
            }
        }
        if has("exercise") {
            named.extend(slots.exercise.clone());
        }
        if let Some(kind) = slots.events.first().filter(|_| has("kind")) {
            let event = known.events.iter().find(|event| event.kind == *kind);
            named.push(event.map_or_else(|| kind.replace('_', " "), |event| event.words.clone()));
        }
        named.extend(slots.metrics.iter().filter(|_| has("metrics")).map(|metric| bare(&known.metric_words(metric))));
        named.dedup();
        format!("{side}{}", named.join(" and "))
    }
}

/// The words for a metric without the name of its view.
fn bare(words: &str) -> String {
    words.trim_end_matches(" in the picture plane").trim_end_matches(" in space").to_owned()
}

/// Fills in missing clips and people of a comparison: two people share the one clip that is named; two clips share the
/// one person.
fn share_scope(values: &mut BTreeMap<&'static str, String>, slots: &Slots) {
    let mut share = |key: &'static str, other: &'static str| {
        if let Some(value) = values.get(key).cloned() {
            values.entry(other).or_insert(value);
        }
    };
    if slots.people.len() == 2 {
        share("video_id", "other_video_id");
    } else if slots.clips.len() == 2 {
        share("person_id", "other_person_id");
        share("name", "other_name");
    }
}

/// Sets the meaning of most and least: for times, the fastest is the least.
fn order(values: &mut BTreeMap<&'static str, String>, slots: &Slots, ready: &Ready) {
    let is_of_attempts = ["best_repetition", "extreme_step"].contains(&ready.name.as_str());
    let mut is_least = false;
    let mut measure = "depth";
    if let Some(order) = slots.order {
        is_least = order.is_least;
        if is_of_attempts && order.is_of_speed {
            is_least = !is_least;
        }
        if order.is_of_time {
            measure = "duration";
        }
    }
    values.insert("is_least", is_least.to_string());
    values.insert("measure", quoted(measure));
}

/// The metrics that a question refers to.
fn metrics(slots: &Slots, ready: &Ready, known: &Known) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for joint in &slots.joints {
        names.extend(slots.ends.iter().map(|end| format!("{joint}_{end}")));
        if slots.ends.is_empty() && slots.metrics.is_empty() && ready.needs.iter().any(|need| need == "metric or joint")
        {
            names.extend(of_joint(joint, known));
        }
    }
    names.extend(slots.metrics.iter().cloned());
    if let Some(dimension) = slots.dimension {
        let is_other = |name: &String| (name.ends_with("_2d") || name.ends_with("_3d")) && !name.ends_with(dimension);
        names.retain(|name| !is_other(name));
    }
    names
}

/// The metrics reported for a joint if nothing else is named: its range, its largest bend, and its angles at key
/// moments of a sport.
fn of_joint(joint: &str, known: &Known) -> Vec<String> {
    let usual = ["range_of_motion_2d", "range_of_motion_3d", "peak_flexion_2d", "peak_flexion_3d"];
    let mut names: Vec<String> = usual.iter().map(|end| format!("{joint}_{end}")).collect();
    let is_own = |metric: &str| {
        metric.split('_').any(|part| part == joint)
            && metric.contains("flexion")
            && !metric.ends_with("_2d")
            && !metric.ends_with("_3d")
    };
    names.extend(known.metrics.iter().map(|metric| metric.metric.clone()).filter(|metric| is_own(metric)));
    names
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// Inserts the values into SQL. Conditions on values that the question does not name are left out, so that the
/// displayed SQL can be read and run.
pub(super) fn fill(sql: &str, parameters: &Parameters) -> String {
    let mut lines: Vec<String> = Vec::new();
    for line in sql.lines() {
        let Some(filled) = filled(line, parameters) else { continue };
        let is_after_true = lines.last().is_some_and(|last| last.trim() == "WHERE true");
        if let Some(condition) = filled.trim_start().strip_prefix("AND ").filter(|_| is_after_true) {
            let indent = filled.len() - filled.trim_start().len();
            lines.pop();
            lines.push(format!("{}WHERE {condition}", " ".repeat(indent.saturating_sub(4))));
            continue;
        }
        if is_after_true {
            lines.pop();
        }
        lines.push(filled);
    }
    lines.join("\n")
}

/// Inserts the values into a line; `None` if the line is a condition on a parameter without a value.
fn filled(line: &str, parameters: &Parameters) -> Option<String> {
    const VARIABLE: &str = "getvariable('";
    const DEFAULTED: &str = "coalesce(getvariable('";
    let mut rest = line;
    let mut out = String::with_capacity(line.len());
    while let Some(start) = rest.find(VARIABLE) {
        let name_start = start + VARIABLE.len();
        let name_end = name_start + rest[name_start..].find('\'')?;
        let value = parameters.0.get(&rest[name_start..name_end]);
        let after = name_end + "')".len();
        let is_defaulted = rest[..name_start].ends_with(DEFAULTED);
        let begin = if is_defaulted { name_start - DEFAULTED.len() } else { start };
        let end = if is_defaulted { after + closing(&rest[after..])? } else { after };
        out.push_str(&rest[..begin]);
        match value {
            Some(value) => out.push_str(value),
            None if is_defaulted && line.trim_start().starts_with("AND ") => return None,
            None if is_defaulted => out.push_str(rest[after..end - 1].trim_start_matches(',').trim()),
            None => out.push_str("NULL"),
        }
        rest = &rest[end..];
    }
    out.push_str(rest);
    Some(out)
}

/// The position after the parenthesis that closes the one opened before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1;
    for (place, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(place + 1);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(values: &[(&'static str, &str)]) -> Parameters {
        Parameters(values.iter().map(|(key, value)| (*key, (*value).to_owned())).collect())
    }

    #[test]
    fn conditions_on_what_is_not_said_are_left_out() {
        let sql = "SELECT 1\nWHERE true\n    AND a.x = coalesce(getvariable('video_id'), a.x)\n    AND y = coalesce(getvariable('side'), y)\nORDER BY 1";
        assert_eq!(fill(sql, &with(&[("side", "'left'")])), "SELECT 1\nWHERE y = 'left'\nORDER BY 1");
        assert_eq!(fill(sql, &with(&[])), "SELECT 1\nORDER BY 1");
        let both = fill(sql, &with(&[("side", "'left'"), ("video_id", "'v'")]));
        assert_eq!(both, "SELECT 1\nWHERE a.x = 'v'\n    AND y = 'left'\nORDER BY 1");
    }

    #[test]
    fn other_places_get_their_value_or_what_stands_for_it() {
        let line = "WHERE kind = getvariable('kind') AND side = coalesce(getvariable('side'), 'all')";
        assert_eq!(fill(line, &with(&[("kind", "'contact'")])), "WHERE kind = 'contact' AND side = 'all'");
        assert_eq!(
            fill("QUALIFY NOT coalesce(getvariable('is_last'), false) OR n = max(n)", &with(&[])),
            "QUALIFY NOT false OR n = max(n)"
        );
        assert_eq!(
            fill("x BETWEEN getvariable('from_s') - 0.5 AND 1", &with(&[("from_s", "2")])),
            "x BETWEEN 2 - 0.5 AND 1"
        );
    }

    #[test]
    fn quotes_in_names_do_not_end_the_text() {
        assert_eq!(quoted("O'Neil"), "'O''Neil'");
    }
}

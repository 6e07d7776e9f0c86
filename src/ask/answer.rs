//! An answer: its text, the SQL and rows behind it, and the moments in the videos. Pure.

use serde::Serialize;

use super::known::{Clip, Known};
use super::ready::Ready;
use super::table::{Record, Table};
use super::understand::Understood;
use crate::llm::template::{Repeated, TemplateError};

/// Largest number of rows that are put into words.
const MAX_WORDED: usize = 12;
/// Largest number of moments in an answer.
const MAX_MOMENTS: usize = 8;
/// Margin shown before and after a moment, seconds.
const MARGIN_S: f64 = 0.5;

/// A query with its rows, or with its error.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub(crate) struct Query {
    /// The SQL.
    pub(crate) sql: String,
    /// Its first rows.
    pub(crate) table: Table,
    /// The error, if the query failed.
    pub(crate) error: Option<String>,
}

/// A section of a video that shows the answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Moment {
    /// The video's id.
    pub(crate) video_id: String,
    /// Its file's name.
    pub(crate) video: String,
    /// Start, seconds from the first frame.
    pub(crate) start_s: f64,
    /// End, seconds from the first frame.
    pub(crate) end_s: f64,
    /// Link that opens the video at this section in a browser.
    pub(crate) link: String,
}

/// Whether the question was answered or refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    /// The question was answered.
    Answered,
    /// The data cannot answer the question, or the question is not understood.
    Refused,
}

/// An answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(crate) struct Answer {
    /// The question.
    pub(crate) question: String,
    /// Whether the question was answered or refused.
    pub(crate) kind: Kind,
    /// Name of the ready question that was recognized; `None` if a model answered.
    pub(crate) ready: Option<String>,
    /// The model that answered.
    pub(crate) model: Option<String>,
    /// How the question was understood.
    pub(crate) understood: Option<String>,
    /// The text of the answer.
    pub(crate) text: String,
    /// Numbers in the text that are in no row.
    pub(crate) unproven: Vec<String>,
    /// The queries behind the answer.
    pub(crate) queries: Vec<Query>,
    /// The moments in the videos.
    pub(crate) moments: Vec<Moment>,
    /// The closest ready questions; for refusals.
    pub(crate) closest: Vec<String>,
    /// Cost of the model, US dollars.
    pub(crate) cost_usd: Option<f64>,
    /// Whether a model might answer a question that no ready question matches.
    #[serde(skip)]
    pub(crate) may_ask_model: bool,
}

impl Answer {
    /// A refusal.
    #[must_use]
    pub(crate) fn refused(question: &str, text: String) -> Self {
        Self {
            question: question.to_owned(),
            kind: Kind::Refused,
            ready: None,
            model: None,
            understood: None,
            text,
            unproven: Vec::new(),
            queries: Vec::new(),
            moments: Vec::new(),
            closest: Vec::new(),
            cost_usd: None,
            may_ask_model: false,
        }
    }
}

/// Puts the rows of a ready question into words. Returns the text and the question as it was understood. `words`
/// describes the requested quantities.
///
/// # Errors
/// The template does not fit the rows.
pub(crate) fn worded(
    ready: &Ready,
    words: &str,
    table: &Table,
    known: &Known,
) -> Result<(String, String), TemplateError> {
    let (mut lines, mut understood, mut heading) = (Vec::new(), String::new(), String::new());
    for (number, record) in table.records().take(MAX_WORDED).enumerate() {
        let filled = ready.template.fill(&record.row(known), &record.names(), &mut Repeated::default())?;
        if number == 0 {
            understood = filled.user;
            heading = filled.context;
        }
        if !lines.contains(&filled.assistant) {
            lines.push(filled.assistant);
        }
    }
    if !words.is_empty() {
        understood = format!("{understood}: {words}");
    }
    let n_more = table.rows.len().saturating_sub(MAX_WORDED);
    if n_more > 0 || table.is_cut {
        lines.push(if table.is_cut {
            "There are more rows.".to_owned()
        } else {
            format!("The table has {n_more} more.")
        });
    }
    let is_list = lines.len() > 1 || !heading.is_empty();
    let bullets = lines.iter().map(|line| if is_list { format!("- {line}") } else { line.clone() });
    let text: Vec<String> = (!heading.is_empty()).then_some(heading).into_iter().chain(bullets).collect();
    Ok((text.join("\n"), understood))
}

/// Whether any row has a requested value. Rows whose only value is missing mean that it could not be measured.
#[must_use]
pub(crate) fn has_values(table: &Table) -> bool {
    let is_asked = table.columns.iter().any(|column| column == "value");
    !is_asked || table.records().any(|record| record.number("value").is_some())
}

/// The text for a ready question without rows. `elsewhere` holds its rows without the restriction to certain people or
/// sides, and to clips unless the question names them.
#[must_use]
pub(crate) fn nothing(understood: &Understood<'_>, elsewhere: &Table, known: &Known) -> String {
    let named = |clips: &[&Clip]| clips.iter().map(|clip| clip.name.as_str()).collect::<Vec<_>>().join(" and ");
    let empty: Vec<&Clip> = understood.clips.iter().copied().filter(|clip| !known.has_people(clip)).collect();
    if !empty.is_empty() {
        let it = if empty.len() == 1 { "it" } else { "them" };
        return format!("nobody was found in {}, so nothing was measured in {it}.", named(&empty));
    }
    let within = if understood.clips.is_empty() { String::new() } else { format!(" in {}", named(&understood.clips)) };
    let what = if understood.words.is_empty() { understood.ready.what.clone() } else { understood.words.clone() };
    let mut places: Vec<String> = Vec::new();
    for record in elsewhere.records() {
        let names = record.names();
        let place = if names.athlete.is_empty() { names.clip } else { format!("{} in {}", names.athlete, names.clip) };
        let side = record.text("side").filter(|side| ["left", "right"].contains(side));
        let place = side.map_or_else(|| place.clone(), |side| format!("{place} ({side})"));
        if !places.contains(&place) {
            places.push(place);
        }
    }
    let n_more = places.len().saturating_sub(MAX_WORDED);
    places.truncate(MAX_WORDED);
    let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
    if places.is_empty() && !within.is_empty() {
        format!("the tables have no rows for this{within}: {what}.")
    } else if places.is_empty() {
        format!(
            "the tables have no rows for this: {what}. Nobody in the dataset has it; \
             `posekit ask \"What was measured?\"` lists all measurements."
        )
    } else {
        format!(
            "the tables have no rows for this{within}: {what}. The closest rows are those of {}{more}.",
            places.join(", ")
        )
    }
}

/// The moments of rows in the videos, from their columns `video`, and `time_s` or `first_time_s` and `last_time_s`.
#[must_use]
pub(crate) fn moments(tables: &[&Table], known: &Known) -> Vec<Moment> {
    let mut found: Vec<Moment> = Vec::new();
    for record in tables.iter().flat_map(|table| table.records()) {
        for prefix in ["", "other_"] {
            let Some(moment) = moment(&record, prefix, known) else { continue };
            let is_new = |known: &Moment| {
                (&known.video_id, known.start_s, known.end_s) != (&moment.video_id, moment.start_s, moment.end_s)
            };
            if found.len() < MAX_MOMENTS && found.iter().all(is_new) {
                found.push(moment);
            }
        }
    }
    found
}

fn moment(record: &Record<'_>, prefix: &str, known: &Known) -> Option<Moment> {
    let column = |name: &str| format!("{prefix}{name}");
    let by_id = record.text(&column("video_id")).and_then(|id| known.clip(id));
    let clip = by_id.or_else(|| record.text(&column("video")).and_then(|name| known.clip_named(name)))?;
    let time = record.number(&column("time_s"));
    let span = record.number(&column("first_time_s")).zip(record.number(&column("last_time_s")));
    let (start_s, end_s) = time.map(|time_s| (time_s - MARGIN_S, time_s + MARGIN_S)).or(span)?;
    let end_s = if clip.duration_s > 0.0 { end_s.min(clip.duration_s) } else { end_s };
    // Rounded to a hundredth, because people read links, too.
    let rounded = |seconds: f64| (seconds.max(0.0) * 100.0).round() / 100.0;
    let (start_s, end_s) = (rounded(start_s), rounded(end_s));
    let link = format!("file://{}#t={start_s},{end_s}", escaped(&clip.path));
    Some(Moment { video_id: clip.video_id.clone(), video: clip.name.clone(), start_s, end_s, link })
}

/// Escapes a path for a URL.
fn escaped(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-~".contains(&byte);
    path.bytes()
        .map(|byte| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_around_times_and_within_the_clip() {
        let clip = Clip {
            video_id: "v".to_owned(),
            name: "a b.mp4".to_owned(),
            path: "/x/a b.mp4".to_owned(),
            duration_s: 2.0,
            ..Clip::default()
        };
        let known = Known { clips: vec![clip], ..Known::default() };
        let table = Table {
            columns: ["video", "time_s", "first_time_s", "last_time_s"].map(str::to_owned).to_vec(),
            rows: vec![
                vec![json!("a b.mp4"), json!(1.8), json!(0), json!(2)],
                vec![json!("a b.mp4"), json!(null), json!(0.25), json!(1.004)],
                vec![json!("other.mp4"), json!(1), json!(0), json!(1)],
            ],
            is_cut: false,
        };
        let found = moments(&[&table, &table], &known);
        let spans: Vec<(f64, f64)> = found.iter().map(|moment| (moment.start_s, moment.end_s)).collect();
        assert_eq!(spans, [(1.3, 2.0), (0.25, 1.0)]);
        assert_eq!(found[0].link, "file:///x/a%20b.mp4#t=1.3,2");
    }
}

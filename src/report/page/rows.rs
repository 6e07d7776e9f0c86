//! Rows of the pages' tables: numbers and names as text, together with their sort keys.

use serde::Serialize;

use super::data::{Facing, Metric, Person, SideDifference, VideoCard, VideoPage};
use super::escape::href;
use super::findings::{KindRow, merged_kinds};
use super::wording::{between, number, seconds, unit, value_and_interval, words};
use crate::sports::Norm;

/// A metric in a table or on a card.
#[derive(Debug, Serialize)]
pub(super) struct MetricRow {
    person_id: i32,
    person: String,
    label: String,
    side: String,
    value: Option<f64>,
    value_text: String,
    interval_text: String,
    unit: String,
    n: Option<u64>,
    time_s: Option<f64>,
    time_text: String,
    scale: Option<String>,
    note: Option<String>,
    /// Its spread in variants of the video, in words.
    spread_text: Option<String>,
    norm: Option<NormCell>,
    is_headline: bool,
}

/// The published range shown beside a metric.
#[derive(Debug, PartialEq, Serialize)]
struct NormCell {
    range_text: String,
    verdict: &'static str,
    source: String,
}

/// The difference between left and right in a table.
#[derive(Debug, Serialize)]
pub(super) struct SideRow {
    person_id: i32,
    person: String,
    label: String,
    left_text: String,
    right_text: String,
    difference_text: String,
    unit: String,
    verdict: &'static str,
}

/// A person with scale and facing in words.
#[derive(Debug, Serialize)]
pub(super) struct PersonRow {
    person_id: i32,
    label: String,
    span_text: String,
    coverage_text: String,
    facing_text: String,
    scale_text: String,
}

/// A video in the overview's table.
#[derive(Debug, Serialize)]
pub(super) struct CardRow {
    pub(super) slug: String,
    name: String,
    /// The source of the poster: a link, or in a single file the picture itself.
    pub(super) poster: Option<String>,
    duration_s: Option<f64>,
    duration_text: String,
    size_text: String,
    pixels: u64,
    fps: Option<f64>,
    fps_text: String,
    n_people: u32,
    sport: String,
    checks: Vec<KindRow>,
    /// The rank of the video when sorted by findings; worse is higher.
    checks_rank: usize,
    headlines: Vec<MetricRow>,
}

/// Returns the name of a person as pages show it.
pub(super) fn person_label(people: &[Person], person_id: i32) -> String {
    let person = people.iter().find(|person| person.person_id == person_id);
    let name = person.and_then(|person| person.name.clone()).filter(|name| !name.trim().is_empty());
    name.unwrap_or_else(|| format!("Person {person_id}"))
}

/// Returns the metrics of a page: the most important first, then in the order of the data.
pub(super) fn metric_rows(page: &VideoPage) -> Vec<MetricRow> {
    let rank = |metric: &Metric| {
        let headline = page.sport.metrics.iter().position(|name| *name == metric.metric);
        headline.unwrap_or(usize::MAX)
    };
    let mut metrics: Vec<&Metric> = page.metrics.iter().collect();
    metrics.sort_by_key(|metric| rank(metric));
    metrics.into_iter().map(|metric| metric_row(metric, page, rank(metric) != usize::MAX)).collect()
}

fn metric_row(metric: &Metric, page: &VideoPage, is_headline: bool) -> MetricRow {
    let norm = page.sport.norms.iter().find(|norm| norm.metric == metric.metric && norm.unit == metric.unit);
    let bare = bare_metric_row(metric);
    MetricRow {
        person: person_label(&page.people, metric.person_id),
        norm: norm.map(|norm| norm_cell(metric, norm)),
        is_headline,
        ..bare
    }
}

/// Returns a metric without the data that only its page has.
fn bare_metric_row(metric: &Metric) -> MetricRow {
    let (value_text, interval_text) = value_and_interval(metric.value, metric.low, metric.high);
    MetricRow {
        person_id: metric.person_id,
        person: String::new(),
        label: words(&metric.metric),
        side: if metric.side == "none" { String::new() } else { metric.side.clone() },
        value: metric.value.filter(|value| value.is_finite()),
        value_text,
        interval_text,
        unit: unit(&metric.unit),
        n: metric.n,
        time_s: metric.time_s.filter(|time_s| time_s.is_finite()),
        time_text: seconds(metric.time_s),
        scale: metric.scale.clone(),
        note: metric.note.clone(),
        spread_text: spread_text(metric),
        norm: None,
        is_headline: false,
    }
}

/// Returns the spread of a metric over variants of the video: `60.1 to 64.2, in 7 of 8`.
fn spread_text(metric: &Metric) -> Option<String> {
    let (n_variants, n_found) = (metric.n_variants?, metric.n_found?);
    let spread = match (metric.lowest, metric.highest) {
        (Some(lowest), Some(highest)) => between(metric.value, lowest, highest),
        _ => return Some(format!("in none of {n_variants}")),
    };
    Some(format!("{spread}, in {n_found} of {n_variants}"))
}

/// Compares the interval (not the value) with the range, so that uncertainty alone does not make a value unusual.
fn norm_cell(metric: &Metric, norm: &Norm) -> NormCell {
    let low = metric.low.or(metric.value);
    let high = metric.high.or(metric.value);
    let verdict = match (low, high) {
        (Some(low), Some(high)) if low >= norm.low && high <= norm.high => "within",
        (_, Some(high)) if high < norm.low => "below",
        (Some(low), _) if low > norm.high => "above",
        (Some(_), Some(_)) => "interval reaches beyond",
        _ => "not measured",
    };
    let (_, range) = value_and_interval(None, Some(norm.low), Some(norm.high));
    NormCell { range_text: format!("{range} {}", unit(&norm.unit)), verdict, source: norm.source.clone() }
}

/// The verdict on a significant difference.
const DIFFERS: &str = "differs";

/// Returns the differences between left and right, significant ones first.
pub(super) fn side_rows(sides: &[SideDifference], people: &[Person]) -> Vec<SideRow> {
    let mut rows: Vec<SideRow> = sides
        .iter()
        .map(|side| SideRow {
            person_id: side.person_id,
            person: person_label(people, side.person_id),
            label: words(&side.metric),
            left_text: number(Some(side.value_left)),
            right_text: number(Some(side.value_right)),
            difference_text: number(Some(side.difference)),
            unit: unit(&side.unit),
            verdict: match side.verdict.as_str() {
                "differs" => DIFFERS,
                "far_side" => "far side: an estimate",
                _ => "within the uncertainty",
            },
        })
        .collect();
    rows.sort_by_key(|row| row.verdict != DIFFERS);
    rows
}

/// Returns all people, with scale and facing in words.
pub(super) fn person_rows(people: &[Person]) -> Vec<PersonRow> {
    let row = |person: &Person| PersonRow {
        person_id: person.person_id,
        label: person_label(people, person.person_id),
        span_text: format!("{} to {} s", seconds(Some(person.first_time_s)), seconds(Some(person.last_time_s))),
        coverage_text: person.coverage.map_or_else(|| "\u{2013}".to_owned(), |share| format!("{:.0} %", share * 100.0)),
        facing_text: person.facings.iter().map(facing_text).collect::<Vec<_>>().join("; "),
        scale_text: scale_text(person),
    };
    people.iter().map(row).collect()
}

/// Returns caveats about people whose limbs are hidden, because the single camera sees them from the side.
pub(super) fn far_sides(people: &[Person]) -> Vec<String> {
    let sentence = |person: &Person| {
        let which = match person.far_sides.as_slice() {
            [] => return None,
            [one] => format!("{} ({}) is", one.limb, one.far_side),
            [one, other] if one.far_side == other.far_side => {
                format!("{} and {} ({}) are", one.limb, other.limb, one.far_side)
            }
            many => {
                let limbs: Vec<String> = many.iter().map(|one| format!("{} ({})", one.limb, one.far_side)).collect();
                format!("{} are", limbs.join(" and "))
            }
        };
        let who = person_label(people, person.person_id);
        Some(format!("{who} is seen by one camera from the side: the far {which} hidden, and so an estimate."))
    };
    people.iter().filter_map(sentence).collect()
}

fn facing_text(facing: &Facing) -> String {
    let span = format!("{} to {} s", seconds(Some(facing.first_time_s)), seconds(Some(facing.last_time_s)));
    let yaw = facing
        .yaw_deg
        .map_or_else(String::new, |yaw_deg| format!(", turned by {}\u{b0}", number(Some(yaw_deg.round()))));
    format!("{} ({span}{yaw})", facing.facing)
}

fn scale_text(person: &Person) -> String {
    let Some(scale) = person.scale.as_ref().filter(|scale| scale.method != "none") else {
        return "no scale: no meters".to_owned();
    };
    let from = if scale.method == "height" { "from the height given" } else { "from the network's average body" };
    let millimeters = |meters: Option<f64>| meters.map(|meters| meters * 1000.0);
    let (value, interval) = value_and_interval(
        millimeters(scale.meters_per_px),
        millimeters(scale.meters_per_px_low),
        millimeters(scale.meters_per_px_high),
    );
    let height = scale.height_m.map_or_else(String::new, |height_m| format!(", height {height_m:.2} m"));
    format!("{value} mm per pixel ({interval}), {from}{height}")
}

/// Returns the row of a video in the overview; its poster is a link.
pub(super) fn card_row(card: &VideoCard) -> CardRow {
    let checks = merged_kinds(&card.checks);
    CardRow {
        slug: card.slug.clone(),
        name: card.name.clone(),
        poster: card.poster.as_deref().map(href),
        duration_s: card.duration_s,
        duration_text: seconds(card.duration_s),
        size_text: format!("{} \u{d7} {}", card.width_px, card.height_px),
        pixels: u64::from(card.width_px) * u64::from(card.height_px),
        fps: card.fps,
        fps_text: number(card.fps),
        n_people: card.n_people,
        sport: card.sport.clone(),
        checks_rank: checks.iter().map(KindRow::weight).sum(),
        checks,
        headlines: card.headlines.iter().map(bare_metric_row).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::page::data::FarSide;

    #[test]
    fn a_norm_is_compared_with_the_interval() {
        let norm = Norm { low: 155.0, high: 184.0, unit: "1/min".into(), ..Norm::default() };
        let verdict = |value: f64, half: f64| {
            let metric =
                Metric { value: Some(value), low: Some(value - half), high: Some(value + half), ..Metric::default() };
            norm_cell(&metric, &norm).verdict
        };
        assert_eq!(verdict(170.0, 5.0), "within");
        assert_eq!(verdict(180.0, 5.0), "interval reaches beyond");
        assert_eq!(verdict(190.0, 5.0), "above");
        assert_eq!(verdict(140.0, 5.0), "below");
        assert_eq!(norm_cell(&Metric::default(), &norm).verdict, "not measured");
        assert_eq!(norm_cell(&Metric::default(), &norm).range_text, "155 \u{2026} 184 /min");
    }

    #[test]
    fn people_have_their_names() {
        let people = [Person { person_id: 1, name: Some("Ada".into()), ..Person::default() }];
        assert_eq!(person_label(&people, 1), "Ada");
        assert_eq!(person_label(&people, 0), "Person 0");
    }

    #[test]
    fn the_side_away_from_the_camera_is_an_estimate() {
        let person = |person_id, far_sides: &[(&str, &str)]| {
            let far = |(limb, side): &(&str, &str)| FarSide { limb: (*limb).into(), far_side: (*side).into() };
            Person { person_id, far_sides: far_sides.iter().map(far).collect(), ..Person::default() }
        };
        let people = vec![
            person(0, &[]),
            person(1, &[("leg", "left"), ("arm", "left")]),
            person(2, &[("arm", "right")]),
            person(3, &[("leg", "left"), ("arm", "right")]),
        ];
        assert_eq!(
            far_sides(&people),
            [
                "Person 1 is seen by one camera from the side: the far leg and arm (left) are hidden, and so an estimate.",
                "Person 2 is seen by one camera from the side: the far arm (right) is hidden, and so an estimate.",
                "Person 3 is seen by one camera from the side: the far leg (left) and arm (right) are hidden, and so an \
                 estimate.",
            ]
        );
        let side = |metric: &str, verdict: &str| SideDifference {
            metric: metric.to_owned(),
            verdict: verdict.to_owned(),
            ..SideDifference::default()
        };
        let sides = [side("a", "within_uncertainty"), side("b", "far_side"), side("c", "differs")];
        let shown: Vec<(String, &str)> =
            side_rows(&sides, &people).into_iter().map(|row| (row.label, row.verdict)).collect();
        let expected = [("C", DIFFERS), ("A", "within the uncertainty"), ("B", "far side: an estimate")];
        assert_eq!(shown, expected.map(|(label, verdict)| (label.to_owned(), verdict)));
    }

    #[test]
    fn a_spread_says_in_how_many_variants_it_was_found() {
        let metric = Metric { value: Some(62.0), n_variants: Some(8), ..Metric::default() };
        assert_eq!(spread_text(&Metric { n_variants: None, ..metric.clone() }), None);
        let found = Metric { n_found: Some(7), lowest: Some(60.04), highest: Some(64.21), ..metric.clone() };
        assert_eq!(spread_text(&found).as_deref(), Some("60.0 to 64.2, in 7 of 8"));
        assert_eq!(spread_text(&Metric { n_found: Some(0), ..metric }).as_deref(), Some("in none of 8"));
    }

    #[test]
    fn headlines_come_first() {
        let metric = |name: &str| Metric { metric: name.into(), ..Metric::default() };
        let mut page = VideoPage { metrics: vec![metric("a"), metric("b"), metric("c")], ..VideoPage::default() };
        page.sport.metrics = vec!["c".into(), "b".into()];
        let labels: Vec<String> = metric_rows(&page).into_iter().map(|row| row.label).collect();
        assert_eq!(labels, ["C", "B", "A"]);
    }
}

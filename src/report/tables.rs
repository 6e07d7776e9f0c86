//! Reads the pages' data from the tables.

use std::collections::{BTreeSet, HashMap};

use serde::Deserialize;

use super::curves::{read_curves, read_cycles};
use super::method::read_method;
use crate::report::page::data::{CheckKind, Facing, FarSide, Metric, Person, Scale, Sport, VideoCard, VideoPage};
use crate::sports::SportPack;
use crate::store::select::{Engine, records};
use crate::store::{Catalog, StoreError};

const MADE_AT: &str = include_str!("../../sql/report/made_at.sql");
const VIDEOS: &str = include_str!("../../sql/report/videos.sql");
const HEADLINES: &str = include_str!("../../sql/report/headlines.sql");
const PEOPLE: &str = include_str!("../../sql/report/people.sql");
const CHECK_KINDS: &str = include_str!("../../sql/report/check_kinds.sql");
const FAR_SIDES: &str = include_str!("../../sql/report/far_sides.sql");
const FACINGS: &str = include_str!("../../sql/report/facings.sql");
const EVENTS: &str = include_str!("../../sql/report/events.sql");
const REPETITIONS: &str = include_str!("../../sql/report/repetitions.sql");
const PHASES: &str = include_str!("../../sql/report/phases.sql");
const METRICS: &str = include_str!("../../sql/report/metrics.sql");
const SIDES: &str = include_str!("../../sql/report/sides.sql");
const CHECKS: &str = include_str!("../../sql/report/checks.sql");
/// The maximum number of metrics of a video in the overview.
const MAX_HEADLINES: usize = 5;

/// Formats a time, seconds since 1970, as reports show it.
///
/// # Errors
/// The catalog cannot be queried.
pub(crate) fn made_at(catalog: &Catalog, now_s: u64) -> Result<String, StoreError> {
    #[derive(Deserialize)]
    struct Row {
        made_at: String,
    }
    let rows: Vec<Row> = records(catalog, &[("now_s", Some(&now_s.to_string()))], MADE_AT)?;
    Ok(rows.into_iter().next().map(|row| row.made_at).unwrap_or_default())
}

/// The data of a video in the overview.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Summary {
    /// The sport that it was analyzed for.
    pub(super) sport: Option<String>,
    /// The card of the video, without file names.
    pub(super) card: VideoCard,
    /// The measured metrics of its main athlete that the overview may show.
    pub(super) metrics: Vec<Metric>,
}

/// Reads all videos with tables, by their id. `telling` has the names of the metrics that the overview may show.
pub(super) fn read_summaries(
    catalog: &Catalog,
    telling: &BTreeSet<String>,
) -> Result<HashMap<String, Summary>, StoreError> {
    #[derive(Deserialize)]
    struct VideoRow {
        video_id: String,
        name: String,
        duration_s: Option<f64>,
        slow_motion: f64,
        width_px: Option<u32>,
        height_px: Option<u32>,
        fps: Option<f64>,
        n_frames: Option<u64>,
        n_people: u32,
        sport: Option<String>,
    }
    #[derive(Deserialize)]
    struct KindRow {
        video_id: String,
        #[serde(flatten)]
        kind: CheckKind,
    }
    #[derive(Deserialize)]
    struct HeadlineRow {
        video_id: String,
        #[serde(flatten)]
        metric: Metric,
    }
    let mut metrics: HashMap<String, Vec<Metric>> = HashMap::new();
    // All metrics of thousands of videos would take a gigabyte.
    let telling = telling.iter().map(String::as_str).collect::<Vec<_>>().join(",");
    for HeadlineRow { video_id, metric } in records(catalog, &[("metrics", Some(&telling))], HEADLINES)? {
        metrics.entry(video_id).or_default().push(metric);
    }
    let mut kinds: HashMap<String, Vec<CheckKind>> = HashMap::new();
    for KindRow { video_id, kind } in records(catalog, &[], CHECK_KINDS)? {
        kinds.entry(video_id).or_default().push(kind);
    }
    let rows: Vec<VideoRow> = records(catalog, &[], VIDEOS)?;
    let summary = |row: VideoRow| {
        let card = VideoCard {
            name: row.name,
            duration_s: row.duration_s,
            slow_motion: row.slow_motion,
            width_px: row.width_px.unwrap_or_default(),
            height_px: row.height_px.unwrap_or_default(),
            fps: row.fps,
            n_frames: row.n_frames.unwrap_or_default(),
            n_people: row.n_people,
            checks: kinds.remove(&row.video_id).unwrap_or_default(),
            ..VideoCard::default()
        };
        let metrics = metrics.remove(&row.video_id).unwrap_or_default();
        (row.video_id, Summary { sport: row.sport, card, metrics })
    };
    Ok(rows.into_iter().map(summary).collect())
}

/// Returns the texts of a pack's sport. If none of the pack's most important metrics was measured, the list of
/// `generic` is used.
pub(super) fn sport(pack: &SportPack, generic: &SportPack, metrics: &[Metric]) -> Sport {
    let is_measured = |pack: &SportPack| {
        metrics.iter().any(|metric| metric.value.is_some() && pack.draw.metrics.contains(&metric.metric))
    };
    let telling = if is_measured(pack) { pack } else { generic };
    Sport {
        title: pack.title.clone(),
        words: pack.words.report.clone(),
        description: pack.description.clone(),
        angles: pack.draw.angles.clone(),
        metrics: telling.draw.metrics.clone(),
        norms: pack.norms.clone(),
    }
}

/// Returns the most important metrics of the main athlete, in the order of the pack.
pub(super) fn headlines(sport: &Sport, metrics: &[Metric]) -> Vec<Metric> {
    let of_main_athlete = |name: &String| {
        let name = name.clone();
        metrics.iter().filter(move |metric| metric.metric == name && metric.person_id == 0 && metric.value.is_some())
    };
    sport.metrics.iter().flat_map(of_main_athlete).take(MAX_HEADLINES).cloned().collect()
}

/// Reads everything that a video's page shows, except files. The engine has the video's tables; `card` and `sport`
/// become part of the page.
pub(super) fn read_page(
    engine: &impl Engine,
    video_id: &str,
    card: VideoCard,
    sport: Sport,
) -> Result<VideoPage, StoreError> {
    let of_video = [("video_id", Some(video_id))];
    Ok(VideoPage {
        card,
        media: None,
        sport,
        people: read_people(engine, video_id)?,
        curves: read_curves(engine, video_id)?,
        events: records(engine, &of_video, EVENTS)?,
        repetitions: records(engine, &of_video, REPETITIONS)?,
        phases: records(engine, &of_video, PHASES)?,
        metrics: records(engine, &of_video, METRICS)?,
        sides: records(engine, &of_video, SIDES)?,
        checks: records(engine, &of_video, CHECKS)?,
        cycles: read_cycles(engine, video_id)?,
        method: read_method(engine, video_id)?,
        files: Vec::new(),
    })
}

fn read_people(engine: &impl Engine, video_id: &str) -> Result<Vec<Person>, StoreError> {
    #[derive(Deserialize)]
    struct PersonRow {
        person_id: i32,
        name: Option<String>,
        first_time_s: f64,
        last_time_s: f64,
        coverage: Option<f64>,
        method: Option<String>,
        meters_per_px: Option<f64>,
        meters_per_px_low: Option<f64>,
        meters_per_px_high: Option<f64>,
        height_m: Option<f64>,
    }
    #[derive(Deserialize)]
    struct FacingRow {
        person_id: i32,
        #[serde(flatten)]
        facing: Facing,
    }
    #[derive(Deserialize)]
    struct FarSideRow {
        person_id: i32,
        #[serde(flatten)]
        far_side: FarSide,
    }
    let of_video = [("video_id", Some(video_id))];
    let far_sides: Vec<FarSideRow> = records(engine, &of_video, FAR_SIDES)?;
    let facings: Vec<FacingRow> = records(engine, &of_video, FACINGS)?;
    let rows: Vec<PersonRow> = records(engine, &of_video, PEOPLE)?;
    let person = |row: PersonRow| Person {
        person_id: row.person_id,
        name: row.name,
        first_time_s: row.first_time_s,
        last_time_s: row.last_time_s,
        coverage: row.coverage,
        facings: facings.iter().filter(|of| of.person_id == row.person_id).map(|of| of.facing.clone()).collect(),
        far_sides: far_sides.iter().filter(|of| of.person_id == row.person_id).map(|of| of.far_side.clone()).collect(),
        scale: row.method.map(|method| Scale {
            method,
            meters_per_px: row.meters_per_px,
            meters_per_px_low: row.meters_per_px_low,
            meters_per_px_high: row.meters_per_px_high,
            height_m: row.height_m,
        }),
    };
    Ok(rows.into_iter().map(person).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::library::Library;

    fn metric(name: &str, person_id: i32, value: Option<f64>) -> Metric {
        Metric { metric: name.to_owned(), person_id, value, ..Metric::default() }
    }

    #[test]
    fn what_says_most_comes_from_the_sport_where_it_was_measured_else_from_the_generic_one() {
        let library = Library::built_in();
        let [walking, generic] = ["walking", "generic"].map(|name| SportPack::find(&library, name).unwrap());
        let measured =
            [metric("coverage", 0, Some(0.9)), metric("cadence", 0, Some(110.0)), metric("cadence", 1, Some(1.0))];
        let of_walking = sport(&walking, &generic, &measured);
        assert_eq!((of_walking.title, of_walking.metrics), (walking.title.clone(), walking.draw.metrics.clone()));
        let found = headlines(&sport(&walking, &generic, &measured), &measured);
        assert_eq!(found, [metric("cadence", 0, Some(110.0))]);
        let not_measured = [metric("coverage", 0, Some(0.9)), metric("cadence", 0, None)];
        let found = headlines(&sport(&walking, &generic, &not_measured), &not_measured);
        assert_eq!(found, [metric("coverage", 0, Some(0.9))]);
    }
}

//! Writes the pages from templates, which escape every name.
//!
//! A page is written in pieces, because the video of a single file is streamed from its reader to the writer without
//! being held in memory.

use std::io::{self, Read, Write};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context};
use serde::Serialize;

use super::assets;
use super::data::{Overview, VideoPage};
use super::embed::write_data_link;
use super::error::ReportError;
use super::escape::{href, script_json};
use super::findings::{KindRow, check_rows, kind_rows, merged_kinds};
use super::rows::{CardRow, card_row, far_sides, metric_rows, person_label, person_rows, side_rows};
use super::wording::words;

/// Opens a file of the report by its path, for a page that contains everything.
pub(crate) type MediaReader<'a> = dyn Fn(&str) -> io::Result<Box<dyn Read>> + 'a;

const TEMPLATES: [(&str, &str); 6] = [
    ("macros.html", include_str!("templates/macros.html")),
    ("top.html", include_str!("templates/top.html")),
    ("overview.html", include_str!("templates/overview.html")),
    ("video_head.html", include_str!("templates/video_head.html")),
    ("video_tail.html", include_str!("templates/video_tail.html")),
    ("bottom.html", include_str!("templates/bottom.html")),
];

/// The location of a page, which decides the form of its links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// `index.html`.
    Root,
    /// `videos/<slug>.html`.
    Videos,
    /// One file that contains everything.
    Single,
}

impl Place {
    /// Returns the name that templates use.
    fn name(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Videos => "videos",
            Self::Single => "single",
        }
    }

    /// Returns the path from the page to the report's folder.
    fn prefix(self) -> Value {
        Value::from_safe_string(if self == Self::Videos { "../".to_owned() } else { String::new() })
    }
}

/// Writes `index.html`, the overview of all videos.
///
/// # Errors
///
/// When `out` fails, or the data cannot be put into the page.
pub(crate) fn write_index(out: &mut dyn Write, overview: &Overview) -> Result<(), ReportError> {
    let templates = environment()?;
    let cards: Vec<CardRow> = overview.videos.iter().map(card_row).collect();
    write_top(out, &templates, Place::Root, &overview.title)?;
    write_overview(out, &templates, Place::Root, overview, &cards)?;
    write_bottom(out, &templates, Place::Root)
}

/// Writes `videos/<slug>.html`, the page of one video.
///
/// # Errors
///
/// When `out` fails, or the data cannot be put into the page.
pub(crate) fn write_video_page(out: &mut dyn Write, page: &VideoPage) -> Result<(), ReportError> {
    let templates = environment()?;
    write_top(out, &templates, Place::Videos, &page.card.name)?;
    let poster = page.card.poster.as_deref().map(|path| format!("../{}", href(path)));
    write_video_head(out, &templates, Place::Videos, page, poster.as_deref())?;
    if let Some(path) = &page.media {
        write!(out, "../{}", href(path))?;
    }
    write_video_tail(out, &templates, Place::Videos, page)?;
    write_bottom(out, &templates, Place::Videos)
}

/// Writes `report.html`: the overview and all videos in one self-contained file. `media` opens posters and videos by
/// the paths in `overview` and `pages`. Posters are held in memory, videos are not.
///
/// # Errors
///
/// When `out` or a reader fails, or the data cannot be put into the page.
pub(crate) fn write_single_file(
    out: &mut dyn Write,
    overview: &Overview,
    pages: &[VideoPage],
    media: &MediaReader<'_>,
) -> Result<(), ReportError> {
    let templates = environment()?;
    let mut cards: Vec<CardRow> = overview.videos.iter().map(card_row).collect();
    for (card, row) in overview.videos.iter().zip(&mut cards) {
        row.poster = embedded(card.poster.as_deref(), media)?;
    }
    write_top(out, &templates, Place::Single, &overview.title)?;
    write_overview(out, &templates, Place::Single, overview, &cards)?;
    for page in pages {
        let card = cards.iter().find(|card| card.slug == page.card.slug);
        let poster = card.and_then(|card| card.poster.as_deref());
        write_video_head(out, &templates, Place::Single, page, poster)?;
        if let Some(path) = &page.media {
            write_data_link(out, path, &mut media(path)?)?;
        }
        write_video_tail(out, &templates, Place::Single, page)?;
    }
    write_bottom(out, &templates, Place::Single)
}

/// Returns a small file as a `data:` link.
fn embedded(path: Option<&str>, media: &MediaReader<'_>) -> io::Result<Option<String>> {
    let Some(path) = path else { return Ok(None) };
    let mut link = Vec::new();
    write_data_link(&mut link, path, &mut media(path)?)?;
    Ok(Some(String::from_utf8_lossy(&link).into_owned()))
}

/// Returns the template engine. Template names end in `.html`, so the engine escapes everything that is not marked
/// safe.
fn environment() -> Result<Environment<'static>, ReportError> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(minijinja::UndefinedBehavior::Strict);
    templates.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    templates.add_filter("href", |path: String| Value::from_safe_string(href(&path)));
    templates.add_filter("words", |name: String| words(&name));
    for (name, source) in TEMPLATES {
        templates.add_template(name, source)?;
    }
    Ok(templates)
}

fn write_top(out: &mut dyn Write, templates: &Environment<'_>, place: Place, title: &str) -> Result<(), ReportError> {
    let is_single = place == Place::Single;
    let values = context! {
        title,
        place => place.name(),
        prefix => place.prefix(),
        version => env!("CARGO_PKG_VERSION"),
        styles => assets::names(".css"),
        style => Value::from_safe_string(if is_single { assets::joined(".css") } else { String::new() }),
    };
    write_template(out, templates, "top.html", values)
}

fn write_overview(
    out: &mut dyn Write,
    templates: &Environment<'_>,
    place: Place,
    overview: &Overview,
    cards: &[CardRow],
) -> Result<(), ReportError> {
    let total = |count: fn(&super::data::VideoCard) -> u64| overview.videos.iter().map(count).sum::<u64>();
    let kinds = |is_counted: fn(&KindRow) -> bool| {
        let of_video =
            |video: &super::data::VideoCard| merged_kinds(&video.checks).into_iter().filter(is_counted).count();
        overview.videos.iter().map(of_video).sum::<usize>()
    };
    let duration_s: f64 = overview.videos.iter().filter_map(|video| video.duration_s).sum();
    let values = context! {
        place => place.name(),
        title => overview.title.as_str(),
        made_at => overview.made_at.as_str(),
        posekit_version => overview.posekit_version.as_str(),
        method => Serde(&overview.method),
        cards => Serde(cards),
        n_videos => overview.videos.len(),
        n_frames => total(|video| video.n_frames),
        n_people => total(|video| u64::from(video.n_people)),
        n_errors => kinds(KindRow::is_error),
        n_warnings => kinds(KindRow::is_warning),
        duration_text => super::wording::seconds(Some(duration_s)),
    };
    write_template(out, templates, "overview.html", values)
}

/// Writes the page of a video up to the address of the video.
fn write_video_head(
    out: &mut dyn Write,
    templates: &Environment<'_>,
    place: Place,
    page: &VideoPage,
    poster: Option<&str>,
) -> Result<(), ReportError> {
    let values = context! {
        place => place.name(),
        card => Serde(card_row(&page.card)),
        width_px => page.card.width_px.max(1),
        height_px => page.card.height_px.max(1),
        // Both are already encoded links.
        poster => poster.map(|link| Value::from_safe_string(link.to_owned())),
        has_media => page.media.is_some(),
        sport => Serde(&page.sport),
        people => Serde(person_rows(&page.people)),
    };
    write_template(out, templates, "video_head.html", values)
}

/// Writes the page of a video after the address of the video.
fn write_video_tail(
    out: &mut dyn Write,
    templates: &Environment<'_>,
    place: Place,
    page: &VideoPage,
) -> Result<(), ReportError> {
    let values = context! {
        place => place.name(),
        prefix => place.prefix(),
        slug => page.card.slug.as_str(),
        has_media => page.media.is_some(),
        has_curves => !page.curves.curves.is_empty(),
        has_cycles => !page.cycles.is_empty(),
        has_headlines => page.metrics.iter().any(|metric| page.sport.metrics.contains(&metric.metric)),
        has_stability => page.metrics.iter().any(|metric| metric.n_variants.is_some()),
        people => Serde(person_rows(&page.people)),
        metrics => Serde(metric_rows(page)),
        sides => Serde(side_rows(&page.sides, &page.people)),
        check_kinds => Serde(kind_rows(&page.card.checks, &page.people)),
        checks => Serde(check_rows(&page.checks, &page.people)),
        far_sides => Serde(far_sides(&page.people)),
        sport => Serde(&page.sport),
        norms => Serde(&page.sport.norms),
        method => Serde(&page.method),
        files => Serde(&page.files),
        data => Value::from_safe_string(script_json(&script_data(page))?),
    };
    write_template(out, templates, "video_tail.html", values)
}

/// Returns the data of the scripts of a video's page; tables are in the page itself.
fn script_data(page: &VideoPage) -> impl Serialize + '_ {
    #[derive(Serialize)]
    struct ScriptPerson {
        person_id: i32,
        label: String,
    }
    #[derive(Serialize)]
    struct ScriptData<'a> {
        duration_s: Option<f64>,
        slow_motion: f64,
        fps: Option<f64>,
        angles: &'a [String],
        people: Vec<ScriptPerson>,
        curves: &'a super::data::CurveSet,
        events: &'a [super::data::Event],
        repetitions: &'a [super::data::Repetition],
        phases: &'a [super::data::Phase],
        cycles: &'a [super::data::Cycle],
    }
    let label = |person_id| ScriptPerson { person_id, label: person_label(&page.people, person_id) };
    ScriptData {
        duration_s: page.card.duration_s,
        slow_motion: page.card.slow_motion,
        fps: page.card.fps,
        angles: &page.sport.angles,
        people: page.people.iter().map(|person| label(person.person_id)).collect(),
        curves: &page.curves,
        events: &page.events,
        repetitions: &page.repetitions,
        phases: &page.phases,
        cycles: &page.cycles,
    }
}

fn write_bottom(out: &mut dyn Write, templates: &Environment<'_>, place: Place) -> Result<(), ReportError> {
    let is_single = place == Place::Single;
    let values = context! {
        place => place.name(),
        prefix => place.prefix(),
        scripts => assets::names(".js"),
        script => Value::from_safe_string(if is_single { assets::joined(".js") } else { String::new() }),
    };
    write_template(out, templates, "bottom.html", values)
}

fn write_template(
    out: &mut dyn Write,
    templates: &Environment<'_>,
    name: &str,
    values: Value,
) -> Result<(), ReportError> {
    Ok(out.write_all(templates.get_template(name)?.render(values)?.as_bytes())?)
}

#[cfg(test)]
mod tests;

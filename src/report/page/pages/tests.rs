use std::io::{self, Read, Write};
use std::slice;

use super::super::data::{Check, CheckKind, CurveName, Event, Fact, FileLink, Metric, Person, Phase, Sport, VideoCard};
use super::*;
use crate::sports::Norm;

const HOSTILE: &str = "</script><script>alert(1)</script><b>\"quotes\" & 'more'\u{2028}{{ 7 * 7 }}";

fn hostile_page() -> VideoPage {
    let mut page = VideoPage {
        card: VideoCard {
            slug: "video".into(),
            name: HOSTILE.into(),
            poster: Some("media/スクワット #1?.jpg".into()),
            duration_s: Some(2.0),
            slow_motion: 1.0,
            width_px: 640,
            height_px: 480,
            fps: Some(50.0),
            n_frames: 100,
            n_people: 1,
            sport: HOSTILE.into(),
            checks: vec![CheckKind {
                check_name: HOSTILE.into(),
                severity: HOSTILE.into(),
                example: HOSTILE.into(),
                ..CheckKind::default()
            }],
            headlines: vec![Metric { metric: HOSTILE.into(), side: HOSTILE.into(), ..Metric::default() }],
        },
        media: Some("media/\" onerror=alert(1) スクワット.mp4".into()),
        sport: Sport { title: HOSTILE.into(), words: HOSTILE.into(), description: HOSTILE.into(), ..Sport::default() },
        people: vec![Person { name: Some(HOSTILE.into()), ..Person::default() }],
        events: vec![Event { kind: HOSTILE.into(), side: HOSTILE.into(), method: HOSTILE.into(), ..Event::default() }],
        phases: vec![Phase { phase: HOSTILE.into(), ..Phase::default() }],
        metrics: vec![Metric {
            metric: "m".into(),
            value: Some(f64::NAN),
            unit: HOSTILE.into(),
            note: Some(HOSTILE.into()),
            ..Metric::default()
        }],
        checks: vec![Check {
            check_name: HOSTILE.into(),
            severity: HOSTILE.into(),
            problem: HOSTILE.into(),
            ..Check::default()
        }],
        method: vec![Fact { name: HOSTILE.into(), value: HOSTILE.into() }],
        files: vec![FileLink { label: HOSTILE.into(), path: "javascript:alert(1)".into() }],
        ..VideoPage::default()
    };
    page.sport.norms =
        vec![Norm { metric: "m".into(), unit: HOSTILE.into(), source: HOSTILE.into(), ..Norm::default() }];
    page.curves.push(
        CurveName { person_id: 0, joint: HOSTILE, side: "left", dimension: "2d" },
        &[0.0, 1.0],
        &[Some(1.0), None],
    );
    page
}

fn overview_of(page: &VideoPage) -> Overview {
    let method = vec![Fact { name: HOSTILE.into(), value: HOSTILE.into() }];
    Overview {
        title: HOSTILE.into(),
        made_at: HOSTILE.into(),
        posekit_version: HOSTILE.into(),
        videos: vec![page.card.clone()],
        method,
    }
}

fn text_of(write: impl FnOnce(&mut dyn Write) -> Result<(), ReportError>) -> String {
    let mut out = Vec::new();
    write(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn media(path: &str) -> io::Result<Box<dyn Read>> {
    if !path.starts_with("media/") {
        return Err(io::ErrorKind::NotFound.into());
    }
    Ok(Box::new(io::Cursor::new(path.as_bytes().to_vec())))
}

/// The values of an attribute, outside of the text of scripts.
fn attributes(html: &str, name: &str) -> Vec<String> {
    let mut markup = String::new();
    for (index, piece) in html.split("<script").enumerate() {
        let (tag, rest) = if index == 0 { ("", piece) } else { piece.split_once('>').unwrap() };
        markup.push_str(tag);
        markup.push_str(if index == 0 { rest } else { rest.split_once("</script>").unwrap().1 });
    }
    let start = format!(" {name}=\"");
    let values = markup.split(&start).skip(1).filter_map(|rest| rest.split('"').next());
    values.map(str::to_owned).collect()
}

#[test]
fn names_cannot_become_markup() {
    let page = hostile_page();
    let overview = overview_of(&page);
    let scripts = assets::names(".js").len();
    // Beside the files: the theme, and on pages of videos the data.
    for (html, blocks) in [
        (text_of(|out| write_index(out, &overview)), scripts + 1),
        (text_of(|out| write_video_page(out, &page)), scripts + 2),
        (text_of(|out| write_single_file(out, &overview, slice::from_ref(&page), &media)), 3),
    ] {
        assert_eq!(html.matches("<script").count(), blocks);
        assert_eq!(html.matches("</script>").count(), blocks);
        assert!(!html.contains("<b>\"") && !html.contains("alert(1)</script>") && !html.contains("onerror=alert"));
        assert!(html.contains("&lt;b&gt;&quot;quotes&quot; &amp; &#x27;more&#x27;"));
        // Names are data, never a template.
        assert!(html.contains("{{ 7 * 7 }}"));
    }
}

#[test]
fn links_are_relative_and_encoded() {
    let page = hostile_page();
    let html = text_of(|out| write_video_page(out, &page));
    let sources = attributes(&html, "src");
    assert!(sources[0].starts_with("../media/%22%20onerror%3Dalert%281%29%20%E3%82%B9"), "{}", sources[0]);
    assert!(sources.len() > 5);
    assert!(sources[1..].iter().all(|source| source.starts_with("../assets/")), "{sources:?}");
    assert_eq!(attributes(&html, "poster"), ["../media/%E3%82%B9%E3%82%AF%E3%83%AF%E3%83%83%E3%83%88%20%231%3F.jpg"]);
    assert!(attributes(&html, "href").contains(&"../javascript%3Aalert%281%29".to_owned()));
    let index = text_of(|out| write_index(out, &overview_of(&page)));
    assert!(attributes(&index, "href").contains(&"videos/video.html".to_owned()));
    assert!(
        attributes(&index, "src")
            .contains(&"media/%E3%82%B9%E3%82%AF%E3%83%AF%E3%83%83%E3%83%88%20%231%3F.jpg".to_owned())
    );
}

#[test]
fn every_asset_that_pages_name_exists() {
    let page = hostile_page();
    let html = text_of(|out| write_video_page(out, &page));
    let named = |attribute| {
        attributes(&html, attribute).into_iter().filter_map(|link| link.strip_prefix("../assets/").map(str::to_owned))
    };
    let named: Vec<String> = named("src").chain(named("href")).collect();
    assert!(named.len() > 5);
    assert!(
        named.iter().all(|name| super::super::ASSETS.iter().any(|(asset, bytes)| asset == name && !bytes.is_empty()))
    );
}

#[test]
fn data_of_a_page_can_be_read_back() {
    let page = hostile_page();
    let html = text_of(|out| write_video_page(out, &page));
    let (_, rest) = html.split_once("data-video-data>").unwrap();
    let (json, _) = rest.split_once("</script>").unwrap();
    assert!(!json.contains(['<', '\u{2028}']));
    let data: serde_json::Value = serde_json::from_str(json).unwrap();
    assert_eq!(data["people"][0]["label"], HOSTILE);
    assert_eq!(data["events"][0]["kind"], HOSTILE);
    assert_eq!(data["curves"]["curves"][0]["angle_deg"], serde_json::json!([1.0, null]));
    assert_eq!(data["curves"]["times_s"], serde_json::json!([[0.0, 1.0]]));
}

#[test]
fn a_single_file_needs_nothing_else() {
    let page = hostile_page();
    let html = text_of(|out| write_single_file(out, &overview_of(&page), slice::from_ref(&page), &media));
    let sources: Vec<String> = ["src", "poster"].iter().flat_map(|name| attributes(&html, name)).collect();
    assert_eq!(sources.len(), 3, "video, its poster, and the poster in the overview");
    assert!(sources.iter().all(|source| source.starts_with("data:")));
    assert!(attributes(&html, "href").iter().all(|link| link.starts_with('#') || link == "data:,"));
    assert!(!html.contains("url(") && !html.contains("@import"));
    assert!(html.contains("uPlot=function"));
    let (_, video) = html.split_once("data:video/mp4;base64,").unwrap();
    assert_eq!(
        video.split('"').next().unwrap(),
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, page.media.unwrap())
    );
}

#[test]
fn ids_of_a_single_file_are_different() {
    let first = hostile_page();
    let mut second = hostile_page();
    second.card.slug = "video-2".into();
    let overview = Overview { videos: vec![first.card.clone(), second.card.clone()], ..Overview::default() };
    let html = text_of(|out| write_single_file(out, &overview, &[first, second], &media));
    let mut ids = attributes(&html, "id");
    let count = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), count);
    assert!(count > 8);
}

#[test]
fn a_video_goes_through_in_pieces() {
    struct Largest {
        written: usize,
        largest: usize,
    }
    impl Write for Largest {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.written += bytes.len();
            self.largest = self.largest.max(bytes.len());
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    const VIDEO_BYTES: u64 = 16 << 20;
    let page = VideoPage { media: Some("a.mp4".into()), ..VideoPage::default() };
    let mut out = Largest { written: 0, largest: 0 };
    let open = |_: &str| -> io::Result<Box<dyn Read>> { Ok(Box::new(io::repeat(7).take(VIDEO_BYTES))) };
    write_single_file(&mut out, &Overview::default(), &[page], &open).unwrap();
    assert!(out.written > VIDEO_BYTES as usize * 4 / 3);
    assert!(out.largest < 1 << 20, "{} bytes at once", out.largest);
}

#[test]
fn a_video_that_cannot_be_read_is_an_error() {
    let page = VideoPage { media: Some("a.mp4".into()), ..VideoPage::default() };
    let open = |_: &str| -> io::Result<Box<dyn Read>> { Err(io::ErrorKind::NotFound.into()) };
    let answer = write_single_file(&mut io::sink(), &Overview::default(), &[page], &open);
    assert!(matches!(answer, Err(ReportError::Io(error)) if error.kind() == io::ErrorKind::NotFound));
}

#[test]
fn an_empty_page_can_be_written() {
    let html = text_of(|out| write_video_page(out, &VideoPage::default()));
    assert!(
        html.contains("No video was rendered")
            && html.contains("No check found anything")
            && html.contains("No angles were measured")
    );
    assert!(text_of(|out| write_index(out, &Overview::default())).contains("How it was measured"));
}

#[test]
fn metrics_have_interval_unit_norm_and_note() {
    let metric = Metric {
        metric: "gait_speed".into(),
        side: "none".into(),
        value: Some(1.17),
        low: Some(1.02),
        high: Some(1.32),
        unit: "m/s".into(),
        n: Some(6),
        scale: Some("world".into()),
        note: Some("mind this".into()),
        ..Metric::default()
    };
    let norm =
        Norm { metric: "gait_speed".into(), low: 0.94, high: 1.43, unit: "m/s".into(), source: "Bohannon 2011".into() };
    let page = VideoPage {
        metrics: vec![metric],
        sport: Sport { norms: vec![norm], ..Sport::default() },
        ..VideoPage::default()
    };
    let html = text_of(|out| write_video_page(out, &page));
    for piece in [
        ">Gait speed<",
        ">1.17<",
        ">1.02 \u{2026} 1.32<",
        ">m&#x2f;s<",
        ">6<",
        "0.94 \u{2026} 1.43 m&#x2f;s",
        ">within<",
        "Bohannon 2011",
        "mind this; meters of an average body",
    ] {
        assert!(html.contains(piece), "{piece}");
    }
}

#[test]
fn a_stability_has_a_column_if_it_was_measured() {
    let metric = Metric { metric: "cadence".into(), value: Some(98.0), unit: "1/min".into(), ..Metric::default() };
    let measured =
        Metric { n_variants: Some(8), n_found: Some(7), lowest: Some(96.04), highest: Some(99.0), ..metric.clone() };
    let html = |metrics: &[Metric]| {
        let page = VideoPage { metrics: metrics.to_vec(), ..VideoPage::default() };
        text_of(|out| write_video_page(out, &page))
    };
    let columns = |html: &str| html.matches("<th scope=\"col\"").count();
    let (with, without) = (html(&[measured, metric.clone()]), html(&[metric]));
    assert!(with.contains(">In variants<") && with.contains(">96.0 to 99.0, in 7 of 8<"), "{with}");
    assert!(!without.contains("In variants") && columns(&with) == columns(&without) + 1);
}

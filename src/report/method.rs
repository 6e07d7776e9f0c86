//! Describes how a video was measured.

use serde::Deserialize;
use serde_json::Value;

use crate::report::page::data::Fact;
use crate::store::StoreError;
use crate::store::select::{Engine, records};

const METHOD: &str = include_str!("../../sql/report/method.sql");

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct MethodRow {
    path: String,
    codec: Option<String>,
    is_vfr: Option<bool>,
    time_source: Option<String>,
    fps: Option<f64>,
    slow_motion: f64,
    capture_source: Option<String>,
    is_mirrored: bool,
    run_id: String,
    network: String,
    network_sha256: String,
    finished_at: String,
    n_frames: u64,
    n_found: u64,
    n_failed: u64,
    n_missing: u64,
    extraction_settings: String,
    analysis_settings: Option<String>,
    posekit_version: Option<String>,
    n_variants: Option<u64>,
    n_values: Option<u64>,
    n_agree: Option<u64>,
}

/// Reads network, checksum, settings and versions.
pub(super) fn read_method(engine: &impl Engine, video_id: &str) -> Result<Vec<Fact>, StoreError> {
    let rows: Vec<MethodRow> = records(engine, &[("video_id", Some(video_id))], METHOD)?;
    Ok(rows.into_iter().next().map(facts).unwrap_or_default())
}

fn facts(row: MethodRow) -> Vec<Fact> {
    let rate = match row.is_vfr {
        Some(true) => ", variable frame rate",
        Some(false) => ", constant frame rate",
        None => "",
    };
    let (slow_motion, mirrored) = (slow_motion_in_words(&row), if row.is_mirrored { "mirrored back" } else { "" });
    let missing = if row.n_missing > 0 { format!(", {} missing in the file", row.n_missing) } else { String::new() };
    let stability = stability(&row);
    let mut facts = vec![
        fact("File", row.path),
        fact("Codec", row.codec.unwrap_or_default()),
        fact("Times of frames", format!("{}{rate}", source_in_words(row.time_source.as_deref()))),
        fact("Slow motion", slow_motion),
        fact("Mirror image", mirrored),
        fact("Frames", format!("{}, people found in {}, {} failed{missing}", row.n_frames, row.n_found, row.n_failed)),
        fact("Network", format!("BlazePose {}", row.network)),
        fact("SHA-256 of the network", row.network_sha256),
        // Fractions of a second are dropped.
        fact("Extracted", format!("{} UTC", row.finished_at.get(..19).unwrap_or(&row.finished_at))),
        fact("Extraction", row.run_id),
        fact("Settings of the extraction", settings_in_words(&row.extraction_settings)),
    ];
    if let Some(version) = row.posekit_version {
        facts.push(fact("Analyzed by", format!("posekit {version}")));
    }
    if let Some(settings) = row.analysis_settings {
        facts.push(fact("Settings of the analysis", settings_in_words(&settings)));
    }
    facts.extend(stability);
    facts.retain(|fact| !fact.value.is_empty());
    facts
}

fn source_in_words(time_source: Option<&str>) -> String {
    match time_source.unwrap_or_default() {
        "header_rate" => "from the numbers of the frames and the rate in the file's header".to_owned(),
        "stream_rate" => "from the numbers of the frames and a rate, because the file has no times".to_owned(),
        source => format!("from the {source}"),
    }
}

/// Returns what is known about slow motion; empty if the file shows the movement as fast as it was.
fn slow_motion_in_words(row: &MethodRow) -> String {
    let (Some(source), Some(fps)) = (&row.capture_source, row.fps) else { return String::new() };
    let shown_hz = fps / row.slow_motion;
    format!("{} pictures a second were taken ({source}) and are shown at {}", rounded(fps), rounded(shown_hz))
}

fn rounded(rate_hz: f64) -> f64 {
    (rate_hz * 100.0).round() / 100.0
}

/// Returns the fact that metrics were measured again in variants of the video.
fn stability(row: &MethodRow) -> Option<Fact> {
    let (n_variants, n_values, n_agree) = (row.n_variants?, row.n_values?, row.n_agree?);
    let share = 100.0 * n_agree as f64 / n_values.max(1) as f64;
    let variants = if n_variants == 1 { "variant" } else { "variants" };
    let value = format!(
        "metrics measured again in {n_variants} {variants} of the video with altered pictures; {share:.0} % of {n_values} \
         values agree within both intervals"
    );
    Some(fact("Stability", value))
}

fn fact(name: &str, value: impl Into<String>) -> Fact {
    Fact { name: name.to_owned(), value: value.into() }
}

/// Formats JSON settings as `name value, name value`; unset settings are left out.
fn settings_in_words(json: &str) -> String {
    let Ok(Value::Object(settings)) = serde_json::from_str(json) else { return json.to_owned() };
    let mut words = Vec::new();
    collect(&settings, "", &mut words);
    words.join(", ")
}

fn collect(settings: &serde_json::Map<String, Value>, prefix: &str, words: &mut Vec<String>) {
    for (name, value) in settings {
        match value {
            Value::Null => {}
            Value::Object(inner) => collect(inner, &format!("{prefix}{name}."), words),
            Value::String(text) => words.push(format!("{prefix}{name} {text}")),
            other => words.push(format!("{prefix}{name} {other}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_become_words() {
        let json = r#"{"people":6,"tiles":"auto","start_s":null,"heights_m":{},"clean":{"filter":"butterworth","order":null}}"#;
        assert_eq!(settings_in_words(json), "clean.filter butterworth, people 6, tiles auto");
        assert_eq!(settings_in_words("not JSON"), "not JSON");
    }

    #[test]
    fn a_video_that_was_not_analyzed_has_no_facts_about_an_analysis() {
        let extracted = facts(MethodRow { network: "full".to_owned(), n_missing: 2, ..MethodRow::default() });
        let names: Vec<&str> = extracted.iter().map(|fact| fact.name.as_str()).collect();
        assert!(names.contains(&"Network") && !names.iter().any(|name| name.contains("analysis")), "{names:?}");
        let frames = extracted.iter().find(|fact| fact.name == "Frames").unwrap();
        assert_eq!(frames.value, "0, people found in 0, 0 failed, 2 missing in the file");
        assert!(!names.contains(&"Stability"), "{names:?}");
        let (n_variants, n_values, n_agree) = (Some(8), Some(200), Some(190));
        let measured = facts(MethodRow { n_variants, n_values, n_agree, ..MethodRow::default() });
        let stability = measured.iter().find(|fact| fact.name == "Stability").unwrap();
        assert!(stability.value.contains("in 8 variants") && stability.value.contains("95 % of 200"), "{stability:?}");
    }
}

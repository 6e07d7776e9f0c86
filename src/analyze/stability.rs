//! The stability of a run's metrics: their spread over variants, which are runs of the same video with altered pictures.
//! Reads what a run gave, and writes the result `stability`.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow::array::{ArrayRef, Float64Array, Int64Array, RecordBatch, StringArray};
use serde::Deserialize;

use super::all::StoredVideo;
use super::error::AnalyzeError;
use super::key::{Key, hash};
use super::plan::Plan;
use super::settings::AnalysisSettings;
pub(crate) use crate::movement::stability::{Measurement, same_people};
use crate::movement::stability::{Place, Places, Spread, other_side, spread};
use crate::store::change::Change;
use crate::store::results::{ResultOwner, ResultWriter, input_key, result_key};
use crate::store::select::{records, select};
use crate::store::workspace::{EngineLimits, Workspace};
use crate::store::{Layout, StoreError, Table};
use crate::versions;

const PLACES: &str = include_str!("../../sql/stability/places.sql");
const METRICS: &str = include_str!("../../sql/stability/metrics.sql");

/// A row of `metrics`: person, metric, side.
pub(crate) type Name = (u16, String, String);

/// A metric of a run.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub(crate) struct Metric {
    person_id: u16,
    metric: String,
    side: String,
    unit: String,
    made_by: String,
    value: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
}

impl Metric {
    fn name(&self) -> Name {
        (self.person_id, self.metric.clone(), self.side.clone())
    }

    fn measurement(&self) -> Measurement {
        Measurement { value: self.value, low: self.low, high: self.high }
    }
}

/// The tables of a run, for reading.
pub(crate) struct Tables(Workspace);

impl Tables {
    /// Opens the tables of a run.
    ///
    /// # Errors
    /// A part cannot be read.
    pub(crate) fn open(layout: &Layout, (video, run): &StoredVideo, limits: EngineLimits) -> Result<Self, StoreError> {
        Ok(Self(Workspace::open(layout, video, run, limits)?))
    }

    /// Returns the places of all people. `to_original` converts a place in the run's pictures to one in the original's,
    /// both in pixels; `magnification` is the size of bodies relative to the original.
    ///
    /// # Errors
    /// The tables cannot be read.
    pub(crate) fn places(
        &self,
        to_original: &dyn Fn([f64; 2]) -> [f64; 2],
        magnification: f64,
    ) -> Result<Places, StoreError> {
        let mut places = Places::new();
        select(&self.0, &[], PLACES, |rows| {
            let columns = ["frame_idx", "person_id", "hips_x_px", "hips_y_px", "size_px"];
            let [frames, people, x_px, y_px, size_px] = columns.map(|name| rows.numbers(name));
            let (frames, people, x_px, y_px, size_px) = (frames?, people?, x_px?, y_px?, size_px?);
            for row in 0..rows.len() {
                let hips_px = to_original([x_px[row], y_px[row]]);
                let place = Place { hips_px, size_px: size_px[row] / magnification };
                places.entry(people[row] as u16).or_default().insert(frames[row] as u32, place);
            }
            Ok::<(), StoreError>(())
        })?;
        Ok(places)
    }

    /// Returns the metrics of all people.
    ///
    /// # Errors
    /// The tables cannot be read.
    pub(crate) fn metrics(&self) -> Result<Vec<Metric>, StoreError> {
        records(&self.0, &[], METRICS)
    }
}

/// Returns the metrics of a variant by the rows of the original that they belong to. `people` has the original's person
/// for each person of the variant. Metrics of other people are left out.
#[must_use]
pub(crate) fn as_original(
    metrics: &[Metric],
    people: &BTreeMap<u16, u16>,
    is_mirrored: bool,
    plan: &Plan,
) -> BTreeMap<Name, Measurement> {
    let of_original = |metric: &Metric| {
        let person_id = *people.get(&metric.person_id)?;
        if !is_mirrored {
            return Some(((person_id, metric.metric.clone(), metric.side.clone()), metric.measurement()));
        }
        let measurement = metric.measurement().mirrored(plan.when_mirrored(&metric.made_by));
        Some(((person_id, other_side(&metric.metric), other_side(&metric.side)), measurement))
    };
    metrics.iter().filter_map(of_original).collect()
}

/// Returns the settings of the original for a variant: heights are those of the same people.
#[must_use]
pub(crate) fn settings_of_variant(original: &AnalysisSettings, people: &BTreeMap<u16, u16>) -> AnalysisSettings {
    let height_m = |person: u16| {
        let of_main = original.height_m.filter(|_| person == 0);
        original.heights_m.get(&person.to_string()).copied().or(of_main)
    };
    let heights_m =
        people.iter().filter_map(|(variant, person)| Some((variant.to_string(), height_m(*person)?))).collect();
    AnalysisSettings { height_m: None, heights_m, ..original.clone() }
}

/// The spread of one metric.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct MetricSpread {
    /// The metric of the original.
    metric: Metric,
    /// Its spread.
    pub(crate) spread: Spread,
}

impl MetricSpread {
    /// Returns the standard deviation as a share of the original's value; `None` without a value or with one variant.
    #[must_use]
    pub(crate) fn relative(&self) -> Option<f64> {
        let value = self.metric.value.filter(|value| *value != 0.0)?;
        Some(self.spread.standard_deviation? / value.abs())
    }
}

/// Returns the spread of each metric over the variants, sorted by person, metric and side.
#[must_use]
pub(crate) fn spreads(original: Vec<Metric>, variants: &[BTreeMap<Name, Measurement>]) -> Vec<MetricSpread> {
    let of_metric = |metric: Metric| {
        let name = metric.name();
        let found: Vec<Measurement> = variants.iter().filter_map(|variant| variant.get(&name).copied()).collect();
        let spread = spread(metric.measurement(), &found);
        MetricSpread { metric, spread }
    };
    let mut spreads: Vec<MetricSpread> = original.into_iter().map(of_metric).collect();
    spreads.sort_by_cached_key(|spread| spread.metric.name());
    spreads
}

/// Returns the key of a run's stability: its tracks, its metrics, and the number of variants. `None` if the run has no
/// metrics.
///
/// # Errors
/// The tracks cannot be read.
pub(crate) fn key(layout: &Layout, owner: &ResultOwner, n_variants: usize) -> Result<Option<Key>, StoreError> {
    let tracks = input_key(layout, &owner.video_id, &owner.run_id)?;
    let definition = hash([versions::STABILITY, n_variants.to_string().as_str()]);
    let metrics = result_key(layout, Table::Metrics, owner);
    Ok(metrics.map(|metrics| Key { input: input(&tracks, &metrics), definition }))
}

fn input(tracks_key: &str, metrics_key: &str) -> String {
    hash([tracks_key, metrics_key])
}

/// Returns whether a stored stability, with the key `found`, is that of other tracks or metrics.
#[must_use]
pub(crate) fn is_outdated(found: &str, tracks_key: &str, metrics_key: &str) -> bool {
    found.split_once('-').is_none_or(|(known, _)| known != input(tracks_key, metrics_key))
}

/// Writes the stability of a run. It is in place whole or not at all. The caller holds the dataset's lock.
///
/// # Errors
/// A part cannot be written.
pub(crate) fn write(
    layout: &Layout,
    owner: &ResultOwner,
    spreads: &[MetricSpread],
    n_variants: usize,
    key: &Key,
) -> Result<(), AnalyzeError> {
    let change = Change::begin(layout, &format!("stability-{}", owner.run_id))?;
    let mut writer = ResultWriter::new(change.staged(), owner, Table::Stability);
    writer.push(&columns(spreads, n_variants)?)?;
    writer.finish(&key.text())?;
    Ok(change.commit()?)
}

fn columns(spreads: &[MetricSpread], n_variants: usize) -> Result<RecordBatch, AnalyzeError> {
    let texts = |text: &dyn Fn(&MetricSpread) -> String| -> ArrayRef {
        Arc::new(StringArray::from_iter_values(spreads.iter().map(text)))
    };
    let values = |value: &dyn Fn(&MetricSpread) -> Option<f64>| -> ArrayRef {
        Arc::new(spreads.iter().map(value).collect::<Float64Array>())
    };
    let numbers = |number: &dyn Fn(&MetricSpread) -> Option<i64>| -> ArrayRef {
        Arc::new(spreads.iter().map(number).collect::<Int64Array>())
    };
    let columns = [
        ("person_id", numbers(&|row| Some(row.metric.person_id.into()))),
        ("metric", texts(&|row| row.metric.metric.clone())),
        ("side", texts(&|row| row.metric.side.clone())),
        ("unit", texts(&|row| row.metric.unit.clone())),
        ("value", values(&|row| row.metric.value)),
        ("n_variants", numbers(&|_| Some(n_variants as i64))),
        ("n_found", numbers(&|row| Some(row.spread.n_found.into()))),
        ("mean", values(&|row| row.spread.mean)),
        ("standard_deviation", values(&|row| row.spread.standard_deviation)),
        ("lowest", values(&|row| row.spread.lowest)),
        ("highest", values(&|row| row.spread.highest)),
        ("n_agree", numbers(&|row| row.spread.n_agree.map(i64::from))),
    ];
    RecordBatch::try_from_iter(columns)
        .map_err(|error| AnalyzeError::Frames { what: "the stability of metrics", problem: error.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::movement::clean_settings::CleanSettings;
    use crate::sports::SportPack;
    use crate::sql::library::Library;

    fn metric(person_id: u16, metric: &str, side: &str, made_by: &str, value: f64) -> Metric {
        let (metric, side, made_by) = (metric.to_owned(), side.to_owned(), made_by.to_owned());
        let (low, high) = (Some(value - 1.0), Some(value + 1.0));
        Metric { person_id, metric, side, unit: "deg".to_owned(), made_by, value: Some(value), low, high }
    }

    fn settings() -> AnalysisSettings {
        AnalysisSettings {
            sport_type: "walking".to_owned(),
            height_m: Some(1.8),
            heights_m: [("1".to_owned(), 1.6)].into(),
            min_depth_deg: None,
            clean: CleanSettings::default(),
        }
    }

    fn plan() -> Plan {
        let library = Library::built_in();
        Plan::new(&library, &SportPack::find(&library, "walking").unwrap(), &settings()).unwrap()
    }

    #[test]
    fn a_mirrored_variant_exchanges_sides_and_its_people_are_the_originals() {
        let knee = |person_id, side, value| {
            metric(person_id, "knee_peak_flexion_3d", side, "metrics/joint_peak_flexion", value)
        };
        let original = vec![
            knee(0, "right", 70.0),
            knee(0, "left", 50.0),
            metric(0, "step_length_symmetry", "both", "metrics/step_length_symmetry", 80.0),
        ];
        let mirrored = [
            knee(3, "left", 70.5),
            knee(3, "right", 55.0),
            metric(3, "step_length_symmetry", "both", "metrics/step_length_symmetry", 125.0),
            knee(4, "left", 1.0),
        ];
        let variant = as_original(&mirrored, &[(3, 0)].into(), true, &plan());
        let spreads = spreads(original, &[variant]);
        let rows: Vec<_> = spreads
            .iter()
            .map(|it| (it.metric.side.as_str(), it.spread.n_found, it.spread.mean, it.spread.n_agree))
            .collect();
        assert_eq!(
            rows,
            [("left", 1, Some(55.0), Some(0)), ("right", 1, Some(70.5), Some(1)), ("both", 1, Some(80.0), Some(1))]
        );
        let unmirrored = as_original(&mirrored, &[(3, 0)].into(), false, &plan());
        assert_eq!(unmirrored.get(&knee(0, "left", 0.0).name()).unwrap().value, Some(70.5));
    }

    #[test]
    fn heights_go_with_the_people() {
        let heights =
            |people: &[(u16, u16)]| settings_of_variant(&settings(), &people.iter().copied().collect()).heights_m;
        assert_eq!(heights(&[(0, 1), (1, 0)]), [("0".to_owned(), 1.6), ("1".to_owned(), 1.8)].into());
        assert_eq!(heights(&[(0, 2)]), BTreeMap::new());
    }

    #[test]
    fn other_metrics_or_tracks_make_it_outdated() {
        let key = Key { input: input("tracks", "metrics"), definition: "d".to_owned() }.text();
        assert!(!is_outdated(&key, "tracks", "metrics"));
        assert!(is_outdated(&key, "others", "metrics") && is_outdated(&key, "tracks", "others"));
        assert!(is_outdated("", "tracks", "metrics"));
    }

    #[test]
    fn columns_are_those_of_the_table() {
        let one = spreads(vec![metric(0, "cadence", "both", "metrics/cadence", 98.0)], &[]);
        let folder = tempfile::tempdir().unwrap();
        let (layout, owner) = (
            Layout::new(folder.path()),
            ResultOwner { video_id: "v".to_owned(), run_id: "r".to_owned(), frames: [0, 9] },
        );
        let key = Key { input: "i".to_owned(), definition: "d".to_owned() };
        write(&layout, &owner, &one, 8, &key).unwrap();
        assert_eq!(result_key(&layout, Table::Stability, &owner), Some("i-d".to_owned()));
    }
}

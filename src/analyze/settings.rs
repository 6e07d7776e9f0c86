//! The settings of an analysis: everything it depends on besides the tables. Stored with its results.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::config::MAIN_ATHLETE;
use crate::movement::clean_settings::CleanSettings;

/// Settings of an analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalysisSettings {
    /// The sport pack.
    pub sport_type: String,
    /// Height of the main athlete, meters.
    pub height_m: Option<f64>,
    /// Heights of people by their id, meters.
    pub heights_m: BTreeMap<String, f64>,
    /// The depth from which a repetition counts, degrees of the counted joint angle; `None` counts all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_depth_deg: Option<f64>,
    /// The settings for cleaning tracks.
    pub clean: CleanSettings,
}

/// The valid heights of a person, meters.
const HEIGHTS_M: std::ops::RangeInclusive<f64> = 0.5..=2.8;

impl AnalysisSettings {
    /// Checks that all values are valid.
    ///
    /// # Errors
    /// A message about the invalid value.
    pub fn check(&self) -> Result<(), String> {
        let heights = self.height_m.iter().chain(self.heights_m.values());
        if let Some(height_m) = heights.copied().find(|height_m| !HEIGHTS_M.contains(height_m)) {
            return Err(format!("invalid height {height_m} m: expected 0.5 to 2.8 m"));
        }
        if let Some(id) = self.heights_m.keys().find(|id| id.parse::<u16>().is_err()) {
            return Err(format!("heights_m: {id} is not a person id"));
        }
        if let Some(depth_deg) = self.min_depth_deg.filter(|depth_deg| !(0.0..=360.0).contains(depth_deg)) {
            return Err(format!("invalid depth of repetitions {depth_deg}: expected 0 to 360 degrees"));
        }
        self.clean.check()
    }

    /// Returns the differences from earlier settings, each in a few words: `height average body -> 1.82 m`.
    #[must_use]
    pub fn changes_from(&self, before: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        let mut compare = |what: &str, old: String, new: String| {
            if old != new {
                changes.push(format!("{what} {old} -> {new}"));
            }
        };
        let meters =
            |height_m: Option<&f64>| height_m.map_or("average body".to_owned(), |meters| format!("{meters} m"));
        compare("sport", before.sport_type.clone(), self.sport_type.clone());
        let main_athlete = MAIN_ATHLETE.to_owned();
        let of_main = |settings: &Self| meters(settings.heights_m.get(&main_athlete).or(settings.height_m.as_ref()));
        let is_by_id = [before, self].iter().any(|settings| settings.heights_m.contains_key(&main_athlete));
        compare(if is_by_id { "height of person 0" } else { "height" }, of_main(before), of_main(self));
        let degrees =
            |depth_deg: Option<f64>| depth_deg.map_or("any".to_owned(), |depth_deg| format!("{depth_deg} degrees"));
        compare("depth of repetitions", degrees(before.min_depth_deg), degrees(self.min_depth_deg));
        let people: BTreeSet<&String> = before.heights_m.keys().chain(self.heights_m.keys()).collect();
        for person in people.into_iter().filter(|person| **person != main_athlete) {
            let [old, new] = [before, self].map(|settings| meters(settings.heights_m.get(person)));
            compare(&format!("height of person {person}"), old, new);
        }
        let [old, new] = [before, self].map(|settings| toml::Table::try_from(&settings.clean).unwrap_or_default());
        let keys: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
        for key in keys {
            let [old, new] = [&old, &new].map(|table| {
                table.get(key).map_or("default".to_owned(), |value| {
                    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
                })
            });
            compare(&key.replace('_', " "), old, new);
        }
        changes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_told_in_words() {
        let before = AnalysisSettings {
            sport_type: "generic".to_owned(),
            height_m: None,
            heights_m: BTreeMap::from([("1".to_owned(), 1.68)]),
            min_depth_deg: None,
            clean: CleanSettings::default(),
        };
        assert_eq!(before.changes_from(&before), Vec::<String>::new());
        let clean = CleanSettings { cutoff_hz: Some(8.0), ..CleanSettings::default() };
        let after = AnalysisSettings { height_m: Some(1.82), heights_m: BTreeMap::new(), clean, ..before.clone() };
        assert_eq!(
            after.changes_from(&before),
            ["height average body -> 1.82 m", "height of person 1 1.68 m -> average body", "cutoff hz default -> 8.0"]
        );
        let deep = AnalysisSettings { min_depth_deg: Some(80.0), ..before.clone() };
        assert_eq!(deep.changes_from(&before), ["depth of repetitions any -> 80 degrees"]);
        let by_id = AnalysisSettings { heights_m: BTreeMap::from([("0".to_owned(), 1.6)]), ..before.clone() };
        assert_eq!(after.changes_from(&by_id)[0], "height of person 0 1.6 m -> 1.82 m");
    }
}

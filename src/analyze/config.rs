//! The `[analyze]` table of `posekit.toml`, and how settings are combined. Later sources override earlier ones:
//! defaults, the sport pack, remembered settings, the file, the command line.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::error::AnalyzeError;
use super::settings::AnalysisSettings;
use crate::movement::clean_settings::CleanSettings;
use crate::sports::SportPack;

/// The settings file in the working directory.
pub const SETTINGS_FILE: &str = "posekit.toml";

/// The default sport pack.
pub const DEFAULT_SPORT: &str = "generic";

/// The id of the main athlete.
pub const MAIN_ATHLETE: &str = "0";

/// The settings of cleaning that belong to one filter or another. The last three were those of filters of earlier
/// versions; a dataset may still remember them.
const OF_FILTERS: [&str; 8] =
    ["cutoff_hz", "order", "window_s", "degree", "smoothing", "sigma_s", "trust_ratio", "beta"];

/// Removes the settings that belong to a filter.
fn forget_filter(clean: &mut toml::Table) {
    for setting in OF_FILTERS {
        clean.remove(setting);
    }
}

/// Requested settings; a missing one comes from another source. Unknown keys are rejected.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wishes {
    /// The sport pack.
    pub sport_type: Option<String>,
    /// Height of the main athlete, meters.
    pub height_m: Option<f64>,
    /// Heights of people by their id, meters.
    pub heights_m: BTreeMap<String, f64>,
    /// The depth from which a repetition counts, degrees.
    pub min_depth_deg: Option<f64>,
    /// Settings of cleaning, by their name.
    pub clean: toml::Table,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct File {
    analyze: Wishes,
    /// Options of the command line, which were read earlier.
    run: toml::Table,
    /// Rules about single videos, for the extraction.
    footage: Vec<toml::Table>,
}

impl Wishes {
    /// Reads a settings file; a missing file requests nothing.
    ///
    /// # Errors
    /// If the file cannot be read or has unknown keys.
    pub fn read(path: &Path) -> Result<Self, AnalyzeError> {
        let failed = |problem: String| AnalyzeError::Settings { path: path.to_path_buf(), problem };
        match std::fs::read_to_string(path) {
            Ok(text) => {
                toml::from_str::<File>(&text).map(|file| file.analyze).map_err(|error| failed(error.to_string()))
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(failed(error.to_string())),
        }
    }

    /// Returns these settings, completed by those of `others` if not set here.
    #[must_use]
    pub fn or(self, others: Self) -> Self {
        let mut clean = others.clean;
        clean.extend(self.clean);
        let mut heights_m = others.heights_m;
        // The height of the main athlete is that of person 0, even if it was given in another way before.
        if self.height_m.is_some() {
            heights_m.remove(MAIN_ATHLETE);
        }
        heights_m.extend(self.heights_m);
        Self {
            sport_type: self.sport_type.or(others.sport_type),
            height_m: self.height_m.or(others.height_m),
            heights_m,
            min_depth_deg: self.min_depth_deg.or(others.min_depth_deg),
            clean,
        }
    }

    /// Returns these settings, completed by earlier ones. If these name another filter, the settings of the earlier
    /// filter are dropped.
    #[must_use]
    pub fn over(self, mut before: Self) -> Self {
        if self.clean.get("filter").is_some_and(|filter| before.clean.get("filter") != Some(filter)) {
            forget_filter(&mut before.clean);
        }
        self.or(before)
    }

    /// Describes the settings in words: `sport squat, height of person 0 1.82 m, filter gcv_spline`; empty if nothing
    /// is requested.
    #[must_use]
    pub fn words(&self) -> String {
        let sport = self.sport_type.iter().map(|sport| format!("sport {sport}"));
        let height = self.height_m.iter().map(|height_m| format!("height {height_m} m"));
        let heights = self.heights_m.iter().map(|(person, height_m)| format!("height of person {person} {height_m} m"));
        let clean = self.clean.iter().map(|(key, value)| match value {
            toml::Value::String(text) => format!("{} {text}", key.replace('_', " ")),
            value => format!("{} {value}", key.replace('_', " ")),
        });
        let depth = self.min_depth_deg.iter().map(|depth_deg| format!("depth of repetitions {depth_deg} degrees"));
        sport.chain(height).chain(heights).chain(depth).chain(clean).collect::<Vec<_>>().join(", ")
    }

    /// Returns the effective settings for a sport pack.
    ///
    /// # Errors
    /// A message about the invalid setting.
    pub fn settings(self, pack: &SportPack) -> Result<AnalysisSettings, String> {
        let mut clean = pack.clean.clone();
        // A pack's cut-off applies only to the pack's filter.
        if self.clean.contains_key("filter") {
            forget_filter(&mut clean);
        }
        clean.extend(self.clean);
        let clean: CleanSettings = clean.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
        let settings = AnalysisSettings {
            sport_type: pack.name.clone(),
            height_m: self.height_m,
            heights_m: self.heights_m,
            min_depth_deg: self.min_depth_deg,
            clean,
        };
        settings.check().map(|()| settings)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::library::Library;

    fn wishes(text: &str) -> Result<Wishes, toml::de::Error> {
        toml::from_str::<File>(text).map(|file| file.analyze)
    }

    fn generic() -> SportPack {
        SportPack::find(&Library::built_in(), DEFAULT_SPORT).unwrap()
    }

    #[test]
    fn the_command_line_beats_the_file_beats_the_default() {
        let file =
            wishes("[analyze]\nheight_m = 1.8\n[analyze.clean]\ncutoff_hz = 5.5\nmin_visibility = 0.3\n").unwrap();
        let line = Wishes { clean: toml::from_str("cutoff_hz = 8.0").unwrap(), ..Wishes::default() };
        let settings = line.or(file).settings(&generic()).unwrap();
        assert_eq!(settings.height_m, Some(1.8));
        assert_eq!((settings.clean.cutoff_hz, settings.clean.min_visibility), (Some(8.0), 0.3));
        assert_eq!(settings.clean.filter, "butterworth");
    }

    #[test]
    fn unknown_keys_are_refused() {
        assert!(wishes("[analyze]\nheigth_m = 1.8\n").unwrap_err().to_string().contains("heigth_m"));
        assert!(wishes("[analyse]\nheight_m = 1.8\n").is_err());
        let misspelled = wishes("[analyze.clean]\ncut_off_hz = 5\n").unwrap();
        assert!(misspelled.settings(&generic()).unwrap_err().contains("cut_off_hz"));
    }

    #[test]
    fn another_filter_has_settings_of_its_own() {
        let clean = |text: &str| Wishes { clean: toml::from_str(text).unwrap(), ..Wishes::default() };
        let before = clean("filter = 'butterworth'\ncutoff_hz = 9.0\nmin_visibility = 0.2");
        assert_eq!(
            clean("filter = 'gcv_spline'").over(before.clone()),
            clean("filter = 'gcv_spline'\nmin_visibility = 0.2")
        );
        assert_eq!(clean("filter = 'butterworth'").over(before.clone()), before);
        let smooth = clean("filter = 'savitzky_golay'\nwindow_s = 0.3\ndegree = 3");
        assert!(clean("filter = 'median'").over(smooth).settings(&generic()).is_ok());
        let old = clean("filter = 'kalman'\ntrust_ratio = 900.0");
        assert!(clean("filter = 'butterworth'").over(old).settings(&generic()).is_ok());
    }

    #[test]
    fn a_later_height_of_the_main_athlete_beats_an_earlier_one_by_id() {
        let said = |text: &str| toml::from_str::<Wishes>(text).unwrap();
        let before = said("heights_m = { 0 = 1.82, 1 = 1.68 }");
        assert_eq!(said("height_m = 1.5").over(before.clone()), said("height_m = 1.5\nheights_m = { 1 = 1.68 }"));
        let both = said("height_m = 1.5\nheights_m = { 0 = 1.6 }");
        assert_eq!(both.clone().over(before.clone()).heights_m, said("heights_m = { 0 = 1.6, 1 = 1.68 }").heights_m);
        // And the other way round: the id beats the height without one, as in the tables.
        let settings = before.over(said("height_m = 1.5")).settings(&generic()).unwrap();
        assert_eq!(settings.heights_m.get(MAIN_ATHLETE), Some(&1.82));
    }

    #[test]
    fn impossible_heights_are_refused() {
        for text in ["height_m = 178", "heights_m = { \"1\" = 0 }", "heights_m = { \"Anna\" = 1.7 }"] {
            assert!(wishes(&format!("[analyze]\n{text}\n")).unwrap().settings(&generic()).is_err(), "{text}");
        }
    }
}

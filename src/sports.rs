//! Sport packs: folders with `pack.toml` and SQL files. `docs/SPORT_PACKS.md` explains a pack line by line.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::sql::library::Library;

/// A sport pack cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum SportError {
    /// No sport pack has this name.
    #[error("unknown sport pack {name}")]
    Unknown {
        /// The name that was asked for.
        name: String,
        /// The names of all sport packs, in a sentence.
        known: String,
    },
    /// A `pack.toml` is invalid.
    #[error("{}: {problem}", path.display())]
    Invalid {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

/// The contents of `pack.toml`. Unknown keys are rejected.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SportPack {
    /// The name of the pack: that of its folder.
    pub name: String,
    /// The title that people read.
    pub title: String,
    /// What the pack measures and how to film for it.
    pub description: String,
    /// The movements that posekit detects in addition to the pack's own SQL.
    #[serde(default)]
    pub detect: Detect,
    /// The cleaning settings for the sport.
    #[serde(default)]
    pub clean: toml::Table,
    /// The usual ranges of metrics.
    #[serde(default)]
    pub norms: Vec<Norm>,
    /// What to draw: angles, trails and metrics.
    #[serde(default)]
    pub draw: Draw,
    /// The texts for reports and prompts.
    #[serde(default)]
    pub words: Words,
}

/// The movements that posekit detects itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Detect {
    /// Contacts and toe-offs of walking and running.
    pub gait: bool,
    /// Take-offs and landings.
    pub jumps: bool,
    /// Repetitions of any movement.
    pub repetitions: bool,
}

/// The usual range of a metric.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norm {
    /// The name of the metric.
    pub metric: String,
    /// The lower end of the range.
    pub low: f64,
    /// The upper end of the range.
    pub high: f64,
    /// The unit of both ends. A metric with another unit is not compared.
    pub unit: String,
    /// The population and the publication of the range.
    pub source: String,
}

/// What to draw: angles, trails and metrics.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draw {
    /// The joints whose angles are drawn.
    pub angles: Vec<String>,
    /// The points whose paths are drawn.
    pub trails: Vec<String>,
    /// The metrics in the panel.
    pub metrics: Vec<String>,
}

/// The texts for reports and prompts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// The text about the movement in a report.
    pub report: String,
    /// The text about the movement for a language model.
    pub prompt: String,
}

/// Returns the names of all packs: of the folders with a `pack.toml`.
pub(crate) fn packs(library: &Library) -> Vec<&str> {
    let mut names = library.subfolders("sports");
    names.retain(|name| library.get(&format!("sports/{name}/pack.toml")).is_some());
    names
}

impl SportPack {
    /// Returns the pack with a name.
    ///
    /// # Errors
    /// If the pack is unknown or its `pack.toml` is invalid.
    pub fn find(library: &Library, name: &str) -> Result<Self, SportError> {
        let path = format!("sports/{name}/pack.toml");
        let text = library.get(&path).ok_or_else(|| SportError::Unknown {
            name: name.to_owned(),
            known: format!("known packs: {}; packs of your own need --sports_dir each time", packs(library).join(", ")),
        })?;
        let failed = |problem: String| SportError::Invalid { path: PathBuf::from(&path), problem };
        let pack: Self = toml::from_str(text).map_err(|error| failed(error.to_string()))?;
        if pack.name == name {
            Ok(pack)
        } else {
            Err(failed(format!("the pack is named {}, but its folder is named {name}", pack.name)))
        }
    }

    /// Returns the folder of the pack's SQL files of a kind: `events`, `phases`, `metrics`.
    #[must_use]
    pub fn folder(&self, kind: &str) -> String {
        format!("sports/{}/{kind}", self.name)
    }
}

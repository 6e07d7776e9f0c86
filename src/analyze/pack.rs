//! Sport packs: a folder with `pack.toml` and SQL files. `docs/SPORT_PACKS.md` explains one line by line.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::error::AnalyzeError;
use crate::sql::library::Library;

/// What `pack.toml` says. Unknown keys are refused.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SportPack {
    /// Its name: that of its folder.
    pub name: String,
    /// For people.
    pub title: String,
    /// What it measures and how to film for it.
    pub description: String,
    /// What posekit looks for besides the pack's own SQL.
    pub detect: Detect,
    /// Settings of cleaning that suit the sport.
    #[serde(default)]
    pub clean: toml::Table,
    /// What is usual.
    #[serde(default)]
    pub norms: Vec<Norm>,
    /// What is worth drawing.
    #[serde(default)]
    pub draw: Draw,
    /// Words for reports and prompts.
    #[serde(default)]
    pub words: Words,
}

/// Movements that posekit finds itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Detect {
    /// Contacts and toe-offs of walking and running.
    pub gait: bool,
    /// Take-offs and landings.
    pub jumps: bool,
    /// Repetitions of whatever is repeated.
    pub repetitions: bool,
}

/// The usual range of a metric.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Norm {
    /// The metric.
    pub metric: String,
    /// From.
    pub low: f64,
    /// To.
    pub high: f64,
    /// In which unit.
    pub unit: String,
    /// Of whom, and where that is published.
    pub source: String,
}

/// What is worth drawing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Draw {
    /// Joints whose angles are shown.
    pub angles: Vec<String>,
    /// Points whose way is shown.
    pub trails: Vec<String>,
    /// Metrics in the panel.
    pub metrics: Vec<String>,
}

/// Words for reports and prompts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Words {
    /// What a report says about the movement.
    pub report: String,
    /// What a language model is told about it.
    pub prompt: String,
}

impl SportPack {
    /// The pack of a name.
    ///
    /// # Errors
    /// There is none, or its `pack.toml` makes no sense.
    pub fn find(library: &Library, name: &str) -> Result<Self, AnalyzeError> {
        let path = format!("sports/{name}/pack.toml");
        let text = library.get(&path).ok_or_else(|| AnalyzeError::NoPack {
            name: name.to_owned(),
            known: format!("there are: {}; your own go into --sports_dir", library.subfolders("sports").join(", ")),
        })?;
        let failed = |problem: String| AnalyzeError::Settings { path: PathBuf::from(&path), problem };
        let pack: Self = toml::from_str(text).map_err(|error| failed(error.to_string()))?;
        if pack.name == name {
            Ok(pack)
        } else {
            Err(failed(format!("its name is {}, but its folder is {name}", pack.name)))
        }
    }

    /// The folder of its SQL files of a kind: `events`, `phases`, `metrics`.
    #[must_use]
    pub fn folder(&self, kind: &str) -> String {
        format!("sports/{}/{kind}", self.name)
    }
}

//! What an analysis depends on besides the tables. Stored with its results.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::analysis::clean_settings::CleanSettings;

/// Settings of an analysis.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalysisSettings {
    /// The sport pack.
    pub sport_type: String,
    /// Height of the main athlete, meters.
    pub height_m: Option<f64>,
    /// Heights of people by their id, meters.
    pub heights_m: BTreeMap<String, f64>,
    /// How tracks are cleaned.
    pub clean: CleanSettings,
}

/// Heights that a person can have, meters.
const HEIGHTS_M: std::ops::RangeInclusive<f64> = 0.5..=2.8;

impl AnalysisSettings {
    /// Makes sure that all values make sense.
    ///
    /// # Errors
    /// What is wrong with them, in words.
    pub fn check(&self) -> Result<(), String> {
        let heights = self.height_m.iter().chain(self.heights_m.values());
        if let Some(height_m) = heights.copied().find(|height_m| !HEIGHTS_M.contains(height_m)) {
            return Err(format!("a height of {height_m} m is none (0.5 to 2.8)"));
        }
        if let Some(id) = self.heights_m.keys().find(|id| id.parse::<u16>().is_err()) {
            return Err(format!("heights_m has {id}, which is no person's id"));
        }
        self.clean.check()
    }
}

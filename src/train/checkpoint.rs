//! The state of a training on disk. A killed training continues from it with the same result.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::error::TrainError;
use super::optimizer::AdamW;
use crate::artifacts::files::write_whole;
use crate::local_model::Numbers;

/// Key of the file's metadata entry that holds everything except the numbers.
const ABOUT: &str = "posekit";

/// The state of a training.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct State {
    /// Values of the adapter's weights.
    pub(crate) values: Numbers,
    /// The optimizer and its moments.
    pub(crate) optimizer: AdamW,
    /// One record per step so far.
    pub(crate) steps: Vec<StepRecord>,
}

/// The record of one step.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct StepRecord {
    /// Mean loss over the step's targets, nats.
    pub(crate) loss: f64,
    /// Norm of the gradients before clipping.
    pub(crate) gradient_length: f64,
    /// Number of targets.
    pub(crate) targets: u64,
    /// Number of tokens in its rows.
    pub(crate) tokens: u64,
    /// Duration, seconds.
    pub(crate) duration_s: f64,
}

#[derive(Serialize, Deserialize)]
struct About {
    key: String,
    optimizer_steps: u64,
    steps: Vec<StepRecord>,
}

impl State {
    /// Writes the state. It replaces the last state completely or not at all. `key` identifies all settings.
    ///
    /// # Errors
    /// If the state cannot be written.
    pub(crate) fn save(&self, path: &Path, key: &str) -> Result<(), TrainError> {
        let about = About { key: key.to_owned(), optimizer_steps: self.optimizer.steps, steps: self.steps.clone() };
        let about = serde_json::to_string(&about).map_err(|error| invalid(path, &error))?;
        let parts = [("value", &self.values), ("mean", &self.optimizer.means), ("square", &self.optimizer.squares)];
        let named = parts
            .iter()
            .flat_map(|(part, numbers)| numbers.iter().map(move |(name, values)| (format!("{part}.{name}"), values)));
        let bytes: Vec<(String, usize, Vec<u8>)> = named
            .map(|(name, values)| (name, values.len(), values.iter().flat_map(|value| value.to_le_bytes()).collect()))
            .collect();
        let mut views = Vec::with_capacity(bytes.len());
        for (name, count, bytes) in &bytes {
            let view = TensorView::new(Dtype::F32, vec![*count], bytes).map_err(|error| invalid(path, &error))?;
            views.push((name.as_str(), view));
        }
        let metadata = Some(HashMap::from([(ABOUT.to_owned(), about)]));
        let file = safetensors::serialize(views, metadata).map_err(|error| invalid(path, &error))?;
        Ok(write_whole(path, &file)?)
    }

    /// Reads the state; `None` if the file is missing or belongs to other settings.
    ///
    /// # Errors
    /// If the file is damaged.
    pub(crate) fn load(path: &Path, key: &str) -> Result<Option<Self>, TrainError> {
        if !path.is_file() {
            return Ok(None);
        }
        let bytes = fs::read(path).map_err(|source| TrainError::file(path, source))?;
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(|error| invalid(path, &error))?;
        let about = header.metadata().as_ref().and_then(|metadata| metadata.get(ABOUT));
        let about = about.ok_or_else(|| invalid(path, &"not a posekit file"))?;
        let about: About = serde_json::from_str(about).map_err(|error| invalid(path, &error))?;
        if about.key != key {
            return Ok(None);
        }
        let tensors = SafeTensors::deserialize(&bytes).map_err(|error| invalid(path, &error))?;
        let mut state = Self { steps: about.steps, ..Self::default() };
        state.optimizer.steps = about.optimizer_steps;
        for (name, view) in tensors.tensors() {
            let bytes = view.data().as_chunks::<4>().0;
            let values: Vec<f32> = bytes.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
            match name.split_once('.') {
                Some(("value", name)) => state.values.insert(name.to_owned(), values),
                Some(("mean", name)) => state.optimizer.means.insert(name.to_owned(), values),
                Some(("square", name)) => state.optimizer.squares.insert(name.to_owned(), values),
                _ => return Err(invalid(path, &format!("unknown entry {name}"))),
            };
        }
        Ok(Some(state))
    }
}

fn invalid(path: &Path, message: &dyn std::fmt::Display) -> TrainError {
    TrainError::State { path: path.to_path_buf(), message: message.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_state_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.safetensors");
        let numbers = |factor: f32| Numbers::from([("a.b".to_owned(), vec![factor, f32::MIN_POSITIVE, -0.0])]);
        let step = StepRecord { loss: 0.1 + 0.2, gradient_length: 1e-9, targets: 3, tokens: 9, duration_s: 0.5 };
        let optimizer = AdamW { means: numbers(2.0), squares: numbers(3.0), steps: 7 };
        let state = State { values: numbers(1.0), optimizer, steps: vec![step; 7] };
        assert_eq!(State::load(&path, "key").unwrap(), None);
        state.save(&path, "key").unwrap();
        assert_eq!(State::load(&path, "key").unwrap(), Some(state));
        assert_eq!(State::load(&path, "other settings").unwrap(), None);
        fs::write(&path, b"torn").unwrap();
        assert!(State::load(&path, "key").is_err());
    }
}

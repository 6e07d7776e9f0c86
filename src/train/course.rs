//! Runs a training step by step and saves its state regularly.

use std::path::Path;
use std::time::Instant;

use super::checkpoint::{State, StepRecord};
use super::error::TrainError;
use super::plan::{Plan, Schedule, batch};
use crate::failpoint;
use crate::local_model::{EncodedChat, LocalModel};

/// The model, data and settings of a training.
pub(crate) struct Course<'a> {
    /// The model, with an adapter.
    pub(crate) model: &'a mut LocalModel,
    /// The examples.
    pub(crate) examples: &'a [EncodedChat],
    /// The assignment of examples to steps.
    pub(crate) plan: Plan,
    /// The learning rate of each step.
    pub(crate) schedule: Schedule,
    /// Whether only the inputs of each layer are kept in memory.
    pub(crate) is_checkpointed: bool,
    /// Number of steps between saves of the state.
    pub(crate) save_every: u64,
    /// Path of the saved state.
    pub(crate) state: &'a Path,
    /// The key that identifies all settings.
    pub(crate) key: &'a str,
    /// Whether the user asked to stop.
    pub(crate) is_interrupted: &'a dyn Fn() -> bool,
    /// Called after each step with the number of steps so far and the record of the last one.
    pub(crate) on_step: &'a dyn Fn(u64, &StepRecord),
}

impl Course<'_> {
    /// Trains to the last step, starting from the saved state if there is one. Afterwards the model holds the trained
    /// adapter.
    ///
    /// # Errors
    /// See [`TrainError`]; after an interrupt the state is saved.
    pub(crate) fn run(&mut self) -> Result<Vec<StepRecord>, TrainError> {
        let mut state = match State::load(self.state, self.key)? {
            Some(state) => state,
            None => State { values: self.model.adapter_values(), ..State::default() },
        };
        self.model.set_adapter_values(&state.values)?;
        let (mut epoch, mut batches) = (u64::MAX, Vec::new());
        while (state.steps.len() as u64) < self.schedule.steps {
            let step = state.steps.len() as u64;
            if (self.is_interrupted)() {
                state.save(self.state, self.key)?;
                return Err(TrainError::Interrupted);
            }
            if step / self.plan.steps_per_epoch() != epoch {
                epoch = step / self.plan.steps_per_epoch();
                batches = self.plan.epoch(epoch);
            }
            let members = &batches[(step % self.plan.steps_per_epoch()) as usize];
            let record = self.step(&mut state, members)?;
            state.steps.push(record);
            (self.on_step)(step + 1, &record);
            if (step + 1).is_multiple_of(self.save_every) || step + 1 == self.schedule.steps {
                state.save(self.state, self.key)?;
                failpoint::pass("training-saved");
            }
        }
        Ok(state.steps)
    }

    fn step(&mut self, state: &mut State, members: &[usize]) -> Result<StepRecord, TrainError> {
        let started = Instant::now();
        let examples: Vec<&EncodedChat> = members.iter().map(|member| &self.examples[*member]).collect();
        let batch = batch(&examples);
        let (loss, gradients) = self.model.loss_and_gradients(&batch, self.is_checkpointed)?;
        let step = state.steps.len() as u64;
        if !loss.is_finite() {
            return Err(TrainError::Diverged { step: step + 1 });
        }
        let rate = self.schedule.rate(step);
        let gradient_length = state.optimizer.step(&mut state.values, &gradients, rate);
        self.model.set_adapter_values(&state.values)?;
        Ok(StepRecord {
            loss,
            gradient_length,
            targets: batch.targets.len() as u64,
            tokens: examples.iter().map(|example| example.ids.len() as u64).sum(),
            duration_s: started.elapsed().as_secs_f64(),
        })
    }
}

//! The assignment of examples to steps, and the learning rate of each step. Pure: a seed always gives the same plan, so
//! that a training can be continued.

use std::f64::consts::PI;

use crate::local_model::{Batch, EncodedChat, Seeded};

/// Number of batches among which examples are sorted by length: padding stays small, and the order stays random.
const SORTED_BATCHES: usize = 8;

/// The order of examples in a training.
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    lengths: Vec<usize>,
    batch: usize,
    seed: u64,
}

impl Plan {
    /// Creates the plan for examples of the given lengths, in tokens.
    #[must_use]
    pub fn new(lengths: Vec<usize>, batch: usize, seed: u64) -> Self {
        Self { lengths, batch: batch.max(1), seed }
    }

    /// Number of steps in which each example is used once.
    #[must_use]
    pub fn steps_per_epoch(&self) -> u64 {
        self.lengths.len().div_ceil(self.batch) as u64
    }

    /// The examples of each step of an epoch, as indices.
    #[must_use]
    pub fn epoch(&self, epoch: u64) -> Vec<Vec<usize>> {
        let mut random = Seeded::new(self.seed ^ epoch.wrapping_mul(0x9E37_79B9));
        let mut order: Vec<usize> = (0..self.lengths.len()).collect();
        random.shuffle(&mut order);
        for part in order.chunks_mut(self.batch * SORTED_BATCHES) {
            part.sort_by_key(|example| (self.lengths[*example], *example));
        }
        let mut batches: Vec<Vec<usize>> = order.chunks(self.batch).map(<[usize]>::to_vec).collect();
        random.shuffle(&mut batches);
        batches
    }
}

/// Combines examples to a batch, padded to the longest.
#[must_use]
pub fn batch(examples: &[&EncodedChat]) -> Batch {
    let tokens = examples.iter().map(|example| example.ids.len()).max().unwrap_or(0);
    let mut batch = Batch { ids: Vec::new(), sequences: examples.len(), places: Vec::new(), targets: Vec::new() };
    for (sequence, example) in examples.iter().enumerate() {
        batch.ids.extend(&example.ids);
        // No position depends on later ones, so padding after an end changes nothing before it.
        batch.ids.resize((sequence + 1) * tokens, 0);
        for (place, (id, is_target)) in example.ids.iter().zip(&example.is_target).enumerate().skip(1) {
            if *is_target {
                batch.places.push((sequence * tokens + place - 1) as u32);
                batch.targets.push(*id);
            }
        }
    }
    batch
}

/// The learning rate: rises for `warmup` steps, then falls along a cosine to a tenth at the end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Schedule {
    /// The highest rate.
    pub rate: f64,
    /// Number of steps until the highest rate.
    pub warmup: u64,
    /// Total number of steps.
    pub steps: u64,
}

impl Schedule {
    /// The rate of a step, counted from 0.
    #[must_use]
    pub fn rate(self, step: u64) -> f64 {
        if step < self.warmup {
            return self.rate * (step + 1) as f64 / self.warmup as f64;
        }
        let rest = self.steps.saturating_sub(self.warmup).max(1) as f64;
        let share = ((step - self.warmup) as f64 / rest).min(1.0);
        self.rate * (0.1 + 0.9 * 0.5 * (1.0 + (PI * share).cos()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_epoch_has_each_example_once(lengths in proptest::collection::vec(1usize..100, 1..200), size in 1usize..9, seed in 0u64..50) {
            let plan = Plan::new(lengths.clone(), size, seed);
            let batches = plan.epoch(3);
            prop_assert_eq!(batches.len() as u64, plan.steps_per_epoch());
            prop_assert_eq!(&batches, &plan.epoch(3));
            let mut all: Vec<usize> = batches.concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn targets_follow_their_places() {
        let long = EncodedChat { ids: vec![5, 6, 7, 8], is_target: vec![false, false, true, true] };
        let short = EncodedChat { ids: vec![1, 2], is_target: vec![true, true] };
        let batch = batch(&[&long, &short]);
        assert_eq!(batch.ids, [5, 6, 7, 8, 1, 2, 0, 0]);
        assert_eq!(batch.places, [1, 2, 4]);
        assert_eq!(batch.targets, [7, 8, 2]);
    }

    #[test]
    fn rates_go_up_and_down() {
        let schedule = Schedule { rate: 1.0, warmup: 4, steps: 104 };
        let rates: Vec<f64> = (0..104).map(|step| schedule.rate(step)).collect();
        assert_eq!(rates[..4], [0.25, 0.5, 0.75, 1.0]);
        assert!(rates[4..].windows(2).all(|pair| pair[1] < pair[0]));
        assert!((schedule.rate(104) - 0.1).abs() < 1e-9);
    }
}

//! The optimizer `AdamW`. Pure.

use crate::local_model::Numbers;

const MEAN_DECAY: f64 = 0.9;
const SQUARE_DECAY: f64 = 0.999;
const EPSILON: f64 = 1e-8;
/// Norm to which gradients are clipped.
const LONGEST_GRADIENT: f64 = 1.0;

/// Moments of an adapter's gradients. No weight decay is used, because adapters begin at zero and are small.
///
/// Source: Kingma and Ba 2015; Loshchilov and Hutter 2019.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct AdamW {
    /// Decaying mean of the gradients.
    pub(crate) means: Numbers,
    /// Decaying mean of the squared gradients.
    pub(crate) squares: Numbers,
    /// Number of steps so far.
    pub(crate) steps: u64,
}

impl AdamW {
    /// Updates the values by their gradients. Returns the norm of the gradients before clipping.
    pub(crate) fn step(&mut self, values: &mut Numbers, gradients: &Numbers, rate: f64) -> f64 {
        let squares = gradients.values().flatten().map(|gradient| f64::from(*gradient) * f64::from(*gradient));
        let length = squares.sum::<f64>().sqrt();
        let factor = (LONGEST_GRADIENT / length.max(LONGEST_GRADIENT)) as f32;
        self.steps += 1;
        let mean_correction = 1.0 - MEAN_DECAY.powf(self.steps as f64);
        let square_correction = 1.0 - SQUARE_DECAY.powf(self.steps as f64);
        for (name, values) in values {
            let Some(gradients) = gradients.get(name) else { continue };
            let means = self.means.entry(name.clone()).or_insert_with(|| vec![0.0; values.len()]);
            let squares = self.squares.entry(name.clone()).or_insert_with(|| vec![0.0; values.len()]);
            for (((value, gradient), mean), square) in values.iter_mut().zip(gradients).zip(means).zip(squares) {
                let gradient = gradient * factor;
                *mean += (1.0 - MEAN_DECAY as f32) * (gradient - *mean);
                *square += (1.0 - SQUARE_DECAY as f32) * (gradient * gradient - *square);
                let spread = (f64::from(*square) / square_correction).sqrt() + EPSILON;
                *value -= (rate * f64::from(*mean) / mean_correction / spread) as f32;
            }
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: f32) -> Numbers {
        Numbers::from([("x".to_owned(), vec![value])])
    }

    #[test]
    fn the_first_step_is_as_long_as_the_rate() {
        let (mut values, mut optimizer) = (one(1.0), AdamW::default());
        let length = optimizer.step(&mut values, &one(-0.3), 0.01);
        assert!((length - 0.3).abs() < 1e-6);
        assert!((values["x"][0] - 1.01).abs() < 1e-6);
    }

    #[test]
    fn a_bowl_is_descended() {
        let (mut values, mut optimizer) = (one(5.0), AdamW::default());
        for _ in 0..2000 {
            let gradient = one(2.0 * (values["x"][0] - 2.0));
            optimizer.step(&mut values, &gradient, 0.01);
        }
        assert!((values["x"][0] - 2.0).abs() < 0.01);
    }
}

//! Rotary position embeddings. Pure.

use std::f32::consts::PI;

/// Llama 3's scaling of the rotation for long texts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Llama3Scaling {
    /// Factor by which slow rotations are slowed down.
    pub(super) factor: f32,
    /// Waves longer than the original length divided by this are fully slowed down.
    pub(super) low_freq_factor: f32,
    /// Waves shorter than the original length divided by this are unchanged.
    pub(super) high_freq_factor: f32,
    /// The length of the model's original training, tokens.
    pub(super) original_length: f32,
}

/// The rotation of one head: value i is rotated with value i + size/2, in the order of Hugging Face's weights.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rope {
    /// Rotation of each pair of values, radians per token.
    speeds: Vec<f32>,
}

impl Rope {
    /// Creates the rotation for heads of `size` values.
    ///
    /// Source: Su et al. 2021; the scaling as in transformers' `_compute_llama3_parameters`.
    pub(super) fn new(size: usize, theta: f32, scaling: Option<Llama3Scaling>) -> Self {
        let speeds = (0..size / 2).map(|pair| {
            let speed = 1.0 / theta.powf(2.0 * pair as f32 / size as f32);
            scaling.map_or(speed, |scaling| scaling.speed(speed))
        });
        Self { speeds: speeds.collect() }
    }

    /// Divides the speed of each pair of values by a divisor: the form of a scaling in GGUF files.
    pub(super) fn divided(self, divisors: &[f32]) -> Self {
        let speeds = self.speeds.iter().zip(divisors.iter().chain(std::iter::repeat(&1.0)));
        Self { speeds: speeds.map(|(speed, divisor)| speed / divisor).collect() }
    }

    /// The ratio of each speed without scaling to the speed with it.
    pub(super) fn divisors(&self, theta: f32) -> Vec<f32> {
        let plain = Self::new(2 * self.speeds.len(), theta, None);
        plain.speeds.iter().zip(&self.speeds).map(|(plain, speed)| plain / speed).collect()
    }

    /// Cosines and sines of `tokens` positions from `first` on, (tokens, size / 2) each.
    pub(super) fn tables(&self, first: usize, tokens: usize) -> Turns {
        let positions = first..first + tokens;
        let turns = positions.flat_map(|position| self.speeds.iter().map(move |speed| position as f32 * speed));
        let (cosines, sines) = turns.map(|turn| (turn.cos(), turn.sin())).unzip();
        Turns { cosines, sines, pairs: self.speeds.len() }
    }
}

/// The rotation of heads at some positions.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Turns {
    /// Cosines, (tokens, size / 2).
    pub(super) cosines: Vec<f32>,
    /// Sines, (tokens, size / 2).
    pub(super) sines: Vec<f32>,
    pairs: usize,
}

impl Turns {
    /// Rotates the heads of one token, the `token`-th of the table, forward or backward.
    pub(super) fn rotate(&self, heads: &mut [f32], token: usize, is_backward: bool) {
        let cosines = &self.cosines[token * self.pairs..][..self.pairs];
        let sines = &self.sines[token * self.pairs..][..self.pairs];
        let direction = if is_backward { -1.0 } else { 1.0 };
        for head in heads.chunks_mut(2 * self.pairs) {
            let (first, second) = head.split_at_mut(self.pairs);
            for (((first, second), cosine), sine) in first.iter_mut().zip(second).zip(cosines).zip(sines) {
                let sine = direction * sine;
                (*first, *second) = (*first * cosine - *second * sine, *second * cosine + *first * sine);
            }
        }
    }
}

impl Llama3Scaling {
    fn speed(self, speed: f32) -> f32 {
        let wave = 2.0 * PI / speed;
        let (long, short) = (self.original_length / self.low_freq_factor, self.original_length / self.high_freq_factor);
        if wave > long {
            speed / self.factor
        } else if wave < short {
            speed
        } else {
            let share =
                (self.original_length / wave - self.low_freq_factor) / (self.high_freq_factor - self.low_freq_factor);
            (1.0 - share) * speed / self.factor + share * speed
        }
    }
}

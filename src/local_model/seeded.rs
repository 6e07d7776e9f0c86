//! Random numbers that depend only on a seed. candle's generator on the processor cannot be seeded. Pure.

/// A generator of random numbers.
///
/// Source: Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators" (`SplitMix64`).
#[derive(Debug, Clone)]
pub struct Seeded(u64);

impl Seeded {
    /// Creates the generator of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number in [-1, 1).
    pub fn signed_unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    /// Shuffles in place.
    ///
    /// Source: Fisher and Yates, in Durstenfeld's form.
    pub fn shuffle<T>(&mut self, things: &mut [T]) {
        for last in (1..things.len()).rev() {
            let other = (self.next() % (last as u64 + 1)) as usize;
            things.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_numbers_for_good() {
        let mut seeded = Seeded::new(42);
        assert_eq!(seeded.next(), 13_679_457_532_755_275_413);
        let numbers: Vec<f32> = (0..1000).map(|_| seeded.signed_unit()).collect();
        assert!(numbers.iter().all(|number| (-1.0..1.0).contains(number)));
        assert!((numbers.iter().sum::<f32>() / 1000.0).abs() < 0.05);
    }

    #[test]
    fn a_shuffle_keeps_everything() {
        let mut things: Vec<u32> = (0..100).collect();
        Seeded::new(1).shuffle(&mut things);
        assert_ne!(things, (0..100).collect::<Vec<u32>>());
        things.sort_unstable();
        assert_eq!(things, (0..100).collect::<Vec<u32>>());
    }
}

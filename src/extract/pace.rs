//! Whether several threads really make a frame faster. posekit counts its own threads, but another program may have
//! the cores: then threads that wait for each other take longer than one alone. Pure.

/// The number of frames in one thread after several threads were slower.
const PAUSE_FRAMES: u32 = 200;
/// Several threads are slower if they take this much longer than one.
const SLOWER: f64 = 1.1;
/// Shorter differences are noise, seconds.
const NOISE_S: f64 = 5e-4;
/// The weight of the newest time in a mean.
const NEWEST: f64 = 0.2;

/// The times of crops in one thread and in several.
#[derive(Debug, Clone, Default)]
pub(super) struct Pace {
    narrow_s: Option<f64>,
    wide_s: Option<f64>,
    /// Frames until several threads are tried again.
    pause: u32,
}

impl Pace {
    /// Takes the time of a crop.
    pub(super) fn record(&mut self, is_wide: bool, seconds: f64) {
        let mean_s = if is_wide { &mut self.wide_s } else { &mut self.narrow_s };
        *mean_s = Some(mean_s.map_or(seconds, |mean_s| mean_s + NEWEST * (seconds - mean_s)));
    }

    /// Returns whether the next frame may have several threads. The first frame has one, for comparison.
    pub(super) fn allows_wide(&mut self) -> bool {
        let Some(narrow_s) = self.narrow_s else { return false };
        if self.wide_s.is_some_and(|wide_s| wide_s > narrow_s * SLOWER && wide_s - narrow_s > NOISE_S) {
            self.wide_s = None;
            self.pause = PAUSE_FRAMES;
        }
        self.pause = self.pause.saturating_sub(1);
        self.pause == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames out of `count` that had several threads, if a crop takes these times.
    fn n_wide(pace: &mut Pace, count: usize, narrow_s: f64, wide_s: f64) -> usize {
        let frames = (0..count).map(|_| {
            let is_wide = pace.allows_wide();
            pace.record(is_wide, if is_wide { wide_s } else { narrow_s });
            usize::from(is_wide)
        });
        frames.sum()
    }

    #[test]
    fn several_threads_stay_while_they_are_faster() {
        assert_eq!(n_wide(&mut Pace::default(), 100, 0.009, 0.006), 99, "all but the first");
        assert_eq!(n_wide(&mut Pace::default(), 100, 0.000_1, 0.000_4), 99, "noise");
    }

    #[test]
    fn several_threads_rest_while_they_are_slower_and_are_tried_again() {
        let mut pace = Pace::default();
        assert!(n_wide(&mut pace, 1000, 0.009, 0.057) <= 6);
        assert!(n_wide(&mut pace, 1000, 0.009, 0.006) >= 700, "the cores are free again");
    }
}

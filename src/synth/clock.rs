//! The time of day, and waiting. The clock is passed in, so that tests do not wait.

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Length of one piece of a long wait, seconds: determines how soon an interrupt is noticed.
const SLICE_S: f64 = 0.2;

/// A clock that tells the time and waits.
pub(crate) trait Clock: Send + Sync {
    /// Seconds since 1970-01-01 UTC. Never decreases.
    fn now_s(&self) -> f64;
    /// Waits for a number of seconds.
    fn sleep_s(&self, seconds: f64);
}

/// The machine's clock. The time of day is read once, so that later changes of the machine's clock have no effect.
#[derive(Debug)]
pub(crate) struct SystemClock {
    start: Instant,
    start_s: f64,
}

impl SystemClock {
    /// Starts at the machine's time of day.
    #[must_use]
    pub(crate) fn new() -> Self {
        let start_s = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
        Self { start: Instant::now(), start_s }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now_s(&self) -> f64 {
        self.start_s + self.start.elapsed().as_secs_f64()
    }

    fn sleep_s(&self, seconds: f64) {
        thread::sleep(Duration::from_secs_f64(seconds.max(0.0)));
    }
}

/// Waits until a time, or until `is_stopped` returns true. Returns false if stopped.
pub(super) fn wait_until(clock: &dyn Clock, until_s: f64, is_stopped: &dyn Fn() -> bool) -> bool {
    loop {
        if is_stopped() {
            return false;
        }
        let left_s = until_s - clock.now_s();
        if left_s <= 0.0 {
            return true;
        }
        clock.sleep_s(left_s.min(SLICE_S));
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::sync::Mutex;

    /// A clock that only advances by `sleep_s`.
    #[derive(Debug)]
    pub(in crate::synth) struct FakeClock(Mutex<f64>);

    impl FakeClock {
        pub(in crate::synth) fn new() -> Self {
            Self(Mutex::new(1_700_000_000.0))
        }
    }

    impl Clock for FakeClock {
        fn now_s(&self) -> f64 {
            *self.0.lock().unwrap()
        }

        fn sleep_s(&self, seconds: f64) {
            *self.0.lock().unwrap() += seconds;
        }
    }

    #[test]
    fn a_wait_ends_on_time_or_at_once_if_stopped() {
        let clock = FakeClock::new();
        let start_s = clock.now_s();
        assert!(wait_until(&clock, start_s + 3.0, &|| false));
        assert!((clock.now_s() - start_s - 3.0).abs() < 1e-3);
        assert!(!wait_until(&clock, start_s + 100.0, &|| clock.now_s() > start_s + 4.0));
        assert!(clock.now_s() < start_s + 5.0);
    }

    #[test]
    fn the_machines_clock_is_after_2023_and_moves_on() {
        let clock = SystemClock::new();
        let first = clock.now_s();
        clock.sleep_s(0.002);
        assert!(first > 1_672_531_200.0 && clock.now_s() >= first + 0.002);
    }
}

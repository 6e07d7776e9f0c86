//! Limits the rate of requests: the number in flight, the tokens per minute, and pauses that the provider requests.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use super::clock::{Clock, wait_until};
use crate::journal::lock;

/// Interval at which a waiting thread checks whether it should stop.
const LOOK: Duration = Duration::from_millis(50);

/// Rate limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Limits {
    /// Maximum number of requests in flight.
    pub(crate) max_in_flight: usize,
    /// Limit on tokens per minute, input and output together; `None` for no limit.
    pub(crate) tokens_per_minute: Option<u64>,
}

#[derive(Debug)]
struct State {
    n_in_flight: usize,
    /// Tokens that may be sent now; negative after a request that was larger than estimated.
    level: f64,
    level_at_s: f64,
    paused_until_s: f64,
}

/// Limits the rate of requests.
pub(crate) struct Throttle<'a> {
    limits: Limits,
    clock: &'a dyn Clock,
    state: Mutex<State>,
    changed: Condvar,
}

impl std::fmt::Debug for Throttle<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Throttle").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl<'a> Throttle<'a> {
    /// Starts with the tokens of a full minute.
    #[must_use]
    pub(crate) fn new(limits: Limits, clock: &'a dyn Clock) -> Self {
        let level = limits.tokens_per_minute.unwrap_or(0) as f64;
        let state = State { n_in_flight: 0, level, level_at_s: clock.now_s(), paused_until_s: f64::NEG_INFINITY };
        Self { limits, clock, state: Mutex::new(state), changed: Condvar::new() }
    }

    /// Waits until a request of about `tokens` tokens may be sent. `None` if `is_stopped` returns true.
    #[must_use]
    pub(crate) fn enter(&self, tokens: u64, is_stopped: &dyn Fn() -> bool) -> Option<Permit<'_>> {
        loop {
            let mut state = lock(&self.state);
            while state.n_in_flight >= self.limits.max_in_flight.max(1) {
                if is_stopped() {
                    return None;
                }
                let waited = self.changed.wait_timeout(state, LOOK);
                state = waited.unwrap_or_else(PoisonError::into_inner).0;
            }
            let now_s = self.clock.now_s();
            let at_s = self.earliest_s(&mut state, tokens, now_s);
            if at_s <= now_s {
                if is_stopped() {
                    return None;
                }
                state.n_in_flight += 1;
                state.level -= if self.limits.tokens_per_minute.is_some() { tokens as f64 } else { 0.0 };
                return Some(Permit { throttle: self, tokens });
            }
            drop(state);
            if !wait_until(self.clock, at_s, is_stopped) {
                return None;
            }
        }
    }

    /// Blocks further requests for a number of seconds.
    pub(crate) fn pause(&self, seconds: f64) {
        let until_s = self.clock.now_s() + seconds;
        let mut state = lock(&self.state);
        state.paused_until_s = state.paused_until_s.max(until_s);
    }

    /// The time at which a request of `tokens` tokens may be sent. A request of more than a minute's tokens is sent
    /// alone, after a full minute.
    fn earliest_s(&self, state: &mut State, tokens: u64, now_s: f64) -> f64 {
        let Some(per_minute) = self.limits.tokens_per_minute else { return state.paused_until_s };
        let capacity = per_minute.max(1) as f64;
        let per_s = capacity / 60.0;
        state.level = (state.level + (now_s - state.level_at_s).max(0.0) * per_s).min(capacity);
        state.level_at_s = now_s;
        let missing = (tokens as f64).min(capacity) - state.level;
        // A shortage of less than a thousandth of a token comes from rounding of the clock.
        let at_s = if missing < 1e-3 { now_s } else { now_s + missing / per_s };
        at_s.max(state.paused_until_s)
    }
}

/// Permission for a request in flight; ends when dropped.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    throttle: &'a Throttle<'a>,
    tokens: u64,
}

impl Permit<'_> {
    /// Replaces the estimated number of tokens by the number used.
    pub(crate) fn correct(&self, used: u64) {
        let mut state = lock(&self.throttle.state);
        if self.throttle.limits.tokens_per_minute.is_some() {
            state.level += self.tokens as f64 - used as f64;
        }
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        lock(&self.throttle.state).n_in_flight -= 1;
        self.throttle.changed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::tests::FakeClock;
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    const GO: &dyn Fn() -> bool = &|| false;

    fn limits(tokens_per_minute: Option<u64>) -> Limits {
        Limits { max_in_flight: 3, tokens_per_minute }
    }

    #[test]
    fn tokens_a_minute_hold_and_are_corrected() {
        let clock = FakeClock::new();
        let start_s = clock.now_s();
        let throttle = Throttle::new(limits(Some(600)), &clock);
        drop(throttle.enter(600, GO).unwrap());
        assert!(clock.now_s() - start_s < 1e-6, "a minute's tokens go out at once");
        let permit = throttle.enter(100, GO).unwrap();
        assert!((clock.now_s() - start_s - 10.0).abs() < 0.01, "10 tokens a second");
        permit.correct(20);
        drop(permit);
        drop(throttle.enter(80, GO).unwrap());
        assert!((clock.now_s() - start_s - 10.0).abs() < 0.01, "80 were not used");
        // More than a minute's tokens: the request is sent when the minute is full, and the next one waits for it.
        drop(throttle.enter(1200, GO).unwrap());
        assert!((clock.now_s() - start_s - 70.0).abs() < 0.05);
        drop(throttle.enter(10, GO).unwrap());
        assert!((clock.now_s() - start_s - 131.0).abs() < 0.1);
    }

    #[test]
    fn a_pause_holds_for_all_and_the_longest_wins() {
        let clock = FakeClock::new();
        let start_s = clock.now_s();
        let throttle = Throttle::new(limits(None), &clock);
        throttle.pause(30.0);
        throttle.pause(5.0);
        drop(throttle.enter(1, GO).unwrap());
        assert!((clock.now_s() - start_s - 30.0).abs() < 0.01);
        throttle.pause(1000.0);
        assert!(throttle.enter(1, &|| clock.now_s() > start_s + 40.0).is_none());
        assert!(clock.now_s() < start_s + 41.0);
    }

    #[test]
    fn no_more_than_so_many_at_a_time() {
        let clock = FakeClock::new();
        let throttle = Throttle::new(limits(None), &clock);
        let (n_now, n_most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..10 {
                scope.spawn(|| {
                    for _ in 0..10 {
                        let _permit = throttle.enter(1, GO).unwrap();
                        n_most.fetch_max(n_now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::sleep(Duration::from_micros(200));
                        n_now.fetch_sub(1, Ordering::SeqCst);
                    }
                });
            }
        });
        assert_eq!(n_most.load(Ordering::SeqCst), 3);
    }
}

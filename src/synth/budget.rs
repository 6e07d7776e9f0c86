//! The spending cap of a job. A request is sent only if its worst case fits into the cap together with the money spent
//! and reserved.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::journal::lock;

/// Interval at which a thread that waits for money checks whether it should stop.
const LOOK: Duration = Duration::from_millis(50);

#[derive(Debug, Clone, Copy)]
struct State {
    spent: u64,
    reserved: u64,
}

/// A cap in nano-dollars, shared by threads.
#[derive(Debug)]
pub(crate) struct Budget {
    cap: u64,
    state: Mutex<State>,
    changed: Condvar,
}

impl Budget {
    /// Creates a budget. `cap` is `None` if there is no limit. `spent` is the cost of the job so far, `reserved` the
    /// worst case of its requests in flight. All in nano-dollars.
    #[must_use]
    pub(crate) fn new(cap: Option<u64>, spent: u64, reserved: u64) -> Self {
        Self { cap: cap.unwrap_or(u64::MAX), state: Mutex::new(State { spent, reserved }), changed: Condvar::new() }
    }

    /// Reserves money for a request; `None` if it does not fit now.
    #[must_use]
    pub(crate) fn reserve(&self, worst: u64) -> Option<Reservation<'_>> {
        let mut state = lock(&self.state);
        if !fits(self.cap, &[state.spent, state.reserved, worst]) {
            return None;
        }
        state.reserved += worst;
        Some(Reservation { budget: self, worst, is_settled: false })
    }

    /// Reserves money for a request. Waits until requests in flight turn out cheaper than their worst case. `None` if
    /// the request can never fit, or if `is_stopped` returns true.
    #[must_use]
    pub(crate) fn reserve_or_wait(&self, worst: u64, is_stopped: &dyn Fn() -> bool) -> Option<Reservation<'_>> {
        loop {
            if is_stopped() {
                return None;
            }
            if let Some(reservation) = self.reserve(worst) {
                return Some(reservation);
            }
            let state = lock(&self.state);
            if !fits(self.cap, &[state.spent, worst]) {
                return None;
            }
            drop(self.changed.wait_timeout(state, LOOK).unwrap_or_else(PoisonError::into_inner));
        }
    }

    /// Replaces reserved money by the actual cost, for requests whose reservation is not available: those of batches.
    pub(crate) fn settle(&self, worst: u64, cost: u64) {
        let mut state = lock(&self.state);
        state.reserved = state.reserved.saturating_sub(worst);
        state.spent = state.spent.saturating_add(cost);
        self.changed.notify_all();
    }

    /// Money spent, nano-dollars.
    #[must_use]
    pub(crate) fn spent(&self) -> u64 {
        lock(&self.state).spent
    }

    /// Money reserved for requests in flight, nano-dollars.
    #[must_use]
    pub(crate) fn reserved(&self) -> u64 {
        lock(&self.state).reserved
    }

    /// Money that can still be reserved, nano-dollars; `None` if there is no limit.
    #[must_use]
    pub(crate) fn left(&self) -> Option<u64> {
        let state = *lock(&self.state);
        (self.cap != u64::MAX).then(|| self.cap.saturating_sub(state.spent).saturating_sub(state.reserved))
    }
}

/// Whether a sum is within the cap. An overflowing sum is not.
fn fits(cap: u64, amounts: &[u64]) -> bool {
    amounts.iter().try_fold(0_u64, |sum, amount| sum.checked_add(*amount)).is_some_and(|sum| sum <= cap)
}

/// Money reserved for one request. If it is dropped without being settled, all of it counts as spent.
#[derive(Debug)]
pub(crate) struct Reservation<'a> {
    budget: &'a Budget,
    worst: u64,
    is_settled: bool,
}

impl Reservation<'_> {
    /// Ends the reservation with the actual cost of the request.
    pub(crate) fn settle(mut self, cost: u64) {
        self.is_settled = true;
        self.budget.settle(self.worst, cost);
    }

    /// Keeps the money reserved after this value is dropped; [`Budget::settle`] ends it.
    pub(crate) fn keep(mut self) {
        self.is_settled = true;
    }
}

impl Drop for Reservation<'_> {
    fn drop(&mut self) {
        if !self.is_settled {
            self.budget.settle(self.worst, self.worst);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::sync::atomic::{AtomicU64, Ordering};

    #[test]
    fn what_does_not_fit_beside_what_is_in_flight_waits_for_it() {
        let budget = Budget::new(Some(100), 10, 0);
        let first = budget.reserve(60).unwrap();
        assert!(budget.reserve(31).is_none());
        assert_eq!((budget.left(), budget.spent(), budget.reserved()), (Some(30), 10, 60));
        first.settle(5);
        budget.reserve(85).unwrap().settle(85);
        assert!(budget.reserve(1).is_none() && budget.reserve(0).is_some());
    }

    #[test]
    fn a_forgotten_reservation_is_spent() {
        let budget = Budget::new(Some(100), 0, 0);
        drop(budget.reserve(60));
        assert_eq!((budget.spent(), budget.reserved()), (60, 0));
        budget.reserve(20).unwrap().keep();
        assert_eq!(budget.reserved(), 20);
        budget.settle(20, 3);
        assert_eq!((budget.spent(), budget.reserved()), (63, 0));
    }

    #[test]
    fn no_cap_holds_everything_but_an_overflow() {
        let budget = Budget::new(None, 0, 0);
        let _all = budget.reserve(u64::MAX - 1).unwrap();
        assert!(budget.left().is_none() && budget.reserve(2).is_none());
    }

    #[test]
    fn waiting_ends_with_money_with_none_or_with_a_stop() {
        let budget = Budget::new(Some(100), 0, 0);
        let first = budget.reserve(80).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| budget.reserve_or_wait(90, &|| false).is_some());
            std::thread::sleep(Duration::from_millis(20));
            first.settle(10);
            assert!(waiting.join().unwrap());
        });
        // The waiting thread dropped the reservation, so it is spent.
        assert!(budget.reserve_or_wait(1, &|| false).is_none());
        assert!(Budget::new(Some(100), 0, 50).reserve_or_wait(60, &|| true).is_none());
    }

    proptest! {
        #[test]
        fn the_cap_holds_with_many_threads(cap in 0_u64..5_000, seeds in proptest::collection::vec(1_u64..u64::MAX, 8)) {
            let budget = Budget::new(Some(cap), 0, 0);
            let (paid, most) = (AtomicU64::new(0), AtomicU64::new(0));
            std::thread::scope(|scope| {
                for seed in &seeds {
                    let (budget, paid, most) = (&budget, &paid, &most);
                    scope.spawn(move || {
                        let mut random = *seed;
                        for _ in 0..60 {
                            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                            let worst = (random >> 33) % 400;
                            let Some(reservation) = budget.reserve(worst) else { continue };
                            // The provider already charges the worst case while the money is only reserved here.
                            let cost = if random % 3 == 0 { worst } else { (random >> 20) % (worst + 1) };
                            let now = paid.fetch_add(cost, Ordering::SeqCst) + cost;
                            most.fetch_max(now, Ordering::SeqCst);
                            if random % 7 == 0 { std::thread::yield_now(); }
                            reservation.settle(cost);
                        }
                    });
                }
            });
            prop_assert!(most.load(Ordering::SeqCst) <= cap);
            prop_assert_eq!(budget.spent(), paid.load(Ordering::SeqCst));
            prop_assert_eq!(budget.reserved(), 0);
        }
    }
}

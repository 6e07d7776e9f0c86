//! A memory budget shared by the holders of large memory, and the leases on it.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// A budget in bytes. Clones share the same budget.
#[derive(Debug, Clone)]
pub(crate) struct Budget {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Signaled when bytes were given back or the capacity changed.
    has_room: Condvar,
}

/// All in bytes.
#[derive(Debug, Clone, Copy)]
struct State {
    full: u64,
    capacity: u64,
    lowest: u64,
    leased: u64,
}

/// The right to hold a number of bytes. Dropping the lease gives them back.
#[derive(Debug)]
pub(crate) struct Lease {
    shared: Arc<Shared>,
    bytes: u64,
}

impl Budget {
    /// Creates a budget of `bytes` bytes.
    #[must_use]
    pub(crate) fn new(bytes: u64) -> Self {
        let state = State { full: bytes, capacity: bytes, lowest: bytes, leased: 0 };
        Self { shared: Arc::new(Shared { state: Mutex::new(state), has_room: Condvar::new() }) }
    }

    /// Leases bytes and waits until there is room. A request larger than the whole capacity waits until nothing else is
    /// leased, and then goes first: a budget that shrank under pressure slows work down and does not stop it.
    #[must_use]
    pub(crate) fn acquire(&self, bytes: u64) -> Lease {
        let mut state = self.shared.lock();
        while state.leased > 0 && state.leased + bytes > state.capacity {
            state = self.shared.has_room.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        self.lease(&mut state, bytes)
    }

    /// Leases bytes if there is room now.
    #[must_use]
    pub(crate) fn try_acquire(&self, bytes: u64) -> Option<Lease> {
        let mut state = self.shared.lock();
        (state.leased + bytes <= state.capacity).then(|| self.lease(&mut state, bytes))
    }

    fn lease(&self, state: &mut State, bytes: u64) -> Lease {
        state.leased += bytes;
        Lease { shared: Arc::clone(&self.shared), bytes }
    }

    /// Whether more is leased than the capacity, because the capacity shrank. Holders that can give memory back should
    /// do so.
    #[must_use]
    pub(crate) fn is_overdrawn(&self) -> bool {
        let state = self.shared.lock();
        state.leased > state.capacity
    }

    /// Changes the capacity. It stays between 0 and the initial capacity.
    pub(crate) fn set_capacity(&self, bytes: u64) {
        let mut state = self.shared.lock();
        state.capacity = bytes.min(state.full);
        state.lowest = state.lowest.min(state.capacity);
        self.shared.has_room.notify_all();
    }

    /// The current capacity, bytes.
    #[must_use]
    pub(crate) fn capacity_bytes(&self) -> u64 {
        self.shared.lock().capacity
    }

    /// The initial capacity, bytes.
    #[must_use]
    pub(crate) fn full_bytes(&self) -> u64 {
        self.shared.lock().full
    }

    /// The smallest capacity so far, bytes.
    #[must_use]
    pub(crate) fn lowest_bytes(&self) -> u64 {
        self.shared.lock().lowest
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.shared.lock().leased -= self.bytes;
        self.shared.has_room.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    #[test]
    fn leases_are_given_back_when_dropped() {
        let budget = Budget::new(100);
        let first = budget.try_acquire(60).unwrap();
        assert!(budget.try_acquire(50).is_none());
        let second = budget.try_acquire(40).unwrap();
        drop(first);
        assert!(budget.try_acquire(60).is_some());
        drop(second);
    }

    #[test]
    fn who_waits_goes_on_when_there_is_room() {
        let budget = Budget::new(100);
        let first = budget.acquire(80);
        let waiting = budget.clone();
        let handle = std::thread::scope(|scope| {
            let handle = scope.spawn(move || drop(waiting.acquire(50)));
            std::thread::sleep(Duration::from_millis(20));
            assert!(!handle.is_finished());
            drop(first);
            handle.join()
        });
        handle.unwrap();
    }

    #[test]
    fn a_shrunken_budget_slows_down_and_never_stops() {
        let budget = Budget::new(100);
        let held = budget.acquire(60);
        budget.set_capacity(10);
        assert!(budget.is_overdrawn() && budget.try_acquire(1).is_none());
        drop(held);
        // More than the capacity, but nothing else is leased.
        let alone = budget.acquire(60);
        assert!(budget.is_overdrawn());
        drop(alone);
        budget.set_capacity(1000);
        assert_eq!((budget.capacity_bytes(), budget.lowest_bytes()), (100, 10));
    }

    proptest! {
        #[test]
        fn what_is_leased_without_waiting_never_exceeds_the_capacity(sizes in prop::collection::vec(1u64..60, 0..40)) {
            let budget = Budget::new(100);
            let mut held = Vec::new();
            for (index, bytes) in sizes.into_iter().enumerate() {
                if let Some(lease) = budget.try_acquire(bytes) {
                    held.push((bytes, lease));
                }
                prop_assert!(held.iter().map(|(bytes, _)| bytes).sum::<u64>() <= 100);
                if index % 3 == 0 && !held.is_empty() {
                    held.remove(0);
                }
            }
        }
    }
}

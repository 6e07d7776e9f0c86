//! Keeps the budget in step with resident memory: a watching thread and the rule by which it decides.

use std::thread::{Scope, ScopedJoinHandle};
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use super::budget::Budget;
use crate::machine::{self, MemoryReading};

/// Time between two readings of memory.
const INTERVAL: Duration = Duration::from_millis(100);
/// Share of the cap from which on the budget shrinks.
const TIGHT: f64 = 0.95;
/// Share of the cap below which the budget grows.
const ROOMY: f64 = 0.85;
/// Share of the machine's memory that is left to other programs.
const LEAST_FREE: f64 = 0.05;
/// Share of the full budget by which the budget grows at a time.
const GROWTH: f64 = 0.05;

/// The budget's next capacity, bytes.
#[must_use]
pub(crate) fn next_capacity(capacity_bytes: u64, full_bytes: u64, cap_bytes: u64, reading: &MemoryReading) -> u64 {
    let over_cap = reading.resident_bytes.saturating_sub((cap_bytes as f64 * TIGHT) as u64);
    let least_free = (reading.machine_bytes as f64 * LEAST_FREE) as u64;
    let over_machine = least_free.saturating_sub(reading.free_bytes);
    let excess = over_cap.max(over_machine);
    if excess > 0 {
        return capacity_bytes.saturating_sub(excess);
    }
    let is_roomy = reading.resident_bytes < (cap_bytes as f64 * ROOMY) as u64 && reading.free_bytes > 2 * least_free;
    let growth = if is_roomy { (full_bytes as f64 * GROWTH) as u64 } else { 0 };
    (capacity_bytes + growth).min(full_bytes)
}

/// A thread that watches memory and adjusts the budget. It stops when this value is dropped.
pub(crate) struct Watcher<'scope> {
    /// Dropped to end the watch at once.
    end: Option<Sender<()>>,
    thread: Option<ScopedJoinHandle<'scope, ()>>,
}

impl<'scope> Watcher<'scope> {
    /// Starts to watch.
    ///
    /// # Errors
    /// The thread cannot be started.
    pub(crate) fn start(scope: &'scope Scope<'scope, '_>, budget: Budget, cap_bytes: u64) -> std::io::Result<Self> {
        let (end, ended) = bounded(0);
        let builder = std::thread::Builder::new().name("memory".to_owned());
        let thread = builder.spawn_scoped(scope, move || watch(&budget, cap_bytes, &ended))?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for Watcher<'_> {
    fn drop(&mut self) {
        drop(self.end.take());
        // If the thread panicked, the watch has ended; the work is done anyway.
        drop(self.thread.take().map(ScopedJoinHandle::join));
    }
}

fn watch(budget: &Budget, cap_bytes: u64, ended: &Receiver<()>) {
    while ended.recv_timeout(INTERVAL) == Err(RecvTimeoutError::Timeout) {
        let (capacity, full) = (budget.capacity_bytes(), budget.full_bytes());
        let next = next_capacity(capacity, full, cap_bytes, &machine::read_memory());
        if next != capacity {
            budget.set_capacity(next);
            tracing::debug!("memory for frames: {} of {} MiB", next >> 20, full >> 20);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAP: u64 = 1000;
    const FULL: u64 = 600;

    fn next(capacity: u64, resident_bytes: u64, free_bytes: u64) -> u64 {
        next_capacity(capacity, FULL, CAP, &MemoryReading { resident_bytes, free_bytes, machine_bytes: 10_000 })
    }

    #[test]
    fn the_budget_shrinks_by_what_is_too_much() {
        assert_eq!(next(600, 980, 9000), 570);
        assert_eq!(next(20, 1000, 9000), 0);
    }

    #[test]
    fn other_programs_in_need_shrink_it_too() {
        assert_eq!(next(600, 300, 400), 500);
    }

    #[test]
    fn it_grows_step_by_step_when_there_is_room_and_no_further_than_at_first() {
        assert_eq!(next(500, 800, 9000), 530);
        assert_eq!(next(590, 800, 9000), FULL);
        assert_eq!(next(500, 900, 9000), 500, "neither tight nor roomy");
        assert_eq!(next(500, 800, 900), 500, "the machine is nearly short");
    }
}

//! Counts the threads that need a core at the moment: workers and their decoders. Their results do not depend on it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The machine's cores, and the number of them in demand. Clones share the same count.
#[derive(Debug, Clone)]
pub(crate) struct Cores {
    total: usize,
    wanted: Arc<AtomicUsize>,
}

impl Cores {
    /// Creates a count for so many cores. None of them is in demand yet.
    #[must_use]
    pub(crate) fn new(total: usize) -> Self {
        Self { total, wanted: Arc::default() }
    }

    /// Claims one core until the returned claim is dropped.
    #[must_use]
    pub(crate) fn claim(&self) -> Claim {
        self.wanted.fetch_add(1, Ordering::Relaxed);
        Claim { wanted: Arc::clone(&self.wanted) }
    }

    /// Returns the number of cores that are not in demand.
    #[must_use]
    pub(crate) fn free(&self) -> usize {
        self.total.saturating_sub(self.wanted.load(Ordering::Relaxed))
    }
}

/// A claim for one core.
#[derive(Debug)]
pub(crate) struct Claim {
    wanted: Arc<AtomicUsize>,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.wanted.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_core_is_free_again_when_nobody_wants_it() {
        let cores = Cores::new(2);
        let claims = [cores.claim(), cores.clone().claim(), cores.claim()];
        assert_eq!(cores.free(), 0);
        let [first, second, third] = claims;
        drop((first, second));
        assert_eq!(cores.free(), 1);
        drop(third);
        assert_eq!(cores.free(), 2);
    }
}

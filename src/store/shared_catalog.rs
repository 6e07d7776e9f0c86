//! A dataset's catalog for untrusted queries, several at a time. It can read the dataset's tables and nothing else.
//!
//! While any query runs, the catalog is open once for all of them. After the last query it is closed. If each query
//! opened it separately, the catalog would lose its lock when the first of them ends: the system gives a process one
//! lock per file, however often the process has opened the file.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::catalog::Catalog;
use super::connection::Access;
use super::error::StoreError;
use super::layout::Layout;
use super::workspace::EngineLimits;

/// The catalog, which is open while it has visits.
pub(crate) struct SharedCatalog {
    layout: Layout,
    limits: EngineLimits,
    open: Mutex<Open>,
    has_left: Condvar,
}

#[derive(Default)]
struct Open {
    catalog: Option<Catalog>,
    n_visits: usize,
}

/// A visit. It counts until it is dropped.
pub(crate) struct Stay<'a>(&'a SharedCatalog);

impl SharedCatalog {
    /// Creates the shared catalog of a dataset. The first visit opens it. The limits apply to all visits together.
    #[must_use]
    pub(crate) fn new(layout: Layout, limits: EngineLimits) -> Self {
        Self { layout, limits, open: Mutex::default(), has_left: Condvar::new() }
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs posekit's own `work` on a separate connection. Untrusted queries go through [`super::visitor`].
    ///
    /// # Errors
    /// The catalog cannot be opened, or `work` fails.
    pub(crate) fn visit<T>(&self, work: impl FnOnce(&Catalog) -> Result<T, StoreError>) -> Result<T, StoreError> {
        let mut open = self.open();
        let base = match open.catalog.take() {
            Some(base) => base,
            None => self.opened()?,
        };
        let catalog = base.beside();
        if catalog.is_ok() || open.n_visits > 0 {
            open.catalog = Some(base);
        }
        let catalog = catalog?;
        open.n_visits += 1;
        drop(open);
        let _stay = Stay(self);
        // The connection is dropped before the stay ends. The file is closed with the last connection, before it can be
        // opened again.
        let own = catalog;
        work(&own)
    }

    /// Keeps the catalog open until the returned value is dropped. This is for callers that run many queries in a row.
    ///
    /// # Errors
    /// The catalog cannot be opened.
    pub(crate) fn stay(&self) -> Result<Stay<'_>, StoreError> {
        let mut open = self.open();
        if open.catalog.is_none() {
            open.catalog = Some(self.opened()?);
        }
        open.n_visits += 1;
        Ok(Stay(self))
    }

    fn opened(&self) -> Result<Catalog, StoreError> {
        let catalog = Catalog::open(&self.layout, Access::Read)?;
        catalog.confine(self.limits)?;
        Ok(catalog)
    }

    /// Waits until all visits have ended, but no longer than `patience`. Returns whether they have.
    pub(crate) fn is_left_within(&self, patience: Duration) -> bool {
        let waited = self.has_left.wait_timeout_while(self.open(), patience, |open| open.n_visits > 0);
        let (open, _) = waited.unwrap_or_else(PoisonError::into_inner);
        open.n_visits == 0
    }
}

impl Drop for Stay<'_> {
    fn drop(&mut self) {
        let mut open = self.0.open();
        open.n_visits -= 1;
        if open.n_visits == 0 {
            open.catalog = None;
        }
        self.0.has_left.notify_all();
    }
}

//! Places at which tests can abort the program. Compiled in only with the feature `failpoints`.
//!
//! `POSEKIT_FAILPOINT=file-renamed=3` aborts the process, as `kill -9` would, when it passes `file-renamed` for the
//! third time.

/// Aborts the process here if the environment variable asks for it.
#[cfg(feature = "failpoints")]
pub(crate) fn pass(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let wanted = std::env::var("POSEKIT_FAILPOINT").unwrap_or_default();
    let Some((wanted_name, count)) = wanted.split_once('=') else { return };
    if wanted_name == name && count.parse() == Ok(PASSED.fetch_add(1, Ordering::SeqCst) + 1) {
        std::process::abort();
    }
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn pass(_name: &str) {}

//! Places where tests let the program die. Compiled in only with the feature `failpoints`.
//!
//! `POSEKIT_FAILPOINT=file-renamed=3` aborts the process, as `kill -9` would, the third time it passes `file-renamed`.

/// Dies here where the environment says so.
#[cfg(feature = "failpoints")]
pub fn pass(name: &str) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static PASSED: AtomicU32 = AtomicU32::new(0);
    let wanted = std::env::var("POSEKIT_FAILPOINT").unwrap_or_default();
    let Some((wanted_name, count)) = wanted.split_once('=') else { return };
    if wanted_name == name && count.parse() == Ok(PASSED.fetch_add(1, Ordering::SeqCst) + 1) {
        std::process::abort();
    }
}

/// Nothing happens here.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub fn pass(_name: &str) {}

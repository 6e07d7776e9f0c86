//! Places at which tests can abort the program, let storage stall, or shorten a wait. Compiled in only with the feature
//! `failpoints`.
//!
//! `POSEKIT_FAILPOINT=file-renamed=3` aborts the process, as `kill -9` would, when it passes `file-renamed` for the
//! third time.
//!
//! `POSEKIT_STALL=slow.mp4=7` lets the storage of all files with `slow.mp4` in their path stall for ever when it is asked
//! for something for the seventh time, by whomever. They are read like files on a network drive, and waited for only two
//! seconds.
//!
//! `POSEKIT_ORPHAN_AFTER_S=2` gives a batch up after two seconds if it is not known whether the provider created it.

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

/// The name of what stalls, and at which time it is asked.
#[cfg(feature = "failpoints")]
fn stalling() -> Option<(String, u32)> {
    let wanted = std::env::var("POSEKIT_STALL").ok()?;
    let (name, count) = wanted.rsplit_once('=')?;
    Some((name.to_owned(), count.parse().ok()?))
}

#[cfg(feature = "failpoints")]
fn is_in_path(name: &str, path: &std::path::Path) -> bool {
    path.iter().any(|part| part == name)
}

/// Returns whether a file has to be read as if it were on a network drive.
#[cfg(feature = "failpoints")]
pub(crate) fn is_slow(path: &std::path::Path) -> bool {
    stalling().is_some_and(|(name, _)| is_in_path(&name, path))
}

/// Waits for ever here if the environment variable asks for it.
#[cfg(feature = "failpoints")]
pub(crate) fn stall(path: &std::path::Path) {
    use std::sync::atomic::{AtomicU32, Ordering};
    static ASKED: AtomicU32 = AtomicU32::new(0);
    let Some((name, count)) = stalling() else { return };
    if is_in_path(&name, path) && ASKED.fetch_add(1, Ordering::SeqCst) + 1 >= count {
        loop {
            std::thread::park();
        }
    }
}

/// Returns the time after which tests give up stalled storage.
#[cfg(feature = "failpoints")]
pub(crate) fn stall_limit() -> Option<std::time::Duration> {
    stalling().map(|_| std::time::Duration::from_secs(2))
}

/// Returns the time after which tests give up a batch whose creation was not confirmed, seconds.
#[cfg(feature = "failpoints")]
pub(crate) fn orphan_after_s() -> Option<f64> {
    std::env::var("POSEKIT_ORPHAN_AFTER_S").ok()?.parse().ok()
}

/// Returns `None`.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn orphan_after_s() -> Option<f64> {
    None
}

/// Returns false.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn is_slow(_path: &std::path::Path) -> bool {
    false
}

/// Does nothing.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn stall(_path: &std::path::Path) {}

/// Returns `None`.
#[cfg(not(feature = "failpoints"))]
#[inline]
pub(crate) fn stall_limit() -> Option<std::time::Duration> {
    None
}

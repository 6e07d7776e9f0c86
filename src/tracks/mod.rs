//! Who is who: assigns people to the tracklets of a complete run, obeys the user's edits, and smooths each person's
//! landmarks.
//!
//! Everything here follows from the rows that the networks made, and reads them from the store, one segment at a time.

pub(crate) mod edits;
pub mod identity;
pub mod smoothing;
pub(crate) mod stored;

//! Movements in numbers: cleaning of tracks, events, repetitions. Pure; missing values are NaN, and zero is a value.
//!
//! The order in which the parts of cleaning belong: [`swaps`] puts left and right in order, [`outliers`] takes out samples that
//! jump, [`gaps`] fills what is missing for a short time, [`filters`] smooth each section that is left, and [`noise`] says how
//! much uncertainty remains; [`clean`] puts them together.

pub mod clean;
pub mod clean_settings;
pub mod facing;
pub mod filters;
pub mod gaps;
pub mod interpolation;
pub mod noise;
pub mod outliers;
pub mod swaps;
pub mod track;
mod window;

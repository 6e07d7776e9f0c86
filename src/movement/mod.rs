//! Analysis of movements: cleaning of tracks, events, repetitions. Pure; missing values are NaN, and zero is a value.
//!
//! The steps of cleaning, in order: [`swaps`] exchanges swapped left and right, [`outliers`] removes samples that
//! jump, [`gaps`] fills what is missing for a short time, [`filters`] smooth each remaining section. [`noise`] and
//! [`landmark_error`] estimate the remaining uncertainty. [`clean`] combines them. [`repeats`] finds frames that repeat
//! the picture before them, and [`retimed`] cleans without them.
//!
//! Detection in a movement: [`peaks`], [`gait`] events, [`jump`]s, [`repetitions`].

pub(crate) mod clean;
pub mod clean_settings;
pub(crate) mod dtw;
pub(crate) mod facing;
pub mod filters;
pub(crate) mod gait;
pub(crate) mod gaps;
pub(crate) mod interpolation;
pub(crate) mod jump;
pub(crate) mod landmark_error;
pub(crate) mod noise;
pub(crate) mod outliers;
pub(crate) mod peaks;
pub(crate) mod provenance;
pub(crate) mod repeats;
pub(crate) mod repetitions;
pub(crate) mod retimed;
pub(crate) mod series;
pub(crate) mod stability;
pub(crate) mod swaps;
#[cfg(test)]
mod test_support;
pub(crate) mod track;
mod window;

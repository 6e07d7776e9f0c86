//! Analysis of movements: cleaning of tracks, events, repetitions. Pure; missing values are NaN, and zero is a value.
//!
//! The steps of cleaning, in order: [`swaps`] exchanges swapped left and right, [`outliers`] removes samples that
//! jump, [`gaps`] fills what is missing for a short time, [`filters`] smooth each remaining section, and [`noise`]
//! estimates the remaining uncertainty. [`clean`] combines them.
//!
//! Detection in a movement: [`peaks`], [`gait`] events, [`jump`]s, [`repetitions`].

pub mod clean;
pub mod clean_settings;
pub mod dtw;
pub mod facing;
pub mod filters;
pub mod gait;
pub mod gaps;
pub mod interpolation;
pub mod jump;
pub mod noise;
pub mod outliers;
pub mod peaks;
pub mod provenance;
pub mod repetitions;
pub mod series;
pub mod swaps;
#[cfg(test)]
mod test_support;
pub mod track;
mod window;

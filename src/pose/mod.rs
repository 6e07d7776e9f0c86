//! BlazePose: computes 33 landmarks from a picture, as MediaPipe does.
//!
//! Everything here is pure: no IO, clock or threads. [`crate::inference`] runs the networks.

mod appearance;
pub mod assignment;
pub mod camera;
pub mod crop;
pub mod detector;
pub mod filters;
pub mod follow;
pub mod identity;
mod landmarker;
pub mod landmarks;
pub mod multipose;
pub mod opinion;
pub mod people;
pub mod reappearance;
pub mod region;
mod search;
pub mod skeleton;
pub mod smoothing;
pub mod tiles;
mod track;
pub mod tracker;
pub mod tracklet;

//! Decides what a rendered video shows and when: the part of the picture, a second picture beside it, a ghost, the
//! speed, and the stills and animations taken from it. Pure: no files, no clock.

pub mod animation;
pub mod compose;
pub mod crop_scale;
pub mod follow;
pub mod ghost;
pub mod stills;

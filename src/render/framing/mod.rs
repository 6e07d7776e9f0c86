//! Decides what a rendered video shows and when: the part of the picture, a second picture beside it, a ghost, the
//! speed, and the stills and animations taken from it. Pure: no files, no clock.

pub(crate) mod animation;
pub(crate) mod compose;
pub(crate) mod crop_scale;
pub(crate) mod follow;
pub(crate) mod ghost;
pub(crate) mod stills;

//! What a rendered video shows and when: which part of the picture, beside which other picture, with whose ghost, how
//! fast, and the pictures and animations that are taken from it. Pure: no files, no clock.

pub mod animation;
pub mod compose;
pub mod crop_scale;
pub mod follow;
pub mod ghost;
pub mod stills;

//! From the graph to a list of steps and a place for every map.

pub(crate) mod buffers;
pub(crate) mod layers;
pub(crate) mod steps;
pub(crate) mod tiles;

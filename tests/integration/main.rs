//! The program as its users run it: the real binary, the real clips, the real networks.

mod architecture;
mod catalog;
mod cli;
mod doctor;
mod extract;
mod query;
mod readme;
mod support;
mod video;

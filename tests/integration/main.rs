//! The program as its users run it: the real binary, the real clips, the real networks.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that panics has failed, as it should"
)]

mod analyze;
mod architecture;
mod ask;
mod broken;
mod broken_media;
mod catalog;
mod charts;
mod cli;
mod cluster;
mod damage;
mod dependencies;
mod docs;
mod doctor;
mod extract;
mod faults;
mod files;
mod footage;
mod fuzz;
mod high_dynamic_range;
mod hostile;
mod inference;
mod interlaced;
mod kinematics;
mod llm;
mod loaders;
#[path = "../support/loopback/mod.rs"]
mod loopback;
mod measures;
mod query;
mod random_access;
mod readme;
mod render;
mod repeated;
mod report;
mod resilience;
mod run;
mod serve;
#[path = "../../build/source_sets.rs"]
mod source_sets;
#[path = "../../build/sources.rs"]
mod sources;
mod sports;
mod stability;
mod stalled;
mod support;
mod synth;
mod tracks;
#[cfg(feature = "train")]
mod train;
mod versions;
mod video;
mod worker;

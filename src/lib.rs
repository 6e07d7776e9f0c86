//! posekit turns folders of sport video into pose tables that anyone can query with SQL.
//!
//! Data flows one way: `video` -> `pose` -> `extract` -> `store` -> SQL -> `analyze`. `docs/ARCHITECTURE.md` shows the
//! structure.

pub mod analyze;
pub mod artifacts;
pub mod ask;
pub mod charts;
pub mod cli;
mod cluster;
mod commands;
mod error;
mod export;
pub mod extract;
mod failpoint;
pub mod image;
pub mod inference;
pub mod installation;
pub mod interrupt;
pub mod journal;
pub mod llm;
mod llm_data;
#[cfg(feature = "train")]
pub mod local_model;
pub mod machine;
pub mod memory;
pub mod movement;
mod output;
pub mod pose;
mod providers;
mod render;
mod report;
mod scene;
pub mod scope;
mod serve;
pub mod sports;
pub mod sql;
pub mod store;
mod synth;
pub mod tracks;
#[cfg(feature = "train")]
pub mod train;
pub mod versions;
pub mod video;

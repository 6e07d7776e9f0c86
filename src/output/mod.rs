//! Everything the user sees: messages, progress, tables. Decides where output goes and how verbose it is.

pub mod answer;
pub mod bar;
pub mod counter;
mod fit;
pub mod json_progress;
pub mod printer;
pub mod table;
pub mod units;

//! Everything the user sees: messages, progress, tables. Decides where output goes and how verbose it is.

pub(crate) mod answer;
pub(crate) mod bar;
pub(crate) mod counter;
mod fit;
pub(crate) mod json_progress;
pub(crate) mod printer;
pub(crate) mod table;
pub(crate) mod units;

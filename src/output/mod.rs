//! What the user sees: messages, progress, tables. Decides once where things go and how much is said.

pub mod answer;
pub mod bar;
pub mod counter;
mod fit;
pub mod printer;
pub mod progress;
pub mod table;
pub mod units;

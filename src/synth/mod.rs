//! Asking language models to word examples: every request is in a ledger before it is sent, every reply is on the disk before it
//! is used, and a spending cap holds whatever happens. Knows neither HTTP nor the tables: it is given an [`Http`] and work.
//!
//! [`Http`]: crate::llm::wire::http::Http

pub mod batch;
pub mod budget;
pub mod clock;
pub mod course;
pub mod engine;
pub mod estimate;
pub mod items;
pub mod job;
pub mod journals;
pub mod ledger;
pub mod online;
pub mod replies;
mod send;
pub mod single;
pub mod throttle;

#[cfg(test)]
mod tests;

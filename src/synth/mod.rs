//! Lets language models reword examples. Every request is in a ledger before it is sent, every reply is on the disk
//! before it is used, and a spending cap always holds. Independent of HTTP and of the tables: the caller passes an
//! [`Http`] and the work.
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

//! Lets language models reword examples. Every request is in a ledger before it is sent, every reply is on the disk
//! before it is used, and a spending cap always holds. Independent of HTTP and of the tables: the caller passes an
//! [`Http`] and the work.
//!
//! [`Http`]: crate::llm::wire::http::Http

pub(crate) mod batch;
pub(crate) mod budget;
pub(crate) mod clock;
pub(crate) mod course;
pub(crate) mod engine;
pub(crate) mod estimate;
pub(crate) mod items;
pub(crate) mod job;
pub(crate) mod journals;
pub(crate) mod ledger;
pub(crate) mod online;
pub(crate) mod replies;
mod send;
pub(crate) mod single;
pub(crate) mod throttle;

#[cfg(test)]
mod tests;

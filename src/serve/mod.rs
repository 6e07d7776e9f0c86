//! Serves a report folder and a SQL page over HTTP, for a browser on the same machine.
//!
//! The folder's files are only read, and nothing outside of it is served (`files`). Requests of other web pages are
//! refused. If the server is open to other machines, requests without the token are refused as well (`guard`). An
//! implementation of [`Answers`] answers SQL; this module does not depend on a database.

mod access;
mod answers;
mod arrival;
mod files;
mod guard;
mod listening;
mod origin;
mod page;
mod queries;
mod range;
mod server;
mod settings;

pub(crate) use answers::{Answer, Answers, Column, ColumnKind, Relation};
pub(crate) use server::serve;
pub(crate) use settings::{Example, ServeError, ServeSettings, url};

#[cfg(test)]
mod tests;

//! A report folder and a box for SQL over HTTP, for a browser on the same machine.
//!
//! The folder's files are only read, and nothing outside of it is ever served ([`files`]). Requests of other web pages
//! are refused, and so is everybody without the token where the server is open to other machines ([`guard`]). SQL is
//! answered by whoever implements [`Answers`]; this module knows no database.

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

pub use answers::{Answer, Answers, Column, ColumnKind, Relation};
pub use server::serve;
pub use settings::{DEFAULT_PORT, Example, ServeError, ServeSettings, url};

#[cfg(test)]
mod tests;

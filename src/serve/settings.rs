//! The settings and errors of a server.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

/// The default port.
pub(crate) const DEFAULT_PORT: u16 = 8080;

/// The settings of a server.
#[derive(Debug, Clone)]
pub(crate) struct ServeSettings {
    /// The report folder; without one, `/` leads to the SQL page.
    pub(crate) folder: Option<PathBuf>,
    /// Whether SQL is answered and the SQL page is served.
    pub(crate) has_sql: bool,
    /// The address to listen on. If it is not a loopback address, every request needs a token.
    pub(crate) address: IpAddr,
    /// The port; 0 for any.
    pub(crate) port: u16,
    /// The number of further ports to try if the port is taken.
    pub(crate) n_further_ports: u16,
    /// The maximum number of rows of an answer.
    pub(crate) max_rows: usize,
    /// The maximum number of queries that run at once.
    pub(crate) max_queries: usize,
    /// The time limit of a query, including its time in the queue.
    pub(crate) query_time_limit: Duration,
    /// The time limit for the arrival of a request's head, then of its body, and for an idle connection.
    pub(crate) arrival_time_limit: Duration,
    /// Example queries that the page offers.
    pub(crate) examples: Vec<Example>,
}

impl ServeSettings {
    /// Returns the default settings: this machine only, the default port or one of the next twenty, two queries at
    /// once, a minute for each, ten seconds for a request to arrive.
    #[must_use]
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder: Some(folder),
            has_sql: true,
            address: IpAddr::V4(Ipv4Addr::LOCALHOST),
            port: DEFAULT_PORT,
            n_further_ports: 20,
            max_rows: 10_000,
            max_queries: 2,
            query_time_limit: Duration::from_mins(1),
            arrival_time_limit: Duration::from_secs(10),
            examples: Vec::new(),
        }
    }
}

/// A query that the page offers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Example {
    /// A short title.
    pub(crate) title: String,
    /// The query.
    pub(crate) sql: String,
}

/// An error of a server.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ServeError {
    /// The folder is missing, is not a folder or cannot be read.
    #[error("cannot read the report folder {}: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The address, or every port that was tried, cannot be bound.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The last address that was tried.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system gave no random bytes for a token.
    #[error("cannot create a random token: {message}")]
    Token {
        /// Why.
        message: String,
    },
    /// The server could not be started or failed.
    #[error("the server ended: {source}")]
    Server {
        /// Why.
        source: io::Error,
    },
}

impl ServeError {
    /// Returns a hint on what the user can do about the error, if there is one.
    #[must_use]
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Folder { .. } => Some("`posekit report` writes a report; --output gives its folder"),
            Self::Listen { source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => {
                    Some("another program uses the port: choose another with --port, or 0 for any free port")
                }
                io::ErrorKind::AddrNotAvailable => {
                    Some("give --bind an address of this machine, or 0.0.0.0 for all addresses")
                }
                io::ErrorKind::PermissionDenied => {
                    Some("ports below 1024 are reserved for the system: choose a higher one with --port")
                }
                _ => None,
            },
            Self::Token { .. } | Self::Server { .. } => None,
        }
    }
}

/// Returns the URL of a page (`""` for the report) to open in a browser. If the server listens on all addresses, the
/// URL has this machine's own address.
#[must_use]
pub(crate) fn url(address: &SocketAddr, page: &str, token: Option<&str>) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let query = token.map(|token| format!("?token={token}")).unwrap_or_default();
    format!("http://{host}:{}/{page}{query}", address.port())
}

//! What a server is to do, and what it can fail with.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

/// The port where none is asked for.
pub const DEFAULT_PORT: u16 = 8080;

/// What to serve, and where.
#[derive(Debug, Clone)]
pub struct ServeSettings {
    /// The report folder; where there is none, `/` leads to the SQL box.
    pub folder: Option<PathBuf>,
    /// Whether SQL is answered. Where it is not, there is no SQL box either.
    pub has_sql: bool,
    /// The address to listen on. Where it is not a loopback address, every request needs a token.
    pub address: IpAddr,
    /// The port; 0 for any.
    pub port: u16,
    /// How many further ports are tried where the port is taken.
    pub n_further_ports: u16,
    /// Rows of an answer, at most.
    pub max_rows: usize,
    /// Queries that run at once, at most.
    pub max_queries: usize,
    /// How long a query is waited for, its time in the queue included.
    pub query_time_limit: Duration,
    /// How long a request's head may take to arrive, and then its body. So long a connection may also be idle.
    pub arrival_time_limit: Duration,
    /// Queries that the page offers to begin with.
    pub examples: Vec<Example>,
}

impl ServeSettings {
    /// This machine only, the default port or one of the next twenty, two queries at once, a minute for each, ten
    /// seconds for a request to arrive.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
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
pub struct Example {
    /// What it asks, in a few words.
    pub title: String,
    /// The query.
    pub sql: String,
}

/// What a server can fail with.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The folder is not there, is not a folder or cannot be read.
    #[error("cannot read the report folder {}: {source}", folder.display())]
    Folder {
        /// The folder.
        folder: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The address, or every port that was tried, cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The last address that was tried.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
    /// The system gave no random bytes for a token.
    #[error("no random token: {message}")]
    Token {
        /// Why.
        message: String,
    },
    /// The server could not be started or broke off.
    #[error("the server ended: {source}")]
    Server {
        /// Why.
        source: io::Error,
    },
}

impl ServeError {
    /// What the user can do about it, where something can be said.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Folder { .. } => Some("`posekit report` makes one; --output names its folder"),
            Self::Listen { source, .. } => match source.kind() {
                io::ErrorKind::AddrInUse => {
                    Some("another program has the port: choose another with --port, or 0 for any that is free")
                }
                io::ErrorKind::AddrNotAvailable => {
                    Some("--bind takes an address of this machine, or 0.0.0.0 for all of them")
                }
                io::ErrorKind::PermissionDenied => {
                    Some("ports below 1024 are the system's: choose a higher one with --port")
                }
                _ => None,
            },
            Self::Token { .. } | Self::Server { .. } => None,
        }
    }
}

/// The address of a page (`""` for the report) to open in a browser. Where the server listens on all addresses it is
/// this machine's own.
#[must_use]
pub fn url(address: &SocketAddr, page: &str, token: Option<&str>) -> String {
    let host = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => "127.0.0.1".to_owned(),
        IpAddr::V6(ip) if ip.is_unspecified() => "[::1]".to_owned(),
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    let query = token.map(|token| format!("?token={token}")).unwrap_or_default();
    format!("http://{host}:{}/{page}{query}", address.port())
}

//! The server: its routes and its life from start to stop.

use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::Router;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;

use super::access::Token;
use super::answers::Answers;
use super::arrival::{attend, whole_body};
use super::files::{Folder, file};
use super::guard::guard;
use super::listening::listen;
use super::page::{asset, page};
use super::queries::{Queries, ask, query, schema};
use super::settings::{ServeError, ServeSettings};

/// The maximum time that running responses may take after the request to stop. A paused video would never end.
const STOP_TIME: Duration = Duration::from_secs(1);

/// The time that the server waits if it cannot accept a connection.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// State that all requests share.
#[derive(Clone)]
pub(super) struct Shared(Arc<Parts>);

/// The parts of [`Shared`].
pub(super) struct Parts {
    pub(super) folder: Option<Folder>,
    pub(super) address: SocketAddr,
    pub(super) token: Option<Token>,
    pub(super) queries: Queries,
    pub(super) has_sql: bool,
    pub(super) arrival_time_limit: Duration,
}

impl Parts {
    /// Returns whether questions in words are answered. They are answered for this machine only.
    pub(super) fn takes_questions(&self) -> bool {
        self.has_sql && self.address.ip().is_loopback()
    }
}

impl Deref for Shared {
    type Target = Parts;

    fn deref(&self) -> &Parts {
        &self.0
    }
}

/// Serves a report folder and the SQL page until the future `is_stopped` is ready. It may use tokio's timers.
///
/// `on_ready` gets the bound address, and the token if one is needed ([`url`](super::url) combines both). Queries that
/// still run at the end are abandoned.
///
/// # Errors
/// The folder cannot be read, no address can be bound, or the server fails.
pub(crate) fn serve(
    settings: &ServeSettings,
    answers: Arc<dyn Answers>,
    is_stopped: impl Future<Output = ()> + Send + 'static,
    on_ready: impl FnOnce(&SocketAddr, Option<&str>),
) -> Result<(), ServeError> {
    let open =
        |folder: &PathBuf| Folder::open(folder).map_err(|source| ServeError::Folder { folder: folder.clone(), source });
    let folder = settings.folder.as_ref().map(open).transpose()?;
    let listener = listen(settings)?;
    let server_error = |source| ServeError::Server { source };
    listener.set_nonblocking(true).map_err(server_error)?;
    let address = listener.local_addr().map_err(server_error)?;
    let token = if address.ip().is_loopback() { None } else { Some(Token::random(&address)?) };
    let queries = Queries::new(answers, settings);
    let ServeSettings { has_sql, arrival_time_limit, .. } = *settings;
    let shared = Shared(Arc::new(Parts { folder, address, token, queries, has_sql, arrival_time_limit }));

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(server_error)?;
    let outcome = runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        on_ready(&address, shared.token.as_ref().map(Token::value));
        run(listener, routes(shared, has_sql), arrival_time_limit, is_stopped).await;
        Ok::<(), io::Error>(())
    });
    // Dropping the runtime would wait for the queries.
    runtime.shutdown_background();
    outcome.map_err(server_error)
}

async fn run(
    listener: TcpListener,
    routes: Router,
    arrival_time_limit: Duration,
    is_stopped: impl Future<Output = ()> + Send + 'static,
) {
    let connections = GracefulShutdown::new();
    let mut is_stopped = pin!(is_stopped);
    loop {
        let next = poll_fn(|context| match is_stopped.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => listener.poll_accept(context).map(Some),
        });
        match next.await {
            None => break,
            Some(Ok((stream, _))) => {
                let attending = attend(stream, routes.clone(), arrival_time_limit, connections.watcher());
                drop(tokio::spawn(attending));
            }
            // The client disconnected early, or this process has reached its limit of open files.
            Some(Err(_)) => tokio::time::sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(listener);
    drop(tokio::time::timeout(STOP_TIME, connections.shutdown()).await);
}

fn routes(shared: Shared, has_sql: bool) -> Router {
    let sql = if has_sql {
        let sql = Router::new()
            .route("/sql", get(page))
            .route("/sql/assets/{name}", get(asset))
            .route("/api/schema", get(schema))
            .route("/api/query", post(query));
        // Questions are for this machine only: they may call a model that costs money.
        let sql = if shared.takes_questions() { sql.route("/api/ask", post(ask)) } else { sql };
        sql.route_layer(from_fn_with_state(shared.clone(), whole_body))
    } else {
        Router::new()
    };
    sql.fallback(file).layer(from_fn_with_state(shared.clone(), guard)).with_state(shared)
}

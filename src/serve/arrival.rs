//! Time limits for the arrival of requests. A client that sends pieces slowly would otherwise hold a connection
//! forever.

use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{FromRequest, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::Watcher;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpStream;
use tokio::time::timeout;

use super::queries::error;
use super::server::Shared;

/// Answers the requests of a connection until it ends: by the client, by `watcher`, or because a request's head has not
/// arrived within the time limit.
pub(super) async fn attend(stream: TcpStream, routes: Router, time_limit: Duration, watcher: Watcher) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(time_limit);
    let connection = http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes));
    // Errors of a connection concern its client only.
    drop(watcher.watch(connection).await);
}

/// Reads the whole body within the time limit before the request is answered.
pub(super) async fn whole_body(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let (head, body) = request.into_parts();
    // axum's size limit applies.
    let arriving = Bytes::from_request(Request::from_parts(head.clone(), body), &());
    match timeout(shared.arrival_time_limit, arriving).await {
        Ok(Ok(bytes)) => next.run(Request::from_parts(head, Body::from(bytes))).await,
        Ok(Err(rejection)) => error(rejection.status(), &rejection.body_text()),
        Err(_) => {
            let seconds = shared.arrival_time_limit.as_secs_f64();
            let message = format!("The request did not arrive within {seconds} s.");
            let mut response = error(StatusCode::REQUEST_TIMEOUT, &message);
            response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            response
        }
    }
}

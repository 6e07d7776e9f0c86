//! The checks of every request and the headers of every response.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::access::{Access, Token};
use super::origin::{is_own_page, is_this_host};
use super::server::Shared;

/// The content security policy of the report: pages contain their data and small scripts, and load nothing from
/// elsewhere.
const REPORT_POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; \
     img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; object-src 'none'; \
     base-uri 'none'; form-action 'self'; frame-ancestors 'self'";

/// The content security policy of the server's own pages, which contain no inline scripts.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
     img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Accepts a request only if it names this server and has the token, if one is needed. A request that does more than
/// read must also come from the server's own page.
pub(super) async fn guard(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let mut response = match refusal(&shared, &request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    add_headers(response.headers_mut());
    response
}

fn refusal(shared: &Shared, request: &Request) -> Option<Response> {
    let is_reading = matches!(*request.method(), Method::GET | Method::HEAD);
    if !is_this_host(&shared.address, request.uri(), request.headers()) {
        return Some((StatusCode::MISDIRECTED_REQUEST, "This server does not serve this host name.\n").into_response());
    }
    if let Some(token) = &shared.token {
        match token.check(request.uri(), request.headers()) {
            Access::Granted => {}
            Access::Introduced { location } if is_reading => return Some(introduction(token, &location)),
            Access::Introduced { .. } | Access::Refused => {
                let message = "A token is required: open the address that `posekit serve` printed.\n";
                return Some((StatusCode::UNAUTHORIZED, message).into_response());
            }
        }
    }
    if !is_reading && !is_own_page(request.headers()) {
        return Some((StatusCode::FORBIDDEN, "Only JSON from this server's own pages is accepted.\n").into_response());
    }
    None
}

fn introduction(token: &Token, location: &str) -> Response {
    let (Some(cookie), Ok(location)) = (token.set_cookie(), HeaderValue::from_str(location)) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let headers = [
        (header::SET_COOKIE, cookie),
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (StatusCode::SEE_OTHER, headers).into_response()
}

fn add_headers(headers: &mut HeaderMap) {
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(HeaderValue::from_static(REPORT_POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    // Pages of other sites cannot embed resources that they cannot read.
    let resource_policy = HeaderName::from_static("cross-origin-resource-policy");
    headers.insert(resource_policy, HeaderValue::from_static("same-origin"));
}

//! Checks the host that a request names and the page it comes from.
//!
//! A page of another site can send requests to this server. With a name whose address it changes (DNS rebinding) it
//! could read the answers, but its requests still carry that name.

use std::net::{IpAddr, SocketAddr};

use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderName, Uri, header};

/// Returns whether a request names this server: `localhost`, a loopback address or the bound address, with any port. If
/// the server is bound to all addresses, any address is accepted, but no name.
pub(super) fn is_this_host(bound: &SocketAddr, uri: &Uri, headers: &HeaderMap) -> bool {
    let named = only(headers, &header::HOST).and_then(|host| host.parse::<Authority>().ok());
    let is_ours = |authority: &Authority| is_this_authority(bound.ip(), authority);
    // A request may also name the host in its first line.
    named.as_ref().is_some_and(is_ours) && uri.authority().is_none_or(is_ours)
}

fn is_this_authority(bound: IpAddr, authority: &Authority) -> bool {
    if authority.as_str().contains('@') {
        return false;
    }
    let host = authority.host();
    if host.eq_ignore_ascii_case("localhost") {
        return true;
    }
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback() || address == bound || bound.is_unspecified())
}

/// Returns whether a request that does more than read comes from a page of this server, or from no page at all
/// (`curl`).
///
/// Browsers send the page's origin, newer ones also its relation. A form cannot send JSON: a page of another site would
/// need a preflight request, which is always refused.
pub(super) fn is_own_page(headers: &HeaderMap) -> bool {
    let is_own_origin = match headers.get(header::ORIGIN) {
        None => true,
        Some(origin) => only(headers, &header::HOST)
            .is_some_and(|host| origin.as_bytes().eq_ignore_ascii_case(format!("http://{host}").as_bytes())),
    };
    let is_own_site = headers
        .get("sec-fetch-site")
        .is_none_or(|relation| [b"same-origin".as_slice(), b"none"].contains(&relation.as_bytes()));
    let is_json = only(headers, &header::CONTENT_TYPE)
        .and_then(|mime| mime.split(';').next())
        .is_some_and(|mime| mime.trim().eq_ignore_ascii_case("application/json"));
    is_own_origin && is_own_site && is_json
}

/// Returns the value of a header that occurs exactly once.
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() { None } else { value.to_str().ok() }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_static(value));
        }
        headers
    }

    fn is_host(bound: &str, host: &'static str) -> bool {
        is_this_host(&bound.parse().unwrap(), &Uri::from_static("/"), &headers(&[("host", host)]))
    }

    #[test]
    fn only_own_addresses_are_hosts() {
        for host in ["localhost", "LOCALHOST:1", "127.0.0.1:8080", "[::1]:9", "127.0.0.1"] {
            assert!(is_host("127.0.0.1:8080", host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example",
            "127.0.0.1.evil.example:8080",
            "10.0.0.1",
            "",
            "a@localhost",
            "0.0.0.0",
        ] {
            assert!(!is_host("127.0.0.1:8080", host), "{host}");
        }
        assert!(is_host("10.0.0.1:8080", "10.0.0.1:8080"));
        assert!(!is_host("10.0.0.1:8080", "10.0.0.2:8080"));
        assert!(is_host("0.0.0.0:8080", "10.0.0.2:8080"));
        assert!(!is_host("0.0.0.0:8080", "name.example:8080"));
    }

    #[test]
    fn a_host_is_named_once_and_the_same_everywhere() {
        let bound = "127.0.0.1:8080".parse().unwrap();
        let (here, evil) = (Uri::from_static("/"), Uri::from_static("http://evil.example/"));
        assert!(!is_this_host(&bound, &here, &headers(&[])));
        assert!(!is_this_host(&bound, &here, &headers(&[("host", "localhost"), ("host", "localhost")])));
        assert!(!is_this_host(&bound, &evil, &headers(&[("host", "localhost")])));
    }

    #[test]
    fn only_own_pages_may_ask() {
        let json = ("content-type", "application/json; charset=utf-8");
        let host = ("host", "localhost:8080");
        assert!(is_own_page(&headers(&[host, json])));
        assert!(is_own_page(&headers(&[
            host,
            json,
            ("origin", "http://localhost:8080"),
            ("sec-fetch-site", "same-origin")
        ])));
        for origin in ["http://localhost:8081", "https://localhost:8080", "http://evil.example", "null", ""] {
            assert!(!is_own_page(&headers(&[host, json, ("origin", origin)])), "{origin}");
        }
        assert!(!is_own_page(&headers(&[host, json, ("sec-fetch-site", "cross-site")])));
        assert!(!is_own_page(&headers(&[host, json, ("sec-fetch-site", "same-site")])));
        assert!(!is_own_page(&headers(&[host, ("content-type", "text/plain")])));
        assert!(!is_own_page(&headers(&[host])));
    }
}

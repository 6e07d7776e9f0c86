//! The access token of a server that other machines can reach.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use subtle::ConstantTimeEq;

use super::settings::ServeError;

/// A token and the cookie that holds it. Browsers share cookies among the ports of a machine, so the port is part of
/// the cookie's name.
#[derive(Clone)]
pub(super) struct Token {
    value: String,
    cookie: String,
}

/// The access that a request has.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// The request has the cookie.
    Granted,
    /// The request has the token in its address. The browser gets the cookie and is redirected to the address without
    /// the token.
    Introduced {
        /// The address.
        location: String,
    },
    /// The request has neither.
    Refused,
}

impl Token {
    /// Creates a token from the system's random numbers: 128 bits in hexadecimal digits, which cannot be guessed.
    ///
    /// # Errors
    /// [`ServeError::Token`]: the system has no random numbers.
    pub(super) fn random(address: &SocketAddr) -> Result<Self, ServeError> {
        let mut bytes = [0; size_of::<u128>()];
        getrandom::fill(&mut bytes).map_err(|error| ServeError::Token { message: error.to_string() })?;
        Ok(Self::new(format!("{:032x}", u128::from_be_bytes(bytes)), address))
    }

    fn new(value: String, address: &SocketAddr) -> Self {
        Self { value, cookie: format!("posekit_token_{}", address.port()) }
    }

    /// Returns the token itself.
    pub(super) fn value(&self) -> &str {
        &self.value
    }

    /// Returns the access that a request has.
    pub(super) fn check(&self, uri: &Uri, headers: &HeaderMap) -> Access {
        let query = uri.query().unwrap_or_default();
        let (given, others): (Vec<&str>, Vec<&str>) = query.split('&').partition(|part| part.starts_with("token="));
        if given.iter().filter_map(|part| part.strip_prefix("token=")).any(|token| self.is(token)) {
            let others = others.join("&");
            let separator = if others.is_empty() { "" } else { "?" };
            return Access::Introduced { location: format!("{}{separator}{others}", local_path(uri.path())) };
        }
        if self.cookies(headers).any(|token| self.is(token)) { Access::Granted } else { Access::Refused }
    }

    /// Returns the header that sets the cookie.
    pub(super) fn set_cookie(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(&format!("{}={}; Path=/; HttpOnly; SameSite=Strict", self.cookie, self.value)).ok()
    }

    fn cookies<'a>(&'a self, headers: &'a HeaderMap) -> impl Iterator<Item = &'a str> {
        headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|cookies| cookies.to_str().ok())
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .filter_map(|(name, value)| (name == self.cookie).then_some(value))
    }

    /// Compares in constant time for tokens of the right length.
    fn is(&self, token: &str) -> bool {
        self.value.as_bytes().ct_eq(token.as_bytes()).into()
    }
}

/// Returns a path that stays on this host: `//host` and `/\host` would name another host.
fn local_path(path: &str) -> &str {
    if path.starts_with('/') && !path[1..].starts_with(['/', '\\']) { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn token() -> Token {
        Token::new("0123abcd".to_owned(), &SocketAddr::from(([10, 0, 0, 1], 8080)))
    }

    fn check(uri: &str, cookie: Option<&str>) -> Access {
        let mut headers = HeaderMap::new();
        headers.extend(cookie.map(|cookie| (header::COOKIE, HeaderValue::from_str(cookie).unwrap())));
        token().check(&uri.parse().unwrap(), &headers)
    }

    #[test]
    fn the_token_leaves_the_address_and_what_else_is_asked_stays() {
        let location = |uri| match check(uri, None) {
            Access::Introduced { location } => location,
            other => panic!("{other:?}"),
        };
        assert_eq!(location("/?token=0123abcd"), "/");
        assert_eq!(location("/sql?a=1&token=0123abcd&b=2"), "/sql?a=1&b=2");
        assert_eq!(location("//elsewhere.example/?token=0123abcd"), "/");
    }

    #[test]
    fn the_cookie_is_enough_among_others() {
        assert_eq!(check("/", Some("a=b; posekit_token_8080=0123abcd; c=d")), Access::Granted);
        assert_eq!(check("/", Some("posekit_token_8081=0123abcd")), Access::Refused);
        assert_eq!(check("/", Some("posekit_token_8080=0123abc")), Access::Refused);
        assert_eq!(check("/", None), Access::Refused);
    }

    #[test]
    fn tokens_differ_and_are_long() {
        let address = SocketAddr::from(([10, 0, 0, 1], 8080));
        let (one, other) = (Token::random(&address).unwrap(), Token::random(&address).unwrap());
        assert_ne!(one.value(), other.value());
        assert_eq!(one.value().len(), 32);
    }

    proptest! {
        #[test]
        fn no_other_token_is_taken(wrong in "[0-9a-f]{0,9}") {
            prop_assume!(wrong != "0123abcd");
            prop_assert_eq!(check(&format!("/?token={wrong}"), None), Access::Refused);
        }
    }
}

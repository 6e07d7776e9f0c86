//! The HTTP client for providers.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Read;
use std::time::Duration;

use reqwest::blocking::{Client, RequestBuilder};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Method as HttpMethod, Url};

use super::environment::is_loopback;
use super::{Endpoint, Secret, SecretHeader};
use crate::llm::wire::http::{Http, Method, Request, Response, SendError};

/// Timeout for connecting to a server, seconds.
const CONNECT_TIMEOUT_S: u64 = 15;
/// Timeout of a request whose own timeout is not a usable number, seconds.
const FALLBACK_TIMEOUT_S: u64 = 600;
/// Idle connections are closed after this many seconds. Servers close them later, so no connection is reused while it
/// ends.
const IDLE_S: u64 = 30;
/// Largest response that is read, bytes: four times the largest batch.
const MAX_ANSWER_BYTES: u64 = 1 << 30;

/// The client could not be created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HttpError {
    /// A header value has characters that headers cannot have.
    #[error("invalid value for the header `{0}`")]
    Header(&'static str),
    /// TLS or proxy settings cannot be used, most often because the system has no certificates.
    #[error("HTTP client cannot be set up: {0} (certificates: install `ca-certificates` or set `SSL_CERT_FILE`)")]
    Client(String),
}

/// An HTTP client for one provider. Connections are kept and shared between threads.
///
/// Redirects are not followed, so that the key reaches no other host. Proxies come from the usual variables
/// (`HTTPS_PROXY`, `NO_PROXY`, ...), but not for servers on this machine. Certificates come from the system
/// (`SSL_CERT_FILE` and `SSL_CERT_DIR` override them).
///
/// The client blocks and must not be used inside an async runtime.
#[derive(Debug)]
pub(crate) struct ReqwestHttp {
    client: Client,
    base_url: Url,
    headers: HeaderMap,
    secrets: Vec<Secret>,
}

impl ReqwestHttp {
    /// Creates a client for a provider. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If a header value is invalid, or if the system's certificates cannot be read.
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, HttpError> {
        let mut headers = HeaderMap::new();
        for (name, value) in &endpoint.headers {
            let value = HeaderValue::from_str(value).map_err(|_| HttpError::Header(name))?;
            headers.insert(HeaderName::from_static(name), value);
        }
        for SecretHeader { name, prefix, key } in &endpoint.secret_headers {
            let text = format!("{prefix}{}", key.expose());
            let mut value = HeaderValue::from_str(&text).map_err(|_| HttpError::Header(name))?;
            value.set_sensitive(true);
            headers.insert(HeaderName::from_static(name), value);
        }
        // ring compiles faster than the default (aws-lc) and needs only a C compiler. An error means that the process
        // has already chosen a crypto provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("posekit/", env!("CARGO_PKG_VERSION")))
            .redirect(Policy::none())
            .referer(false)
            .connect_timeout(Duration::from_secs(CONNECT_TIMEOUT_S))
            .pool_idle_timeout(Duration::from_secs(IDLE_S));
        if is_loopback(&endpoint.base_url) {
            builder = builder.no_proxy();
        }
        if endpoint.base_url.scheme() == "http" {
            // A machine without certificates can still use a local server.
            builder = builder.tls_certs_only([]);
        }
        let client = builder.build().map_err(|error| HttpError::Client(chain(&error)))?;
        let secrets = endpoint.secret_headers.iter().map(|header| header.key.clone()).collect();
        Ok(Self { client, base_url: endpoint.base_url.clone(), headers, secrets })
    }

    /// Appends a path to the base address. A join would drop a gateway's prefix.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base_url.clone();
        let (path, query) = match Url::parse(path) {
            Ok(absolute) if absolute.origin() == self.base_url.origin() => return absolute,
            // The key is only sent to the provider that the user chose.
            Ok(absolute) => (absolute.path().to_owned(), absolute.query().map(str::to_owned)),
            Err(_) => match path.split_once('?') {
                Some((path, query)) => (path.to_owned(), Some(query.to_owned())),
                None => (path.to_owned(), None),
            },
        };
        url.set_path(&format!("{}/{}", self.base_url.path().trim_end_matches('/'), path.trim_start_matches('/')));
        url.set_query(query.as_deref());
        url
    }

    fn builder(&self, request: &Request) -> RequestBuilder {
        let method = match request.method {
            Method::Get => HttpMethod::GET,
            Method::Post => HttpMethod::POST,
        };
        let timeout = Duration::try_from_secs_f64(request.timeout_s)
            .ok()
            .filter(|timeout| !timeout.is_zero())
            .unwrap_or(Duration::from_secs(FALLBACK_TIMEOUT_S));
        let builder =
            self.client.request(method, self.url(&request.path)).headers(self.headers.clone()).timeout(timeout);
        match request.body.encoded() {
            Some((content_type, bytes)) => builder.header(CONTENT_TYPE, content_type).body(bytes.into_owned()),
            None => builder,
        }
    }

    fn redact(&self, text: &str) -> String {
        self.secrets.iter().fold(text.to_owned(), |text, secret| secret.redact(&text))
    }

    fn failed(&self, error: &reqwest::Error) -> SendError {
        SendError {
            message: self.redact(&chain(error)),
            // Not sent: name not found, connection refused, TLS refused, or request not built. A timeout of the whole
            // exchange does not show how far it got.
            is_sent: !(error.is_connect() || error.is_builder()),
            is_timeout: error.is_timeout(),
        }
    }
}

impl Http for ReqwestHttp {
    fn send(&self, request: &Request) -> Result<Response, SendError> {
        let response = self.builder(request).send().map_err(|error| self.failed(&error))?;
        let status = response.status().as_u16();
        let headers = self.text_headers(response.headers());
        let mut body = Vec::new();
        let n_bytes = response.take(MAX_ANSWER_BYTES + 1).read_to_end(&mut body).map_err(|error| {
            let is_timeout = error.kind() == std::io::ErrorKind::TimedOut
                || error.get_ref().and_then(|inner| inner.downcast_ref()).is_some_and(reqwest::Error::is_timeout);
            SendError {
                message: self.redact(&format!("response cut off: {}", chain(&error))),
                is_sent: true,
                is_timeout,
            }
        })?;
        if n_bytes as u64 > MAX_ANSWER_BYTES {
            let message = format!("response is larger than {MAX_ANSWER_BYTES} bytes");
            return Err(SendError { message, is_sent: true, is_timeout: false });
        }
        if !(200..300).contains(&status) {
            // Servers may quote the key that they reject.
            body = self.redact(&String::from_utf8_lossy(&body)).into_bytes();
        }
        Ok(Response { status, headers, body })
    }
}

impl ReqwestHttp {
    fn text_headers(&self, headers: &HeaderMap) -> BTreeMap<String, String> {
        let mut texts: BTreeMap<String, String> = BTreeMap::new();
        for (name, value) in headers {
            let value = self.redact(&String::from_utf8_lossy(value.as_bytes()));
            texts
                .entry(name.as_str().to_owned())
                .and_modify(|text| {
                    text.push_str(", ");
                    text.push_str(&value);
                })
                .or_insert(value);
        }
        texts
    }
}

/// Joins an error with its causes: the outermost text alone only says that sending failed.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = inner.source();
    }
    text
}

#[cfg(test)]
mod tests;

//! Requests and responses as plain data, and the interface that sends them. No IO here.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use super::WireError;

/// HTTP method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Method {
    /// GET.
    Get,
    /// POST.
    Post,
}

/// A request, without the base URL and the authentication headers.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// Method.
    pub(crate) method: Method,
    /// Path to append to the base URL. An absolute URL is only used if a provider returned one.
    pub(crate) path: String,
    /// Body.
    pub(crate) body: Body,
    /// Timeout of the whole exchange, seconds.
    pub(crate) timeout_s: f64,
}

impl Request {
    /// Creates a GET request.
    #[must_use]
    pub(crate) fn get(path: impl Into<String>, timeout_s: f64) -> Self {
        Self { method: Method::Get, path: path.into(), body: Body::Empty, timeout_s }
    }

    /// Creates a POST request with JSON.
    #[must_use]
    pub(crate) fn post_json(path: impl Into<String>, body: &Value, timeout_s: f64) -> Self {
        // Printing a `Value` cannot fail.
        Self { method: Method::Post, path: path.into(), body: Body::Json(body.to_string().into_bytes()), timeout_s }
    }
}

/// Body of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// No body.
    Empty,
    /// JSON text.
    Json(Vec<u8>),
    /// A form with one file.
    Multipart {
        /// Plain fields, in order.
        fields: Vec<(String, String)>,
        /// Name of the file's field.
        file_field: String,
        /// Name of the file.
        file_name: String,
        /// Bytes of the file.
        file: Vec<u8>,
    },
}

impl Body {
    /// Content type and bytes to send; `None` if there is no body.
    #[must_use]
    pub(crate) fn encoded(&self) -> Option<(String, Cow<'_, [u8]>)> {
        match self {
            Self::Empty => None,
            Self::Json(bytes) => Some(("application/json".to_owned(), Cow::Borrowed(bytes))),
            Self::Multipart { fields, file_field, file_name, file } => {
                // The boundary is a hash of the file, so it cannot occur in the file by chance.
                let boundary = format!("posekit-{}", &blake3::hash(file).to_hex()[..32]);
                let mut bytes = Vec::with_capacity(file.len() + 1024);
                for (name, value) in fields {
                    bytes.extend_from_slice(part_head(&boundary, name, None).as_bytes());
                    bytes.extend_from_slice(value.as_bytes());
                    bytes.extend_from_slice(b"\r\n");
                }
                bytes.extend_from_slice(part_head(&boundary, file_field, Some(file_name)).as_bytes());
                bytes.extend_from_slice(file);
                bytes.extend_from_slice(format!("\r\n--{boundary}--\r\n").as_bytes());
                Some((format!("multipart/form-data; boundary={boundary}"), Cow::Owned(bytes)))
            }
        }
    }
}

fn part_head(boundary: &str, name: &str, file_name: Option<&str>) -> String {
    let quoted = |text: &str| text.replace('"', "%22").replace('\r', "%0D").replace('\n', "%0A");
    let disposition = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", quoted(name));
    match file_name {
        None => format!("{disposition}\r\n\r\n"),
        Some(file_name) => {
            format!("{disposition}; filename=\"{}\"\r\nContent-Type: application/jsonl\r\n\r\n", quoted(file_name))
        }
    }
}

/// A complete response, whatever its status.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Response {
    /// HTTP status.
    pub(crate) status: u16,
    /// Headers, names in lower case.
    pub(crate) headers: BTreeMap<String, String>,
    /// Body.
    pub(crate) body: Vec<u8>,
}

impl Response {
    /// The body as JSON.
    ///
    /// # Errors
    ///
    /// If it is not JSON.
    pub(crate) fn json(&self) -> Result<Value, WireError> {
        serde_json::from_slice(&self.body).map_err(|error| WireError::Json(error.to_string()))
    }
}

/// No complete response was received.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct SendError {
    /// Description of the failure. Never contains a key.
    pub(crate) message: String,
    /// False only if the request certainly never reached the server: name not found, connection refused.
    pub(crate) is_sent: bool,
    /// True if the request timed out.
    pub(crate) is_timeout: bool,
}

/// An HTTP client for one provider.
pub(crate) trait Http: Send + Sync {
    /// Sends a request and reads the whole response, whatever its status.
    ///
    /// # Errors
    ///
    /// If no complete response was received.
    fn send(&self, request: &Request) -> Result<Response, SendError>;
}

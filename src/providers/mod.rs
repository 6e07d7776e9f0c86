//! Language-model providers: their addresses, authentication, and the HTTP client.

mod environment;
mod http;
mod secret;

pub use environment::{Endpoint, EndpointError, ProviderChoice, SecretHeader, endpoint};
pub use http::{HttpError, ReqwestHttp};
pub use secret::Secret;

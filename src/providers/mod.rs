//! Language-model providers: where they are, how to authenticate, and the HTTP client that speaks to them.

mod environment;
mod http;
mod secret;

pub use environment::{Endpoint, EndpointError, ProviderChoice, SecretHeader, endpoint};
pub use http::{HttpError, ReqwestHttp};
pub use secret::Secret;

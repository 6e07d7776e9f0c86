//! Language-model providers: their addresses, authentication, and the HTTP client.

mod environment;
mod http;
mod secret;

pub(crate) use environment::{Endpoint, EndpointError, ProviderChoice, SecretHeader, endpoint};
pub(crate) use http::{HttpError, ReqwestHttp};
pub(crate) use secret::Secret;

//! Addresses and keys of providers from environment variables, read as the providers' own SDKs do.
//!
//! An empty variable counts as unset: the SDKs disagree on that, and an empty key or address never works.

use reqwest::Url;

use super::Secret;
use crate::llm::prices::Family;
use crate::llm::wire::Api;

const ANTHROPIC_BASE_URL: &str = "https://api.anthropic.com";
const OPENAI_BASE_URL: &str = "https://api.openai.com/v1";
/// Ollama's default address.
const LOCAL_BASE_URL: &str = "http://localhost:11434/v1";

/// The provider to send requests to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ProviderChoice {
    /// Anthropic.
    Claude,
    /// OpenAI.
    OpenAi,
    /// A server that speaks OpenAI's chat API: Ollama, llama.cpp, vLLM, LM Studio.
    Local,
}

impl ProviderChoice {
    /// The price list of the provider's models.
    #[must_use]
    pub(crate) fn family(self) -> Family {
        match self {
            Self::Claude => Family::Anthropic,
            Self::OpenAi => Family::OpenAi,
            Self::Local => Family::Local,
        }
    }
}

/// A header whose value must not be shown.
#[derive(Debug, Clone)]
pub(crate) struct SecretHeader {
    /// Name, in lower case.
    pub(crate) name: &'static str,
    /// Text before the key, such as `Bearer `.
    pub(crate) prefix: &'static str,
    /// The key.
    pub(crate) key: Secret,
}

/// The address, headers and interface of a provider.
#[derive(Debug, Clone)]
pub(crate) struct Endpoint {
    /// Name of the provider in messages.
    pub(crate) name: &'static str,
    /// The provider's interface.
    pub(crate) api: Api,
    /// Address to which paths are appended, without a slash at its end.
    pub(crate) base_url: Url,
    /// Plain headers, names in lower case.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// Headers of authentication.
    pub(crate) secret_headers: Vec<SecretHeader>,
    /// Warnings to show to the user before the first request.
    pub(crate) warnings: Vec<String>,
}

impl Endpoint {
    /// Whether the server is on this machine.
    #[must_use]
    pub(crate) fn is_on_this_machine(&self) -> bool {
        is_loopback(&self.base_url)
    }
}

/// A provider cannot be used. Nothing was sent.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum EndpointError {
    /// The key is missing.
    #[error("no key for {provider}: set the environment variable `{variable}`")]
    MissingKey {
        /// Name of the provider.
        provider: &'static str,
        /// The variable for the key.
        variable: &'static str,
    },
    /// The key contains characters that a header cannot hold. The message does not show the key.
    #[error("`{variable}` is not a key: it has spaces, line breaks or special characters")]
    InvalidKey {
        /// The variable of the key.
        variable: &'static str,
    },
    /// The address is invalid.
    #[error("invalid address from {origin}: {reason}")]
    InvalidUrl {
        /// The variable or option of the address.
        origin: &'static str,
        /// The reason. Never shows the address, which may contain a password.
        reason: String,
    },
    /// The key would be sent over the internet unencrypted.
    #[error("the key for {provider} would be sent unencrypted to `{host}`: use an https:// address")]
    Unencrypted {
        /// Name of the provider.
        provider: &'static str,
        /// The host.
        host: String,
    },
}

/// Determines the address of a provider and how to authenticate.
///
/// `base_url` is the user's `--base_url`; it takes precedence over the variables. `variable` reads an environment
/// variable.
///
/// Keys are sent over plain HTTP to this machine, and with a warning to hosts of a private network (private addresses,
/// names without a dot, `.local`, `.internal`, `.lan`). Keys are never sent over plain HTTP to any other host: a key
/// for Anthropic or OpenAI is then an error, and a key for a local server is left out with a warning.
///
/// # Errors
///
/// If the key is missing or invalid, if the address is invalid, or if the key would be sent over the internet
/// unencrypted.
pub(crate) fn endpoint(
    choice: ProviderChoice,
    base_url: Option<&str>,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<Endpoint, EndpointError> {
    // Trims line breaks at the end, which `$(cat file)` in other shells and editors leave behind.
    let read = |name: &str| variable(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty());
    let mut endpoint = match choice {
        ProviderChoice::Claude => claude(base_url, &read)?,
        ProviderChoice::OpenAi => openai(base_url, &read)?,
        ProviderChoice::Local => local(base_url, &read)?,
    };
    protect_key(&mut endpoint, choice)?;
    Ok(endpoint)
}

type Read<'a> = &'a dyn Fn(&str) -> Option<String>;

fn claude(base_url: Option<&str>, read: Read<'_>) -> Result<Endpoint, EndpointError> {
    const NAME: &str = "Anthropic";
    let base_url = address(base_url, "ANTHROPIC_BASE_URL", ANTHROPIC_BASE_URL, read)?;
    // The key takes precedence if both are set, as in the SDK.
    let (secret_header, version) = if let Some(key) = secret("ANTHROPIC_API_KEY", read)? {
        // The SDK sends keys as bearer tokens with version 2026-10-21 since 2.0.0. The documentation still shows this
        // form, and gateways support it: this is the one case in which the documentation takes precedence over the SDK.
        (SecretHeader { name: "x-api-key", prefix: "", key }, "2023-06-01")
    } else if let Some(key) = secret("ANTHROPIC_AUTH_TOKEN", read)? {
        (SecretHeader { name: "authorization", prefix: "Bearer ", key }, "2026-10-21")
    } else {
        return Err(EndpointError::MissingKey { provider: NAME, variable: "ANTHROPIC_API_KEY" });
    };
    let mut warnings = Vec::new();
    if base_url.path().ends_with("/v1") {
        warnings.push("ANTHROPIC_BASE_URL ends in /v1, which is added again; remove it".to_owned());
    }
    Ok(Endpoint {
        name: NAME,
        api: Api::AnthropicMessages,
        base_url,
        headers: vec![("anthropic-version", version.to_owned())],
        secret_headers: vec![secret_header],
        warnings,
    })
}

fn openai(base_url: Option<&str>, read: Read<'_>) -> Result<Endpoint, EndpointError> {
    const NAME: &str = "OpenAI";
    let base_url = address(base_url, "OPENAI_BASE_URL", OPENAI_BASE_URL, read)?;
    let key = secret("OPENAI_API_KEY", read)?
        .ok_or(EndpointError::MissingKey { provider: NAME, variable: "OPENAI_API_KEY" })?;
    let mut headers = Vec::new();
    // The SDK reads OPENAI_ORG_ID; OPENAI_ORGANIZATION is its older name.
    if let Some(organization) = read("OPENAI_ORG_ID").or_else(|| read("OPENAI_ORGANIZATION")) {
        headers.push(("openai-organization", organization));
    }
    if let Some(project) = read("OPENAI_PROJECT_ID") {
        headers.push(("openai-project", project));
    }
    Ok(Endpoint {
        name: NAME,
        api: Api::OpenAiResponses,
        warnings: without_version(&base_url),
        base_url,
        headers,
        secret_headers: vec![bearer(key)],
    })
}

fn local(base_url: Option<&str>, read: Read<'_>) -> Result<Endpoint, EndpointError> {
    // Ollama needs no key, and the user's OpenAI key must not be sent to it. A server named by the user gets the key,
    // as in the SDK.
    let is_named = base_url.is_some() || read("OPENAI_BASE_URL").is_some();
    let base_url = address(base_url, "OPENAI_BASE_URL", LOCAL_BASE_URL, read)?;
    let key = if is_named { secret("OPENAI_API_KEY", read)? } else { None };
    Ok(Endpoint {
        name: "the local server",
        api: Api::OpenAiChat,
        warnings: without_version(&base_url),
        base_url,
        headers: Vec::new(),
        secret_headers: key.map(bearer).into_iter().collect(),
    })
}

fn bearer(key: Secret) -> SecretHeader {
    SecretHeader { name: "authorization", prefix: "Bearer ", key }
}

fn without_version(base_url: &Url) -> Vec<String> {
    if base_url.path() == "/" {
        vec!["the address has no path; OpenAI-compatible servers usually need one that ends in /v1".to_owned()]
    } else {
        Vec::new()
    }
}

fn secret(variable: &'static str, read: Read<'_>) -> Result<Option<Secret>, EndpointError> {
    match read(variable) {
        Some(key) if key.bytes().all(|byte| byte.is_ascii_graphic()) => Ok(Some(Secret::new(key))),
        Some(_) => Err(EndpointError::InvalidKey { variable }),
        None => Ok(None),
    }
}

/// Returns the checked address from the option, the variable, or the default.
fn address(
    option: Option<&str>,
    variable: &'static str,
    default: &'static str,
    read: Read<'_>,
) -> Result<Url, EndpointError> {
    let (text, origin) = match (option.map(str::trim).filter(|text| !text.is_empty()), read(variable)) {
        (Some(option), _) => (option.to_owned(), "--base_url"),
        (None, Some(value)) => (value, variable),
        (None, None) => (default.to_owned(), "posekit"),
    };
    let invalid = |reason: &str| EndpointError::InvalidUrl { origin, reason: reason.to_owned() };
    let mut url = Url::parse(&text).map_err(|error| invalid(&error.to_string()))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid("it must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("it contains a user name or a password; set the key in its own variable"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("it has a part after `?` or `#`"));
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

fn protect_key(endpoint: &mut Endpoint, choice: ProviderChoice) -> Result<(), EndpointError> {
    let url = &endpoint.base_url;
    if url.scheme() == "https" || endpoint.secret_headers.is_empty() || is_loopback(url) {
        return Ok(());
    }
    let host = url.host_str().unwrap_or_default().to_owned();
    if is_private(url) {
        endpoint.warnings.push(format!("the key is sent unencrypted to `{host}`"));
    } else if choice == ProviderChoice::Local {
        endpoint.warnings.push(format!("the key is left out: it would be sent unencrypted to `{host}`"));
        endpoint.secret_headers.clear();
    } else {
        return Err(EndpointError::Unencrypted { provider: endpoint.name, host });
    }
    Ok(())
}

/// The host of an address: an IP address or a name.
fn host(url: &Url) -> Result<std::net::IpAddr, String> {
    let host = url.host_str().unwrap_or_default();
    // IPv6 addresses are in brackets.
    host.trim_start_matches('[').trim_end_matches(']').parse().map_err(|_| host.trim_end_matches('.').to_lowercase())
}

pub(super) fn is_loopback(url: &Url) -> bool {
    match host(url) {
        Ok(address) => address.is_loopback(),
        Err(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

fn is_private(url: &Url) -> bool {
    match host(url) {
        Ok(std::net::IpAddr::V4(address)) => address.is_private() || address.is_link_local(),
        Ok(std::net::IpAddr::V6(address)) => address.is_unique_local() || address.is_unicast_link_local(),
        Err(name) => !name.contains('.') || [".local", ".internal", ".lan"].iter().any(|end| name.ends_with(end)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables<'a> = &'a [(&'a str, &'a str)];

    fn find(choice: ProviderChoice, option: Option<&str>, variables: Variables<'_>) -> Result<Endpoint, EndpointError> {
        let read = |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        endpoint(choice, option, &read)
    }

    fn headers(endpoint: &Endpoint) -> Vec<String> {
        let plain = endpoint.headers.iter().map(|(name, value)| format!("{name}: {value}"));
        let secret = endpoint.secret_headers.iter().map(|h| format!("{}: {}{}", h.name, h.prefix, h.key.expose()));
        plain.chain(secret).collect()
    }

    #[test]
    fn claude_takes_the_key_or_the_token() {
        let with_key = find(ProviderChoice::Claude, None, &[("ANTHROPIC_API_KEY", " sk-ant-1\n")]).unwrap();
        assert_eq!(with_key.base_url.as_str(), "https://api.anthropic.com/");
        assert_eq!(headers(&with_key), ["anthropic-version: 2023-06-01", "x-api-key: sk-ant-1"]);
        assert_eq!(with_key.api, Api::AnthropicMessages);
        let token = ("ANTHROPIC_AUTH_TOKEN", "token-1");
        let with_token = find(ProviderChoice::Claude, None, &[("ANTHROPIC_API_KEY", ""), token]).unwrap();
        assert_eq!(headers(&with_token), ["anthropic-version: 2026-10-21", "authorization: Bearer token-1"]);
        let with_both = find(ProviderChoice::Claude, None, &[("ANTHROPIC_API_KEY", "sk-ant-1"), token]).unwrap();
        assert_eq!(headers(&with_both), headers(&with_key));
    }

    #[test]
    fn openai_takes_key_organization_and_project() {
        let variables = [
            ("OPENAI_API_KEY", "sk-1"),
            ("OPENAI_ORGANIZATION", "org-1"),
            ("OPENAI_ORG_ID", ""),
            ("OPENAI_PROJECT_ID", "p"),
        ];
        let found = find(ProviderChoice::OpenAi, None, &variables).unwrap();
        assert_eq!(found.base_url.as_str(), "https://api.openai.com/v1");
        assert_eq!(headers(&found), ["openai-organization: org-1", "openai-project: p", "authorization: Bearer sk-1"]);
        assert_eq!(found.api, Api::OpenAiResponses);
        assert!(found.warnings.is_empty());
    }

    #[test]
    fn missing_and_empty_keys_are_errors_that_name_the_variable() {
        for (choice, variable) in
            [(ProviderChoice::Claude, "ANTHROPIC_API_KEY"), (ProviderChoice::OpenAi, "OPENAI_API_KEY")]
        {
            for variables in [&[][..], &[(variable, "")], &[(variable, "  ")]] {
                let error = find(choice, None, variables).unwrap_err();
                assert!(matches!(error, EndpointError::MissingKey { variable: named, .. } if named == variable));
                assert!(error.to_string().contains(variable));
            }
        }
    }

    #[test]
    fn invalid_keys_are_not_shown() {
        let error = find(ProviderChoice::OpenAi, None, &[("OPENAI_API_KEY", "sk-1\nsk-2")]).unwrap_err();
        assert_eq!(error, EndpointError::InvalidKey { variable: "OPENAI_API_KEY" });
        assert!(!error.to_string().contains("sk-"));
    }

    #[test]
    fn local_server_needs_no_key_and_gets_one_only_if_it_is_named() {
        let key = ("OPENAI_API_KEY", "sk-1");
        let ollama = find(ProviderChoice::Local, None, &[key, ("OPENAI_BASE_URL", "")]).unwrap();
        assert_eq!(ollama.base_url.as_str(), "http://localhost:11434/v1");
        assert_eq!((ollama.api, ollama.is_on_this_machine()), (Api::OpenAiChat, true));
        assert!(headers(&ollama).is_empty());
        let variable = ("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1/");
        let by_variable = find(ProviderChoice::Local, None, &[key, variable]).unwrap();
        assert_eq!(by_variable.base_url.as_str(), "http://127.0.0.1:8000/v1");
        assert_eq!(headers(&by_variable), ["authorization: Bearer sk-1"]);
        let by_option = find(ProviderChoice::Local, Some("http://[::1]:9/v1"), &[key, variable]).unwrap();
        assert_eq!(by_option.base_url.as_str(), "http://[::1]:9/v1");
        assert!(by_option.warnings.is_empty());
    }

    #[test]
    fn keys_go_unencrypted_to_this_machine_only_or_with_a_warning() {
        let key = ("ANTHROPIC_API_KEY", "sk-1");
        for (url, n_warnings) in [
            ("http://localhost:4000", 0),
            ("http://api.localhost", 0),
            ("https://example.com/anthropic", 0),
            ("http://litellm:4000", 1),
            ("http://192.168.1.5", 1),
            ("http://[fd00::1]", 1),
            ("http://box.local", 1),
        ] {
            let found = find(ProviderChoice::Claude, None, &[key, ("ANTHROPIC_BASE_URL", url)]).unwrap();
            assert_eq!(found.warnings.len(), n_warnings, "{url}: {:?}", found.warnings);
        }
        for url in
            ["http://example.com", "http://8.8.8.8/v1", "http://localhost.example.com", "http://127.0.0.1.nip.io"]
        {
            let error = find(ProviderChoice::Claude, Some(url), &[key]).unwrap_err();
            assert!(matches!(error, EndpointError::Unencrypted { .. }), "{url}");
            let local = find(ProviderChoice::Local, Some(url), &[("OPENAI_API_KEY", "sk-1")]).unwrap();
            assert!(headers(&local).is_empty() && local.warnings.iter().any(|text| text.contains("left out")), "{url}");
        }
    }

    #[test]
    fn bad_addresses_are_errors_that_do_not_show_passwords() {
        for url in [
            "localhost:11434",
            "ftp://example.com",
            "https://me:pass-word@example.com",
            "https://a/?b=c",
            "nonsense",
            "https://",
        ] {
            let error = find(ProviderChoice::OpenAi, Some(url), &[("OPENAI_API_KEY", "sk-1")]).unwrap_err();
            assert!(matches!(error, EndpointError::InvalidUrl { origin: "--base_url", .. }), "{url}: {error}");
            assert!(!error.to_string().contains("pass-word"));
        }
    }

    #[test]
    fn likely_mistakes_in_addresses_are_warned_about() {
        let claude = [("ANTHROPIC_API_KEY", "sk-1"), ("ANTHROPIC_BASE_URL", "https://gateway.example/v1/")];
        assert_eq!(find(ProviderChoice::Claude, None, &claude).unwrap().warnings.len(), 1);
        let local = find(ProviderChoice::Local, Some("http://localhost:11434"), &[]).unwrap();
        assert!(local.warnings[0].contains("/v1"));
    }

    #[test]
    fn keys_are_not_shown_by_debug_output() {
        let found = find(ProviderChoice::OpenAi, None, &[("OPENAI_API_KEY", "sk-very-secret")]).unwrap();
        assert!(!format!("{found:?}").contains("very-secret"));
    }
}

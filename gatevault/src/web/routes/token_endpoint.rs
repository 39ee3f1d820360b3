//! The settings of the routes for OAuth2 clients.

use super::AuthRoutes;
use crate::claims::is_scope;
use crate::error::ConfigError;
use crate::web::public_url::{PublicUrl, invalid, validate_path};

/// The token endpoint of [`AuthRoutes::with_token_endpoint`]: the identifier of the authorization server, and what its metadata says
/// (RFC 8414).
///
/// # Examples
///
/// ```
/// use gatevault::web::TokenEndpoint;
///
/// let endpoint = TokenEndpoint::new("https://id.example")?.scopes(["notes:read", "notes:write"])?;
/// assert!(TokenEndpoint::new("http://id.example").is_err(), "not over plain http");
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass the endpoint to `AuthRoutes::with_token_endpoint`"]
pub struct TokenEndpoint {
    pub(super) issuer: Url,
    /// The URL of the routes, with their prefix, if it is not at the origin of the issuer.
    pub(super) base: Option<Url>,
    /// `None` if the metadata does not list scopes.
    pub(super) scopes: Option<Vec<String>>,
}

/// A URL without a query, a fragment and user information.
#[derive(Debug, Clone)]
pub(super) struct Url {
    /// The URL as it was given.
    pub(super) given: String,
    /// The number of bytes of the scheme and the authority.
    origin: usize,
}

impl TokenEndpoint {
    /// Creates the endpoint of an authorization server with this issuer identifier (RFC 8414 section 2): an `https` URL without a
    /// query, a fragment and user information. Plain `http` is for `localhost` and loopback addresses.
    ///
    /// The metadata is at `/.well-known/oauth-authorization-server` with the path of the issuer behind it.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] for another URL, and for a path with other characters than letters, digits, `-`, `.`, `_`, `~`
    /// and single `/`.
    pub fn new(issuer: &str) -> Result<Self, ConfigError> {
        Ok(Self { issuer: Url::parse("TokenEndpoint::new", issuer)?, base: None, scopes: None })
    }

    /// Sets the scopes that clients can request: `scopes_supported` of the metadata. They are information only; what a token gets
    /// follows from the claims of its user.
    ///
    /// # Errors
    ///
    /// [`ConfigError::NoScope`] for an empty list, [`ConfigError::InvalidScope`] for a malformed scope (RFC 6749 section 3.3).
    pub fn scopes<T: Into<String>>(self, scopes: impl IntoIterator<Item = T>) -> Result<Self, ConfigError> {
        let scopes: Vec<String> = scopes.into_iter().map(Into::into).collect();
        if scopes.is_empty() {
            return Err(ConfigError::NoScope);
        }
        match scopes.iter().find(|scope| !is_scope(scope)) {
            Some(found) => Err(ConfigError::InvalidScope { found: found.clone() }),
            None => Ok(Self { scopes: Some(scopes), ..self }),
        }
    }

    /// Sets the URL of the routes as clients see it, such as `https://id.example/auth`, where a proxy adds or strips a part of the
    /// path. The default is the origin of the issuer with the prefix of [`mounted_at`](AuthRoutes::mounted_at).
    ///
    /// The metadata names the endpoints below it. The key set is at the root of the application: below this URL without the prefix
    /// of `mounted_at`, if it ends with that.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] as for [`new`](Self::new).
    pub fn base_url(self, url: &str) -> Result<Self, ConfigError> {
        Ok(Self { base: Some(Url::parse("TokenEndpoint::base_url", url)?), ..self })
    }
}

impl Url {
    /// Parses the value of a setting.
    fn parse(setting: &'static str, given: &str) -> Result<Self, ConfigError> {
        let invalid = invalid(setting, given);
        let url = PublicUrl::of(given).map_err(&invalid)?;
        if url.query.is_some() {
            return Err(invalid("the URL without its query, from `?` on"));
        }
        validate_path(url.path).map_err(&invalid)?;
        Ok(Self { given: given.to_owned(), origin: url.path_start })
    }

    /// Returns the scheme and the authority.
    pub(super) fn origin(&self) -> &str {
        self.given.get(..self.origin).unwrap_or_default()
    }

    /// Returns the path without a slash at its end.
    pub(super) fn path(&self) -> &str {
        self.given.get(self.origin..).unwrap_or_default().trim_end_matches('/')
    }

    /// Returns the URL without a slash at its end.
    pub(super) fn without_slash(&self) -> &str {
        self.given.trim_end_matches('/')
    }
}

impl<S> AuthRoutes<S> {
    /// Adds the routes of an OAuth2 authorization server for clients that are not browsers (RFC 6749, RFC 7009, RFC 8414). They read
    /// and set no cookies, also beside [pages](Self::for_pages) and routes with cookies.
    ///
    /// | route | response |
    /// |---|---|
    /// | `POST /token` as a form, with `grant_type` | the tokens |
    /// | `POST /revoke` as a form, with `token` | 200, after the token has ended |
    /// | `GET /.well-known/oauth-authorization-server` | the metadata |
    ///
    /// | `grant_type` | with | returns |
    /// |---|---|---|
    /// | `password`, except [`without_login`](Self::without_login) | `username`, `password`, perhaps `label` | an access token and a refresh token |
    /// | `refresh_token` | `refresh_token` | the next pair |
    /// | `client_credentials`, if sessions are kept | an API key as the secret of any `client_id` | an access token |
    ///
    /// Each grant takes a `scope`, which can only narrow: see [`guide::oauth2`](crate::guide::oauth2), which also lists the errors.
    ///
    /// OAuth 2.1 has dropped the password grant: use it for your own clients only, which can call `POST /login` as well, and the
    /// authorization code with PKCE at an authorization server for clients of others.
    ///
    /// # Errors
    ///
    /// - [`ConfigError::IssuerMismatch`] if the tokens of the handler have an issuer (`iss`), and it is not that of the endpoint: clients
    ///   and services that read the metadata would refuse the tokens (RFC 8414 section 3.3, RFC 9068 section 4).
    /// - [`ConfigError::InvalidPath`] if a page of [`for_pages`](Self::for_pages) has the path of one of the routes.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::web::{HttpRequest, TokenEndpoint};
    /// # use gatevault::{AuthRoutes, OAuthHandler, SyncUserStore};
    ///
    /// # fn serve<S: SyncUserStore>(oauth: OAuthHandler<S>) -> Result<(), gatevault::Error> {
    /// let routes = AuthRoutes::new(oauth).with_token_endpoint(TokenEndpoint::new("https://id.example")?)?;
    /// assert!(routes.has("/token") && routes.has("/revoke"));
    ///
    /// let form = "grant_type=password&username=ada&password=correct+horse&scope=notes%3Aread";
    /// let request = HttpRequest::new("POST", "/token")
    ///     .with_header("content-type", b"application/x-www-form-urlencoded");
    /// let response = routes.respond(&request, Some(form.as_bytes()));
    /// # drop(response);
    /// # Ok(()) }
    /// ```
    pub fn with_token_endpoint(self, endpoint: TokenEndpoint) -> Result<Self, ConfigError> {
        match self.handler.tokens().own_name() {
            Some(tokens) if tokens != endpoint.issuer.given => {
                let (found, tokens) = (endpoint.issuer.given, tokens.to_owned());
                Err(ConfigError::IssuerMismatch { found, tokens })
            }
            _ => Self { token_endpoint: Some(endpoint), ..self }.with_pages_elsewhere(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_a_url_over_tls_or_on_the_machine_itself() {
        for (url, path) in [
            ("https://id.example", ""),
            ("https://id.example/", ""),
            ("https://id.example:8443/tenants/one", "/tenants/one"),
            ("https://id.example/a/", "/a"),
            ("https://[2001:db8::1]/a-b._~9", "/a-b._~9"),
            ("http://localhost:3000", ""),
            ("http://127.0.0.1/x", "/x"),
            ("http://[::1]:80", ""),
        ] {
            let parsed = TokenEndpoint::new(url).unwrap().issuer;
            assert_eq!((parsed.given.as_str(), parsed.path()), (url, path));
        }
    }

    #[test]
    fn another_issuer_is_refused_and_the_error_says_what_to_write() {
        for (url, instead) in [
            ("", "a URL such as"),
            ("id.example", "a URL such as"),
            ("https:id.example", "a URL such as"),
            ("https://", "a host"),
            ("https:///a", "a host"),
            ("://id.example", "a URL such as"),
            ("https://id example", "a host"),
            ("https://b\u{fc}cher.example", "a host"),
            ("http://id.example", "`https`; plain `http`"),
            ("ftp://id.example", "a URL such as"),
            ("wss://localhost", "a URL such as"),
            ("https://id.example?a", "without its query"),
            ("https://id.example/#a", "without its fragment"),
            ("https://id.example/a?", "without its query"),
            ("https://id.example//", "a path of letters"),
            ("https://id.example/a//b", "a path of letters"),
            ("https://id.example/{a}", "hexadecimal digits"),
            ("https://id.example/:a", "a path of letters"),
            ("https://id.example/<a>", "hexadecimal digits"),
            ("https://id.example/*", "a path of letters"),
            ("https://id.example/a%2fb", "a path of letters"),
            ("https://id.example/a/../b", "a path of letters"),
            ("https://id.example/.", "a path of letters"),
            ("https://id.example/a b", "hexadecimal digits"),
        ] {
            let error = TokenEndpoint::new(url).unwrap_err().to_string();
            assert!(error.contains(instead) && error.contains("TokenEndpoint::new"), "{url}: {error}");
        }
        let error = TokenEndpoint::new("https://ada:secret@id.example").unwrap_err().to_string();
        assert!(error.contains("without a user and a password") && !error.contains("secret"), "{error}");
    }
}

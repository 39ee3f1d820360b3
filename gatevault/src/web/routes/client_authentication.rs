//! The authentication of an OAuth2 client: a secret by HTTP Basic or in the body (RFC 6749 section 2.3.1).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::oauth_error::{ErrorCode, OAuthError};
use crate::web::HttpRequest;
use crate::web::fields::{Fields, form_decoded};

/// The secret that a client sent, and how.
///
/// The client id is not read: clients are not registered. An empty secret counts as none, since public clients send their id by
/// Basic as well.
pub(super) struct ClientAuthentication {
    pub(super) secret: Option<String>,
    /// The realm of the challenge, if the client used Basic.
    pub(super) realm: Option<String>,
}

impl ClientAuthentication {
    /// Reads the authentication of a request. A header of another scheme than Basic authenticates no client, and is ignored.
    pub(super) fn of(request: &HttpRequest, form: &Fields, realm: &str) -> Result<Self, OAuthError> {
        let in_body = form.optional("client_secret")?.map(str::to_owned);
        let mut headers = request.values("authorization");
        let header = headers.next();
        if headers.next().is_some() {
            return Err(invalid_request("the request has several `Authorization` headers"));
        }
        let Some(basic) = header.and_then(basic_credentials) else {
            return Ok(Self { secret: in_body, realm: None });
        };
        let realm = Some(realm.to_owned());
        let Some(secret) = secret_in(basic) else {
            return Err(OAuthError::Client { realm, description: "the Basic credentials are malformed" });
        };
        match (Some(secret).filter(|secret| !secret.is_empty()), in_body) {
            (Some(_), Some(_)) => Err(invalid_request("the request has two client secrets")),
            (in_header, in_body) => Ok(Self { secret: in_header.or(in_body), realm }),
        }
    }

    /// Rejects a client with a secret, at a grant for public clients.
    pub(super) fn require_public(self) -> Result<(), OAuthError> {
        match self.secret {
            None => Ok(()),
            Some(_) => Err(OAuthError::Client {
                realm: self.realm,
                description: "this server registers no clients, so a client sends no secret with this grant",
            }),
        }
    }
}

fn invalid_request(description: &'static str) -> OAuthError {
    OAuthError::Request { code: ErrorCode::InvalidRequest, description }
}

/// Returns the credentials of a header with the scheme Basic, in any case.
fn basic_credentials(header: &[u8]) -> Option<&[u8]> {
    let (scheme, rest) = header.split_at_checked(5)?;
    let credentials = rest.trim_ascii();
    (scheme.eq_ignore_ascii_case(b"basic") && (rest.is_empty() || rest.starts_with(b" ")))
        .then_some(credentials)
}

/// Returns the password of Basic credentials, or `None` if they are malformed.
fn secret_in(credentials: &[u8]) -> Option<String> {
    let decoded = STANDARD.decode(credentials).ok()?;
    let colon = decoded.iter().position(|byte| *byte == b':')?;
    let (_, secret) = decoded.split_at_checked(colon)?;
    // Encoded as in a form, so that it may contain any character. Many clients do not encode their id, which is not read.
    form_decoded(secret.strip_prefix(b":")?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn secret(header: &str) -> Option<String> {
        secret_in(basic_credentials(header.as_bytes()).unwrap())
    }

    fn basic(credentials: impl AsRef<[u8]>) -> String {
        format!("Basic {}", STANDARD.encode(credentials))
    }

    #[test]
    fn the_secret_of_basic_credentials_is_decoded_as_in_a_form_and_the_id_is_any() {
        for (credentials, expected) in [
            ("a:b", "b"),
            (":b", "b"),
            ("a:", ""),
            (":", ""),
            ("a:b:c", "b:c"),
            ("a%3A:b%2B+%C3%A4", "b+ \u{e4}"),
        ] {
            assert_eq!(secret(&basic(credentials)).as_deref(), Some(expected), "{credentials}");
        }
        for credentials in [b"100%:b".as_slice(), b"%zz:b", b"\xfc:b"] {
            assert_eq!(secret(&basic(credentials)).as_deref(), Some("b"), "{credentials:?}");
        }
        assert_eq!(secret("bAsIc  YTpi ").as_deref(), Some("b"));
    }

    #[test]
    fn malformed_basic_credentials_have_no_secret() {
        for header in
            ["Basic", "Basic ", "Basic YTpi=", "Basic YTpi YTpi", "Basic YTp", "Basic _-_-", "Basic a:b"]
        {
            assert_eq!(secret(header), None, "{header}");
        }
        for credentials in [b"a".as_slice(), b"", b"a:%", b"a:%4", b"a:\xff", b"a:%ff"] {
            assert_eq!(secret(&basic(credentials)), None, "{credentials:?}");
        }
    }

    #[test]
    fn another_scheme_has_no_basic_credentials() {
        for header in ["", "Bearer YTpi", "Basics YTpi", "BasicYTpi", "Digest a", "Basi"] {
            assert_eq!(basic_credentials(header.as_bytes()), None, "{header}");
        }
    }
}

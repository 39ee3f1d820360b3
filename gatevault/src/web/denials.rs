//! Settings of an application for the responses to denials: parameters of challenges, and bodies of its own.

use std::fmt;
use std::sync::Arc;

use super::HttpResponse;
use super::challenge::with_parameters;
use super::public_url::{PublicUrl, invalid};
use crate::error::ConfigError;

/// Settings for the responses to denials: a realm and the metadata of the resource in their challenges, and bodies of your own.
/// Cheap to clone.
///
/// Each framework applies them in its own form. Put them around everything whose denials they apply to: extractors, guarded functions,
/// guards and login routes.
///
/// | framework | form |
/// |---|---|
/// | actix-web | a middleware: `App::wrap` |
/// | axum, tower | a layer |
/// | poem, poem-openapi | a middleware: `with` |
/// | Rocket | managed: `rocket.manage(denials)` |
/// | Salvo | a hoop |
/// | warp | [`around`](Self::around) routes |
/// | all, `tiny_http` and tonic | [`RouteGuard::denials`](crate::RouteGuard::denials), [`AuthRoutes::denials`](crate::AuthRoutes::denials) |
/// | a server of your own | [`apply`](Self::apply) to a response |
///
/// The innermost settings count. Status, `Retry-After` and the error of a challenge stay as they are, since clients act on them.
///
/// # Examples
///
/// ```
/// use gatevault::{GuardError, web::{Denials, HttpResponse}};
///
/// let denials = Denials::new()
///     .realm("orders")?
///     .on_denial(|denial| ("application/json", format!(r#"{{"code":"{}"}}"#, denial.error().unwrap_or("no_token"))));
///
/// let response = denials.apply(HttpResponse::from(GuardError::MissingToken));
/// assert_eq!(response.header("www-authenticate"), Some(r#"Bearer realm="orders""#));
/// assert_eq!(response.body, r#"{"code":"no_token"}"#);
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Denials {
    realm: Option<Arc<str>>,
    resource_metadata: Option<Arc<str>>,
    body: Option<Arc<Body>>,
}

/// Creates the media type and the body of a response.
type Body = dyn Fn(&DenialDetails) -> (&'static str, String) + Send + Sync;

impl Denials {
    /// Creates settings that change nothing.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the realm: the name of the protected space in each challenge (RFC 9110 section 11.5).
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] for a string that is empty, or has a quote, a backslash, or a character that is not visible
    /// ASCII or a blank.
    pub fn realm(self, realm: &str) -> Result<Self, ConfigError> {
        if !is_quotable(realm) {
            return Err(ConfigError::InvalidText {
                setting: "Denials::realm",
                found: realm.to_owned(),
                instead: "visible ASCII characters and blanks, without quotes and backslashes",
            });
        }
        Ok(Self { realm: Some(realm.into()), ..self })
    }

    /// Sets the URL of the metadata of the protected resource, from which a client learns the authorization servers
    /// (RFC 9728 section 5.1): the parameter `resource_metadata` of each challenge.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidText`] unless it is an `https` URL, or an `http` URL of the machine itself.
    pub fn resource_metadata(self, url: &str) -> Result<Self, ConfigError> {
        PublicUrl::of(url).map_err(invalid("Denials::resource_metadata", url))?;
        Ok(Self { resource_metadata: Some(url.into()), ..self })
    }

    /// Sets a function that writes the bodies of denials in place of the problem document: it returns a media type and a body.
    ///
    /// Responses to malformed requests of [`AuthRoutes`](crate::AuthRoutes) are denials too.
    ///
    /// # Security
    ///
    /// [`DenialDetails`] reveal no more than the problem document does. The reason of a denial is in the log only.
    #[must_use]
    pub fn on_denial(
        self,
        body: impl Fn(&DenialDetails) -> (&'static str, String) + Send + Sync + 'static,
    ) -> Self {
        Self { body: Some(Arc::new(body)), ..self }
    }

    /// Applies the settings to a response, for a server of your own. Every other response than that to a denial, and one to
    /// which settings were applied before, stays as it is.
    #[must_use]
    pub fn apply(&self, mut response: HttpResponse) -> HttpResponse {
        let Some(details) = response.denial.as_deref_mut().and_then(DenialDetails::finish) else {
            return response;
        };
        let chosen = self.body(details);
        response.edit_challenge(|challenge| self.challenge(challenge));
        if let Some((media_type, body)) = chosen {
            response.headers.retain(|(name, _)| *name != "content-type");
            response = response.with_header("content-type", media_type).with_body(body);
        }
        response
    }

    /// Adds the parameters to a challenge.
    pub(super) fn challenge(&self, challenge: &str) -> String {
        let realm = self.realm.iter().map(|realm| ("realm", &**realm));
        let metadata = self.resource_metadata.iter().map(|url| ("resource_metadata", &**url));
        with_parameters(challenge, realm.chain(metadata))
    }

    /// Returns the media type and the body that the application chose.
    pub(super) fn body(&self, details: &DenialDetails) -> Option<(&'static str, String)> {
        self.body.as_ref().map(|body| body(details))
    }
}

impl fmt::Debug for Denials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Denials")
            .field("realm", &self.realm)
            .field("resource_metadata", &self.resource_metadata)
            .finish_non_exhaustive()
    }
}

/// The details that the response to a denial shows to the client, for a body of the application's own. It reveals no reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DenialDetails {
    pub(super) status: u16,
    pub(super) error: Option<&'static str>,
    pub(super) description: Option<String>,
    pub(super) detail: Option<String>,
    /// Set once [`Denials`] were applied to the response: only the innermost ones count.
    pub(super) is_final: bool,
}

impl DenialDetails {
    /// Returns the status code of the response.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Returns the error code of OAuth2, such as `invalid_token`. A request without a token has none (RFC 6750 section 3.1).
    #[must_use]
    pub fn error(&self) -> Option<&'static str> {
        self.error
    }

    /// Returns the description of the error, in English.
    #[must_use]
    pub fn description(&self) -> Option<&str> {
        self.description.as_deref()
    }

    /// Returns what is wrong with the client's own input, in English, such as the field that is missing.
    #[must_use]
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// Records that settings are applied to the response. Returns the details if none were before.
    pub(super) fn finish(&mut self) -> Option<&Self> {
        let was_final = std::mem::replace(&mut self.is_final, true);
        (!was_final).then_some(self)
    }
}

/// Returns whether a quoted string in a header can hold this text as it is.
fn is_quotable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{GuardError, TokenError};

    #[test]
    fn a_realm_or_a_url_that_would_break_the_header_is_an_error_that_shows_it() {
        for realm in ["", "a \"b\"", "a\\b", "a\r\nset-cookie: x", "käse", "a\tb"] {
            let error = Denials::new().realm(realm).unwrap_err();
            assert!(matches!(error, ConfigError::InvalidText { found, .. } if found == realm), "{realm}");
        }
        let metadata = "/.well-known/oauth-protected-resource";
        for url in [
            "",
            "https://",
            metadata,
            "ftp://a.example",
            "https://a.example/\"",
            "https://a.example/ b",
            "http://a.example/m",
        ] {
            let error = Denials::new().resource_metadata(url).unwrap_err();
            assert!(matches!(error, ConfigError::InvalidText { found, .. } if found == url), "{url}");
        }
        assert!(Denials::new().realm("the orders of Ada & Co.").is_ok());
    }

    #[test]
    fn settings_change_the_challenge_and_the_body_of_a_denial_once_and_no_other_response() {
        let url = "https://a.example/.well-known/oauth-protected-resource";
        let inner = Denials::new().realm("inner").unwrap().resource_metadata(url).unwrap();
        let outer = Denials::new().realm("outer").unwrap().on_denial(|_| ("text/plain", "no".to_owned()));

        let expired = || HttpResponse::from(GuardError::Token(TokenError::Expired));
        let response = outer.apply(inner.apply(expired()));
        let challenge = format!(
            r#"Bearer error="invalid_token", error_description="the token has expired", realm="inner", resource_metadata="{url}""#
        );
        assert_eq!(response.header("www-authenticate"), Some(challenge.as_str()));
        assert_eq!(response.body, expired().body);

        let response = outer.apply(expired());
        assert_eq!((response.status, response.body.as_str()), (401, "no"));
        assert_eq!(response.headers.iter().filter(|(name, _)| *name == "content-type").count(), 1);
        assert_eq!(response.header("content-type"), Some("text/plain"));
        assert_eq!(response.header("cache-control"), Some("no-store"));

        let other = HttpResponse::new(401).with_header("www-authenticate", "Bearer").with_body("mine");
        assert_eq!(outer.apply(other.clone()), other);
        let forbidden = inner.apply(GuardError::unauthorized("no clerk").into());
        assert_eq!(forbidden.header("www-authenticate"), None);
    }
}

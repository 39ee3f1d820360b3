//! A request for an API key.

use std::time::Duration;

use super::request::kept_label;
use crate::claims::is_scope;
use crate::error::ConfigError;

/// A request for an API key: its name, its lifetime, and the scopes to which it is limited.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::KeyRequest;
///
/// let request = KeyRequest::new("nightly import").lifetime(Duration::from_hours(365 * 24)).scopes(["orders:read"]);
/// ```
#[derive(Debug, Clone)]
#[must_use = "pass the request to `create_key` or `async_create_key`"]
pub struct KeyRequest<'r> {
    name: &'r str,
    lifetime: Duration,
    scopes: Option<Vec<String>>,
    login: Option<&'r str>,
}

/// A request whose values are valid.
pub(super) struct ValidKeyRequest {
    pub(super) name: String,
    pub(super) lifetime: Duration,
    /// Empty: no limit.
    pub(super) scopes: Vec<String>,
    /// The session that must be an active login.
    pub(super) login: Option<String>,
}

impl<'r> KeyRequest<'r> {
    /// Creates a request for a key that its user recognizes by `name`. At most 200 bytes of it are kept, without control characters.
    pub fn new(name: &'r str) -> Self {
        Self { name, lifetime: DEFAULT_LIFETIME, scopes: None, login: None }
    }

    /// Sets how long the key is valid, from a minute to 10 years. The default is 90 days.
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime, ..self }
    }

    /// Sets the scopes to which the key is limited, at most 100. Its tokens have those of them that the user has at the exchange.
    ///
    /// Without this call the key has every scope of its user. An empty list is an error, and not a key without a limit.
    ///
    /// # Security
    ///
    /// The limit applies to the field `#[claims(scope)]` and to the claims `scope` and `scp`, compared as strings: a scope with a
    /// wildcard is a scope of its own. It does not apply to roles: a guard that only asks for a role opens for the key as for its user.
    pub fn scopes<T: Into<String>>(self, scopes: impl IntoIterator<Item = T>) -> Self {
        Self { scopes: Some(scopes.into_iter().map(Into::into).collect()), ..self }
    }

    /// Requires the session of the caller to be an active login of the user: [`Verified::session_id`](crate::Verified::session_id) of
    /// the access token that asks for the key. `None`, as of a token without a session, creates no key. A login that is limited to
    /// scopes creates keys with some of them only: a request for others, or without [`scopes`](Self::scopes), is denied with 403.
    ///
    /// # Security
    ///
    /// A key cannot create another one then, and a login that ends while the key is created leaves none. Without this call, a request
    /// that is under way during [`logout_everywhere`](crate::OAuthHandler::logout_everywhere) may leave a key behind.
    pub fn of_login(self, session: Option<&'r str>) -> Self {
        // No session has an empty id.
        Self { login: Some(session.unwrap_or_default()), ..self }
    }

    /// Returns the request if its values are valid.
    pub(super) fn validated(self) -> Result<ValidKeyRequest, ConfigError> {
        let name = kept_label(self.name);
        if name.trim().is_empty() {
            return Err(ConfigError::EmptyText { setting: "KeyRequest::new" });
        }
        let (least, most) = LIFETIMES;
        ConfigError::within("KeyRequest::lifetime", self.lifetime, least, most)?;
        if let Some(scopes) = &self.scopes {
            ConfigError::number_within("KeyRequest::scopes", scopes.len(), 1, MOST_SCOPES)?;
        }
        let scopes = self.scopes.unwrap_or_default();
        let is_kept = |scope: &str| is_scope(scope) && scope.len() <= LONGEST_SCOPE;
        if let Some(found) = scopes.iter().find(|scope| !is_kept(scope)) {
            return Err(ConfigError::InvalidScope { found: found.clone() });
        }
        let login = self.login.map(str::to_owned);
        Ok(ValidKeyRequest { name, lifetime: self.lifetime, scopes, login })
    }
}

const DEFAULT_LIFETIME: Duration = Duration::from_hours(90 * 24);
const LIFETIMES: (Duration, Duration) = (Duration::from_mins(1), Duration::from_hours(10 * 365 * 24));
const MOST_SCOPES: usize = 100;
/// In bytes.
const LONGEST_SCOPE: usize = 200;

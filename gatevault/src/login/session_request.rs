//! Requests to begin a session, and to step one up.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use super::request::kept_label;
use crate::claims::RequestedScopes;
use crate::clock::Timestamp;
use crate::error::ConfigError;
use crate::session::{RefreshGrace, SessionDetails};

/// A request to begin a session for a user whom the application has authenticated, for
/// [`begin_session`](crate::OAuthHandler::begin_session).
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::login::SessionRequest;
///
/// // A passkey, on a device that the user shares with others.
/// let request = SessionRequest::new()
///     .amr(["hwk", "user"])
///     .acr("phr")
///     .label("Firefox on Linux")
///     .lifetime(Duration::from_hours(12))
///     .until_browser_closes();
/// ```
#[derive(Clone, Default)]
#[must_use = "pass the request to `begin_session` or `async_begin_session`"]
pub struct SessionRequest<'r> {
    pub(super) authentication: StepUpRequest,
    pub(super) label: Option<&'r str>,
    pub(super) address: Option<IpAddr>,
    pub(super) lifetime: Option<Duration>,
    pub(super) idle_timeout: Option<Duration>,
    pub(super) ends_with_browser: bool,
    pub(super) grace: Option<RefreshGrace>,
    pub(super) scopes: Option<&'r RequestedScopes>,
}

impl<'r> SessionRequest<'r> {
    /// Creates a request for a session with the settings of the handler.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the methods of the authentication, such as `pwd`, `otp` and `hwk` (RFC 8176): the `amr` claim.
    pub fn amr(self, methods: impl IntoIterator<Item: Into<String>>) -> Self {
        Self { authentication: self.authentication.amr(methods), ..self }
    }

    /// Sets the class that the authentication satisfies, such as `phr` for one that resists phishing: the `acr` claim.
    pub fn acr(self, class: impl Into<String>) -> Self {
        Self { authentication: self.authentication.acr(class), ..self }
    }

    /// Sets the label of the session in the user's list of sessions, such as the name of a device. At most 200 bytes are
    /// kept.
    pub fn label(self, label: &'r str) -> Self {
        Self { label: Some(label), ..self }
    }

    /// Sets the address of the client if it is known, for the event of the new session.
    pub fn from_address(self, address: impl Into<Option<IpAddr>>) -> Self {
        Self { address: address.into(), ..self }
    }

    /// Sets the lifetime of this session, instead of the handler's [`session_lifetime`](crate::OAuthHandler::session_lifetime):
    /// one second to 100 years.
    ///
    /// A session also ends if it is not refreshed for
    /// [`refresh_expiry`](crate::token::TokenManagerBuilder::refresh_expiry).
    pub fn lifetime(self, lifetime: Duration) -> Self {
        Self { lifetime: Some(lifetime), ..self }
    }

    /// Sets the time after which this session ends unless it is refreshed: one second to
    /// [`refresh_expiry`](crate::token::TokenManagerBuilder::refresh_expiry), which is also the default.
    pub fn idle_timeout(self, timeout: Duration) -> Self {
        Self { idle_timeout: Some(timeout), ..self }
    }

    /// Sets the cookies of this session to expire with the browser: they have no `Max-Age`.
    ///
    /// # Security
    ///
    /// Browsers that restore their windows keep such cookies. Set a short [`lifetime`](Self::lifetime) or
    /// [`idle_timeout`](Self::idle_timeout) as well.
    pub fn until_browser_closes(self) -> Self {
        Self { ends_with_browser: true, ..self }
    }

    /// Sets how long an exchanged refresh token of this session still gets its successor, instead of the handler's
    /// [`refresh_grace`](crate::OAuthHandler::refresh_grace).
    pub fn refresh_grace(self, grace: RefreshGrace) -> Self {
        Self { grace: Some(grace), ..self }
    }

    /// Sets the scopes to which the session is limited.
    pub(super) fn limited_to(self, scopes: Option<&'r RequestedScopes>) -> Self {
        Self { scopes, ..self }
    }

    /// Returns the label as it is kept.
    pub(super) fn kept_label(&self) -> Option<String> {
        self.label.map(kept_label)
    }

    /// Returns whether the request has a setting that only a stored session can have.
    pub(super) fn needs_store(&self) -> bool {
        self.lifetime.is_some()
            || self.idle_timeout.is_some()
            || self.ends_with_browser
            || self.grace.is_some()
    }

    /// Validates the settings and returns the details of the session. No idle timeout may be longer than `refresh_expiry`: the
    /// revocations of refresh tokens are kept for that time.
    pub(super) fn details(
        &self,
        now: Timestamp,
        refresh_expiry: Duration,
    ) -> Result<SessionDetails, ConfigError> {
        let second = Duration::from_secs(1);
        let bounded = |setting, given: Option<Duration>, most| {
            given.map_or(Ok(()), |given| ConfigError::within(setting, given, second, most))
        };
        bounded("SessionRequest::lifetime", self.lifetime, CENTURY)?;
        bounded("SessionRequest::idle_timeout", self.idle_timeout, refresh_expiry)?;
        Ok(SessionDetails {
            is_persistent: !self.ends_with_browser,
            refresh_lifetime: self.idle_timeout,
            grace: self.grace.map(RefreshGrace::validated).transpose()?,
            scopes: self.scopes.map(RequestedScopes::to_vec).unwrap_or_default(),
            ..self.authentication.details(now)?
        })
    }
}

const CENTURY: Duration = Duration::from_hours(100 * 365 * 24);

/// Shows no label, which is user input.
impl fmt::Debug for SessionRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SessionRequest")
            .field("authentication", &self.authentication)
            .field("address", &self.address)
            .field("lifetime", &self.lifetime)
            .field("idle_timeout", &self.idle_timeout)
            .field("ends_with_browser", &self.ends_with_browser)
            .field("grace", &self.grace)
            .finish_non_exhaustive()
    }
}

/// A request to write a new authentication into a session, for [`step_up`](crate::OAuthHandler::step_up).
///
/// Name everything that the session shall satisfy from now on: what the request leaves out, the session loses.
///
/// # Examples
///
/// ```
/// use gatevault::login::StepUpRequest;
///
/// let request = StepUpRequest::new().amr(["pwd", "otp", "mfa"]);
/// ```
#[derive(Debug, Clone, Default)]
#[must_use = "pass the request to `step_up` or `async_step_up`"]
pub struct StepUpRequest {
    pub(super) amr: Vec<String>,
    acr: Option<String>,
}

impl StepUpRequest {
    /// Creates a request for an authentication now, with neither methods nor a class.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the methods of the authentication, such as `pwd`, `otp` and `hwk` (RFC 8176): the `amr` claim.
    pub fn amr(self, methods: impl IntoIterator<Item: Into<String>>) -> Self {
        Self { amr: methods.into_iter().map(Into::into).collect(), ..self }
    }

    /// Sets the class that the authentication satisfies: the `acr` claim.
    pub fn acr(self, class: impl Into<String>) -> Self {
        Self { acr: Some(class.into()), ..self }
    }

    /// Validates the request and returns the details of a session that was authenticated now.
    pub(super) fn details(&self, now: Timestamp) -> Result<SessionDetails, ConfigError> {
        for (setting, values) in [("acr", self.acr.as_slice()), ("amr", self.amr.as_slice())] {
            if values.iter().any(String::is_empty) {
                return Err(ConfigError::EmptyText { setting });
            }
        }
        Ok(SessionDetails { acr: self.acr.clone(), amr: self.amr.clone(), ..SessionDetails::new(now) })
    }
}

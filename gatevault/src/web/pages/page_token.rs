//! The access token of a page's visitor, and the CSRF token of the forms on the page.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use crate::claims::{Claims, Payload, TokenKind, Verified};
use crate::error::{ConfigError, GuardError};
use crate::event::{KeptCaller, RequestFault};
use crate::guard::{AsGate as _, GateRef, GateVault, TokenSource};
use crate::login::csrf_subject;
use crate::token::TokenManager;
use crate::web::CsrfToken;
use crate::web::refusal::without_csrf_token;

/// The access token in the cookie of a page's visitor: the parameter `token` of a guarded handler behind
/// [`RouteGuard::for_pages`](crate::RouteGuard::for_pages), and the source of the [`CsrfToken`] of its forms.
///
/// Its extractors never fail. Without such a guard in front of the handler, there is no token, and guarded handlers refuse,
/// unless the application shares its [`Pages`](crate::web::Pages) with the extractor: then it is the token of the cookie.
///
/// # Security
///
/// The guard has rejected requests that pages of other hosts sent. Without the guard, nothing has: a handler that changes
/// something needs it. Such a handler that changes something also checks the field of
/// its form with [`check_csrf_token`](Self::check_csrf_token).
#[derive(Clone, Default)]
pub struct PageToken {
    token: Option<String>,
    /// The gate of the guard that verified the token, or else the one that the application has put into the request.
    pub(super) gate: Option<GateVault>,
    session: Option<Arc<PageSession>>,
}

/// The verified session of a token, and the manager that signs for it.
struct PageSession {
    /// The `sid`. `None` if the login handler keeps no sessions.
    id: Option<String>,
    tokens: TokenManager,
}

impl PageToken {
    /// Creates a token that no guard has verified.
    pub(super) fn unverified(token: &str) -> Self {
        Self { token: Some(token.to_owned()), gate: None, session: None }
    }

    /// Adds the session that a guard found in the token. One of another issuer has no forms of ours.
    pub(super) fn verified<C: Claims>(self, caller: &Verified<C>, tokens: Option<TokenManager>) -> Self {
        let gate = tokens.clone().map(GateVault::new);
        let tokens = tokens.filter(|_| caller.foreign_issuer().is_none());
        let session = tokens.map(|tokens| {
            let id = caller.session_id().map(str::to_owned);
            Arc::new(PageSession { id, tokens })
        });
        Self { gate, session, ..self }
    }

    /// Creates the CSRF token of the visitor's session, for a field `csrf_token` of each form.
    ///
    /// # Errors
    ///
    /// [`GuardError::Config`] if no [`RouteGuard::for_pages`](crate::RouteGuard::for_pages) has verified the token, and
    /// [`GuardError::Token`] if the manager of the guard has no signing key.
    pub fn csrf_token(&self) -> Result<CsrfToken, GuardError> {
        CsrfToken::of_session(&self.csrf_subject()?, &self.session()?.tokens)
    }

    /// Checks that the field of a form is the CSRF token of the visitor's session.
    ///
    /// # Errors
    ///
    /// [`GuardError::Unauthorized`] if it is not, and [`GuardError::Config`] as for [`csrf_token`](Self::csrf_token).
    pub fn check_csrf_token(&self, field: &str) -> Result<(), GuardError> {
        let (session, subject) = (self.session()?, self.csrf_subject()?);
        if CsrfToken::is_of_session(field, &subject, &session.tokens) {
            return Ok(());
        }
        let mut caller = KeptCaller::default();
        let token = self.token.as_deref().unwrap_or_default();
        // Its verdict changes nothing here: only whom it names does.
        let _ = session.tokens.decode_presented(token, TokenKind::Access, &mut caller);
        without_csrf_token(RequestFault::FormCsrfToken, None).of_caller(caller.claims()).emit();
        Err(GuardError::unauthorized("the CSRF token is not that of the session"))
    }

    /// Returns the session that a guard has verified.
    fn session(&self) -> Result<&PageSession, GuardError> {
        self.session.as_deref().ok_or_else(|| {
            tracing::error!(target: "gatevault", "RouteGuard::for_pages missing in front of the handler");
            GuardError::Config(ConfigError::Missing {
                setting: "RouteGuard::for_pages",
                needed_for: "CSRF tokens belong to the session that a guard of our own tokens has verified: put one in \
                             front of the handler",
            })
        })
    }

    /// Returns the subject of the CSRF token.
    fn csrf_subject(&self) -> Result<Cow<'_, str>, GuardError> {
        let PageSession { id, tokens } = self.session()?;
        if let Some(id) = id {
            return Ok(Cow::Borrowed(id));
        }
        let token = self.token.as_deref().unwrap_or_default();
        let caller = tokens.decode_access_token::<Payload>(token)?;
        Ok(Cow::Owned(csrf_subject(None, caller.user_pool(), caller.user_id())))
    }
}

impl TokenSource for PageToken {
    fn token(&self) -> Option<Cow<'_, str>> {
        // Not `str::token`, which would remove the scheme of a header.
        self.token.as_deref().map(Cow::Borrowed)
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.gate.as_ref().map(GateVault::as_gate)
    }
}

/// Shows whether there is a token, and no part of it.
impl fmt::Debug for PageToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.token.is_some() { "PageToken(..)" } else { "PageToken(none)" })
    }
}

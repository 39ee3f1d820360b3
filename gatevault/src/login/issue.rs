//! The tokens that a login or a refresh hands out.

use std::error::Error;
use std::time::Duration;

use super::{AuthUser, OAuthHandler, TokenPair, UserLookup};
use crate::claims::{IssuedClaims, Payload, SessionClaims, TokenKind};
use crate::clock::Timestamp;
use crate::error::{ConfigError, GuardError, TokenError};
use crate::random::Uuid;
use crate::session::RefreshTicket;

/// That a token belongs to a session.
#[derive(Clone)]
pub(super) struct Membership {
    pub(super) id: String,
    pub(super) authenticated_at: Timestamp,
}

/// An access token on its way into a pair.
pub(super) struct AccessToken {
    text: String,
    lives_for: Duration,
}

impl Membership {
    /// That of a session that begins.
    pub(super) fn begun(now: Timestamp) -> Result<Self, TokenError> {
        Ok(Self { id: new_id()?, authenticated_at: now })
    }

    fn claims(&self) -> SessionClaims<'_> {
        SessionClaims { id: &self.id, authenticated_at: self.authenticated_at }
    }
}

impl<L: UserLookup<User: AuthUser>> OAuthHandler<L> {
    pub(super) fn new_ticket(&self, now: Timestamp, latest: Timestamp) -> Result<RefreshTicket, TokenError> {
        let expires_at = now.after(self.tokens.refresh_expiry()).min(latest);
        Ok(RefreshTicket { id: new_id()?, issued_at: now, expires_at })
    }

    pub(super) fn pair_for(
        &self,
        user: &L::User,
        session: Option<&Membership>,
        ticket: &RefreshTicket,
        now: Timestamp,
    ) -> Result<TokenPair, GuardError> {
        let access = self.access_token(user, session, now, ticket.expires_at)?;
        self.with_refresh_token(access, user, session, ticket)
    }

    pub(super) fn access_token(
        &self,
        user: &L::User,
        session: Option<&Membership>,
        now: Timestamp,
        latest: Timestamp,
    ) -> Result<AccessToken, GuardError> {
        let expires_at = now.after(self.tokens.access_expiry()).min(latest);
        let token_id = new_id()?;
        let issued = IssuedClaims::new(TokenKind::Access, &token_id, now, expires_at);
        let issued = IssuedClaims { session: session.map(Membership::claims), ..issued };
        let text = self.tokens.create_issued(&*(self.claims)(user), issued).map_err(no_token)?;
        Ok(AccessToken {
            text,
            lives_for: Duration::from_secs(expires_at.seconds().saturating_sub(now.seconds())),
        })
    }

    pub(super) fn with_refresh_token(
        &self,
        access: AccessToken,
        user: &L::User,
        session: Option<&Membership>,
        ticket: &RefreshTicket,
    ) -> Result<TokenPair, GuardError> {
        let issued = IssuedClaims::new(TokenKind::Refresh, &ticket.id, ticket.issued_at, ticket.expires_at);
        let issued = IssuedClaims { session: session.map(Membership::claims), ..issued };
        let refresh = self.tokens.create_issued(&Payload::new(user.id()), issued).map_err(no_token)?;
        Ok(TokenPair::bearer(access.text, refresh, access.lives_for))
    }
}

fn new_id() -> Result<String, TokenError> {
    Ok(Uuid::fresh()?.as_str().to_owned())
}

/// The service's fault, and no refusal of its user.
fn no_token(error: TokenError) -> GuardError {
    tracing::error!(target: "gatevault", %error, reason = error.source(), "no tokens can be created");
    match GuardError::from(error) {
        GuardError::Token(TokenError::Invalid(reason)) => {
            GuardError::Config(ConfigError::NoTokens { reason })
        }
        other => other,
    }
}

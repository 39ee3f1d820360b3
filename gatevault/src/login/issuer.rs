//! The issuer: signs the tokens of a login or refresh, and verifies refresh tokens.

use std::error::Error;
use std::time::Duration;

use super::TokenPair;
use super::issued::{Issued, TokenSession, VerifiedRefreshToken, csrf_subject};
use crate::claims::{IssuedClaims, Payload, ToClaims, TokenKind, UserId};
use crate::clock::Timestamp;
use crate::error::{ConfigError, GuardError, TokenError};
use crate::guard::TokenSource;
use crate::random::Uuid;
use crate::session::RefreshTicket;
use crate::token::TokenManager;

/// Issues the tokens of users.
pub(super) struct TokenIssuer {
    pub(super) tokens: TokenManager,
}

/// A signed access token and its lifetime.
pub(super) struct AccessToken {
    text: String,
    expires_in: Duration,
}

impl TokenIssuer {
    /// Returns the ticket of a new refresh token, which expires at `latest` or earlier.
    pub(super) fn new_ticket(&self, now: Timestamp, latest: Timestamp) -> Result<RefreshTicket, TokenError> {
        let expires_at = now.after(self.tokens.refresh_expiry()).min(latest);
        Ok(RefreshTicket { id: new_id()?, issued_at: now, expires_at })
    }

    /// Signs an access token, which expires at `latest` or earlier.
    pub(super) fn access_token(
        &self,
        claims: &impl ToClaims,
        session: Option<&TokenSession>,
        now: Timestamp,
        latest: Timestamp,
    ) -> Result<AccessToken, GuardError> {
        let expires_at = now.after(self.tokens.access_expiry()).min(latest);
        let token_id = new_id()?;
        let issued = IssuedClaims::new(TokenKind::Access, &token_id, now, expires_at);
        let issued = IssuedClaims { session: session.map(TokenSession::claims), ..issued };
        let text = self.tokens.create_issued(claims, issued).map_err(cannot_issue)?;
        Ok(AccessToken { text, expires_in: expires_at.time_since(now) })
    }

    /// Signs the refresh token of a ticket and returns it beside the access token.
    pub(super) fn issue(
        &self,
        access: AccessToken,
        user: UserId,
        session: Option<&TokenSession>,
        ticket: &RefreshTicket,
        now: Timestamp,
    ) -> Result<Issued, GuardError> {
        let csrf_subject = csrf_subject(session, &user);
        let issued = IssuedClaims::new(TokenKind::Refresh, &ticket.id, ticket.issued_at, ticket.expires_at);
        let issued = IssuedClaims { session: session.map(TokenSession::claims), ..issued };
        let refresh = self.tokens.create_issued(&Payload::new(user), issued).map_err(cannot_issue)?;
        let pair = TokenPair::bearer(access.text, refresh, access.expires_in);
        Ok(Issued { pair, csrf_subject, refresh_expires_in: ticket.expires_at.time_since(now) })
    }

    /// Verifies a refresh token.
    pub(super) fn verify(
        &self,
        refresh_token: &impl TokenSource,
    ) -> Result<VerifiedRefreshToken, GuardError> {
        let token = refresh_token.token().ok_or(GuardError::MissingToken)?;
        let verified = self.tokens.decode_refresh_token::<Payload>(&token)?;
        let authenticated_at = verified.authenticated().unwrap_or(Timestamp::FIRST_SECOND);
        let session = verified.session_id().map(|id| TokenSession { id: id.to_owned(), authenticated_at });
        Ok(VerifiedRefreshToken {
            token_id: verified.token_id().unwrap_or_default().to_owned(),
            expires_at: verified.expires(),
            session,
            user: verified.into_claims().into_user_id(),
        })
    }
}

fn new_id() -> Result<String, TokenError> {
    Ok(Uuid::fresh()?.as_str().to_owned())
}

/// Returns the denial for claims or keys that give no token: a fault of the service, not of the user.
fn cannot_issue(error: TokenError) -> GuardError {
    tracing::error!(target: "gatevault", %error, reason = error.source(), "tokens cannot be created");
    match GuardError::from(error) {
        GuardError::Token(TokenError::Invalid(reason)) => {
            GuardError::Config(ConfigError::NoTokens { reason })
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refresh_token_comes_back_as_it_was_issued_and_ends_with_its_ticket() {
        let tokens = TokenManager::new("a secret of at least thirty-two bytes").unwrap();
        let issuer = TokenIssuer { tokens };
        let now = issuer.tokens.now().unwrap();
        let session = TokenSession::begin(now).unwrap();
        let ticket = issuer.new_ticket(now, now.after(Duration::from_mins(1))).unwrap();
        let own = Some(&session);
        let access = issuer.access_token(&Payload::new(7), own, now, ticket.expires_at).unwrap();
        let tokens = issuer.issue(access, 7.into(), own, &ticket, now).unwrap();
        assert_eq!(tokens.refresh_expires_in, Duration::from_mins(1));
        assert_eq!(tokens.pair.expires_in, Duration::from_mins(1), "not beyond the refresh token");

        let verified = issuer.verify(&tokens.pair.refresh_token).unwrap();
        assert_eq!(
            (verified.user, verified.token_id, verified.expires_at),
            (7.into(), ticket.id, ticket.expires_at)
        );
        assert_eq!(verified.session.unwrap().id, session.id);
        assert_eq!(tokens.csrf_subject, session.id);
        assert!(issuer.verify(&tokens.pair.access_token).is_err());
    }
}

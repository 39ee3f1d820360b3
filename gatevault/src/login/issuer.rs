//! The issuer: signs the tokens of a login or refresh, and verifies refresh tokens.

use std::error::Error;
use std::time::Duration;

use serde_json::Value;

use super::TokenPair;
use super::claims_age::ClaimsAge;
use super::issued::{CookieFacts, LoginFacts, VerifiedRefreshToken};
use crate::claims::{
    IssuedClaims, Payload, RequestedScopes, ToClaims, TokenKind, TokenScopes, UserId, Verified,
};
use crate::clock::Timestamp;
use crate::error::{ConfigError, GuardError, InvalidReason, TokenError};
use crate::event::KeptCaller;
use crate::guard::TokenSource;
use crate::random::Uuid;
use crate::session::{ActiveSession, RefreshTicket, SessionDetails};
use crate::token::{PoolMembership, TokenManager};

/// Issues the tokens of the users of one handler.
pub(super) struct TokenIssuer {
    pub(super) tokens: TokenManager,
    pub(super) membership: PoolMembership,
}

/// A signed access token, what it says about its session, and the refresh token beside it.
pub(super) struct AccessToken {
    text: String,
    id: String,
    expires_in: Duration,
    login: LoginFacts,
    ticket: RefreshTicket,
    age: ClaimsAge,
}

impl AccessToken {
    /// Returns whether the token describes this state of the session.
    pub(super) fn describes(&self, active: &ActiveSession) -> bool {
        self.ticket == active.ticket && self.login.details == active.details
    }

    /// Returns the age of its claims.
    pub(super) fn age(&self) -> ClaimsAge {
        self.age
    }

    /// Returns the scopes that the client requested for it.
    pub(super) fn requested(&self) -> Option<RequestedScopes> {
        self.login.requested.clone()
    }
}

impl TokenIssuer {
    /// Returns the ticket of a new refresh token, which expires at `latest` or earlier.
    pub(super) fn new_ticket(&self, now: Timestamp, latest: Timestamp) -> Result<RefreshTicket, TokenError> {
        let expires_at = now.after(self.tokens.refresh_expiry()).min(latest);
        Ok(RefreshTicket { id: new_id()?, issued_at: now, expires_at })
    }

    /// Signs an access token, which expires no later than the refresh token of `ticket`.
    pub(super) fn access_token(
        &self,
        claims: &impl ToClaims,
        age: ClaimsAge,
        login: &LoginFacts,
        ticket: &RefreshTicket,
        now: Timestamp,
    ) -> Result<AccessToken, GuardError> {
        let issued_at = age.issued_at(now);
        let expires_at = issued_at.after(self.tokens.access_expiry()).min(ticket.expires_at);
        let token_id = match login.session {
            Some(_) => Uuid::ending_at(ticket.expires_at.seconds()),
            None => Uuid::fresh(),
        };
        let token_id = token_id.map_err(TokenError::from)?;
        let issued = IssuedClaims::new(TokenKind::Access, token_id.as_str(), issued_at, expires_at);
        let scopes = TokenScopes::new(&login.details.scopes, login.requested.as_ref());
        let scopes = scopes.map_err(|reason| cannot_issue(reason.into()))?;
        let issued = IssuedClaims { claims_since: age.since, scopes, ..self.of_login(login, issued) };
        let text = self.tokens.create_issued(claims, issued).map_err(cannot_issue)?;
        let (id, expires_in) = (token_id.as_str().to_owned(), expires_at.time_since(now));
        Ok(AccessToken { text, id, expires_in, login: login.clone(), ticket: ticket.clone(), age })
    }

    /// Signs the refresh token beside an access token.
    pub(super) fn pair(
        &self,
        access: AccessToken,
        user: UserId,
        now: Timestamp,
    ) -> Result<TokenPair, GuardError> {
        let AccessToken { text, id, expires_in, login, ticket, .. } = access;
        let csrf_subject = login.csrf_subject(self.membership.pool(), &user);
        let issued = IssuedClaims::new(TokenKind::Refresh, &ticket.id, ticket.issued_at, ticket.expires_at);
        let issued = self.of_login(&login, issued);
        let claims = refresh_claims(user, &login.details.scopes);
        let refresh_token = self.tokens.create_issued(&claims, issued).map_err(cannot_issue)?;
        let refresh_expires_in = ticket.expires_at.time_since(now);
        let is_persistent = login.details.is_persistent;
        Ok(TokenPair {
            access_token: text,
            refresh_token,
            token_type: "bearer",
            expires_in,
            access_token_id: id,
            cookies: CookieFacts { csrf_subject, refresh_expires_in, is_persistent },
        })
    }

    /// Verifies a refresh token of this handler's users, and keeps in `caller` whom it names once its signature is verified.
    pub(super) fn verify(
        &self,
        refresh_token: &impl TokenSource,
        caller: &mut KeptCaller,
    ) -> Result<VerifiedRefreshToken, GuardError> {
        let token = refresh_token.token().ok_or(GuardError::MissingToken)?;
        self.of_own_user(self.tokens.decode_presented(&token, TokenKind::Refresh, caller)?)
    }

    /// Verifies the refresh token of a logout, which may have expired or been revoked, as [`verify`](Self::verify) does.
    pub(super) fn verify_for_logout(
        &self,
        refresh_token: &impl TokenSource,
        caller: &mut KeptCaller,
    ) -> Result<VerifiedRefreshToken, GuardError> {
        let token = refresh_token.token().ok_or(GuardError::MissingToken)?;
        self.of_own_user(self.tokens.decode_for_logout(&token, caller)?)
    }

    /// Returns whether the session of the token is known to have ended or, if it has none, whether the token was revoked.
    pub(super) fn has_ended(&self, token: &VerifiedRefreshToken) -> bool {
        let VerifiedRefreshToken { user, token_id, issued_at, .. } = token;
        if let Some(session) = &token.login.session {
            self.tokens.has_shared_session_ended(session)
        } else {
            let pool = self.membership.pool();
            self.tokens.validate_not_revoked(pool, user, token_id, *issued_at).is_err()
        }
    }

    /// Rejects the refresh token of another handler's user.
    fn of_own_user(&self, verified: Verified<Payload>) -> Result<VerifiedRefreshToken, GuardError> {
        if verified.user_pool() != self.membership.pool() {
            let reason = "the refresh token belongs to another user pool than that of the handler";
            return Err(TokenError::from(InvalidReason::Session(reason)).into());
        }
        let authenticated_at = verified.authenticated().unwrap_or(Timestamp::FIRST_SECOND);
        let details = SessionDetails {
            acr: verified.acr().map(str::to_owned),
            amr: verified.amr().map(str::to_owned).collect(),
            scopes: session_scopes(&verified)?,
            ..SessionDetails::new(authenticated_at)
        };
        let login = LoginFacts::new(verified.session_id().map(str::to_owned), details);
        let token_id = verified.token_id().unwrap_or_default().to_owned();
        let (issued_at, expires_at) =
            (verified.issued().unwrap_or(Timestamp::FIRST_SECOND), verified.expires());
        let user = verified.into_claims().into_user_id();
        let csrf_subject = login.csrf_subject(self.membership.pool(), &user);
        Ok(VerifiedRefreshToken { user, token_id, issued_at, expires_at, login, csrf_subject })
    }

    fn of_login<'i>(&'i self, login: &'i LoginFacts, issued: IssuedClaims<'i>) -> IssuedClaims<'i> {
        IssuedClaims {
            session: login.session.as_deref(),
            authenticated_at: Some(login.details.authenticated_at),
            acr: login.details.acr.as_deref(),
            amr: &login.details.amr,
            pool: self.membership.pool(),
            ..issued
        }
    }
}

/// Returns the claims of a refresh token. The scopes of the session are in it, so that a client that requests more is refused before
/// the rotation, and so that a session without a store keeps them.
fn refresh_claims(user: UserId, scopes: &[String]) -> Payload {
    let claims = Payload::new(user);
    if scopes.is_empty() { claims } else { claims.with(SESSION_SCOPE, scopes.join(" ")) }
}

/// Returns the scopes of the session of a refresh token. Empty: no limit.
fn session_scopes(refresh_token: &Payload) -> Result<Vec<String>, TokenError> {
    let scopes = match &refresh_token[SESSION_SCOPE] {
        Value::Null => return Ok(Vec::new()),
        scopes => scopes.as_str().and_then(RequestedScopes::parse),
    };
    scopes.map(|scopes| scopes.to_vec()).ok_or_else(|| TokenError::mistyped(SESSION_SCOPE))
}

/// The claim of a refresh token with the scopes of its session. It is not `scope`, which the application may write into refresh tokens
/// of its own.
const SESSION_SCOPE: &str = "session_scope";

/// Returns the id of a new token or session.
pub(super) fn new_id() -> Result<String, TokenError> {
    Ok(Uuid::fresh()?.as_str().to_owned())
}

/// Returns the denial for claims or keys that give no token: a fault of the service, not of the user, unless the client requested a
/// scope that the user does not have.
pub(super) fn cannot_issue(error: TokenError) -> GuardError {
    if error == TokenError::Invalid(InvalidReason::ScopeNotGranted) {
        return GuardError::Token(error);
    }
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
    use crate::random::session_end;

    #[test]
    fn a_refresh_token_comes_back_as_it_was_issued_and_ends_with_its_ticket() {
        let tokens = TokenManager::new("a secret of at least thirty-two bytes").unwrap();
        let issuer = TokenIssuer { membership: PoolMembership::new(tokens.clone()), tokens };
        let now = issuer.tokens.now().unwrap();
        let details = SessionDetails {
            acr: Some("phr".to_owned()),
            amr: vec!["hwk".to_owned()],
            ..SessionDetails::new(now)
        };
        let login = LoginFacts::new(Some("session".to_owned()), details);
        let ticket = issuer.new_ticket(now, now.after(Duration::from_mins(1))).unwrap();
        let age = ClaimsAge { read_at: now, since: None };
        let access = issuer.access_token(&Payload::new(7), age, &login, &ticket, now).unwrap();
        assert!(access.describes(&ActiveSession::new(ticket.clone(), login.details.clone())));
        let pair = issuer.pair(access, 7.into(), now).unwrap();
        assert_eq!(pair.cookies.refresh_expires_in, Duration::from_mins(1));
        assert_eq!(pair.expires_in, Duration::from_mins(1), "not beyond the refresh token");

        let mut caller = KeptCaller::default();
        let verified = issuer.verify(&pair.refresh_token, &mut caller).unwrap();
        assert_eq!(
            (verified.user, verified.token_id, verified.expires_at),
            (7.into(), ticket.id, ticket.expires_at)
        );
        assert!(verified.login == login);
        assert_eq!(pair.cookies.csrf_subject, "session");
        assert!(issuer.verify(&pair.access_token, &mut caller).is_err());

        let access = issuer.tokens.decode_access_token::<Payload>(&pair.access_token).unwrap();
        assert_eq!(access.token_id(), Some(&*pair.access_token_id));
        assert_eq!(session_end(access.token_id().unwrap()), Some(verified.expires_at.seconds()));
    }
}

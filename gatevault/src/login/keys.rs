//! The steps that create an API key, exchange it and end it, written once for both forms of the handler.

use std::error::Error as _;
use std::time::Duration;

use super::authenticator::Mode;
use super::claims_age::ClaimsAge;
use super::issuer::{TokenIssuer, cannot_issue};
use super::key_text::{KeyDigest, KeyPrefix};
use super::misconfigured::misconfigured;
use super::{ApiKey, ApiKeys, KeyRequest, KeyToken, NewApiKey, OAuthHandler};
use crate::claims::{IssuedClaims, RequestedScopes, ToClaims, TokenKind, TokenScopes, UserId};
use crate::clock::Timestamp;
use crate::error::{GuardError, InvalidReason, TokenError};
use crate::event::{Decision, Event};
use crate::random::Uuid;
use crate::session::{
    FindSession, NewSession, RefreshTicket, RevokeTarget, SessionDetails, SessionKind, StoredSession,
    revocation_concerns, store_failed,
};

/// API keys: long-lived credentials for scripts, which are exchanged for short access tokens.
impl<S> OAuthHandler<S> {
    /// Sets the prefix of the API keys of this handler, by which secret scanners recognize them: lower-case letters and digits, at
    /// most 20. The default is `gv`.
    ///
    /// A key of another prefix is refused: a new prefix ends all keys.
    #[must_use]
    pub fn api_key_prefix(mut self, prefix: &str) -> Self {
        match KeyPrefix::new(prefix) {
            Ok(prefix) => self.key_prefix = prefix,
            Err(error) => self.sessions = self.sessions.invalid(error),
        }
        self
    }

    /// Creates a key. Claims that cannot be written, or not under the limit of the key, leave none.
    pub(super) async fn new_key<M: Mode<S>>(
        &self,
        user: UserId,
        request: KeyRequest<'_>,
    ) -> Result<NewApiKey, GuardError> {
        self.ready()?.required_store()?;
        let request = request.validated().map_err(misconfigured)?;
        let Some((found, age)) = self.find_current::<M>(&user).await? else {
            self.event(Decision::UserGone).of_user(user).emit();
            return Err(GuardError::invalid_credentials("there is no user with this id"));
        };
        let now = self.issuer.tokens.now()?;
        let (key, expires_at) = (self.key_prefix.new_key()?, now.after(request.lifetime));
        let id = key.digest.session_id();
        let details =
            SessionDetails { kind: SessionKind::Key, scopes: request.scopes, ..SessionDetails::new(now) };
        let ticket = RefreshTicket::new(key.digest.encoded(), now, expires_at);
        let session = StoredSession::new(user.clone(), Some(request.name), expires_at, ticket, details);
        self.token_of_key::<M>(&found, age, &id, &session, None, now)?;
        drop(found);
        self.open_key(&id, session, request.login).await?;
        self.event(Decision::KeyCreated).of_user(user).in_session(&id).emit();
        Ok(NewApiKey { key: key.text, id, expires_at })
    }

    /// Stores a key, unless all that the user had until now was revoked at the same time, or the login of the caller ended.
    ///
    /// The revoker writes the revocation before it lists the keys that it ends, and here the key is written before the revocations are
    /// read: one of the two sees the other. The same holds for the login, which ends together with all keys.
    async fn open_key(
        &self,
        id: &str,
        session: StoredSession,
        login: Option<String>,
    ) -> Result<(), GuardError> {
        let StoredSession { user, label, expires_at, ticket, details } = session;
        let created_at = details.authenticated_at;
        let (stamp, scopes) = (STAMP.to_owned(), details.scopes.clone());
        let new = NewSession::new(id.to_owned(), user.clone(), expires_at, ticket, stamp, details);
        self.sessions.open(NewSession { pool: self.pool(), label, ..new }).await?;
        let validated = self.validate_creation(id, &user, created_at, login, &scopes).await;
        if let Err(denial) = &validated {
            self.revoke_one(user.clone(), id.to_owned()).await?;
            let reason = denial.source().map(ToString::to_string);
            self.event(Decision::KeyNotCreated { reason }).of_user(user).in_session(id).emit();
        }
        validated
    }

    /// Returns an error for a new key if its user was revoked, if the session of the caller is no active login of the user, or if
    /// that is limited to scopes and the key would have others.
    async fn validate_creation(
        &self,
        id: &str,
        user: &UserId,
        created_at: Timestamp,
        login: Option<String>,
        scopes: &[String],
    ) -> Result<(), GuardError> {
        let (pool, tokens) = (self.issuer.membership.pool(), &self.issuer.tokens);
        tokens.validate_not_revoked(pool, user, id, created_at)?;
        let store = self.sessions.required_store()?;
        if revocation_concerns(&**store, tokens, pool, user, created_at).await.map_err(store_failed)? {
            return Err(TokenError::from(InvalidReason::Revoked).into());
        }
        let Some(login) = login else { return Ok(()) };
        let request = FindSession { pool: self.pool(), ..FindSession::new(login, tokens.now()?) };
        let found = store.find(request).await.map_err(store_failed)?;
        let is_login =
            |found: &StoredSession| found.details.kind == SessionKind::Login && found.user == *user;
        let Some(login) = found.filter(is_login) else {
            let reason = "the access token is not that of an active login of the user";
            return Err(TokenError::from(InvalidReason::Session(reason)).into());
        };
        let granted = &login.details.scopes;
        if granted.is_empty() || is_within(scopes, granted) {
            return Ok(());
        }
        Err(GuardError::unauthorized(
            "the API key would have scopes that the login of the caller does not have",
        ))
    }

    /// Exchanges a key for an access token.
    pub(crate) async fn exchange<M: Mode<S>>(&self, key: &str) -> Result<KeyToken, GuardError> {
        self.exchange_within::<M>(key, None).await
    }

    /// Exchanges a key for an access token, which has the requested scopes if there are any.
    pub(crate) async fn exchange_within<M: Mode<S>>(
        &self,
        key: &str,
        requested: Option<&RequestedScopes>,
    ) -> Result<KeyToken, GuardError> {
        self.ready()?.required_store()?;
        let Some(digest) = self.key_digest(key) else {
            return Err(self.key_refused("it is malformed, or its checksum is wrong", None, None));
        };
        let Some((id, session)) = self.find_key(&digest).await? else {
            return Err(self.key_refused(
                "it is unknown, expired or revoked",
                Some(digest.session_id()),
                None,
            ));
        };
        let refused = |reason| self.key_refused(reason, Some(id.clone()), Some(session.user.clone()));
        let Some((user, age)) = self.find_current::<M>(&session.user).await? else {
            return Err(refused("its user is gone"));
        };
        // The lookups take time, in which the key or its user may have been revoked.
        if self.reject_revoked(&id, &session).await? {
            return Err(refused("it was revoked"));
        }
        let now = self.issuer.tokens.now()?;
        if now >= session.expires_at {
            return Err(refused("it has expired"));
        }
        let token = self.token_of_key::<M>(&user, age, &id, &session, requested, now)?;
        let event = self.event(Decision::KeyExchanged).of_user(session.user).in_session(id);
        event.with_token_id(&*token.access_token_id).emit();
        Ok(token)
    }

    /// Returns the session of an active key, and its id.
    pub(super) async fn find_key(
        &self,
        digest: &KeyDigest,
    ) -> Result<Option<(String, StoredSession)>, GuardError> {
        let (id, now) = (digest.session_id(), self.issuer.tokens.now()?);
        let request = FindSession { pool: self.pool(), ..FindSession::new(id.clone(), now) };
        let found = self.sessions.required_store()?.find(request).await.map_err(store_failed)?;
        let found = found.filter(|session| is_of_key(session, digest, now));
        Ok(found.map(|session| (id, session)))
    }

    /// Signs an access token of the key for its user.
    fn token_of_key<M: Mode<S>>(
        &self,
        user: &M::User,
        age: ClaimsAge,
        id: &str,
        session: &StoredSession,
        requested: Option<&RequestedScopes>,
        now: Timestamp,
    ) -> Result<KeyToken, GuardError> {
        let claims = M::claims(&self.authenticator.users, user, &session.details);
        let scopes = TokenScopes::new(&session.details.scopes, requested);
        let scopes = scopes.map_err(|reason| cannot_issue(reason.into()));
        let report = |denial: &GuardError| {
            self.report_scope(denial, session.user.clone(), Some(id.to_owned()));
        };
        let scopes = scopes.inspect_err(report)?;
        self.issuer.token_of_key(&claims, age, id, session, scopes, now)
    }

    /// Returns the one denial for a key that is not valid. Only the event has the reason.
    fn key_refused(
        &self,
        reason: &'static str,
        session_id: Option<String>,
        user: Option<UserId>,
    ) -> GuardError {
        Event { user, session_id, ..self.event(Decision::KeyRefused { reason }) }.emit();
        TokenError::from(InvalidReason::ApiKey).into()
    }

    /// Returns whether the key or its user was revoked. Ends the key of a revoked user: its session outlives that revocation.
    async fn reject_revoked(&self, id: &str, session: &StoredSession) -> Result<bool, GuardError> {
        let (pool, tokens) = (self.issuer.membership.pool(), &self.issuer.tokens);
        if tokens.has_shared_session_ended(id) {
            return Ok(true);
        }
        let created_at = session.details.authenticated_at;
        let is_revoked = tokens.validate_not_revoked(pool, &session.user, id, created_at).is_err();
        if is_revoked {
            self.revoke_one(session.user.clone(), id.to_owned()).await?;
        }
        Ok(is_revoked)
    }

    /// Returns the user's keys.
    pub(super) async fn keys_of(&self, user: UserId) -> Result<Vec<ApiKey>, GuardError> {
        Ok(self.list_all(user).await?.into_iter().filter_map(ApiKey::of_session).collect())
    }

    /// Revokes every login of the user, and the keys if they end too. Returns the number of sessions that ended. Without sessions,
    /// revokes the user's tokens in this process.
    pub(crate) async fn revoke_all(&self, user: UserId, keys: ApiKeys) -> Result<usize, GuardError> {
        let target = match keys {
            ApiKeys::End => RevokeTarget::All,
            ApiKeys::Keep => RevokeTarget::Logins,
        };
        self.ready()?.revoke_all(self.pool(), user, target).await
    }

    /// Returns the digest of an API key of this handler, or `None` for any other text.
    pub(crate) fn key_digest(&self, text: &str) -> Option<KeyDigest> {
        self.key_prefix.digest_of(text)
    }
}

impl TokenIssuer {
    /// Signs an access token of a key's session, which ends with the key or earlier.
    fn token_of_key(
        &self,
        claims: &impl ToClaims,
        age: ClaimsAge,
        id: &str,
        session: &StoredSession,
        scopes: TokenScopes<'_>,
        now: Timestamp,
    ) -> Result<KeyToken, GuardError> {
        let issued_at = age.issued_at(now);
        let expires_at = issued_at.after(self.tokens.access_expiry()).min(session.expires_at);
        let token_id = Uuid::ending_at(session.expires_at.seconds()).map_err(TokenError::from)?;
        let issued = IssuedClaims {
            session: Some(id),
            authenticated_at: Some(session.details.authenticated_at),
            pool: self.membership.pool(),
            scopes,
            claims_since: age.since,
            ..IssuedClaims::new(TokenKind::Access, token_id.as_str(), issued_at, expires_at)
        };
        let access_token = self.tokens.create_issued(claims, issued).map_err(cannot_issue)?;
        let expires_in: Duration = expires_at.time_since(now);
        let access_token_id = token_id.as_str().to_owned();
        Ok(KeyToken { access_token, token_type: "bearer", expires_in, access_token_id })
    }
}

/// Returns whether an active session is that of the key.
fn is_of_key(session: &StoredSession, digest: &KeyDigest, now: Timestamp) -> bool {
    session.details.kind == SessionKind::Key
        && session.ticket.id == digest.encoded()
        && now < session.expires_at
}

/// Returns whether a key is limited to scopes that are all among those granted.
fn is_within(scopes: &[String], granted: &[String]) -> bool {
    !scopes.is_empty() && scopes.iter().all(|scope| granted.contains(scope))
}

/// The security stamp of keys: they survive a change of the password. No digest has it, since each has 43 characters.
const STAMP: &str = "api-key";

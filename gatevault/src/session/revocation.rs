//! Revocations, as stores keep them and feeds read them.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::event::{Decision, Event};
use crate::token::{Revoked, TokenManager};

/// A revocation in a session store: of a session, a token, the tokens of a user, or the user's access tokens alone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Revocation {
    /// The kind of what was revoked.
    pub kind: RevocationKind,
    /// The issuer that the id belongs to, by its `iss`. `None`: an issuer without a name, or the login service of this store.
    pub issuer: Option<String>,
    /// The pool that the user belongs to.
    pub pool: Option<String>,
    /// The `sid`, the `jti`, or the id of the user as JSON, which distinguishes 42 from "42".
    pub id: String,
    /// The expiry of a token, the second up to which the revoked tokens of a user were created, or that up to which the claims
    /// of the revoked access tokens were read.
    pub until: Option<Timestamp>,
}

impl Revocation {
    /// Creates the revocation of a session of this store.
    #[must_use]
    pub fn of_session(id: impl Into<String>) -> Self {
        Self { kind: RevocationKind::Session, issuer: None, pool: None, id: id.into(), until: None }
    }

    /// Creates the revocation of a token.
    #[must_use]
    pub fn of_token(id: impl Into<String>, expires_at: Timestamp) -> Self {
        let until = Some(expires_at);
        Self { kind: RevocationKind::Token, issuer: None, pool: None, id: id.into(), until }
    }

    /// Creates the revocation of the tokens of a user that were created up to `made_until`.
    #[must_use]
    pub fn of_user(user: &UserId, made_until: Timestamp) -> Self {
        let until = Some(made_until);
        Self { kind: RevocationKind::User, issuer: None, pool: None, id: user.to_json(), until }
    }

    /// Creates the revocation of the access tokens of a user whose claims were read up to `made_until`.
    ///
    /// A later one of the same user must have a later time: [`Revoker::revoke_access_tokens`](crate::session::Revoker::revoke_access_tokens)
    /// sees to it.
    #[must_use]
    pub fn of_access_tokens(user: &UserId, made_until: Timestamp) -> Self {
        Self { kind: RevocationKind::AccessTokens, ..Self::of_user(user, made_until) }
    }

    /// Returns whether it revokes a token that a guard may accept at `now`. A store keeps it until then, whichever time for
    /// revocations it was given: another service may accept tokens that live longer than those of the caller.
    #[must_use]
    pub fn is_of_unexpired_token(&self, now: Timestamp) -> bool {
        let expires_at = self.until.filter(|_| self.kind == RevocationKind::Token);
        expires_at.is_some_and(|expires_at| now < expires_at.after(Self::LONGEST_LEEWAY))
    }

    /// The longest `leeway` of a guard: a token is accepted so long after its expiry.
    pub(crate) const LONGEST_LEEWAY: Duration = Duration::from_hours(24);

    /// Returns the revocation for an issuer.
    #[must_use]
    pub fn with_issuer(self, issuer: Option<String>) -> Self {
        Self { issuer, ..self }
    }

    /// Returns the revocation for a pool.
    #[must_use]
    pub fn with_pool(self, pool: Option<String>) -> Self {
        Self { pool, ..self }
    }

    /// Adds the revocation to the list of a manager. One that names an issuer that is not accepted concerns none of its tokens.
    ///
    /// Returns an error for the revocation of a user whose id is not JSON.
    pub(super) fn apply_to(&self, tokens: &TokenManager) -> Result<(), StoreError> {
        let issuer = self.issuer.as_deref().filter(|issuer| tokens.own_name() != Some(issuer));
        if issuer.is_some_and(|issuer| !tokens.may_name_issuer(issuer)) {
            return Ok(());
        }
        let (id, until) = (&*self.id, self.until.unwrap_or(Timestamp::LAST_SECOND));
        match (self.kind, issuer) {
            (RevocationKind::Session, None) => tokens.revoke(&Revoked::SharedSession { id }),
            (RevocationKind::Session, issuer) => tokens.revoke(&Revoked::Session { issuer, id }),
            (RevocationKind::Token, issuer) => {
                let until = until.after(tokens.longest_leeway());
                tokens.revoke(&Revoked::Token { issuer, id, until });
            }
            (RevocationKind::User, issuer) => {
                tokens.revoke_pool_user(issuer, self.pool.as_deref(), &self.user()?, until);
            }
            (RevocationKind::AccessTokens, issuer) => {
                let (pool, id) = (self.pool.as_deref(), &self.user()?);
                tokens.revoke(&Revoked::AccessTokens { issuer, pool, id, made_until: until });
            }
        }
        Ok(())
    }

    /// Returns the event of a revocation that was written to a store.
    pub(super) fn event(&self) -> Event {
        let event = Event::new(Decision::Revoked { kind: self.kind.name(), is_stored: true });
        let event = event.of_issuer(self.issuer.clone());
        match self.kind {
            RevocationKind::Token => event.with_token_id(&self.id),
            RevocationKind::Session => event.in_session(&self.id),
            RevocationKind::User | RevocationKind::AccessTokens => Event { user: self.user().ok(), ..event },
        }
    }

    /// Returns the user whose tokens were revoked.
    fn user(&self) -> Result<UserId, StoreError> {
        let id = &self.id;
        let user = serde_json::from_str(id);
        user.map_err(|_| format!("the revocation of a user has the id {id:?}, which is not JSON").into())
    }
}

/// A kind of revocation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum RevocationKind {
    /// The tokens of a session.
    Session,
    /// One token.
    Token,
    /// The tokens of a user up to a time.
    User,
    /// The access tokens of a user whose claims were read up to a time.
    AccessTokens,
}

impl RevocationKind {
    /// Returns the name, for a store to keep.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Session => "session",
            Self::Token => "token",
            Self::User => "user",
            Self::AccessTokens => "access_tokens",
        }
    }

    /// Returns the kind with this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let kinds = [Self::Session, Self::Token, Self::User, Self::AccessTokens];
        kinds.into_iter().find(|kind| kind.name() == name)
    }
}

/// A request to record the revocation of a token or of a user.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct NewRevocation {
    /// The revocation.
    pub revocation: Revocation,
    /// The caller's time. Stores with their own clock ignore it.
    pub now: Timestamp,
}

impl NewRevocation {
    /// Creates a request.
    #[must_use]
    pub fn new(revocation: Revocation, now: Timestamp) -> Self {
        Self { revocation, now }
    }
}

/// The position from which a reader asks for revocations.
// Exhaustive on purpose: a store that misreads a cursor makes a reader miss revocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RevocationCursor {
    /// Revocations at this time and later, by the store's clock.
    Time(Timestamp),
    /// Revocations with a higher number than this.
    Position(u64),
}

/// A batch of revocations.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RevocationBatch {
    /// The revocations.
    pub revocations: Vec<Revocation>,
    /// The number of the store's last revocation, in this batch or before it.
    pub position: u64,
}

impl RevocationBatch {
    /// Creates a batch from the revocations and the number of the store's last revocation.
    #[must_use]
    pub fn new(revocations: Vec<Revocation>, position: u64) -> Self {
        Self { revocations, position }
    }
}

/// A callback for a store to call when something may have been revoked.
pub type RevocationListener = Arc<dyn Fn() + Send + Sync>;

/// A guard: dropping it cancels the subscription.
pub type RevocationSubscription = Box<dyn fmt::Debug + Send>;

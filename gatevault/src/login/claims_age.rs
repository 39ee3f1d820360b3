//! The age of a user's claims, so that a guard can compare them with a revocation of the user's access tokens.
//!
//! The handler notes what it knows of revocations before it looks the user up. A revocation that arrives after that, also between
//! the lookup and the signature, has a later time than the token's `claims_since`. The token is then as old as its `iat` says, and
//! `iat` is at most [`LONGEST_ISSUE`] after the lookup: guards refuse it. A revocation that was known before the lookup was written
//! after the role had changed, so the lookup finds the new role.

use super::authenticator::Mode;
use super::{AuthUser, LoginRequest, OAuthHandler};
use crate::claims::UserId;
use crate::clock::Timestamp;
use crate::error::GuardError;
use crate::event::Decision;
use crate::token::LONGEST_ISSUE;

/// The age of a user's claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ClaimsAge {
    /// The time before the user was looked up.
    pub(super) read_at: Timestamp,
    /// The latest revocation of the user's access tokens that was known before the lookup.
    pub(super) since: Option<Timestamp>,
}

impl ClaimsAge {
    /// Returns the `iat` of a token that is signed at `now`. It is earlier if the lookup was long ago.
    pub(super) fn issued_at(self, now: Timestamp) -> Timestamp {
        now.min(self.read_at.after(LONGEST_ISSUE))
    }
}

impl<S> OAuthHandler<S> {
    /// Returns the user with this id, and the age of the claims. Looks the user up again, once, if the user's access tokens are
    /// revoked meanwhile: the client would have to ask again.
    pub(super) async fn find_current<M: Mode<S>>(
        &self,
        id: &UserId,
    ) -> Result<Option<(M::User, ClaimsAge)>, GuardError> {
        let mut age = self.claims_age(id)?;
        let mut found = self.authenticator.find_by_id::<M>(id).await?;
        let later = self.claims_age(id)?;
        if later.since != age.since {
            age = later;
            found = self.authenticator.find_by_id::<M>(id).await?;
        }
        Ok(found.map(|user| (user, age)))
    }

    /// Returns the user whom the application has authenticated, as the store has them, if the access tokens of the user were
    /// revoked: the application may have looked the user up before. Otherwise `None`, and the age of the user that it has.
    pub(super) async fn reload_outdated<M: Mode<S>>(
        &self,
        user: &M::User,
    ) -> Result<(Option<M::User>, ClaimsAge), GuardError> {
        let (id, given) = (user.id(), self.claims_age(&user.id())?);
        if given.since.is_none() {
            return Ok((None, given));
        }
        let Some((user, age)) = self.find_current::<M>(&id).await? else {
            self.event(Decision::UserGone).of_user(id).emit();
            return Err(GuardError::invalid_credentials("the user who was authenticated is gone"));
        };
        Ok((Some(user), age))
    }

    /// Returns the user whom a login has found by this name since `began`, or as the store has them now if the access tokens of the
    /// user were revoked: the login may have looked the user up before.
    pub(super) async fn reload_by_name<M: Mode<S>>(
        &self,
        user: M::User,
        request: &LoginRequest<'_>,
        began: Timestamp,
    ) -> Result<(M::User, ClaimsAge), GuardError> {
        let (id, age) = (user.id(), self.claims_age(&user.id())?);
        if age.since.is_none() {
            return Ok((user, ClaimsAge { read_at: began, since: None }));
        }
        drop(user);
        let found = self.authenticator.find_by_name::<M>(request.username).await?;
        match found.filter(|found| found.id() == id) {
            Some(user) => Ok((user, age)),
            None => Err(self.authenticator.login_failed(Some(id), request.address)),
        }
    }

    /// Returns the age of claims that are read now.
    fn claims_age(&self, id: &UserId) -> Result<ClaimsAge, GuardError> {
        let tokens = &self.issuer.tokens;
        let since = tokens.access_tokens_revoked_until(None, self.issuer.membership.pool(), id);
        Ok(ClaimsAge { read_at: tokens.now()?, since })
    }
}

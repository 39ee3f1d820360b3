//! Who it is that logs in: the user whose password this is, with a hash that is not outdated.

use super::user::stamp_of;
use super::{AuthUser, HashUpdate, LoginRequest, OAuthHandler, UserLookup};
use crate::claims::UserId;
use crate::error::GuardError;
use crate::password::Verification;

/// What the user's password is recognised by, and was until this login has hashed it anew.
pub(super) struct Stamps {
    pub(super) now: String,
    pub(super) former: Option<String>,
}

impl<L: UserLookup<User: AuthUser>> OAuthHandler<L> {
    /// Finds the user whose password this is. A hash that somebody else has replaced meanwhile is looked up again, once.
    pub(super) async fn authenticate(
        &self,
        request: LoginRequest<'_>,
    ) -> Result<(L::User, Stamps), GuardError> {
        let mut is_first = true;
        loop {
            let user = self.lookup.named(request.username).await?;
            let stored = user.as_ref().map(AuthUser::hashed_password);
            let verification = self.lookup.verify(&self.hasher, request.password, stored).await?;
            let user = match user {
                Some(user) if verification.is_match() => user,
                other => return Err(refused(other.map(|user| user.id()).as_ref())),
            };
            match self.update_hash(&user, verification).await {
                None if is_first => is_first = false,
                stamps => {
                    let stamps = stamps.unwrap_or_else(|| Stamps::of(&user));
                    return Ok((user, stamps));
                }
            }
        }
    }

    /// Has an outdated hash replaced. The user is not to suffer if that fails; `None` when another hash is stored by now.
    async fn update_hash(&self, user: &L::User, verification: Verification) -> Option<Stamps> {
        let outdated = Stamps::of(user);
        let Verification::MatchOutdated { new_hash } = verification else {
            return Some(outdated);
        };
        let now = stamp_of(&new_hash);
        let update = HashUpdate {
            user: user.id(),
            outdated: user.hashed_password().to_owned(),
            replacement: new_hash,
        };
        match self.lookup.replace_hash(update).await {
            Ok(true) => Some(Stamps { now, former: Some(outdated.now) }),
            Ok(false) => None,
            Err(error) => {
                tracing::warn!(target: "gatevault", error = ?error.to_string(), "outdated hash not replaced");
                Some(outdated)
            }
        }
    }
}

impl Stamps {
    fn of(user: &impl AuthUser) -> Self {
        Self { now: stamp_of(user.hashed_password()), former: None }
    }
}

/// The one answer to an unknown name and a wrong password; only the event tells them apart.
fn refused(user: Option<&UserId>) -> GuardError {
    // The name that was typed is not logged: now and then it is a password.
    let user = user.map(tracing::field::debug);
    tracing::info!(target: "gatevault", user, "login refused");
    GuardError::invalid_credentials("the user name or the password is wrong")
}

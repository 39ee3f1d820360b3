//! The async mode of a login: the store is awaited, and passwords are hashed on the pool.

use super::authenticator::Mode;
use super::{HashUpdate, UserStore};
use crate::claims::UserId;
use crate::error::{BoxError, GuardError, HashingError};
use crate::event::{Decision, Event};
use crate::password::{PasswordCheck, PasswordHasher};
use crate::session::SessionDetails;

/// Awaits the store and hashes on the pool.
pub(crate) enum Awaiting {}

impl<S: UserStore> Mode<S> for Awaiting {
    type User = S::User;
    type Claims = S::Claims;

    async fn find_by_name(users: &S, name: &str) -> Result<Option<S::User>, BoxError> {
        users.find_by_name(name).await
    }

    async fn find_by_id(users: &S, id: &UserId) -> Result<Option<S::User>, BoxError> {
        users.find_by_id(id).await
    }

    async fn replace_hash(users: &S, update: HashUpdate) -> Result<bool, BoxError> {
        users.replace_hash(update).await
    }

    fn claims(users: &S, user: &S::User, details: &SessionDetails) -> S::Claims {
        users.session_claims(user, details)
    }

    async fn verify(
        hasher: &PasswordHasher,
        plain: &str,
        stored: Option<&str>,
        renews: bool,
    ) -> Result<PasswordCheck, GuardError> {
        let check = hasher.async_verify_login(plain, stored.map(str::to_owned), renews).await;
        check.map_err(not_verified)
    }

    async fn hash(hasher: &PasswordHasher, plain: &str) -> Result<String, HashingError> {
        hasher.async_hash(plain).await
    }
}

/// Returns the denial for a password that could not be verified. A call outside of a tokio runtime is a fault of the program.
fn not_verified(error: HashingError) -> GuardError {
    if matches!(error, HashingError::PoolUnavailable) {
        tracing::error!(target: "gatevault", %error, "password not verified");
    } else {
        Event::new(Decision::PasswordNotVerified { error: error.to_string() }).emit();
    }
    GuardError::unavailable(error)
}

//! The async mode of a login: the store is awaited, and passwords are hashed on the pool.

use super::authenticator::Mode;
use super::{HashUpdate, UserStore};
use crate::claims::UserId;
use crate::error::{BoxError, HashingError};
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
    ) -> Result<PasswordCheck, HashingError> {
        hasher.async_verify_login(plain, stored.map(str::to_owned), renews).await
    }

    async fn hash(hasher: &PasswordHasher, plain: &str) -> Result<String, HashingError> {
        hasher.async_hash(plain).await
    }
}

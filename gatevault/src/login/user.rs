//! What a login needs to know of a user.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::base64url;
use crate::claims::UserId;

/// A user who can log in: has an id and a password hash.
///
/// # Examples
///
/// ```
/// use gatevault::{AuthUser, UserId};
///
/// struct Account { id: i64, password_hash: String }
///
/// impl AuthUser for Account {
///     fn id(&self) -> UserId {
///         self.id.into()
///     }
///     fn hashed_password(&self) -> &str {
///         &self.password_hash
///     }
/// }
/// ```
pub trait AuthUser {
    /// Who the user is; written into the user's tokens.
    fn id(&self) -> UserId;

    /// The stored hash of the user's password.
    fn hashed_password(&self) -> &str;
}

macro_rules! is_the_user_it_points_to {
    ($($pointer:ty),+) => {
        $(impl<U: AuthUser + ?Sized> AuthUser for $pointer {
            fn id(&self) -> UserId {
                (**self).id()
            }
            fn hashed_password(&self) -> &str {
                (**self).hashed_password()
            }
        })+
    };
}
is_the_user_it_points_to!(Box<U>, Arc<U>);

/// What a session recognises a password by: a digest of its hash, whose salt makes it worth nothing to anybody else.
pub(super) fn stamp_of(hashed_password: &str) -> String {
    base64url::encoded(&Sha256::digest(hashed_password))
}

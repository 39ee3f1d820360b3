//! Users as a login needs them.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::base64url;
use crate::claims::UserId;

/// A user who can log in: an id and the hash of a password.
///
/// # Examples
///
/// ```
/// use gatevault::{AuthUser, UserId};
///
/// struct Account {
///     id: i64,
///     password_hash: Option<String>, // `None`: this account logs in by other means
/// }
///
/// impl AuthUser for Account {
///     fn id(&self) -> UserId {
///         self.id.into()
///     }
///     fn hashed_password(&self) -> Option<&str> {
///         self.password_hash.as_deref()
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a user who can log in",
    label = "does not implement `AuthUser`",
    note = "implement `gatevault::AuthUser` for `{Self}`: its `id` and its `hashed_password`"
)]
pub trait AuthUser {
    /// Returns the user's id, which is written into the user's tokens.
    fn id(&self) -> UserId;

    /// Returns the stored hash of the user's password, or `None` if the account has no password.
    ///
    /// A login without a stored hash fails with the same error and after the same work as a login with a wrong password. So
    /// does one with a hash that cannot be verified, such as an empty string, and it logs a warning with the user's id.
    fn hashed_password(&self) -> Option<&str>;
}

macro_rules! impl_for_pointers {
    ($($pointer:ty),+) => {
        $(impl<U: AuthUser + ?Sized> AuthUser for $pointer {
            fn id(&self) -> UserId {
                (**self).id()
            }
            fn hashed_password(&self) -> Option<&str> {
                (**self).hashed_password()
            }
        })+
    };
}
impl_for_pointers!(Box<U>, Arc<U>);

/// Returns the security stamp of a user, which changes with the password and ends the sessions that have another one.
pub(super) fn security_stamp(user: &impl AuthUser) -> String {
    user.hashed_password().map_or_else(|| NO_PASSWORD.to_owned(), security_stamp_of)
}

/// Returns the security stamp of a password hash: its digest.
///
/// The salt of the hash makes the digest useless for guessing the password. A hash of another system may have none.
pub(super) fn security_stamp_of(hashed_password: &str) -> String {
    base64url::encoded(&Sha256::digest(hashed_password))
}

/// The stamp of accounts without a password. No digest has it, since each has 43 characters.
const NO_PASSWORD: &str = "no-password";

#[cfg(test)]
mod tests {
    use super::*;

    struct Account(Option<&'static str>);

    impl AuthUser for Account {
        fn id(&self) -> UserId {
            1.into()
        }
        fn hashed_password(&self) -> Option<&str> {
            self.0
        }
    }

    #[test]
    fn every_password_and_no_password_have_stamps_of_their_own() {
        let stored = [None, Some(""), Some(NO_PASSWORD), Some("$2b$04$one"), Some("$2b$04$two")];
        let stamps: std::collections::HashSet<_> =
            stored.into_iter().map(|hash| security_stamp(&Arc::new(Account(hash)))).collect();
        assert_eq!(stamps.len(), stored.len());
    }
}

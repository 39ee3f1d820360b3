//! Users as a login needs them.

use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::base64url;
use crate::claims::UserId;

/// A user who can log in: an id and the hash of a password.
///
/// [`#[derive(AuthUser)]`](../derive.AuthUser.html) implements it for a struct that has both as fields.
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
    note = "derive `gatevault::AuthUser` for `{Self}`, or implement its `id` and its `hashed_password`"
)]
pub trait AuthUser {
    /// Returns the user's id, which is written into the user's tokens.
    fn id(&self) -> UserId;

    /// Returns the stored hash of the user's password, or `None` if the account has no password.
    ///
    /// A login without a stored hash fails with the same error and after the same work as a login with a wrong password. So
    /// does one with a hash that cannot be verified, such as an empty string, and it logs a warning with the user's id.
    fn hashed_password(&self) -> Option<&str>;

    /// Returns the security stamp of the account. A session whose stamp is another one ends at its next refresh.
    ///
    /// The provided method derives the stamp from the password hash, so that a new password ends the sessions. Implement it
    /// for accounts that end their sessions for other reasons too, such as a removed passkey: return a column of the account
    /// that changes then. Such a stamp stays the same when a login replaces an outdated hash, so it must not be made from the
    /// hash. Stores keep a digest of it.
    fn security_stamp(&self) -> String {
        stamp_of_password(self.hashed_password())
    }
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
            fn security_stamp(&self) -> String {
                (**self).security_stamp()
            }
        })+
    };
}
impl_for_pointers!(Box<U>, Arc<U>);

/// The security stamps of a user who has logged in.
pub(super) struct SecurityStamps {
    pub(super) current: String,
    /// The stamp before this login, if the login replaced the hash of the same password.
    pub(super) previous: Option<String>,
}

impl SecurityStamps {
    pub(super) fn of(user: &impl AuthUser) -> Self {
        Self { current: security_stamp(user), previous: None }
    }
}

/// Returns the security stamp of a user, as stores keep it.
pub(super) fn security_stamp(user: &impl AuthUser) -> String {
    own_stamp(user).unwrap_or_else(|| stamp_of_password(user.hashed_password()))
}

/// Returns the digest of a stamp that the account chose, or `None` if its stamp is that of its password.
///
/// A digest has a bounded length, and no database refuses its characters.
pub(super) fn own_stamp(user: &impl AuthUser) -> Option<String> {
    let stamp = user.security_stamp();
    let is_own = stamp != stamp_of_password(user.hashed_password());
    is_own.then(|| digest(&format!("stamp:{stamp}")))
}

/// Returns the security stamp of a password hash, if there is one: its digest.
///
/// The salt of the hash makes the digest useless for guessing the password. A hash of another system may have none.
pub(super) fn stamp_of_password(hashed_password: Option<&str>) -> String {
    hashed_password.map_or_else(|| NO_PASSWORD.to_owned(), digest)
}

fn digest(text: &str) -> String {
    base64url::encoded(&Sha256::digest(text))
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

    #[test]
    fn a_stamp_of_the_account_is_stored_as_a_digest_and_does_not_depend_on_the_hash() {
        struct Stamped(&'static str, Option<&'static str>);
        impl AuthUser for Stamped {
            fn id(&self) -> UserId {
                1.into()
            }
            fn hashed_password(&self) -> Option<&str> {
                self.1
            }
            fn security_stamp(&self) -> String {
                self.0.to_owned()
            }
        }
        let stamp = |stamp, hash| security_stamp(&Arc::new(Stamped(stamp, hash)));
        assert_eq!(stamp("one", None), stamp("one", Some("$2b$04$one")));
        assert_ne!(stamp("one", None), stamp("two", None));
        assert_eq!(stamp("with\0a NUL", None).len(), 43);
        assert_ne!(stamp("$2b$04$one", None), security_stamp(&Account(Some("$2b$04$one"))));
    }
}

//! New passwords: their minimum length, and their hashes.

use super::authenticator::Mode;
use super::sync_login::Blocking;
use super::{OAuthHandler, SyncUserStore};
use crate::error::{ConfigError, HashingError};
use crate::future::wait;

impl<S> OAuthHandler<S> {
    /// Sets the minimum length of a new password in characters (Unicode code points), by default 8 (OWASP ASVS 5.0, 6.2.1).
    ///
    /// It applies to [`hash_new_password`](OAuthHandler::hash_new_password), to its async form and to the routes for
    /// registration and password change. Logins accept shorter passwords, which accounts may have. A length below 1 or
    /// above 64 is an error of [`validate`](Self::validate): NIST SP 800-63B-4, section 3.1.1.2, asks services to accept
    /// passwords of 64 characters.
    ///
    /// # Security
    ///
    /// The same section requires 15 characters where the password is the only factor.
    #[must_use]
    pub fn minimum_password_length(mut self, characters: usize) -> Self {
        match ConfigError::number_within("minimum_password_length", characters, 1, LONGEST_MINIMUM) {
            Ok(()) => self.minimum_password_length = characters,
            Err(error) => self.sessions = self.sessions.invalid(error),
        }
        self
    }

    /// Returns an error if a new password is too short, or the hasher does not accept it. It computes no hash.
    pub(super) fn require_new_password(&self, plain: &str) -> Result<(), HashingError> {
        let (characters, minimum) = (plain.chars().count(), self.minimum_password_length);
        if characters < minimum {
            return Err(HashingError::TooShort { characters, minimum });
        }
        self.authenticator.hasher.require_hashable(plain)
    }

    /// Hashes a new password with the handler's hasher, unless it is refused.
    pub(super) async fn hash_new<M: Mode<S>>(&self, plain: &str) -> Result<String, HashingError> {
        self.require_new_password(plain)?;
        M::hash(&self.authenticator.hasher, plain).await
    }
}

impl<S: SyncUserStore> OAuthHandler<S> {
    /// Hashes a new password with the handler's [`hasher`](Self::hasher), for a registration or a password change of your own.
    ///
    /// In a function that returns a `Result` with an error from [`GuardError`](crate::GuardError), `?` answers 422 for a
    /// password that the user must replace by another one.
    ///
    /// # Errors
    ///
    /// - [`HashingError::TooShort`] below the [`minimum_password_length`](Self::minimum_password_length).
    /// - [`HashingError::TooLong`] and [`HashingError::ContainsNul`] if the scheme does not accept the password.
    /// - [`HashingError::Failed`] if the system's random source fails.
    ///
    /// # Examples
    ///
    /// ```
    /// # use gatevault::{AuthUser, OAuthHandler, TokenManager, UserId};
    /// # #[derive(Clone)]
    /// # struct Account;
    /// # impl AuthUser for Account {
    /// #     fn id(&self) -> UserId { 1.into() }
    /// #     fn hashed_password(&self) -> Option<&str> { None }
    /// # }
    /// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    /// let oauth = OAuthHandler::new(tokens, |_: &str| None::<Account>).minimum_password_length(15);
    ///
    /// assert!(oauth.hash_new_password("correct horse battery")?.starts_with("$2b$12$"));
    /// let refused = oauth.hash_new_password("correct horse").unwrap_err();
    /// assert_eq!(refused.to_string(), "the password has 13 characters and needs at least 15");
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn hash_new_password(&self, plain: &str) -> Result<String, HashingError> {
        let hashed = async { Ok(self.hash_new::<Blocking>(plain).await) };
        wait(hashed).unwrap_or_else(|denial| Err(HashingError::Failed(denial.into())))
    }
}

/// The minimum length of a handler without the setting, in characters.
pub(super) const DEFAULT_MINIMUM: usize = 8;

/// The longest minimum. With bcrypt, a longer one would leave hardly a password, since its limit is 72 bytes.
const LONGEST_MINIMUM: usize = 64;

//! A password whose hash costs no time, for the accounts of tests.

use crate::password::PasswordHasher;

/// The password of accounts in tests.
pub const PASSWORD: &str = "correct horse";

/// The bcrypt hash of [`PASSWORD`] at cost 4, the lowest one.
///
/// Use it with [`hasher`]: a login with the default hasher finds the hash outdated, and computes one at cost 12 to replace it
/// if the store of users replaces hashes. An unknown user costs a hash at cost 12 in any case.
///
/// # Examples
///
/// ```
/// use gatevault::{testing, verify_password};
///
/// assert!(verify_password(testing::PASSWORD, testing::PASSWORD_HASH));
/// assert!(testing::hasher().verify("correct horse", testing::PASSWORD_HASH));
/// ```
pub const PASSWORD_HASH: &str = "$2b$04$pHnNFEfYx/SD1eM02mz1tOJq23QcDD4QsmhAWLnSfONmcaqEtla42";

/// Returns a hasher at the lowest bcrypt cost, for [`Auth::hasher`](crate::Auth::hasher) and
/// [`OAuthHandler::hasher`](crate::OAuthHandler::hasher) in tests.
///
/// # Security
///
/// For tests only: an attacker guesses passwords of such hashes 256 times as fast.
#[must_use]
pub fn hasher() -> PasswordHasher {
    PasswordHasher::builder().cost(LOWEST_COST).build().unwrap_or_default()
}

const LOWEST_COST: u32 = 4;

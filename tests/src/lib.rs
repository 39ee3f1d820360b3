//! What the test binaries share: one manager, one clock, one account.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "a test's support that panics is a test that fails"
)]

mod recorder;

use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::token::TokenManagerBuilder;
use gatevault::{AuthUser, PasswordHasher, TokenManager, UserId};

pub use recorder::Recorder;

/// A secret that is long enough for every HMAC.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// A moment that the tests' clocks start at: 2026-01-01 00:00:00 UTC.
pub const START: u64 = 1_767_225_600;

/// A manager with every setting at its default.
#[must_use]
pub fn tokens() -> TokenManager {
    TokenManager::new(SECRET).unwrap()
}

/// A builder with a secret, and the clock that it uses.
pub fn timed() -> (TokenManagerBuilder, ManualClock) {
    let clock = ManualClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    (TokenManager::builder().secret(SECRET).clock(clock.clone()), clock)
}

/// A hasher that is quick enough to be used by every test.
#[must_use]
pub fn quick_hasher() -> PasswordHasher {
    PasswordHasher::builder().cost(4).build().unwrap()
}

/// A user who can log in.
#[derive(Debug, Clone)]
pub struct Account {
    /// The id.
    pub id: UserId,
    /// The hash of the password.
    pub hash: String,
}

impl Account {
    /// An account with a password that is hashed quickly.
    #[must_use]
    pub fn new(id: impl Into<UserId>, password: &str) -> Self {
        Self { id: id.into(), hash: quick_hasher().hash(password).unwrap() }
    }
}

impl AuthUser for Account {
    fn id(&self) -> UserId {
        self.id.clone()
    }

    fn hashed_password(&self) -> Option<&str> {
        Some(&self.hash)
    }
}

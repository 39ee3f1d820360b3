//! Support that the test binaries share: a manager, a clock, an account, a recorder of logs.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::missing_panics_doc,
    clippy::unwrap_used,
    reason = "support that panics is a test that fails"
)]

mod outline;
mod recorder;
mod waiting;

use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::token::TokenManagerBuilder;
use gatevault::{AuthUser, PasswordHasher, TokenManager, UserId};

pub use outline::Outline;
pub use recorder::Recorder;
pub use waiting::Waiting;

/// A secret that is long enough for every HMAC.
pub const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The start time of the tests' clocks: 2026-01-01 00:00:00 UTC.
pub const START: u64 = 1_767_225_600;

/// Returns a manager with default settings.
#[must_use]
pub fn tokens() -> TokenManager {
    TokenManager::new(SECRET).unwrap()
}

/// Returns a builder with a secret, and its clock.
pub fn timed() -> (TokenManagerBuilder, ManualClock) {
    let clock = ManualClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    (TokenManager::builder().secret(SECRET).clock(clock.clone()), clock)
}

/// Returns a hasher that is fast enough for every test.
#[must_use]
pub fn quick_hasher() -> PasswordHasher {
    PasswordHasher::builder().cost(4).build().unwrap()
}

/// Returns the bytes in hexadecimal digits.
#[must_use]
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    bytes.as_ref().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
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
    /// Creates an account with a quickly hashed password.
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

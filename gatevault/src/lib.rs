//! Guards functions.

mod clock;
mod error;
mod password;
mod random;

pub use clock::{Clock, SystemClock};
pub use error::{
    BoxError, ConfigError, Error, GuardError, HashingError, InvalidCredentials, InvalidReason, TokenError,
    Unauthorized, Unavailable, Warning,
};
pub use password::{PasswordHasher, PasswordHasherBuilder, Verification, hash_password, verify_password};
#[cfg(feature = "tokio")]
pub use password::{async_hash_password, async_verify_password};
pub use random::generate_secret;

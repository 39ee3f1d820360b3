//! Guards functions.

mod clock;
mod error;
mod random;

pub use clock::{Clock, SystemClock};
pub use error::{
    BoxError, ConfigError, Error, GuardError, HashingError, InvalidCredentials, InvalidReason, TokenError,
    Unauthorized, Unavailable, Warning,
};
pub use random::generate_secret;

//! Guards functions.

mod claims;
mod clock;
mod error;
mod key;
mod random;
mod token;

pub use claims::{
    ClaimReader, ClaimWriter, Claims, FromClaims, FromVerified, Payload, ToClaims, TokenKind, UserId,
    Verified,
};
pub use clock::{Clock, SystemClock};
pub use error::{
    BoxError, ConfigError, Error, GuardError, HashingError, InvalidCredentials, InvalidReason, TokenError,
    Unauthorized, Unavailable, Warning,
};
pub use key::{Algorithm, SigningKey};
pub use random::generate_secret;
pub use token::{TokenManager, TokenManagerBuilder};

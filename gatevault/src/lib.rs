//! Guards functions.

mod claims;
mod clock;
mod error;
mod guard;
mod key;
mod random;
mod token;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use claims::{
    ClaimReader, ClaimWriter, Claims, FromClaims, FromVerified, Payload, ToClaims, TokenKind, UserId,
    Verified,
};
pub use clock::{Clock, SystemClock};
pub use error::{
    BoxError, ConfigError, Error, GuardError, HashingError, InvalidCredentials, InvalidReason, TokenError,
    Unauthorized, Unavailable, Warning,
};
pub use guard::{AsGate, FromDenial, GateRef, GateVault, OnDenied, TokenSource};
pub use key::{Algorithm, SigningKey};
pub use random::generate_secret;
pub use token::{TokenManager, TokenManagerBuilder};

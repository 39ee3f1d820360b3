//! Guards functions.

mod claims;
mod clock;
mod error;
mod guard;
mod key;
mod login;
mod password;
mod random;
mod token;

#[cfg(feature = "testing")]
pub mod testing;

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
pub use login::{AsyncFind, AsyncLookup, AuthUser, Found, Lookup, OAuthHandler, SyncLookup, TokenPair};
pub use password::{PasswordHasher, PasswordHasherBuilder, Verification, hash_password, verify_password};
#[cfg(feature = "tokio")]
pub use password::{async_hash_password, async_verify_password};
pub use random::generate_secret;
pub use token::{TokenManager, TokenManagerBuilder};

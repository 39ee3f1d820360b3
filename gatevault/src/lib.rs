//! Guards functions: one attribute, and the body cannot run unless the token is genuine, current, of the right
//! kind and allowed.
//!
//! ```
//! use gatevault::{Claims, GateVault, GuardError, TokenManager, protected};
//!
//! #[derive(Claims)]
//! struct User {
//!     user_id: u64,
//!     org_id: Option<u64>,
//! }
//!
//! #[protected(require = payload.org_id == Some(org_id))]
//! fn invoices(org_id: u64, payload: User) -> Result<String, GuardError> {
//!     Ok(format!("the invoices of {org_id}, for user {}", payload.user_id))
//! }
//!
//! let tokens = TokenManager::new(gatevault::generate_secret()?)?;
//! GateVault::new(tokens.clone()).install()?;
//!
//! let access = tokens.create_access_token(&User { user_id: 42, org_id: Some(7) })?;
//! assert_eq!(invoices(&access, 7)?, "the invoices of 7, for user 42");
//! assert_eq!(invoices(&access, 8).unwrap_err().status(), 403);
//! assert_eq!(invoices("", 7).unwrap_err().status(), 401);
//! # Ok::<(), gatevault::Error>(())
//! ```
//!
//! # Where to look
//!
//! - Guards: [`protected`], [`GateVault`], [`TokenSource`], [`OnDenied`].
//! - Claims: [`derive@Claims`], [`derive@ClaimValue`], [`Payload`], [`claims::Serde`], [`Verified`], [`UserId`].
//! - Tokens: [`TokenManager`], [`Issuer`], [`generate_secret`].
//! - Keys: [`SigningKey`], [`VerifyingKey`], [`KeyRing`].
//! - Passwords: [`hash_password`], [`verify_password`], [`PasswordHasher`].
//! - Login: [`OAuthHandler`], [`AuthUser`], [`TokenPair`].
//! - Sessions: [`SessionStore`], [`MemorySessions`], [`RevocationFeed`], [`Session`].
//! - HTTP, with feature `http`: `Bearer`, `RefreshCookie`, `AuthRoutes`, and the module `web`.
//! - Throttling: [`LoginThrottle`], [`AttemptLimit`], [`AttemptStore`], [`MemoryAttempts`].
//! - Errors: [`GuardError`], [`TokenError`], [`HashingError`], [`ConfigError`], and [`Error`] over all.
//!
//! # Features
//!
//! - `macros` (default): [`protected`], [`derive@Claims`], [`derive@ClaimValue`].
//! - `tokio` (default): async password hashing and login, on a bounded part of tokio's blocking pool.
//! - `asymmetric`: keys for RS256 to ES384 and `EdDSA` from PEM, DER and JWK, and sets of them (`JwkSet`). It compiles
//!   C, for which a C compiler is enough on the common targets.
//! - `jsonwebtoken`: conversions between the keys, sets of keys and algorithms of the crate `jsonwebtoken` and our own. It
//!   includes `asymmetric`, and no cryptography of that crate.
//! - `jwks-http`: `RemoteKeys`, the keys of another issuer from a URL: tokens of Keycloak, Auth0 or any `OpenID` provider
//!   open guarded functions here.
//! - `sqlite`, `postgres`: `SqliteSessions`, `PostgresSessions`.
//! - `argon2`: passwords in argon2id hashes beside bcrypt, chosen for new hashes by the builder of `PasswordHasher`.
//! - `redis`: `RedisSessions` and `RedisAttempts`, sessions and login attempts in Redis 6 or later, or Valkey.
//! - `http`: tokens in the types of the `http` crate, cookies, answers to denials, and routes that log in; see `web`, which
//!   names the features of the frameworks.
//! - `uuid`: `UserId` from `uuid::Uuid`, and fields of that type in claims.
//! - `testing`: a clock moved by hand, verified claims without a token; for the tests of guarded code.

mod base64url;
pub mod claims;
mod clock;
mod error;
mod future;
mod guard;
mod json;
mod key;
mod login;
mod password;
mod random;
mod session;
mod store;
mod throttle;
mod token;

#[cfg(feature = "testing")]
pub mod testing;
#[cfg(feature = "http")]
pub mod web;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "macros")]
pub use gatevault_macros::{ClaimValue, Claims, guarded, protected};

pub use claims::{
    ClaimReader, ClaimWriter, Claims, FromClaims, FromVerified, Payload, ToClaims, TokenKind, UserId,
    Verified,
};
pub use clock::{Clock, SystemClock, Timestamp};
pub use error::{
    BoxError, ConfigError, Error, FetchError, GuardError, HashingError, InvalidCredentials, InvalidReason,
    TokenError, Unauthorized, Unavailable, Warning,
};
pub use future::StoreFuture;
pub use guard::{
    AsGate, FromDenial, GateRef, GateVault, OnDenied, RoleClaims, ScopeClaims, Scopes, TokenSource,
};
pub use key::{Algorithm, KeyRing, RingKey, SigningKey, VerifyingKey};
#[cfg(feature = "asymmetric")]
pub use key::{JwkSet, SkippedKey};
#[cfg(feature = "jwks-http")]
pub use key::{RemoteKeys, RemoteKeysBuilder};
#[cfg(feature = "tokio")]
pub use login::{AsyncFind, AsyncLookup};
pub use login::{
    AuthUser, Found, HashUpdate, LoginRequest, Lookup, OAuthHandler, Replaced, SyncLookup, TokenPair,
};
#[cfg(feature = "argon2")]
pub use password::Argon2Params;
pub use password::{PasswordHasher, PasswordHasherBuilder, Verification, hash_password, verify_password};
#[cfg(feature = "tokio")]
pub use password::{async_hash_password, async_verify_password};
pub use random::generate_secret;
pub use session::{
    Ended, Ending, Listener, NewSession, RefreshTicket, RevocationFeed, RevocationFeedBuilder, Rotation,
    RotationOutcome, Session, SessionStore, Silence, Since, Subscription,
};
#[cfg(feature = "postgres")]
pub use store::PostgresSessions;
#[cfg(feature = "sqlite")]
pub use store::SqliteSessions;
pub use store::{MemoryAttempts, MemorySessions};
#[cfg(feature = "redis")]
pub use store::{RedisAttempts, RedisSessions};
pub use throttle::{
    Admission, Attempt, AttemptKey, AttemptLimit, AttemptOrigin, AttemptOutcome, AttemptStore, AttemptTicket,
    CountedBy, LoginThrottle, WhenUnavailable,
};
pub use token::{Issuer, TokenManager, TokenManagerBuilder, TokenText};
#[cfg(feature = "http")]
pub use web::{AuthRoutes, Bearer, RefreshCookie};

/// The README's snippets, compiled and run.
#[cfg(all(doctest, feature = "macros", feature = "jwks-http", feature = "http"))]
#[doc = include_str!("../../README.md")]
struct Readme;

/// The expansions that the page shows, compiled: each of them is Rust that works.
#[cfg(all(doctest, feature = "macros"))]
#[doc = include_str!("../../docs/EXPANSION.md")]
struct Expansion;

/// The page for those who come from `jsonwebtoken`, compiled and run.
#[cfg(all(doctest, feature = "jsonwebtoken", feature = "macros"))]
#[doc = include_str!("guide/coming_from_jsonwebtoken.md")]
struct ComingFromJsonwebtoken;

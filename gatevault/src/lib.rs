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
//! - The [`guide`]: a page for each topic, from the first guarded function to several processes.
//! - Guards: [`protected`], [`GateVault`], [`TokenSource`], [`OnDenied`].
//! - Claims: [`derive@Claims`], [`derive@ClaimValue`], [`Payload`], [`Verified`], [`UserId`].
//! - Tokens: [`TokenManager`], [`Issuer`], [`generate_secret`].
//! - Keys: [`SigningKey`], [`VerifyingKey`], [`KeyRing`].
//! - Passwords: [`hash_password`], [`verify_password`], [`PasswordHasher`].
//! - Login: [`OAuthHandler`], [`UserStore`], [`SyncUserStore`], [`AuthUser`], [`TokenPair`].
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
//! - `jwks-http`: `RemoteKeys`, the keys of another issuer from a URL: tokens of Keycloak, Auth0 or any `OpenID` provider
//!   open guarded functions here.
//! - `sqlite`, `postgres`: `SqliteSessions`, `PostgresSessions`.
//! - `argon2`: passwords in argon2id hashes beside bcrypt, chosen for new hashes by the builder of `PasswordHasher`.
//! - `redis`: `RedisSessions` and `RedisAttempts`, sessions and login attempts in Redis 6 or later, or Valkey.
//! - `http`: tokens in the types of the `http` crate, cookies, answers to denials, and routes that log in; see `web`, which
//!   names the features of the frameworks.
//! - `uuid`: `UserId` from `uuid::Uuid`, and fields of that type in claims.
//! - `testing`: a clock moved by hand, verified claims without a token; for the tests of guarded code.

#![cfg_attr(docsrs, feature(doc_cfg))]

mod base64url;
mod clock;
mod future;
mod json;
mod random;
mod store;

pub mod claims;
pub mod error;
pub mod guard;
#[cfg(any(doc, doctest))]
pub mod guide;
pub mod key;
pub mod login;
pub mod password;
pub mod session;
#[cfg(feature = "testing")]
pub mod testing;
pub mod throttle;
pub mod token;
#[cfg(feature = "http")]
pub mod web;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "macros")]
pub use gatevault_macros::{ClaimValue, Claims, guarded, protected};

#[doc(inline)]
pub use claims::{Claims, Payload, TokenKind, UserId, Verified};
pub use clock::{Clock, SystemClock, Timestamp};
#[doc(inline)]
pub use error::{ConfigError, Error, GuardError, HashingError, TokenError};
#[doc(inline)]
pub use guard::{GateVault, OnDenied, TokenSource};
#[cfg(feature = "asymmetric")]
#[doc(inline)]
pub use key::JwkSet;
#[cfg(feature = "jwks-http")]
#[doc(inline)]
pub use key::RemoteKeys;
#[doc(inline)]
pub use key::{Algorithm, KeyRing, SigningKey, VerifyingKey};
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use login::UserStore;
#[doc(inline)]
pub use login::{AuthUser, LoginRequest, OAuthHandler, SyncUserStore, TokenPair};
#[doc(inline)]
pub use password::{PasswordHasher, hash_password, verify_password};
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use password::{async_hash_password, async_verify_password};
pub use random::generate_secret;
#[doc(inline)]
pub use session::{RevocationFeed, Session, SessionStore};
#[cfg(feature = "postgres")]
pub use store::PostgresSessions;
#[cfg(feature = "sqlite")]
pub use store::SqliteSessions;
pub use store::{MemoryAttempts, MemorySessions};
#[cfg(feature = "redis")]
pub use store::{RedisAttempts, RedisSessions};
#[doc(inline)]
pub use throttle::{AttemptLimit, LoginThrottle};
#[doc(inline)]
pub use token::{Issuer, TokenManager};
#[cfg(feature = "http")]
#[doc(inline)]
pub use web::{AuthRoutes, Bearer, RefreshCookie, RouteGuard};

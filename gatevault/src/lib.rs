//! JWT authentication and authorization for functions: with one attribute, a function's body runs only after its token was
//! verified and its conditions hold.
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
//! assert_eq!(invoices(&access, 7)?, "the invoices of 7, for user 42"); // the token comes first
//! assert_eq!(invoices(&access, 8).unwrap_err().status(), 403); // another organization
//! assert_eq!(invoices("", 7).unwrap_err().status(), 401); // no token
//! # Ok::<(), gatevault::Error>(())
//! ```
//!
//! # Where to look
//!
//! The [`guide`] has a page for each topic, from the first guarded function to several processes.
//!
//! | task | types | module |
//! |---|---|---|
#![cfg_attr(
    all(feature = "macros", feature = "tokio"),
    doc = "| begin: users, logins, sessions and guards in one object | [`Auth`], [`UserStore`], [`derive@AuthUser`] | [`guide::quick_start`] |"
)]
#![cfg_attr(
    feature = "macros",
    doc = "| guard functions, and handlers of a web framework with `#[protected(handler)]` | [`protected`](macro@protected), [`guarded`](macro@guarded), [`GateVault`], [`TokenSource`], [`OnDenied`] | [`guard`] |\n\
           | describe claims | [`derive@Claims`], [`derive@ClaimValue`], [`Payload`], [`claims::Serde`], [`Verified`], [`UserId`] | [`claims`] |"
)]
//! | create and verify tokens | [`TokenManager`], [`Issuer`], [`generate_secret`] | [`token`] |
//! | manage keys | [`SigningKey`], [`VerifyingKey`], [`KeyRing`], [`Algorithm`] | [`key`] |
#![cfg_attr(
    feature = "jwks-http",
    doc = "| accept tokens of Keycloak, Auth0 or another issuer | [`Issuer`], [`RemoteKeys`], [`JwkSet`] | [`key`] |"
)]
//! | log users in | [`OAuthHandler`], [`SyncUserStore`], [`trait@AuthUser`], [`RegisterUsers`], [`ChangePasswords`], [`LoginRequest`], [`TokenPair`] | [`login`] |
//! | hash passwords | [`hash_password`], [`verify_password`], [`PasswordHasher`] | [`password`] |
//! | limit login attempts | [`LoginThrottle`], [`AttemptLimit`], [`MemoryAttempts`] | [`throttle`] |
//! | create API keys for scripts | [`KeyRequest`], [`ApiKeys`] | [`guide::api_keys`] |
//! | keep and revoke sessions | [`SessionStore`], [`MemorySessions`], [`RevocationFeed`], [`Session`] | [`session`] |
#![cfg_attr(feature = "sqlite", doc = "| keep sessions in SQLite | [`SqliteSessions`] | [`session`] |")]
#![cfg_attr(
    feature = "postgres",
    doc = "| keep sessions in PostgreSQL | [`PostgresSessions`] | [`session`] |"
)]
#![cfg_attr(
    feature = "redis",
    doc = "| keep sessions and login attempts in Redis | [`RedisSessions`], [`RedisAttempts`] | [`session`] |"
)]
#![cfg_attr(
    feature = "http",
    doc = "| serve HTTP, with any framework | [`AuthRoutes`], [`RouteGuard`], [`Bearer`], [`RefreshCookie`] | [`web`] |"
)]
//! | audit and count decisions | [`event::install`], [`event::Event`], [`event::Decision`] | [`event`] |
//! | handle errors | [`GuardError`], [`TokenError`], [`HashingError`], [`ConfigError`], [`StoreError`], [`Error`] | [`error`] |
#![cfg_attr(
    feature = "testing",
    doc = "| test applications and guarded code | [`GateVault::install_for_test`], [`testing::assert_denied!`], [`testing::browser`], [`testing::mint`], [`testing::Users`] | [`testing`] |"
)]
//!
//! # Features
//!
//! | feature | adds |
//! |---|---|
//! | `macros` (default) | `#[protected]`, `#[guarded]`, `#[derive(Claims)]`, `#[derive(ClaimValue)]`, `#[derive(AuthUser)]` |
//! | `tokio` (default) | async login and password hashing, on a bounded part of tokio's blocking pool |
//! | `asymmetric` | keys for RS256 to ES512 and `EdDSA` from PEM, DER and JWK, and `JwkSet`; needs a C compiler |
//! | `jwks-http` | `RemoteKeys`: the keys of another issuer, fetched from a URL |
//! | `jsonwebtoken` | conversions of keys, key sets and algorithms from and to the crate `jsonwebtoken`; includes `asymmetric` |
//! | `argon2` | argon2id password hashes, beside bcrypt |
//! | `sqlite`, `postgres`, `redis` | `SqliteSessions`, `PostgresSessions`, `RedisSessions` and `RedisAttempts` |
//! | `http` | HTTP without a framework: tokens in the types of the `http` crate, cookies, login routes |
//! | `axum`, `actix`, `poem`, `poem-openapi`, `rocket`, `salvo`, `warp`, `tonic`, `tiny-http` | the types of `web` for that framework |
//! | `openapi`, `aide` | the security of operations in API documents, from the guards: [`guide::openapi`] |
//! | `tower` | `RouteGuard` as a layer over any service of HTTP requests |
//! | `uuid` | `uuid::Uuid` as a user id and in claims |
//! | `testing` | a gate for each test, a browser in the process, tokens of any age, an issuer, users in memory, a manual clock; for `[dev-dependencies]` |

#![cfg_attr(docsrs, feature(doc_cfg))]

mod base64url;
mod clock;
mod future;
mod json;
mod random;
mod store;
mod user_id;

pub mod claims;
pub mod error;
pub mod event;
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

#[path = "web/handler_form/mod.rs"]
mod handler_form;

#[cfg(feature = "macros")]
pub use gatevault_macros::{AuthUser, ClaimValue, Claims, guarded, protected};

#[cfg(all(feature = "macros", feature = "testing"))]
pub use gatevault_macros::test;

#[doc(inline)]
pub use claims::{Claims, Payload, TokenKind, UserId, Verified};
pub use clock::{Clock, SystemClock, Timestamp};
#[doc(inline)]
pub use error::{ConfigError, Error, GuardError, HashingError, StepUpChallenge, StoreError, TokenError};
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
#[doc(inline)]
pub use login::{
    ApiKeys, AuthUser, ChangePasswords, KeyRequest, LoginRequest, OAuthHandler, RegisterUsers, SyncUserStore,
    TokenPair,
};
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use login::{Auth, UserStore};
#[doc(inline)]
pub use password::{PasswordHasher, hash_password, verify_password};
#[cfg(feature = "tokio")]
#[doc(inline)]
pub use password::{async_hash_password, async_verify_password};
pub use random::generate_secret;
#[doc(inline)]
pub use session::{RefreshGrace, RevocationFeed, Session, SessionStore};
#[cfg(feature = "postgres")]
pub use store::PostgresSessions;
#[cfg(feature = "sqlite")]
pub use store::SqliteSessions;
#[cfg(feature = "redis")]
pub use store::{IntoRedisEndpoint, RedisAttempts, RedisEndpoint, RedisSessions};
pub use store::{MemoryAttempts, MemorySessions};
#[doc(inline)]
pub use throttle::{AttemptLimit, LoginThrottle};
#[doc(inline)]
pub use token::{Issuer, TokenManager};
#[cfg(feature = "http")]
#[doc(inline)]
pub use web::{AuthRoutes, Bearer, RefreshCookie, RouteGuard};

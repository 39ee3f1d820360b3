//! Tokens: creating them from claims and a key, and verifying them.
//!
//! - [`TokenManager`] creates and decodes tokens; [`TokenManager::builder`] has the settings.
//! - [`Issuer`] describes another service whose access tokens are accepted too.
//! - [`TokenManager::revoke_token`], [`revoke_session`](TokenManager::revoke_session) and
//!   [`revoke_user`](TokenManager::revoke_user) reject tokens before they expire;
//!   [`revoke_access_tokens`](TokenManager::revoke_access_tokens) rejects the access tokens of a user whose role has changed.
//! - [`TokenManager::invalidated`] waits until a token is no longer valid, so that connections end with it.
//! - [`TokenText`] holds the decoded token for claims types with borrowed fields.
//!
//! # Access and refresh tokens
//!
//! An access token opens guarded functions and lives for minutes (15, unless set). A refresh token is exchanged for new
//! tokens and lives for days (7, unless set). The claim `type` says which it is, and neither is accepted in place of
//! the other. [`OAuthHandler`](crate::OAuthHandler) creates both at login; this module is the layer below it.
//!
//! # Purpose tokens
//!
//! [`Purpose`] is for links and tickets: a password reset, the confirmation of an address, a magic link, a WebSocket. Its
//! tokens open nothing but that purpose. The guide has [a page](crate::guide::purpose_tokens) with each of them.
//!
//! # Verification
//!
//! A token is verified in this order: length, header, signature, claims, kind, issuer and audience, times, expiry,
//! revocation. Claims are not parsed before the signature is verified, and `Expired` means that everything else was valid.
//! A manager with several issuers reads one thing earlier: `iss` and `aud` choose the issuers whose keys are tried.
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//! use gatevault::{Payload, TokenError, TokenManager};
//!
//! let tokens = TokenManager::builder()
//!     .secret(gatevault::generate_secret()?)
//!     .access_expiry(Duration::from_secs(5 * 60))
//!     .issuer("https://id.example")
//!     .audience("billing")
//!     .build()?;
//!
//! let access = tokens.create_access_token(&Payload::new(42).with("role", "admin"))?;
//! let verified = tokens.decode_access_token::<Payload>(&access)?;
//! assert_eq!(verified["role"], "admin");
//!
//! // An access token is not a refresh token.
//! let error = tokens.decode_refresh_token::<Payload>(&access).unwrap_err();
//! assert!(matches!(error, TokenError::Invalid(_)));
//! # Ok::<(), gatevault::Error>(())
//! ```

mod builder;
mod creation;
mod detached;
mod expired;
#[cfg(feature = "testing")]
mod for_tests;
mod foreign;
mod header;
mod invalidated;
mod invalidation;
mod invalidation_clock;
mod invalidation_waiters;
mod issuer;
mod jws;
mod manager;
mod own_events;
mod pools;
mod purpose;
mod purpose_creation;
mod purpose_validation;
mod revocation;
mod revocation_segment;
mod revocation_table;
mod revoke;
mod selection;
mod settings;
mod signature_cache;
#[cfg(all(feature = "asymmetric", feature = "testing"))]
mod signed_claims;
mod text;
mod trusted;
mod validation;

pub use builder::TokenManagerBuilder;
pub use invalidation::{Invalidated, Invalidation};
pub use issuer::Issuer;
pub use manager::TokenManager;
pub use purpose::{Purpose, PurposeSubject, VerifiedPurpose};
pub use text::TokenText;

pub(crate) use pools::PoolMembership;
pub(crate) use revocation::{LONGEST_ISSUE, Revoked, TrustLimit};
pub(crate) use revoke::later_than;

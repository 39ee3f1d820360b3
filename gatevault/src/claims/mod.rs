//! Claims: what a token says about its user, as a Rust type.
//!
//! - [`#[derive(Claims)]`](../derive.Claims.html) on a struct is all that most programs need, with
//!   [`#[derive(ClaimValue)]`](../derive.ClaimValue.html) on the enums and newtypes in its fields.
//! - [`Payload`] holds claims without a type of their own; [`UserId`] is the id of any user.
//! - [`Serde`] holds claims of a type that derives serde's traits, such as one written for `jsonwebtoken`.
//! - [`Verified`] is the proof that claims came from a verified token. It derefs to the claims, and has the registered ones
//!   (expiry, creation, id, session ..). [`TokenKind`] says what the token is for.
//! - [`RoleClaims`] and [`ScopeClaims`] are what `#[protected(role = .., scope = ..)]` compares; [`Scopes`] are the types that a
//!   scope field can have.
//! - [`Claims`], [`ToClaims`], [`FromClaims`] and [`FromVerified`] are bounds for generic code. [`ToValue`] and [`FromValue`] are
//!   the bounds on a field. [`ClaimWriter`] and [`ClaimReader`] are for implementing the traits by hand.
//!
//! # Registered claims
//!
//! The token manager writes and validates `exp`, `iat`, `nbf`, `iss`, `aud`, `jti`, `sid`, `auth_time`, `acr`, `amr`,
//! `pool`, `claims_since` and `type`. A claims type cannot use these names. The manager also chooses the name of the
//! subject, so the same type works with `user_id` and with `sub`.
//!
//! # Security
//!
//! Claims are signed and not encrypted: anyone who holds the token can read them. Put no secret into a claim.
//!
//! # Examples
//!
//! ```
//! use gatevault::{ClaimValue, Claims, TokenManager};
//!
//! #[derive(Debug, PartialEq, ClaimValue)]
//! enum Role {
//!     Admin,
//!     Clerk,
//! }
//!
//! #[derive(Claims)]
//! struct User {
//!     user_id: u64,
//!     role: Role,
//!     org_id: Option<u64>, // may be absent from the token
//! }
//!
//! let tokens = TokenManager::new(gatevault::generate_secret()?)?;
//! let access = tokens.create_access_token(&User { user_id: 42, role: Role::Clerk, org_id: None })?;
//!
//! let user = tokens.decode_access_token::<User>(&access)?; // a `Verified<User>`
//! assert_eq!((user.user_id, &user.role), (42, &Role::Clerk));
//! assert!(user.expires_at() > std::time::SystemTime::now());
//! # Ok::<(), gatevault::Error>(())
//! ```

mod bare;
#[doc(hidden)]
pub mod borrowed;
mod convert;
mod field;
mod flat;
mod flatten;
mod json;
mod names;
mod payload;
mod reader;
mod registered;
mod requested_scopes;
mod roles;
mod scan;
mod scope_limit;
mod serde;
mod serde_reader;
mod serde_writer;
mod value;
mod verified;
mod writer;

pub use self::serde::Serde;
pub use crate::user_id::UserId;
#[doc(hidden)]
pub use bare::{BareClaims, BareRole};
pub use convert::{Claims, FromClaims, FromVerified, ToClaims};
#[doc(hidden)]
pub use field::{
    AnId, Field, FieldValue, NeverAnId, NoId, PossibleId, SubjectField, SubjectType, Unwritable,
};
#[doc(hidden)]
pub use flatten::ClaimMap;
pub use payload::Payload;
pub use reader::ClaimReader;
pub use registered::TokenKind;
pub use roles::{OneRole, RoleClaims, ScopeClaims, Scopes};
#[doc(hidden)]
pub use roles::{RoleField, SeveralRoles};
pub use value::{FromValue, ToValue};
pub use verified::Verified;
pub use writer::ClaimWriter;

pub(crate) use flat::read_flat;
pub(crate) use json::Strings;
pub(crate) use reader::ParseState;
pub(crate) use registered::{Authentication, InlineId, RESERVED, RawRegistered, Registered};
pub(crate) use requested_scopes::{RequestedScopes, TokenScopes};
pub(crate) use roles::is_scope;
pub(crate) use writer::IssuedClaims;

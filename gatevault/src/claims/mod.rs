//! Claims: what a token says. The traits between a user's type and the wire, the registered claims that
//! the token manager owns, and what verified claims look like.

mod convert;
mod flat;
mod json;
#[doc(hidden)]
pub mod lent;
mod names;
mod payload;
mod reader;
mod registered;
mod rest;
mod serde;
mod serde_reader;
mod serde_writer;
mod subject;
mod user_id;
#[cfg(feature = "uuid")]
mod uuid;
mod value;
mod verified;
mod writer;

pub use self::serde::Serde;
pub use convert::{Claims, FromClaims, FromVerified, ToClaims};
pub use payload::Payload;
pub use reader::ClaimReader;
pub use registered::TokenKind;
#[doc(hidden)]
pub use rest::ClaimMap;
pub use user_id::UserId;
pub use value::{FromValue, ToValue};
pub use verified::Verified;
pub use writer::ClaimWriter;

pub(crate) use reader::Pass;
pub(crate) use registered::{Captured, Id, RESERVED, Registered};
pub(crate) use subject::Subject;
pub(crate) use writer::{IssuedClaims, SessionClaims};

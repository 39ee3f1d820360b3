//! Guards: what stands between a token and the body of a function. The gate decides, a source lends the
//! token, and a denial leaves through the function's own return type.

mod check;
mod denial;
mod gate;
mod policy;
mod source;

#[doc(hidden)]
pub use check::{Guard, unmet};
pub use denial::{FromDenial, OnDenied};
pub use gate::{AsGate, GateRef, GateVault};
#[doc(hidden)]
pub use policy::{Requirement, has_any_role, has_any_scope, has_scopes};
pub use source::TokenSource;

#[cfg(feature = "http")]
pub(crate) use source::bearer_token;

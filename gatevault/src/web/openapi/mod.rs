//! `OpenAPI`: the `security` of each operation, written from what guards its function.
//!
//! [`ApiSecurity`] reads the constant `GUARDS` that `#[guarded]` writes, and completes a document of any library. See the page
//! [`openapi`](crate::guide::openapi) of the guide.

mod api_security;
mod document;
mod error;
mod matching;
mod object;
mod requirements;
mod responses;
mod schemes;

pub use api_security::ApiSecurity;
pub use error::{ApiSecurityError, ApiSecurityProblem};
#[cfg(feature = "aide")]
pub(in crate::web) use requirements::alternatives;
#[cfg(feature = "aide")]
pub(in crate::web) use responses::DENIALS;
#[cfg(feature = "aide")]
pub(in crate::web) use schemes::{BEARER, REFRESH};

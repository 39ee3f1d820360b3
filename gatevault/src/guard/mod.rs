//! Guards: the check between a token and the body of a function.
//!
//! [`#[protected]`](../attr.protected.html) puts a guard in front of a function's body. The types here are its parts, in the
//! order in which you need them:
//!
//! - [`GateVault`] verifies the tokens. Install one at startup, or pass one with `#[protected(gate = ..)]`.
//! - [`TokenSource`] is where a guard takes the token from: a string, an `Option`, a request of your framework.
//! - [`OnDenied`] turns a denial into the function's return value. Every `Result` whose error converts from
//!   [`GuardError`](crate::GuardError) has it.
//! - [`DeniedOr`] is the value of a function that returns `impl IntoResponse` or another trait of responses.
//! - [`HiddenOnDenied`] is the bound on every other hidden return type. You never implement it yourself.
//! - [`AsGate`] and [`GateRef`] let a type of your own, such as an application's state, provide the gate.
//! - [`HandlerGuard`] is the hidden first parameter of a handler with `#[protected(handler)]`, and [`GuardedHandler`] its guard.
//! - [`GuardRecord`] describes what guards a function. `#[guarded]` lists one for each function in its block.
//!   [`GuardedOperation`] is the operation of an API document that the function implements.
//! - [`FromDenial`] is the bound on the error type. You never implement it yourself.
//! - [`CallerInput`] is the bound on every other owned parameter: no claims type. You never implement it yourself.
//! - [`OwnedPayload`], [`BorrowedPayload`], [`OptionalPayload`] and [`OptionalBorrowedPayload`] are the bounds on the payload.
//!   You never implement them yourself.
//!
//! # Order of checks
//!
//! A guard looks for a gate and for a token, and verifies the token. Then it checks `max_age`, `acr` and `amr`, and last the
//! roles, scopes and conditions, in the order in which you wrote them. The first failure is the denial: the body does not run,
//! and one `denied` event with the reason is logged: at `INFO`, and at `ERROR` where there is no gate.
//!
//! # Examples
//!
//! A guard in an application that passes its state around:
//!
//! ```
//! use gatevault::guard::{AsGate, GateRef};
//! use gatevault::{Claims, GateVault, GuardError, TokenManager, protected};
//!
//! #[derive(Claims)]
//! struct User {
//!     user_id: u64,
//! }
//!
//! struct App {
//!     gate: GateVault,
//! }
//!
//! impl AsGate for App {
//!     fn as_gate(&self) -> GateRef<'_> {
//!         self.gate.as_gate()
//!     }
//! }
//!
//! #[protected(gate = app)]
//! fn profile(app: &App, payload: User) -> Result<String, GuardError> {
//!     Ok(format!("user {}", payload.user_id))
//! }
//!
//! let tokens = TokenManager::new(gatevault::generate_secret()?)?;
//! let app = App { gate: GateVault::new(tokens.clone()) };
//! let access = tokens.create_access_token(&User { user_id: 42 })?;
//! assert_eq!(profile(&access, &app)?, "user 42");
//! assert!(matches!(profile("", &app), Err(GuardError::MissingToken)));
//! # Ok::<(), gatevault::Error>(())
//! ```

mod authentication;
mod caller;
mod check;
mod denial;
mod denied_or;
mod gate;
mod handler;
mod operation;
#[cfg(feature = "http")]
mod own_routes;
mod payload;
mod policy;
mod proof;
mod record;
mod source;
#[cfg(feature = "testing")]
pub(crate) mod test_gate;
#[cfg(not(feature = "testing"))]
#[path = "no_test_gate.rs"]
mod test_gate;

#[doc(hidden)]
pub use authentication::RequiredAuthentication;
pub use caller::CallerInput;
#[doc(hidden)]
pub use caller::{ClaimsType, Data, HoldsClaims, Input, NoClaims};
#[doc(hidden)]
pub use check::{Guard, opened, unmet, without_gate};
#[doc(hidden)]
pub use denial::denied;
pub use denial::{FromDenial, OnDenied};
pub use denied_or::{DeniedOr, HiddenOnDenied};
pub use gate::{AsGate, GateRef, GateVault};
pub use handler::{GuardedHandler, HandlerGuard};
pub use operation::GuardedOperation;
pub use payload::{BorrowedPayload, OptionalBorrowedPayload, OptionalPayload, OwnedPayload};
#[doc(hidden)]
pub use policy::{Requirement, has_any_role, has_any_scope, has_scopes};
#[doc(hidden)]
pub use proof::ProofOfToken;
pub use record::GuardRecord;
pub use source::TokenSource;

#[cfg(feature = "http")]
pub(crate) use own_routes::{opened_for, unmet_by};
#[cfg(feature = "http")]
pub(crate) use source::bearer_token;

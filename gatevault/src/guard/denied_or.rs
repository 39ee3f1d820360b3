//! The return value of a guarded function that hides its type.

use super::OnDenied;
use crate::error::GuardError;

/// A denial, or the value of a guarded function that returns `impl IntoResponse` or another trait of responses.
///
/// `#[protected]` wraps the value of such a function in this type, so that a denial can leave as the same type. With the
/// feature of a framework it implements the framework's trait for every value that does, and a denial becomes the response
/// that a [`GuardError`] becomes in that framework. The guide's page `http` lists the traits.
///
/// # Examples
///
/// For a trait of your own with one of these names, implement it for this type:
///
/// ```
/// # #[cfg(feature = "macros")] {
/// use gatevault::guard::DeniedOr;
/// use gatevault::{Payload, protected};
///
/// trait IntoResponse { fn into_response(self) -> (u16, String); }
///
/// impl IntoResponse for String {
///     fn into_response(self) -> (u16, String) { (200, self) }
/// }
///
/// impl<T: IntoResponse> IntoResponse for DeniedOr<T> {
///     fn into_response(self) -> (u16, String) {
///         match self {
///             Self::Denied(denial) => (denial.status(), denial.to_string()),
///             Self::Done(value) => value.into_response(),
///         }
///     }
/// }
///
/// #[protected]
/// fn profile(payload: Payload) -> impl IntoResponse {
///     format!("user {}", payload.user_id())
/// }
/// # gatevault::GateVault::new(gatevault::TokenManager::new([7; 32]).unwrap()).install().unwrap();
/// assert_eq!(profile("").into_response().0, 401);
/// # }
/// ```
#[derive(Debug)]
#[must_use]
pub enum DeniedOr<T> {
    /// The body of the function did not run.
    Denied(GuardError),
    /// The value that the body returned.
    Done(T),
}

/// Creates the hidden return value `impl Trait` from a denial. Every type with [`OnDenied`] implements it.
#[diagnostic::on_unimplemented(
    message = "the hidden return type `{Self}` cannot carry a denial",
    label = "a guarded function returns its denials as this type",
    note = "return `Result<impl Trait, gatevault::GuardError>`, or add `denied = |denial| ..` to `#[protected]`, a \
            function that converts the denial into this type"
)]
pub trait HiddenOnDenied {
    /// Returns the value that the guarded function returns when its body does not run.
    fn hidden_on_denied(denial: GuardError) -> Self;
}

#[diagnostic::do_not_recommend]
impl<T: OnDenied> HiddenOnDenied for T {
    fn hidden_on_denied(denial: GuardError) -> Self {
        T::on_denied(denial)
    }
}

//! How a denial leaves a guarded function: through the return type the function has anyway.

use std::future::{Future, ready};
use std::pin::Pin;

use crate::error::GuardError;

/// A return type that can carry a denial.
///
/// `Result<T, E>` is one whenever `E` can be made from a [`GuardError`]; implement it for a type of your own to
/// guard functions that return it.
///
/// # Examples
///
/// ```
/// use gatevault::{GuardError, OnDenied};
///
/// struct Page { status: u16, body: String }
///
/// impl OnDenied for Page {
///     fn on_denied(denial: GuardError) -> Self {
///         Page { status: denial.status(), body: denial.to_string() }
///     }
/// }
/// assert_eq!(Page::on_denied(GuardError::MissingToken).status, 401);
/// ```
#[diagnostic::on_unimplemented(
    message = "the return type `{Self}` cannot carry a denial",
    label = "a guarded function returns its denials as this type",
    note = "return `Result<_, E>` where `E: From<gatevault::GuardError>`, or implement `gatevault::OnDenied` for `{Self}`"
)]
pub trait OnDenied {
    /// The value that the guarded function returns instead of running its body.
    fn on_denied(denial: GuardError) -> Self;
}

impl<T, E: FromDenial> OnDenied for Result<T, E> {
    fn on_denied(denial: GuardError) -> Self {
        Err(E::from_denial(denial))
    }
}

/// A boxed future carries a denial as what it resolves to, as `#[async_trait]` needs.
#[diagnostic::do_not_recommend]
impl<'f, R: OnDenied + Send + 'f> OnDenied for Pin<Box<dyn Future<Output = R> + Send + 'f>> {
    fn on_denied(denial: GuardError) -> Self {
        Box::pin(ready(R::on_denied(denial)))
    }
}

#[diagnostic::do_not_recommend]
impl<'f, R: OnDenied + 'f> OnDenied for Pin<Box<dyn Future<Output = R> + 'f>> {
    fn on_denied(denial: GuardError) -> Self {
        Box::pin(ready(R::on_denied(denial)))
    }
}

/// An error that a [`GuardError`] turns into; every `E: From<GuardError>` is one.
#[diagnostic::on_unimplemented(
    message = "the error type `{Self}` cannot carry a denial",
    label = "a guarded function returns its denials as this error",
    note = "write `impl From<gatevault::GuardError> for {Self}`, or with thiserror a variant with \
            `#[from] gatevault::GuardError`"
)]
pub trait FromDenial {
    /// The error for a denial.
    fn from_denial(denial: GuardError) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<GuardError>> FromDenial for E {
    fn from_denial(denial: GuardError) -> Self {
        Self::from(denial)
    }
}

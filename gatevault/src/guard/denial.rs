//! Conversion of a denial into the return value of a guarded function.

use std::future::{Future, ready};
use std::pin::Pin;

use crate::error::GuardError;

/// Creates a function's return value from a denial.
///
/// `Result<T, E>` implements it if `E` implements `From<GuardError>`. Implement it for a type of your own to guard functions
/// that return that type.
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
    note = "return `Result<_, E>` with an error type that implements `From<gatevault::GuardError>`; with a web framework, \
            `Result<_, Response>` keeps the status, the challenge and the body of a denial",
    note = "for any other type, write the value of a denied call: `#[protected(denied = |denial| ..)]`"
)]
pub trait OnDenied {
    /// Returns the value that the guarded function returns when its body does not run.
    fn on_denied(denial: GuardError) -> Self;
}

impl<T, E: FromDenial> OnDenied for Result<T, E> {
    fn on_denied(denial: GuardError) -> Self {
        Err(E::from_denial(denial))
    }
}

/// Converts a denial with the function in the argument `denied`. The signature gives a closure's parameter its type.
#[cold]
pub fn denied<R>(denial: GuardError, convert: impl FnOnce(GuardError) -> R) -> R {
    convert(denial)
}

/// A boxed future resolves to the denial, for return types such as `BoxFuture`, whose output the macro cannot see.
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

/// Creates an error from a [`GuardError`]. Every `E: From<GuardError>` implements it.
#[diagnostic::on_unimplemented(
    message = "the error type `{Self}` cannot carry a denial",
    label = "a guarded function returns its denials as this error",
    note = "for a type of your own, write `impl From<gatevault::GuardError> for YourError`, or with thiserror a variant \
            with `#[from] gatevault::GuardError`",
    note = "for a type of another crate, write the conversion in the attribute: `#[protected(denied = |denial| Err(..))]`; \
            with a web framework, `Result<_, Response>` keeps the status, the challenge and the body of a denial"
)]
pub trait FromDenial {
    /// Returns the error for a denial.
    fn from_denial(denial: GuardError) -> Self;
}

#[diagnostic::do_not_recommend]
impl<E: From<GuardError>> FromDenial for E {
    fn from_denial(denial: GuardError) -> Self {
        Self::from(denial)
    }
}

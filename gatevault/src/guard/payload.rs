//! The payload of a guarded function, created from a verified token.

use std::borrow::Cow;

use super::Guard;
use crate::claims::FromVerified;
use crate::error::GuardError;
use crate::event::CallerClaims;
use crate::token::TokenText;

/// Creates the payload of a guarded function. Every claims type implements it, and [`Verified<C>`](crate::Verified) of one.
///
/// You never implement it yourself: derive [`Claims`](macro@crate::Claims).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of a guarded function",
    label = "not a claims type",
    note = "derive `gatevault::Claims` for a struct of your own, or use `gatevault::Payload`; wrap a type that derives \
            serde's traits in `gatevault::claims::Serde`"
)]
pub trait OwnedPayload: Sized {
    #[doc(hidden)]
    fn verify<'t>(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<Self, GuardError>;
}

#[diagnostic::do_not_recommend]
impl<P: for<'t> FromVerified<'t>> OwnedPayload for P {
    #[inline]
    fn verify<'t>(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<P, GuardError> {
        guard.verify(token, text, caller, P::from_verified)
    }
}

/// Creates a payload that may borrow from the token's claims, which live for `'t`.
///
/// You never implement it yourself: derive [`Claims`](macro@crate::Claims).
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of a guarded function",
    label = "not a claims type",
    note = "derive `gatevault::Claims` for a struct of your own, or use `gatevault::Payload`; wrap a type that derives \
            serde's traits in `gatevault::claims::Serde`"
)]
pub trait BorrowedPayload<'t>: Sized {
    #[doc(hidden)]
    fn verify(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<Self, GuardError>;
}

#[diagnostic::do_not_recommend]
impl<'t, P: FromVerified<'t>> BorrowedPayload<'t> for P {
    #[inline]
    fn verify(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<P, GuardError> {
        guard.verify(token, text, caller, P::from_verified)
    }
}

/// Creates the payload of a guarded function that accepts calls without a token: an `Option` of a payload.
///
/// You never implement it yourself.
#[diagnostic::on_unimplemented(
    message = "with `optional`, the payload must be an `Option`",
    label = "not an `Option`, and a call without a token has no payload",
    note = "write `Option<{Self}>`"
)]
pub trait OptionalPayload: Sized {
    #[doc(hidden)]
    fn verify<'t>(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<Self, GuardError>;
}

impl<P: for<'t> FromVerified<'t>> OptionalPayload for Option<P> {
    #[inline]
    fn verify<'t>(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<Self, GuardError> {
        guard.verify_optional(token, text, caller, |verified| Some(P::from_verified(verified)))
    }
}

/// Creates an optional payload that may borrow from the token's claims, which live for `'t`.
///
/// You never implement it yourself.
#[diagnostic::on_unimplemented(
    message = "with `optional`, the payload must be an `Option`",
    label = "not an `Option`, and a call without a token has no payload",
    note = "write `Option<{Self}>`"
)]
pub trait OptionalBorrowedPayload<'t>: Sized {
    #[doc(hidden)]
    fn verify(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<Self, GuardError>;
}

impl<'t, P: FromVerified<'t>> OptionalBorrowedPayload<'t> for Option<P> {
    #[inline]
    fn verify(
        guard: Guard<'_>,
        token: Option<Cow<'_, str>>,
        text: &'t mut TokenText,
        caller: &mut CallerClaims<'t>,
    ) -> Result<Self, GuardError> {
        guard.verify_optional(token, text, caller, |verified| Some(P::from_verified(verified)))
    }
}

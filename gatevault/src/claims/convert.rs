//! The traits that convert between a claims type and the claims of a token.

use serde::de::MapAccess;

use super::{ClaimReader, ClaimWriter, Verified};
use crate::error::TokenError;

/// Marks a type that can be written into a token and read from one: what `#[derive(Claims)]` implements.
///
/// Use it as a bound. Every type that is [`ToClaims`] and owns what it reads implements it. A type with borrowed fields is
/// [`FromClaims`] for the lifetime of its token only.
pub trait Claims: ToClaims + for<'t> FromClaims<'t> {}

impl<C: ToClaims + for<'t> FromClaims<'t>> Claims for C {}

/// Writes a value into a token.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written into a token",
    label = "not a claims type",
    note = "derive `gatevault::Claims` for a struct of your own, or use `gatevault::Payload`; wrap a type that derives \
            serde's traits in `gatevault::claims::Serde`"
)]
pub trait ToClaims {
    /// Writes the subject, then each claim.
    ///
    /// # Errors
    ///
    /// The errors of the writer; return them unchanged.
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError>;
}

impl<C: ToClaims + ?Sized> ToClaims for Box<C> {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        (**self).write_claims(claims)
    }
}

/// Reads a value from a token whose decoded claims live for `'t`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a token",
    label = "not a claims type",
    note = "derive `gatevault::Claims` for a struct of your own, or use `gatevault::Payload`; wrap a type that derives \
            serde's traits in `gatevault::claims::Serde`"
)]
pub trait FromClaims<'t>: Sized {
    /// Reads every claim once, in the order of the token.
    ///
    /// # Errors
    ///
    /// The errors of the reader; return them unchanged.
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error>;
}

/// Creates the payload of a guarded function: claims, or [`Verified`] claims.
pub trait FromVerified<'t>: Sized {
    /// The claims that are read from the token.
    type Claims: FromClaims<'t>;

    /// Creates the payload from the verified claims.
    fn from_verified(verified: Verified<Self::Claims>) -> Self;
}

impl<'t, C: FromClaims<'t>> FromVerified<'t> for C {
    type Claims = C;

    fn from_verified(verified: Verified<C>) -> C {
        verified.into_claims()
    }
}

impl<'t, C: FromClaims<'t>> FromVerified<'t> for Verified<C> {
    type Claims = C;

    fn from_verified(verified: Self) -> Self {
        verified
    }
}

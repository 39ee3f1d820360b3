//! The traits between a type of the user's and the claims of a token.

use serde::de::MapAccess;

use super::{ClaimReader, ClaimWriter, Verified};
use crate::error::TokenError;

/// A type that a token's claims can be read into and written from: what `#[derive(Claims)]` makes.
///
/// Use it as a bound. It is implemented for everything that is [`ToClaims`] and owns what it reads;
/// a type that borrows from the token is [`FromClaims`] for that token's lifetime only.
pub trait Claims: ToClaims + for<'t> FromClaims<'t> {}

impl<C: ToClaims + for<'t> FromClaims<'t>> Claims for C {}

/// A type whose values can be written into a token.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be written into a token",
    label = "these are not claims",
    note = "put `#[derive(Claims)]` on `{Self}`, or use `gatevault::Payload`; claims that derive serde's traits are \
            wrapped in `gatevault::claims::Serde<{Self}>`"
)]
pub trait ToClaims {
    /// Writes the subject, then each claim.
    ///
    /// # Errors
    ///
    /// When the writer refuses a claim; pass its error on.
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError>;
}

impl<C: ToClaims + ?Sized> ToClaims for Box<C> {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        (**self).write_claims(claims)
    }
}

/// A type that can be read from a token whose text lives for `'t`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from a token",
    label = "these are not claims",
    note = "put `#[derive(Claims)]` on `{Self}`, or use `gatevault::Payload`; claims that derive serde's traits are \
            wrapped in `gatevault::claims::Serde<{Self}>`"
)]
pub trait FromClaims<'t>: Sized {
    /// Reads every claim, once, in the order of the token.
    ///
    /// # Errors
    ///
    /// When the reader refuses a claim; pass its error on.
    fn read_claims<A: MapAccess<'t>>(claims: &mut ClaimReader<'t, '_, A>) -> Result<Self, A::Error>;
}

/// What a guarded function can ask for as its payload: claims, or [`Verified`] claims.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the payload of a guarded function",
    label = "these are not claims",
    note = "put `#[derive(Claims)]` on `{Self}`, or use `gatevault::Payload`; claims that derive serde's traits are \
            wrapped in `gatevault::claims::Serde<{Self}>`"
)]
pub trait FromVerified<'t>: Sized {
    /// The claims that are read from the token.
    type Claims: FromClaims<'t>;

    /// Takes what was verified.
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

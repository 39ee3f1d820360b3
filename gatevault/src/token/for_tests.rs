//! Feature `testing`: what the test kit needs of a manager, and no other code does.

use std::sync::Arc;

use super::TokenManager;
use crate::claims::{IssuedClaims, ToClaims};
use crate::error::{InvalidReason, TokenError};

impl TokenManager {
    /// Returns whether both are clones of one manager.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.settings, &other.settings)
    }

    /// Creates a token with the given registered claims, also one that this manager would refuse. The manager fills in the issuer
    /// and the audience if they are absent.
    pub(crate) fn create_unvalidated<C: ToClaims + ?Sized>(
        &self,
        claims: &C,
        issued: IssuedClaims<'_>,
    ) -> Result<String, TokenError> {
        let first_party = self.settings.first_party().ok_or(InvalidReason::NoSigningKey)?;
        let own = first_party.with_parties(issued);
        let with_parties = IssuedClaims {
            issuer: issued.issuer.or(own.issuer),
            audience: issued.audience.or(own.audience),
            ..issued
        };
        self.sign_issued(first_party, claims, with_parties)
    }
}

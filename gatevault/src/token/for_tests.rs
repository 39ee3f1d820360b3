//! Feature `testing`: what the test kit needs of a manager, and no other code does.

use std::sync::Arc;

use super::trusted::TrustedIssuer;
use super::{Purpose, PurposeSubject, TokenManager};
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
        self.sign_issued(first_party, claims, with_absent_parties(first_party, issued))
    }

    /// Creates a purpose token with the given registered claims in the same way, for the session and the pool of the subject.
    pub(crate) fn create_unvalidated_purpose(
        &self,
        purpose: &Purpose,
        subject: &PurposeSubject<'_>,
        state: &[u8],
        issued: IssuedClaims<'_>,
    ) -> Result<String, TokenError> {
        let first_party = self.settings.first_party().ok_or(InvalidReason::NoSigningKey)?;
        let (session, pool, claims_since) = (subject.session, subject.pool, subject.claims_since);
        let issued = IssuedClaims { session, pool, claims_since, ..with_absent_parties(first_party, issued) };
        self.sign_purpose_token(first_party, purpose, subject, state, issued)
    }
}

/// Returns the claims with the issuer and the audience of the manager where they are absent.
fn with_absent_parties<'i>(first_party: &'i TrustedIssuer, issued: IssuedClaims<'i>) -> IssuedClaims<'i> {
    let own = first_party.with_parties(issued);
    IssuedClaims {
        issuer: issued.issuer.or(own.issuer),
        audience: issued.audience.or(own.audience),
        ..issued
    }
}

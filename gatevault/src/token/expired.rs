//! Reading a refresh token at a logout, which ends its session in any case.

use std::time::Duration;

use super::TokenManager;
use super::{TokenText, jws};
use crate::claims::{ParseState, Payload, TokenKind, Verified};
use crate::error::{DecodeReason, Segment, TokenError};
use crate::event::{CallerClaims, KeptCaller};

impl TokenManager {
    /// Verifies a refresh token for a logout: as of the second before its expiry, if it has expired, and even if it was revoked.
    ///
    /// The session of such a token can be active. It opens nothing.
    pub(crate) fn decode_for_logout(
        &self,
        token: &str,
        caller: &mut KeptCaller,
    ) -> Result<Verified<Payload>, TokenError> {
        let (now, settings) = (self.now()?, &*self.settings);
        let mut text = TokenText::new();
        let jws = jws::verify(token, settings, now, &mut text)?;
        *caller = KeptCaller::of(CallerClaims::new(jws.claims, jws.issuer.subject_claim));
        let json = std::str::from_utf8(jws.claims)
            .map_err(|_| TokenError::Decode(DecodeReason::Json(Segment::Claims)))?;
        let mut state = ParseState::new(jws.issuer.is_foreign());
        let claims = state.read::<Payload>(json, jws.issuer.subject_claim)?;
        let raw = &state.registered;
        let last_second = raw.exp.as_ref().map(|exp| exp.0.before(Duration::from_secs(1)));
        let at = last_second.map_or(now, |last_second| last_second.min(now));
        let registered = jws.issuer.validate(jws.token_type, json, raw, Some(TokenKind::Refresh), at)?;
        settings.pools.validate(raw, jws.issuer.is_foreign())?;
        settings.revocations.validate_trust(at)?;
        Ok(Verified::new(claims?, registered))
    }
}

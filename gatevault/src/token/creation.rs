//! Creating tokens: the registered claims, the JSON, the signature.

use std::cell::Cell;

use super::TokenManager;
use super::jws;
use crate::claims::{ClaimWriter, IssuedClaims, ToClaims, TokenKind};
use crate::error::{InvalidReason, TokenError};
use crate::key::TokenType;
use crate::random::Uuid;

impl TokenManager {
    pub(super) fn create<C: ToClaims + ?Sized>(
        &self,
        claims: &C,
        kind: TokenKind,
    ) -> Result<String, TokenError> {
        let now = self.now()?;
        let token_id = Uuid::random()?;
        let expires_at = now.after(self.settings.lifetime(kind));
        self.create_issued(claims, IssuedClaims::new(kind, token_id.as_str(), now, expires_at))
    }

    /// Creates a token with the given registered claims. The manager fills in the issuer and the audience.
    pub(crate) fn create_issued<C: ToClaims + ?Sized>(
        &self,
        claims: &C,
        issued: IssuedClaims<'_>,
    ) -> Result<String, TokenError> {
        let settings = &*self.settings;
        let first_party = settings.first_party().ok_or(InvalidReason::NoSigningKey)?;
        let kind = issued.kind;
        if kind == TokenKind::Access {
            let issued_at = issued.issued_at;
            first_party.times.validate_lifetime(None, issued.expires_at, issued_at)?;
        }
        let issued = IssuedClaims {
            issuer: first_party.name.as_str(),
            audience: first_party.audience.names.first().map(String::as_str),
            ..issued
        };
        let scratch = SCRATCH.try_with(Cell::take).unwrap_or_default();
        let mut writer = ClaimWriter::new(scratch, &first_party.subject_claim, &issued);
        claims.write_claims(&mut writer)?;
        let mut json = writer.finish()?;
        let token_type =
            first_party.required_typ.filter(|_| kind == TokenKind::Access).unwrap_or(TokenType::Jwt);
        let keys = first_party.keys.load();
        let key = keys.signing().ok_or(InvalidReason::NoSigningKey)?;
        let token = jws::sign(&json, token_type, key)?;
        json.clear();
        json.shrink_to(SCRATCH_BYTES);
        // Fails only while the thread ends.
        SCRATCH.try_with(|scratch| scratch.set(json)).ok();
        let (bytes, limit) = (token.len(), settings.max_token_bytes);
        if bytes > limit {
            return Err(InvalidReason::TooLong { bytes, limit }.into());
        }
        Ok(token)
    }
}

thread_local! {
    /// A buffer for the claims of this thread's next token.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The most bytes that a thread keeps in its buffer.
const SCRATCH_BYTES: usize = 1024;

//! The plain alternative: a verifier in straight-line code over `hmac` (prepared once), `base64` and `serde_json`.
//!
//! It uses the same HMAC as gatevault, so a row shows the cost of everything else. Of the checks that a verifier needs
//! it makes four: header, signature, kind and expiry.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Deserialize;
use sha2::Sha256;

use crate::Answer;

/// A verifier with a prepared key.
pub(crate) struct Floor(Hmac<Sha256>);

/// The registered claims and the user's own.
#[derive(Deserialize)]
pub(crate) struct FloorClaims<'t, I, R> {
    pub(crate) user_id: I,
    exp: u64,
    #[serde(rename = "type")]
    kind: &'t str,
    pub(crate) jti: &'t str,
    pub(crate) role: R,
    pub(crate) org_id: I,
}

impl Floor {
    /// Prepares the key.
    pub(crate) fn new(secret: &[u8]) -> Answer<Self> {
        Ok(Self(Hmac::new_from_slice(secret)?))
    }

    /// Signs a token with these claims.
    pub(crate) fn sign(&self, claims: &str) -> String {
        let mut token = format!("{HEADER}.{}", URL_SAFE_NO_PAD.encode(claims));
        let tag = self.tag(&token);
        token.push('.');
        URL_SAFE_NO_PAD.encode_string(tag, &mut token);
        token
    }

    /// Returns the tag of a signed part.
    pub(crate) fn tag(&self, signed: &str) -> [u8; 32] {
        self.0.clone().chain_update(signed).finalize().into_bytes().into()
    }

    /// Compares the tag of a signed part.
    pub(crate) fn verify_tag(&self, signed: &str, tag: &[u8]) -> Result<(), &'static str> {
        self.0.clone().chain_update(signed).verify_slice(tag).map_err(|_| "signature")
    }

    /// Verifies a token and reads its claims, which borrow from `text`.
    pub(crate) fn verify<'t, I: Deserialize<'t>, R: Deserialize<'t>>(
        &self,
        token: &str,
        text: &'t mut [u8; 512],
    ) -> Result<FloorClaims<'t, I, R>, &'static str> {
        let (signed, signature) = token.rsplit_once('.').ok_or("segments")?;
        let claims = signed.strip_prefix(HEADER).and_then(|rest| rest.strip_prefix('.')).ok_or("header")?;
        let mut tag = [0; 32];
        URL_SAFE_NO_PAD.decode_slice(signature, &mut tag).map_err(|_| "signature")?;
        self.verify_tag(signed, &tag)?;
        let bytes = URL_SAFE_NO_PAD.decode_slice(claims, text).map_err(|_| "claims")?;
        let json = text.get(..bytes).and_then(|json| std::str::from_utf8(json).ok()).ok_or("claims")?;
        let claims: FloorClaims<'t, I, R> = serde_json::from_str(json).map_err(|_| "claims")?;
        let now = SystemTime::UNIX_EPOCH.elapsed().map_err(|_| "clock")?.as_secs();
        if claims.kind == "access" && now < claims.exp { Ok(claims) } else { Err("kind or expiry") }
    }
}

/// `{"alg":"HS256","typ":"JWT"}`
const HEADER: &str = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9";

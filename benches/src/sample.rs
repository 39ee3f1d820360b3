//! The tokens that are verified, and the claims that are read from them.

use std::time::{Duration, SystemTime};

use gatevault::{ClaimValue, Claims, ConfigError, GateVault, TokenManager};
use serde::{Deserialize, Serialize};

use crate::Answer;
use crate::floor::Floor;

/// The secret of everyone.
pub(crate) const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// When the sample tokens end: 2100-01-01 00:00:00 UTC.
const END: u64 = 4_102_444_800;
const TOKEN_ID: &str = "5f0c5e7c-3c1b-4a52-9d4e-8a1f6f0c2b7d";
const SESSION_ID: &str = "0b8d1c8e-52a4-4f39-9a56-2f2a0c9a7e11";

/// Three owned texts.
#[derive(Claims, Serialize, Deserialize)]
pub(crate) struct Texts {
    pub(crate) user_id: String,
    pub(crate) role: String,
    pub(crate) org_id: String,
}

/// The same three texts, on loan from the token.
#[derive(Claims)]
pub(crate) struct Lent<'t> {
    pub(crate) user_id: &'t str,
    pub(crate) role: &'t str,
    pub(crate) org_id: &'t str,
}

/// Nothing that is on the heap.
#[derive(Claims, Clone, Copy, Deserialize)]
pub(crate) struct Numbers {
    pub(crate) user_id: u64,
    pub(crate) role: Role,
    pub(crate) org_id: u64,
}

#[derive(ClaimValue, Clone, Copy, PartialEq, Eq)]
#[claims(rename_all = "lowercase")]
pub(crate) enum Role {
    Admin,
    Clerk,
}

/// The claims of a token with three texts.
pub(crate) fn texts() -> String {
    claims(r#""42""#, r#""7""#)
}

/// The claims of a token with two numbers and a name; with them it has 239 bytes.
pub(crate) fn numbers() -> String {
    claims("42", "7")
}

/// The claims of a token of a session, otherwise those of [`numbers`].
pub(crate) fn of_a_session() -> String {
    let claims = numbers();
    format!(r#"{},"sid":"{SESSION_ID}"}}"#, claims.trim_end_matches('}'))
}

fn claims(user_id: &str, org_id: &str) -> String {
    format!(
        r#"{{"user_id":{user_id},"exp":{END},"type":"access","jti":"{TOKEN_ID}","role":"admin","org_id":{org_id}}}"#
    )
}

/// An HS256 token with these claims, in the spelling that all encoders but jsonwebtoken's have.
pub(crate) fn token(claims: &str) -> Answer<&'static str> {
    Ok(Floor::new(SECRET)?.sign(claims).leak())
}

/// A manager that looks each token up in a list of what was revoked.
pub(crate) fn tokens() -> Result<TokenManager, ConfigError> {
    let tokens = TokenManager::new(SECRET)?;
    let end = SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(END));
    tokens.revoke_token("another", end.unwrap_or(SystemTime::UNIX_EPOCH));
    Ok(tokens)
}

/// Installs the gate of all guarded rows.
///
/// # Errors
///
/// [`ConfigError::AlreadyInstalled`] the second time.
pub fn install_gate() -> Result<(), ConfigError> {
    GateVault::new(tokens()?).install()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_are_as_long_as_the_tables_say() {
        assert_eq!(token(&texts()).unwrap().len(), 244);
        assert_eq!(token(&numbers()).unwrap().len(), 239);
    }
}

//! The sample tokens and their claims.

use std::time::{Duration, SystemTime};

use gatevault::{ClaimValue, Claims, ConfigError, GateVault, TokenManager};
use serde::{Deserialize, Serialize};

use crate::Answer;
use crate::floor::Floor;

/// The secret of all libraries.
pub(crate) const SECRET: &[u8] = b"0123456789abcdef0123456789abcdef";

/// The lifetime of the sample tokens: longer than a run, and short enough for a manager with default settings.
const LIFETIME: Duration = Duration::from_hours(12);
/// The time of the login: 2026-01-01 00:00:00 UTC.
const LOGIN: u64 = 1_767_225_600;
const TOKEN_ID: &str = "5f0c5e7c-3c1b-4a52-9d4e-8a1f6f0c2b7d";
const SESSION_ID: &str = "0b8d1c8e-52a4-4f39-9a56-2f2a0c9a7e11";

/// Claims with three owned strings.
#[derive(Claims, Serialize, Deserialize)]
pub(crate) struct Strings {
    pub(crate) user_id: String,
    pub(crate) role: String,
    pub(crate) org_id: String,
}

/// Claims with the same three strings, borrowed from the token.
#[derive(Claims)]
pub(crate) struct BorrowedStrings<'t> {
    pub(crate) user_id: &'t str,
    pub(crate) role: &'t str,
    pub(crate) org_id: &'t str,
}

/// Claims without heap data.
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

/// Returns a user with three strings.
pub(crate) fn user() -> Strings {
    Strings { user_id: "42".into(), role: "admin".into(), org_id: "7".into() }
}

/// Returns the claims of a token with three strings.
pub(crate) fn strings() -> String {
    claims(r#""42""#, r#""7""#)
}

/// Returns the claims of a token with two numbers and a role.
pub(crate) fn numbers() -> String {
    claims("42", "7")
}

/// Returns the claims of [`numbers`] with a session id.
pub(crate) fn with_session() -> String {
    let claims = numbers();
    format!(r#"{},"sid":"{SESSION_ID}"}}"#, claims.trim_end_matches('}'))
}

/// Returns the claims of [`numbers`] with the time of a login.
pub(crate) fn with_login() -> String {
    let claims = numbers();
    format!(r#"{},"auth_time":{LOGIN}}}"#, claims.trim_end_matches('}'))
}

/// Formats the claims.
fn claims(user_id: &str, org_id: &str) -> String {
    let expiry = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().saturating_add(LIFETIME).as_secs();
    format!(
        r#"{{"user_id":{user_id},"exp":{expiry},"type":"access","jti":"{TOKEN_ID}","role":"admin","org_id":{org_id}}}"#
    )
}

/// Signs an HS256 token with these claims. The header is spelled as by all encoders but jsonwebtoken's.
pub(crate) fn token(claims: &str) -> Answer<&'static str> {
    Ok(Floor::new(SECRET)?.sign(claims).leak())
}

/// Creates a manager with a revocation, so that it looks up each token.
pub(crate) fn tokens() -> Result<TokenManager, ConfigError> {
    let tokens = TokenManager::new(SECRET)?;
    let expiry = SystemTime::now().checked_add(LIFETIME);
    tokens.revoke_token(None, "another", expiry.unwrap_or(SystemTime::UNIX_EPOCH))?;
    Ok(tokens)
}

/// Installs the gate of all guarded rows.
///
/// # Errors
///
/// Returns [`ConfigError::AlreadyInstalled`] on a second call.
pub fn install_gate() -> Result<(), ConfigError> {
    GateVault::new(tokens()?).install()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tokens_have_the_length_in_the_group_names() {
        assert_eq!(token(&strings()).unwrap().len(), 244);
        assert_eq!(token(&numbers()).unwrap().len(), 239);
    }
}

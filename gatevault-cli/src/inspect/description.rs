//! Descriptions of a token, its algorithm and its claims. The token's own words decide, so nothing here is verified.

use super::token::{Form, Token};

/// Returns what the token is.
pub(super) fn of(token: &Token<'_>) -> String {
    match token.form {
        Form::Jws => format!("a signed JWT (JWS): {}", signed(token)),
        Form::Jwe => "an encrypted token (JWE, RFC 7516): only the holder of the key reads it, and gatevault accepts signed \
                      tokens only"
            .to_owned(),
        Form::ApiKey => "an API key of gatevault: a long-lived credential, which the service looks up and exchanges for short \
                         access tokens; there is nothing in it to read"
            .to_owned(),
        Form::Opaque => "an opaque string: no JWT. Only its issuer knows what it means, such as a session id or a key".to_owned(),
        Form::Malformed => {
            let found = token.text.split('.').count();
            format!("no token: it has {found} segments between dots, a signed JWT has 3 and an encrypted one 5")
        }
    }
}

/// Returns what a signed token is for.
fn signed(token: &Token<'_>) -> &'static str {
    let has = |names: &[&str]| names.iter().any(|name| token.claim(name).is_some());
    let kind = token
        .claim_text("type")
        .or_else(|| token.claim_text("token_use"))
        .or_else(|| token.claim_text("typ"));
    match token.media_type().as_deref() {
        Some("purpose+jwt") => {
            return "a purpose token of gatevault, such as the one in a link of a mail; it opens no guard";
        }
        Some("logout+jwt") => return "a logout token of an OpenID provider; it opens no guard",
        Some("dpop+jwt") => return "a DPoP proof (RFC 9449), which accompanies a token and is none",
        Some("at+jwt") => return "an access token (RFC 9068)",
        _ => {}
    }
    match kind {
        Some("access") => "an access token of gatevault, which opens guarded functions",
        Some("refresh") => {
            "a refresh token of gatevault, which is exchanged for new tokens and opens no guard"
        }
        Some("Refresh" | "Offline") => "a refresh token of another issuer, which only that issuer accepts",
        Some("Bearer" | "access_token" | "at+jwt") => "an access token of another issuer",
        Some("ID" | "id" | "id_token") => {
            "an ID token: it says to a client who logged in, and is no access token"
        }
        _ if has(&["events"]) => "a token with events, such as a logout token; it opens no guard",
        _ if has(&["nonce", "at_hash", "c_hash"]) => {
            "probably an ID token: it says to a client who logged in, and is no access token"
        }
        _ if has(&["scope", "scp"]) && has(&["iss"]) => "probably an access token of another issuer",
        _ => "it does not say what it is for",
    }
}

/// Returns what an algorithm is.
pub(super) fn algorithm(name: &str) -> &'static str {
    match name {
        "HS256" | "HS384" | "HS512" => "HMAC: the same secret signs and verifies",
        "RS256" | "RS384" | "RS512" => "RSA (PKCS #1 v1.5): a private key signs, its public half verifies",
        "PS256" | "PS384" | "PS512" => "RSA-PSS: a private key signs, its public half verifies",
        "ES256" | "ES384" | "ES512" => "ECDSA: a private key signs, its public half verifies",
        "EdDSA" | "Ed25519" => "Ed25519: a private key signs, its public half verifies",
        _ => "",
    }
}

/// Returns what a registered claim means.
pub(super) fn claim(name: &str) -> &'static str {
    match name {
        "exp" => "expires",
        "iat" => "issued",
        "nbf" => "valid from",
        "auth_time" => "logged in",
        "claims_since" => "claims as of",
        _ => "",
    }
}

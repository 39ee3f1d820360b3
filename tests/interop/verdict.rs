//! The verdict of each side on a token.

use gatevault::{Payload, TokenError, TokenManager};
use serde_json::json;

use crate::peer::ask;
use crate::tokens::SECRET;

/// The result of decoding a token, in categories that both sides have.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    Accepted,
    Expired,
    Invalid,
    Malformed,
}

impl Verdict {
    /// Returns the verdict with this name in a table.
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "accepted" => Self::Accepted,
            "expired" => Self::Expired,
            "invalid" => Self::Invalid,
            "malformed" => Self::Malformed,
            _ => panic!("{name} is not a verdict"),
        }
    }
}

/// Decodes a token in Rust.
pub(crate) fn rust_verdict(token: &str) -> Verdict {
    match TokenManager::new(SECRET).unwrap().decode_token::<Payload>(token) {
        Ok(_) => Verdict::Accepted,
        Err(TokenError::Expired) => Verdict::Expired,
        Err(TokenError::Invalid(_)) => Verdict::Invalid,
        Err(_) => Verdict::Malformed,
    }
}

/// Decodes a token in Python.
pub(crate) fn python_verdict(token: &str) -> Verdict {
    let response = ask("accept", json!({"secret": SECRET, "token": token}));
    match response["raised"].as_str() {
        None => Verdict::Accepted,
        Some("TokenExpiredError") => Verdict::Expired,
        Some("InvalidTokenError") => Verdict::Invalid,
        Some("TokenDecodeError") => Verdict::Malformed,
        Some(_) => panic!("{response} for {token}"),
    }
}

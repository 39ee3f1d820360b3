//! What each side says of a token.

use gatevault::{Payload, TokenError, TokenManager};
use serde_json::json;

use crate::peer::ask;
use crate::tokens::SECRET;

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Verdict {
    Accepted,
    Expired,
    Invalid,
    Malformed,
}

impl Verdict {
    pub(crate) fn named(name: &str) -> Self {
        match name {
            "accepted" => Self::Accepted,
            "expired" => Self::Expired,
            "invalid" => Self::Invalid,
            "malformed" => Self::Malformed,
            _ => panic!("{name} is no verdict"),
        }
    }
}

pub(crate) fn here(token: &str) -> Verdict {
    match TokenManager::new(SECRET).unwrap().decode_token::<Payload>(token) {
        Ok(_) => Verdict::Accepted,
        Err(TokenError::Expired) => Verdict::Expired,
        Err(TokenError::Invalid(_)) => Verdict::Invalid,
        Err(_) => Verdict::Malformed,
    }
}

pub(crate) fn there(token: &str) -> Verdict {
    let answer = ask("accept", json!({"secret": SECRET, "token": token}));
    match answer["raised"].as_str() {
        None => Verdict::Accepted,
        Some("TokenExpiredError") => Verdict::Expired,
        Some("InvalidTokenError") => Verdict::Invalid,
        Some("TokenDecodeError") => Verdict::Malformed,
        Some(_) => panic!("{answer} for {token}"),
    }
}

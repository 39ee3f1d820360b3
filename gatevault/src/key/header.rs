//! What tokens of one key mostly begin with, spelled out once, to be recognised by its bytes.

use super::Algorithm;
use crate::base64url;

/// What kind of JWT a header says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `JWT` (RFC 7519 section 5.1), or nothing said.
    Jwt,
    /// `at+jwt`: an access token in JWT form (RFC 9068 section 2.1).
    AtJwt,
}

/// The encoded headers of one key, each with the dot behind it.
pub(crate) struct Headers {
    /// As this library writes them, and `PyJWT` where there is no key id.
    jwt: String,
    at_jwt: String,
    /// As jsonwebtoken writes them, and as `PyJWT` does with a key id, all of type `JWT`.
    others: [String; 2],
}

impl Headers {
    pub(super) fn new(algorithm: Algorithm, id: Option<&str>) -> Self {
        let kid = id.map(|id| format!(r#","kid":{}"#, serde_json::Value::from(id))).unwrap_or_default();
        let encode = |json: String| format!("{}.", base64url::encoded(json.as_bytes()));
        Self {
            jwt: encode(format!(r#"{{"alg":"{algorithm}","typ":"JWT"{kid}}}"#)),
            at_jwt: encode(format!(r#"{{"alg":"{algorithm}","typ":"at+jwt"{kid}}}"#)),
            others: [
                encode(format!(r#"{{"typ":"JWT","alg":"{algorithm}"{kid}}}"#)),
                encode(format!(r#"{{"alg":"{algorithm}"{kid},"typ":"JWT"}}"#)),
            ],
        }
    }

    /// What this library writes.
    pub(crate) fn own(&self, token_type: TokenType) -> &str {
        match token_type {
            TokenType::Jwt => &self.jwt,
            TokenType::AtJwt => &self.at_jwt,
        }
    }

    /// What the header of a message says, where it is one of these, and the claims behind it.
    pub(crate) fn recognise<'m>(&self, message: &'m str) -> Option<(TokenType, &'m str)> {
        let [one, other] = &self.others;
        let known = [
            (&self.jwt, TokenType::Jwt),
            (&self.at_jwt, TokenType::AtJwt),
            (one, TokenType::Jwt),
            (other, TokenType::Jwt),
        ];
        known.into_iter().find_map(|(header, says)| Some((says, message.strip_prefix(header.as_str())?)))
    }
}

//! Precomputed headers: most tokens of a key begin with one of a few byte sequences, which need no parsing.

use super::Algorithm;
use crate::base64url;

/// The kind of JWT that the `typ` header names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TokenType {
    /// `JWT` (RFC 7519 section 5.1), or no `typ` at all.
    Jwt,
    /// `at+jwt`: an access token in JWT form (RFC 9068 section 2.1).
    AtJwt,
}

/// The encoded headers of one key, each with the dot after it.
pub(crate) struct EncodedHeaders {
    /// The spelling of this library, and of `PyJWT` without a key id.
    jwt: String,
    at_jwt: String,
    /// The spellings of jsonwebtoken, and of `PyJWT` with a key id. Both have the type `JWT`.
    others: [String; 2],
}

impl EncodedHeaders {
    /// Encodes the headers of a key.
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

    /// Returns the header that this library writes.
    pub(crate) fn of_new_token(&self, token_type: TokenType) -> &str {
        match token_type {
            TokenType::Jwt => &self.jwt,
            TokenType::AtJwt => &self.at_jwt,
        }
    }

    /// Returns all of them.
    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let [first, second] = &self.others;
        [&self.jwt, &self.at_jwt, first, second].into_iter().map(String::as_str)
    }

    /// Returns the type of a message and its encoded claims, if its header is one of these.
    pub(crate) fn recognize<'m>(&self, message: &'m str) -> Option<(TokenType, &'m str)> {
        let [first, second] = &self.others;
        let known = [
            (&self.jwt, TokenType::Jwt),
            (&self.at_jwt, TokenType::AtJwt),
            (first, TokenType::Jwt),
            (second, TokenType::Jwt),
        ];
        known
            .into_iter()
            .find_map(|(header, token_type)| Some((token_type, message.strip_prefix(header.as_str())?)))
    }
}

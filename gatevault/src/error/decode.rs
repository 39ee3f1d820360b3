//! `DecodeReason`: a string that is not a signed JWT.

use std::fmt;

/// The reason why a string is not a signed JWT. It is for logs; clients never see it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DecodeReason {
    /// The token is opaque: it has no segments, so only its issuer can verify it.
    #[error(
        "expected a signed JWT, got an opaque token: configure the issuer to create access tokens as JWTs, \
         often by requesting a token for this API's audience"
    )]
    Opaque,
    /// The token is encrypted: five segments, or an `enc` header (RFC 7516).
    #[error(
        "expected a signed JWT, got an encrypted one (JWE, RFC 7516): configure the issuer to sign its access \
         tokens without encrypting them"
    )]
    Encrypted,
    /// The token does not have three segments (RFC 7515 section 7.1).
    #[error("expected three segments separated by dots, got {found}")]
    Segments {
        /// The number of segments.
        found: usize,
    },
    /// A segment is not base64url without padding (RFC 7515 section 2).
    #[error("the {0} is not base64url without padding")]
    Base64(Segment),
    /// A segment is not a JSON object in UTF-8.
    #[error("the {0} is not a JSON object")]
    Json(Segment),
    /// The value of a member is malformed or too deeply nested, or an object inside it repeats a member.
    #[error("the value of `{member}` in the {segment} is malformed JSON, or repeats a member")]
    Value {
        /// The segment with the member.
        segment: Segment,
        /// The name of the member, with control characters escaped.
        member: String,
    },
    /// A segment has two members of one name.
    #[error("the {segment} has the member `{member}` twice")]
    Repeated {
        /// The segment with the members.
        segment: Segment,
        /// The shared name, with control characters escaped.
        member: String,
    },
    /// The cookie that carries the token is malformed or was sent twice.
    #[error("the cookie is malformed or was sent twice")]
    Cookie,
}

/// A decoded segment of a signed JWT.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Segment {
    /// The first segment: the JOSE header.
    Header,
    /// The second segment: the claims.
    Claims,
}

impl fmt::Display for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Header => "header",
            Self::Claims => "claims segment",
        })
    }
}

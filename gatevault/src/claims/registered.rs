//! The claims that the token manager owns, as they are captured on the way through a token.

use serde::Deserialize;
use serde::de::MapAccess;

use super::json::{Audience, NumericDate, Text};
use crate::clock::Timestamp;

/// The names that no claims type may use: the manager writes and reads them (RFC 7519 section 4.1).
pub(crate) const RESERVED: [&str; 8] = ["exp", "iat", "nbf", "iss", "aud", "jti", "sid", "type"];

/// What a token is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// Opens guarded functions; lives for minutes.
    Access,
    /// Is exchanged for new tokens; lives for days.
    Refresh,
}

impl TokenKind {
    /// The value of the `type` claim.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
        }
    }

    pub(crate) fn from_name(name: &str) -> Option<Self> {
        [Self::Access, Self::Refresh].into_iter().find(|kind| kind.name() == name)
    }
}

/// The registered claims as the token has them, not yet validated.
#[derive(Default)]
pub(crate) struct Captured<'t> {
    pub(crate) exp: Option<NumericDate>,
    pub(crate) iat: Option<NumericDate>,
    pub(crate) nbf: Option<NumericDate>,
    pub(crate) iss: Option<Text<'t>>,
    pub(crate) aud: Option<Audience<'t>>,
    pub(crate) jti: Option<Text<'t>>,
    pub(crate) sid: Option<Text<'t>>,
    pub(crate) kind: Option<Text<'t>>,
}

/// What became of a member that was offered to the registered claims.
pub(super) enum Capture {
    Taken,
    Twice,
    NotRegistered,
}

impl<'t> Captured<'t> {
    /// Takes the value behind `name` when the claim is registered.
    pub(super) fn capture<A: MapAccess<'t>>(
        &mut self,
        name: &str,
        members: &mut A,
    ) -> Result<Capture, A::Error> {
        match name {
            "exp" => fill(&mut self.exp, members),
            "iat" => fill(&mut self.iat, members),
            "nbf" => fill(&mut self.nbf, members),
            "iss" => fill(&mut self.iss, members),
            "aud" => fill(&mut self.aud, members),
            "jti" => fill(&mut self.jti, members),
            "sid" => fill(&mut self.sid, members),
            "type" => fill(&mut self.kind, members),
            _ => Ok(Capture::NotRegistered),
        }
    }
}

fn fill<'t, T: Deserialize<'t>, A: MapAccess<'t>>(
    slot: &mut Option<T>,
    members: &mut A,
) -> Result<Capture, A::Error> {
    if slot.is_some() {
        return Ok(Capture::Twice);
    }
    *slot = Some(members.next_value()?);
    Ok(Capture::Taken)
}

/// The registered claims of a verified token.
#[derive(Debug, Clone)]
pub(crate) struct Registered {
    pub(crate) expires_at: Timestamp,
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) token_id: Box<str>,
    pub(crate) session_id: Option<Box<str>>,
    pub(crate) kind: TokenKind,
}

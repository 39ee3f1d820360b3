//! What a manager goes by, as a builder has found it to be sound.

use std::time::Duration;

use super::revocation::Revocations;
use super::seen::Seen;
use super::validation::{Dialect, Party};
use crate::claims::TokenKind;
use crate::clock::Clock;
use crate::error::Warning;

pub(super) struct Settings {
    /// Whose tokens are accepted: our own first, where there are any.
    pub(super) parties: Vec<Party>,
    pub(super) access_expiry: Duration,
    pub(super) refresh_expiry: Duration,
    /// Remembers signatures of key pairs, where that was asked for.
    pub(super) seen: Option<Seen>,
    /// What is refused before its time.
    pub(super) revocations: Revocations,
    pub(super) max_token_bytes: usize,
    pub(super) clock: Box<dyn Clock>,
    pub(super) warnings: Vec<Warning>,
}

impl Settings {
    /// Ourselves, where we make tokens.
    pub(super) fn own(&self) -> Option<&Party> {
        self.parties.first().filter(|party| party.validation.dialect == Dialect::Own)
    }

    pub(super) fn lifetime(&self, kind: TokenKind) -> Duration {
        match kind {
            TokenKind::Access => self.access_expiry,
            TokenKind::Refresh => self.refresh_expiry,
        }
    }
}

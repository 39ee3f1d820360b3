//! Events about our own users: they have the name of our issuer.

use super::TokenManager;
use crate::event::{Decision, Event};

impl Event {
    /// Creates an event about one of our own users.
    pub(crate) fn ours(tokens: &TokenManager, decision: Decision) -> Self {
        Self::new(decision).of_own_issuer(tokens)
    }

    /// Sets our own issuer, if it has a name.
    pub(crate) fn of_own_issuer(self, tokens: &TokenManager) -> Self {
        self.of_issuer(tokens.own_name().map(str::to_owned))
    }
}

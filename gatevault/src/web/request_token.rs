//! The token of a request whose gate the framework keeps elsewhere.

use std::borrow::Cow;

use crate::guard::{AsGate as _, GateRef, GateVault, TokenSource};

/// The token of a request, and the gate that the application has put beside it.
pub(super) struct RequestToken<'r> {
    pub(super) token: Option<Cow<'r, str>>,
    pub(super) gate: Option<&'r GateVault>,
}

impl TokenSource for RequestToken<'_> {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.token.as_deref().map(Cow::Borrowed)
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        self.gate.map(GateVault::as_gate)
    }
}

//! The gate of a page's token, for frameworks whose extractors read the cookie.

use super::PageToken;
use crate::guard::GateVault;

impl PageToken {
    /// Sets the gate that the application has put into the request.
    pub(in crate::web) fn with_gate(mut self, gate: Option<&GateVault>) -> Self {
        self.gate = gate.cloned();
        self
    }
}

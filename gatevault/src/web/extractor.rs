//! The guard behind the extractor `Verified`.

use crate::event::Function;
use crate::guard::{AsGate as _, GateVault, Guard};

/// Returns the guard behind the extractor `Verified`. It asks `gate`, the one of the request, or else the installed gate.
pub(super) fn extractor_guard(gate: Option<&GateVault>) -> Guard<'_> {
    Guard::of_source(EXTRACTOR, gate.map(GateVault::as_gate))
}

/// The name in log events.
const EXTRACTOR: &Function = &Function::library("Verified");

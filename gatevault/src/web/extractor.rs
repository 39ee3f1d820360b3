//! The guard behind the extractor `Verified` of every framework.

use crate::guard::{Function, GateVault, Guard};

/// Returns a guard that asks `gate`, the one that the framework holds for the request, or else the installed gate.
pub(super) fn extractor_guard(gate: Option<&GateVault>) -> Guard<'_> {
    match gate {
        Some(gate) => Guard::with(EXTRACTOR, gate),
        None => Guard::installed(EXTRACTOR),
    }
}

/// The name in log events.
const EXTRACTOR: &Function = &Function::library("Verified");

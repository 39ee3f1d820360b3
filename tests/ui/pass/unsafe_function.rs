//! The workspace forbids unsafe code, hence not among the shapes.
#![deny(warnings, unsafe_op_in_unsafe_fn)]

use gatevault::{GuardError, Payload, protected};

/// # Safety
///
/// `number` points to a number.
#[protected]
unsafe fn read(number: *const u64, payload: Payload) -> Result<u64, GuardError> {
    drop(payload);
    // SAFETY: the caller says so.
    Ok(unsafe { *number })
}

fn main() {
    // SAFETY: it does point to a number.
    let denied = unsafe { read("", &7) };
    assert!(denied.is_err());
}

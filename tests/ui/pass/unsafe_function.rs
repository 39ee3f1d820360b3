//! An unsafe function. It is not among the shapes, since the workspace forbids unsafe code.
#![deny(warnings, unsafe_op_in_unsafe_fn)]

use gatevault::{GuardError, Payload, protected};

/// # Safety
///
/// `number` must point to a valid `u64`.
#[protected]
unsafe fn read(number: *const u64, payload: Payload) -> Result<u64, GuardError> {
    drop(payload);
    // SAFETY: the caller guarantees it.
    Ok(unsafe { *number })
}

fn main() {
    // SAFETY: the pointer comes from a reference.
    let denied = unsafe { read("", &7) };
    assert!(denied.is_err());
}

//! The revocation list under the memory model of C++: loom tries the values that each read of an atomic may return, in the orders of
//! threads that depend on them, with at most three changes of the thread.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod list;
mod segment;

/// Runs a test in all of these orders.
fn on_weak_memory(test: impl Fn() + Send + Sync + 'static) {
    let mut model = loom::model::Builder::new();
    model.preemption_bound = Some(3);
    model.check(test);
}

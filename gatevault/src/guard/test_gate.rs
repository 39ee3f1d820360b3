//! Feature `testing`: the gate of a running test, which guards on its thread ask before the installed gate.

use std::cell::RefCell;
use std::fmt;
use std::marker::PhantomData;
use std::sync::{Mutex, PoisonError};

use super::{AsGate as _, GateVault};

impl GateVault {
    /// Installs this gate for one test: guards without a gate of their own ask it until the returned [`TestGate`] is dropped.
    ///
    /// Feature `testing`. Tests that run in parallel do not see each other's gates, and [`install`](Self::install) is not
    /// needed. A later call on the same thread replaces the gate, and the former one returns when the later one is dropped.
    ///
    /// # Where it holds
    ///
    /// | code | its guards ask |
    /// |---|---|
    /// | on the thread of the test: functions, `block_on`, the body of `#[tokio::test]` in both flavours | this gate |
    /// | an application called in the process: [`testing::browser`](crate::testing), or its service without a socket | this gate |
    /// | tasks of `tokio::spawn` in a `#[tokio::test]` without arguments, which run on the thread of the test | this gate |
    /// | tasks on other threads: `tokio::spawn` in `flavor = "multi_thread"` | the installed gate; wrap the task in [`with_gate`](crate::testing::with_gate) |
    /// | `spawn_blocking`, `std::thread::spawn` | the installed gate; call `install_for_test` there, or name the gate with `gate = ..` |
    /// | servers on sockets | the installed gate; give the application the gate: `State`, `Extension` or `gate = ..` |
    ///
    /// A gate that the request brings, such as that of `auth.serve(..)`, and one named with `gate = ..` come first, as they do
    /// before the installed gate.
    ///
    /// # Examples
    ///
    /// ```
    /// # #[cfg(feature = "macros")] {
    /// use gatevault::{GateVault, GuardError, Payload, TokenManager, protected};
    ///
    /// #[protected]
    /// fn profile(payload: Payload) -> Result<String, GuardError> {
    ///     Ok(format!("user {}", payload.user_id()))
    /// }
    ///
    /// let tokens = TokenManager::new([7; 32])?;
    /// let access = tokens.create_access_token(&Payload::new(42))?;
    /// let gate = GateVault::new(tokens).install_for_test();
    /// assert_eq!(profile(&access)?, "user 42");
    /// drop(gate);
    /// assert_eq!(profile(&access).unwrap_err().status(), 500); // no gate is installed
    /// # }
    /// # Ok::<(), gatevault::Error>(())
    /// ```
    pub fn install_for_test(self) -> TestGate {
        TestGate::begin(kept(self))
    }
}

/// A guard: the gate of [`GateVault::install_for_test`] holds on this thread until it is dropped.
///
/// It cannot be sent to another thread. Several can be dropped in any order: the latest that remains holds.
///
/// The gate itself is kept until the process ends, once for each manager, because guards borrow it.
#[must_use = "the gate holds until this is dropped: bind it to a name, `let _gate = ..`"]
pub struct TestGate {
    id: u64,
    /// The gate belongs to the thread.
    not_send: PhantomData<*const ()>,
}

impl TestGate {
    /// Installs `gate` on this thread.
    pub(crate) fn begin(gate: &'static GateVault) -> Self {
        let begin = |gates: &RefCell<Gates>| gates.borrow_mut().begin(gate);
        // A thread that ends runs no test any more.
        Self { id: GATES.try_with(begin).unwrap_or_default(), not_send: PhantomData }
    }
}

impl Drop for TestGate {
    fn drop(&mut self) {
        let end = |gates: &RefCell<Gates>| gates.borrow_mut().held.retain(|(id, _)| *id != self.id);
        // Fails only while the thread ends.
        GATES.try_with(end).ok();
    }
}

impl fmt::Debug for TestGate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestGate").finish_non_exhaustive()
    }
}

/// The gates of one thread, the latest last.
struct Gates {
    next_id: u64,
    held: Vec<(u64, &'static GateVault)>,
}

impl Gates {
    fn begin(&mut self, gate: &'static GateVault) -> u64 {
        self.next_id = self.next_id.wrapping_add(1);
        self.held.push((self.next_id, gate));
        self.next_id
    }
}

thread_local! {
    static GATES: RefCell<Gates> = const { RefCell::new(Gates { next_id: 0, held: Vec::new() }) };
}

/// Returns the gate of the test that runs on this thread.
pub(super) fn of_thread() -> Option<&'static GateVault> {
    GATES.try_with(|gates| gates.borrow().held.last().map(|(_, gate)| *gate)).ok()?
}

/// Logs that the feature is enabled in a build that is not one of tests.
pub(super) fn warn_of_feature() {
    if !cfg!(debug_assertions) {
        tracing::warn!(
            target: "gatevault",
            "feature testing enabled in a build without debug assertions: enable it in dev-dependencies only"
        );
    }
}

/// Returns the gate as one that is never dropped: a new one, or the earlier one with the same manager.
///
/// A guard borrows the installed gate for as long as it likes, so the gate of a test can end but not be freed.
pub(crate) fn kept(gate: GateVault) -> &'static GateVault {
    static KEPT: Mutex<Vec<&'static GateVault>> = Mutex::new(Vec::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(same) = kept.iter().find(|other| is_same(other, &gate)) {
        return same;
    }
    let gate: &'static GateVault = Box::leak(Box::new(gate));
    kept.push(gate);
    gate
}

fn is_same(one: &GateVault, other: &GateVault) -> bool {
    one.as_gate().tokens().is_same(other.as_gate().tokens())
}

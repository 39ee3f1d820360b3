//! Places to keep sessions: a fresh one for each test, on servers that a test program starts once.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use gatevault::{MemorySessions, SessionStore};

/// A store without sessions, and what it needs to be there.
pub struct Place {
    /// The store.
    pub store: Arc<dyn SessionStore>,
    traits: Traits,
    /// What goes with the place, such as a folder.
    _keeps: Box<dyn Any + Send + Sync>,
}

/// What stores may do in ways of their own.
#[derive(Clone, Copy, Default)]
struct Traits {
    has_no_clock: bool,
    forgets_by_itself: bool,
}

impl Place {
    /// The memory of the process.
    pub async fn memory() -> Self {
        let traits = Traits { has_no_clock: true, ..Traits::default() };
        Self { store: Arc::new(MemorySessions::new()), traits, _keeps: Box::new(()) }
    }

    /// Whether the store goes by the clocks of its callers.
    #[must_use]
    pub fn has_no_clock(&self) -> bool {
        self.traits.has_no_clock
    }

    /// Whether sessions that are over may be gone before anybody removes them.
    #[must_use]
    pub fn forgets_by_itself(&self) -> bool {
        self.traits.forgets_by_itself
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Place").finish_non_exhaustive()
    }
}

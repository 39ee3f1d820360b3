//! `Mismatch`: a store and the model differ.

use std::fmt;

use gatevault::StoreError;

/// A difference between a store and the model, or an error of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch(String);

/// The result of a comparison.
pub type Checked<T = ()> = Result<T, Mismatch>;

impl Mismatch {
    /// Creates it from a description.
    #[must_use]
    pub fn new(difference: impl Into<String>) -> Self {
        Self(difference.into())
    }

    /// Returns the same difference with the place where it was found.
    #[must_use]
    pub fn at(self, place: &str) -> Self {
        Self(format!("{place}: {}", self.0))
    }
}

/// Returns a mismatch unless the condition holds.
pub(crate) fn ensure(condition: bool, difference: impl FnOnce() -> String) -> Checked {
    if condition { Ok(()) } else { Err(Mismatch(difference())) }
}

/// Returns a mismatch unless the store has what the model has.
pub(crate) fn ensure_eq<T: PartialEq + fmt::Debug>(store: &T, model: &T, what: &str) -> Checked {
    ensure(store == model, || format!("{what}: the store has {store:?}, and the model {model:?}"))
}

impl From<StoreError> for Mismatch {
    fn from(error: StoreError) -> Self {
        Self(format!("the store failed: {error}"))
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

//! An argument that may be written once.

use proc_macro2::Ident;
use syn::Result;

use crate::diagnostics::error;

/// The value of an argument and its name as written, where later errors are reported.
pub(crate) struct SetOnce<T>(Option<(Ident, T)>);

impl<T> SetOnce<T> {
    /// Sets the value. The error for a second one ends with `remedy`: what to write instead.
    pub(crate) fn set(&mut self, name: &Ident, value: T, remedy: &str) -> Result<()> {
        if self.0.is_some() {
            return Err(error(name, format!("`{name}` is written twice: {remedy}")));
        }
        self.0 = Some((name.clone(), value));
        Ok(())
    }

    /// Returns the name as written, or `None` if the argument is absent.
    pub(crate) fn name(&self) -> Option<&Ident> {
        self.0.as_ref().map(|(name, _)| name)
    }

    /// Returns the value.
    pub(crate) fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    /// Returns this value, or else the `other` one.
    pub(crate) fn or(self, other: Self) -> Self {
        if self.0.is_some() { self } else { other }
    }

    /// Returns both values combined, or the one that is set.
    pub(crate) fn merge(self, other: Self, combine: impl FnOnce(T, T) -> T) -> Self {
        match (self.0, other.0) {
            (Some((name, value)), Some((_, other))) => Self(Some((name, combine(value, other)))),
            (own, other) => Self(own.or(other)),
        }
    }

    /// Returns the value.
    pub(crate) fn into_value(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self(None)
    }
}

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

//! An argument that may be written once.

use proc_macro2::Ident;
use syn::Result;

use crate::diagnostics::refuse;

/// The value of an argument and the name it was written by, which later refusals stand on.
pub(crate) struct SetOnce<T>(Option<(Ident, T)>);

impl<T> SetOnce<T> {
    /// Sets the value; `remedy` says what to do instead of writing the argument again.
    pub(crate) fn set(&mut self, name: &Ident, value: T, remedy: &str) -> Result<()> {
        if self.0.is_some() {
            return Err(refuse(name, format!("`{name}` is written twice: {remedy}")));
        }
        self.0 = Some((name.clone(), value));
        Ok(())
    }

    pub(crate) fn name(&self) -> Option<&Ident> {
        self.0.as_ref().map(|(name, _)| name)
    }

    pub(crate) fn value(&self) -> Option<&T> {
        self.0.as_ref().map(|(_, value)| value)
    }

    pub(crate) fn into_value(self) -> Option<T> {
        self.0.map(|(_, value)| value)
    }
}

impl<T> Default for SetOnce<T> {
    fn default() -> Self {
        Self(None)
    }
}

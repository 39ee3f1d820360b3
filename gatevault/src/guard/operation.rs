//! The operation of an API document that a guarded function implements.

/// The operation of an API document that a function implements, as the attribute on the function describes it:
/// `#[utoipa::path(..)]` or `#[oai(..)]`.
///
/// `#[guarded]` reads the attribute above or below `#[protected]`. It reads literals only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuardedOperation {
    /// The `operationId`. `#[utoipa::path]` uses the name of the function unless it has another. `None` if the attribute has an
    /// expression in its place, and for `#[oai(..)]` without one.
    pub id: Option<&'static str>,
    /// The path, without the prefix of a router. `None` if the attribute has none, or an expression in its place.
    pub path: Option<&'static str>,
    /// The methods, in lower case. Empty if the attribute has none.
    pub methods: &'static [&'static str],
}

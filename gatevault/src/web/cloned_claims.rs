//! The bound on the claims that an extractor or a layer copies out of a request.

/// Claims that an extractor can copy out of a request: every type that implements `Clone`.
#[diagnostic::on_unimplemented(
    message = "the claims `{Self}` do not implement `Clone`, which `Verified<{Self}>` needs as an extractor",
    label = "the request keeps the verified claims, and an extractor copies them",
    note = "derive `Clone` for `{Self}`: write `#[derive(Clone)]` above it"
)]
pub trait ClonedClaims: Clone {}

#[diagnostic::do_not_recommend]
impl<C: Clone> ClonedClaims for C {}

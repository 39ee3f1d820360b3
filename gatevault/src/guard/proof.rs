//! A compile-time check that a parameter named `Verified<_>` is the type of this library.

use crate::claims::Verified;

/// Marks [`Verified`], whose values exist only for verified tokens.
///
/// `#[guarded]` requires it of the parameter that makes a function guarded. It cannot be implemented elsewhere.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not `gatevault::Verified`, so the function is neither protected nor public",
    label = "another type of this name",
    note = "take a `gatevault::Verified<_>`, add `#[protected]`, or `#[public(reason = \"..\")]` if the function may be \
            called without a token"
)]
pub trait ProofOfToken: sealed::Sealed {
    /// A value that exists only for this type.
    #[doc(hidden)]
    const VERIFIED: ();
}

impl<C> ProofOfToken for Verified<C> {
    const VERIFIED: () = ();
}

mod sealed {
    use crate::claims::Verified;

    /// Prevents other implementations.
    pub trait Sealed {}

    impl<C> Sealed for Verified<C> {}
}

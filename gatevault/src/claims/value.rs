//! The bounds on the value of a claim: serde's traits, with compiler errors that name the fix.

use serde::{Deserialize, Serialize};

/// Marks a type that can be written as a claim: any `T: Serialize`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a claim",
    label = "cannot be serialized as a claim",
    note = "derive `gatevault::ClaimValue` for an enum or newtype, or `serde::Serialize` and `serde::Deserialize` for \
            your other types; for a foreign type put `#[claims(with = module)]` on the field"
)]
pub trait ToValue: Serialize {}

#[diagnostic::do_not_recommend]
impl<V: Serialize + ?Sized> ToValue for V {}

/// Marks a type that can be read from a claim of a token that lives for `'t`: any `T: Deserialize<'t>`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a claim",
    label = "cannot be deserialized from a claim",
    note = "derive `gatevault::ClaimValue` for an enum or newtype, or `serde::Serialize` and `serde::Deserialize` for \
            your other types; for a foreign type put `#[claims(with = module)]` on the field"
)]
pub trait FromValue<'t>: Deserialize<'t> {}

#[diagnostic::do_not_recommend]
impl<'t, V: Deserialize<'t>> FromValue<'t> for V {}

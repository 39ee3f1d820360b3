//! What a claim can hold: whatever serde can, said in our words where it cannot.

use serde::{Deserialize, Serialize};

/// A value that can be written as a claim.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a claim",
    label = "nobody knows how to write this into a token",
    note = "put `#[derive(gatevault::ClaimValue)]` on the type, or `#[claims(with = module)]` on the field"
)]
pub trait ToValue: Serialize {}

#[diagnostic::do_not_recommend]
impl<V: Serialize + ?Sized> ToValue for V {}

/// A value that can be read from a claim of a token that lives for `'t`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the value of a claim",
    label = "nobody knows how to read this from a token",
    note = "put `#[derive(gatevault::ClaimValue)]` on the type, or `#[claims(with = module)]` on the field"
)]
pub trait FromValue<'t>: Deserialize<'t> {}

#[diagnostic::do_not_recommend]
impl<'t, V: Deserialize<'t>> FromValue<'t> for V {}

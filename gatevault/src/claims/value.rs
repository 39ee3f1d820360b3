//! The bounds on the value of a claim: serde's traits, with compiler errors that name the fix.

use serde::de::{self, Deserializer, Visitor, value};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

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

/// The value of an absent claim: only an `Option` can be deserialized from it.
pub(super) struct AbsentClaim;

impl<'de> Deserializer<'de> for AbsentClaim {
    type Error = value::Error;

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, value::Error> {
        Err(de::Error::custom("absent"))
    }
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, value::Error> {
        visitor.visit_none()
    }
    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

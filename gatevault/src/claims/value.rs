//! What a claim can hold: whatever serde can, said in our words where it cannot.

use serde::de::{self, Deserializer, Visitor, value};
use serde::{Deserialize, Serialize, forward_to_deserialize_any};

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

/// A claim that is not there, as a value: only an `Option` can be read from it.
pub(super) struct Absent;

impl<'de> Deserializer<'de> for Absent {
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

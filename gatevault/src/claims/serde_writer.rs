//! Serializes a struct or a map as the claims of a token, member by member.

use std::collections::BTreeSet;
use std::fmt;

use serde::ser::{self, Impossible, Serialize, SerializeMap, SerializeStruct, Serializer};
use serde_json::Value;

use super::{ClaimWriter, RESERVED, UserId};
use crate::error::{InvalidReason, TokenError};

/// A serializer that writes the members of a struct or a map into a token.
pub(super) struct MemberWriter<'c, 'w> {
    claims: &'c mut ClaimWriter<'w>,
    user_id: &'c UserId,
    /// The names that are already written.
    names: BTreeSet<String>,
    /// The last key of a map, until its value follows.
    key: String,
}

impl<'c, 'w> MemberWriter<'c, 'w> {
    /// Creates a serializer for the claims after the subject, which is `user_id`.
    pub(super) fn new(claims: &'c mut ClaimWriter<'w>, user_id: &'c UserId) -> Self {
        Self { claims, user_id, names: BTreeSet::new(), key: String::new() }
    }

    /// Writes a member, unless the token manager writes it.
    fn member<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), TokenError> {
        if name == self.claims.subject_claim() {
            return must_equal(name, value, self.user_id);
        }
        if NEW_IN_EACH_TOKEN.contains(&name) {
            return Ok(());
        }
        if RESERVED.contains(&name) {
            return must_equal(name, value, &self.claims.issued(name));
        }
        if !self.names.insert(name.to_owned()) {
            return Err(InvalidReason::ReservedClaim(name.to_owned().into()).into());
        }
        self.claims.serialized(name, value)
    }
}

/// The registered claims that are new in each token, so a claims type cannot know them.
const NEW_IN_EACH_TOKEN: [&str; 4] = ["exp", "iat", "jti", "type"];

/// Rejects a claim that is neither null nor equal to the value that the manager writes, because the token would not contain
/// the claims that the caller gave.
fn must_equal<T: Serialize + ?Sized>(
    name: &str,
    value: &T,
    written: &impl Serialize,
) -> Result<(), TokenError> {
    let json = |value: Result<Value, serde_json::Error>| value.map_err(|_| TokenError::mistyped(name));
    let value = json(serde_json::to_value(value))?;
    if value.is_null() || value == json(serde_json::to_value(written))? {
        return Ok(());
    }
    Err(InvalidReason::ConflictingClaim(name.to_owned().into()).into())
}

impl SerializeStruct for MemberWriter<'_, '_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), WriteError> {
        Ok(self.member(name, value)?)
    }
    fn skip_field(&mut self, name: &'static str) -> Result<(), WriteError> {
        self.claims.left_out(name);
        Ok(())
    }
    fn end(self) -> Result<(), WriteError> {
        Ok(())
    }
}

impl SerializeMap for MemberWriter<'_, '_> {
    type Ok = ();
    type Error = WriteError;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), WriteError> {
        let Ok(Value::String(key)) = serde_json::to_value(key) else {
            return Err(NOT_AN_OBJECT.into());
        };
        self.key = key;
        Ok(())
    }
    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), WriteError> {
        let key = std::mem::take(&mut self.key);
        Ok(self.member(&key, value)?)
    }
    fn end(self) -> Result<(), WriteError> {
        Ok(())
    }
}

const NOT_AN_OBJECT: InvalidReason = InvalidReason::Claims("they must be a struct or a map with string keys");

macro_rules! not_an_object {
    ($($method:ident($($argument:ty),*) -> $output:ty;)+) => {
        $(fn $method(self, $(_: $argument),*) -> Result<$output, WriteError> {
            Err(NOT_AN_OBJECT.into())
        })+
    };
}

type Never = Impossible<(), WriteError>;
type Name = &'static str;

impl<'c, 'w> Serializer for MemberWriter<'c, 'w> {
    type Ok = ();
    type Error = WriteError;
    type SerializeSeq = Never;
    type SerializeTuple = Never;
    type SerializeTupleStruct = Never;
    type SerializeTupleVariant = Never;
    type SerializeMap = MemberWriter<'c, 'w>;
    type SerializeStruct = MemberWriter<'c, 'w>;
    type SerializeStructVariant = Never;

    fn serialize_map(self, _: Option<usize>) -> Result<Self, WriteError> {
        Ok(self)
    }
    fn serialize_struct(self, _: Name, _: usize) -> Result<Self, WriteError> {
        Ok(self)
    }
    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: Name, value: &T) -> Result<(), WriteError> {
        value.serialize(self)
    }
    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), WriteError> {
        value.serialize(self)
    }
    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: Name,
        _: u32,
        _: Name,
        _: &T,
    ) -> Result<(), WriteError> {
        Err(NOT_AN_OBJECT.into())
    }
    not_an_object! {
        serialize_bool(bool) -> ();
        serialize_i8(i8) -> ();
        serialize_i16(i16) -> ();
        serialize_i32(i32) -> ();
        serialize_i64(i64) -> ();
        serialize_u8(u8) -> ();
        serialize_u16(u16) -> ();
        serialize_u32(u32) -> ();
        serialize_u64(u64) -> ();
        serialize_f32(f32) -> ();
        serialize_f64(f64) -> ();
        serialize_char(char) -> ();
        serialize_str(&str) -> ();
        serialize_bytes(&[u8]) -> ();
        serialize_none() -> ();
        serialize_unit() -> ();
        serialize_unit_struct(Name) -> ();
        serialize_unit_variant(Name, u32, Name) -> ();
        serialize_seq(Option<usize>) -> Never;
        serialize_tuple(usize) -> Never;
        serialize_tuple_struct(Name, usize) -> Never;
        serialize_tuple_variant(Name, u32, Name, usize) -> Never;
        serialize_struct_variant(Name, u32, Name, usize) -> Never;
    }
}

/// A [`TokenError`] as a serde error.
#[derive(Debug)]
pub(super) struct WriteError(TokenError);

impl From<TokenError> for WriteError {
    fn from(error: TokenError) -> Self {
        Self(error)
    }
}

impl From<InvalidReason> for WriteError {
    fn from(reason: InvalidReason) -> Self {
        Self(reason.into())
    }
}

impl From<WriteError> for TokenError {
    fn from(error: WriteError) -> Self {
        error.0
    }
}

/// Errors that the claims type reports itself. Their messages may contain claims, so they are dropped.
impl ser::Error for WriteError {
    fn custom<T: fmt::Display>(_: T) -> Self {
        InvalidReason::Claims("their type cannot be serialized").into()
    }
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl std::error::Error for WriteError {}

//! A fast JSON parser for the claims of most tokens: one object of strings, integers, booleans and lists of them, without
//! whitespace or escapes.
//!
//! It runs before `serde_json` and returns the same values. Anything else is [`Unsupported`], and parsing starts over in
//! `serde_json`: this parser never decides that a token is malformed. The caller detects duplicate names.

#[cfg(test)]
mod tests;

use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::scan::{eight_digits, plain_bytes};

/// A parser inside an object.
pub(super) struct Flat<'t> {
    /// The unread input.
    rest: &'t str,
    place: Place,
}

/// The place of a parser in its object.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Before the first name.
    First,
    /// At or after the first name.
    Later,
    /// Inside a list. The parser stays here if the list was not read to its end, or if a value is missing: no name follows.
    List,
}

/// Input for `serde_json`: an escape, a fraction, a nested object, or malformed JSON.
#[derive(Debug)]
pub(super) struct Unsupported;

impl<'t> Flat<'t> {
    /// Opens the object.
    pub(super) fn open(json: &'t str) -> Option<Self> {
        Some(Self { rest: json.strip_prefix('{')?, place: Place::First })
    }

    /// Returns whether the object was read to its end and nothing follows it.
    #[inline]
    pub(super) fn is_closed(&self) -> bool {
        self.rest == "}" && self.place != Place::List
    }

    #[inline]
    fn next(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    /// Consumes `word`, which must be next.
    #[inline]
    fn expect(&mut self, word: &str) -> Result<(), Unsupported> {
        self.rest = self.rest.strip_prefix(word).ok_or(Unsupported)?;
        Ok(())
    }

    #[inline]
    fn take(&mut self, bytes: usize) -> Result<&'t str, Unsupported> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(Unsupported)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn string(&mut self) -> Result<&'t str, Unsupported> {
        let rest = self.rest.strip_prefix('"').ok_or(Unsupported)?;
        self.string_before("\"", rest)
    }

    /// Consumes a string at the beginning of `rest`, and the word after it, which begins with the closing quote.
    #[inline]
    fn string_before(&mut self, after: &str, rest: &'t str) -> Result<&'t str, Unsupported> {
        let (string, rest) = rest.split_at_checked(plain_bytes(rest.as_bytes())).ok_or(Unsupported)?;
        self.rest = rest.strip_prefix(after).ok_or(Unsupported)?;
        Ok(string)
    }

    fn number(&mut self) -> Result<u64, Unsupported> {
        let rest = self.rest.as_bytes();
        let (mut number, mut digits) = match rest.first_chunk().and_then(|digits| eight_digits(*digits)) {
            Some(number) => (number, 8_usize),
            None => (0_u64, 0),
        };
        while let Some(digit @ 0..=9) = rest.get(digits).map(|byte| byte.wrapping_sub(b'0')) {
            // Wrapping is harmless: more digits than fit are rejected below.
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            digits = digits.wrapping_add(1);
        }
        let has_leading_zero = digits > 1 && rest.first() == Some(&b'0');
        if !(1..=MOST_DIGITS).contains(&digits)
            || has_leading_zero
            || matches!(rest.get(digits), Some(b'.' | b'e' | b'E'))
        {
            return Err(Unsupported);
        }
        self.take(digits).map(|_| number)
    }

    fn boolean(&mut self) -> Result<bool, Unsupported> {
        let value = self.next() == Some(b't');
        self.expect(if value { "true" } else { "false" })?;
        Ok(value)
    }

    fn visit_plain_string<V: Visitor<'t>>(&mut self, visitor: V) -> Result<V::Value, Unsupported> {
        visitor.visit_borrowed_str(self.string()?)
    }

    fn visit_number<V: Visitor<'t>>(&mut self, visitor: V) -> Result<V::Value, Unsupported> {
        visitor.visit_u64(self.number()?)
    }
}

/// Reads an object with the fast parser. `None` means that `serde_json` must read it.
pub(crate) fn read_flat<'t, V: Visitor<'t>>(json: &'t str, visitor: V) -> Option<V::Value> {
    let mut members = Flat::open(json)?;
    let value = visitor.visit_map(&mut members).ok()?;
    members.is_closed().then_some(value)
}

impl<'t> MapAccess<'t> for Flat<'t> {
    type Error = Unsupported;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Unsupported> {
        let rest = match self.place {
            Place::Later => self.rest.strip_prefix(",\""),
            Place::First => self.rest.strip_prefix('"'),
            Place::List => return Err(Unsupported),
        };
        let Some(rest) = rest else {
            return if self.is_closed() { Ok(None) } else { Err(Unsupported) };
        };
        self.place = Place::Later;
        let name = self.string_before("\":", rest)?;
        // A claims type may ignore the error of a value, but not that there is none.
        if matches!(self.next(), None | Some(b',' | b'}')) {
            self.place = Place::List;
            return Err(Unsupported);
        }
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Unsupported> {
        seed.deserialize(self)
    }
}

/// A parser inside a list.
struct List<'f, 't> {
    flat: &'f mut Flat<'t>,
    is_first: bool,
}

impl<'t> SeqAccess<'t> for List<'_, 't> {
    type Error = Unsupported;

    fn next_element_seed<T: DeserializeSeed<'t>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Unsupported> {
        if self.flat.next() == Some(b']') {
            return Ok(None);
        }
        let rest = if self.is_first { Some(self.flat.rest) } else { self.flat.rest.strip_prefix(',') };
        // Nothing is consumed before the element is there: a claims type may ignore the error.
        let rest = rest.filter(|rest| !rest.starts_with([',', ']'])).ok_or(Unsupported)?;
        self.flat.rest = rest;
        self.is_first = false;
        seed.deserialize(&mut *self.flat).map(Some)
    }
}

macro_rules! deserialize_as {
    ($read:ident: $($method:ident)+) => {
        $(#[inline]
        fn $method<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unsupported> {
            self.$read(visitor)
        })+
    };
}

macro_rules! left_to_serde_json {
    ($($method:ident($($argument:ty),*))+) => {
        $(fn $method<V: Visitor<'t>>(self, $(_: $argument,)* _: V) -> Result<V::Value, Unsupported> {
            Err(Unsupported)
        })+
    };
}

/// Each method accepts what `serde_json`'s method accepts, or less.
impl<'t> Deserializer<'t> for &mut Flat<'t> {
    type Error = Unsupported;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        match self.next() {
            Some(b'"') => self.visit_plain_string(visitor),
            Some(b'0'..=b'9') => self.visit_number(visitor),
            Some(b't' | b'f') => visitor.visit_bool(self.boolean()?),
            Some(b'[') => self.deserialize_seq(visitor),
            Some(b'n') => {
                self.expect("null")?;
                visitor.visit_unit()
            }
            _ => Err(Unsupported),
        }
    }
    deserialize_as!(visit_number: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_f32 deserialize_f64);
    deserialize_as!(visit_plain_string: deserialize_str deserialize_string deserialize_char deserialize_identifier);
    deserialize_as!(deserialize_any: deserialize_ignored_any);
    left_to_serde_json!(deserialize_bytes() deserialize_byte_buf() deserialize_unit() deserialize_map()
        deserialize_unit_struct(&'static str) deserialize_tuple(usize) deserialize_tuple_struct(&'static str, usize)
        deserialize_struct(&'static str, &'static [&'static str]));

    fn deserialize_bool<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        visitor.visit_bool(self.boolean()?)
    }
    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        if self.next() == Some(b'n') {
            self.expect("null")?;
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }
    fn deserialize_newtype_struct<V: Visitor<'t>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Unsupported> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unsupported> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.string()?))
    }
    fn deserialize_seq<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unsupported> {
        // Nested lists are unsupported, because they could be arbitrarily deep.
        if self.place == Place::List {
            return Err(Unsupported);
        }
        self.expect("[")?;
        self.place = Place::List;
        let list = visitor.visit_seq(List { flat: self, is_first: true })?;
        self.place = Place::Later;
        self.expect("]")?;
        Ok(list)
    }
}

/// The most digits that always fit into a `u64`.
const MOST_DIGITS: usize = 19;

impl de::Error for Unsupported {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("left to serde_json")
    }
}

impl std::error::Error for Unsupported {}

//! A fast JSON parser for the claims of most tokens: one object of strings, integers, booleans and lists of them, without
//! whitespace or escapes.
//!
//! It runs before `serde_json` and returns the same values. Anything else is [`Unsupported`], and parsing starts over in
//! `serde_json`: this parser never decides that a token is malformed. The caller detects duplicate names.

use std::fmt;
use std::mem;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// A parser inside an object.
pub(super) struct Flat<'t> {
    /// The unread input.
    rest: &'t str,
    /// No name has been read yet.
    is_first: bool,
    /// Inside a list. It stays set if the list was not read to its end.
    in_list: bool,
}

/// Input for `serde_json`: an escape, a fraction, a nested object, or malformed JSON.
#[derive(Debug)]
pub(super) struct Unsupported;

impl<'t> Flat<'t> {
    /// Opens the object.
    pub(super) fn open(json: &'t str) -> Option<Self> {
        Some(Self { rest: json.strip_prefix('{')?, is_first: true, in_list: false })
    }

    /// Returns whether the object was read to its end and nothing follows it.
    pub(super) fn is_closed(&self) -> bool {
        self.rest == "}"
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
        let (string, rest) = rest.split_at_checked(plain_bytes(rest.as_bytes())).ok_or(Unsupported)?;
        self.rest = rest.strip_prefix('"').ok_or(Unsupported)?;
        Ok(string)
    }

    fn number(&mut self) -> Result<u64, Unsupported> {
        let rest = self.rest.as_bytes();
        let (mut number, mut digits) = (0_u64, 0_usize);
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

/// Returns the number of bytes before the first quote, backslash or control character, eight bytes at a time (SWAR).
fn plain_bytes(input: &[u8]) -> usize {
    let (words, rest) = input.as_chunks::<8>();
    for (position, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            // Nothing wraps: the result is a position in the input.
            return position.wrapping_mul(8).wrapping_add(lowest_byte(special));
        }
    }
    let plain = rest.iter().take_while(|byte| **byte >= b' ' && **byte != b'"' && **byte != b'\\').count();
    input.len().wrapping_sub(rest.len()).wrapping_add(plain)
}

/// Sets the highest bit of each of eight bytes that is a quote, a backslash or a control character.
///
/// Only the lowest set bit is reliable, because the subtractions borrow.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    let all = |byte: u8| ONES.wrapping_mul(byte.into());
    // After this bit is flipped, the quote and the control characters are the only bytes up to a space.
    let quote_or_control = (word ^ all(b'"' ^ b' ')).wrapping_sub(all(b' '.wrapping_add(1)));
    let backslash = (word ^ all(b'\\')).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGHEST
}

fn lowest_byte(bits: u64) -> usize {
    (bits.trailing_zeros() / 8).try_into().unwrap_or_default()
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
        if self.next() == Some(b'}') {
            return Ok(None);
        }
        if self.in_list {
            return Err(Unsupported);
        }
        if !mem::replace(&mut self.is_first, false) {
            self.expect(",")?;
        }
        let name = self.string()?;
        self.expect(":")?;
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
        if !self.is_first {
            self.flat.expect(",")?;
        }
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
        if self.in_list {
            return Err(Unsupported);
        }
        self.expect("[")?;
        self.in_list = true;
        let list = visitor.visit_seq(List { flat: self, is_first: true })?;
        self.in_list = false;
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

//! A reader for what the claims of most tokens are: one object of plain texts, whole numbers, truths and lists of
//! these, without spaces or escapes. Who reads it looks for repeated names.
//!
//! It stands in front of `serde_json` and hands over the same values. Whatever it does not know is [`Unfamiliar`], and
//! the reading starts over there: nothing is ever refused here.

use std::fmt;
use std::mem;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// An object that is being read.
pub(super) struct Flat<'t> {
    /// What is not read yet.
    rest: &'t str,
    /// Whether the object's first name is still to come.
    is_fresh: bool,
    /// Set for good when a list was left before its end.
    in_list: bool,
}

/// Something that is left to `serde_json`, be it an escape, a fraction, or no JSON at all.
#[derive(Debug)]
pub(super) struct Unfamiliar;

impl<'t> Flat<'t> {
    /// Opens the object.
    pub(super) fn open(json: &'t str) -> Option<Self> {
        Some(Self { rest: json.strip_prefix('{')?, is_fresh: true, in_list: false })
    }

    /// Whether the object was read to its end, and nothing stands behind it.
    pub(super) fn is_closed(&self) -> bool {
        self.rest == "}"
    }

    #[inline]
    fn next(&self) -> Option<u8> {
        self.rest.as_bytes().first().copied()
    }

    /// Passes over `word`, which must be next.
    #[inline]
    fn expect(&mut self, word: &str) -> Result<(), Unfamiliar> {
        self.rest = self.rest.strip_prefix(word).ok_or(Unfamiliar)?;
        Ok(())
    }

    #[inline]
    fn take(&mut self, bytes: usize) -> Result<&'t str, Unfamiliar> {
        let (taken, rest) = self.rest.split_at_checked(bytes).ok_or(Unfamiliar)?;
        self.rest = rest;
        Ok(taken)
    }

    #[inline]
    fn text(&mut self) -> Result<&'t str, Unfamiliar> {
        let rest = self.rest.strip_prefix('"').ok_or(Unfamiliar)?;
        let (text, rest) = rest.split_at_checked(plain_bytes(rest.as_bytes())).ok_or(Unfamiliar)?;
        self.rest = rest.strip_prefix('"').ok_or(Unfamiliar)?;
        Ok(text)
    }

    fn number(&mut self) -> Result<u64, Unfamiliar> {
        let rest = self.rest.as_bytes();
        let (mut number, mut digits) = (0_u64, 0_usize);
        while let Some(digit @ 0..=9) = rest.get(digits).map(|byte| byte.wrapping_sub(b'0')) {
            // Neither wraps where it counts: no more digits are accepted than fit.
            number = number.wrapping_mul(10).wrapping_add(digit.into());
            digits = digits.wrapping_add(1);
        }
        let has_one_spelling = digits == 1 || rest.first() != Some(&b'0');
        if !(1..=MOST_DIGITS).contains(&digits)
            || !has_one_spelling
            || matches!(rest.get(digits), Some(b'.' | b'e' | b'E'))
        {
            return Err(Unfamiliar);
        }
        self.take(digits).map(|_| number)
    }

    fn truth(&mut self) -> Result<bool, Unfamiliar> {
        let truth = self.next() == Some(b't');
        self.expect(if truth { "true" } else { "false" })?;
        Ok(truth)
    }

    fn visit_text<V: Visitor<'t>>(&mut self, visitor: V) -> Result<V::Value, Unfamiliar> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn visit_number<V: Visitor<'t>>(&mut self, visitor: V) -> Result<V::Value, Unfamiliar> {
        visitor.visit_u64(self.number()?)
    }
}

/// How many bytes of a text stand as they are, up to its end or to what is escaped or has no place in one.
fn plain_bytes(text: &[u8]) -> usize {
    let (words, rest) = text.as_chunks::<8>();
    for (position, word) in words.iter().enumerate() {
        let special = special_bytes(u64::from_le_bytes(*word));
        if special != 0 {
            // Nothing here wraps: these are places in the text.
            return position.wrapping_mul(8).wrapping_add(lowest_byte(special));
        }
    }
    let plain = rest.iter().take_while(|byte| **byte >= b' ' && **byte != b'"' && **byte != b'\\').count();
    text.len().wrapping_sub(rest.len()).wrapping_add(plain)
}

/// Marks the highest bit of each of eight bytes that is a quote, a backslash or a control character. Above the lowest
/// mark there may be wrong ones, for the subtractions borrow.
fn special_bytes(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHEST: u64 = 0x8080_8080_8080_8080;
    let all = |byte: u8| ONES.wrapping_mul(byte.into());
    // Only the quote and the control characters are no more than a space once this one bit is turned.
    let quote_or_control = (word ^ all(b'"' ^ b' ')).wrapping_sub(all(b' '.wrapping_add(1)));
    let backslash = (word ^ all(b'\\')).wrapping_sub(ONES);
    (quote_or_control | backslash) & !word & HIGHEST
}

fn lowest_byte(marks: u64) -> usize {
    (marks.trailing_zeros() / 8).try_into().unwrap_or_default()
}

impl<'t> MapAccess<'t> for Flat<'t> {
    type Error = Unfamiliar;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfamiliar> {
        if self.next() == Some(b'}') {
            return Ok(None);
        }
        if self.in_list {
            return Err(Unfamiliar);
        }
        if !mem::replace(&mut self.is_fresh, false) {
            self.expect(",")?;
        }
        let name = self.text()?;
        self.expect(":")?;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Unfamiliar> {
        seed.deserialize(self)
    }
}

/// The elements of a list, of which the first has none before it.
struct List<'f, 't> {
    flat: &'f mut Flat<'t>,
    is_first: bool,
}

impl<'t> SeqAccess<'t> for List<'_, 't> {
    type Error = Unfamiliar;

    fn next_element_seed<T: DeserializeSeed<'t>>(&mut self, seed: T) -> Result<Option<T::Value>, Unfamiliar> {
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

macro_rules! read_alike {
    ($read:ident: $($method:ident)+) => {
        $(#[inline]
        fn $method<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unfamiliar> {
            self.$read(visitor)
        })+
    };
}

macro_rules! left_to_serde_json {
    ($($method:ident($($argument:ty),*))+) => {
        $(fn $method<V: Visitor<'t>>(self, $(_: $argument,)* _: V) -> Result<V::Value, Unfamiliar> {
            Err(Unfamiliar)
        })+
    };
}

/// Each method takes what `serde_json`'s takes, or less.
impl<'t> Deserializer<'t> for &mut Flat<'t> {
    type Error = Unfamiliar;

    fn deserialize_any<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unfamiliar> {
        match self.next() {
            Some(b'"') => self.visit_text(visitor),
            Some(b'0'..=b'9') => self.visit_number(visitor),
            Some(b't' | b'f') => visitor.visit_bool(self.truth()?),
            Some(b'[') => self.deserialize_seq(visitor),
            Some(b'n') => {
                self.expect("null")?;
                visitor.visit_unit()
            }
            _ => Err(Unfamiliar),
        }
    }
    read_alike!(visit_number: deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_f32 deserialize_f64);
    read_alike!(visit_text: deserialize_str deserialize_string deserialize_char deserialize_identifier);
    read_alike!(deserialize_any: deserialize_ignored_any);
    left_to_serde_json!(deserialize_bytes() deserialize_byte_buf() deserialize_unit() deserialize_map()
        deserialize_unit_struct(&'static str) deserialize_tuple(usize) deserialize_tuple_struct(&'static str, usize)
        deserialize_struct(&'static str, &'static [&'static str]));

    fn deserialize_bool<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unfamiliar> {
        visitor.visit_bool(self.truth()?)
    }
    fn deserialize_option<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unfamiliar> {
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
    ) -> Result<V::Value, Unfamiliar> {
        visitor.visit_newtype_struct(self)
    }
    fn deserialize_enum<V: Visitor<'t>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Unfamiliar> {
        visitor.visit_enum(BorrowedStrDeserializer::new(self.text()?))
    }
    fn deserialize_seq<V: Visitor<'t>>(self, visitor: V) -> Result<V::Value, Unfamiliar> {
        // One list in another could go on without end.
        if self.in_list {
            return Err(Unfamiliar);
        }
        self.expect("[")?;
        self.in_list = true;
        let list = visitor.visit_seq(List { flat: self, is_first: true })?;
        self.in_list = false;
        self.expect("]")?;
        Ok(list)
    }
}

/// As many digits as every `u64` has space for.
const MOST_DIGITS: usize = 19;

impl de::Error for Unfamiliar {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

impl fmt::Display for Unfamiliar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("left to serde_json")
    }
}

impl std::error::Error for Unfamiliar {}

//! A reader for what the claims of most tokens are: one object of plain texts, whole numbers, truths and lists of
//! these, without spaces, escapes or repeated names.
//!
//! It stands in front of `serde_json` and hands over the same values. Whatever it does not know is [`Unfamiliar`], and
//! the reading starts over there: nothing is ever refused here.

use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

/// An object that is being read.
pub(super) struct Flat<'t> {
    /// What has not been read yet.
    rest: &'t str,
    names: Names<'t>,
    /// Set for good when a list was left before its end.
    in_list: bool,
}

/// Something that is left to `serde_json`, be it an escape, a fraction, or no JSON at all.
#[derive(Debug)]
pub(super) struct Unfamiliar;

impl<'t> Flat<'t> {
    /// Opens the object.
    pub(super) fn open(json: &'t str) -> Option<Self> {
        Some(Self { rest: json.strip_prefix('{')?, names: Names::default(), in_list: false })
    }

    /// Whether the object was read to its end, and nothing stands behind it.
    pub(super) fn is_closed(&self) -> bool {
        self.rest == "}"
    }

    fn starts_with(&self, byte: u8) -> bool {
        self.rest.as_bytes().first() == Some(&byte)
    }

    /// Passes over `word`, which must be next.
    fn expect(&mut self, word: &str) -> Result<(), Unfamiliar> {
        self.rest = self.rest.strip_prefix(word).ok_or(Unfamiliar)?;
        Ok(())
    }

    fn text(&mut self) -> Result<&'t str, Unfamiliar> {
        self.expect("\"")?;
        let is_plain = |byte: u8| byte >= b' ' && byte != b'"' && byte != b'\\';
        let end = self.rest.bytes().position(|byte| !is_plain(byte)).ok_or(Unfamiliar)?;
        let (text, rest) = self.rest.split_at_checked(end).ok_or(Unfamiliar)?;
        self.rest = rest;
        self.expect("\"")?;
        Ok(text)
    }

    fn number(&mut self) -> Result<u64, Unfamiliar> {
        let end = self.rest.bytes().position(|byte| !byte.is_ascii_digit()).ok_or(Unfamiliar)?;
        let (digits, rest) = self.rest.split_at_checked(end).ok_or(Unfamiliar)?;
        if matches!(rest.as_bytes().first(), Some(b'.' | b'e' | b'E')) || (end > 1 && digits.starts_with('0'))
        {
            return Err(Unfamiliar);
        }
        self.rest = rest;
        digits.parse().map_err(|_| Unfamiliar)
    }

    fn visit_text<V: Visitor<'t>>(&mut self, visitor: V) -> Result<V::Value, Unfamiliar> {
        visitor.visit_borrowed_str(self.text()?)
    }

    fn visit_number<V: Visitor<'t>>(&mut self, visitor: V) -> Result<V::Value, Unfamiliar> {
        visitor.visit_u64(self.number()?)
    }

    fn truth(&mut self) -> Result<bool, Unfamiliar> {
        let truth = self.starts_with(b't');
        self.expect(if truth { "true" } else { "false" })?;
        Ok(truth)
    }
}

impl<'t> MapAccess<'t> for Flat<'t> {
    type Error = Unfamiliar;

    #[inline]
    fn next_key_seed<K: DeserializeSeed<'t>>(&mut self, seed: K) -> Result<Option<K::Value>, Unfamiliar> {
        if self.starts_with(b'}') {
            return Ok(None);
        }
        if self.in_list {
            return Err(Unfamiliar);
        }
        if !self.names.is_empty() {
            self.expect(",")?;
        }
        let name = self.text()?;
        self.names.add(name)?;
        seed.deserialize(BorrowedStrDeserializer::new(name)).map(Some)
    }

    #[inline]
    fn next_value_seed<V: DeserializeSeed<'t>>(&mut self, seed: V) -> Result<V::Value, Unfamiliar> {
        self.expect(":")?;
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
        if self.flat.starts_with(b']') {
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
        match self.rest.as_bytes().first() {
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
        if self.starts_with(b'n') {
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

/// The names that were there, to find one that is repeated.
#[derive(Default)]
struct Names<'t> {
    seen: [&'t str; MOST_NAMES],
    count: usize,
    /// A bit for each, by which most are known to be new.
    marks: u64,
}

impl<'t> Names<'t> {
    fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Adds a name that was not there, while there is space.
    fn add(&mut self, name: &'t str) -> Result<(), Unfamiliar> {
        let mark = mark(name);
        let before = self.seen.get(..self.count).ok_or(Unfamiliar)?;
        if self.marks & mark != 0 && before.contains(&name) {
            return Err(Unfamiliar);
        }
        *self.seen.get_mut(self.count).ok_or(Unfamiliar)? = name;
        self.count = self.count.saturating_add(1);
        self.marks |= mark;
        Ok(())
    }
}

/// One of 64 bits, the same for the same name.
fn mark(name: &str) -> u64 {
    let (first, last) = (name.as_bytes().first().copied(), name.as_bytes().last().copied());
    let ends = first.unwrap_or_default() ^ last.unwrap_or_default().rotate_left(2);
    1_u64.rotate_left(u32::from(ends).wrapping_add(name.len().try_into().unwrap_or_default()))
}

const MOST_NAMES: usize = 24;

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

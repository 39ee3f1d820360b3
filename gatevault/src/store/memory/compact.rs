//! Strings as `MemorySessions` keeps them: inline if they have the usual form, so that a comparison reads no other memory.
//!
//! Among a million sessions, each place of memory that a rotation reads is one that no cache has.

use std::num::NonZeroU64;

use crate::random::hyphenated;

/// The id of a session or of a token: 16 bytes for a UUID in its string form, and a box for any other string.
///
/// Each string has one form, so that equal ids are equal strings. A UUID in upper case is another string than that in lower case.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct CompactId(Repr);

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Repr {
    /// The lower half has the variant of RFC 9562, so that it is never zero. The compiler marks the other case
    /// by that zero.
    Uuid {
        high: u64,
        low: NonZeroU64,
    },
    // A thin pointer, since a wide one would make every id larger.
    Other(Box<Box<str>>),
}

impl CompactId {
    /// Returns the string that the id was made of.
    pub(super) fn string(&self) -> String {
        match &self.0 {
            Repr::Uuid { high, low } => {
                let digits = hyphenated(u128::from(*high) << u64::BITS | u128::from(low.get()));
                str::from_utf8(&digits).unwrap_or_default().to_owned()
            }
            Repr::Other(id) => id.to_string(),
        }
    }
}

impl From<&str> for CompactId {
    fn from(id: &str) -> Self {
        Self(uuid(id).unwrap_or_else(|| Repr::Other(Box::new(id.into()))))
    }
}

/// Compares with a string, without memory for it.
impl PartialEq<str> for CompactId {
    fn eq(&self, id: &str) -> bool {
        match &self.0 {
            Repr::Uuid { .. } => uuid(id).is_some_and(|uuid| uuid == self.0),
            Repr::Other(own) => &***own == id,
        }
    }
}

/// Parses a UUID in lower case with hyphens, of the variant that RFC 9562 defines. Returns `None` for any other string.
fn uuid(id: &str) -> Option<Repr> {
    let (first, rest) = id.as_bytes().split_first_chunk::<8>()?;
    let (second, rest) = hyphen_and_four(rest)?;
    let (third, rest) = hyphen_and_four(rest)?;
    let (fourth, rest) = hyphen_and_four(rest)?;
    let (fifth, rest) = hyphen_and_four(rest)?;
    let last = <[u8; 8]>::try_from(rest).ok()?;
    let high = sixteen_digits(u64::from_be_bytes(*first), second << 32 | third)?;
    let low = sixteen_digits(fourth << 32 | fifth, u64::from_be_bytes(last))?;
    let low = NonZeroU64::new(low).filter(|low| low.get() >> 62 == 0b10)?;
    Some(Repr::Uuid { high, low })
}

/// Splits a hyphen and four characters off. Returns the characters, the first one in the highest byte.
fn hyphen_and_four(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let ([b'-', four @ ..], rest) = bytes.split_first_chunk::<5>()? else { return None };
    Some((u32::from_be_bytes(*four).into(), rest))
}

fn sixteen_digits(high: u64, low: u64) -> Option<u64> {
    Some(u64::from(eight_digits(high)?) << 32 | u64::from(eight_digits(low)?))
}

/// Returns the value of eight hexadecimal digits in lower case, the first one in the highest byte.
///
/// Works on all bytes at once, because each rotation parses several ids.
fn eight_digits(digits: u64) -> Option<u32> {
    // Wrong for other characters, whose result has other digits.
    let letters = digits >> 6 & 0x0101_0101_0101_0101;
    let values = (digits & 0x0f0f_0f0f_0f0f_0f0f).wrapping_add(letters.wrapping_mul(9));
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    let value = u32::try_from((fours | fours >> 16) & 0xffff_ffff).ok()?;
    (hex_digits(value) == digits).then_some(value)
}

/// Returns the eight hexadecimal digits of a value, in lower case, the first one in the highest byte.
fn hex_digits(value: u32) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    /// The distance from the character after `9` to `a`.
    const LETTERS: u64 = 39;
    let fours = (u64::from(value) | u64::from(value) << 16) & 0x0000_ffff_0000_ffff;
    let pairs = (fours | fours << 8) & 0x00ff_00ff_00ff_00ff;
    let values = (pairs | pairs << 4) & 0x0f0f_0f0f_0f0f_0f0f;
    let above_nine = values.wrapping_add(ONES.wrapping_mul(6)) >> 4 & ONES;
    let digits = values.wrapping_add(ONES.wrapping_mul(b'0'.into()));
    digits.wrapping_add(above_nine.wrapping_mul(LETTERS))
}

/// A string that is kept inline if it is short, such as a security stamp.
pub(super) enum ShortString {
    Inline { len: u8, bytes: [u8; MOST_INLINE] },
    Boxed(Box<str>),
}

impl From<&str> for ShortString {
    fn from(text: &str) -> Self {
        let mut bytes = [0; MOST_INLINE];
        let room = bytes.get_mut(..text.len());
        match (room, u8::try_from(text.len())) {
            (Some(room), Ok(len)) => {
                room.copy_from_slice(text.as_bytes());
                Self::Inline { len, bytes }
            }
            _ => Self::Boxed(text.into()),
        }
    }
}

impl PartialEq<str> for ShortString {
    fn eq(&self, text: &str) -> bool {
        match self {
            Self::Inline { len, bytes } => bytes.get(..usize::from(*len)) == Some(text.as_bytes()),
            Self::Boxed(own) => **own == *text,
        }
    }
}

/// The length up to which a string is kept inline. A digest in base64url, such as a security stamp, has 43 characters.
const MOST_INLINE: usize = 46;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const UUID: &str = "0123abcd-4567-489e-bf00-99aa5f6e7d8c";

    fn is_inline(id: &CompactId) -> bool {
        matches!(id.0, Repr::Uuid { .. })
    }

    /// Returns the UUID with each of its characters replaced by each byte of ASCII.
    fn changed() -> impl Iterator<Item = String> {
        (0..UUID.len()).flat_map(|position| {
            (0..128_u8).map(move |byte| {
                let mut bytes = UUID.as_bytes().to_vec();
                bytes[position] = byte;
                String::from_utf8(bytes).unwrap()
            })
        })
    }

    #[test]
    fn an_id_takes_sixteen_bytes_and_a_stamp_forty_eight() {
        assert_eq!((size_of::<CompactId>(), size_of::<ShortString>()), (16, 48));
    }

    #[test]
    fn a_uuid_in_lower_case_is_kept_inline_and_any_other_string_in_a_box() {
        for id in [UUID, "00000000-0000-4000-8000-000000000000", "ffffffff-ffff-8fff-bfff-ffffffffffff"] {
            assert!(is_inline(&id.into()), "{id}");
        }
        let compact = UUID.replace('-', "");
        let (long, short, upper) = (format!("{UUID}0"), UUID.get(..35).unwrap(), UUID.to_uppercase());
        let nil = "00000000-0000-0000-0000-000000000000";
        for id in ["", nil, &compact, &long, short, &upper, "s\u{e9}ssion", &"x".repeat(10_000)] {
            assert!(!is_inline(&id.into()), "{id}");
        }
    }

    #[test]
    fn an_id_returns_the_string_that_it_was_made_of() {
        let (mut inline, mut strings) = (0, HashSet::new());
        for string in changed().chain([String::new(), UUID.to_uppercase(), "\u{e9}".repeat(18)]) {
            let id = CompactId::from(string.as_str());
            assert_eq!(id.string(), string);
            inline += usize::from(is_inline(&id));
            strings.insert(string);
        }
        // 31 digits of 16 values, one of the variant of 4, and the UUID itself in each of the 36 positions.
        assert_eq!(inline, 31 * 16 + 4 + 4);
        assert_eq!(strings.len(), 36 * 127 + 1 + 3);
    }

    #[test]
    fn ids_are_equal_only_if_their_strings_are() {
        let id = CompactId::from(UUID);
        for string in changed().chain([String::new(), UUID.to_uppercase()]) {
            let other = CompactId::from(string.as_str());
            let is_same = string == UUID;
            assert_eq!((id == other, id == *string, other == *UUID), (is_same, is_same, is_same), "{string}");
            assert!(other == *string);
        }
    }

    #[test]
    fn stamps_are_equal_only_if_their_strings_are() {
        let lengths = [0, 2, 42, 44, 46, 48, 80];
        let strings = lengths.map(|length| "\u{e9}".repeat(length / 2));
        let more = ["stamp", "stamq", "\0", "e"].map(str::to_owned);
        for one in strings.iter().chain(&more) {
            let kept = ShortString::from(one.as_str());
            for other in strings.iter().chain(&more) {
                assert_eq!(kept == **other, one == other, "{one} {other}");
            }
        }
        assert!(matches!(ShortString::from(&*"x".repeat(MOST_INLINE)), ShortString::Inline { .. }));
    }
}

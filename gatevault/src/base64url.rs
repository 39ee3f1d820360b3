//! base64url without padding (RFC 7515 section 2). Each byte sequence has exactly one accepted encoding.
//!
//! The decoder rejects padding, non-zero spare bits and every character outside the alphabet. A token therefore has
//! one spelling, which caches and deny lists can rely on.

use std::sync::LazyLock;

use base64::Engine as _;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
use base64::engine::GeneralPurpose as Simd;
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

/// Appends the encoding of `bytes` to `text`.
pub(crate) fn encode(bytes: &[u8], text: &mut String) {
    // `encode_string` clears 1024 bytes, which costs more than a signature takes to encode.
    let mut buffer = [0; MOST_ENCODED];
    let length = ENGINE.encode_slice(bytes, &mut buffer).ok();
    match length.and_then(|length| str::from_utf8(buffer.get(..length)?).ok()) {
        Some(encoded) => text.push_str(encoded),
        None => ENGINE.encode_string(bytes, text),
    }
}

/// Encodes `bytes` into a new string.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Decodes `text` into the front of `buffer`. Returns `None` for an invalid encoding and for one that does not fit.
pub(crate) fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    if HAS_VECTORS && SHORT.contains(&text.len()) {
        return decode_extended(text, buffer);
    }
    let length = ENGINE.decode_slice(text, buffer).ok()?;
    buffer.get(..length)
}

/// Decodes an encoding that is too short for the vector instructions of `base64`, by appending `A`s, which are zero bits.
fn decode_extended<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let mut extended = [b'A'; EXTENDED];
    extended.get_mut(..text.len())?.copy_from_slice(text.as_bytes());
    let mut decoded = [0; EXTENDED / 4 * 3];
    ENGINE.decode_slice(extended, &mut decoded).ok()?;
    // The first byte of the rest has the spare bits of the last character, which must be zero.
    let (bytes, rest) = decoded.split_at_checked(text.len().checked_mul(3)? / 4)?;
    // No encoding has a single character after the last four.
    if text.len() % 4 == 1 || rest.first() != Some(&0) {
        return None;
    }
    let buffer = buffer.get_mut(..bytes.len())?;
    buffer.copy_from_slice(bytes);
    Some(buffer)
}

/// Decodes `text` into a vector. Returns `None` for an invalid encoding.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::new(&base64::alphabet::URL_SAFE, NO_PAD));

/// True if `base64` has vector instructions for this target. The processor may still have none.
const HAS_VECTORS: bool =
    cfg!(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")));

/// The lengths that are extended, such as that of an HS256 signature.
const SHORT: std::ops::Range<usize> = 32..EXTENDED;

/// The fewest characters of which `base64` decodes two vectors: 64, and the last four.
const EXTENDED: usize = 68;

/// The most characters that are encoded without clearing a longer buffer: those of most claims.
const MOST_ENCODED: usize = 256;

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::{decode, encode};

    /// The characters beside the alphabet, and one that is none of ASCII.
    const OTHERS: [&str; 9] = ["=", "+", "/", ".", " ", "\n", "\0", "\u{7f}", "\u{e4}"];

    /// Creates strings of this length: one for each last character, and one for each other character at each place.
    fn strings(length: usize) -> Vec<String> {
        let alphabet: Vec<char> = URL_SAFE_NO_PAD.encode((0..=255).collect::<Vec<u8>>()).chars().collect();
        let text: Vec<char> = alphabet.iter().rev().cycle().take(length).copied().collect();
        let with = |place: usize, other: &str| -> String {
            let changed =
                |(at, kept): (usize, &char)| if at == place { other.to_owned() } else { kept.to_string() };
            text.iter().enumerate().map(changed).collect()
        };
        let last = length.saturating_sub(1);
        let mut strings: Vec<_> = alphabet.iter().map(|other| with(last, &other.to_string())).collect();
        for place in 0..length {
            strings.extend(OTHERS.iter().map(|other| with(place, other)));
        }
        strings
    }

    #[test]
    fn each_text_is_decoded_or_refused_as_by_the_engine_without_vectors() {
        for text in (0..=140).flat_map(strings) {
            let expected = URL_SAFE_NO_PAD.decode(&text).ok();
            assert_eq!(decode(&text, &mut [0; 200]), expected.as_deref(), "{text}");
            let Some(bytes) = expected else { continue };
            let mut exact = vec![0; bytes.len()];
            assert_eq!(decode(&text, &mut exact), Some(&bytes[..]), "{text}");
            assert_eq!(
                decode(&text, exact.get_mut(1..).unwrap_or_default()).is_none(),
                !bytes.is_empty(),
                "{text}"
            );
        }
    }

    #[test]
    fn each_length_is_encoded_as_by_the_engine_without_vectors() {
        for length in 0..=2_000_usize {
            let bytes: Vec<u8> = (0..length).map(|place| u8::try_from(place * 167 % 256).unwrap()).collect();
            let mut text = "before.".to_owned();
            encode(&bytes, &mut text);
            assert_eq!(text, format!("before.{}", URL_SAFE_NO_PAD.encode(&bytes)), "{length}");
        }
    }
}

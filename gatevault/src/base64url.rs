//! base64url without padding (RFC 7515 section 2): one spelling for one sequence of bytes.

use std::sync::LazyLock;

use base64::Engine as _;
#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
use base64::engine::GeneralPurpose as Simd;
#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
use base64::engine::Simd;
use base64::engine::general_purpose::NO_PAD;

/// Appends the encoded bytes.
pub(crate) fn encode(bytes: &[u8], text: &mut String) {
    ENGINE.encode_string(bytes, text);
}

/// The encoded bytes as a text of their own.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Encodes the first `length` bytes of whole groups of three. Nothing is looked up and no branch is taken, so that the
/// time this takes says nothing of bytes that are secret. `None` when there are not as many, or the text does not fit.
#[inline]
pub(crate) fn encode_secret<'b>(bytes: &[u8], length: usize, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let (groups, _) = bytes.get(..length.next_multiple_of(3))?.as_chunks();
    for (characters, [first, second, third]) in buffer.as_chunks_mut().0.iter_mut().zip(groups) {
        let group = u32::from_be_bytes([0, *first, *second, *third]);
        *characters = [18, 12, 6, 0].map(|bits| (group >> bits).to_le_bytes()[0] & 63);
    }
    let length = length.saturating_mul(8).div_ceil(6);
    // By sixteen, which most processors do at once.
    for characters in buffer.as_chunks_mut::<16>().0.iter_mut().take(length.div_ceil(16)) {
        for place in characters {
            *place = character(*place);
        }
    }
    buffer.get(..length)
}

/// The character of six bits.
fn character(bits: u8) -> u8 {
    let step = |start: u8, difference: u8| u8::from(bits >= start).wrapping_mul(difference);
    bits.wrapping_add(b'A')
        .wrapping_add(step(26, b'a'.wrapping_sub(b'Z').wrapping_sub(1)))
        .wrapping_add(step(52, b'0'.wrapping_sub(b'z').wrapping_sub(1)))
        .wrapping_add(step(62, b'-'.wrapping_sub(b'9').wrapping_sub(1)))
        .wrapping_add(step(63, b'_'.wrapping_sub(b'-').wrapping_sub(1)))
}

/// Decodes into the front of a buffer; `None` for what is not the one spelling, or does not fit.
pub(crate) fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let length = ENGINE.decode_slice(text, buffer).ok()?;
    buffer.get(..length)
}

/// Decodes into a vector; `None` for what is not the one spelling.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::new(&base64::alphabet::URL_SAFE, NO_PAD));

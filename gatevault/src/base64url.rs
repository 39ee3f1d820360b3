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
    ENGINE.encode_string(bytes, text);
}

/// Encodes `bytes` into a new string.
pub(crate) fn encoded(bytes: &[u8]) -> String {
    ENGINE.encode(bytes)
}

/// Decodes `text` into the front of `buffer`. Returns `None` for an invalid encoding and for one that does not fit.
pub(crate) fn decode<'b>(text: &str, buffer: &'b mut [u8]) -> Option<&'b [u8]> {
    let length = ENGINE.decode_slice(text, buffer).ok()?;
    buffer.get(..length)
}

/// Decodes `text` into a vector. Returns `None` for an invalid encoding.
pub(crate) fn decoded(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

#[cfg(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon")))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::url_safe(NO_PAD));

#[cfg(not(any(target_arch = "x86_64", all(target_arch = "aarch64", target_feature = "neon"))))]
static ENGINE: LazyLock<Simd> = LazyLock::new(|| Simd::new(&base64::alphabet::URL_SAFE, NO_PAD));

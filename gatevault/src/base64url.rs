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

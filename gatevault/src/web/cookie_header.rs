//! The headers `Cookie` and `Set-Cookie` (RFC 6265): their parts, without the meaning of a cookie.

use std::time::Duration;

/// The pages that send a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SameSite {
    /// Those of the same site.
    Strict,
    /// Those of the same site, and links of other sites when a user follows them.
    Lax,
    /// Those of every site. Over plain http no browser accepts such a cookie.
    None,
}

/// Returns every value of the cookies with a name, the empty ones too.
pub(super) fn values<'h>(
    name: &str,
    headers: impl IntoIterator<Item = &'h [u8]>,
) -> impl Iterator<Item = &'h [u8]> {
    pairs(headers).filter_map(move |pair| pair.strip_prefix(name.as_bytes())?.strip_prefix(b"="))
}

/// Returns the number of cookies whose names begin with `prefix`.
pub(super) fn cookies_beginning<'h>(prefix: &str, headers: impl IntoIterator<Item = &'h [u8]>) -> usize {
    pairs(headers).filter(|pair| pair.starts_with(prefix.as_bytes())).count()
}

/// Returns the pairs of names and values.
///
/// Only blanks and tabs are removed from their start: other white space in front of a name has been used to bypass
/// the cookie prefixes.
fn pairs<'h>(headers: impl IntoIterator<Item = &'h [u8]>) -> impl Iterator<Item = &'h [u8]> {
    let pairs = headers.into_iter().flat_map(|header| header.split(|byte| *byte == b';'));
    pairs.filter_map(|pair| {
        let start = pair.iter().position(|byte| !matches!(byte, b' ' | b'\t'))?;
        Some(pair.get(start..)?.trim_ascii_end())
    })
}

/// Returns the attribute of a cookie that is kept for a duration. Without it, a cookie is kept until the browser closes (RFC 6265
/// section 5.3).
pub(super) fn max_age_attribute(max_age: Option<Duration>) -> String {
    max_age.map_or_else(String::new, |max_age| format!("; Max-Age={}", max_age.as_secs()))
}

/// Returns whether a character is a `cookie-octet` (RFC 6265 section 4.1.1).
pub(super) fn is_value_character(character: char) -> bool {
    character.is_ascii_graphic() && !matches!(character, '"' | ',' | ';' | '\\')
}

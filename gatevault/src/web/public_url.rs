//! URLs that clients use: https, or http on the machine itself.

use super::routes::Origin;
use crate::error::ConfigError;

/// The parts of a URL without credentials and without a fragment.
pub(super) struct PublicUrl<'u> {
    pub(super) origin: Origin,
    /// The index at which the path begins.
    pub(super) path_start: usize,
    /// Empty, or begins with `/`.
    pub(super) path: &'u str,
    pub(super) query: Option<&'u str>,
}

impl<'u> PublicUrl<'u> {
    /// Parses a URL. The error is the expected form.
    pub(super) fn of(url: &'u str) -> Result<Self, &'static str> {
        let scheme = url.split_once("://").map_or("", |(scheme, _)| scheme);
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return Err("a URL such as `https://notes.example/mcp`");
        }
        if url.contains('#') {
            return Err("the URL without its fragment, from `#` on");
        }
        let authority_start = scheme.len().saturating_add("://".len());
        let authority = url.get(authority_start..).unwrap_or_default();
        let path_start =
            authority.find(['/', '?']).map_or(url.len(), |end| end.saturating_add(authority_start));
        let (origin, rest) = url.split_at_checked(path_start).unwrap_or((url, ""));
        if origin.contains('@') {
            return Err("the URL without a user and a password, because it is public");
        }
        let origin = Origin::parse(origin)
            .ok_or("a host, and a port if it is not the default one; other letters than ASCII as `xn--..`")?;
        if origin.is_plain_http() {
            return Err(
                "`https`; plain `http` is for hosts of this machine, such as `http://127.0.0.1:8080/mcp`",
            );
        }
        if !has_url_characters(rest) {
            return Err("`%` and two hexadecimal digits for each byte that a URL cannot hold");
        }
        let (path, query) = rest.split_once('?').map_or((rest, None), |(path, query)| (path, Some(query)));
        Ok(Self { origin, path_start, path, query })
    }
}

/// Returns whether a path and a query have the characters of a URL (RFC 3986 section 3), and so none that a challenge quotes.
fn has_url_characters(text: &str) -> bool {
    let is_escape =
        |digits: Option<&[u8]>| digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    text.bytes().enumerate().all(|(index, byte)| match byte {
        b'%' => is_escape(text.as_bytes().get(index.saturating_add(1)..index.saturating_add(3))),
        _ => byte.is_ascii_alphanumeric() || b"-._~:/?@!$&'()*+,;=".contains(&byte),
    })
}

/// Validates that every framework takes this path literally. The error is the expected form.
pub(super) fn validate_path(path: &str) -> Result<(), &'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let is_segment = |segment: &str| !["", ".", ".."].contains(&segment) && segment.bytes().all(is_plain);
    let is_literal = match path.strip_prefix('/') {
        None | Some("") => true,
        Some(segments) => segments.strip_suffix('/').unwrap_or(segments).split('/').all(is_segment),
    };
    is_literal.then_some(()).ok_or(
        "a path of letters, digits and `-._~`, without empty segments and dot segments, because web frameworks read other \
         characters differently",
    )
}

/// Returns the error for a URL in a setting, without user information, which may be a password.
pub(super) fn invalid(setting: &'static str, given: &str) -> impl Fn(&'static str) -> ConfigError {
    let found = given.rsplit_once('@').map_or_else(|| given.to_owned(), |(_, rest)| format!("..@{rest}"));
    move |instead| ConfigError::InvalidText { setting, found: found.clone(), instead }
}

//! Paths of this host, to which a browser may be redirected.

use crate::web::fields::{Blank, percent_decoded};

/// A path of this host with an optional query and fragment, as the header `Location` carries it: ASCII, and relative to the
/// origin however a browser reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::web) struct LocalPath(String);

impl LocalPath {
    /// The number of bytes of a path that are accepted at most.
    const LIMIT: usize = 2_048;

    /// Parses a path. Returns `None` for a URL with a scheme or a host, and for a path that a browser or a server could take
    /// for one, or that leads elsewhere than it says.
    ///
    /// Browsers read `\` as `/`, drop tabs and line breaks, and resolve the segments `.` and `..` (URL Standard, "basic URL
    /// parser"). A server that decodes a path may do so with their encoded forms.
    pub(in crate::web) fn parse(path: &str) -> Option<Self> {
        let (before, _) = path.split_once(['?', '#']).unwrap_or((path, ""));
        let decoded = percent_decoded(before.as_bytes(), Blank::Encoded)?;
        let is_direct = segments(&decoded).all(|segment| !matches!(segment, b"." | b".."));
        if path.len() > Self::LIMIT || !is_local(path.as_bytes()) || !is_local(&decoded) || !is_direct {
            return None;
        }
        Some(Self(path.bytes().map(encoded_byte).collect()))
    }

    /// Returns the path with its query, for the header `Location`.
    pub(in crate::web) fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the path alone.
    pub(in crate::web) fn path(&self) -> &str {
        self.0.split(['?', '#']).next().unwrap_or_default()
    }

    /// Returns whether a server may find the path at `prefix` or below: one that decodes it, or merges slashes.
    pub(in crate::web) fn is_below(&self, prefix: &str) -> bool {
        let decoded = |path: &str| percent_decoded(path.as_bytes(), Blank::Encoded).unwrap_or_default();
        let (path, prefix) = (decoded(self.path()), decoded(prefix));
        let mut segments_of_path = segments(&path);
        segments(&prefix).all(|segment| segments_of_path.next() == Some(segment))
    }

    /// Returns the value for a parameter of a query.
    pub(in crate::web) fn as_parameter(&self) -> String {
        self.0.bytes().map(parameter_byte).collect()
    }
}

/// Returns whether bytes begin with one slash, and contain neither a backslash nor a control character.
fn is_local(bytes: &[u8]) -> bool {
    bytes.starts_with(b"/")
        && !bytes.starts_with(b"//")
        && bytes.iter().all(|byte| *byte != b'\\' && !byte.is_ascii_control())
}

/// Returns the segments of a decoded path, without the empty ones.
fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.split(|byte| *byte == b'/').filter(|segment| !segment.is_empty())
}

/// Returns how a byte is written in the header: as it is, unless no URL contains it.
fn encoded_byte(byte: u8) -> String {
    let is_plain = byte.is_ascii_graphic() && !b"\"<>`{}|^".contains(&byte);
    if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

/// Returns how a byte is written in the value of a parameter.
fn parameter_byte(byte: u8) -> String {
    let is_plain = byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    if is_plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_path_begins_with_one_slash_and_has_nothing_that_browsers_drop_or_rewrite() {
        for path in [
            "/",
            "/a",
            "/a?b=c",
            "/a.b/.c/...",
            "/a?b/../c",
            "/a?to=//b",
            "/a//b",
            "/a?x=%0A%0D",
            "/a#b",
            "/:80",
            "/@b",
            "/a?\u{e9}=%5C",
        ] {
            assert!(LocalPath::parse(path).is_some(), "{path}");
        }
        for path in [
            "",
            "a",
            "?a",
            "#a",
            "//",
            "//b",
            "///b",
            "/\\b",
            "\\b",
            "\\\\b",
            "/a\\b",
            "/\tb",
            "/\t/b",
            "/\n/b",
            "\t//b",
            " /a",
            "\u{0}/a",
            "/a\u{7f}",
            "/%09/b",
            "/a%0d%0ab",
            "/%2Fb",
            "/%2f%2fb",
            "/%5Cb",
            "/a%5cb",
            "/%00",
            "/%7F",
            "/%",
            "/%zz",
            "https://b",
            "https:b",
            "javascript:b",
            "//b@c",
            "/a?\r\nb",
            "/a?b\\c",
            "/.",
            "/..",
            "/.//b",
            "/a/../b",
            "/%2e%2E/b",
            "/a/.%2e",
            "/a%2f..",
            "\u{ff0f}\u{ff0f}b",
        ] {
            assert_eq!(LocalPath::parse(path), None, "{path:?}");
        }
        assert_eq!(LocalPath::parse(&format!("/{}", "a".repeat(3_000))), None);
    }

    #[test]
    fn a_path_is_below_a_prefix_in_every_spelling() {
        let is_below = |path: &str| LocalPath::parse(path).unwrap().is_below("/a/b");
        for path in ["/a/b", "/a/b/", "/a/b/c", "/a//b", "/%61/b?c", "/a%2Fb", "/a/b#c"] {
            assert!(is_below(path), "{path}");
        }
        for path in ["/", "/a", "/a/bc", "/b/a/b", "/a/B", "/a?/b", "/%2561/b"] {
            assert!(!is_below(path), "{path}");
        }
    }

    #[test]
    fn a_path_is_ascii_in_the_header_and_comes_back_from_a_parameter() {
        let path = LocalPath::parse("/caf\u{e9} 1?a=b&c=%26#d").unwrap();
        assert_eq!((path.as_str(), path.path()), ("/caf%C3%A9%201?a=b&c=%26#d", "/caf%C3%A9%201"));
        assert_eq!(path.as_parameter(), "/caf%25C3%25A9%25201%3Fa%3Db%26c%3D%2526%23d");
    }
}

//! PEM sections (RFC 7468), with arbitrary text around them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// The contents between a `BEGIN` line and its `END` line.
pub(super) enum Section {
    Der(Zeroizing<Vec<u8>>),
    /// Encrypted as before PKCS#8, with the parameters in header lines (RFC 1421).
    Encrypted,
}

/// Returns the well-formed sections in order. The contents show what a section holds, and not its label, except for
/// parameters, which can have the form of a key.
pub(super) fn sections(text: &str) -> impl Iterator<Item = Section> {
    let mut parts = text.split(BEGIN);
    parts.next(); // the text before the first section
    parts.filter_map(section)
}

fn section(part: &str) -> Option<Section> {
    let (label, rest) = part.split_once(DASHES)?;
    let (body, end) = rest.split_once("-----END ")?;
    if !end.strip_prefix(label)?.starts_with(DASHES) || label.ends_with(" PARAMETERS") {
        return None;
    }
    if body.contains("Proc-Type:") {
        return Some(Section::Encrypted);
    }
    let body = digits(body);
    STANDARD.decode(&*body).ok().map(|der| Section::Der(Zeroizing::new(der)))
}

/// Returns the base64 of a body, without its line breaks. In a body of one line they can be written as `\n`: many tools
/// put a PEM file into an environment variable so.
fn digits(body: &str) -> Zeroizing<Vec<u8>> {
    let is_escaped = !body.contains(['\n', '\r']);
    let mut digits = Zeroizing::new(Vec::with_capacity(body.len()));
    let mut rest = body.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'\\', [b'n' | b'r', after @ ..]) if is_escaped => rest = after,
            _ if byte.is_ascii_whitespace() => {}
            _ => digits.push(byte),
        }
    }
    digits
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

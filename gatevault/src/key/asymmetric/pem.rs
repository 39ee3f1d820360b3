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

/// Returns the well-formed sections in order. Labels are ignored: the contents show what a section holds.
pub(super) fn sections(text: &str) -> impl Iterator<Item = Section> {
    let mut parts = text.split(BEGIN);
    parts.next(); // the text before the first section
    parts.filter_map(section)
}

fn section(part: &str) -> Option<Section> {
    let (label, rest) = part.split_once(DASHES)?;
    let (body, end) = rest.split_once("-----END ")?;
    if !end.strip_prefix(label)?.starts_with(DASHES) {
        return None;
    }
    if body.contains("Proc-Type:") {
        return Some(Section::Encrypted);
    }
    let body: Zeroizing<Vec<u8>> =
        Zeroizing::new(body.bytes().filter(|byte| !byte.is_ascii_whitespace()).collect());
    STANDARD.decode(&*body).ok().map(|der| Section::Der(Zeroizing::new(der)))
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";

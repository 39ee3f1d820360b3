//! PEM as keys come in it (RFC 7468), with whatever text stands around it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

/// What stands between a `BEGIN` and its `END`.
pub(super) enum Section {
    Der(Zeroizing<Vec<u8>>),
    /// Encrypted in the way before PKCS#8, with its parameters as header lines (RFC 1421).
    Encrypted,
}

/// The sections that can be read, in their order. A section's label says nothing that its contents do not.
pub(super) fn sections(text: &str) -> impl Iterator<Item = Section> {
    let mut parts = text.split(BEGIN);
    parts.next(); // what stands before the first
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

//! Names input that is not a key in PEM or DER, and keys of other algorithms, with the command that converts them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::der::{Elements, INTEGER, OID, SEQUENCE};
use super::form;
use super::invalid_key::Mismatch;

/// Describes input in which no key was found.
pub(super) fn describe(input: &[u8]) -> Mismatch {
    let text = Zeroizing::new(String::from_utf8_lossy(input).into_owned());
    let text = text.trim_start_matches('\u{feff}').trim();
    marked(text)
        .or_else(|| json(text))
        .or_else(|| malformed_pem(text))
        .or_else(|| der(input))
        .or_else(|| encoded(input, text))
        .unwrap_or_else(|| "data without a PEM or DER key".into())
}

/// Returns the name of a key's algorithm, if it is a known one that this crate does not support.
pub(super) fn algorithm(der: &[u8]) -> Option<&'static str> {
    if is_dsa(der) {
        return Some("DSA");
    }
    // The identifier is at the front, or inside a certificate, where no other part has these identifiers.
    ALGORITHMS.iter().find(|(oid, _)| memchr::memmem::find(der, oid).is_some()).map(|(_, name)| *name)
}

/// Returns whether this is a DSA private key as before PKCS#8, a version and five numbers. One of RSA has eight.
pub(super) fn is_dsa(der: &[u8]) -> bool {
    let Some(mut numbers) = Elements::of_sequence(der) else { return false };
    (0..6).all(|_| numbers.take(INTEGER).is_some()) && numbers.is_empty()
}

/// Recognizes text by a word that only this format has.
fn marked(text: &str) -> Option<Mismatch> {
    let (_, found, instead) = MARKERS.iter().find(|(marker, ..)| text.contains(marker))?;
    Some(Mismatch::new(*found, instead))
}

fn json(text: &str) -> Option<Mismatch> {
    if !text.starts_with(['{', '[']) {
        return None;
    }
    Some(if text.contains("\"keys\"") || text.starts_with('[') {
        Mismatch::new("a JWK set", "one JWK of it to `from_jwk`, or the whole set to `JwkSet::from_json`")
    } else {
        Mismatch::new("a JWK", "the JWK to `from_jwk`")
    })
}

/// Describes PEM that could not be decoded.
fn malformed_pem(text: &str) -> Option<Mismatch> {
    let (_, rest) = text.split_once("-----BEGIN ")?;
    if rest.split("-----").next().is_some_and(|label| label.ends_with(" PARAMETERS")) {
        return Some(Mismatch::new("parameters without a key", "a key, as `openssl genpkey` writes it"));
    }
    let complete = "the complete text, from the BEGIN line to the END line";
    let Some((label, rest)) = rest.split_once("-----") else {
        return Some(Mismatch::new("PEM whose BEGIN line is incomplete", complete));
    };
    let Some((body, end)) = rest.split_once("-----END ") else {
        return Some(Mismatch::new("PEM without an END line", complete));
    };
    if !end.starts_with(label) {
        return Some(Mismatch::new("PEM whose BEGIN and END lines have different labels", complete));
    }
    let body: Zeroizing<String> = Zeroizing::new(body.split_whitespace().collect());
    Some(match STANDARD.decode(&*body) {
        _ if body.is_empty() => Mismatch::new("PEM without contents", complete),
        Err(_) => Mismatch::new("PEM with invalid base64, perhaps cut off or without its padding", complete),
        Ok(contents) => der(&contents).unwrap_or_else(|| "PEM that does not contain a key".into()),
    })
}

/// Recognizes DER that holds no bare key, or only a part of one.
fn der(input: &[u8]) -> Option<Mismatch> {
    // A line end may follow. It is not cut off before, because the last byte of the sequence may be white space as well.
    let mut all = Elements::new(input);
    if let Some(elements) = all.sequence().filter(|_| all.is_blank()) {
        return container(elements);
    }
    matches!(input, [SEQUENCE, 0x81..=0x83, _, _, ..]).then(|| {
        Mismatch::new("DER that is cut off, or has bytes after its end", "the whole key, byte for byte")
    })
}

fn container(elements: Elements<'_>) -> Option<Mismatch> {
    let (mut pfx, mut pkcs7, mut request) = (elements, elements, elements);
    if pkcs7.take(OID) == Some(SIGNED_DATA) {
        return Some(Mismatch::new("a PKCS#7 file", PKCS7));
    }
    if pfx.take(INTEGER) == Some(&[3]) && pfx.sequence()?.take(OID).is_some_and(is_pkcs7) {
        return Some(Mismatch::new("a PKCS#12 file", PKCS12));
    }
    // A request (RFC 2986 section 4.1): the version, the subject, the key, the attributes.
    let mut info = request.sequence()?;
    let _version_and_subject = (info.take(INTEGER)?, info.sequence()?);
    form::recognize(info.whole_sequence()?).map(|_| Mismatch::new("a certificate request", REQUEST))
}

fn is_pkcs7(oid: &[u8]) -> bool {
    oid.starts_with(b"\x2a\x86\x48\x86\xf7\x0d\x01\x07")
}

/// Recognizes a key in another encoding, and the name of a file.
fn encoded(input: &[u8], text: &str) -> Option<Mismatch> {
    if input.iter().take(64).filter(|byte| **byte == 0).count() > 8 && !input.starts_with(&[SEQUENCE]) {
        return Some(Mismatch::new("text in UTF-16", "the same text in UTF-8"));
    }
    if text.len() < 256 && FILES.iter().any(|extension| text.ends_with(extension)) {
        return Some(Mismatch::new("the name of a file", "its contents, as `std::fs::read` returns them"));
    }
    let digits: Zeroizing<String> = Zeroizing::new(text.split_whitespace().collect());
    let contents = Zeroizing::new(STANDARD.decode(&*digits).ok()?);
    if form::recognize(&contents).is_some() {
        return Some(Mismatch::new(
            "the base64 of a key without its PEM lines",
            "the decoded bytes, or the text between BEGIN and END lines",
        ));
    }
    contents.starts_with(b"-----BEGIN ").then(|| Mismatch::new("PEM in base64", "the decoded text"))
}

/// Words in a format, its name, and what to give instead. The first that matches counts.
const MARKERS: [(&str, &str, &str); 11] = [
    (
        "PuTTY-User-Key-File",
        "a PuTTY key",
        "the key in PKCS#8: `puttygen key.ppk -O private-openssh -o key`, then `ssh-keygen -p -m PKCS8 -f key`",
    ),
    ("-----BEGIN PGP ", "an OpenPGP key", "a key for tokens, as `openssl genpkey` writes it"),
    (
        "-----BEGIN OPENSSH PRIVATE KEY-",
        "an OpenSSH private key",
        "the key in PKCS#8, as `ssh-keygen -p -m PKCS8 -f key` writes it (not for Ed25519: use a new key, as `openssl genpkey -algorithm ed25519` writes it)",
    ),
    (
        "---- BEGIN SSH2 ",
        "an SSH public key",
        "the key in SPKI: `ssh-keygen -i -f key.pub > key.ssh`, then `ssh-keygen -e -m PKCS8 -f key.ssh`",
    ),
    ("ssh-rsa ", "an SSH public key", SSH_PUBLIC),
    ("ssh-ed25519 ", "an SSH public key", "the key in SPKI, as `openssl pkey -pubout` writes it"),
    ("ecdsa-sha2-", "an SSH public key", SSH_PUBLIC),
    (
        "ssh-dss ",
        "an SSH public key of the algorithm DSA",
        "an RSA, EC or Ed25519 key, as `openssl genpkey` writes it",
    ),
    ("-----BEGIN CERTIFICATE REQUEST-", "a certificate request", REQUEST),
    ("-----BEGIN NEW CERTIFICATE REQUEST-", "a certificate request", REQUEST),
    ("-----BEGIN PKCS7-", "a PKCS#7 file", PKCS7),
];

const SSH_PUBLIC: &str = "the key in SPKI, as `ssh-keygen -e -m PKCS8 -f key.pub` writes it";
const REQUEST: &str =
    "its public key, as `openssl req -in request.pem -pubkey -noout` writes it, or the private key";
const PKCS7: &str = "a certificate of it, as `openssl pkcs7 -in file -print_certs` writes it";
const PKCS12: &str = "the key in PEM, as `openssl pkcs12 -in file -nodes` writes it";

const SIGNED_DATA: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";

const FILES: [&str; 8] = [".pem", ".key", ".der", ".crt", ".cer", ".pub", ".p8", ".json"];

/// Object identifiers, with tag and length.
const ALGORITHMS: [(&[u8], &str); 9] = [
    (b"\x06\x07\x2a\x86\x48\xce\x38\x04\x01", "DSA"),
    (b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x03\x01", "Diffie-Hellman"),
    (b"\x06\x07\x2a\x86\x48\xce\x3e\x02\x01", "Diffie-Hellman"),
    (b"\x06\x03\x2b\x65\x6e", "X25519, for key agreement only"),
    (b"\x06\x03\x2b\x65\x6f", "X448, for key agreement only"),
    (b"\x06\x03\x2b\x65\x71", "Ed448"),
    (b"\x06\x05\x2b\x81\x04\x00\x0a", "secp256k1"),
    (b"\x06\x08\x2a\x81\x1c\xcf\x55\x01\x82\x2d", "SM2"),
    (b"\x06\x09\x2b\x24\x03\x03\x02\x08\x01\x01\x07", "brainpoolP256r1"),
];

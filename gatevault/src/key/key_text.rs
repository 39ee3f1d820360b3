//! Detection of keys for other algorithms among HMAC secrets.
//!
//! Attackers know public keys and could create valid HMACs keyed with their text (algorithm confusion, RFC 8725
//! section 2.1). A key is searched for anywhere in the secret, and in the encodings in which files, environment variables
//! and vaults hold keys. Random bytes match with a probability of one in sixteen million, and random text with less.

use std::iter;

use zeroize::Zeroizing;

/// Returns whether `secret` contains a key for another algorithm: in PEM, SSH, JWK, XML or DER form, in any encoding.
pub(super) fn contains_key(secret: &[u8]) -> bool {
    is_one_der_sequence(secret) || search(secret, MAX_ENCODINGS)
}

/// Returns whether `secret` is exactly one DER sequence (X.690 section 8.1), of a key of any kind. A sequence of fewer
/// than 128 bytes must contain another one, as an SPKI does: one in sixteen million random secrets matches. A text is none,
/// because the tags of an object identifier, an integer and a bit string are no printable characters.
fn is_one_der_sequence(secret: &[u8]) -> bool {
    let is_long = secret.get(1).is_some_and(|length| *length >= 0x80);
    let contents = element(secret).filter(|(tag, _, rest)| *tag == SEQUENCE && rest.is_empty());
    let is_printable = secret.iter().all(|byte| matches!(byte, b' '..=b'~'));
    !is_printable && contents.is_some_and(|(_, contents, _)| is_long || contents.first() == Some(&SEQUENCE))
}

/// Returns whether the text, or one of its decoded forms, contains a key.
fn search(text: &[u8], encodings: u8) -> bool {
    if has_marker(text) || has_jwk(text) || has_der_key(text) {
        return true;
    }
    let Some(encodings) = encodings.checked_sub(1) else { return false };
    decoded(text).any(|inner| search(&inner, if is_text(&inner) { encodings } else { 0 }))
}

/// Returns whether most bytes are ASCII text, also in UTF-16. Other bytes hold a key as they are, or none.
fn is_text(bytes: &[u8]) -> bool {
    let is_letter = |byte: &&u8| matches!(byte, 0 | b'\t' | b'\n' | b'\r' | b' '..=b'~');
    bytes.iter().filter(is_letter).count().saturating_mul(4) >= bytes.len().saturating_mul(3)
}

/// Returns the decoded forms of the text that differ from it and could hold a key.
///
/// Each decoder reserves the full capacity, so that no partial copy of a secret is left behind.
fn decoded(text: &[u8]) -> impl Iterator<Item = Zeroizing<Vec<u8>>> {
    let escapes = [without_zeros, percent_decoded, unescaped, decimal_decoded]
        .into_iter()
        .map(move |decode| decode(text));
    // The words before a key shift its first digit, so each offset is tried.
    let base64 = (0..4).map(move |offset| base64_decoded(text, offset));
    let hex = (0..2).map(move |offset| hex_decoded(text, offset));
    let fits = move |inner: &Vec<u8>| (SHORTEST..text.len()).contains(&inner.len());
    escapes.chain(base64).chain(hex).map(Zeroizing::new).filter(move |inner| fits(inner))
}

fn contains(text: &[u8], word: &[u8]) -> bool {
    memchr::memmem::find(text, word).is_some()
}

fn has_marker(text: &[u8]) -> bool {
    MARKERS.iter().any(|marker| contains(text, marker.as_bytes()))
}

/// Returns whether the text has a member `kty` with a key type (RFC 7517 section 4.1), in JSON or another notation.
fn has_jwk(text: &[u8]) -> bool {
    memchr::memmem::find_iter(text, b"kty").any(|at| {
        let rest = text.get(at..).and_then(|rest| rest.strip_prefix(b"kty")).unwrap_or_default();
        let is_between = |byte: &&u8| byte.is_ascii_whitespace() || b"\"'\\:=+>,".contains(byte);
        let between = rest.iter().take_while(is_between).count();
        let (between, value) = rest.split_at_checked(between).unwrap_or_default();
        let is_member = between.iter().any(|byte| b":=>,".contains(byte));
        is_member && KEY_TYPES.iter().any(|kty| value.starts_with(kty.as_bytes()))
    })
}

/// Returns whether a key in DER (X.690) begins at any byte: SPKI, also in a certificate, PKCS#1, PKCS#8 or SEC1.
fn has_der_key(bytes: &[u8]) -> bool {
    memchr::memchr_iter(SEQUENCE, bytes)
        .any(|at| bytes.get(at..).and_then(starts_with_der_key).unwrap_or_default())
}

fn starts_with_der_key(bytes: &[u8]) -> Option<bool> {
    let (SEQUENCE, contents, _) = element(bytes)? else { return None };
    let (first, rest) = next(contents)?;
    let (second, rest) = next(rest)?;
    Some(match (first, second) {
        // SPKI, or encrypted PKCS#8
        ((SEQUENCE, algorithm), (BIT_STRING | OCTET_STRING, _)) => rest.is_empty() && is_algorithm(algorithm),
        // PKCS#8 or PKCS#12
        ((INTEGER, _), (SEQUENCE, algorithm)) => {
            is_algorithm(algorithm) && matches!(next(rest)?.0.0, OCTET_STRING | SEQUENCE)
        }
        // PKCS#1, with a version if it is private
        ((INTEGER, modulus), (INTEGER, _)) if rest.is_empty() => modulus.len() >= SHORTEST_MODULUS,
        ((INTEGER, _), (INTEGER, modulus)) => modulus.len() >= SHORTEST_MODULUS && next(rest)?.0.0 == INTEGER,
        // SEC1
        ((INTEGER, [1]), (OCTET_STRING, number)) => number.len() >= SHORTEST_EC_KEY,
        _ => false,
    })
}

/// Returns whether an `AlgorithmIdentifier` has these contents: it begins with an object identifier.
fn is_algorithm(contents: &[u8]) -> bool {
    element(contents).is_some_and(|(tag, oid, _)| tag == OID && oid.len() >= 3)
}

/// A tag and the contents.
type Element<'e> = (u8, &'e [u8]);

/// Returns the first element, as tag and contents, and the bytes after it.
fn next(encoding: &[u8]) -> Option<(Element<'_>, &[u8])> {
    element(encoding).map(|(tag, contents, rest)| ((tag, contents), rest))
}

fn element(encoding: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, first], rest) = encoding.split_first_chunk()?;
    let (length, rest) = match first {
        ..=0x7f => (usize::from(first), rest),
        0x81..=0x83 => {
            let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
            (length.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte)), rest)
        }
        _ => return None,
    };
    let (contents, rest) = rest.split_at_checked(length)?;
    Some((tag, contents, rest))
}

/// Removes the zero bytes, which turns UTF-16 and UTF-32 into ASCII.
fn without_zeros(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    output.extend(text.iter().filter(|byte| **byte != 0));
    output
}

/// Decodes decimal numbers, one for each byte, as in `[45, 45]` or, with signed bytes, `[-126, 1]`.
fn decimal_decoded(text: &[u8]) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let numbers = text.split(|byte| !byte.is_ascii_digit() && *byte != b'-');
    output.extend(numbers.filter_map(|digits| {
        let number: i16 = str::from_utf8(digits).ok()?.parse().ok()?;
        let [byte, _] = number.to_le_bytes();
        (-128..=255).contains(&number).then_some(byte)
    }));
    output
}

/// Decodes percent-encoding (RFC 3986 section 2.1).
fn percent_decoded(text: &[u8]) -> Vec<u8> {
    replaced(text, b'%', |rest| Some((hex_byte(rest)?, 2)))
}

/// Decodes the escapes of JSON strings, and `\x` and octal digits of other languages.
fn unescaped(text: &[u8]) -> Vec<u8> {
    replaced(text, b'\\', |rest| {
        Some(match rest {
            [b'n' | b'r' | b't', ..] => (b'\n', 1),
            [b'x', digits @ ..] => (hex_byte(digits)?, 3),
            [b'u', b'0', b'0', digits @ ..] => (hex_byte(digits)?, 5),
            [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', ..] => {
                (((high & 3) << 6) | ((middle & 7) << 3) | (low & 7), 3)
            }
            [byte, ..] => (*byte, 1),
            [] => return None,
        })
    })
}

/// Replaces each escape by one byte. `decode` gets the text after `start` and returns the byte and the length it replaces.
fn replaced(text: &[u8], start: u8, decode: impl Fn(&[u8]) -> Option<(u8, usize)>) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let escape = if byte == start { decode(after) } else { None };
        let (decoded, length) = escape.unwrap_or((byte, 0));
        output.push(decoded);
        rest = after.get(length..).unwrap_or_default();
    }
    output
}

/// Decodes all base64 digits of both alphabets (RFC 4648 sections 4 and 5) after `offset` of them. Skips other bytes.
fn base64_decoded(text: &[u8], offset: usize) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let mut digits = text.iter().filter_map(|byte| base64_digit(*byte)).skip(offset).peekable();
    while digits.peek().is_some() {
        let word = (0..4).fold(0, |word: u32, _| (word << 6) | u32::from(digits.next().unwrap_or_default()));
        let [_, bytes @ ..] = word.to_be_bytes();
        output.extend(bytes);
    }
    output
}

fn base64_digit(byte: u8) -> Option<u8> {
    match byte {
        b'A'..=b'Z' => byte.checked_sub(b'A'),
        b'a'..=b'z' => byte.checked_sub(b'a' - 26),
        b'0'..=b'9' => byte.checked_add(52 - b'0'),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    }
}

/// Decodes all hexadecimal digits after `offset` of them. Skips `0x` and other bytes.
fn hex_decoded(text: &[u8], offset: usize) -> Vec<u8> {
    let mut output = Vec::with_capacity(text.len());
    let following = text.iter().skip(1).chain(iter::once(&0));
    let is_prefix = |byte: u8, next: u8| byte == b'0' && matches!(next, b'x' | b'X');
    let bytes = text.iter().zip(following).filter(|(byte, next)| !is_prefix(**byte, **next));
    let mut digits = bytes.filter_map(|(byte, _)| hex_digit(*byte)).skip(offset);
    while let (Some(high), Some(low)) = (digits.next(), digits.next()) {
        output.push((high << 4) | low);
    }
    output
}

fn hex_byte(text: &[u8]) -> Option<u8> {
    let [high, low, ..] = text else { return None };
    Some((hex_digit(*high)? << 4) | hex_digit(*low)?)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Words that occur in encoded keys and in no random secret: PEM (RFC 7468), `OpenPGP`, SSH (RFC 4253 section 6.6, RFC
/// 4716), `PuTTY`, XML signatures and the output of `openssl pkey -text`. The names of SSH also occur inside SSH's base64.
const MARKERS: [&str; 14] = [
    "-----BEGIN",
    "---- BEGIN",
    "----+BEGIN",
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ssh-ed448",
    "ecdsa-sha2-",
    "sk-ssh-",
    "sk-ecdsa-",
    "PuTTY-User-Key-File",
    "<RSAKeyValue",
    "<ECKeyValue",
    "Public-Key: (",
];

/// The values of `kty` (RFC 7518 section 6.1, RFC 8037, RFC 9964).
const KEY_TYPES: [&str; 5] = ["RSA", "EC", "OKP", "AKP", "oct"];

/// The number of encodings around a key that are decoded, such as base64 of a JSON string in UTF-16.
const MAX_ENCODINGS: u8 = 4;

/// The bytes of the shortest key, an Ed25519 key in SPKI, less a margin for what precedes it.
const SHORTEST: usize = 40;

/// The bytes of an RSA modulus of 512 bits. Shorter pairs of integers can be signatures.
const SHORTEST_MODULUS: usize = 64;

/// The bytes of a private EC key of 128 bits.
const SHORTEST_EC_KEY: usize = 16;

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;

#[cfg(test)]
mod tests {
    use super::{base64_decoded, decimal_decoded, hex_decoded, percent_decoded, unescaped, without_zeros};

    #[test]
    fn no_decoder_leaves_a_copy_of_a_secret_where_its_output_was_too_small() {
        let text: Vec<u8> = b"7\0a%41\\x42, ".repeat(100);
        for output in [
            without_zeros(&text),
            percent_decoded(&text),
            unescaped(&text),
            decimal_decoded(&text),
            base64_decoded(&text, 0),
            hex_decoded(&text, 0),
        ] {
            assert!((1..text.len()).contains(&output.len()));
            assert_eq!(output.capacity(), text.len(), "the output has been moved");
        }
    }
}

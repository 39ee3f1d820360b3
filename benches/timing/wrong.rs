//! Wrong values beside a right one: wrong in the first byte, in the last byte, or random.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::generate_secret;
use gatevault_benches::Answer;

/// The number of inputs of a class.
pub(crate) const INPUTS: u8 = 64;

/// Returns tags that differ from this one in the first byte only, in base64url.
pub(crate) fn in_first_byte(tag: &[u8]) -> Vec<String> {
    changed(tag, 0)
}

/// Returns tags that differ from this one in the last byte only, in base64url.
pub(crate) fn in_last_byte(tag: &[u8]) -> Vec<String> {
    changed(tag, tag.len().saturating_sub(1))
}

/// Returns random tags of the same length, in base64url.
pub(crate) fn random(tag: &[u8]) -> Answer<Vec<String>> {
    (0..INPUTS).map(|_| Ok(URL_SAFE_NO_PAD.encode(random_bytes(tag.len())?))).collect()
}

/// Returns bytes, each from two hexadecimal digits of a secret.
fn random_bytes(length: usize) -> Answer<Vec<u8>> {
    let mut digits = String::new();
    while digits.len() < length.saturating_mul(2) {
        digits += &generate_secret()?;
    }
    let digits: Vec<u8> = digits.chars().filter_map(|digit| digit.to_digit(16)?.try_into().ok()).collect();
    let bytes = digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |byte: u8, digit| (byte << 4) | digit));
    Ok(bytes.take(length).collect())
}

fn changed(tag: &[u8], place: usize) -> Vec<String> {
    let change = |number: u8| {
        let mut tag = tag.to_owned();
        if let Some(byte) = tag.get_mut(place) {
            *byte ^= number;
        }
        URL_SAFE_NO_PAD.encode(tag)
    };
    (1..=INPUTS).map(change).collect()
}

/// Returns a token in front of its signature, with the dot, and the bytes of the signature.
pub(crate) fn split(token: &str) -> Answer<(String, Vec<u8>)> {
    let (signed, signature) = token.rsplit_once('.').ok_or("no signature")?;
    Ok((format!("{signed}."), URL_SAFE_NO_PAD.decode(signature)?))
}

/// Returns the tokens with these signatures.
pub(crate) fn joined(signed: &str, signatures: Vec<String>) -> Vec<String> {
    signatures.into_iter().map(|signature| format!("{signed}{signature}")).collect()
}

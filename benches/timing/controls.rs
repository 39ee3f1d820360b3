//! Controls: leaks that the measurement must find, and a pair without a difference.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::{PasswordHasher, Payload, TokenManager};
use gatevault_benches::Answer;
use gatevault_benches::timing::{Expected, Pair};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::accounts::{UNKNOWN, names};
use crate::costs::{BCRYPT, PASSWORD};
use crate::wrong::{INPUTS, in_first_byte, in_last_byte, joined, split};

/// Returns the controls.
pub(crate) fn pairs() -> Answer<Vec<Pair>> {
    Ok(vec![bytes()?, verifier()?, login()?, same()?])
}

/// Comparing bytes until the first difference.
fn bytes() -> Answer<Pair> {
    let tag = [7; 32];
    let classes = [in_first_byte(&tag), in_last_byte(&tag)];
    let tag = URL_SAFE_NO_PAD.encode(tag);
    let pair = Pair::new("`==` until the first difference: first, last byte", classes, move |input| {
        is_equal(input.as_bytes(), tag.as_bytes())
    });
    Ok(pair?.repeated(16).expecting(Expected::Control))
}

/// A verifier of tokens that computes the right signature and compares it until the first difference.
fn verifier() -> Answer<Pair> {
    let token = TokenManager::new(SECRET)?.create_access_token(&Payload::new(1))?;
    let (signed, tag) = split(&token)?;
    let classes = [in_first_byte(&tag), in_last_byte(&tag)].map(|tags| joined(&signed, tags));
    let hmac = Hmac::<Sha256>::new_from_slice(&SECRET)?;
    let call = move |token: &str| {
        token.rsplit_once('.').is_some_and(|(signed, signature)| {
            let right = hmac.clone().chain_update(signed).finalize().into_bytes();
            is_equal(signature.as_bytes(), URL_SAFE_NO_PAD.encode(right).as_bytes())
        })
    };
    let pair = Pair::new("a verifier with this `==`: first, last byte", classes, call)?;
    Ok(pair.repeated(4).expecting(Expected::Control))
}

/// A login that hashes only for users that exist.
fn login() -> Answer<Pair> {
    let hasher = PasswordHasher::builder().cost(BCRYPT.configured).build()?;
    let stored = hasher.hash(PASSWORD)?;
    let classes = ['k', UNKNOWN].map(|letter| names(letter, INPUTS));
    let call = move |name: &str| name.starts_with('k') && hasher.verify("wrong", &stored);
    Ok(Pair::new("a login that hashes for known users only", classes, call)?
        .measured(1000)
        .expecting(Expected::Control))
}

/// The genuine verifier, with the same inputs in both classes.
fn same() -> Answer<Pair> {
    let tokens = TokenManager::new(SECRET)?;
    let (signed, tag) = split(&tokens.create_access_token(&Payload::new(1))?)?;
    let classes = [in_last_byte(&tag), in_last_byte(&tag)].map(|tags| joined(&signed, tags));
    let call = move |token: &str| tokens.decode_access_token::<Payload>(token).is_ok();
    Ok(Pair::new("the same inputs in both classes", classes, call)?.repeated(4))
}

/// Compares byte after byte and returns at the first difference. The comparison of slices may take blocks of bytes.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| one == other)
}

const SECRET: [u8; 32] = [7; 32];

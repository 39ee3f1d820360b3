//! The search for the key of a token: in a ring with one key, and for the last key of a ring with a thousand.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use gatevault::{KeyRing, SigningKey, TokenManager};

use crate::sample::{self, Strings};
use crate::{Answer, Group, Length, Measure, Row};

pub(crate) const HS256: Group = Group { name: "HS256, keys in a ring", length: Length::Short, rows: hs256 };
pub(crate) const ES256: Group = Group { name: "ES256, keys in a ring", length: Length::Long, rows: es256 };

fn hs256() -> Answer<Vec<Row>> {
    rows(Measure::Instructions, hs256_key)
}

fn es256() -> Answer<Vec<Row>> {
    rows(Measure::Time, es256_key)
}

/// Creates the rows, with new keys.
fn rows(measure: Measure, new_key: fn() -> Answer<SigningKey>) -> Answer<Vec<Row>> {
    Ok(vec![
        row(ONLY, 1, new_key)?,
        row("the last of a thousand keys", 1000, new_key)?.with_goal(measure, ONLY, 2.0, 1.1),
    ])
}

/// Creates a row that verifies a token of the last key in a ring.
fn row(name: &'static str, length: u32, new_key: fn() -> Answer<SigningKey>) -> Answer<Row> {
    let keys = (1..=length).map(|number| Ok(new_key()?.with_id(format!("key-{number:04}"))?));
    let keys = keys.collect::<Answer<Vec<_>>>()?;
    let last = keys.last().ok_or("no key")?.clone();
    let token = TokenManager::builder().key(last).build()?.create_access_token(&sample::user())?;
    let ring = KeyRing::verifying(keys.iter().map(|key| key.verifying_key().clone()))?;
    let tokens = TokenManager::builder().key_ring(ring).build()?;
    Row::new(name, move || tokens.decode_access_token::<Strings>(&token))
}

/// Creates a random secret.
pub(crate) fn hs256_key() -> Answer<SigningKey> {
    Ok(SigningKey::hs256(gatevault::generate_secret()?)?)
}

/// Creates a key pair.
pub(crate) fn es256_key() -> Answer<SigningKey> {
    Ok(SigningKey::es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?.to_pkcs8v1()?)?)
}

const ONLY: &str = "the only key";

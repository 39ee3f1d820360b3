//! Keys in JWK, JWK sets, PEM and DER: what is read is written and read again, and works.

use gatevault::{ConfigError, JwkSet, KeyRing, Payload, SigningKey, TokenManager, VerifyingKey};

/// Asserts what holds for every key that the input is.
pub fn run(input: &[u8]) {
    if input.len() > LONGEST {
        return;
    }
    let text = String::from_utf8_lossy(input);
    let public = PUBLIC.iter().filter_map(|read| read(input).ok());
    let public: Vec<_> = public.chain(VerifyingKey::from_jwk(&text)).collect();
    for key in &public {
        written_and_read_again(key);
    }
    let private: Vec<_> = PRIVATE.iter().filter_map(|read| read(input).ok()).collect();
    let private_jwk = SigningKey::from_jwk(&text);
    private.iter().chain(&private_jwk).for_each(signs_what_it_verifies);
    // A secret in a JWK is a key of both kinds; a PEM or DER file never is the only key of one and a secret.
    let has_key_pair = private_jwk.as_ref().is_ok_and(|key| key.verifying_key().to_jwk().is_some());
    if !private.is_empty() || has_key_pair || public.iter().any(|key| key.to_jwk().is_some()) {
        let as_secret = SigningKey::hs256(input);
        assert!(matches!(as_secret, Err(ConfigError::KeyAsSecret)), "a key as a secret: {as_secret:?}");
    }
    if let Ok(set) = JwkSet::from_json(&text) {
        is_a_set(&set);
    }
}

/// Returns the key that is read from the JWK of a public key, and asserts that it is the same. A secret has no JWK.
fn written_and_read_again(key: &VerifyingKey) -> Option<VerifyingKey> {
    let jwk = key.to_jwk()?;
    assert!(!jwk.contains(r#""d":"#), "a private member is published");
    let again = VerifyingKey::from_jwk(&jwk).expect("a JWK that was written is read");
    assert_eq!((again.to_jwk(), again.id()), (Some(jwk), key.id()));
    assert_eq!(again.jwk_thumbprint(), key.jwk_thumbprint());
    assert_eq!(again.algorithm(), key.algorithm());
    Some(again)
}

/// A key that is accepted signs tokens that its public half verifies, also after its way through a JWK.
fn signs_what_it_verifies(key: &SigningKey) {
    let published = written_and_read_again(key.verifying_key());
    let manager = TokenManager::builder().key(key.clone()).build().expect("an accepted key");
    let token = manager.create_access_token(&Payload::new(42)).expect("an accepted key signs");
    for public in published.iter().chain([key.verifying_key()]) {
        let ring = KeyRing::verifying([public.clone()]).expect("one key");
        assert_eq!(ring.verifying_keys().len(), 1);
        let reader = TokenManager::builder().key_ring(ring).build().expect("an accepted key");
        let verified = reader.decode_access_token::<Payload>(&token).expect("the public half verifies");
        assert_eq!(verified.user_id(), &42.into());
    }
}

/// A set that was written is read again, with the same keys and none skipped.
fn is_a_set(set: &JwkSet) {
    assert!(!set.keys().is_empty());
    for key in set.keys() {
        written_and_read_again(key);
    }
    let json = set.to_json();
    let again = JwkSet::from_json(&json).expect("a set that was written is read");
    assert_eq!((again.to_json(), again.skipped().len()), (json, 0));
    assert_eq!(again.keys().len(), set.keys().len());
}

type Read<K> = fn(&[u8]) -> Result<K, ConfigError>;

macro_rules! readers {
    ($key:ident) => {
        [
            |input| $key::rs256(input),
            |input| $key::rs384(input),
            |input| $key::rs512(input),
            |input| $key::ps256(input),
            |input| $key::ps384(input),
            |input| $key::ps512(input),
            |input| $key::es256(input),
            |input| $key::es384(input),
            |input| $key::es512(input),
            |input| $key::eddsa(input),
        ]
    };
}

const PUBLIC: [Read<VerifyingKey>; 10] = readers!(VerifyingKey);
const PRIVATE: [Read<SigningKey>; 10] = readers!(SigningKey);

/// Longer input repeats what shorter input shows.
const LONGEST: usize = 4096;

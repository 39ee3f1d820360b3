//! Secrets for HMAC that are no key of another kind, in every form in which they are written.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use gatevault::{SigningKey, generate_secret};
use gatevault_tests::hex;
use proptest::prelude::*;

use crate::key_texts::{numbers, wrapped};

/// Returns `secret` in the forms in which secrets are written.
fn secrets(bytes: &[u8]) -> Vec<Vec<u8>> {
    vec![
        bytes.to_vec(),
        hex(bytes).to_uppercase().into_bytes(),
        hex(bytes).into_bytes(),
        STANDARD.encode(bytes).into_bytes(),
        URL_SAFE_NO_PAD.encode(bytes).into_bytes(),
        wrapped(&STANDARD.encode(bytes), 64).into_bytes(),
        numbers(bytes, ",").into_bytes(),
    ]
}

/// Text that resembles keys and is none.
const PASSPHRASES: [&str; 10] = [
    "a secret of at least thirty-two bytes",
    "correct horse battery staple, and 40 more words to begin a public key",
    "BEGIN PUBLIC KEY is written in a file that this secret does not contain",
    "kty and alg and use: none of them makes a JWK, even beside EC RSA OKP",
    "MII is how most keys begin, but not this MIIBIjANBgkqhkiG",
    r#"{"k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75"}"#,
    "100% of %41%42%43 and \\u0041\\n\\x42 are escapes in a secret \\",
    "550e8400-e29b-41d4-a716-446655440000",
    "rsa ssh ecdsa ed25519 certificate pgp public private",
    "$2b$12$EixZaYVK1fsbw1ZfbX3OXePaWxn96p36WQoeG6Lruj3vjPGga31lW",
];

#[test]
fn a_secret_that_only_resembles_a_key_is_accepted() {
    for secret in PASSPHRASES {
        assert!(SigningKey::hs256(secret).is_ok(), "{secret}");
    }
    for _ in 0..1000 {
        let secret = generate_secret().unwrap();
        assert!(SigningKey::hs256(&secret).is_ok());
        assert!(SigningKey::hs256(uuid::Uuid::parse_str(&secret[..32]).unwrap().to_string()).is_ok());
    }
    // A text whose second character is its length, as in a DER sequence.
    for length in 34..=127_u8 {
        let rest = b"0A0T".iter().cycle().take(usize::from(length) - 2);
        let secret: Vec<u8> = [b'0', length - 2].iter().chain(rest).copied().collect();
        assert!(SigningKey::hs256(&secret).is_ok(), "{}", String::from_utf8_lossy(&secret));
    }
    // Bytes that begin as a key does are as random as other bytes.
    assert!(SigningKey::hs512([&[0x30, 0x3e, 0x02, 0x01, 0x00, 0x30][..], &[6; 58]].concat()).is_ok());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn every_random_secret_is_accepted(
        bytes in prop::collection::vec(any::<u8>(), 1..200),
        size in prop::sample::select(vec![16_usize, 32, 48, 64]),
        phrase in "\\PC{1,80}",
    ) {
        let sized: Vec<u8> = bytes.iter().copied().cycle().take(size).collect();
        for secret in [secrets(&bytes), secrets(&sized), vec![phrase.into_bytes()]].concat() {
            prop_assert!(SigningKey::hs256(&secret).is_ok(), "{:?}", secret);
        }
    }
}

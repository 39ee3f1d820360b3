//! Every invalid setting of the builder is an error that names the setting.

use std::time::Duration;

use gatevault::error::Warning;
use gatevault::{ConfigError, SigningKey, TokenManager, generate_secret};
use gatevault_tests::SECRET;

#[test]
fn every_misuse_is_an_error_that_names_its_setting() {
    let with = || TokenManager::builder().secret(SECRET);
    let key = SigningKey::hs256(SECRET).unwrap();
    let misuses = [
        ("secret", TokenManager::builder()),
        ("secret", TokenManager::builder().secret("")),
        ("secret", TokenManager::builder().secret("short").deny_short_key()),
        ("secret", TokenManager::builder().secret("\n-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYI")),
        ("secret", TokenManager::builder().secret("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ")),
        ("secret", TokenManager::builder().secret(r#" {"kty":"EC","crv":"P-256","x":"f83O","y":"x_FE"}"#)),
        ("secret", TokenManager::builder().secret([&[0x30, 0x82, 0x01, 0x00][..], &[7; 256]].concat())),
        ("secret", TokenManager::builder().secret([&[0x30, 42, 0x30][..], &[7; 41]].concat())),
        ("key", with().key(key)),
        ("access_expiry", with().access_expiry(Duration::ZERO)),
        ("access_expiry", with().access_expiry(Duration::from_millis(999))),
        ("refresh_expiry", with().refresh_expiry(Duration::ZERO)),
        ("refresh_expiry", with().refresh_expiry(Duration::MAX)),
        ("leeway", with().leeway(Duration::from_secs(86_401))),
        ("clock_skew", with().clock_skew(Duration::from_secs(86_401))),
        ("max_lifetime", with().max_lifetime(Duration::ZERO)),
        (
            "max_lifetime",
            with().access_expiry(Duration::from_hours(48)).max_lifetime(Duration::from_hours(47)),
        ),
        ("issuer", with().issuer("")),
        ("audience", with().audience("")),
        ("subject_claim", with().subject_claim("")),
        ("subject_claim", with().subject_claim("exp")),
        ("max_token_bytes", with().max_token_bytes(255)),
        ("max_token_bytes", with().max_token_bytes(usize::MAX)),
    ];
    for (setting, builder) in misuses {
        let error = builder.build().unwrap_err().to_string();
        assert!(error.contains(&format!("`{setting}`")), "{setting}: {error}");
        assert!(!error.contains(SECRET));
    }
    let empty_id = SigningKey::hs256(SECRET).unwrap().with_id("").unwrap_err();
    assert_eq!(empty_id, ConfigError::EmptyText { setting: "with_id" });
}

#[test]
fn a_short_secret_warns_and_still_works() {
    let tokens = TokenManager::new("short").unwrap();
    assert_eq!(tokens.warnings(), [Warning::ShortKey { bytes: 5, recommended: 32 }]);
    assert_eq!(TokenManager::new(SECRET).unwrap().warnings(), []);
    assert_eq!(TokenManager::new([0; 32]).unwrap().warnings(), []);
    let hs512 = TokenManager::builder().key(SigningKey::hs512([0; 63]).unwrap()).build().unwrap();
    assert_eq!(hs512.warnings(), [Warning::ShortKey { bytes: 63, recommended: 64 }]);
}

#[test]
fn bytes_that_only_begin_like_an_encoded_key_are_a_secret() {
    for secret in
        [&[0x30, 42, 7, 7][..], &[0x30, 0x82, 1, 0, 7], b"{\"k\":1}", b"0", &[0x30], &[0x30, 0x82, 0xff]]
    {
        assert!(TokenManager::new(secret).is_ok(), "{secret:?}");
    }
}

#[test]
fn a_generated_secret_is_new_each_time_and_long_enough() {
    let (one, two) = (generate_secret().unwrap(), generate_secret().unwrap());
    assert_ne!(one, two);
    assert!(one.len() == 64 && one.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f')));
    assert!(TokenManager::builder().secret(&one).deny_short_key().build().is_ok());
}

#[test]
fn debug_output_never_contains_the_secret() {
    let key = SigningKey::hs256(SECRET).unwrap();
    let builder = TokenManager::builder().secret(SECRET);
    let printed = format!("{key:?} {builder:?} {:?}", builder_of(SECRET));
    assert!(!printed.contains(SECRET) && !printed.contains("0123"), "{printed}");
}

fn builder_of(secret: &str) -> TokenManager {
    TokenManager::new(secret).unwrap()
}

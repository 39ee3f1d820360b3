//! Tokens of any content under genuine signatures, and the manager that they are for.

use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::testing::ManualClock;
use gatevault::token::TokenManagerBuilder;
use gatevault::{KeyRing, SigningKey, TokenManager};
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The id of a second key of the ring.
pub(crate) const KEY_ID: &str = "2026-11";

const SECOND_SECRET: &str = "the second secret, which signs none of the tokens of these targets";

/// The time of every clock: 2026-01-01 00:00:00 UTC.
pub(crate) const START: u64 = 1_767_225_600;

/// The header of a valid token.
pub(crate) const HEADER: &str = r#"{"alg":"HS256","typ":"JWT"}"#;

/// The claims of a valid access token.
pub(crate) const CLAIMS: &str =
    r#"{"user_id":42,"exp":1767226500,"iat":1767225600,"type":"access","jti":"8a6e3f0c"}"#;

/// Returns the manager of the tokens, with one key without an id.
pub(crate) fn manager() -> &'static TokenManager {
    static MANAGER: OnceLock<TokenManager> = OnceLock::new();
    MANAGER.get_or_init(|| builder().secret(SECRET).build().expect("valid settings"))
}

/// Returns a manager with two keys: the one of the tokens has the id [`KEY_ID`].
pub(crate) fn manager_of_two_keys() -> &'static TokenManager {
    static MANAGER: OnceLock<TokenManager> = OnceLock::new();
    MANAGER.get_or_init(|| {
        let key =
            |secret: &str, id| SigningKey::hs256(secret).and_then(|key| key.with_id(id)).expect("a secret");
        let ring = KeyRing::new(key(SECRET, KEY_ID));
        ring.add(key(SECOND_SECRET, "2026-10")).expect("another id");
        builder().key_ring(ring).build().expect("valid settings")
    })
}

/// Returns a builder with the clock of the tokens.
pub(crate) fn builder() -> TokenManagerBuilder {
    let clock = ManualClock::at(SystemTime::UNIX_EPOCH + Duration::from_secs(START));
    TokenManager::builder().clock(clock).clock_skew(Duration::ZERO)
}

/// Creates an HS256 token with any header.
pub(crate) fn forge(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let message = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).expect("any length is a key");
    let tag = mac.chain_update(&message).finalize().into_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

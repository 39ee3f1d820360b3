//! The manager under attack, whose gate is installed: a key of every algorithm, and an issuer beside it.

use std::sync::LazyLock;

use gatevault::{GateVault, Issuer, KeyRing, SigningKey, TokenManager};
use gatevault_attack_tests::{AUDIENCE, ISSUER, ring};
use gatevault_tests::timed;

/// Returns the manager. Its clock stays at the creation time of the tokens.
pub(crate) fn manager() -> TokenManager {
    static MANAGER: LazyLock<TokenManager> = LazyLock::new(|| {
        let tokens = separate();
        GateVault::new(tokens.clone()).install().unwrap();
        tokens
    });
    MANAGER.clone()
}

/// Creates another manager of the same keys, for handlers: with their pools they decide which users a manager accepts.
pub(crate) fn separate() -> TokenManager {
    let keys = KeyRing::verifying([partner_key().verifying_key().clone()]).unwrap();
    let partner = Issuer::new(PARTNER, keys).audience(AUDIENCE);
    let tokens = TokenManager::builder().key_ring(ring()).issuer(ISSUER).audience(AUDIENCE).clock(timed().1);
    tokens.accept(partner).build().unwrap()
}

/// Creates a manager of the same keys that has no audience.
pub(crate) fn without_audience() -> TokenManager {
    TokenManager::builder().key_ring(ring()).issuer(ISSUER).clock(timed().1).build().unwrap()
}

/// Returns a manager of the accepted issuer.
pub(crate) fn partner() -> TokenManager {
    let partner =
        TokenManager::builder().key(partner_key()).issuer(PARTNER).audience(AUDIENCE).clock(timed().1);
    partner.subject_claim("sub").build().unwrap()
}

fn partner_key() -> SigningKey {
    SigningKey::hs256("another secret of at least thirty-two bytes").unwrap().with_id("partner").unwrap()
}

const PARTNER: &str = "https://id.partner.example";

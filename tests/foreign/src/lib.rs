//! A foreign crate in the same build. Its manifest enables features of shared dependencies, and it installs its own
//! cryptography providers for the process.
#![expect(clippy::panic, reason = "the library must never call a process-wide provider")]

use std::sync::Once;

use jsonwebtoken::crypto::{CryptoProvider, KeyUtils};
use rustls::crypto::{GetRandomFailed, SecureRandom, aws_lc_rs};

/// Installs process-wide providers that panic on every call.
///
/// # Panics
///
/// Panics if the process has providers already.
pub fn install_hostile_providers() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        assert!(HOSTILE.install_default().is_ok(), "jsonwebtoken has a provider already");
        let provider =
            rustls::crypto::CryptoProvider { secure_random: &Hostile, ..aws_lc_rs::default_provider() };
        assert!(provider.install_default().is_ok(), "rustls has a provider already");
    });
}

static HOSTILE: CryptoProvider = CryptoProvider {
    signer_factory: |_, _| panic!("the process-wide provider was asked to sign"),
    verifier_factory: |_, _| panic!("the process-wide provider was asked to verify"),
    key_utils: KeyUtils::new_unimplemented(),
};

#[derive(Debug)]
struct Hostile;

impl SecureRandom for Hostile {
    fn fill(&self, _: &mut [u8]) -> Result<(), GetRandomFailed> {
        panic!("the process-wide provider was asked for randomness")
    }
}

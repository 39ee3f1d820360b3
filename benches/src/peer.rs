//! `jsonwebtoken` with both of its back ends in one process, which it does not offer: a provider of our own asks the
//! one or the other, as the row wants.

use std::sync::atomic::{AtomicBool, Ordering};

use jsonwebtoken::crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::DeserializeOwned;

use crate::{Answer, Row};

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BackEnd {
    AwsLcRs,
    RustCrypto,
}

/// A row that verifies with `jsonwebtoken`.
pub(crate) fn decoding<C: DeserializeOwned + 'static>(
    back_end: BackEnd,
    algorithm: Algorithm,
    key: DecodingKey,
    token: &'static str,
) -> Answer<Row> {
    let name = match back_end {
        BackEnd::AwsLcRs => ANCHOR,
        BackEnd::RustCrypto => "jsonwebtoken::decode, rust_crypto",
    };
    let validation = Validation::new(algorithm);
    row(back_end, name, move || jsonwebtoken::decode::<C>(token, &key, &validation))
}

/// A row that does something with `jsonwebtoken`.
pub(crate) fn row<T>(
    back_end: BackEnd,
    name: &'static str,
    call: impl Fn() -> jsonwebtoken::errors::Result<T> + 'static,
) -> Answer<Row> {
    // It is installed already where another row has been here.
    let _ = PROVIDER.install_default();
    back_end.choose();
    Ok(Row::new(name, call)?.after(move || back_end.choose()))
}

/// The row that most others are held against.
pub(crate) const ANCHOR: &str = "jsonwebtoken::decode, aws_lc_rs";

impl BackEnd {
    fn choose(self) {
        IS_RUST_CRYPTO.store(self == Self::RustCrypto, Ordering::Relaxed);
    }
}

static IS_RUST_CRYPTO: AtomicBool = AtomicBool::new(false);

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| (chosen().signer_factory)(algorithm, key),
    verifier_factory: |algorithm, key| (chosen().verifier_factory)(algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

fn chosen() -> &'static CryptoProvider {
    if IS_RUST_CRYPTO.load(Ordering::Relaxed) {
        &rust_crypto::DEFAULT_PROVIDER
    } else {
        &aws_lc::DEFAULT_PROVIDER
    }
}

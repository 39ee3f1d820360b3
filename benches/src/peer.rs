//! jsonwebtoken with both of its back ends in one process, which it does not support itself: the provider here delegates
//! to the back end that the row selects.

use std::sync::atomic::{AtomicBool, Ordering};

use jsonwebtoken::crypto::{CryptoProvider, KeyUtils, aws_lc, rust_crypto};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::de::DeserializeOwned;

use crate::{Answer, Row};

/// A back end of jsonwebtoken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum BackEnd {
    AwsLcRs,
    RustCrypto,
}

/// Creates a row that verifies a token with jsonwebtoken.
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

/// Creates a row that calls jsonwebtoken with this back end.
pub(crate) fn row<T>(
    back_end: BackEnd,
    name: &'static str,
    call: impl Fn() -> jsonwebtoken::errors::Result<T> + 'static,
) -> Answer<Row> {
    // An error means that an earlier row has installed it.
    let _ = PROVIDER.install_default();
    back_end.select();
    Ok(Row::new(name, call)?.after(move || back_end.select()))
}

/// The name of the row that most others are compared with.
pub(crate) const ANCHOR: &str = "jsonwebtoken::decode, aws_lc_rs";

impl BackEnd {
    /// Selects this back end for the following calls.
    fn select(self) {
        IS_RUST_CRYPTO.store(self == Self::RustCrypto, Ordering::Relaxed);
    }
}

static IS_RUST_CRYPTO: AtomicBool = AtomicBool::new(false);

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: |algorithm, key| (selected().signer_factory)(algorithm, key),
    verifier_factory: |algorithm, key| (selected().verifier_factory)(algorithm, key),
    key_utils: KeyUtils::new_unimplemented(),
};

/// Returns the provider of the selected back end.
fn selected() -> &'static CryptoProvider {
    if IS_RUST_CRYPTO.load(Ordering::Relaxed) {
        &rust_crypto::DEFAULT_PROVIDER
    } else {
        &aws_lc::DEFAULT_PROVIDER
    }
}

//! Finds the requested key in PEM or DER input.

use zeroize::Zeroizing;

use super::der::Elements;
use super::form::{self, Content, KeyKind};
use super::invalid_key::invalid_key;
use super::pem::{self, Section};
use super::private::PrivateKey;
use super::public::{INVALID, PublicKey};
use super::suite::Suite;
use crate::error::ConfigError;
use crate::key::SigningKey;

/// Reads the key pair in PEM or DER.
pub(super) fn private(
    suite: &Suite,
    given_to: &'static str,
    input: &[u8],
) -> Result<SigningKey, ConfigError> {
    let key = find(input, Content::Private, suite.kind)
        .and_then(|der| Ok(PrivateKey::new(suite, &der).ok_or(INVALID)?.into_key(suite)?));
    key.map_err(|mismatch| mismatch.into_error(given_to, suite.private_key()))
}

/// Reads the public key in PEM or DER.
pub(super) fn public(suite: &Suite, given_to: &'static str, input: &[u8]) -> Result<PublicKey, ConfigError> {
    let key = find(input, Content::Public, suite.kind).and_then(|der| Ok(PublicKey::new(suite, &der)?));
    key.map_err(|mismatch| mismatch.into_error(given_to, suite.public_key()))
}

/// Input without the requested key.
struct Mismatch {
    /// The input, as a noun phrase.
    found: &'static str,
    /// The remedy, if it is more specific than "give the requested key".
    instead: Option<&'static str>,
}

impl Mismatch {
    fn into_error(self, given_to: &'static str, expected: &'static str) -> ConfigError {
        invalid_key(given_to, self.found, self.instead.unwrap_or(expected))
    }
}

impl From<&'static str> for Mismatch {
    fn from(found: &'static str) -> Self {
        Self { found, instead: None }
    }
}

/// A key in the input.
struct FoundKey {
    content: Content,
    kind: KeyKind,
    key: Zeroizing<Vec<u8>>,
}

/// Returns the first key with this content. It must be of this kind.
fn find(input: &[u8], content: Content, kind: KeyKind) -> Result<Zeroizing<Vec<u8>>, Mismatch> {
    let mut other = None;
    for found in keys(input) {
        if found.content == content {
            return if found.kind == kind { Ok(found.key) } else { Err(found.kind.name().into()) };
        }
        other.get_or_insert(found.content);
    }
    let (found, instead) = match other {
        Some(Content::Encrypted) => {
            ("an encrypted key", Some("the decrypted key, as `openssl pkey` writes it"))
        }
        Some(Content::Private) => {
            ("a private key", Some("its public half, as `openssl pkey -pubout` writes it"))
        }
        Some(Content::Public) => ("a public key", None),
        None if input.trim_ascii_start().starts_with(b"{") => ("a JWK", Some("the JWK to `from_jwk`")),
        None => ("data without a PEM or DER key", None),
    };
    Err(Mismatch { found, instead })
}

/// Returns the keys in the input: one in DER, any number in PEM.
fn keys(input: &[u8]) -> Vec<FoundKey> {
    if Elements::of_sequence(input).is_some() {
        return recognize(input).into_iter().collect();
    }
    // PEM sections are ASCII. The text around them can be in any encoding.
    pem::sections(&String::from_utf8_lossy(input))
        .filter_map(|section| match section {
            Section::Der(der) => recognize(&der),
            Section::Encrypted => Some(FoundKey {
                content: Content::Encrypted,
                kind: KeyKind::Other,
                key: Zeroizing::default(),
            }),
        })
        .collect()
}

fn recognize(der: &[u8]) -> Option<FoundKey> {
    let encoded = form::recognize(der)?;
    let key = Zeroizing::new(encoded.key.to_vec());
    Some(FoundKey { content: encoded.content, kind: encoded.kind, key })
}

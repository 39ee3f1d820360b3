//! Finds the requested key in PEM or DER input.

use zeroize::Zeroizing;

use super::der::Elements;
use super::form::{self, Content, KeyKind};
use super::invalid_key::Mismatch;
use super::pem::{self, Section};
use super::private::PrivateKey;
use super::pss::{Parameters, PssKey};
use super::public::{INVALID, PublicKey};
use super::suite::Suite;
use super::unsupported;
use crate::error::ConfigError;
use crate::key::SigningKey;

/// Reads the key pair in PEM or DER.
pub(super) fn private(
    suite: &Suite,
    given_to: &'static str,
    input: &[u8],
) -> Result<SigningKey, ConfigError> {
    let key = find(input, Content::Private, suite)
        .and_then(|der| Ok(PrivateKey::new(suite, &der).ok_or(INVALID)?.into_key(suite)?));
    key.map_err(|mismatch| mismatch.into_error(given_to, suite.private_key()))
}

/// Reads the public key in PEM or DER.
pub(super) fn public(suite: &Suite, given_to: &'static str, input: &[u8]) -> Result<PublicKey, ConfigError> {
    let key = find(input, Content::Public, suite).and_then(|der| Ok(PublicKey::new(suite, &der)?));
    key.map_err(|mismatch| mismatch.into_error(given_to, suite.public_key()))
}

/// A key in the input.
struct FoundKey {
    content: Content,
    kind: KeyKind,
    /// The name of an algorithm that is not supported.
    unsupported: Option<&'static str>,
    /// The parameters of an RSA-PSS key.
    pss: Option<Parameters>,
    key: Zeroizing<Vec<u8>>,
}

impl FoundKey {
    /// Returns the key if it serves the algorithm.
    fn for_suite(self, suite: &Suite) -> Result<Zeroizing<Vec<u8>>, Mismatch> {
        if let Some(parameters) = self.pss {
            parameters.allow(suite.algorithm)?;
        }
        match self.unsupported {
            _ if self.kind == suite.kind => Ok(self.key),
            Some(name) => Err(format!("{} ({name})", self.kind.name()).into()),
            None => Err(self.kind.name().into()),
        }
    }
}

/// Returns the first key with this content. It must be one for this algorithm.
fn find(input: &[u8], content: Content, suite: &Suite) -> Result<Zeroizing<Vec<u8>>, Mismatch> {
    let mut other = None;
    for found in keys(input) {
        if found.content == content {
            return found.for_suite(suite);
        }
        other.get_or_insert(found.content);
    }
    Err(match other {
        Some(Content::Encrypted) => {
            Mismatch::new("an encrypted key", "the decrypted key, as `openssl pkey` writes it")
        }
        Some(Content::Private) => {
            Mismatch::new("a private key", "its public half, as `openssl pkey -pubout` writes it")
        }
        Some(Content::Public) => "a public key".into(),
        None => unsupported::describe(input),
    })
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
                unsupported: None,
                pss: None,
                key: Zeroizing::default(),
            }),
        })
        .collect()
}

fn recognize(der: &[u8]) -> Option<FoundKey> {
    let encoded = form::recognize(der)?;
    let pss = PssKey::recognize(encoded.key);
    let (kind, key) = match &pss {
        Some(pss) => (form::recognize(pss.pkcs1)?.kind, pss.pkcs1),
        None if unsupported::is_dsa(der) => (KeyKind::Other, encoded.key),
        None => (encoded.kind, encoded.key),
    };
    Some(FoundKey {
        content: encoded.content,
        kind,
        unsupported: matches!(kind, KeyKind::Other | KeyKind::OtherCurve)
            .then(|| unsupported::algorithm(encoded.key))
            .flatten(),
        pss: pss.map(|pss| pss.parameters),
        key: Zeroizing::new(key.to_vec()),
    })
}

//! From what was given to the key that is meant.

use zeroize::Zeroizing;

use super::der::Elements;
use super::form::{self, Content, Kind};
use super::pem::{self, Section};
use super::private::PrivateKey;
use super::public::{BROKEN, PublicKey};
use super::refusal::refusal;
use super::suite::Suite;
use crate::error::ConfigError;
use crate::key::SigningKey;

/// The key pair in PEM or DER.
pub(super) fn private(suite: &Suite, given_to: &'static str, text: &[u8]) -> Result<SigningKey, ConfigError> {
    let key = find(text, Content::Private, suite.kind)
        .and_then(|der| Ok(PrivateKey::new(suite, &der).ok_or(BROKEN)?.into_key(suite)?));
    key.map_err(|unfit| unfit.refusal(given_to, suite.private_key()))
}

/// The public key in PEM or DER.
pub(super) fn public(suite: &Suite, given_to: &'static str, text: &[u8]) -> Result<PublicKey, ConfigError> {
    let key = find(text, Content::Public, suite.kind).and_then(|der| Ok(PublicKey::new(suite, &der)?));
    key.map_err(|unfit| unfit.refusal(given_to, suite.public_key()))
}

/// What was found, and what to give where that is not just the right key.
struct Unfit {
    found: &'static str,
    instead: Option<&'static str>,
}

impl Unfit {
    fn refusal(self, given_to: &'static str, wanted: &'static str) -> ConfigError {
        refusal(given_to, self.found, self.instead.unwrap_or(wanted))
    }
}

impl From<&'static str> for Unfit {
    fn from(found: &'static str) -> Self {
        Self { found, instead: None }
    }
}

struct Found {
    content: Content,
    kind: Kind,
    key: Zeroizing<Vec<u8>>,
}

/// The first key of this content, if it is of this kind.
fn find(text: &[u8], content: Content, kind: Kind) -> Result<Zeroizing<Vec<u8>>, Unfit> {
    let mut other = None;
    for found in contents(text) {
        if found.content == content {
            return if found.kind == kind { Ok(found.key) } else { Err(found.kind.name().into()) };
        }
        other.get_or_insert(found.content);
    }
    let (found, instead) = match other {
        Some(Content::Encrypted) => ("an encrypted key", Some("it decrypted, as `openssl pkey` writes it")),
        Some(Content::Private) => {
            ("a private key", Some("its public half, as `openssl pkey -pubout` writes it"))
        }
        Some(Content::Public) => ("a public key", None),
        None if text.trim_ascii_start().starts_with(b"{") => ("a JWK", Some("it to `from_jwk`")),
        None => ("what is no key in PEM or DER", None),
    };
    Err(Unfit { found, instead })
}

fn contents(text: &[u8]) -> Vec<Found> {
    if Elements::of_sequence(text).is_some() {
        return recognise(text).into_iter().collect();
    }
    // A section is ASCII, whatever stands around it.
    pem::sections(&String::from_utf8_lossy(text))
        .filter_map(|section| match section {
            Section::Der(der) => recognise(&der),
            Section::Encrypted => {
                Some(Found { content: Content::Encrypted, kind: Kind::Other, key: Zeroizing::default() })
            }
        })
        .collect()
}

fn recognise(der: &[u8]) -> Option<Found> {
    let form = form::recognise(der)?;
    Some(Found { content: form.content, kind: form.kind, key: Zeroizing::new(form.key.to_vec()) })
}

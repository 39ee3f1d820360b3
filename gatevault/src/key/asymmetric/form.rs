//! Recognizes the key in a DER encoding by its structure: which half it is, and of which kind.

use super::der::{CONTEXT_0, Elements, INTEGER, OCTET_STRING, OID};

/// The half of a key pair that an encoding contains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Private,
    /// PKCS#8 or legacy PEM, encrypted with a passphrase.
    Encrypted,
    Public,
}

/// The kind of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyKind {
    Rsa,
    ShortRsa,
    LongRsa,
    P256,
    P384,
    P521,
    OtherCurve,
    Ed25519,
    Other,
}

/// A recognized encoding.
pub(super) struct EncodedKey<'d> {
    pub(super) content: Content,
    pub(super) kind: KeyKind,
    /// The encoding of the key itself, without the certificate around it.
    pub(super) key: &'d [u8],
}

impl KeyKind {
    /// Returns the noun phrase for errors.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rsa => "an RSA key",
            Self::ShortRsa => "an RSA key of fewer than 2048 bits",
            Self::LongRsa => "an RSA key of more than 8192 bits",
            Self::P256 => "an EC key on P-256",
            Self::P384 => "an EC key on P-384",
            Self::P521 => "an EC key on P-521",
            Self::OtherCurve => "an EC key on a curve that is neither P-256 nor P-384 nor P-521",
            Self::Ed25519 => "an Ed25519 key",
            Self::Other => "a key that is neither RSA nor EC nor Ed25519",
        }
    }

    /// Classifies an RSA key by the length of its modulus. Keys below 2048 bits can be broken. Keys above 8192 bits
    /// slow down verification, so that the owner of a published key could cause a denial of service.
    pub(super) fn of_modulus(modulus: &[u8]) -> Self {
        let unused = modulus.first().map_or(0, |first| first.leading_zeros());
        let bits = u32::try_from(modulus.len()).unwrap_or(u32::MAX).saturating_mul(8).saturating_sub(unused);
        match bits {
            ..2048 => Self::ShortRsa,
            2048..=8192 => Self::Rsa,
            _ => Self::LongRsa,
        }
    }
}

/// Recognizes PKCS#1, PKCS#8, SEC1, SPKI and X.509.
pub(super) fn recognize(encoding: &[u8]) -> Option<EncodedKey<'_>> {
    let form = |content, key| move |kind| EncodedKey { content, kind, key };
    let elements = Elements::of_sequence(encoding)?;
    None.or_else(|| spki(elements).map(form(Content::Public, encoding)))
        .or_else(|| pkcs1_public(elements).map(form(Content::Public, encoding)))
        .or_else(|| {
            let key = certified(elements)?;
            spki(Elements::of_sequence(key)?).map(form(Content::Public, key))
        })
        .or_else(|| encrypted(elements).map(form(Content::Encrypted, encoding)))
        .or_else(|| private(elements).map(form(Content::Private, encoding)))
}

/// Returns the key bits of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
pub(super) fn public_bits(spki: &[u8]) -> Option<&[u8]> {
    let mut elements = Elements::of_sequence(spki)?;
    elements.sequence()?;
    elements.bits()
}

/// Returns the modulus and the exponent of an `RSAPublicKey` (RFC 8017 appendix A.1.1).
pub(super) fn rsa_numbers(pkcs1: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut elements = Elements::of_sequence(pkcs1)?;
    let numbers = (elements.unsigned()?, elements.unsigned()?);
    elements.is_empty().then_some(numbers)
}

fn spki(mut elements: Elements<'_>) -> Option<KeyKind> {
    let kind = algorithm(elements.sequence()?)?;
    let bits = elements.bits().filter(|_| elements.is_empty())?;
    Some(if kind == KeyKind::Rsa { KeyKind::of_modulus(rsa_numbers(bits)?.0) } else { kind })
}

fn pkcs1_public(mut elements: Elements<'_>) -> Option<KeyKind> {
    let modulus = elements.unsigned()?;
    elements.unsigned().filter(|_| elements.is_empty()).map(|_| KeyKind::of_modulus(modulus))
}

/// Returns the public key in a certificate (RFC 5280 section 4.1) and skips the fields before it.
fn certified(mut certificate: Elements<'_>) -> Option<&[u8]> {
    let mut body = certificate.sequence()?;
    body.take(CONTEXT_0); // the version, which version 1 omits
    body.take(INTEGER)?;
    let _signature_issuer_validity_subject =
        (body.sequence()?, body.sequence()?, body.sequence()?, body.sequence()?);
    body.whole_sequence()
}

/// Recognizes an `EncryptedPrivateKeyInfo` (RFC 5958 section 3).
fn encrypted(mut elements: Elements<'_>) -> Option<KeyKind> {
    algorithm(elements.sequence()?)?;
    elements.take(OCTET_STRING).filter(|_| elements.is_empty()).map(|_| KeyKind::Other)
}

/// Recognizes PKCS#8 (RFC 5958), SEC1 (RFC 5915) and PKCS#1 (RFC 8017), which all begin with a version.
fn private(all: Elements<'_>) -> Option<KeyKind> {
    let mut elements = all;
    elements.take(INTEGER)?;
    if let Some(identifier) = elements.sequence() {
        let kind = algorithm(identifier)?;
        let key = elements.take(OCTET_STRING)?;
        return if kind == KeyKind::Rsa { pkcs1_private(Elements::of_sequence(key)?) } else { Some(kind) };
    }
    if elements.take(OCTET_STRING).is_some() {
        return elements.take(CONTEXT_0).map(|curve_of| curve(Elements::new(curve_of)));
    }
    pkcs1_private(all)
}

fn pkcs1_private(mut elements: Elements<'_>) -> Option<KeyKind> {
    elements.take(INTEGER)?;
    let modulus = elements.unsigned()?;
    (elements.unsigned().is_some() && !elements.is_empty()).then(|| KeyKind::of_modulus(modulus))
}

/// Returns the kind that an `AlgorithmIdentifier` names.
fn algorithm(mut identifier: Elements<'_>) -> Option<KeyKind> {
    Some(match identifier.take(OID)? {
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => KeyKind::Rsa,
        b"\x2a\x86\x48\xce\x3d\x02\x01" => curve(identifier),
        b"\x2b\x65\x70" => KeyKind::Ed25519,
        _ => KeyKind::Other,
    })
}

fn curve(mut parameters: Elements<'_>) -> KeyKind {
    match parameters.take(OID) {
        Some(b"\x2a\x86\x48\xce\x3d\x03\x01\x07") => KeyKind::P256,
        Some(b"\x2b\x81\x04\x00\x22") => KeyKind::P384,
        Some(b"\x2b\x81\x04\x00\x23") => KeyKind::P521,
        _ => KeyKind::OtherCurve,
    }
}

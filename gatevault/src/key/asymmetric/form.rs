//! What a DER encoding holds, told by its shape: of which half, and of which kind.

use super::der::{CONTEXT_0, Elements, INTEGER, OCTET_STRING, OID};

/// What an encoding holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Private,
    /// PKCS#8 or legacy PEM behind a passphrase.
    Encrypted,
    Public,
}

/// The kinds of keys that are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Rsa,
    ShortRsa,
    LongRsa,
    P256,
    P384,
    OtherCurve,
    Ed25519,
    Other,
}

/// An encoding that was recognised.
pub(super) struct Form<'d> {
    pub(super) content: Content,
    pub(super) kind: Kind,
    /// The key itself: of a certificate, what is inside it.
    pub(super) key: &'d [u8],
}

impl Kind {
    /// As an error names it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Rsa => "an RSA key",
            Self::ShortRsa => "an RSA key of fewer than 2048 bits",
            Self::LongRsa => "an RSA key of more than 8192 bits",
            Self::P256 => "an EC key on P-256",
            Self::P384 => "an EC key on P-384",
            Self::OtherCurve => "an EC key on a curve that is neither P-256 nor P-384",
            Self::Ed25519 => "an Ed25519 key",
            Self::Other => "a key that is neither RSA nor EC nor Ed25519",
        }
    }

    /// RSA keys under 2048 bits can be broken; over 8192, verifying takes an attacker's word for how long.
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

/// Recognises PKCS#1, PKCS#8, SEC1, SPKI and X.509.
pub(super) fn recognise(encoding: &[u8]) -> Option<Form<'_>> {
    let form = |content, key| move |kind| Form { content, kind, key };
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

/// The bits of a `SubjectPublicKeyInfo` (RFC 5280 section 4.1.2.7).
pub(super) fn public_bits(spki: &[u8]) -> Option<&[u8]> {
    let mut elements = Elements::of_sequence(spki)?;
    elements.sequence()?;
    elements.bits()
}

/// Modulus and exponent of an `RSAPublicKey` (RFC 8017 appendix A.1.1).
pub(super) fn rsa_numbers(pkcs1: &[u8]) -> Option<(&[u8], &[u8])> {
    let mut elements = Elements::of_sequence(pkcs1)?;
    let numbers = (elements.unsigned()?, elements.unsigned()?);
    elements.is_empty().then_some(numbers)
}

fn spki(mut elements: Elements<'_>) -> Option<Kind> {
    let kind = algorithm(elements.sequence()?)?;
    let bits = elements.bits().filter(|_| elements.is_empty())?;
    Some(if kind == Kind::Rsa { Kind::of_modulus(rsa_numbers(bits)?.0) } else { kind })
}

fn pkcs1_public(mut elements: Elements<'_>) -> Option<Kind> {
    let modulus = elements.unsigned()?;
    elements.unsigned().filter(|_| elements.is_empty()).map(|_| Kind::of_modulus(modulus))
}

/// The public key in a certificate (RFC 5280 section 4.1): what stands before it is skipped.
fn certified(mut certificate: Elements<'_>) -> Option<&[u8]> {
    let mut body = certificate.sequence()?;
    body.take(CONTEXT_0); // the version; there is none in the first one
    body.take(INTEGER)?;
    let _signature_issuer_validity_subject =
        (body.sequence()?, body.sequence()?, body.sequence()?, body.sequence()?);
    body.whole_sequence()
}

/// An `EncryptedPrivateInfo` (RFC 5958 section 3).
fn encrypted(mut elements: Elements<'_>) -> Option<Kind> {
    algorithm(elements.sequence()?)?;
    elements.take(OCTET_STRING).filter(|_| elements.is_empty()).map(|_| Kind::Other)
}

/// PKCS#8 (RFC 5958), SEC1 (RFC 5915) and PKCS#1 (RFC 8017) all begin with a version.
fn private(all: Elements<'_>) -> Option<Kind> {
    let mut elements = all;
    elements.take(INTEGER)?;
    if let Some(identifier) = elements.sequence() {
        let kind = algorithm(identifier)?;
        let key = elements.take(OCTET_STRING)?;
        return if kind == Kind::Rsa { pkcs1_private(Elements::of_sequence(key)?) } else { Some(kind) };
    }
    if elements.take(OCTET_STRING).is_some() {
        return elements.take(CONTEXT_0).map(|curve_of| curve(Elements::new(curve_of)));
    }
    pkcs1_private(all)
}

fn pkcs1_private(mut elements: Elements<'_>) -> Option<Kind> {
    elements.take(INTEGER)?;
    let modulus = elements.unsigned()?;
    (elements.unsigned().is_some() && !elements.is_empty()).then(|| Kind::of_modulus(modulus))
}

/// What an `AlgorithmIdentifier` names.
fn algorithm(mut identifier: Elements<'_>) -> Option<Kind> {
    Some(match identifier.take(OID)? {
        b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" => Kind::Rsa,
        b"\x2a\x86\x48\xce\x3d\x02\x01" => curve(identifier),
        b"\x2b\x65\x70" => Kind::Ed25519,
        _ => Kind::Other,
    })
}

fn curve(mut parameters: Elements<'_>) -> Kind {
    match parameters.take(OID) {
        Some(b"\x2a\x86\x48\xce\x3d\x03\x01\x07") => Kind::P256,
        Some(b"\x2b\x81\x04\x00\x22") => Kind::P384,
        _ => Kind::OtherCurve,
    }
}

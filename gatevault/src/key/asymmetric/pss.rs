//! RSA-PSS keys (RFC 4055): the RSA key inside, and the parameters that restrict its use.

use super::der::{BIT_STRING, CONTEXT_0, Elements, INTEGER, OCTET_STRING, OID};
use super::invalid_key::Mismatch;
use crate::key::Algorithm;

/// A key that must only be used with RSASSA-PSS.
pub(super) struct PssKey<'d> {
    /// The key in PKCS#1, the form that aws-lc reads.
    pub(super) pkcs1: &'d [u8],
    pub(super) parameters: Parameters,
}

/// The parameters of an RSA-PSS key.
#[derive(Clone, Copy)]
pub(super) enum Parameters {
    Unrestricted,
    /// The hash of the message, with which JOSE's other parameters agree.
    Hash(Hash),
    /// Parameters that no algorithm of JOSE has (RFC 7518 section 3.5).
    Other(&'static str),
}

/// A hash in parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
    /// A hash that this module does not know, or that of another mask than MGF1.
    Other,
}

impl<'d> PssKey<'d> {
    /// Recognizes an RSA-PSS key in PKCS#8 or SPKI.
    pub(super) fn recognize(encoding: &'d [u8]) -> Option<Self> {
        let mut elements = Elements::of_sequence(encoding)?;
        let is_private = elements.take(INTEGER).is_some();
        let mut algorithm = elements.sequence()?;
        if algorithm.take(OID)? != RSASSA_PSS {
            return None;
        }
        let parameters = if algorithm.is_empty() {
            Parameters::Unrestricted
        } else {
            read(algorithm).unwrap_or(Parameters::Other(MALFORMED))
        };
        let pkcs1 = if is_private {
            elements.take(OCTET_STRING)
        } else {
            elements.take(BIT_STRING)?.strip_prefix(&[0])
        };
        Some(Self { pkcs1: pkcs1?, parameters })
    }
}

impl Parameters {
    /// Checks that the key may be used with `algorithm`.
    pub(super) fn allow(self, algorithm: Algorithm) -> Result<(), Mismatch> {
        let found = match (self, hash_of(algorithm)) {
            (Self::Other(found), _) => return Err(Mismatch::new(found, INSTEAD)),
            (Self::Unrestricted, Some(_)) => return Ok(()),
            (Self::Hash(fixed), Some(hash)) if fixed == hash => return Ok(()),
            (_, None) => "an RSA-PSS key",
            (Self::Hash(Hash::Sha256), _) => "an RSA-PSS key whose parameters fix SHA-256",
            (Self::Hash(Hash::Sha384), _) => "an RSA-PSS key whose parameters fix SHA-384",
            (Self::Hash(_), _) => "an RSA-PSS key whose parameters fix SHA-512",
        };
        let instead = match self {
            Self::Hash(Hash::Sha384) => "this key to `ps384`, or a key for the algorithm of this constructor",
            Self::Hash(Hash::Sha512) => "this key to `ps512`, or a key for the algorithm of this constructor",
            _ => "this key to `ps256`, or a key for the algorithm of this constructor",
        };
        Err(Mismatch::new(found, instead))
    }
}

/// Returns the hash of an algorithm of RSASSA-PSS.
fn hash_of(algorithm: Algorithm) -> Option<Hash> {
    match algorithm {
        Algorithm::PS256 => Some(Hash::Sha256),
        Algorithm::PS384 => Some(Hash::Sha384),
        Algorithm::PS512 => Some(Hash::Sha512),
        _ => None,
    }
}

/// Reads `RSASSA-PSS-params` (RFC 4055 section 3.1). An absent field has its default: SHA-1, and a salt of 20 bytes.
fn read(mut elements: Elements<'_>) -> Option<Parameters> {
    let mut fields = elements.sequence().filter(|_| elements.is_empty())?;
    let hash = fields.take(CONTEXT_0).map_or(Some(Hash::Sha1), |field| hash(Elements::new(field)))?;
    let mask = fields.take(CONTEXT_1).map_or(Some(Hash::Sha1), |field| mask(Elements::new(field)))?;
    let salt = fields.take(CONTEXT_2).map_or(Some(&[20][..]), |field| Elements::new(field).unsigned())?;
    let trailer = fields.take(CONTEXT_3).map_or(Some(&[1][..]), |field| Elements::new(field).unsigned())?;
    if !fields.is_empty() || trailer != [1] {
        return None;
    }
    let Some(longest) = salt_length(hash) else {
        return Some(Parameters::Other("an RSA-PSS key whose parameters fix a hash that JOSE does not use"));
    };
    Some(match salt {
        _ if mask != hash => Parameters::Other(OTHER_MASK),
        [] => Parameters::Hash(hash),
        [salt] if *salt <= longest => Parameters::Hash(hash),
        _ => Parameters::Other("an RSA-PSS key whose parameters require a salt longer than the hash"),
    })
}

/// Returns the length of JOSE's salt, the length of the hash. A key's parameter is the smallest length it allows.
fn salt_length(hash: Hash) -> Option<u8> {
    match hash {
        Hash::Sha1 | Hash::Other => None,
        Hash::Sha256 => Some(32),
        Hash::Sha384 => Some(48),
        Hash::Sha512 => Some(64),
    }
}

/// Returns the hash of an `AlgorithmIdentifier`.
fn hash(mut elements: Elements<'_>) -> Option<Hash> {
    Some(match elements.sequence()?.take(OID)? {
        b"\x2b\x0e\x03\x02\x1a" => Hash::Sha1,
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x01" => Hash::Sha256,
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x02" => Hash::Sha384,
        b"\x60\x86\x48\x01\x65\x03\x04\x02\x03" => Hash::Sha512,
        _ => Hash::Other,
    })
}

/// Returns the hash of the mask generation function, which must be MGF1.
fn mask(mut elements: Elements<'_>) -> Option<Hash> {
    let mut function = elements.sequence()?;
    if function.take(OID)? == MGF1 { hash(function) } else { Some(Hash::Other) }
}

const RSASSA_PSS: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a";
const MGF1: &[u8] = b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x08";
const CONTEXT_1: u8 = 0xa1;
const CONTEXT_2: u8 = 0xa2;
const CONTEXT_3: u8 = 0xa3;

const MALFORMED: &str = "an RSA-PSS key with malformed parameters";
const OTHER_MASK: &str = "an RSA-PSS key whose parameters fix a mask generation function other than MGF1 with the hash of the signature";

// openssl writes the default, MGF1 with SHA-1, unless both options are given.
const INSTEAD: &str = "an RSA-PSS key without parameters, or one generated with `-pkeyopt rsa_pss_keygen_md:sha256 \
                       -pkeyopt rsa_pss_keygen_mgf1_md:sha256`";

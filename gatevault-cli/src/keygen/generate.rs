//! New key pairs. aws-lc generates and encodes them.

use aws_lc_rs::encoding::{
    AsBigEndian as _, AsDer as _, Curve25519SeedBin, EcPrivateKeyBin, Pkcs8V1Der, PublicKeyX509Der,
};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED_SIGNING, ECDSA_P521_SHA512_FIXED_SIGNING,
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use gatevault::Algorithm;
use pkcs8::der::pem::{LineEnding, PemLabel as _};
use pkcs8::spki::SubjectPublicKeyInfoRef;
use pkcs8::{PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use crate::algorithms::{Family, family};
use crate::answer::Failure;

/// The sizes of RSA keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum RsaBits {
    #[default]
    Bits2048,
    Bits3072,
    Bits4096,
}

/// Parses the size of an RSA key.
pub(super) fn bits(text: &str) -> Result<RsaBits, String> {
    match text {
        "2048" => Ok(RsaBits::Bits2048),
        "3072" => Ok(RsaBits::Bits3072),
        "4096" => Ok(RsaBits::Bits4096),
        _ => Err("an RSA key has 2048, 3072 or 4096 bits".to_owned()),
    }
}

/// A new key pair, in DER.
pub(super) struct KeyPair {
    pkcs8: Zeroizing<Vec<u8>>,
    spki: Vec<u8>,
    /// The private members of its JWK, unless it is an RSA key, whose numbers are in `pkcs8`.
    scalar: Option<Zeroizing<Vec<u8>>>,
}

/// A private member of a JWK: its name and its bytes.
pub(super) type Member = (&'static str, Zeroizing<Vec<u8>>);

impl KeyPair {
    /// Creates a key pair for an algorithm.
    pub(super) fn generate(algorithm: Algorithm, bits: RsaBits) -> Result<Self, Failure> {
        let pair = match family(algorithm) {
            Some(Family::Rsa) => Self::rsa(bits),
            Some(Family::Ecdsa) => Self::ecdsa(algorithm),
            Some(Family::Ed25519) => Self::ed25519(),
            Some(Family::Secret) | None => Err(Unspecified),
        };
        pair.map_err(|_| Failure::new(format!("aws-lc could not generate a key for {algorithm}")))
    }

    fn rsa(bits: RsaBits) -> Result<Self, Unspecified> {
        let pair = RsaKeyPair::generate(match bits {
            RsaBits::Bits2048 => KeySize::Rsa2048,
            RsaBits::Bits3072 => KeySize::Rsa3072,
            RsaBits::Bits4096 => KeySize::Rsa4096,
        })?;
        let (pkcs8, spki): (Pkcs8V1Der<'_>, PublicKeyX509Der<'_>) =
            (pair.as_der()?, pair.public_key().as_der()?);
        Ok(Self::new(pkcs8.as_ref(), spki.as_ref(), None))
    }

    fn ecdsa(algorithm: Algorithm) -> Result<Self, Unspecified> {
        let pair = EcdsaKeyPair::generate(match algorithm {
            Algorithm::ES256 => &ECDSA_P256_SHA256_FIXED_SIGNING,
            Algorithm::ES384 => &ECDSA_P384_SHA384_FIXED_SIGNING,
            _ => &ECDSA_P521_SHA512_FIXED_SIGNING,
        })?;
        let (scalar, spki): (EcPrivateKeyBin<'_>, PublicKeyX509Der<'_>) =
            (pair.private_key().as_be_bytes()?, pair.public_key().as_der()?);
        Ok(Self::new(pair.to_pkcs8v1()?.as_ref(), spki.as_ref(), Some(scalar.as_ref())))
    }

    fn ed25519() -> Result<Self, Unspecified> {
        let pair = Ed25519KeyPair::generate()?;
        let (pkcs8, spki): (Pkcs8V1Der<'_>, PublicKeyX509Der<'_>) =
            (pair.as_der()?, pair.public_key().as_der()?);
        let seed: Curve25519SeedBin<'_> = pair.seed()?.as_be_bytes()?;
        Ok(Self::new(pkcs8.as_ref(), spki.as_ref(), Some(seed.as_ref())))
    }

    fn new(pkcs8: &[u8], spki: &[u8], scalar: Option<&[u8]>) -> Self {
        let wiped = |bytes: &[u8]| Zeroizing::new(bytes.to_vec());
        Self { pkcs8: wiped(pkcs8), spki: spki.to_vec(), scalar: scalar.map(wiped) }
    }

    /// Returns the private key in PKCS #8.
    pub(super) fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// Returns the private key in PEM (RFC 7468 section 10).
    pub(super) fn private_pem(&self) -> Result<Zeroizing<String>, Failure> {
        let document = SecretDocument::try_from(self.pkcs8.as_slice()).map_err(unencodable)?;
        document.to_pem(PrivateKeyInfoRef::PEM_LABEL, LineEnding::LF).map_err(unencodable)
    }

    /// Returns the public key in PEM (RFC 7468 section 13).
    pub(super) fn public_pem(&self) -> Result<String, Failure> {
        let document = pkcs8::Document::try_from(self.spki.as_slice()).map_err(unencodable)?;
        document.to_pem(SubjectPublicKeyInfoRef::PEM_LABEL, LineEnding::LF).map_err(unencodable)
    }

    /// Returns the private members of the JWK (RFC 7518 sections 6.2.2 and 6.3.2, RFC 8037 section 2).
    pub(super) fn private_members(&self) -> Result<Vec<Member>, Failure> {
        if let Some(scalar) = &self.scalar {
            return Ok(vec![("d", scalar.clone())]);
        }
        let info = PrivateKeyInfoRef::try_from(self.pkcs8.as_slice()).map_err(unencodable)?;
        let rsa = pkcs1::RsaPrivateKeyRef::try_from(info.private_key.as_bytes()).map_err(unencodable)?;
        let numbers = [
            ("d", rsa.private_exponent),
            ("p", rsa.prime1),
            ("q", rsa.prime2),
            ("dp", rsa.exponent1),
            ("dq", rsa.exponent2),
            ("qi", rsa.coefficient),
        ];
        Ok(numbers.map(|(name, number)| (name, Zeroizing::new(number.as_bytes().to_vec()))).to_vec())
    }
}

fn unencodable(error: impl std::error::Error) -> Failure {
    Failure::of("the new key cannot be encoded", &error)
}

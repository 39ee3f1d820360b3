//! Key pairs in JWKs.

use aws_lc_rs::rsa::KeyPairComponents;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair, RsaPublicKeyComponents};

use super::der::without_leading_zeros;
use super::jwk::Jwk;
use super::private::PrivateKey;
use super::public::INVALID;
use super::suite::{SigningScheme, Suite};
use crate::error::ConfigError;
use crate::key::SigningKey;

impl Jwk {
    /// Reads a key pair. Its halves must match.
    pub(super) fn key_pair(&self, suite: &Suite) -> Result<SigningKey, ConfigError> {
        if !self.has("d") {
            return Err(self.error("a public key", "the private JWK, which has `d`"));
        }
        let pair = match suite.signing {
            SigningScheme::Rsa(encoding) => self.rsa_pair()?.map(|pair| PrivateKey::Rsa(pair, encoding)),
            SigningScheme::Ecdsa(curve) => {
                let (d, point) = (self.coordinate("d", suite)?, self.point(suite)?);
                EcdsaKeyPair::from_private_key_and_public_key(curve, &d, &point).ok().map(PrivateKey::Ecdsa)
            }
            SigningScheme::Ed25519 => {
                let (d, x) = (self.coordinate("d", suite)?, self.coordinate("x", suite)?);
                Ed25519KeyPair::from_seed_and_public_key(&d, &x).ok().map(PrivateKey::Ed25519)
            }
        };
        let key = pair.ok_or(INVALID).and_then(|pair| pair.into_key(suite));
        key.map_err(|found| self.error(found, suite.private_jwk()))
    }

    /// Reads an RSA key pair. Returns `None` if aws-lc rejects it.
    fn rsa_pair(&self) -> Result<Option<RsaKeyPair>, ConfigError> {
        if self.has("oth") {
            return Err(self.error("an RSA key of more than two primes", "an RSA key of two primes"));
        }
        let (n, e) = (self.bytes("n")?, self.bytes("e")?);
        let components = KeyPairComponents {
            public_key: RsaPublicKeyComponents { n: without_leading_zeros(&n), e: without_leading_zeros(&e) },
            d: &**self.bytes("d")?,
            p: &**self.bytes("p")?,
            q: &**self.bytes("q")?,
            dP: &**self.bytes("dp")?,
            dQ: &**self.bytes("dq")?,
            qInv: &**self.bytes("qi")?,
        };
        Ok(RsaKeyPair::from_components(&components).ok())
    }
}

//! The private half of a JWK.

use aws_lc_rs::rsa::KeyPairComponents;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, RsaKeyPair, RsaPublicKeyComponents};

use super::der::without_leading_zeros;
use super::jwk::Jwk;
use super::private::PrivateKey;
use super::public::BROKEN;
use super::suite::{Signing, Suite};
use crate::error::ConfigError;
use crate::key::SigningKey;

impl Jwk {
    /// Both halves, which have to be of one key.
    pub(super) fn key_pair(&self, suite: &Suite) -> Result<SigningKey, ConfigError> {
        if !self.has("d") {
            return Err(self.refuse("a public key", "the private one, which has `d`"));
        }
        let pair = match suite.signing {
            Signing::Rsa(encoding) => self.rsa_pair()?.map(|pair| PrivateKey::Rsa(pair, encoding)),
            Signing::Ecdsa(curve) => {
                let (d, point) = (self.coordinate("d", suite)?, self.point(suite)?);
                EcdsaKeyPair::from_private_key_and_public_key(curve, &d, &point).ok().map(PrivateKey::Ecdsa)
            }
            Signing::Ed25519 => {
                let (d, x) = (self.coordinate("d", suite)?, self.coordinate("x", suite)?);
                Ed25519KeyPair::from_seed_and_public_key(&d, &x).ok().map(PrivateKey::Ed25519)
            }
        };
        let key = pair.ok_or(BROKEN).and_then(|pair| pair.into_key(suite));
        key.map_err(|found| self.refuse(found, suite.private_jwk()))
    }

    fn rsa_pair(&self) -> Result<Option<RsaKeyPair>, ConfigError> {
        if self.has("oth") {
            return Err(self.refuse("an RSA key of more than two primes", "one of two"));
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

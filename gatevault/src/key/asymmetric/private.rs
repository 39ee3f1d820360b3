//! Private keys.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair, KeyPair, RsaEncoding, RsaKeyPair};

use super::ed25519;
use super::public::{MAX_SIGNATURE, PublicKey};
use super::suite::{SigningScheme, Suite};
use crate::base64url;
use crate::error::InvalidReason;
use crate::key::scheme::Signer;
use crate::key::{SigningKey, VerifyingKey};

/// A parsed key pair. aws-lc holds it and wipes it on drop.
pub(super) enum PrivateKey {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl PrivateKey {
    /// Parses PKCS#8, PKCS#1 or SEC1.
    pub(super) fn new(suite: &Suite, der: &[u8]) -> Option<Self> {
        match suite.signing {
            SigningScheme::Rsa(encoding) => {
                let pair = RsaKeyPair::from_pkcs8(der).or_else(|_| RsaKeyPair::from_der(der)).ok()?;
                Some(Self::Rsa(pair, encoding))
            }
            SigningScheme::Ecdsa(curve) => {
                EcdsaKeyPair::from_private_key_der(curve, der).ok().map(Self::Ecdsa)
            }
            SigningScheme::Ed25519 => ed25519::key_pair(der).map(Self::Ed25519),
        }
    }

    /// Converts into a key with both halves. The public half passes the same checks as one that is given alone.
    pub(super) fn into_key(self, suite: &Suite) -> Result<SigningKey, &'static str> {
        let public = match &self {
            Self::Rsa(pair, _) => PublicKey::new(suite, pair.public_key().as_ref()),
            Self::Ecdsa(pair) => PublicKey::new(suite, pair.public_key().as_ref()),
            Self::Ed25519(pair) => PublicKey::new(suite, pair.public_key().as_ref()),
        }?;
        Ok(SigningKey::new(VerifyingKey::new(suite.algorithm, Arc::new(public)), Arc::new(self)))
    }

    /// Signs `message` and writes the signature to the front of `buffer`.
    fn sign_into<'b>(&self, message: &[u8], buffer: &'b mut [u8]) -> Option<&'b [u8]> {
        let random = SystemRandom::new();
        let signature = match self {
            Self::Rsa(pair, encoding) => {
                let signature = buffer.get_mut(..pair.public_modulus_len())?;
                pair.sign(*encoding, &random, message, signature).ok()?;
                return Some(signature);
            }
            Self::Ecdsa(pair) => pair.sign(&random, message).ok()?,
            Self::Ed25519(pair) => pair.try_sign(message).ok()?,
        };
        let buffer = buffer.get_mut(..signature.as_ref().len())?;
        buffer.copy_from_slice(signature.as_ref());
        Some(buffer)
    }
}

impl Signer for PrivateKey {
    fn sign(&self, token: &mut String) -> Result<(), InvalidReason> {
        let mut buffer = [0; MAX_SIGNATURE];
        let signature = self.sign_into(token.as_bytes(), &mut buffer).ok_or(InvalidReason::Signing)?;
        token.push('.');
        base64url::encode(signature, token);
        Ok(())
    }
}

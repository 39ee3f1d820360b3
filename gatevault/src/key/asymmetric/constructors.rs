//! The constructors that read PEM and DER, one for each of the ten algorithms.

use std::sync::Arc;

use super::{input, suite};
use crate::error::ConfigError;
use crate::key::{SigningKey, VerifyingKey};

macro_rules! constructors {
    ($($name:ident, $suite:ident, $algorithm:literal, $kind:literal, $forms:literal;)*) => {
        /// Key pairs (feature `asymmetric`). The input is PEM or DER. In PEM, the first private key counts; its line breaks can
        /// be written as `\n`, as in many environment variables.
        impl SigningKey {$(
            #[doc = concat!("Reads a key pair for ", $algorithm, ": ", $kind, ", as ", $forms, ".")]
            ///
            /// # Errors
            ///
            /// [`ConfigError::InvalidKey`] for any other input.
            pub fn $name(key: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
                input::private(&suite::$suite, concat!("SigningKey::", stringify!($name)), key.as_ref())
            }
        )*}

        /// Public keys (feature `asymmetric`). The input is PEM or DER. In PEM, the first public key counts; its line breaks
        /// can be written as `\n`.
        impl VerifyingKey {$(
            #[doc = concat!("Reads a public key for ", $algorithm, ": ", $kind, ", as SPKI or in a certificate.")]
            ///
            /// An RSA key can also be PKCS#1.
            ///
            /// # Errors
            ///
            /// [`ConfigError::InvalidKey`] for any other input, a private key included.
            ///
            /// # Security
            ///
            /// Only the key of a certificate is read. Its dates, chain and names are not checked.
            pub fn $name(key: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
                let given_to = concat!("VerifyingKey::", stringify!($name));
                let key = input::public(&suite::$suite, given_to, key.as_ref())?;
                Ok(Self::new(suite::$suite.algorithm, Arc::new(key)))
            }
        )*}
    };
}

constructors! {
    rs256, RS256, "RSASSA-PKCS1-v1_5 with SHA-256", "RSA of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    rs384, RS384, "RSASSA-PKCS1-v1_5 with SHA-384", "RSA of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    rs512, RS512, "RSASSA-PKCS1-v1_5 with SHA-512", "RSA of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    ps256, PS256, "RSASSA-PSS with SHA-256", "RSA or RSA-PSS of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    ps384, PS384, "RSASSA-PSS with SHA-384", "RSA or RSA-PSS of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    ps512, PS512, "RSASSA-PSS with SHA-512", "RSA or RSA-PSS of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    es256, ES256, "ECDSA with SHA-256", "EC on P-256", "PKCS#8 or SEC1";
    es384, ES384, "ECDSA with SHA-384", "EC on P-384", "PKCS#8 or SEC1";
    es512, ES512, "ECDSA with SHA-512", "EC on P-521", "PKCS#8 or SEC1";
    eddsa, EDDSA, "EdDSA", "Ed25519", "PKCS#8";
}

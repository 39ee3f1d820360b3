//! Keys of the nine algorithms out of PEM and DER.

use std::sync::Arc;

use super::{input, suite};
use crate::error::ConfigError;
use crate::key::{SigningKey, VerifyingKey};

macro_rules! constructors {
    ($($name:ident, $suite:ident, $algorithm:literal, $kind:literal, $forms:literal;)*) => {
        /// Key pairs (feature `asymmetric`). What is taken is PEM or DER; of PEM, the first private key in it.
        impl SigningKey {$(
            #[doc = concat!("A key pair for ", $algorithm, ": ", $kind, ", as ", $forms, ".")]
            ///
            /// # Errors
            ///
            /// [`ConfigError::InvalidKey`] for anything else.
            pub fn $name(key: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
                input::private(&suite::$suite, concat!("SigningKey::", stringify!($name)), key.as_ref())
            }
        )*}

        /// Public keys (feature `asymmetric`). What is taken is PEM or DER; of PEM, the first public key in it.
        impl VerifyingKey {$(
            #[doc = concat!("A public key for ", $algorithm, ": ", $kind, ", as SPKI, or out of a certificate.")]
            ///
            /// RSA keys can be PKCS#1 too. Of a certificate the key is taken and nothing else looked at: neither its
            /// dates, nor its chain, nor whom it names.
            ///
            /// # Errors
            ///
            /// [`ConfigError::InvalidKey`] for anything else, a private key above all.
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
    ps256, PS256, "RSASSA-PSS with SHA-256", "RSA of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    ps384, PS384, "RSASSA-PSS with SHA-384", "RSA of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    ps512, PS512, "RSASSA-PSS with SHA-512", "RSA of 2048 to 8192 bits", "PKCS#1 or PKCS#8";
    es256, ES256, "ECDSA with SHA-256", "EC on P-256", "PKCS#8 or SEC1";
    es384, ES384, "ECDSA with SHA-384", "EC on P-384", "PKCS#8 or SEC1";
    eddsa, EDDSA, "EdDSA", "Ed25519", "PKCS#8";
}

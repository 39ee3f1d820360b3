//! The nine signature algorithms, each with what it asks of aws-lc and of a key.

use aws_lc_rs::signature::{self, EcdsaSigningAlgorithm, RsaEncoding, VerificationAlgorithm};

use super::form::Kind;
use crate::key::Algorithm;

pub(super) struct Suite {
    pub(super) algorithm: Algorithm,
    /// The only kind of key it takes.
    pub(super) kind: Kind,
    pub(super) verification: &'static dyn VerificationAlgorithm,
    pub(super) signing: Signing,
}

pub(super) enum Signing {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(&'static EcdsaSigningAlgorithm),
    Ed25519,
}

impl Suite {
    /// The algorithm of this name, if it is one of key pairs.
    pub(super) fn named(name: &str) -> Option<&'static Self> {
        ALL.into_iter().find(|suite| suite.algorithm.name() == name)
    }

    pub(super) fn private_key(&self) -> &'static str {
        match self.kind {
            Kind::P256 => "an EC private key on P-256, as PEM or DER",
            Kind::P384 => "an EC private key on P-384, as PEM or DER",
            Kind::Ed25519 => "an Ed25519 private key, as PEM or DER",
            _ => "an RSA private key of 2048 to 8192 bits, as PEM or DER",
        }
    }

    pub(super) fn public_key(&self) -> &'static str {
        match self.kind {
            Kind::P256 => "an EC public key on P-256 or a certificate of one, as PEM or DER",
            Kind::P384 => "an EC public key on P-384 or a certificate of one, as PEM or DER",
            Kind::Ed25519 => "an Ed25519 public key or a certificate of one, as PEM or DER",
            _ => "an RSA public key of 2048 to 8192 bits or a certificate of one, as PEM or DER",
        }
    }

    pub(super) fn public_jwk(&self) -> &'static str {
        match self.kind {
            Kind::P256 | Kind::P384 => "one of an EC key, with `x` and `y` a point of its curve",
            Kind::Ed25519 => "one of an Ed25519 key, with `x` its 32 bytes",
            _ => "one of an RSA key of 2048 to 8192 bits, with `n` and `e`",
        }
    }

    pub(super) fn private_jwk(&self) -> &'static str {
        match self.kind {
            Kind::P256 | Kind::P384 => "one of an EC key, with `d`, `x` and `y` that belong together",
            Kind::Ed25519 => "one of an Ed25519 key, with `d` and `x` that belong together",
            _ => "one of an RSA key of 2048 to 8192 bits, with all of its numbers",
        }
    }
}

macro_rules! suites {
    ($($name:ident: $algorithm:ident, $kind:ident, $verification:ident, $signing:expr;)*) => {
        $(pub(super) static $name: Suite = Suite {
            algorithm: Algorithm::$algorithm,
            kind: Kind::$kind,
            verification: &signature::$verification,
            signing: $signing,
        };)*

        static ALL: [&Suite; 9] = [$(&$name),*];
    };
}

suites! {
    RS256: RS256, Rsa, RSA_PKCS1_2048_8192_SHA256, Signing::Rsa(&signature::RSA_PKCS1_SHA256);
    RS384: RS384, Rsa, RSA_PKCS1_2048_8192_SHA384, Signing::Rsa(&signature::RSA_PKCS1_SHA384);
    RS512: RS512, Rsa, RSA_PKCS1_2048_8192_SHA512, Signing::Rsa(&signature::RSA_PKCS1_SHA512);
    PS256: PS256, Rsa, RSA_PSS_2048_8192_SHA256, Signing::Rsa(&signature::RSA_PSS_SHA256);
    PS384: PS384, Rsa, RSA_PSS_2048_8192_SHA384, Signing::Rsa(&signature::RSA_PSS_SHA384);
    PS512: PS512, Rsa, RSA_PSS_2048_8192_SHA512, Signing::Rsa(&signature::RSA_PSS_SHA512);
    ES256: ES256, P256, ECDSA_P256_SHA256_FIXED, Signing::Ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING);
    ES384: ES384, P384, ECDSA_P384_SHA384_FIXED, Signing::Ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING);
    EDDSA: EdDSA, Ed25519, ED25519, Signing::Ed25519;
}

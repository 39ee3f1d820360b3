//! The ten asymmetric algorithms, each with its kind of key and its aws-lc implementation.

use aws_lc_rs::signature::{self, EcdsaSigningAlgorithm, RsaEncoding, VerificationAlgorithm};

use super::form::KeyKind;
use crate::key::Algorithm;

/// An algorithm and its implementation.
pub(super) struct Suite {
    pub(super) algorithm: Algorithm,
    /// The kind of key that the algorithm requires.
    pub(super) kind: KeyKind,
    pub(super) verification: &'static dyn VerificationAlgorithm,
    pub(super) signing: SigningScheme,
}

/// The parameters with which aws-lc signs.
pub(super) enum SigningScheme {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(&'static EcdsaSigningAlgorithm),
    Ed25519,
}

impl Suite {
    /// Returns the suite of a key pair's algorithm.
    pub(super) fn of(algorithm: Algorithm) -> Option<&'static Self> {
        ALL.into_iter().find(|suite| suite.algorithm == algorithm)
    }

    /// Describes the private key that a constructor expects, for errors.
    pub(super) fn private_key(&self) -> &'static str {
        match self.kind {
            KeyKind::P256 => "an EC private key on P-256, as PEM or DER",
            KeyKind::P384 => "an EC private key on P-384, as PEM or DER",
            KeyKind::P521 => "an EC private key on P-521, as PEM or DER",
            KeyKind::Ed25519 => "an Ed25519 private key, as PEM or DER",
            _ => "an RSA private key of 2048 to 8192 bits, as PEM or DER",
        }
    }

    /// Describes the public key that a constructor expects, for errors.
    pub(super) fn public_key(&self) -> &'static str {
        match self.kind {
            KeyKind::P256 => "an EC public key on P-256 or its certificate, as PEM or DER",
            KeyKind::P384 => "an EC public key on P-384 or its certificate, as PEM or DER",
            KeyKind::P521 => "an EC public key on P-521 or its certificate, as PEM or DER",
            KeyKind::Ed25519 => "an Ed25519 public key or its certificate, as PEM or DER",
            _ => "an RSA public key of 2048 to 8192 bits or its certificate, as PEM or DER",
        }
    }

    /// Describes the public JWK that `from_jwk` expects, for errors.
    pub(super) fn public_jwk(&self) -> &'static str {
        match self.kind {
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => {
                "an EC JWK whose `x` and `y` are a point on its curve"
            }
            KeyKind::Ed25519 => "an Ed25519 JWK whose `x` has 32 bytes",
            _ => "an RSA JWK of 2048 to 8192 bits with `n` and `e`",
        }
    }

    /// Describes the private JWK that `from_jwk` expects, for errors.
    pub(super) fn private_jwk(&self) -> &'static str {
        match self.kind {
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 => "an EC JWK with matching `d`, `x` and `y`",
            KeyKind::Ed25519 => "an Ed25519 JWK with matching `d` and `x`",
            _ => "an RSA JWK of 2048 to 8192 bits with `n`, `e`, `d`, `p`, `q`, `dp`, `dq` and `qi`",
        }
    }
}

/// The algorithms of an RSA key whose JWK names none.
pub(super) static RSA_FAMILY: [Algorithm; 6] = [
    Algorithm::RS256,
    Algorithm::RS384,
    Algorithm::RS512,
    Algorithm::PS256,
    Algorithm::PS384,
    Algorithm::PS512,
];

macro_rules! suites {
    ($($name:ident: $algorithm:ident, $kind:ident, $verification:ident, $signing:expr;)*) => {
        $(pub(super) static $name: Suite = Suite {
            algorithm: Algorithm::$algorithm,
            kind: KeyKind::$kind,
            verification: &signature::$verification,
            signing: $signing,
        };)*

        static ALL: [&Suite; 10] = [$(&$name),*];
    };
}

suites! {
    RS256: RS256, Rsa, RSA_PKCS1_2048_8192_SHA256, SigningScheme::Rsa(&signature::RSA_PKCS1_SHA256);
    RS384: RS384, Rsa, RSA_PKCS1_2048_8192_SHA384, SigningScheme::Rsa(&signature::RSA_PKCS1_SHA384);
    RS512: RS512, Rsa, RSA_PKCS1_2048_8192_SHA512, SigningScheme::Rsa(&signature::RSA_PKCS1_SHA512);
    PS256: PS256, Rsa, RSA_PSS_2048_8192_SHA256, SigningScheme::Rsa(&signature::RSA_PSS_SHA256);
    PS384: PS384, Rsa, RSA_PSS_2048_8192_SHA384, SigningScheme::Rsa(&signature::RSA_PSS_SHA384);
    PS512: PS512, Rsa, RSA_PSS_2048_8192_SHA512, SigningScheme::Rsa(&signature::RSA_PSS_SHA512);
    ES256: ES256, P256, ECDSA_P256_SHA256_FIXED, SigningScheme::Ecdsa(&signature::ECDSA_P256_SHA256_FIXED_SIGNING);
    ES384: ES384, P384, ECDSA_P384_SHA384_FIXED, SigningScheme::Ecdsa(&signature::ECDSA_P384_SHA384_FIXED_SIGNING);
    ES512: ES512, P521, ECDSA_P521_SHA512_FIXED, SigningScheme::Ecdsa(&signature::ECDSA_P521_SHA512_FIXED_SIGNING);
    EDDSA: EdDSA, Ed25519, ED25519, SigningScheme::Ed25519;
}

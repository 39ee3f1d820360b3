//! The signature algorithms that keys support (RFC 7518 section 3, RFC 8037).

use std::fmt;

macro_rules! algorithms {
    ($($(#[$documentation:meta])* $name:ident,)*) => {
        /// A signature algorithm, named as in JOSE.
        ///
        /// `HS256`, `HS384` and `HS512` are always available. Keys for the others need the feature `asymmetric`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Algorithm {
            $($(#[$documentation])* $name,)*
        }

        impl Algorithm {
            const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns the value of the `alg` header (RFC 7515 section 4.1.1).
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }
        }
    };
}

algorithms! {
    /// HMAC with SHA-256.
    HS256,
    /// HMAC with SHA-384.
    HS384,
    /// HMAC with SHA-512.
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256.
    RS256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    RS384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    RS512,
    /// RSASSA-PSS with SHA-256.
    PS256,
    /// RSASSA-PSS with SHA-384.
    PS384,
    /// RSASSA-PSS with SHA-512.
    PS512,
    /// ECDSA on P-256 with SHA-256.
    ES256,
    /// ECDSA on P-384 with SHA-384.
    ES384,
    /// ECDSA on P-521 with SHA-512.
    ES512,
    /// Ed25519 (RFC 8037 section 3.1). `alg` may also be `Ed25519` (RFC 9864 section 2.2), which is read and never written.
    EdDSA,
}

impl Algorithm {
    /// Returns the algorithm that the `alg` of a header or of a JWK names.
    pub(crate) fn named(alg: &str) -> Option<Self> {
        match alg {
            "Ed25519" => Some(Self::EdDSA),
            _ => Self::ALL.iter().copied().find(|algorithm| algorithm.name() == alg),
        }
    }

    /// Returns whether the same secret signs and verifies.
    pub(crate) fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS384 | Self::HS512)
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

//! HMAC keys (RFC 2104) for HS256, HS384 and HS512.
//!
//! The `hmac` crate computes and compares the tags. A key hashes its padded blocks once, when it is created; each
//! token starts from a clone of that state. The secret itself is not kept.

use std::sync::Arc;

use hmac::digest::{Output, OutputSizeUser};
use hmac::{EagerHash, Hmac, KeyInit, Mac};
use sha2::{Sha256, Sha384, Sha512};
use zeroize::{ZeroizeOnDrop, zeroize_stack};

use super::key_text::contains_key;
use super::scheme::{Signer, Verifier};
use super::{Algorithm, SigningKey, VerifyingKey};
use crate::base64url;
use crate::error::{ConfigError, InvalidReason, Warning};

impl SigningKey {
    /// Creates a key for HMAC with SHA-256. Use 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`ConfigError::EmptyKey`] for an empty secret, [`ConfigError::KeyAsSecret`] for one that contains a key of another
    /// kind, in PEM, SSH, JWK or DER form, also if it is encoded in base64, hexadecimal, percent-encoding, UTF-16 or JSON.
    pub fn hs256(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Sha256>(Algorithm::HS256, secret.as_ref())
    }

    /// Creates a key for HMAC with SHA-384. Use 48 random bytes.
    ///
    /// # Errors
    ///
    /// The same as [`hs256`](Self::hs256).
    pub fn hs384(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Sha384>(Algorithm::HS384, secret.as_ref())
    }

    /// Creates a key for HMAC with SHA-512. Use 64 random bytes.
    ///
    /// # Errors
    ///
    /// The same as [`hs256`](Self::hs256).
    pub fn hs512(secret: impl AsRef<[u8]>) -> Result<Self, ConfigError> {
        prepare::<Sha512>(Algorithm::HS512, secret.as_ref())
    }
}

/// Creates a key, with a warning for a secret that is shorter than the hash (RFC 7518 section 3.2).
///
/// `ZeroizeOnDrop` is required because the states of the hash depend on the secret. `Hmac` consists of two of them
/// and does not implement the trait itself.
fn prepare<H>(algorithm: Algorithm, secret: &[u8]) -> Result<SigningKey, ConfigError>
where
    H: EagerHash + ZeroizeOnDrop + 'static,
    Hmac<H>: Send + Sync,
{
    if contains_key(secret) {
        return Err(ConfigError::KeyAsSecret);
    }
    let (bytes, recommended) = (secret.len(), Hmac::<H>::output_size());
    if bytes == 0 {
        return Err(ConfigError::EmptyKey { recommended });
    }
    let warning = (bytes < recommended).then_some(Warning::ShortKey { bytes, recommended });
    let key = HmacKey::<H>::new(secret);
    // `Hmac::new_from_slice` leaves the padded secret on the stack.
    zeroize_stack::<STACK_OF_NEW>();
    let key = key.ok_or(ConfigError::EmptyKey { recommended })?;
    Ok(SigningKey::new(VerifyingKey::new(algorithm, key.clone()).with_warning(warning), key))
}

/// The keyed state of HMAC before the first byte of a message.
struct HmacKey<H: EagerHash>(Hmac<H>);

impl<H: EagerHash> HmacKey<H> {
    /// Prepares a key on the heap. Not inlined, so that `prepare` wipes the stack frame.
    #[inline(never)]
    fn new(secret: &[u8]) -> Option<Arc<Self>> {
        Hmac::new_from_slice(secret).ok().map(|hmac| Arc::new(Self(hmac)))
    }
}

impl<H: EagerHash + 'static> Verifier for HmacKey<H>
where
    Hmac<H>: Send + Sync,
{
    fn verifies(&self, _: Algorithm, message: &[u8], signature: &str) -> bool {
        let mut tag = Output::<Hmac<H>>::default();
        base64url::decode(signature, &mut tag)
            .is_some_and(|tag| self.0.clone().chain_update(message).verify_slice(tag).is_ok())
    }
}

impl<H: EagerHash> Signer for HmacKey<H>
where
    Hmac<H>: Send + Sync,
{
    fn sign(&self, token: &mut String) -> Result<(), InvalidReason> {
        let tag = self.0.clone().chain_update(token.as_bytes()).finalize();
        token.push('.');
        base64url::encode(tag.as_bytes(), token);
        Ok(())
    }
}

/// Bytes of stack that preparing a key may use, with room to spare.
const STACK_OF_NEW: usize = 8 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    /// A test case of RFC 4231 section 4, with its tags in hexadecimal.
    struct Vector {
        key: &'static [u8],
        message: &'static [u8],
        hs256: &'static str,
        hs384: &'static str,
        hs512: &'static str,
    }

    const VECTORS: [Vector; 6] = [
        Vector {
            key: &[0x0b; 20],
            message: b"Hi There",
            hs256: "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            hs384: "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
            hs512: "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
        },
        Vector {
            key: b"Jefe",
            message: b"what do ya want for nothing?",
            hs256: "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            hs384: "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649",
            hs512: "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737",
        },
        Vector {
            key: &[0xaa; 20],
            message: &[0xdd; 50],
            hs256: "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            hs384: "88062608d3e6ad8a0aa2ace014c8a86f0aa635d947ac9febe83ef4e55966144b2a5ab39dc13814b94e3ab6e101a34f27",
            hs512: "fa73b0089d56a284efb0f0756c890be9b1b5dbdd8ee81a3655f83e33b2279d39bf3e848279a722c806b485a47e67c807b946a337bee8942674278859e13292fb",
        },
        Vector {
            key: &COUNTING,
            message: &[0xcd; 50],
            hs256: "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            hs384: "3e8a69b7783c25851933ab6290af6ca77a9981480850009cc5577c6e1f573b4e6801dd23c4a7d679ccf8a386c674cffb",
            hs512: "b0ba465637458c6990e5a8c5f61d4af7e576d97ff94b872de76f8050361ee3dba91ca5c11aa25eb4d679275cc5788063a5f19741120c4f2de2adebeb10a298dd",
        },
        Vector {
            key: &[0xaa; 131],
            message: b"Test Using Larger Than Block-Size Key - Hash Key First",
            hs256: "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
            hs384: "4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952",
            hs512: "80b24263c7c1a3ebb71493c1dd7be8b49b46d1f41b4aeec1121b013783f8f3526b56d037e05f2598bd0fd2215d6a1e5295e64f73f63f0aec8b915a985d786598",
        },
        Vector {
            key: &[0xaa; 131],
            message: b"This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.",
            hs256: "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
            hs384: "6617178e941f020d351e2f254e8fd32c602420feb0b8fb9adccebb82461e99c5a678cc31e799176d3860e6110c46523e",
            hs512: "e37b6a775dc87dbaa4dfa9f96e5e3ffddebd71f8867289865df5a32d20cdc944b6022cac3c4982b10d5eeb55c3e4de15134676fb6de0446065c97440fa8c6a58",
        },
    ];

    const COUNTING: [u8; 25] =
        [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25];

    impl Vector {
        fn keys_and_tags(&self) -> [(SigningKey, Vec<u8>); 3] {
            [
                (SigningKey::hs256(self.key), self.hs256),
                (SigningKey::hs384(self.key), self.hs384),
                (SigningKey::hs512(self.key), self.hs512),
            ]
            .map(|(key, tag)| (key.unwrap(), from_hex(tag)))
        }
    }

    fn from_hex(digits: &str) -> Vec<u8> {
        let pairs = digits.as_bytes().chunks(2).map(|pair| str::from_utf8(pair).unwrap());
        pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap()).collect()
    }

    #[test]
    fn the_vectors_of_rfc_4231_verify_and_nothing_near_them_does() {
        for vector in VECTORS {
            for (key, tag) in vector.keys_and_tags() {
                let verifies = |tag: &[u8]| {
                    let tag = base64url::encoded(tag);
                    key.verifying_key().verifies(key.algorithm(), vector.message, &tag)
                };
                assert!(verifies(&tag), "{key:?} {:?}", vector.message);
                // RFC 4231 section 4.6 truncates a tag to 128 bits; a JWS never does.
                assert!(!verifies(&tag[..16]) && !verifies(&[&tag[..], &[0]].concat()) && !verifies(&[]));
                for bit in 0..tag.len() * 8 {
                    let mut other = tag.clone();
                    other[bit / 8] ^= 1 << (bit % 8);
                    assert!(!verifies(&other), "{key:?} {:?} bit {bit}", vector.message);
                }
            }
        }
    }

    #[test]
    fn a_key_signs_with_the_tags_of_rfc_4231() {
        let mut signed = 0;
        for vector in VECTORS {
            let Ok(message) = str::from_utf8(vector.message) else { continue };
            for (key, tag) in vector.keys_and_tags() {
                let mut token = message.to_owned();
                key.sign(&mut token).unwrap();
                assert_eq!(token, format!("{message}.{}", base64url::encoded(&tag)), "{key:?}");
                signed += 1;
            }
        }
        assert_eq!(signed, 4 * 3);
    }
}

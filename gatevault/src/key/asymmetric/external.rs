//! Keys that never leave their device or service: an HSM, a TPM, a KMS.

use std::any::Any;
use std::error::Error;
use std::sync::Arc;

use aws_lc_rs::signature::{self as algorithms, ParsedPublicKey, VerificationAlgorithm};

use super::der::{Elements, INTEGER};
use super::invalid_key::invalid_key;
use super::public::PublicKey;
use crate::base64url;
use crate::error::{ConfigError, InvalidReason};
use crate::event::{Decision, Event};
use crate::key::scheme::Signer;
use crate::key::{SigningKey, VerifyingKey};

/// Keys in a device or service (feature `asymmetric`).
impl SigningKey {
    /// Wraps a signer of the crate `signature`, version 3, such as the client of an HSM, a TPM or a KMS. `public` is its
    /// public half; an id that it has stays.
    ///
    /// `S` is the form of the signatures. For ECDSA it must have a fixed length, as `p256::ecdsa::Signature` does, and
    /// for a signer of several forms it is named: `SigningKey::external::<Signature>(..)`. The signer hashes the message
    /// itself, with the hash of the algorithm of `public`.
    ///
    /// A probe message, which is not a token, is signed and verified at once, so that a wrong key is found here. If the
    /// signer fails later, creating a token is an error with the reason [`InvalidReason::Signing`], and the log has the
    /// signer's error. A panic of the signer is not caught.
    ///
    /// # Blocking
    ///
    /// Creating a token waits for the signer on the current thread. In async code, call it in
    /// `tokio::task::spawn_blocking`, or put the key into a process of its own. The async login creates its tokens on the
    /// executor's thread: use it only with signers that answer within a millisecond or so. Verifying uses `public` and
    /// never waits.
    ///
    /// # Errors
    ///
    /// [`ConfigError::InvalidKey`] for an HMAC key as `public`, a signer that fails, signatures in DER form or of another
    /// length, another algorithm, and another key.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{Payload, SigningKey, TokenManager, VerifyingKey};
    /// use p256::ecdsa::Signature;
    /// use p256::pkcs8::EncodePublicKey;
    ///
    /// # fn connect() -> p256::ecdsa::SigningKey { p256::ecdsa::SigningKey::from_slice(&[7; 32]).unwrap() }
    /// let device = connect(); // any `Signer<Signature>`; the private key stays where it is
    /// let public = VerifyingKey::es256(device.verifying_key().to_public_key_der()?)?;
    ///
    /// let key = SigningKey::external::<Signature>(device, public)?.with_id("hsm-1")?;
    /// let tokens = TokenManager::builder().key(key).build()?;
    /// assert!(tokens.decode_token::<Payload>(&tokens.create_access_token(&Payload::new(42))?).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn external<S>(
        signer: impl signature::Signer<S> + Send + Sync + 'static,
        public: VerifyingKey,
    ) -> Result<Self, ConfigError>
    where
        S: signature::SignatureEncoding + 'static,
    {
        wrap("SigningKey::external", public, move |message: &[u8]| {
            let signature = signer.try_sign(message).map_err(Failure::from)?;
            Ok(signature.try_into().map_err(|_| UNENCODABLE)?.as_ref().to_vec())
        })
    }

    /// Wraps a signer of the crate `signature`, version 2, which the crates `yubihsm` 0.42 and `yubikey` 0.8 implement.
    /// Otherwise the same as [`external`](Self::external).
    ///
    /// # Errors
    ///
    /// The same as [`external`](Self::external).
    pub fn external_v2<S>(
        signer: impl signature2::Signer<S> + Send + Sync + 'static,
        public: VerifyingKey,
    ) -> Result<Self, ConfigError>
    where
        S: signature2::SignatureEncoding + 'static,
    {
        wrap("SigningKey::external_v2", public, move |message: &[u8]| {
            let signature = signer.try_sign(message).map_err(Failure::from)?;
            Ok(signature.try_into().map_err(|_| UNENCODABLE)?.as_ref().to_vec())
        })
    }
}

type Failure = Box<dyn Error + Send + Sync>;

/// A signer, and the length of its signatures, which is fixed for all supported algorithms.
struct ExternalKey<F> {
    sign: F,
    length: usize,
}

/// Creates a key after a probe.
fn wrap<F>(given_to: &'static str, public: VerifyingKey, sign: F) -> Result<SigningKey, ConfigError>
where
    F: Fn(&[u8]) -> Result<Vec<u8>, Failure> + Send + Sync + 'static,
{
    let verifier: &dyn Any = &*public.verifier;
    let Some(key) = verifier.downcast_ref::<PublicKey>() else {
        let instead = "the public key of the signer, such as `VerifyingKey::es256(..)` reads";
        return Err(invalid_key(given_to, "an HMAC key as the public half", instead));
    };
    let signature = sign(PROBE).map_err(|failure| {
        let found = format!("a signer that failed: {}", with_sources(&*failure));
        invalid_key(given_to, found, "a signer that is connected and allowed to sign")
    })?;
    if key.verifies_bytes(PROBE, &signature) {
        let length = signature.len();
        return Ok(SigningKey::new(public, Arc::new(ExternalKey { sign, length })));
    }
    let (found, instead) = mismatch(key, &signature);
    Err(invalid_key(given_to, found, instead))
}

impl<F> Signer for ExternalKey<F>
where
    F: Fn(&[u8]) -> Result<Vec<u8>, Failure> + Send + Sync,
{
    fn sign(&self, token: &mut String) -> Result<(), InvalidReason> {
        let signature = (self.sign)(token.as_bytes()).and_then(|signature| {
            let (found, length) = (signature.len(), self.length);
            let error = || format!("a signature of {found} bytes instead of {length}");
            (found == length).then_some(signature).ok_or_else(|| error().into())
        });
        let signature = signature.map_err(|failure| {
            Event::new(Decision::SigningFailed { error: with_sources(&*failure) }).emit();
            InvalidReason::Signing
        })?;
        token.push('.');
        base64url::encode(&signature, token);
        Ok(())
    }
}

/// Describes a signature of the probe that the public key rejects, and the remedy.
fn mismatch(key: &PublicKey, signature: &[u8]) -> (String, &'static str) {
    if is_ecdsa_der(signature) {
        let instead = "one with signatures of fixed length, such as `p256::ecdsa::Signature`";
        return ("a signer whose signatures have DER form".to_owned(), instead);
    }
    if let Some(name) = algorithm_of(key, signature) {
        let instead =
            "a signer for the algorithm of the public key, or the public key for that of the signer";
        return (format!("a signer for {name}"), instead);
    }
    match key.signature_length() {
        Some(length) if length != signature.len() => (
            format!("a signer whose signatures have {} bytes instead of {length}", signature.len()),
            "a signer for the algorithm of the public key",
        ),
        _ => (
            "a signer whose signature does not match the public key".to_owned(),
            "both halves of one key pair, and a signer that hashes the message itself",
        ),
    }
}

/// Returns whether this is an `ECDSA-Sig-Value` (RFC 3279 section 2.2.3).
fn is_ecdsa_der(signature: &[u8]) -> bool {
    let Some(mut numbers) = Elements::of_sequence(signature) else { return false };
    numbers.take(INTEGER).is_some() && numbers.take(INTEGER).is_some() && numbers.is_empty()
}

/// Returns the algorithm with which the key verifies the signature.
fn algorithm_of(key: &PublicKey, signature: &[u8]) -> Option<&'static str> {
    let spki = key.spki()?;
    let der = ecdsa_der(signature);
    let verifies = |algorithm: &'static dyn VerificationAlgorithm| {
        let key = ParsedPublicKey::new(algorithm, &spki);
        key.is_ok_and(|key| key.verify_sig(PROBE, signature).or_else(|_| key.verify_sig(PROBE, &der)).is_ok())
    };
    ALGORITHMS.into_iter().find(|(_, algorithm)| verifies(*algorithm)).map(|(name, _)| name)
}

/// Encodes an ECDSA signature of fixed length in DER, the form in which aws-lc verifies with any hash.
fn ecdsa_der(signature: &[u8]) -> Vec<u8> {
    let (r, s) = signature.split_at_checked(signature.len() / 2).unwrap_or_default();
    let numbers = [r, s].map(|number| {
        // The zero keeps the number positive. DER wants it only where it is needed.
        let number = super::der::without_leading_zeros(number);
        let zero: &[u8] = if number.first().is_some_and(|first| first & 0x80 == 0) { &[] } else { &[0] };
        element(INTEGER, &[zero, number].concat())
    });
    element(super::der::SEQUENCE, &numbers.concat())
}

/// Encodes an element of at most 255 bytes; a longer one is no signature of ECDSA.
fn element(tag: u8, contents: &[u8]) -> Vec<u8> {
    let length = u8::try_from(contents.len()).unwrap_or_default();
    let long: &[u8] = if length < 0x80 { &[] } else { &[0x81] };
    [&[tag], long, &[length], contents].concat()
}

/// Formats an error with its sources, because `signature::Error` says nothing itself.
fn with_sources(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text.push_str(": ");
        text.push_str(&error.to_string());
        source = error.source();
    }
    text
}

/// A message that is not the signing input of a token, which consists of base64url and dots (RFC 7515 section 5.1), and
/// of no detached signature, which begins with the name of its purpose.
const PROBE: &[u8] = b"gatevault probe: this message is signed to compare a signer with its public key\n";

const UNENCODABLE: &str = "the signature cannot be encoded";

/// The algorithms of all keys, with each hash, for the error of a wrong one.
const ALGORITHMS: [(&str, &dyn VerificationAlgorithm); 12] = [
    ("RSASSA-PKCS1-v1_5 with SHA-256", &algorithms::RSA_PKCS1_2048_8192_SHA256),
    ("RSASSA-PKCS1-v1_5 with SHA-384", &algorithms::RSA_PKCS1_2048_8192_SHA384),
    ("RSASSA-PKCS1-v1_5 with SHA-512", &algorithms::RSA_PKCS1_2048_8192_SHA512),
    ("RSASSA-PSS with SHA-256", &algorithms::RSA_PSS_2048_8192_SHA256),
    ("RSASSA-PSS with SHA-384", &algorithms::RSA_PSS_2048_8192_SHA384),
    ("RSASSA-PSS with SHA-512", &algorithms::RSA_PSS_2048_8192_SHA512),
    ("ECDSA with SHA-384", &algorithms::ECDSA_P256_SHA384_ASN1),
    ("ECDSA with SHA-512", &algorithms::ECDSA_P256_SHA512_ASN1),
    ("ECDSA with SHA-256", &algorithms::ECDSA_P384_SHA256_ASN1),
    ("ECDSA with SHA-512", &algorithms::ECDSA_P384_SHA512_ASN1),
    ("ECDSA with SHA-256", &algorithms::ECDSA_P521_SHA256_ASN1),
    ("ECDSA with SHA-384", &algorithms::ECDSA_P521_SHA384_ASN1),
];

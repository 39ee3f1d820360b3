//! Asymmetric signatures: the bare primitive with a parsed key, and the verification of a token. The primitive reads no
//! claims, so it is the lower bound.

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, VerificationAlgorithm,
};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::{SigningKey, TokenManager};
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::peer::{ANCHOR, BackEnd, decoding};
use crate::sample::{self, Strings};
use crate::{Answer, Group, Length, Measure, Row};

pub(crate) const ES256: Group =
    Group { name: "ES256, three strings in the claims", length: Length::Long, rows: es256 };
pub(crate) const RS256: Group =
    Group { name: "RS256, 2048 bits, three strings in the claims", length: Length::Long, rows: rs256 };
pub(crate) const EDDSA: Group =
    Group { name: "EdDSA, three strings in the claims", length: Length::Long, rows: eddsa };

/// A token and the keys to verify it.
struct Signed {
    algorithm: Algorithm,
    primitive: &'static dyn VerificationAlgorithm,
    public: Vec<u8>,
    decoding: DecodingKey,
    message: String,
    signature: Vec<u8>,
    /// The key pair for a `TokenManager`.
    key: SigningKey,
    /// The later goal for the time, divided by jsonwebtoken's.
    then: f64,
}

fn es256() -> Answer<Vec<Row>> {
    let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?;
    let (message, public) = (message("ES256"), pair.public_key().as_ref());
    Signed {
        algorithm: Algorithm::ES256,
        primitive: &ECDSA_P256_SHA256_FIXED,
        public: public.to_vec(),
        decoding: DecodingKey::from_ec_der(public),
        signature: pair.sign(&SystemRandom::new(), message.as_bytes())?.as_ref().to_vec(),
        message,
        key: SigningKey::es256(pair.to_pkcs8v1()?)?,
        then: 0.90,
    }
    .rows()
}

fn rs256() -> Answer<Vec<Row>> {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048)?;
    let (message, public) = (message("RS256"), pair.public_key().as_ref());
    let mut signature = vec![0; pair.public_modulus_len()];
    pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)?;
    Signed {
        algorithm: Algorithm::RS256,
        primitive: &RSA_PKCS1_2048_8192_SHA256,
        public: public.to_vec(),
        decoding: DecodingKey::from_rsa_der(public),
        message,
        signature,
        key: SigningKey::rs256(AsDer::<Pkcs8V1Der<'_>>::as_der(&pair)?.as_ref())?,
        then: 0.70,
    }
    .rows()
}

fn eddsa() -> Answer<Vec<Row>> {
    let pair = Ed25519KeyPair::generate()?;
    let (message, public) = (message("EdDSA"), pair.public_key().as_ref());
    Signed {
        algorithm: Algorithm::EdDSA,
        primitive: &ED25519,
        public: public.to_vec(),
        decoding: DecodingKey::from_ed_der(public),
        signature: pair.sign(message.as_bytes()).as_ref().to_vec(),
        message,
        key: SigningKey::eddsa(pair.to_pkcs8v1()?)?,
        then: 0.90,
    }
    .rows()
}

impl Signed {
    /// Creates the rows.
    fn rows(self) -> Answer<Vec<Row>> {
        let token: &'static str =
            format!("{}.{}", self.message, URL_SAFE_NO_PAD.encode(&self.signature)).leak();
        let (aws, rust) = (self.decoding.clone(), self.decoding);
        let key = ParsedPublicKey::new(self.primitive, &self.public)?;
        let tokens = TokenManager::builder().key(self.key.clone()).build()?;
        let remembering = TokenManager::builder().key(self.key).remember_signatures(1000).build()?;
        let (message, signature) = (self.message, self.signature);
        Ok(vec![
            decoding::<Strings>(BackEnd::AwsLcRs, self.algorithm, aws, token)?,
            decoding::<Strings>(BackEnd::RustCrypto, self.algorithm, rust, token)?,
            Row::new("the aws-lc-rs primitive, a parsed key", move || {
                key.verify_sig(message.as_bytes(), &signature)
            })?,
            Row::new("decode_access_token", move || tokens.decode_access_token::<Strings>(token))?.with_goal(
                Measure::Time,
                ANCHOR,
                1.0,
                self.then,
            ),
            Row::new("decode_access_token, the signature remembered", move || {
                remembering.decode_access_token::<Strings>(token)
            })?,
        ])
    }
}

/// Returns the encoded header and claims.
fn message(algorithm: &str) -> String {
    let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{algorithm}","typ":"JWT"}}"#));
    format!("{header}.{}", URL_SAFE_NO_PAD.encode(sample::strings()))
}

//! The command line of OpenSSL as a peer, which signs and verifies the signing input of a token.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use base64::prelude::{BASE64_URL_SAFE_NO_PAD, Engine as _};
use gatevault::error::ConfigError;
use gatevault::{KeyRing, VerifyingKey};
use serde_json::json;

use crate::environment::run;
use crate::issuer::{USER, claims, create, decode, ring_of_one, signing_key, verifying_key};
use crate::matrix::{ALGORITHMS, OURS, Outcomes, THEIRS};

/// The secret, as OpenSSL reads it.
const MAC_KEY: &str = "key:a secret of more than sixty-four bytes, which OpenSSL reads from its arguments";
const NEEDED: &str = "OpenSSL 3 is needed: sudo apt-get install openssl";

/// Exchanges tokens of every algorithm with OpenSSL: keys in PEM, and in our JWK converted from it.
pub(crate) fn exchange() -> Outcomes {
    let mut outcomes = Outcomes::default();
    for algorithm in ALGORITHMS {
        let key = Key::generate(algorithm);
        let token = key.token();
        for (form, ring) in key.rings() {
            let user = ring.map_err(|error| error.to_string());
            let user = user.and_then(|ring| decode(ring, &token).map_err(|error| format!("{error:?}")));
            outcomes.add(("openssl", THEIRS), algorithm, form, user);
        }
        let ours = signing_key(algorithm, key.private()).map_err(|error| error.to_string());
        let user = ours.and_then(|ours| key.verifies(&create(ours))).map(|()| USER.to_owned());
        outcomes.add(("openssl", OURS), algorithm, key.form(), user);
    }
    outcomes
}

/// A key pair, or a secret, in a folder of its own.
struct Key {
    algorithm: &'static str,
    folder: PathBuf,
}

impl Key {
    fn generate(algorithm: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop-openssl").join(algorithm);
        fs::create_dir_all(&folder).unwrap();
        let key = Self { algorithm, folder };
        let options: &[&str] = match algorithm {
            "EdDSA" | "Ed25519" => &["ed25519"],
            "ES256" => &["EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            "ES384" => &["EC", "-pkeyopt", "ec_paramgen_curve:P-384"],
            "ES512" => &["EC", "-pkeyopt", "ec_paramgen_curve:P-521"],
            _ if key.is_secret() => {
                fs::write(key.path("private"), MAC_KEY.trim_start_matches("key:")).unwrap();
                return key;
            }
            _ => &["RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
        };
        key.openssl(&["genpkey", "-out", "private", "-algorithm"], options).unwrap();
        key.openssl(&["pkey", "-in", "private", "-pubout", "-out", "public"], &[]).unwrap();
        key
    }

    fn path(&self, file: &str) -> PathBuf {
        self.folder.join(file)
    }

    fn private(&self) -> Vec<u8> {
        fs::read(self.path("private")).unwrap()
    }

    fn form(&self) -> &'static str {
        if self.is_secret() { "secret" } else { "PEM" }
    }

    fn is_secret(&self) -> bool {
        self.algorithm.starts_with("HS")
    }

    /// Returns the public key, as PEM and as our JWK of it.
    fn rings(&self) -> Vec<(&'static str, Result<KeyRing, ConfigError>)> {
        let file = if self.is_secret() { "private" } else { "public" };
        let key = verifying_key(self.algorithm, fs::read(self.path(file)).unwrap());
        let jwk = key.as_ref().ok().and_then(VerifyingKey::to_jwk);
        let jwk = jwk.map(|jwk| ("our JWK", ring_of_one(VerifyingKey::from_jwk(&jwk))));
        [(self.form(), ring_of_one(key))].into_iter().chain(jwk).collect()
    }

    /// Creates a token whose signature OpenSSL makes.
    fn token(&self) -> String {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let header = json!({"alg": self.algorithm}).to_string();
        let message = format!("{}.{}", encode(header.as_bytes()), encode(claims().to_string().as_bytes()));
        fs::write(self.path("message"), &message).unwrap();
        self.openssl(&self.operation(true), &[]).unwrap();
        let signature = fs::read(self.path("signature")).unwrap();
        let signature =
            self.number_length().map_or(signature.clone(), |length| numbers_of(&signature, length));
        format!("{message}.{}", encode(&signature))
    }

    /// Verifies a token of ours.
    fn verifies(&self, token: &str) -> Result<(), String> {
        let (message, signature) = token.rsplit_once('.').unwrap();
        let signature = BASE64_URL_SAFE_NO_PAD.decode(signature).unwrap();
        fs::write(self.path("message"), message).unwrap();
        if self.is_secret() {
            self.openssl(&self.operation(true), &[])?;
            let made = fs::read(self.path("signature")).unwrap();
            return (made == signature).then_some(()).ok_or_else(|| "another tag".to_owned());
        }
        let signature = self.number_length().map_or(signature.clone(), |_| der_of(&signature));
        fs::write(self.path("signature"), signature).unwrap();
        self.openssl(&self.operation(false), &[])
    }

    /// Returns the arguments that sign, or verify, the message.
    fn operation(&self, signs: bool) -> Vec<&str> {
        let algorithm = self.algorithm;
        if algorithm.starts_with("Ed") {
            return if signs {
                vec!["pkeyutl", "-sign", "-rawin", "-inkey", "private", "-in", "message", "-out", "signature"]
            } else {
                let input = ["-pubin", "-inkey", "public", "-in", "message", "-sigfile", "signature"];
                [&["pkeyutl", "-verify", "-rawin"][..], &input].concat()
            };
        }
        let hash = [("256", "-sha256"), ("384", "-sha384"), ("512", "-sha512")];
        let hash = hash.into_iter().find(|(bits, _)| algorithm.ends_with(bits)).unwrap().1;
        let key: &[&str] = match (self.is_secret(), signs) {
            (true, _) => &["-mac", "HMAC", "-macopt", MAC_KEY, "-binary", "-out", "signature"],
            (false, true) => &["-sign", "private", "-out", "signature"],
            (false, false) => &["-verify", "public", "-signature", "signature"],
        };
        let pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:digest"];
        let padding = if algorithm.starts_with("PS") { &pss[..] } else { &[] };
        [&["dgst", hash][..], padding, key, &["message"]].concat()
    }

    /// Returns the length of the two numbers of an ECDSA signature (RFC 7518 section 3.4).
    fn number_length(&self) -> Option<usize> {
        [("ES256", 32), ("ES384", 48), ("ES512", 66)]
            .into_iter()
            .find_map(|(name, length)| (name == self.algorithm).then_some(length))
    }

    fn openssl(&self, arguments: &[&str], more: &[&str]) -> Result<(), String> {
        run(Command::new("openssl").args(arguments).args(more).current_dir(&self.folder), NEEDED)
    }
}

/// Converts a signature in DER (RFC 3279 section 2.2.3) to two numbers of this length.
fn numbers_of(der: &[u8], length: usize) -> Vec<u8> {
    let mut rest = if der[1] < 0x80 { &der[2..] } else { &der[3..] };
    let mut numbers = Vec::new();
    for _ in 0..2 {
        let (number, after) = rest[2..].split_at(rest[1].into());
        let digits = &number[number.len().saturating_sub(length)..];
        numbers.resize(numbers.len() + length - digits.len(), 0);
        numbers.extend(digits);
        rest = after;
    }
    numbers
}

/// Converts two numbers of one length to a signature in DER.
fn der_of(numbers: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    for number in numbers.chunks(numbers.len() / 2) {
        let zeros = number.iter().take_while(|byte| **byte == 0).count();
        let digits = [&[0][..usize::from(number[zeros] >= 0x80)], &number[zeros..]].concat();
        content.extend([2, u8::try_from(digits.len()).unwrap()]);
        content.extend(digits);
    }
    let length = u8::try_from(content.len()).unwrap();
    let start = if length < 0x80 { vec![0x30, length] } else { vec![0x30, 0x81, length] };
    [start, content].concat()
}

//! Keys from files and the environment: PEM, DER, JWK, JWK sets, and secrets.

use std::path::{Path, PathBuf};

use clap::Args;
use gatevault::{Algorithm, ConfigError, JwkSet, SigningKey, VerifyingKey};
use serde_json::Value;
use zeroize::Zeroizing;

use crate::algorithms::{self, Family};
use crate::answer::Failure;
use crate::input;

/// The options that name a key. A file may be `-`, standard input.
#[derive(Debug, Args)]
#[group(multiple = false)]
pub(crate) struct KeySource {
    /// A file with a key in PEM, DER or JWK; `-` for standard input
    #[arg(long, value_name = "FILE", help_heading = "Key")]
    key: Option<PathBuf>,

    /// The variable of the environment that holds a key in PEM or JWK
    #[arg(long, value_name = "NAME", help_heading = "Key")]
    key_env: Option<String>,

    /// A file with a secret; its last line break does not belong to it; `-` for standard input
    #[arg(long, value_name = "FILE", help_heading = "Key")]
    secret_file: Option<PathBuf>,

    /// The variable of the environment that holds a secret
    #[arg(long, value_name = "NAME", help_heading = "Key")]
    secret_env: Option<String>,
}

/// The algorithm, where the key itself leaves it open.
#[derive(Debug, Args)]
pub(crate) struct KeyAlgorithm {
    /// The algorithm of the key, if the key leaves it open: HS256 for a secret and RS256 for an RSA key unless set
    #[arg(long, value_name = "ALG", value_parser = algorithms::parser(), ignore_case = true, help_heading = "Key")]
    pub(crate) alg: Option<Algorithm>,
}

/// A key or several, as they were found.
#[derive(Debug)]
pub(crate) enum Keys {
    /// A key pair or a secret.
    Signing(SigningKey),
    /// A public key.
    Public(VerifyingKey),
    /// A JWK set.
    Set(JwkSet),
}

impl KeySource {
    /// Returns whether the key comes from standard input.
    pub(crate) fn is_stdin(&self) -> bool {
        [&self.key, &self.secret_file].into_iter().flatten().any(|path| path.as_os_str() == input::STDIN)
    }

    /// Reads the key. Returns `None` if none was named.
    pub(crate) fn read(&self, algorithm: Option<Algorithm>) -> Result<Option<Keys>, Failure> {
        let (name, keys) = match self {
            Self { key: Some(path), .. } => {
                (path.display().to_string(), parse(&input::bytes(path)?, algorithm))
            }
            Self { key_env: Some(name), .. } => (name.clone(), parse(&input::variable(name)?, algorithm)),
            Self { secret_file: Some(path), .. } => {
                (path.display().to_string(), secret(&input::secret(path)?, algorithm))
            }
            Self { secret_env: Some(name), .. } => (name.clone(), secret(&input::variable(name)?, algorithm)),
            Self { .. } => return Ok(None),
        };
        keys.map(Some).map_err(|problem| Failure::new(format!("{name}: {problem}")))
    }
}

/// Reads a file with keys.
pub(crate) fn read_file(path: &Path, algorithm: Option<Algorithm>) -> Result<Keys, Failure> {
    let problem = |problem| Failure::new(format!("{}: {problem}", path.display()));
    parse(&input::bytes(path)?, algorithm).map_err(problem)
}

/// Creates an HMAC key from a secret.
fn secret(bytes: &[u8], algorithm: Option<Algorithm>) -> Result<Keys, String> {
    let key = match algorithm.unwrap_or(Algorithm::HS256) {
        Algorithm::HS256 => SigningKey::hs256(bytes),
        Algorithm::HS384 => SigningKey::hs384(bytes),
        Algorithm::HS512 => SigningKey::hs512(bytes),
        other => {
            return Err(format!(
                "{other} needs a key pair: use `--key`, or `--alg` with HS256, HS384 or HS512"
            ));
        }
    };
    key.map(Keys::Signing).map_err(|error| match error {
        ConfigError::KeyAsSecret => "this is a key, not a secret: use `--key`".to_owned(),
        ConfigError::EmptyKey { .. } => "the secret is empty: `gatevault secret` creates one".to_owned(),
        other => other.to_string(),
    })
}

/// Parses PEM, DER, a JWK or a JWK set.
fn parse(bytes: &[u8], algorithm: Option<Algorithm>) -> Result<Keys, String> {
    let json = str::from_utf8(bytes).ok().map(str::trim).filter(|text| text.starts_with('{'));
    match json {
        Some(json) => from_json(json, algorithm),
        None => from_pem_or_der(bytes, algorithm),
    }
}

fn from_json(json: &str, algorithm: Option<Algorithm>) -> Result<Keys, String> {
    let members: Value = serde_json::from_str(json).map_err(|error| format!("not JSON: {error}"))?;
    if members.get("keys").is_some() {
        return JwkSet::from_json(json).map(Keys::Set).map_err(|error| found(&error));
    }
    let named = members.get("alg").and_then(Value::as_str).and_then(algorithms::named);
    if let (Some(named), Some(algorithm)) = (named, algorithm)
        && named != algorithm
    {
        return Err(format!("the key is for {named}: leave out `--alg {algorithm}`, or use another key"));
    }
    // Only an RSA key and a secret leave the algorithm open. The library refuses one that does not fit.
    let completed =
        algorithm.filter(|_| members.get("alg").is_none()).and_then(|algorithm| with_alg(json, algorithm));
    let json = completed.as_ref().map_or(json, |json| json.as_str());
    let is_private = members.get("d").is_some() || members.get("kty").is_some_and(|kty| kty == "oct");
    let key = if is_private {
        SigningKey::from_jwk(json).map(Keys::Signing)
    } else {
        VerifyingKey::from_jwk(json).map(Keys::Public)
    };
    key.map_err(|error| found(&error))
}

/// Returns a JWK with `alg` as its first member. Strings, and so repeated members, stay as they are.
fn with_alg(json: &str, algorithm: Algorithm) -> Option<Zeroizing<String>> {
    let rest = json.strip_prefix('{')?;
    let comma = if rest.trim_start().starts_with('}') { "" } else { "," };
    Some(Zeroizing::new(format!(r#"{{"alg":"{algorithm}"{comma}{rest}"#)))
}

/// Parses PEM or DER. A private key is tried before a public one, and the algorithms of other keys before RSA.
fn from_pem_or_der(bytes: &[u8], algorithm: Option<Algorithm>) -> Result<Keys, String> {
    const KINDS: [Algorithm; 5] =
        [Algorithm::ES256, Algorithm::ES384, Algorithm::ES512, Algorithm::EdDSA, Algorithm::RS256];
    if algorithm.and_then(algorithms::family) == Some(Family::Secret) {
        return Err("`--key` expects a key pair or a JWK: use `--secret-file` for a secret".to_owned());
    }
    let candidates = algorithm.map_or(KINDS.to_vec(), |algorithm| vec![algorithm]);
    if let Some(key) = candidates.iter().find_map(|algorithm| signing(*algorithm, bytes).ok()) {
        return Ok(Keys::Signing(key));
    }
    if let Some(key) = candidates.iter().find_map(|algorithm| verifying(*algorithm, bytes).ok()) {
        let serves_all = algorithm.is_none() && algorithms::family(key.algorithm()) == Some(Family::Rsa);
        return Ok(Keys::Public(if serves_all { serving_all(&key).unwrap_or(key) } else { key }));
    }
    let last = candidates.last().copied().unwrap_or(Algorithm::RS256);
    // Errors of both readers: one of them says that it found the other half, and the other what is wrong with it.
    let errors = [signing(last, bytes).err(), verifying(last, bytes).err()];
    let is_other_half = |error: &&ConfigError| matches!(error, ConfigError::InvalidKey { found, .. } if found == "a public key");
    let [private, public] = errors.each_ref().map(Option::as_ref);
    let error = private.filter(|error| !is_other_half(error)).or(public);
    // The remedy of this algorithm becomes that of all; a remedy for this very file, such as a decrypted key, stays.
    let usual =
        [signing(last, b"").err(), verifying(last, b"").err()].map(|error| error.as_ref().and_then(remedy));
    Err(match error {
        Some(ConfigError::InvalidKey { found, instead, .. })
            if algorithm.is_none() && usual.contains(&Some(*instead)) =>
        {
            format!("found {found}: give {A_KEY}")
        }
        Some(error) => found(error),
        None => format!("not a key: give {A_KEY}"),
    })
}

/// Returns an RSA key that verifies RS256 to PS512: PEM does not name the algorithm, so the key leaves it open.
fn serving_all(key: &VerifyingKey) -> Option<VerifyingKey> {
    let mut jwk: Value = serde_json::from_str(&key.to_jwk()?).ok()?;
    jwk.as_object_mut()?.remove("alg");
    VerifyingKey::from_jwk(&jwk.to_string()).ok()
}

/// Reads a key pair in PEM or DER for one algorithm.
pub(crate) fn signing(algorithm: Algorithm, bytes: &[u8]) -> Result<SigningKey, ConfigError> {
    match algorithm {
        Algorithm::RS384 => SigningKey::rs384(bytes),
        Algorithm::RS512 => SigningKey::rs512(bytes),
        Algorithm::PS256 => SigningKey::ps256(bytes),
        Algorithm::PS384 => SigningKey::ps384(bytes),
        Algorithm::PS512 => SigningKey::ps512(bytes),
        Algorithm::ES256 => SigningKey::es256(bytes),
        Algorithm::ES384 => SigningKey::es384(bytes),
        Algorithm::ES512 => SigningKey::es512(bytes),
        Algorithm::EdDSA => SigningKey::eddsa(bytes),
        _ => SigningKey::rs256(bytes),
    }
}

/// Reads a public key in PEM or DER for one algorithm.
fn verifying(algorithm: Algorithm, bytes: &[u8]) -> Result<VerifyingKey, ConfigError> {
    match algorithm {
        Algorithm::RS384 => VerifyingKey::rs384(bytes),
        Algorithm::RS512 => VerifyingKey::rs512(bytes),
        Algorithm::PS256 => VerifyingKey::ps256(bytes),
        Algorithm::PS384 => VerifyingKey::ps384(bytes),
        Algorithm::PS512 => VerifyingKey::ps512(bytes),
        Algorithm::ES256 => VerifyingKey::es256(bytes),
        Algorithm::ES384 => VerifyingKey::es384(bytes),
        Algorithm::ES512 => VerifyingKey::es512(bytes),
        Algorithm::EdDSA => VerifyingKey::eddsa(bytes),
        _ => VerifyingKey::rs256(bytes),
    }
}

/// Returns what was found instead of a key, and what to give. The library names its constructors, which an option hides.
fn found(error: &ConfigError) -> String {
    match error {
        ConfigError::InvalidKey { found, instead, .. } => format!("found {found}: give {instead}"),
        other => other.to_string(),
    }
}

/// Returns what to give instead of this key.
fn remedy(error: &ConfigError) -> Option<&'static str> {
    match error {
        ConfigError::InvalidKey { instead, .. } => Some(instead),
        _ => None,
    }
}

const A_KEY: &str = "an RSA key of at least 2048 bits, an EC key on P-256, P-384 or P-521, or an Ed25519 key, in PEM, DER or JWK";

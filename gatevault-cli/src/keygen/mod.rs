//! `gatevault keygen`.

mod generate;
mod private_file;
mod private_jwk;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use gatevault::Algorithm;
use serde_json::json;
use zeroize::Zeroizing;

use crate::algorithms::{self, Family};
use crate::answer::{Answer, Failure};
use crate::keys;
use crate::secret::{hexadecimal, random};
use crate::terminal::{Page, printable_json};
use generate::KeyPair;

/// Create a key for an algorithm: a key pair, or a secret for HS256 to HS512.
///
/// Without an id, a key pair is named after its public half (RFC 7638). A file in PEM has no room for an id; `jwks`, `mint`
/// and this command compute the same one from the same key.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault keygen ES256 --out key.pem --public > public.pem
  gatevault keygen EdDSA --format jwk --kid 2026-12
  gatevault keygen RS256 --bits 3072 > key.pem")]
pub(crate) struct Options {
    /// The algorithm
    #[arg(value_name = "ALG", value_parser = algorithms::parser(), ignore_case = true)]
    algorithm: Algorithm,

    /// The form of the key; PEM unless set, and JWK for secrets
    #[arg(long)]
    format: Option<Format>,

    /// The id of the key
    #[arg(long, value_name = "ID", allow_hyphen_values = true, value_parser = clap::builder::NonEmptyStringValueParser::new())]
    kid: Option<String>,

    /// The size of an RSA key, 2048 unless set
    #[arg(long, value_name = "N", value_parser = generate::bits)]
    bits: Option<generate::RsaBits>,

    /// Write the public half to standard output; the private key goes to the file
    #[arg(long, requires = "out")]
    public: bool,

    /// A new file for the private key, which only its owner can read
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// PKCS #8 in PEM
    Pem,
    /// JSON Web Key
    Jwk,
}

/// A new key, in the form in which it is written.
struct NewKey {
    id: String,
    format: Format,
    private: Zeroizing<String>,
    /// `None` for a secret.
    public: Option<String>,
}

pub(crate) fn run(options: &Options) -> Result<Answer, Failure> {
    let family = algorithms::family(options.algorithm);
    if options.bits.is_some() && family != Some(Family::Rsa) {
        let message = format!("{} has keys of one size: leave out `--bits`", options.algorithm);
        return Err(Failure::new(message));
    }
    let key = if family == Some(Family::Secret) { secret(options) } else { key_pair(options) }?;
    if options.public && key.public.is_none() {
        return Err(Failure::new(format!("{} has a shared secret and no public half", options.algorithm)));
    }
    let mut notes = vec![format!("the id of the key is {}", key.id)];
    let mut file = None;
    let page = match &options.out {
        Some(path) => {
            private_file::create(path, &key.private)?;
            notes.push(format!("the private key is in {}", path.display()));
            file = Some(path.display().to_string());
            let public = key.public.as_ref().filter(|_| options.public);
            public.map_or_else(Page::default, |public| Page::own(&printable_json(public)))
        }
        None => Page::own(&printable_json(&key.private)),
    };
    let private = file.is_none().then_some(key.private.as_str());
    let json = json!({
        "alg": options.algorithm.name(),
        "kid": key.id,
        "format": key.format.name(),
        "file": file,
        "private": private,
        "public": key.public,
    });
    Ok(Answer::new(page, json).with_notes(notes))
}

/// Creates a secret, as a JWK.
fn secret(options: &Options) -> Result<NewKey, Failure> {
    if options.format == Some(Format::Pem) {
        let message = format!(
            "{} has a secret, and PEM has no form for one: use `--format jwk`, or `gatevault secret`",
            options.algorithm
        );
        return Err(Failure::new(message));
    }
    // As long as the hash (RFC 7518 section 3.2).
    let bytes = match options.algorithm {
        Algorithm::HS256 => 32,
        Algorithm::HS384 => 48,
        _ => 64,
    };
    let id = match &options.kid {
        Some(id) => id.clone(),
        // Not derived from the secret, which an id would help to guess (RFC 7638 section 7).
        None => hexadecimal(&random(8)?),
    };
    let private = private_jwk::of_secret(options.algorithm, &id, &random(bytes)?)?;
    Ok(NewKey { id, format: Format::Jwk, private, public: None })
}

fn key_pair(options: &Options) -> Result<NewKey, Failure> {
    let pair = KeyPair::generate(options.algorithm, options.bits.unwrap_or_default())?;
    // The library reads the key as a service will, and computes the id.
    let signing = keys::signing(options.algorithm, pair.pkcs8())
        .map_err(|error| Failure::of("the new key is not usable", &error))?;
    let id = options.kid.clone().or_else(|| signing.verifying_key().jwk_thumbprint());
    let id = id.ok_or_else(|| Failure::new("the new key has no thumbprint: set an id with `--kid`"))?;
    let signing = signing.with_id(id.as_str()).map_err(|error| Failure::of("--kid", &error))?;
    let format = options.format.unwrap_or(Format::Pem);
    let (private, public) = match format {
        Format::Pem => (pair.private_pem()?, pair.public_pem()?),
        Format::Jwk => {
            let public = signing.verifying_key().to_jwk().unwrap_or_default();
            (private_jwk::of_pair(&public, &pair.private_members()?)?, public)
        }
    };
    Ok(NewKey { id, format, private, public: Some(public) })
}

impl Format {
    fn name(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Jwk => "jwk",
        }
    }
}

//! `gatevault mint`.

use std::time::Duration;

use clap::{Args, ValueEnum};
use gatevault::token::TokenManagerBuilder;
use gatevault::{Payload, SigningKey, TokenManager, UserId};
use serde_json::json;

use crate::answer::{Answer, Failure, with_sources};
use crate::claim::{self, Claim};
use crate::keys::{KeyAlgorithm, KeySource, Keys};
use crate::terminal::Page;
use crate::times::{self, Seconds, words};

/// Create a token for a test or a request by hand.
///
/// `TokenManager` creates it, so it is as good as a token of the service that has the key. A refresh token has no session. A service that keeps sessions refuses it.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  gatevault mint --secret-env SECRET --user-id 42 --claim role=admin
  gatevault mint --key key.pem --sub ada --issuer https://id.example --audience billing --expires-in 1h
  gatevault mint --key key.pem --sub ada | sed 's/^/Authorization: Bearer /' | curl -H @- http://127.0.0.1:3000/")]
pub(crate) struct Options {
    #[command(flatten)]
    source: KeySource,

    #[command(flatten)]
    algorithm: KeyAlgorithm,

    /// The `kid` of the header; that of the key, or for a key pair its thumbprint, unless set
    // One of 64 thumbprints begins with a hyphen.
    #[arg(long, value_name = "ID", help_heading = "Key", allow_hyphen_values = true)]
    kid: Option<String>,

    /// The user, in the claim `user_id`; an integer stays one
    #[arg(
        long,
        value_name = "ID",
        required_unless_present = "sub",
        conflicts_with = "sub",
        allow_hyphen_values = true
    )]
    user_id: Option<String>,

    /// The user, in the claim `sub`; always a string
    #[arg(long, value_name = "ID", allow_hyphen_values = true)]
    sub: Option<String>,

    /// Another claim; the value is JSON or else a string
    #[arg(long = "claim", value_name = "NAME=VALUE", value_parser = claim::parse)]
    claims: Vec<Claim>,

    /// The issuer, in `iss`
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,

    /// The audience, in `aud`
    #[arg(long, value_name = "NAME")]
    audience: Option<String>,

    /// The lifetime; 15m for an access token and 7d for a refresh token unless set
    #[arg(long, value_name = "DURATION", value_parser = times::duration)]
    expires_in: Option<Duration>,

    /// The kind of token
    #[arg(long, value_enum, default_value_t)]
    kind: Kind,

    /// Follow RFC 9068: `typ` is `at+jwt`; needs `--issuer` and `--audience`
    #[arg(long)]
    at_jwt: bool,
}

/// The kinds of tokens that can be created.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum Kind {
    /// Opens guarded functions
    #[default]
    Access,
    /// Is exchanged for new tokens
    Refresh,
}

pub(crate) fn run(options: &Options) -> Result<Answer, Failure> {
    let key = signing_key(options)?;
    let (algorithm, id) = (key.algorithm(), key.id().map(str::to_owned));
    let lifetime = options.expires_in.unwrap_or(match options.kind {
        Kind::Access => Duration::from_mins(15),
        Kind::Refresh => Duration::from_hours(7 * 24),
    });
    let failed = |error: &dyn std::error::Error| Failure::new(format!("no token: {}", with_sources(error)));
    let tokens = builder(options, key, lifetime).build().map_err(|error| failed(&error))?;
    let mut notes: Vec<_> = tokens.warnings().iter().map(ToString::to_string).collect();
    if options.kind == Kind::Access && lifetime > DAY {
        notes.push(format!(
            "the token lives for {}: a service refuses it unless it raises `max_lifetime` from 1 day",
            words(lifetime)
        ));
    }
    let claims = options
        .claims
        .iter()
        .fold(Payload::new(user(options)), |payload, claim| payload.with(claim.name.as_str(), &claim.value));
    let token = match options.kind {
        Kind::Access => tokens.create_access_token(&claims),
        Kind::Refresh => tokens.create_refresh_token(&claims),
    };
    let token = token.map_err(|error| failed(&error))?;
    let verified = tokens.decode_token::<Payload>(&token).map_err(|error| failed(&error))?;
    let expires = Seconds::of(verified.expires_at()).map(Seconds::rfc3339);
    let json = json!({ "token": token, "alg": algorithm.name(), "kid": id, "expires_at": expires });
    Ok(Answer::new(Page::line(&token), json).with_notes(notes))
}

fn signing_key(options: &Options) -> Result<SigningKey, Failure> {
    let key = match options.source.read(options.algorithm.alg)? {
        Some(Keys::Signing(key)) => key,
        Some(Keys::Public(_)) => {
            return Err(Failure::new("a public key signs nothing: give the private key"));
        }
        Some(Keys::Set(_)) => {
            return Err(Failure::new("a JWK set has public keys, which sign nothing: give the private key"));
        }
        None => {
            let message = "no key to sign with: give `--key`, `--key-env`, `--secret-file` or `--secret-env`; \
                           `-` as the file is standard input";
            return Err(Failure::new(message));
        }
    };
    let thumbprint = || key.verifying_key().jwk_thumbprint();
    let id = options.kid.clone().or_else(|| key.id().map(str::to_owned)).or_else(thumbprint);
    match id {
        Some(id) => key.with_id(id).map_err(|error| Failure::of("--kid", &error)),
        None => Ok(key),
    }
}

fn builder(options: &Options, key: SigningKey, lifetime: Duration) -> TokenManagerBuilder {
    let mut builder = TokenManager::builder().key(key);
    builder = match options.kind {
        Kind::Access => builder.access_expiry(lifetime),
        Kind::Refresh => builder.refresh_expiry(lifetime),
    };
    if options.sub.is_some() {
        builder = builder.subject_claim("sub");
    } else if options.at_jwt {
        builder = builder.subject_claim("user_id");
    }
    if let Some(issuer) = &options.issuer {
        builder = builder.issuer(issuer);
    }
    if let Some(audience) = &options.audience {
        builder = builder.audience(audience);
    }
    if options.at_jwt { builder.at_jwt() } else { builder }
}

/// Returns the user: an integer only if it is written as one, so that `007` keeps its zeros.
fn user(options: &Options) -> UserId {
    let Some(id) = &options.user_id else {
        return UserId::from(options.sub.as_deref().unwrap_or_default());
    };
    let unsigned = id.parse::<u64>().ok().filter(|number| number.to_string() == *id).map(UserId::from);
    let signed = || id.parse::<i64>().ok().filter(|number| number.to_string() == *id).map(UserId::from);
    unsigned.or_else(signed).unwrap_or_else(|| UserId::from(id.as_str()))
}

const DAY: Duration = Duration::from_hours(24);

//! The library's verdict on a token.

use std::error::Error as _;

use gatevault::error::{DecodeReason, InvalidReason, Segment};
use gatevault::{Issuer, JwkSet, KeyRing, Payload, TokenError, TokenManager, Verified};

use super::token::Token;
use super::{Expected, Options, Profile, advice, issuer};
use crate::answer::Failure;
use crate::keys::{self, Keys};
use crate::mint::Kind;
use crate::times::Seconds;

/// The verdict on a token.
#[derive(Debug)]
pub(super) struct Verdict {
    pub(super) outcome: Result<Verified<Payload>, TokenError>,
    pub(super) signature: Signature,
    /// Sentences on what to change.
    pub(super) advice: Vec<String>,
    /// Weaknesses of the key.
    pub(super) warnings: Vec<String>,
}

/// The result for the signature alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signature {
    /// One of the keys made it.
    Genuine,
    /// No key made it.
    Wrong,
    /// The token was refused before.
    Unchecked,
}

impl Verdict {
    /// Returns whether the token is valid.
    pub(super) fn is_valid(&self) -> bool {
        self.outcome.is_ok()
    }

    /// Returns the reason for the log, which the client does not see.
    pub(super) fn reason(&self) -> Option<String> {
        let error = self.outcome.as_ref().err()?;
        error.source().map(ToString::to_string)
    }
}

/// Verifies a token with the key or the issuer of the options. Returns `None` if there is neither.
pub(super) fn verify(token: &Token<'_>, options: &Options, now: Seconds) -> Result<Option<Verdict>, Failure> {
    let Some(ring) = key_ring(options)? else {
        if options.expected.is_any_set() || options.at.is_some() {
            return Err(Failure::new(NO_KEY));
        }
        return Ok(None);
    };
    // A set that is fetched goes stale by the real clock. The keys of now are for any `--at`.
    let current = KeyRing::from(ring.public_keys());
    let keys = if options.issuer.is_some() { current } else { ring.clone() };
    let tokens = manager(token, options, keys, now)?;
    let mut outcome = decode(&tokens, token, options);
    if options.issuer.is_some()
        && let Err(TokenError::Invalid(InvalidReason::KeyId)) = outcome
        && let Err(skipped @ TokenError::Invalid(InvalidReason::KeySkipped { .. })) =
            decode(&manager(token, options, ring.clone(), now)?, token, options)
    {
        outcome = Err(skipped);
    }
    let advice =
        outcome.as_ref().err().map(|error| advice::on(error, token, options, &ring)).unwrap_or_default();
    let warnings = tokens.warnings().iter().map(ToString::to_string).collect();
    Ok(Some(Verdict { signature: Signature::of(&outcome), outcome, advice, warnings }))
}

fn key_ring(options: &Options) -> Result<Option<KeyRing>, Failure> {
    if let Some(url) = &options.issuer {
        return issuer::keys(url).map(Some);
    }
    let keys = match &options.jwks {
        Some(path) => Some(keys::read_file(path, None)?),
        None => options.source.read(options.algorithm.alg)?,
    };
    let one = |key| KeyRing::verifying([key]).map_err(|error| Failure::of("the key", &error));
    keys.map(|keys| match keys {
        Keys::Signing(key) => one(key.verifying_key().clone()),
        Keys::Public(key) => one(key),
        Keys::Set(set) => Ok(ring_of(set)),
    })
    .transpose()
}

fn ring_of(set: JwkSet) -> KeyRing {
    set.into()
}

/// Returns who creates the tokens.
pub(super) fn profile(options: &Options) -> Profile {
    let default = if options.issuer.is_some() { Profile::Other } else { Profile::Own };
    options.expected.profile.unwrap_or(default)
}

/// Returns the claim that identifies the user. The token's own claims decide only which of two names is read.
pub(super) fn subject_claim(token: &Token<'_>, options: &Options) -> String {
    let has_user_id = token.claim("user_id").is_some();
    let default = match profile(options) {
        Profile::Own if has_user_id || token.claim("sub").is_none() => "user_id",
        _ => "sub",
    };
    options.expected.subject_claim.clone().unwrap_or_else(|| default.to_owned())
}

/// Creates the manager of a service with these settings.
fn manager(
    token: &Token<'_>,
    options: &Options,
    keys: KeyRing,
    now: Seconds,
) -> Result<TokenManager, Failure> {
    let expected = &options.expected;
    let mut builder = TokenManager::builder().clock(now);
    if let Some(leeway) = expected.leeway {
        builder = builder.leeway(leeway);
    }
    if let Some(clock_skew) = expected.clock_skew {
        builder = builder.clock_skew(clock_skew);
    }
    if !expected.user_pool.is_empty() {
        builder = builder.user_pools(&expected.user_pool);
    }
    let subject = subject_claim(token, options);
    builder = match profile(options) {
        Profile::Own => {
            builder = builder.key_ring(keys).subject_claim(subject);
            if let Some(name) = &expected.issuer_name {
                builder = builder.issuer(name);
            }
            builder = match expected.audience.as_slice() {
                [] => builder,
                [audience] => builder.audience(audience),
                _ => {
                    return Err(Failure::new(
                        "a service has one audience for its own tokens: give `--audience` once",
                    ));
                }
            };
            if let Some(longest) = expected.max_lifetime {
                builder = builder.max_lifetime(longest);
            }
            if expected.at_jwt { builder.at_jwt() } else { builder }
        }
        Profile::Other => builder.accept(other_issuer(token, options, keys)?.subject_claim(subject)),
    };
    builder.build().map_err(|error| Failure::of("these settings cannot be used", &error))
}

/// Describes the other issuer whose tokens a service accepts.
fn other_issuer(token: &Token<'_>, options: &Options, keys: KeyRing) -> Result<Issuer, Failure> {
    let expected = &options.expected;
    if expected.kind == Some(Kind::Refresh) {
        return Err(Failure::new(
            "a service accepts access tokens only from another issuer: leave out `--kind`",
        ));
    }
    let seen =
        |name: &str| token.claim(name).map(|value| format!("; this token has {value}")).unwrap_or_default();
    let Some(name) = expected.issuer_name.as_ref().or(options.issuer.as_ref()) else {
        let seen = seen("iss");
        return Err(Failure::new(format!(
            "for the tokens of another issuer, `--issuer-name` is what `iss` must be{seen}"
        )));
    };
    if expected.audience.is_empty() {
        let seen = seen("aud");
        return Err(Failure::new(format!(
            "another issuer signs tokens for many services: `--audience` names this one, as in `aud`{seen}"
        )));
    }
    let issuer = expected.audience.iter().fold(Issuer::new(name, keys), Issuer::audience);
    let issuer = expected.max_lifetime.into_iter().fold(issuer, Issuer::max_lifetime);
    Ok(if expected.at_jwt { issuer.at_jwt() } else { issuer })
}

fn decode(
    tokens: &TokenManager,
    token: &Token<'_>,
    options: &Options,
) -> Result<Verified<Payload>, TokenError> {
    match options.expected.kind {
        None => tokens.decode_token(token.text),
        Some(Kind::Access) => tokens.decode_access_token(token.text),
        Some(Kind::Refresh) => tokens.decode_refresh_token(token.text),
    }
}

impl Signature {
    /// Returns what a verdict says of the signature. With one issuer, the claims are read only after it was verified.
    fn of<T>(outcome: &Result<T, TokenError>) -> Self {
        match outcome {
            Ok(_) | Err(TokenError::Expired) => Self::Genuine,
            Err(TokenError::Invalid(InvalidReason::Signature)) => Self::Wrong,
            Err(error) if is_about_claims(error) => Self::Genuine,
            Err(_) => Self::Unchecked,
        }
    }
}

/// Returns whether the claims are the reason.
fn is_about_claims(error: &TokenError) -> bool {
    match error {
        TokenError::Invalid(reason) => matches!(
            reason,
            InvalidReason::Kind { .. }
                | InvalidReason::NotAccess { .. }
                | InvalidReason::Bound
                | InvalidReason::Issuer(_)
                | InvalidReason::Audience(_)
                | InvalidReason::Pool(_)
                | InvalidReason::NotYetValid { .. }
                | InvalidReason::TooLongLived { .. }
                | InvalidReason::MissingClaim(_)
                | InvalidReason::MistypedClaim(_)
        ),
        TokenError::Decode(reason) => matches!(
            reason,
            DecodeReason::Json(Segment::Claims)
                | DecodeReason::Value { segment: Segment::Claims, .. }
                | DecodeReason::Repeated { segment: Segment::Claims, .. }
        ),
        _ => false,
    }
}

impl Expected {
    /// Returns whether a setting was given, which needs a key.
    fn is_any_set(&self) -> bool {
        let durations = [self.leeway, self.clock_skew, self.max_lifetime];
        let names = [&self.issuer_name, &self.subject_claim];
        self.profile.is_some()
            || self.kind.is_some()
            || self.at_jwt
            || !self.audience.is_empty()
            || !self.user_pool.is_empty()
            || durations.iter().any(Option::is_some)
            || names.iter().any(|name| name.is_some())
    }
}

const NO_KEY: &str = "these settings are for a verification, which needs a key: give `--key`, `--secret-file`, `--jwks` or `--issuer`";

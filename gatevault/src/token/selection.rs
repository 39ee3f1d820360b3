//! Which issuer and which key: the keys that may have signed a token, in the order in which they are tried.
//!
//! With one issuer, the header chooses among its keys. With several, the `iss` of the token, which is not verified yet, chooses
//! the issuers whose keys are tried, and `aud` their order. Nothing else is taken from unverified claims: the issuer validates
//! them once a key of its own has verified the signature.

use std::cmp::Reverse;
use std::sync::Arc;

use super::foreign::{ForeignClaims, IssuerClaim};
use super::header::Header;
use super::settings::Settings;
use super::signature_cache::SignatureCache;
use super::trusted::{Exactness, TrustedIssuer, wrong_issuer};
use crate::base64url;
use crate::clock::Timestamp;
use crate::error::{DecodeReason, InvalidReason, Segment, TokenError};
use crate::key::{Algorithm, KeySnapshot, TokenType, VerifyingKey};

/// The signed part of a token, and its encoded signature.
#[derive(Clone, Copy)]
pub(super) struct Signed<'t> {
    pub(super) message: &'t str,
    pub(super) signature: &'t str,
}

/// The issuer of a token, the type in its header, and its encoded claims.
type Found<'s, 't> = (&'s TrustedIssuer, TokenType, &'t str);

/// The issuers to try, and the reason for the refusal if none of them is named.
type Candidates<'s> = (Vec<&'s TrustedIssuer>, Option<InvalidReason>);

/// A search for the key that made a signature.
pub(super) struct Search<'t> {
    signed: Signed<'t>,
    now: Timestamp,
    /// The parsed header. A header that a key recognizes by its bytes is never parsed.
    header: Option<Header<'t>>,
    /// The number of signatures that may still be verified.
    remaining: usize,
    /// The most specific reason so far. `None` means that no issuer has the key.
    failure: Option<InvalidReason>,
}

impl<'t> Search<'t> {
    pub(super) fn new(signed: Signed<'t>, now: Timestamp) -> Self {
        Self { signed, now, header: None, remaining: MOST_SIGNATURES, failure: None }
    }

    /// Finds the issuer whose key made the signature.
    #[inline]
    pub(super) fn verify<'s>(
        mut self,
        trusted: &'s [TrustedIssuer],
        settings: &'s Settings,
    ) -> Result<Found<'s, 't>, TokenError> {
        let cache = settings.signature_cache.as_ref();
        if let [issuer] = trusted {
            let keys = issuer.keys.load();
            return match self.verify_with(issuer, &keys, cache)? {
                Some((token_type, claims)) => Ok((issuer, token_type, claims)),
                None => Err(self.fail(&[(issuer, Arc::clone(&keys))])),
            };
        }
        self.verify_among(trusted, cache)
    }

    /// Finds the one of several issuers whose key made the signature.
    #[inline(never)]
    fn verify_among<'s>(
        &mut self,
        trusted: &'s [TrustedIssuer],
        cache: Option<&SignatureCache>,
    ) -> Result<Found<'s, 't>, TokenError> {
        let (candidates, unknown) = self.candidates(trusted)?;
        let mut tried = Vec::new();
        for issuer in candidates {
            let keys = issuer.keys.load();
            if let Some((token_type, claims)) = self.verify_with(issuer, &keys, cache)? {
                return Ok((issuer, token_type, claims));
            }
            tried.push((issuer, Arc::clone(&keys)));
        }
        let failure = self.fail(&tried);
        Err(unknown.map_or(failure, TokenError::from))
    }

    /// Returns the issuers that the unverified `iss` may mean, those whose audience fits first. Beside them, the reason for the
    /// refusal if the `iss` is the name of none.
    ///
    /// An issuer that is accepted by its name is never taken for a tenant of another one. A token that names an issuer is never
    /// ours, even if our own tokens need no name and the issuer shares our secret: it names users of its own.
    fn candidates<'s>(&mut self, trusted: &'s [TrustedIssuer]) -> Result<Candidates<'s>, TokenError> {
        let malformed = |reason: fn(Segment) -> DecodeReason| TokenError::Decode(reason(Segment::Claims));
        let (_, claims) = self.signed.message.split_once('.').ok_or_else(|| malformed(DecodeReason::Json))?;
        let json = base64url::decoded(claims).ok_or_else(|| malformed(DecodeReason::Base64))?;
        let json = str::from_utf8(&json).map_err(|_| malformed(DecodeReason::Json))?;
        let IssuerClaim(iss) = IssuerClaim::read(json).ok_or_else(|| malformed(DecodeReason::Json))?;
        let iss = iss.as_deref();
        let (exactness, mut candidates) = named(trusted, iss);
        // Most names have one issuer. The other claims tell tenants apart, and the order of several issuers.
        if candidates.len() > 1 || exactness == Exactness::Template {
            let claims = ForeignClaims::read(json).ok_or_else(|| malformed(DecodeReason::Json))?;
            candidates.retain(|issuer| issuer.name.matches(iss, Some(&claims)));
            candidates.sort_by_cached_key(|issuer| Reverse(issuer.is_audience(&claims)));
        }
        if candidates.is_empty() {
            // A malformed header is the better reason.
            self.header()?;
            return Err(wrong_issuer(iss, trusted).into());
        }
        let is_unknown = iss.is_some() && exactness == Exactness::Any;
        Ok((candidates, is_unknown.then(|| wrong_issuer(iss, trusted))))
    }

    /// Verifies the signature with the keys of one issuer. Returns the type of the token and its encoded claims if one made
    /// the signature.
    #[inline]
    fn verify_with(
        &mut self,
        issuer: &TrustedIssuer,
        keys: &KeySnapshot,
        cache: Option<&SignatureCache>,
    ) -> Result<Option<(TokenType, &'t str)>, TokenError> {
        let recognized = keys.recognize(self.signed.message, self.now);
        if let Some((key, token_type, claims)) = recognized
            && issuer.allows(key.algorithm())
        {
            if !self.may_try() {
                return Ok(None);
            }
            if self.signed.is_by(key, key.algorithm(), cache) {
                return Ok(Some((token_type, claims)));
            }
            self.failure = Some(InvalidReason::Signature);
            // The only key with this id, or without one, decides.
            if !keys.has_repeated_ids() {
                return Ok(None);
            }
        }
        self.verify_with_parsed_header(issuer, keys, recognized.map(|(key, ..)| key), cache)
    }

    #[inline(never)]
    fn verify_with_parsed_header(
        &mut self,
        issuer: &TrustedIssuer,
        keys: &KeySnapshot,
        tried: Option<&VerifyingKey>,
        cache: Option<&SignatureCache>,
    ) -> Result<Option<(TokenType, &'t str)>, TokenError> {
        let (signed, now) = (self.signed, self.now);
        let header = self.header()?;
        let (token_type, claims) = (header.token_type, header.claims);
        let found = match keys.find(&header.hint(), now) {
            Ok(found) => found,
            Err(reason) => {
                self.note(reason);
                return Ok(None);
            }
        };
        self.note(InvalidReason::Algorithm);
        let is_new = |key: &VerifyingKey| tried.is_none_or(|tried| tried.number() != key.number());
        for (key, algorithm) in found {
            if !is_new(key) || !issuer.allows(algorithm) {
                continue;
            }
            if !self.may_try() {
                break;
            }
            self.failure = Some(InvalidReason::Signature);
            if signed.is_by(key, algorithm, cache) {
                return Ok(Some((token_type, claims)));
            }
        }
        Ok(None)
    }

    /// Counts a signature that is verified. Returns `false` if too many were.
    fn may_try(&mut self) -> bool {
        let remaining = self.remaining.checked_sub(1);
        self.remaining = remaining.unwrap_or_default();
        remaining.is_some()
    }

    /// Parses the header unless it was parsed before.
    fn header(&mut self) -> Result<&Header<'t>, TokenError> {
        match &mut self.header {
            Some(header) => Ok(header),
            slot => Ok(slot.insert(Header::read(self.signed.message)?)),
        }
    }

    /// Keeps the most specific failure: that of an issuer that has the key.
    fn note(&mut self, reason: InvalidReason) {
        if matches!(self.failure, None | Some(InvalidReason::KeyId)) {
            self.failure = Some(reason);
        }
    }

    /// Returns the error, after it reported the missing key to the issuers whose keys are fetched. `tried` has the keys that
    /// were tried: they may have been replaced since.
    ///
    /// Every candidate is asked: the key of one issuer is missing from all others.
    #[cold]
    fn fail(&mut self, tried: &[(&TrustedIssuer, Arc<KeySnapshot>)]) -> TokenError {
        let (signed, now) = (self.signed, self.now);
        let fetched: Vec<_> = tried.iter().filter(|(issuer, _)| issuer.keys.is_fetched()).collect();
        if fetched.is_empty() {
            return self.failure.take().unwrap_or(InvalidReason::KeyId).into();
        }
        let hint = match self.header() {
            Ok(header) => header.hint(),
            Err(error) => return error,
        };
        let may_arrive = |(issuer, keys): &&&(&TrustedIssuer, Arc<KeySnapshot>)| {
            let is_unnamed = |(key, algorithm): &(&VerifyingKey, Algorithm)| {
                issuer.allows(*algorithm) && (hint.kid.is_none() || key.id().is_none())
            };
            let wanted = match keys.find(&hint, now) {
                // The token does not name the key, which may have been replaced. Other tokens say nothing about this one.
                Ok(found) if found.iter().any(is_unnamed) => signed.message,
                Err(InvalidReason::KeyId) => hint.kid.unwrap_or(signed.message),
                _ => return false,
            };
            issuer.keys.missed(wanted, now) || !Arc::ptr_eq(keys, &issuer.keys.load())
        };
        match fetched.iter().filter(may_arrive).count() {
            0 => self.failure.take().unwrap_or(InvalidReason::KeyId).into(),
            _ => InvalidReason::KeysPending.into(),
        }
    }
}

/// Returns the issuers that have this name, if no other has it more exactly, and how exactly they have it. The most exact name
/// decides, even if another claim of the token then disagrees with it.
fn named<'s>(trusted: &'s [TrustedIssuer], iss: Option<&str>) -> (Exactness, Vec<&'s TrustedIssuer>) {
    let (mut exactness, mut named) = (Exactness::Any, Vec::new());
    for issuer in trusted.iter().filter(|issuer| issuer.name.matches(iss, None)) {
        if issuer.exactness() > exactness {
            exactness = issuer.exactness();
            named.clear();
        }
        named.extend((issuer.exactness() == exactness).then_some(issuer));
    }
    (exactness, named)
}

impl Signed<'_> {
    /// Returns whether `key` made the signature.
    fn is_by(&self, key: &VerifyingKey, algorithm: Algorithm, cache: Option<&SignatureCache>) -> bool {
        let verify = || key.verifies(algorithm, self.message.as_bytes(), self.signature);
        match cache {
            // A cache lookup takes as long as an HMAC.
            Some(cache) if !algorithm.is_symmetric() => {
                cache.verifies(key, [self.message, self.signature], verify)
            }
            _ => verify(),
        }
    }
}

/// The most signatures that are verified for one token. It bounds the work that a forged token causes at an issuer with many
/// keys without ids.
const MOST_SIGNATURES: usize = 16;

//! A manager's settings, at random and as plain values, so that both verifiers can be given them.

use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::{
    Algorithm, Payload, SigningKey, TokenError, TokenKind, TokenManager, TokenManagerBuilder, Verified,
};
use gatevault_tests::{SECRET, START};
use proptest::option;
use proptest::prelude::{Just, Strategy};
use proptest::sample::select;

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "billing";
pub(crate) const KEY_ID: &str = "2026-11";

#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: Option<&'static str>,
    pub(crate) leeway: u64,
    pub(crate) issuer: Option<&'static str>,
    pub(crate) audience: Option<&'static str>,
    pub(crate) subject_claim: &'static str,
    pub(crate) limit: usize,
    pub(crate) expected: Option<TokenKind>,
    /// By how much the clock is off the start, in milliseconds.
    pub(crate) late: u64,
}

pub(crate) fn setting() -> impl Strategy<Value = Setting> {
    let algorithm = select(vec![Algorithm::HS256, Algorithm::HS384, Algorithm::HS512]);
    let key = (algorithm, option::of(Just(KEY_ID)));
    let parties = (option::of(Just(ISSUER)), option::of(Just(AUDIENCE)));
    let expected = select(vec![None, Some(TokenKind::Access), Some(TokenKind::Refresh)]);
    let expected = proptest::prop_oneof![3 => Just(Some(TokenKind::Access)), 1 => expected];
    let rest = (0..40_u64, select(vec!["user_id", "sub"]), select(vec![256, 400, 8192]), 0..3000_u64);
    (key, parties, expected, rest).prop_map(|(key, parties, expected, rest)| Setting {
        algorithm: key.0,
        key_id: key.1,
        leeway: rest.0,
        issuer: parties.0,
        audience: parties.1,
        subject_claim: rest.1,
        limit: rest.2,
        expected,
        late: rest.3,
    })
}

impl Setting {
    /// The clock, in whole seconds since the epoch.
    pub(crate) fn now(&self) -> u64 {
        START + self.late / 1000
    }

    pub(crate) fn builder(&self) -> TokenManagerBuilder {
        let key = match self.algorithm {
            Algorithm::HS384 => SigningKey::hs384(SECRET),
            Algorithm::HS512 => SigningKey::hs512(SECRET),
            _ => SigningKey::hs256(SECRET),
        };
        let key = self.key_id.into_iter().fold(key, |key, id| key?.with_id(id)).unwrap();
        let now = Duration::from_secs(START) + Duration::from_millis(self.late);
        let builder = TokenManager::builder()
            .key(key)
            .leeway(Duration::from_secs(self.leeway))
            .subject_claim(self.subject_claim)
            .max_token_bytes(self.limit)
            .clock(ManualClock::at(SystemTime::UNIX_EPOCH + now));
        let builder = self.issuer.into_iter().fold(builder, TokenManagerBuilder::issuer);
        self.audience.into_iter().fold(builder, TokenManagerBuilder::audience)
    }

    pub(crate) fn decode(&self, token: &str) -> Result<Verified<Payload>, TokenError> {
        let manager = self.builder().build().unwrap();
        match self.expected {
            None => manager.decode_token(token),
            Some(TokenKind::Refresh) => manager.decode_refresh_token(token),
            Some(_) => manager.decode_access_token(token),
        }
    }
}

//! A manager's settings, at random and as plain values, so that both verifiers can be given them.

use std::time::{Duration, SystemTime};

use gatevault::testing::ManualClock;
use gatevault::token::TokenManagerBuilder;
use gatevault::{Claims, Issuer, KeyRing, Payload, TokenError, TokenKind, TokenManager, Verified};
use gatevault_tests::START;
use proptest::prelude::{Just, Strategy, any};
use proptest::sample::select;
use proptest::{option, prop_oneof};

use super::key::{Key, keys};

pub(crate) const ISSUER: &str = "https://id.example";
pub(crate) const AUDIENCE: &str = "billing";
pub(crate) const PARTNER: &str = "https://id.partner.example";

#[derive(Debug, Clone)]
pub(crate) struct Setting {
    pub(crate) leeway: u64,
    pub(crate) own: Party,
    pub(crate) partner: Option<Party>,
    pub(crate) limit: usize,
    pub(crate) expected: Option<TokenKind>,
    /// By how much the clock is off the start, in milliseconds.
    pub(crate) late: u64,
}

/// One whose tokens are accepted.
#[derive(Debug, Clone)]
pub(crate) struct Party {
    pub(crate) is_foreign: bool,
    /// The first of our own signs.
    pub(crate) keys: Vec<Key>,
    pub(crate) issuer: Option<&'static str>,
    pub(crate) audience: Option<&'static str>,
    pub(crate) subject_claim: &'static str,
    pub(crate) at_jwt: bool,
}

pub(crate) fn setting() -> impl Strategy<Value = Setting> {
    let expected = select(vec![None, Some(TokenKind::Access), Some(TokenKind::Refresh)]);
    let expected = prop_oneof![3 => Just(Some(TokenKind::Access)), 1 => expected];
    let rest = (0..40_u64, select(vec![256, 400, 8192]), 0..3000_u64);
    let partner = prop_oneof![2 => Just(None), 1 => partner().prop_map(Some)];
    (own(), partner, expected, rest).prop_map(|(own, partner, expected, (leeway, limit, late))| Setting {
        leeway,
        own,
        partner,
        limit,
        expected,
        late,
    })
}

fn own() -> impl Strategy<Value = Party> {
    let parties = (option::of(Just(ISSUER)), option::of(Just(AUDIENCE)));
    let rest = (select(vec!["user_id", "sub"]), any::<bool>());
    (keys(0), parties, rest).prop_map(|(keys, (issuer, audience), (subject_claim, at_jwt))| Party {
        is_foreign: false,
        keys,
        issuer,
        audience,
        subject_claim,
        // `at_jwt` needs an issuer and an audience.
        at_jwt: at_jwt && issuer.is_some() && audience.is_some(),
    })
}

fn partner() -> impl Strategy<Value = Party> {
    let rest = (select(vec!["user_id", "sub"]), any::<bool>());
    (keys(1), rest).prop_map(|(keys, (subject_claim, at_jwt))| Party {
        is_foreign: true,
        keys,
        issuer: Some(PARTNER),
        audience: Some(AUDIENCE),
        subject_claim,
        at_jwt,
    })
}

impl Setting {
    /// The clock, in whole seconds since the epoch.
    pub(crate) fn now(&self) -> u64 {
        START + self.late / 1000
    }

    pub(crate) fn parties(&self) -> impl Iterator<Item = &Party> {
        std::iter::once(&self.own).chain(&self.partner)
    }

    pub(crate) fn builder(&self) -> TokenManagerBuilder {
        let now = Duration::from_secs(START) + Duration::from_millis(self.late);
        let builder = TokenManager::builder()
            .key_ring(self.own.ring())
            .leeway(Duration::from_secs(self.leeway))
            .clock_skew(Duration::from_secs(self.leeway))
            .subject_claim(self.own.subject_claim)
            .max_token_bytes(self.limit)
            .clock(ManualClock::at(SystemTime::UNIX_EPOCH + now));
        let builder = self.own.issuer.into_iter().fold(builder, TokenManagerBuilder::issuer);
        let builder = self.own.audience.into_iter().fold(builder, TokenManagerBuilder::audience);
        let builder = if self.own.at_jwt { builder.at_jwt() } else { builder };
        self.partner.iter().map(Party::accepted).fold(builder, TokenManagerBuilder::accept)
    }

    pub(crate) fn decode(&self, token: &str) -> Result<Verified<Payload>, TokenError> {
        self.decode_by(&self.builder().build().unwrap(), token)
    }

    pub(crate) fn decode_by<C: Claims>(
        &self,
        manager: &TokenManager,
        token: &str,
    ) -> Result<Verified<C>, TokenError> {
        match self.expected {
            None => manager.decode_token(token),
            Some(TokenKind::Refresh) => manager.decode_refresh_token(token),
            Some(_) => manager.decode_access_token(token),
        }
    }
}

impl Party {
    fn ring(&self) -> KeyRing {
        let ring = KeyRing::new(self.keys[0].signing());
        for key in &self.keys[1..] {
            ring.add(key.signing()).unwrap();
            if let Some(until) = key.until {
                let until = SystemTime::UNIX_EPOCH + Duration::from_secs(until);
                ring.retire(key.id.unwrap_or_default(), until).unwrap();
            }
        }
        ring
    }

    fn accepted(&self) -> Issuer {
        let issuer = Issuer::new(PARTNER, self.ring()).audience(AUDIENCE).subject_claim(self.subject_claim);
        if self.at_jwt { issuer.at_jwt() } else { issuer }
    }
}

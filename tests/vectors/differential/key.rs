//! Keys at random: of every kind, with one id or another or none, some of them on their way out.

use std::sync::Mutex;

use gatevault::{Algorithm, SigningKey};
use gatevault_tests::{SECRET, START};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::Strategy;
use proptest::prop_oneof;
use proptest::sample::select;

use crate::asymmetric::{keys as pairs, peer};
use crate::forge::{encoded, tag};

pub(crate) const IDS: [&str; 3] = ["2026-11", "2026-10", "partner"];

#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) algorithm: Algorithm,
    /// Of the algorithms that have one; there is one pair for each of the others.
    pub(crate) secret: &'static str,
    pub(crate) id: Option<&'static str>,
    /// From when on its tokens are refused, in seconds since the epoch.
    pub(crate) until: Option<u64>,
}

/// One to three keys, as a ring can hold them; no two parties have a secret in common.
pub(crate) fn keys(party: usize) -> impl Strategy<Value = Vec<Key>> {
    let id = prop_oneof![4 => select(IDS.to_vec()).prop_map(Some), 1 => proptest::prelude::Just(None)];
    let until = option::weighted(0.4, START..START + 4);
    let keys = vec((algorithm(), id, until), 1..4);
    keys.prop_map(move |keys| {
        let mut ring = Vec::<Key>::new();
        for ((algorithm, id, until), secret) in keys.into_iter().zip(SECRETS[party]) {
            let is_there = |key: &Key| key.id == id && (id.is_some() || key.algorithm == algorithm);
            if !ring.iter().any(is_there) {
                // The ring of keys retires by id, which several without one have in common.
                let until = until.filter(|_| !ring.is_empty() && id.is_some());
                ring.push(Key { algorithm, secret, id, until });
            }
        }
        ring
    })
}

/// The slow ones rarely.
fn algorithm() -> impl Strategy<Value = Algorithm> {
    use Algorithm::{ES256, EdDSA, HS256, HS384, HS512, RS256};
    prop_oneof![
        280 => select(vec![HS256, HS384, HS512]),
        12 => select(vec![ES256, EdDSA]),
        1 => select(vec![RS256]),
    ]
}

impl Key {
    pub(crate) fn signing(&self) -> SigningKey {
        self.id.into_iter().try_fold(self.prepared(), SigningKey::with_id).unwrap()
    }

    /// Returns the key without its id. A secret is searched for keys of other kinds, slowly, so each is prepared once.
    fn prepared(&self) -> SigningKey {
        static PREPARED: Mutex<Vec<(Algorithm, &str, SigningKey)>> = Mutex::new(Vec::new());
        let mut prepared = PREPARED.lock().unwrap();
        let is_same = |(algorithm, secret, _): &&(Algorithm, &str, SigningKey)| {
            (*algorithm, *secret) == (self.algorithm, self.secret)
        };
        if let Some((_, _, key)) = prepared.iter().find(is_same) {
            return key.clone();
        }
        let key = match self.algorithm {
            Algorithm::HS256 => SigningKey::hs256(self.secret).unwrap(),
            Algorithm::HS384 => SigningKey::hs384(self.secret).unwrap(),
            Algorithm::HS512 => SigningKey::hs512(self.secret).unwrap(),
            pair => pairs::signing(pair),
        };
        prepared.push((self.algorithm, self.secret, key.clone()));
        key
    }

    /// The message with its signature, made by others.
    pub(crate) fn signed(&self, message: &str) -> String {
        let signature = match self.algorithm {
            Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512 => {
                encoded(tag(message, self.algorithm, self.secret))
            }
            pair => peer::signature(message, pair),
        };
        format!("{message}.{signature}")
    }
}

const SECRETS: [[&str; 3]; 2] = [
    [SECRET, "the second secret of ours, of at least sixty-four bytes, as a hash likes it", THIRD],
    ["a secret of theirs", "another secret of theirs", "a third secret of theirs"],
];
const THIRD: &str = "the third secret of ours, of at least sixty-four bytes, as a hash likes it";

//! The access tokens of API keys, until shortly before they expire.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use crate::clock::Timestamp;
use crate::login::{KeyDigest, KeyToken};

/// A cached access token.
#[derive(Clone)]
pub(super) struct CachedToken {
    pub(super) token: Arc<str>,
    /// The time from which on a new token is better: this one would expire while its request is handled.
    serve_until: Timestamp,
}

/// A bounded cache of tokens by the digests of their keys, and the exchanges that are in flight.
pub(super) struct KeyCache<F> {
    pub(super) in_flight: HashMap<KeyDigest, F>,
    tokens: HashMap<KeyDigest, CachedToken>,
    /// The tokens in the order in which they were cached. A token that was replaced or removed is still in it.
    order: VecDeque<(KeyDigest, Timestamp)>,
    capacity: usize,
}

impl CachedToken {
    pub(super) fn new(exchanged: &KeyToken, now: Timestamp) -> Self {
        let lifetime = exchanged.expires_in;
        let margin = lifetime.checked_div(10).unwrap_or_default().min(LONGEST_MARGIN);
        let serve_until = now.after(lifetime.saturating_sub(margin));
        Self { token: exchanged.access_token.as_str().into(), serve_until }
    }
}

impl<F> KeyCache<F> {
    /// Creates a cache of at most this number of tokens.
    pub(super) fn new(capacity: usize) -> Self {
        Self { in_flight: HashMap::new(), tokens: HashMap::new(), order: VecDeque::new(), capacity }
    }

    pub(super) fn get(&self, digest: &KeyDigest, now: Timestamp) -> Option<Arc<str>> {
        let cached = self.tokens.get(digest).filter(|cached| now < cached.serve_until)?;
        Some(Arc::clone(&cached.token))
    }

    /// Removes this token of the key: it may have another one by now.
    pub(super) fn remove(&mut self, digest: &KeyDigest, token: &Arc<str>) {
        if self.tokens.get(digest).is_some_and(|cached| Arc::ptr_eq(&cached.token, token)) {
            self.tokens.remove(digest);
        }
    }

    /// Inserts a token. Removes those that are no longer served, and the oldest one above the capacity.
    pub(super) fn insert(&mut self, digest: KeyDigest, token: CachedToken, now: Timestamp) {
        self.order.push_back((digest, token.serve_until));
        self.tokens.insert(digest, token);
        let is_superfluous = |order: &VecDeque<(_, Timestamp)>| {
            order.len() > self.capacity || order.front().is_some_and(|(_, until)| *until <= now)
        };
        while is_superfluous(&self.order) {
            let Some((oldest, until)) = self.order.pop_front() else { return };
            if self.tokens.get(&oldest).is_some_and(|cached| cached.serve_until == until) {
                self.tokens.remove(&oldest);
            }
        }
    }
}

const LONGEST_MARGIN: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::login::KeyDigest;

    fn token(until: u64) -> CachedToken {
        CachedToken { token: format!("until {until}").into(), serve_until: at(until) }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_seconds(seconds).unwrap()
    }

    fn digest(number: u8) -> KeyDigest {
        KeyDigest::numbered(number)
    }

    #[test]
    fn the_oldest_token_makes_room_and_an_expired_one_is_removed() {
        let mut cache = KeyCache::<()>::new(2);
        for number in 1..=3 {
            cache.insert(digest(number), token(100), at(1));
        }
        let cached =
            |cache: &KeyCache<()>, now| [1, 2, 3].map(|number| cache.get(&digest(number), at(now)).is_some());
        assert_eq!(cached(&cache, 99), [false, true, true]);
        assert_eq!(cached(&cache, 100), [false; 3]);
        cache.insert(digest(4), token(200), at(100));
        assert_eq!((cache.tokens.len(), cache.order.len()), (1, 1));
    }

    #[test]
    fn replacing_the_token_of_one_key_again_and_again_takes_no_more_room() {
        let mut cache = KeyCache::<()>::new(3);
        cache.insert(digest(1), token(100), at(1));
        for until in 101..200 {
            cache.insert(digest(2), token(until), at(1));
            let current = cache.get(&digest(2), at(1)).unwrap();
            cache.remove(&digest(2), &"another".into());
            assert!(cache.get(&digest(2), at(1)).is_some());
            cache.remove(&digest(2), &current);
            assert!(cache.get(&digest(2), at(1)).is_none());
        }
        assert!(cache.order.len() <= 3 && cache.tokens.len() <= 1);
    }

    #[test]
    fn a_token_is_served_until_shortly_before_it_expires() {
        for (lifetime, served) in [(900, 870), (60, 54), (1, 0), (0, 0)] {
            let expires_in = Duration::from_secs(lifetime);
            let exchanged = KeyToken {
                access_token: String::new(),
                token_type: "bearer",
                expires_in,
                access_token_id: String::new(),
            };
            assert_eq!(CachedToken::new(&exchanged, at(1_000)).serve_until, at(1_000 + served), "{lifetime}");
        }
    }
}

//! The revocation feed: a thread that reads revocations from a store, so that guards do no I/O.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Weak};
use std::thread;
use std::time::Duration;

use super::cleaning::Cleaning;
use super::notify::Notify;
use super::{RemoveExpired, RevocationCursor, Revoker, SessionStore};
use crate::clock::Timestamp;
use crate::error::{ConfigError, StoreError};
use crate::event::{Decision, Event};
use crate::future::{StoreFuture, wait_for};
use crate::token::{TokenManager, TrustLimit};

/// Brings the revocations of other processes to a [`TokenManager`]. Dropping the feed stops it.
///
/// [`OAuthHandler::session_store`](crate::OAuthHandler::session_store) starts a feed if its store is shared. A service
/// that only guards functions starts its own feed over the same store.
///
/// A revocation arrives as soon as the store notifies (`PostgreSQL`, Redis), and at the next
/// [poll](RevocationFeedBuilder::poll_interval) at the latest. After a lost connection the feed reads all revocations that
/// it missed. Once an hour it also removes what has expired from the store, in short calls between which it reads
/// revocations.
///
/// A revocation is kept for as long as a token can live that the manager accepts, and a feed that starts reads the
/// revocations of that time: see [`Issuer::max_lifetime`](crate::Issuer::max_lifetime).
///
/// # Examples
///
/// ```
/// use gatevault::session::StalePolicy;
/// use gatevault::{MemorySessions, RevocationFeed, TokenManager};
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let store = MemorySessions::new(); // in another process: the store that the login service uses
/// let feed = RevocationFeed::of(store).when_stale(StalePolicy::Deny).follow(&tokens)?;
/// # drop(feed);
/// # Ok::<(), gatevault::Error>(())
/// ```
#[must_use = "dropping a feed stops it"]
pub struct RevocationFeed {
    notify: Arc<Notify>,
    revoker: Revoker,
    /// Held here, and not by the thread, which may end later.
    _trust: Option<Arc<TrustLimit>>,
}

/// A choice of what guards do while a [`RevocationFeed`] is stale: it has not reached the store for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum StalePolicy {
    /// Guards continue with the revocations known so far. One warning is logged.
    ///
    /// # Security
    ///
    /// A session that is revoked elsewhere stays usable here until its access tokens expire.
    #[default]
    Allow,
    /// Guards return [`Unavailable`](crate::GuardError::Unavailable) until the store is reachable again.
    ///
    /// Of several such feeds of one manager, each must have reached its store. A feed that was dropped no longer counts, except
    /// the last one: without a feed, guards deny all tokens after its `max_staleness`.
    Deny,
}

/// Settings of a [`RevocationFeed`].
#[must_use = "a builder does nothing until `follow()`"]
pub struct RevocationFeedBuilder {
    store: Arc<dyn SessionStore>,
    poll_interval: Duration,
    max_staleness: Duration,
    when_stale: StalePolicy,
}

impl RevocationFeed {
    /// Creates a builder for a feed from this store.
    pub fn of(store: impl SessionStore) -> RevocationFeedBuilder {
        Self::from_shared(Arc::new(store))
    }

    /// Returns a revoker that writes to the store of this feed, for a service that guards functions and has no logins.
    pub fn revoker(&self) -> Revoker {
        self.revoker.clone()
    }

    pub(crate) fn from_shared(store: Arc<dyn SessionStore>) -> RevocationFeedBuilder {
        RevocationFeedBuilder {
            store,
            poll_interval: Duration::from_secs(1),
            max_staleness: Duration::from_secs(30),
            when_stale: StalePolicy::Allow,
        }
    }
}

impl RevocationFeedBuilder {
    /// Sets how often the feed polls the store: 10 ms to 1 h, by default 1 s.
    ///
    /// This bounds the delay of a revocation while the store is reachable.
    pub fn poll_interval(self, poll_interval: Duration) -> Self {
        Self { poll_interval, ..self }
    }

    /// Sets how long the store may be unreachable before the feed is stale: from the poll interval to 24 h, by default
    /// 30 s.
    pub fn max_staleness(self, max_staleness: Duration) -> Self {
        Self { max_staleness, ..self }
    }

    /// Sets what guards do while the feed is stale, by default [`StalePolicy::Allow`].
    pub fn when_stale(self, when_stale: StalePolicy) -> Self {
        Self { when_stale, ..self }
    }

    /// Starts the feed. With [`StalePolicy::Deny`] the manager denies all tokens until the store has answered once.
    ///
    /// # Errors
    ///
    /// Returns [`ConfigError::DurationOutOfBounds`] for a setting outside its bounds, and [`ConfigError::NoThread`] if the
    /// thread cannot be spawned.
    pub fn follow(self, tokens: &TokenManager) -> Result<RevocationFeed, ConfigError> {
        let (least, most) = (Duration::from_millis(10), Duration::from_hours(1));
        ConfigError::within("poll_interval", self.poll_interval, least, most)?;
        ConfigError::within(
            "max_staleness",
            self.max_staleness,
            self.poll_interval,
            Duration::from_hours(24),
        )?;
        let trust = (self.when_stale == StalePolicy::Deny).then(|| Arc::new(tokens.limit_trust()));
        let notify = Arc::new(Notify::default());
        let revoker = Revoker::new(Arc::clone(&self.store), tokens.clone());
        let follower = Follower {
            settings: self,
            tokens: tokens.clone(),
            notify: Arc::clone(&notify),
            trust: trust.as_ref().map(Arc::downgrade).unwrap_or_default(),
        };
        let thread = thread::Builder::new().name("gatevault-revocations".to_owned());
        thread.spawn(move || follower.run()).map_err(|_| ConfigError::NoThread)?;
        Ok(RevocationFeed { notify, revoker, _trust: trust })
    }
}

/// The state of the feed's thread.
struct Follower {
    settings: RevocationFeedBuilder,
    tokens: TokenManager,
    notify: Arc<Notify>,
    /// Nothing unless the policy is [`StalePolicy::Deny`].
    trust: Weak<TrustLimit>,
}

impl Follower {
    fn run(self) {
        let notify = Arc::clone(&self.notify);
        let listen = || self.settings.store.listen(Arc::new(move || notify.request_poll()));
        let _subscription = catch_unwind(AssertUnwindSafe(listen));
        let (mut position, mut last_contact) = (None, self.tokens.now().ok());
        let (mut cleaning, mut is_stale) = (Cleaning::default(), false);
        loop {
            let now = self.tokens.now().ok();
            let read = self.read_revocations(position, now);
            let is_current = read.is_ok();
            match read {
                Ok(last_position) => {
                    (position, last_contact) = (Some(last_position), now);
                    if is_stale {
                        Event::new(Decision::FeedRecovered).emit();
                    }
                    is_stale = false;
                    self.extend_trust(now);
                }
                Err(error) => is_stale = is_stale || self.report_if_stale(&error, last_contact, now),
            }
            // A revocation that no feed can read leaves the store by its removal, once no token needs it.
            if is_current || is_stale {
                cleaning.run(now, |now| self.remove_expired(now));
            }
            self.tokens.remove_expired_revocations();
            if !self.notify.wait(cleaning.pause(now).min(self.settings.poll_interval)) {
                return;
            }
        }
    }

    /// Returns whether the last contact is too long ago, and reports it.
    fn report_if_stale(
        &self,
        error: &StoreError,
        last_contact: Option<Timestamp>,
        now: Option<Timestamp>,
    ) -> bool {
        let is_stale = now > last_contact.map(|last| last.after(self.settings.max_staleness));
        if is_stale {
            let error = error.to_string();
            let since = last_contact.map(Timestamp::seconds);
            let denies = self.settings.when_stale == StalePolicy::Deny;
            Event::new(Decision::FeedUnreachable { error, since, denies }).emit();
        }
        is_stale
    }

    /// Reads the revocations after `position` into the manager and returns the store's last position.
    ///
    /// The first call has no position. It reads every revocation that can still concern an accepted token.
    fn read_revocations(&self, position: Option<u64>, now: Option<Timestamp>) -> Result<u64, StoreError> {
        let start = RevocationCursor::Time(now.unwrap_or(Timestamp::FIRST_SECOND).before(self.needed_for()));
        let read = |cursor| call_store(|| self.settings.store.revocations_since(cursor));
        let mut batch = read(position.map_or(start, RevocationCursor::Position))?;
        if position > Some(batch.position) {
            // The store was restored from an older state: later revocations reuse numbers that were seen before.
            batch = read(start)?;
        }
        // All of them first: an unreadable revocation hides no other.
        let applied: Vec<_> =
            batch.revocations.iter().map(|revoked| revoked.apply_to(&self.tokens)).collect();
        applied.into_iter().collect::<Result<(), _>>()?;
        Ok(batch.position)
    }

    /// Extends the time until which the manager accepts tokens, under [`StalePolicy::Deny`].
    fn extend_trust(&self, now: Option<Timestamp>) {
        if let Some(trust) = self.trust.upgrade() {
            trust.extend_to(now.unwrap_or(Timestamp::FIRST_SECOND).after(self.settings.max_staleness));
        }
    }

    /// Returns how long the store's revocations are needed: as long as an accepted token lives, by any of the clocks.
    fn needed_for(&self) -> Duration {
        self.tokens.longest_lifetime().saturating_add(CLOCK_SKEW)
    }

    /// Removes a part of what has expired from the store. Returns zero if nothing is left.
    fn remove_expired(&self, now: Timestamp) -> Result<u64, StoreError> {
        call_store(|| self.settings.store.remove_expired(RemoveExpired::new(now, self.needed_for())))
    }
}

/// Calls a store and waits for its answer.
///
/// A store of the application may panic. The thread must survive that: without it the feed would stop without a warning.
fn call_store<'s, T>(call: impl FnOnce() -> StoreFuture<'s, T>) -> Result<T, StoreError> {
    match catch_unwind(AssertUnwindSafe(|| wait_for(call(), STORE_TIMEOUT))) {
        Ok(answer) => answer.unwrap_or_else(|| Err("the session store did not respond in time".into())),
        Err(_) => Err("the session store panicked".into()),
    }
}

impl Drop for RevocationFeed {
    fn drop(&mut self) {
        self.notify.stop();
    }
}

impl fmt::Debug for RevocationFeed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationFeed").finish_non_exhaustive()
    }
}

impl fmt::Debug for RevocationFeedBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationFeedBuilder")
            .field("poll_interval", &self.poll_interval)
            .field("max_staleness", &self.max_staleness)
            .field("when_stale", &self.when_stale)
            .finish_non_exhaustive()
    }
}

/// The clock difference between this process and the store up to which no revocation is missed.
const CLOCK_SKEW: Duration = Duration::from_hours(1);
/// A limit for stores that break their contract: each store must have a shorter limit of its own.
const STORE_TIMEOUT: Duration = Duration::from_secs(30);

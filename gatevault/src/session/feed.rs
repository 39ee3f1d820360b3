//! How the end of a session reaches the guards of a process: a thread that asks the store, so that no guard has to.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use super::{RevocationCursor, SessionStore};
use crate::clock::Timestamp;
use crate::error::{BoxError, ConfigError};
use crate::future::{StoreFuture, wait_for};
use crate::token::TokenManager;

/// Tells a [`TokenManager`] of the sessions that other processes end, for as long as it is held.
///
/// [`OAuthHandler::session_store`](crate::OAuthHandler::session_store) starts one where its store is shared. A service that only
/// guards functions starts its own, over the same store. An end is heard of as soon as the store tells (`PostgreSQL`,
/// Redis), and at the next [`poll`](RevocationFeedBuilder::poll_interval) at the latest; after a lost connection nothing
/// is missed. It also removes expired sessions from the store, once an hour.
///
/// # Examples
///
/// ```
/// use gatevault::session::StalePolicy;
/// use gatevault::{MemorySessions, RevocationFeed, TokenManager};
///
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let store = MemorySessions::new(); // in another process: the store that the sessions are in
/// let feed = RevocationFeed::of(store).when_stale(StalePolicy::Deny).follow(&tokens)?;
/// # drop(feed);
/// # Ok::<(), gatevault::Error>(())
/// ```
#[must_use = "a feed that is dropped tells nothing any more"]
pub struct RevocationFeed {
    bell: Arc<Bell>,
}

/// What guards do when the feed has been silent for too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum StalePolicy {
    /// They go on with what they know; one event warns.
    #[default]
    Allow,
    /// They answer [`Unavailable`](crate::GuardError::Unavailable) until the store is heard of again.
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
    /// A feed from this store.
    pub fn of(store: impl SessionStore) -> RevocationFeedBuilder {
        Self::from_shared(Arc::new(store))
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
    /// How long an end may go unheard while the store can be asked; 1 s unless set, 10 ms to 1 h.
    pub fn poll_interval(self, poll_interval: Duration) -> Self {
        Self { poll_interval, ..self }
    }

    /// How long the store may be out of reach before it matters; 30 s unless set, from the poll interval to a day.
    pub fn max_staleness(self, max_staleness: Duration) -> Self {
        Self { max_staleness, ..self }
    }

    /// What guards do then; [`StalePolicy::Allow`] unless set.
    pub fn when_stale(self, when_stale: StalePolicy) -> Self {
        Self { when_stale, ..self }
    }

    /// Starts to tell the manager, which with [`StalePolicy::Deny`] refuses tokens until the first answer.
    ///
    /// # Errors
    ///
    /// [`ConfigError::DurationOutOfBounds`], and [`ConfigError::NoThread`].
    pub fn follow(self, tokens: &TokenManager) -> Result<RevocationFeed, ConfigError> {
        let (least, most) = (Duration::from_millis(10), Duration::from_hours(1));
        ConfigError::within("poll_interval", self.poll_interval, least, most)?;
        ConfigError::within("max_silence", self.max_staleness, self.poll_interval, Duration::from_hours(24))?;
        if self.when_stale == StalePolicy::Deny {
            tokens.believe_revocations_until(Some(Timestamp::FIRST_SECOND));
        }
        let bell = Arc::new(Bell::default());
        let follower = Follower { settings: self, tokens: tokens.clone(), bell: Arc::clone(&bell) };
        let thread = thread::Builder::new().name("gatevault-revocations".to_owned());
        thread.spawn(move || follower.run()).map_err(|_| ConfigError::NoThread)?;
        Ok(RevocationFeed { bell })
    }
}

/// What the thread owns.
struct Follower {
    settings: RevocationFeedBuilder,
    tokens: TokenManager,
    bell: Arc<Bell>,
}

impl Follower {
    fn run(self) {
        let bell = Arc::clone(&self.bell);
        let listen = || self.settings.store.listen(Arc::new(move || bell.ring()));
        let _subscription = catch_unwind(AssertUnwindSafe(listen));
        let (mut since, mut heard_at, mut cleaned_at) = (None, self.tokens.now().ok(), None);
        let mut is_silent = false;
        loop {
            let now = self.tokens.now().ok();
            match self.hear(since, now) {
                Ok(position) => {
                    (since, heard_at) = (Some(position), now);
                    if is_silent {
                        tracing::info!(target: "gatevault", "revocations are heard of again");
                    }
                    is_silent = false;
                    self.believe(now);
                    self.clean(&mut cleaned_at, now);
                }
                Err(reason) => {
                    let last = heard_at.map(|heard_at| heard_at.after(self.settings.max_staleness));
                    if !is_silent && now > last {
                        let reason = reason.to_string();
                        tracing::warn!(target: "gatevault", ?reason, policy = ?self.settings.when_stale, "nothing is heard of revocations");
                        is_silent = true;
                    }
                }
            }
            if !self.bell.wait(self.settings.poll_interval) {
                return;
            }
        }
    }

    /// Asks the store, and tells the manager. What was heard of before is known; at first, all that still matters is new.
    fn hear(&self, since: Option<u64>, now: Option<Timestamp>) -> Result<u64, BoxError> {
        let known = self.tokens.access_expiry().saturating_add(self.tokens.leeway());
        let start = now.unwrap_or(Timestamp::FIRST_SECOND).before(known).before(SKEW);
        let since = since.map_or(RevocationCursor::Time(start), RevocationCursor::Position);
        let ended = answer(|| self.settings.store.revocations_since(since))?;
        for session in &ended.sessions {
            self.tokens.revoke_session(session);
        }
        Ok(ended.position)
    }

    fn believe(&self, now: Option<Timestamp>) {
        if self.settings.when_stale == StalePolicy::Deny {
            let last = now.unwrap_or(Timestamp::FIRST_SECOND).after(self.settings.max_staleness);
            self.tokens.believe_revocations_until(Some(last));
        }
    }

    fn clean(&self, cleaned_at: &mut Option<Timestamp>, now: Option<Timestamp>) {
        let Some(now) = now.filter(|now| cleaned_at.is_none_or(|last| *now >= last.after(CLEANING_INTERVAL)))
        else {
            return;
        };
        *cleaned_at = Some(now);
        match answer(|| self.settings.store.remove_expired(now)) {
            Ok(removed) => tracing::debug!(target: "gatevault", removed, "expired sessions removed"),
            // The next hour is early enough.
            Err(reason) => {
                let reason = reason.to_string();
                tracing::debug!(target: "gatevault", ?reason, "expired sessions not removed");
            }
        }
    }
}

/// What the store answers. One of somebody else's may panic, and the thread must outlive that: without it nobody would say
/// that nothing is heard.
fn answer<'s, T>(ask: impl FnOnce() -> StoreFuture<'s, T>) -> Result<T, BoxError> {
    match catch_unwind(AssertUnwindSafe(|| wait_for(ask(), LONGEST_ANSWER))) {
        Ok(answer) => answer.unwrap_or_else(|| Err("no answer in time".into())),
        Err(_) => Err("the store panicked".into()),
    }
}

/// What wakes the thread up, and ends it.
#[derive(Default)]
struct Bell {
    state: Mutex<Call>,
    changed: Condvar,
}

#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Call {
    #[default]
    None,
    Ask,
    Leave,
}

impl Bell {
    fn ring(&self) {
        self.call(Call::Ask);
    }

    fn call(&self, call: Call) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if *state != Call::Leave {
            *state = call;
        }
        self.changed.notify_one();
    }

    /// Waits for a call, or for `pause`; whether to go on.
    fn wait(&self, pause: Duration) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.changed.wait_timeout_while(state, pause, |state| *state == Call::None);
        let (mut state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        let goes_on = *state != Call::Leave;
        if goes_on {
            *state = Call::None;
        }
        goes_on
    }
}

impl Drop for RevocationFeed {
    fn drop(&mut self) {
        self.bell.call(Call::Leave);
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
            .field("max_silence", &self.max_staleness)
            .field("when_silent", &self.when_stale)
            .finish_non_exhaustive()
    }
}

/// By how much the clocks of this process and of the store may differ before an end is missed at the start.
const SKEW: Duration = Duration::from_hours(1);
/// A store answers within a bound of its own; this is for one that does not.
const LONGEST_ANSWER: Duration = Duration::from_secs(30);
const CLEANING_INTERVAL: Duration = Duration::from_hours(1);

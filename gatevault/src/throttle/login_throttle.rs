//! `LoginThrottle`: the settings of a throttle, and how it uses its store.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::key::DigestSecret;
use super::{Admission, Attempt, AttemptLimit, AttemptOrigin, AttemptOutcome, AttemptStore, AttemptTicket};
use crate::error::{BoxError, GuardError, InvalidReason, TokenError};

/// Slows down password guessing, by account and by address, with little effect on legitimate users.
///
/// An attempt is counted before the user is looked up, atomically: of any number of concurrent attempts, exactly the free
/// ones are admitted. Each further attempt has to wait for a pause, which doubles from one second up to the longest pause
/// (exponential backoff). An attempt during a pause is denied with [`GuardError::TooManyAttempts`]. It is not counted and
/// prolongs nothing. The outcome of an admitted attempt changes the counters:
///
/// | outcome | the account's counter | the address's counter |
/// |---|---|---|
/// | the login succeeded | is deleted | refunds this attempt |
/// | the credentials were wrong | stays | stays |
/// | the lookup or a store failed | refunds this attempt | refunds this attempt |
/// | its future was dropped | stays | stays |
///
/// Attempts decay linearly: after a quiet time `t` (pauses excluded), a fraction `t / forget_after` of them is forgotten.
/// A client that keeps guessing therefore gets, in the long run, one attempt per longest pause on an account, by default
/// 2,880 a day, and about `free` attempts per [`forget_after`](Self::forget_after) from an address, by default fewer than
/// 2,000 a day.
///
/// Addresses come from [`LoginRequest::from_address`](crate::LoginRequest::from_address). An IPv6 address counts as its /64
/// network, which one user controls. If an account has logged in from an address before, its attempts from there have a
/// counter of their own: an attacker at another address does not slow down the owner at home.
///
/// Names are compared in lowercase, without white space around them. Stores get only their digests, because users
/// sometimes type their password in place of their name.
///
/// The counters in memory are a segmented cache: one half keeps those with the most attempts (LFU), the other the most
/// recently used (LRU). See [`MemoryAttempts`](crate::MemoryAttempts).
///
/// # Security
///
/// - Without addresses, only the longest pause protects users from being locked out by an attacker, and an attacker who
///   keeps guessing wins a fair share of the attempts. The same holds for a user at a new address.
/// - All users behind one address share its attempts. Successful logins cost none of them. Set a higher
///   [`per_address`](Self::per_address) limit if whole companies use one address.
/// - Known and unknown accounts are counted alike. What can be observed is the effect of a login: an attacker who watches
///   the pauses of an account may see them end when its owner logs in from a new address, and an attacker at an address
///   that the account logs in from may see that it has a counter of its own there.
/// - If the lookup accepts several spellings of a name, beyond case and white space, each has a counter of its own. Put
///   one canonical spelling into the request.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use gatevault::{AttemptLimit, AuthUser, GuardError, LoginThrottle, MemoryAttempts, OAuthHandler, TokenManager};
/// # use gatevault::UserId;
/// # struct Account;
/// # impl AuthUser for Account {
/// #     fn id(&self) -> UserId { 1.into() }
/// #     fn hashed_password(&self) -> Option<&str> { None }
/// # }
/// # fn find(_: &str) -> Option<Account> { None }
///
/// let throttle = LoginThrottle::new(MemoryAttempts::new())
///     .per_account(AttemptLimit::new(2, Duration::from_secs(30)));
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, find).throttle(throttle);
/// # // Cheap, so that on a busy machine the hashing does not outlast the pause.
/// # let oauth = oauth.hasher(gatevault::PasswordHasher::builder().cost(4).build()?);
///
/// let denials = [(); 3].map(|()| oauth.login("ada", "guess").unwrap_err());
/// assert_eq!(denials.each_ref().map(GuardError::status), [401, 401, 429]);
/// assert!(matches!(&denials[2], GuardError::TooManyAttempts { retry_after } if retry_after.as_secs() == 1));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
pub struct LoginThrottle {
    store: Arc<dyn AttemptStore>,
    /// An error if there was no randomness to create a secret from.
    secret: Arc<Result<DigestSecret, InvalidReason>>,
    account: AttemptLimit,
    address: AttemptLimit,
    forget_after: Duration,
    remember_for: Duration,
    when_unavailable: OutagePolicy,
}

/// A choice of what happens to logins while the attempt store is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OutagePolicy {
    /// Logins are denied with [`GuardError::Unavailable`]: no guesses, and no logins.
    #[default]
    Deny,
    /// Logins continue without being counted, each with a warning in the log.
    ///
    /// # Security
    ///
    /// An attacker who can bring the store down can guess without limit.
    Allow,
}

impl LoginThrottle {
    /// Creates a throttle over a store. Clones share their counters.
    ///
    /// By default 5 attempts on an account and 20 from an address are free, and the longest pauses are 30 seconds and
    /// 5 minutes.
    pub fn new(store: impl AttemptStore) -> Self {
        let secret = if store.is_shared() { Ok(DigestSecret::shared(&[])) } else { DigestSecret::random() };
        Self {
            store: Arc::new(store),
            secret: Arc::new(secret),
            account: AttemptLimit::new(5, Duration::from_secs(30)),
            address: AttemptLimit::new(20, Duration::from_mins(5)),
            forget_after: Duration::from_mins(15),
            remember_for: Duration::from_hours(30 * 24),
            when_unavailable: OutagePolicy::Deny,
        }
    }

    /// Sets the limit for attempts on one account, by default 5 free attempts and pauses of at most 30 s.
    #[must_use]
    pub fn per_account(self, limit: AttemptLimit) -> Self {
        Self { account: limit, ..self }
    }

    /// Sets the limit for attempts from one address, by default 20 free attempts and pauses of at most 5 minutes.
    #[must_use]
    pub fn per_address(self, limit: AttemptLimit) -> Self {
        Self { address: limit, ..self }
    }

    /// Sets the quiet time after which all attempts are forgotten, by default 15 minutes.
    #[must_use]
    pub fn forget_after(self, quiet_time: Duration) -> Self {
        Self { forget_after: quiet_time, ..self }
    }

    /// Sets how long an address stays known for an account after a login from it, by default 30 days. With zero no address
    /// becomes known.
    #[must_use]
    pub fn remember_addresses(self, duration: Duration) -> Self {
        Self { remember_for: duration, ..self }
    }

    /// Sets what happens to logins while the store is unavailable, by default [`OutagePolicy::Deny`].
    #[must_use]
    pub fn when_unavailable(self, policy: OutagePolicy) -> Self {
        Self { when_unavailable: policy, ..self }
    }

    /// Sets a secret for the digests of names and addresses in a shared store. It must be the same in every process.
    ///
    /// # Security
    ///
    /// Without a secret the digests in a shared store are plain hashes: a reader of the store can find out names, and
    /// passwords typed in their place, by trying candidates. A store in this process has a random secret of its own and
    /// needs none.
    #[must_use]
    pub fn digest_secret(self, secret: impl AsRef<[u8]>) -> Self {
        Self { secret: Arc::new(Ok(DigestSecret::shared(secret.as_ref()))), ..self }
    }

    /// Counts an attempt and returns the guard that records its outcome, or denies it during a pause.
    pub(crate) async fn begin_attempt(
        &self,
        name: &str,
        address: Option<IpAddr>,
        now: SystemTime,
    ) -> Result<AttemptGuard<'_>, GuardError> {
        let attempt = self.attempt(name, address, now).map_err(TokenError::from)?;
        match self.store.begin(attempt).await {
            Ok(Admission::Admitted(ticket)) => {
                Ok(AttemptGuard { store: &*self.store, counted: Some((attempt, ticket)) })
            }
            Ok(Admission::RetryAfter(pause)) => Err(too_many_attempts(pause, address)),
            Err(error) => self.without_store(error),
        }
    }

    fn attempt(
        &self,
        name: &str,
        address: Option<IpAddr>,
        now: SystemTime,
    ) -> Result<Attempt, InvalidReason> {
        let secret = self.secret.as_ref().as_ref().map_err(Clone::clone)?;
        let account = secret.account(name);
        let origin = address.map(|address| {
            let address = secret.address(address);
            let account_at_address = secret.account_at_address(account, address);
            AttemptOrigin { address, address_limit: self.address, account_at_address }
        });
        let (account_limit, forget_after, remember_for) =
            (self.account, self.forget_after, self.remember_for);
        Ok(Attempt { account, account_limit, origin, forget_after, remember_for, now })
    }

    fn without_store(&self, error: BoxError) -> Result<AttemptGuard<'_>, GuardError> {
        let reason = error.to_string();
        match self.when_unavailable {
            OutagePolicy::Deny => {
                tracing::warn!(target: "gatevault", error = ?reason, "login denied: attempt store unavailable");
                Err(GuardError::unavailable(error))
            }
            OutagePolicy::Allow => {
                tracing::warn!(target: "gatevault", error = ?reason, "login allowed without throttling: attempt store unavailable");
                Ok(AttemptGuard { store: &*self.store, counted: None })
            }
        }
    }
}

/// Denies and logs an attempt during a pause. The name is not logged: sometimes it is a password.
fn too_many_attempts(pause: Duration, address: Option<IpAddr>) -> GuardError {
    let retry_after = rounded_up_to_seconds(pause);
    let address = address.map(tracing::field::display);
    let seconds = retry_after.as_secs();
    tracing::info!(target: "gatevault", retry_after = seconds, address, "login throttled");
    GuardError::TooManyAttempts { retry_after }
}

/// Rounds up to seconds: a client that obeys `Retry-After` (RFC 9110 section 10.2.3) must not come too early.
fn rounded_up_to_seconds(pause: Duration) -> Duration {
    Duration::from_secs(pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0)).max(1))
}

/// An admitted attempt without an outcome. Dropping it leaves the attempt counted.
pub(crate) struct AttemptGuard<'t> {
    store: &'t dyn AttemptStore,
    /// `None` if the store failed and the policy allowed the login.
    counted: Option<(Attempt, AttemptTicket)>,
}

impl AttemptGuard<'_> {
    /// Records the outcome.
    ///
    /// A store that fails now does not change the outcome. The attempt stays counted, which delays the user only briefly.
    pub(crate) async fn record_outcome(self, outcome: AttemptOutcome) {
        let Some((attempt, ticket)) = self.counted else {
            return;
        };
        if let Err(error) = self.store.record_outcome(attempt, ticket, outcome).await {
            tracing::warn!(target: "gatevault", error = ?error.to_string(), "attempt outcome not recorded: attempt store unavailable");
        }
    }
}

impl fmt::Debug for LoginThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginThrottle")
            .field("account", &self.account)
            .field("address", &self.address)
            .field("forget_after", &self.forget_after)
            .field("remember_for", &self.remember_for)
            .field("when_unavailable", &self.when_unavailable)
            .finish_non_exhaustive()
    }
}

//! The throttle of a handler: its settings, and what it asks of its store.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::key::DigestSecret;
use super::{Admission, Attempt, AttemptLimit, AttemptOrigin, AttemptOutcome, AttemptStore, AttemptTicket};
use crate::error::{BoxError, GuardError, InvalidReason, TokenError};

/// Slows down whoever guesses passwords, by account and by address, and nobody else for long.
///
/// An attempt is counted before the user is looked up, atomically, so that of any number at once exactly the free ones
/// come through. Each further one has to wait for a pause that doubles from one second up to a longest; one that comes
/// during a pause is refused with [`GuardError::TooManyAttempts`], is not counted and prolongs nothing. What becomes of an
/// attempt that was let through:
///
/// | | the account's attempts | those of the address |
/// |---|---|---|
/// | logged in | forgotten | this one is given back |
/// | refused | it stays counted | it stays counted |
/// | undecided, as the lookup or a store has failed | it is given back | it is given back |
/// | its future was dropped | it stays counted | it stays counted |
///
/// As large a part of the attempts as of [`forget_after`](Self::forget_after) goes by without one, pauses not counted, is
/// forgotten. So whoever keeps guessing has in the long run one attempt on an account in its longest pause, 2,880 a day
/// unless set, and from an address about `free` attempts in `forget_after`, not 2,000 a day unless set.
///
/// Addresses are what [`LoginRequest::from_address`](crate::LoginRequest::from_address) says. An IPv6 address is counted by
/// its network of 64 bits, which is one user's. Where an account has logged in from an address before, its attempts from
/// there are counted apart from those from anywhere else: an attacker elsewhere does not slow the owner down at home.
///
/// A name is taken in lower case and without white space around it, and kept only as a digest: now and then it is a
/// password.
///
/// # Security
///
/// - Without addresses only the longest pause protects a user from being kept out by others, and one who keeps guessing has
///   a fair part of the attempts. The same holds for a user at a new address.
/// - All users behind one address share its attempts, of which those that succeed cost nothing. Give
///   [`per_address`](Self::per_address) more where whole companies have one.
/// - Known and unknown accounts are counted alike. What can be told is what a login does: whoever watches the pauses of an
///   account may see them end when its owner logs in from a new address; and somebody at the very address that an
///   account logs in from, that it has attempts of its own there.
/// - If the lookup takes several spellings for one account, beyond case and white space, each has attempts of its own: put
///   one of them into the request.
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
/// #     fn hashed_password(&self) -> &str { "" }
/// # }
/// # fn find(_: &str) -> Option<Account> { None }
///
/// let throttle = LoginThrottle::new(MemoryAttempts::new())
///     .per_account(AttemptLimit::new(2, Duration::from_secs(30)));
/// let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
/// let oauth = OAuthHandler::new(tokens, find).throttle(throttle);
///
/// let denials = [(); 3].map(|()| oauth.login("ada", "guess").unwrap_err());
/// assert_eq!(denials.each_ref().map(GuardError::status), [401, 401, 429]);
/// assert!(matches!(&denials[2], GuardError::TooManyAttempts { retry_after } if retry_after.as_secs() == 1));
/// # Ok::<(), gatevault::Error>(())
/// ```
#[derive(Clone)]
pub struct LoginThrottle {
    store: Arc<dyn AttemptStore>,
    /// An error where there was no randomness to make one.
    secret: Arc<Result<DigestSecret, InvalidReason>>,
    account: AttemptLimit,
    address: AttemptLimit,
    forget_after: Duration,
    remember_for: Duration,
    when_unavailable: OutagePolicy,
}

/// What becomes of logins while the store of their attempts does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OutagePolicy {
    /// They are refused with [`GuardError::Unavailable`]: nobody guesses, and nobody logs in.
    #[default]
    Deny,
    /// They go on without being counted, each with a warning in the log.
    ///
    /// # Security
    ///
    /// Whoever can bring the store down can guess without limit.
    Allow,
}

impl LoginThrottle {
    /// A throttle with a place for its counts; clones count together.
    ///
    /// Unless set otherwise, 5 attempts on an account and 20 from an address are free, and pauses grow up to 30 seconds and
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

    /// For attempts on one account: 5 are free, and pauses last 30 s at most, unless set.
    #[must_use]
    pub fn per_account(self, limit: AttemptLimit) -> Self {
        Self { account: limit, ..self }
    }

    /// For attempts from one address: 20 are free, and pauses last 5 minutes at most, unless set.
    #[must_use]
    pub fn per_address(self, limit: AttemptLimit) -> Self {
        Self { address: limit, ..self }
    }

    /// After how long without an attempt all of them are forgotten; 15 minutes unless set.
    #[must_use]
    pub fn forget_after(self, quiet_time: Duration) -> Self {
        Self { forget_after: quiet_time, ..self }
    }

    /// For how long after a login an address is known as one that the account logs in from; 30 days unless set. With zero
    /// none is.
    #[must_use]
    pub fn remember_addresses(self, duration: Duration) -> Self {
        Self { remember_for: duration, ..self }
    }

    /// What becomes of logins while the store does not answer; they are refused unless set.
    #[must_use]
    pub fn when_unavailable(self, policy: OutagePolicy) -> Self {
        Self { when_unavailable: policy, ..self }
    }

    /// A secret for the digests of names and addresses that a shared store is given, the same in every process.
    ///
    /// # Security
    ///
    /// Without it the digests in a shared store are plain: whoever reads the store can try names, and passwords that were
    /// typed in their place. A store in this process has a random secret of its own, and needs none.
    #[must_use]
    pub fn digest_secret(self, secret: impl AsRef<[u8]>) -> Self {
        Self { secret: Arc::new(Ok(DigestSecret::shared(secret.as_ref()))), ..self }
    }

    /// Counts an attempt, or says when to come again.
    pub(crate) async fn admit(
        &self,
        name: &str,
        address: Option<IpAddr>,
        now: SystemTime,
    ) -> Result<Place<'_>, GuardError> {
        let attempt = self.attempt(name, address, now).map_err(TokenError::from)?;
        match self.store.begin(attempt).await {
            Ok(Admission::Admitted(ticket)) => {
                Ok(Place { store: &*self.store, counted: Some((attempt, ticket)) })
            }
            Ok(Admission::RetryAfter(pause)) => Err(refused(pause, address)),
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

    fn without_store(&self, error: BoxError) -> Result<Place<'_>, GuardError> {
        let reason = error.to_string();
        match self.when_unavailable {
            OutagePolicy::Deny => {
                tracing::warn!(target: "gatevault", error = ?reason, "login refused: attempts cannot be counted");
                Err(GuardError::unavailable(error))
            }
            OutagePolicy::Allow => {
                tracing::warn!(target: "gatevault", error = ?reason, "login admitted without being counted");
                Ok(Place { store: &*self.store, counted: None })
            }
        }
    }
}

/// The name that was typed is not logged: now and then it is a password.
fn refused(pause: Duration, address: Option<IpAddr>) -> GuardError {
    let retry_after = in_whole_seconds(pause);
    let address = address.map(tracing::field::display);
    let seconds = retry_after.as_secs();
    tracing::info!(target: "gatevault", retry_after = seconds, address, "login refused: too many attempts");
    GuardError::TooManyAttempts { retry_after }
}

/// Rounded up, for a `Retry-After` (RFC 9110 section 10.2.3) that is obeyed must not be too early.
fn in_whole_seconds(pause: Duration) -> Duration {
    Duration::from_secs(pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0)).max(1))
}

/// An attempt that goes on.
pub(crate) struct Place<'t> {
    store: &'t dyn AttemptStore,
    /// `None` where the store had failed.
    counted: Option<(Attempt, AttemptTicket)>,
}

impl Place<'_> {
    /// A store that fails now changes nothing of what was decided: the attempt stays counted, which harms nobody for long.
    pub(crate) async fn record_outcome(self, outcome: AttemptOutcome) {
        let Some((attempt, ticket)) = self.counted else {
            return;
        };
        if let Err(error) = self.store.record_outcome(attempt, ticket, outcome).await {
            tracing::warn!(target: "gatevault", error = ?error.to_string(), "an attempt stays counted: its store failed");
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

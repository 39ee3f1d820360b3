//! `LoginThrottle`: the settings of a throttle, and how it uses its store.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::key::DigestSecret;
use super::{AttemptLimit, AttemptStore};
use crate::error::InvalidReason;

/// Slows down password guessing, by account and by network, with little effect on legitimate users.
///
/// An attempt is counted twice, atomically: before the user is looked up, by the typed name and by the networks of the
/// address; and before the password is verified, by the account found. Of any number of concurrent attempts exactly the free
/// ones are admitted. Each further attempt has to wait for a pause, which doubles from one second up to the longest pause
/// (exponential backoff). An attempt during a pause is denied with
/// [`GuardError::TooManyAttempts`](crate::GuardError::TooManyAttempts). It is not counted and prolongs nothing.
/// The outcome of an admitted attempt changes the counters:
///
/// | outcome | of the name, and of the account found | of newcomers, and of networks |
/// |---|---|---|
/// | the login succeeded | are deleted | refund this attempt |
/// | the credentials were wrong | stay | stay |
/// | the account found pauses | that of the name refunds this attempt | refund this attempt |
/// | the lookup or a store failed | refund this attempt | refund this attempt |
/// | its future was dropped | stay | stay |
///
/// Attempts decay linearly: after a quiet time `t` (pauses excluded), a fraction `t / forget_after` of them is forgotten.
///
/// # Counters
///
/// | counter | free attempts | longest pause | guesses a day in the long run |
/// |---|---|---|---|
/// | an account, and likewise a name | 5 | 30 s | 2,880 |
/// | newcomers to an account | 20 | 30 s | 2,880 |
/// | an account at a known address | 5 | 30 s | 2,880, only from there |
/// | an IPv4 address, an IPv6 /64 | 20 | 5 min | fewer than 2,300 |
/// | an IPv6 /56 | 80 | 5 min | fewer than 8,000 |
/// | an IPv6 /48 | 320 | 5 min | fewer than 32,000 |
///
/// - **Known addresses.** If an account has logged in from an address before, its attempts from there have a counter of their
///   own: an attacker at another address does not slow down the owner at home.
/// - **Newcomers.** The first three attempts of a network (an IPv4 address, or an IPv6 /48) on an account count as those of
///   newcomers, until the network was quiet for [`forget_after`](Self::forget_after). Later ones count on the account. So an
///   attacker at up to six networks does not keep the owner out who logs in at a new address.
/// - **Networks.** An IPv6 address counts as its networks of 64, 56 and 48 bits. Each limit of a network is a multiple of
///   [`per_address`](Self::per_address). Addresses come from
///   [`LoginRequest::from_address`](crate::LoginRequest::from_address). An address of NAT64, 6to4 or Teredo counts as the
///   IPv4 address inside.
/// - **Concurrent logins.** Attempts of one handler with the same name and the same password that are in flight at the same
///   time count as one, and share its refusal or wrong password. So the workers of a service may log in at once. An attempt
///   with another password in between ends this for the name until the first of them is answered.
///
/// Names are compared in lowercase, without white space around them, and after [`canonical_name`](Self::canonical_name) if it
/// is set. Stores get only their digests, because users sometimes type their password in place of their name.
///
/// The counters in memory are a segmented cache: one half keeps those with the most attempts (LFU), the other the most
/// recently used (LRU). See [`MemoryAttempts`](crate::MemoryAttempts).
///
/// # Security
///
/// - An attacker with any number of networks has at most 5,760 guesses a day at one account (one per longest pause of the
///   account and of its newcomers), and about 35 more in the first minute.
/// - Without addresses, only the longest pause protects users from being locked out by an attacker, and an attacker who
///   keeps guessing wins a fair share of the attempts. The same holds for a user at a new address while an attacker has seven
///   networks or more.
/// - All users behind one address share its attempts. Successful logins cost none of them. Set a higher
///   [`per_address`](Self::per_address) limit if whole companies use one address.
/// - Known and unknown accounts are counted alike. What can be observed is the effect of a login: an attacker who watches
///   the pauses of an account may see them end when its owner logs in, and an attacker at an address that the account logs in
///   from may see that it has a counter of its own there.
/// - If the lookup accepts more spellings of a name than the throttle unifies, they share the attempts of the account found.
///   Spellings of a name that no account has do not: many of them show whether the account exists. With the
///   [`canonical_name`](Self::canonical_name) of the lookup they do not. Likewise, two names of different spelling that share
///   their attempts, such as a user name and a mail address, are names of one account.
/// - An attempt that follows a concurrent one is not counted. Among the guesses that are made while a user logs in, the first
///   one may be compared with the user's password in this way.
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
    pub(super) store: Arc<dyn AttemptStore>,
    /// An error if there was no randomness to create a secret from.
    pub(super) secret: Arc<Result<DigestSecret, InvalidReason>>,
    pub(super) canonical_name: Option<Arc<CanonicalName>>,
    pub(super) account: AttemptLimit,
    /// By default 20 free attempts and the pauses of an account.
    pub(super) newcomers: Option<AttemptLimit>,
    pub(super) address: AttemptLimit,
    pub(super) forget_after: Duration,
    pub(super) remember_for: Duration,
    pub(super) when_unavailable: OutagePolicy,
}

type CanonicalName = dyn Fn(&str) -> String + Send + Sync;

/// A choice of what happens to logins while the attempt store is unavailable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum OutagePolicy {
    /// Logins are denied with [`GuardError::Unavailable`](crate::GuardError::Unavailable): no guesses, and no logins.
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
    /// Creates a throttle over a store. Clones share their counters, and so do throttles over one store: give them the same
    /// limits for addresses, because the counters of networks belong to all of them.
    ///
    /// By default 5 attempts on an account, 20 of newcomers to it and 20 from an address are free, and the longest pauses are
    /// 30 seconds, 30 seconds and 5 minutes.
    pub fn new(store: impl AttemptStore) -> Self {
        let secret = if store.is_shared() { Ok(DigestSecret::shared(&[])) } else { DigestSecret::random() };
        Self {
            store: Arc::new(store),
            secret: Arc::new(secret),
            canonical_name: None,
            account: AttemptLimit::new(5, Duration::from_secs(30)),
            newcomers: None,
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

    /// Sets the limit for the first attempts on an account from addresses that are new to it, by default 20 free attempts and
    /// pauses as long as those of [`per_account`](Self::per_account).
    ///
    /// The first three attempts of each network (an IPv4 address, or an IPv6 /48) within [`forget_after`](Self::forget_after)
    /// count here and not as attempts on the account. So an attacker at a few networks does not keep the user of the account
    /// from logging in at a new address.
    #[must_use]
    pub fn newcomers(self, limit: AttemptLimit) -> Self {
        Self { newcomers: Some(limit), ..self }
    }

    /// Sets the function that maps all spellings of a name to one, before case and surrounding white space are ignored.
    ///
    /// Pass the function that the lookup uses. A name with another spelling of an account then has the same attempts,
    /// whether the account exists or not.
    ///
    /// # Examples
    ///
    /// ```
    /// use gatevault::{LoginThrottle, MemoryAttempts};
    ///
    /// /// Ignores the dots of a mail address in front of the `@`, as the lookup does.
    /// fn without_dots(name: &str) -> String {
    ///     let (user, host) = name.split_once('@').unwrap_or((name, ""));
    ///     format!("{}@{host}", user.replace('.', ""))
    /// }
    ///
    /// let throttle = LoginThrottle::new(MemoryAttempts::new()).canonical_name(without_dots);
    /// # drop(throttle);
    /// ```
    #[must_use]
    pub fn canonical_name(self, canonical: impl Fn(&str) -> String + Send + Sync + 'static) -> Self {
        Self { canonical_name: Some(Arc::new(canonical)), ..self }
    }

    /// Sets the limit for attempts from one address, by default 20 free attempts and pauses of at most 5 minutes.
    ///
    /// An IPv6 /64 counts as one address. A /56 has four times as many free attempts, and a /48 sixteen times as many.
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
}

impl fmt::Debug for LoginThrottle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LoginThrottle")
            .field("account", &self.account)
            .field("newcomers", &self.newcomers)
            .field("address", &self.address)
            .field("forget_after", &self.forget_after)
            .field("remember_for", &self.remember_for)
            .field("when_unavailable", &self.when_unavailable)
            .finish_non_exhaustive()
    }
}

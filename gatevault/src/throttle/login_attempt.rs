//! An attempt to log in, counted by its name before the lookup and by its account after it.

use std::borrow::Cow;
use std::net::IpAddr;
use std::time::{Duration, SystemTime};

use super::key::DigestSecret;
use super::networks::networks_of;
use super::{
    Admission, Attempt, AttemptKey, AttemptLimit, AttemptOrigin, AttemptOutcome, AttemptTicket,
    LoginThrottle, OutagePolicy,
};
use crate::claims::UserId;
use crate::error::{GuardError, InvalidReason, StoreError, TokenError};
use crate::event::{Decision, Event, StoreOperation};

/// An admitted attempt without an outcome. Dropping it leaves the attempt counted.
pub(crate) struct LoginAttempt<'t> {
    throttle: &'t LoginThrottle,
    pool: Option<&'t str>,
    /// By the name, and later by the account. Empty if the store failed and the policy allowed the login.
    counted: Vec<(Attempt, AttemptTicket)>,
}

impl LoginThrottle {
    /// Counts an attempt by its name and its networks, before the user is looked up, or denies it during a pause.
    pub(crate) async fn begin_attempt<'t>(
        &'t self,
        pool: Option<&'t str>,
        name: &str,
        address: Option<IpAddr>,
        now: SystemTime,
    ) -> Result<LoginAttempt<'t>, GuardError> {
        let name = self.canonical_name.as_ref().map_or(Cow::Borrowed(name), |name_of| name_of(name).into());
        let account = self.digest_secret_or_error()?.name(pool, &name);
        LoginAttempt::begin(self, pool, account, address, now).await
    }

    /// Creates an attempt on an account from these networks, the smallest one first.
    fn attempt(
        &self,
        secret: &DigestSecret,
        account: AttemptKey,
        networks: Vec<(AttemptKey, AttemptLimit)>,
        now: SystemTime,
    ) -> Attempt {
        let ends = networks.first().zip(networks.last());
        let origin = ends.map(|((address, _), (largest, _))| AttemptOrigin {
            address: *address,
            account_at_address: secret.account_at_address(account, *address),
            account_in_network: secret.account_in_network(account, *largest),
            network_limit: AttemptLimit::with_equal_pauses(NEWCOMER_ATTEMPTS, self.forget_after),
            newcomers: secret.newcomers(account),
            newcomers_limit: self.newcomers_limit(),
        });
        let (account_limit, forget_after, remember_for) =
            (self.account, self.forget_after, self.remember_for);
        Attempt { account, account_limit, origin, networks, forget_after, remember_for, now }
    }

    fn newcomers_limit(&self) -> AttemptLimit {
        self.newcomers.unwrap_or_else(|| AttemptLimit::new(FREE_FOR_NEWCOMERS, self.account.longest_pause()))
    }

    pub(super) fn digest_secret_or_error(&self) -> Result<&DigestSecret, GuardError> {
        let secret: Result<_, &InvalidReason> = self.secret.as_ref().as_ref();
        secret.map_err(|reason| TokenError::from(reason.clone()).into())
    }
}

impl<'t> LoginAttempt<'t> {
    /// Counts an attempt by this account, and by the networks of the address, or denies it during a pause.
    pub(super) async fn begin(
        throttle: &'t LoginThrottle,
        pool: Option<&'t str>,
        account: AttemptKey,
        address: Option<IpAddr>,
        now: SystemTime,
    ) -> Result<Self, GuardError> {
        let secret = throttle.digest_secret_or_error()?;
        let networks: Vec<_> = address.map(networks_of).into_iter().flatten().collect();
        let networks = networks
            .into_iter()
            .map(|network| (secret.network(network), throttle.address.times(network.factor())))
            .collect();
        let mut login = Self { throttle, pool, counted: Vec::new() };
        login.count(throttle.attempt(secret, account, networks, now)).await?;
        Ok(login)
    }

    /// Counts the attempt by the account that the lookup found or, for a name that no account has, by that name: both cost
    /// the same calls of the store and get the same answers.
    ///
    /// The networks have counted it already. If the store failed before, it is not called again.
    pub(crate) async fn found(&mut self, user: Option<&UserId>, now: SystemTime) -> Result<(), GuardError> {
        let Some((by_name, _)) = self.counted.first() else {
            return Ok(());
        };
        let secret = self.throttle.digest_secret_or_error()?;
        let account = secret.found(self.pool, user, by_name.account);
        let mut attempt = self.throttle.attempt(secret, account, by_name.networks.clone(), now);
        attempt.networks.clear();
        self.count(attempt).await
    }

    async fn count(&mut self, attempt: Attempt) -> Result<(), GuardError> {
        match self.throttle.store.begin(attempt.clone()).await {
            Ok(Admission::Admitted(ticket)) => self.counted.push((attempt, ticket)),
            Ok(Admission::RetryAfter(pause)) => return Err(too_many_attempts(pause)),
            Err(error) => self.throttle.without_store(error)?,
        }
        Ok(())
    }

    /// Records the outcome.
    ///
    /// A store that fails now does not change the outcome. The attempt stays counted, which delays the user only briefly.
    pub(crate) async fn record_outcome(self, outcome: AttemptOutcome) {
        for (attempt, ticket) in self.counted.into_iter().rev() {
            if let Err(error) = self.throttle.store.record_outcome(attempt, ticket, outcome).await {
                store_failed(StoreOperation::RecordOutcome, &error);
                return;
            }
        }
    }
}

impl LoginThrottle {
    /// Applies the policy for a store that failed.
    fn without_store(&self, error: StoreError) -> Result<(), GuardError> {
        match self.when_unavailable {
            OutagePolicy::Deny => {
                store_failed(StoreOperation::CountAttempt, &error);
                Err(GuardError::unavailable(error))
            }
            OutagePolicy::Allow => {
                store_failed(StoreOperation::CountAttemptAllowed, &error);
                Ok(())
            }
        }
    }
}

/// Returns the denial of an attempt during a pause.
pub(crate) fn too_many_attempts(pause: Duration) -> GuardError {
    GuardError::TooManyAttempts { retry_after: rounded_up_to_seconds(pause) }
}

fn store_failed(operation: StoreOperation, error: &StoreError) {
    Event::new(Decision::StoreFailed { operation, error: error.to_string() }).emit();
}

/// Rounds up to seconds: a client that obeys `Retry-After` (RFC 9110 section 10.2.3) must not come too early.
fn rounded_up_to_seconds(pause: Duration) -> Duration {
    Duration::from_secs(pause.as_secs().saturating_add(u64::from(pause.subsec_nanos() > 0)).max(1))
}

/// The attempts of a network on an account that count as those of a newcomer, until none comes for the quiet time.
const NEWCOMER_ATTEMPTS: u32 = 3;

/// The free attempts of all newcomers to an account: those of six networks and more.
const FREE_FOR_NEWCOMERS: u32 = 20;

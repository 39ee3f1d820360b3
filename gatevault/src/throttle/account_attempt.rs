//! An attempt to verify the password of an account that is known: the caller has an access token.

use std::net::IpAddr;
use std::time::SystemTime;

use super::{LoginAttempt, LoginThrottle};
use crate::claims::UserId;
use crate::error::GuardError;

impl LoginThrottle {
    /// Counts an attempt by its account and its networks, or denies it during a pause.
    ///
    /// The counters are those of a login after its lookup: a caller who guesses with a stolen token and at the login at once
    /// has no more attempts.
    pub(crate) async fn begin_account_attempt<'t>(
        &'t self,
        pool: Option<&'t str>,
        user: &UserId,
        address: Option<IpAddr>,
        now: SystemTime,
    ) -> Result<LoginAttempt<'t>, GuardError> {
        let account = self.digest_secret_or_error()?.user(pool, user);
        LoginAttempt::begin(self, pool, account, address, now).await
    }
}

//! Codes: those of an authenticator app (TOTP, RFC 6238), and recovery codes. Each is used once, and attempts are limited.

use std::time::Duration;

use axum::http::StatusCode;
use gatevault::GuardError;
use sha2::{Digest as _, Sha256};
use totp_rs::{Builder, Totp};

use crate::accounts::Account;
use crate::{App, AppError};

/// The kind of a code that was right, as the `amr` of the session shows it (RFC 8176).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    /// A code of the app.
    Totp,
    /// A recovery code. It proves a second factor too, but not that the user has the app at hand.
    Recovery,
}

impl Code {
    /// Returns the methods of an authentication by password and this code.
    pub(crate) fn methods(self) -> &'static [&'static str] {
        match self {
            Self::Totp => &["pwd", "otp", "mfa"],
            Self::Recovery => &["pwd", "mfa"],
        }
    }
}

impl App {
    /// Verifies a code and uses it up. Each call is an attempt: it counts, and ends the pending logins of the account.
    pub(crate) async fn use_code(&self, account: &Account, code: &str) -> Result<Code, AppError> {
        let code = code.trim();
        let is_totp = code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit());
        let kind = if is_totp { Code::Totp } else { Code::Recovery };
        self.count_attempt(account, kind).await?;
        let is_right = match kind {
            Code::Totp => self.use_totp(account, code).await?,
            Code::Recovery => self.use_recovery_code(account, code).await?,
        };
        if !is_right {
            tracing::warn!(account = account.id, ?kind, "wrong code of a second factor");
            return Err(AppError::WRONG_CODE);
        }
        Ok(kind)
    }

    /// Counts an attempt as a wrong one, before the code is verified: a process that is killed in between has given no attempt
    /// away. The condition lets one of several attempts through that have read the same count.
    async fn count_attempt(&self, account: &Account, kind: Code) -> Result<(), AppError> {
        let now = self.seconds()?;
        let wait = u64::try_from(account.next_attempt_at.saturating_sub(now)).unwrap_or(0);
        // No recovery code can be guessed, so an owner whom an attacker makes wait can log in with one.
        if wait > 0 && kind == Code::Totp {
            return Err(GuardError::TooManyAttempts { retry_after: Duration::from_secs(wait) }.into());
        }
        let wrong_codes = account.wrong_codes.saturating_add(1);
        let query = "UPDATE accounts SET attempts = attempts + 1, wrong_codes = ?, next_attempt_at = ?
            WHERE id = ? AND attempts = ?";
        let query = sqlx::query(query).bind(wrong_codes).bind(now.saturating_add(pause_after(wrong_codes)));
        match query.bind(account.id).bind(account.attempts).execute(&self.users.db).await?.rows_affected() {
            0 => Err(AppError::WRONG_CODE), // another attempt was first
            _ => Ok(()),
        }
    }

    /// Uses a code of the app up: neither it nor an earlier one is accepted again (RFC 6238 section 5.2).
    async fn use_totp(&self, account: &Account, code: &str) -> Result<bool, AppError> {
        let Some(secret) = &account.totp_secret else { return Ok(false) };
        let Some(step) = self.step_of(account, secret, code)? else { return Ok(false) };
        let query = "UPDATE accounts SET totp_last_step = ?, wrong_codes = 0, next_attempt_at = 0
            WHERE id = ? AND totp_secret = ? AND totp_last_step < ?";
        let query = sqlx::query(query).bind(step).bind(account.id).bind(secret).bind(step);
        Ok(query.execute(&self.users.db).await?.rows_affected() == 1)
    }

    async fn use_recovery_code(&self, account: &Account, code: &str) -> Result<bool, AppError> {
        let query = "DELETE FROM recovery_codes WHERE account = ? AND digest = ?";
        let query = sqlx::query(query).bind(account.id).bind(digest(code));
        if query.execute(&self.users.db).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let query = "UPDATE accounts SET wrong_codes = 0, next_attempt_at = 0 WHERE id = ?";
        sqlx::query(query).bind(account.id).execute(&self.users.db).await?;
        Ok(true)
    }

    /// Returns the time step of a code of the app, or `None` for a wrong code. The steps before and after the current one are
    /// accepted too, because clocks differ.
    pub(crate) fn step_of(
        &self,
        account: &Account,
        secret: &[u8],
        code: &str,
    ) -> Result<Option<i64>, AppError> {
        let now = u64::try_from(self.seconds()?).map_err(GuardError::unavailable)?;
        Ok(totp(account, secret)?.check(code, now).and_then(|step| i64::try_from(step).ok()))
    }
}

/// Returns the generator of the codes of a secret, with the settings that every app supports: SHA-1, 6 digits, 30 seconds.
pub(crate) fn totp(account: &Account, secret: &[u8]) -> Result<Totp, AppError> {
    let builder = Builder::new().with_secret(secret).with_issuer(Some("Second factor"));
    // The name of an account in the app has no colon, which separates it from the issuer.
    let totp = builder.with_account_name(account.name.replace(':', " ")).build();
    Ok(totp.map_err(|error| GuardError::unavailable(error.to_string()))?)
}

/// Returns the seconds before the next attempt: none after the first wrong codes, then a minute that doubles up to a day.
///
/// One in 333,000 guesses is right while three codes are valid. Only a caller who knows the password gets here.
fn pause_after(wrong_codes: i64) -> i64 {
    match u32::try_from(wrong_codes.saturating_sub(5)) {
        Ok(doublings) => 2_i64.saturating_pow(doublings).saturating_mul(60).min(24 * 3600),
        Err(_) => 0,
    }
}

/// Creates ten recovery codes of 80 random bits each, to show once.
pub(crate) fn new_recovery_codes() -> Result<Vec<String>, AppError> {
    let mut codes = Vec::new();
    for _ in 0..10 {
        let digits: Vec<_> = random::<10>()?.iter().map(|byte| format!("{byte:02x}")).collect();
        codes.push(digits.chunks(2).map(<[String]>::concat).collect::<Vec<_>>().join("-"));
    }
    Ok(codes)
}

/// Returns the digest of a recovery code, which may be typed in capitals and without hyphens. A code has too many random bits to
/// be guessed from its digest, so it needs no slow hash.
pub(crate) fn digest(code: &str) -> Vec<u8> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
    Sha256::digest(code.to_ascii_lowercase()).to_vec()
}

/// Returns random bytes of the operating system.
pub(crate) fn random<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| GuardError::unavailable(error.to_string()))?;
    Ok(bytes)
}

impl AppError {
    pub(crate) const WRONG_CODE: Self = Self::Refused(StatusCode::UNAUTHORIZED, "the code is not valid");
}

//! What the scripts are told, and what becomes of their answers.

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use redis::{Script, ScriptInvocation, Value, from_redis_value};

use crate::error::BoxError;
use crate::store::redis::keys::Keys;
use crate::throttle::{
    Admission, Attempt, AttemptKey, AttemptLimit, AttemptOutcome, AttemptTicket, CountedBy,
    MOST_ADDRESSES_OF_ACCOUNT, millis,
};

pub(super) fn begin(keys: &Keys, attempt: &Attempt) -> ScriptInvocation<'static> {
    let mut call = BEGIN.prepare_invoke();
    let account = digits(attempt.account);
    call.key(keys.of_attempts(&account))
        .arg(span(attempt.forget_after).max(1))
        .arg(span(attempt.remember_for));
    let Some(origin) = attempt.origin else {
        call.arg("");
        limit(&mut call, attempt.account_limit);
        return call;
    };
    call.key(keys.of_attempts(&digits(origin.account_at_address)))
        .key(keys.of_known_addresses(&account))
        .key(keys.of_attempts(&digits(origin.address)))
        .arg(digits(origin.address));
    limit(&mut call, attempt.account_limit);
    limit(&mut call, origin.address_limit);
    call
}

pub(super) fn admission(answer: Value) -> Result<Admission, BoxError> {
    let (is_known, wait, now): (u8, u64, u64) = from_redis_value(answer)?;
    if wait > 0 {
        return Ok(Admission::RetryAfter(Duration::from_millis(wait)));
    }
    let counted_by = if is_known == 1 { CountedBy::AccountAtAddress } else { CountedBy::Account };
    let at = UNIX_EPOCH.checked_add(Duration::from_millis(now)).ok_or("the server's clock is broken")?;
    Ok(Admission::Admitted(AttemptTicket { counted_by, at }))
}

pub(super) fn record_outcome(
    keys: &Keys,
    attempt: &Attempt,
    ticket: AttemptTicket,
    outcome: AttemptOutcome,
) -> ScriptInvocation<'static> {
    let mut call = SETTLE.prepare_invoke();
    let counted = attempt.counters(ticket.counted_by).next().map_or(attempt.account, |(key, _)| key);
    call.key(keys.of_attempts(&digits(counted)));
    call.arg(match outcome {
        AttemptOutcome::Succeeded => "succeeded",
        AttemptOutcome::Undecided => "undecided",
    });
    call.arg(millis(ticket.at.duration_since(UNIX_EPOCH).unwrap_or_default()));
    if let Some(origin) = attempt.origin {
        let address = digits(origin.address);
        call.key(keys.of_known_addresses(&digits(attempt.account))).key(keys.of_attempts(&address));
        call.arg(address).arg(span(attempt.remember_for)).arg(MOST_ADDRESSES_OF_ACCOUNT);
    }
    call
}

fn limit(call: &mut ScriptInvocation<'static>, limit: AttemptLimit) {
    call.arg(limit.free()).arg(span(AttemptLimit::FIRST_PAUSE)).arg(span(limit.longest_pause()));
}

fn digits(key: AttemptKey) -> String {
    format!("{:032x}", u128::from_be_bytes(*key.as_bytes()))
}

/// In milliseconds, as many as Redis can add to its time.
fn span(duration: Duration) -> u64 {
    millis(duration.min(LONGEST_SPAN))
}

static BEGIN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("begin.lua")));
static SETTLE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("settle.lua")));

const LONGEST_SPAN: Duration = Duration::from_hours(24 * 365 * 100);

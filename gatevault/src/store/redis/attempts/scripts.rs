//! The arguments of the scripts, and their replies.

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use redis::{Script, ScriptInvocation, Value, from_redis_value};

use crate::error::BoxError;
use crate::store::redis::keys::RedisKeys;
use crate::throttle::{
    Admission, Attempt, AttemptKey, AttemptLimit, AttemptOutcome, AttemptTicket, CountedBy,
    MAX_KNOWN_ADDRESSES, millis,
};

pub(super) fn begin(keys: &RedisKeys, attempt: &Attempt) -> ScriptInvocation<'static> {
    let mut call = BEGIN.prepare_invoke();
    let account = hex(attempt.account);
    call.key(keys.attempts(&account)).arg(span(attempt.forget_after).max(1)).arg(span(attempt.remember_for));
    let Some(origin) = attempt.origin else {
        call.arg("");
        limit(&mut call, attempt.account_limit);
        return call;
    };
    call.key(keys.attempts(&hex(origin.account_at_address)))
        .key(keys.known_addresses(&account))
        .key(keys.attempts(&hex(origin.address)))
        .arg(hex(origin.address));
    limit(&mut call, attempt.account_limit);
    limit(&mut call, origin.address_limit);
    call
}

pub(super) fn admission(reply: Value) -> Result<Admission, BoxError> {
    let (is_known, wait, now): (u8, u64, u64) = from_redis_value(reply)?;
    if wait > 0 {
        return Ok(Admission::RetryAfter(Duration::from_millis(wait)));
    }
    let counted_by = if is_known == 1 { CountedBy::AccountAtAddress } else { CountedBy::Account };
    let at = UNIX_EPOCH
        .checked_add(Duration::from_millis(now))
        .ok_or("the Redis server's clock is out of range")?;
    Ok(Admission::Admitted(AttemptTicket::new(counted_by, at)))
}

pub(super) fn record_outcome(
    keys: &RedisKeys,
    attempt: &Attempt,
    ticket: AttemptTicket,
    outcome: AttemptOutcome,
) -> ScriptInvocation<'static> {
    let mut call = RECORD_OUTCOME.prepare_invoke();
    let counted = attempt.counters(ticket.counted_by).next().map_or(attempt.account, |(key, _)| key);
    call.key(keys.attempts(&hex(counted)));
    call.arg(match outcome {
        AttemptOutcome::Succeeded => "succeeded",
        AttemptOutcome::Undecided => "undecided",
    });
    call.arg(millis(ticket.at.duration_since(UNIX_EPOCH).unwrap_or_default()));
    if let Some(origin) = attempt.origin {
        let address = hex(origin.address);
        call.key(keys.known_addresses(&hex(attempt.account))).key(keys.attempts(&address));
        call.arg(address).arg(span(attempt.remember_for)).arg(MAX_KNOWN_ADDRESSES);
    }
    call
}

fn limit(call: &mut ScriptInvocation<'static>, limit: AttemptLimit) {
    call.arg(limit.free()).arg(span(AttemptLimit::FIRST_PAUSE)).arg(span(limit.longest_pause()));
}

fn hex(key: AttemptKey) -> String {
    format!("{:032x}", u128::from_be_bytes(*key.as_bytes()))
}

/// Returns the duration in milliseconds, at most what Redis can add to its time.
fn span(duration: Duration) -> u64 {
    millis(duration.min(MAX_SPAN))
}

static BEGIN: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("begin.lua")));
static RECORD_OUTCOME: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("record_outcome.lua")));

const MAX_SPAN: Duration = Duration::from_hours(24 * 365 * 100);

//! The arguments of the scripts, and their replies.

use std::sync::LazyLock;
use std::time::{Duration, UNIX_EPOCH};

use redis::{Script, ScriptInvocation, Value, from_redis_value};

use crate::error::StoreError;
use crate::store::redis::keys::RedisKeys;
use crate::throttle::{
    Admission, Attempt, AttemptKey, AttemptOutcome, AttemptTicket, CountedBy, CounterChange,
    MAX_KNOWN_ADDRESSES, millis,
};

pub(super) fn begin(keys: &RedisKeys, attempt: &Attempt) -> ScriptInvocation<'static> {
    let mut call = BEGIN.prepare_invoke();
    call.arg(span(attempt.forget_after).max(1)).arg(span(attempt.remember_for));
    let choices: &[CountedBy] = if let Some(origin) = attempt.origin {
        call.key(keys.known_addresses(&hex(attempt.account))).arg(hex(origin.address));
        &[CountedBy::AccountAtAddress, CountedBy::Newcomers, CountedBy::Account]
    } else {
        call.arg("");
        &[CountedBy::Account]
    };
    let counters = choices.iter().flat_map(|choice| attempt.account_counters(*choice));
    for (key, limit) in counters.chain(attempt.networks.iter().copied()) {
        call.key(keys.attempts(&hex(key)));
        call.arg(limit.free()).arg(span(limit.first_pause())).arg(span(limit.longest_pause()));
    }
    call
}

pub(super) fn admission(reply: Value) -> Result<Admission, StoreError> {
    let (choice, wait, now): (u8, u64, u64) = from_redis_value(reply)?;
    if wait > 0 {
        return Ok(Admission::RetryAfter(Duration::from_millis(wait)));
    }
    let counted_by = match choice {
        1 => CountedBy::AccountAtAddress,
        2 => CountedBy::Newcomers,
        _ => CountedBy::Account,
    };
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
    call.arg(millis(ticket.at.duration_since(UNIX_EPOCH).unwrap_or_default()));
    let login = attempt.origin.filter(|_| outcome == AttemptOutcome::Succeeded);
    if let Some(origin) = login {
        call.key(keys.known_addresses(&hex(attempt.account)));
        call.arg(hex(origin.address)).arg(span(attempt.remember_for)).arg(MAX_KNOWN_ADDRESSES);
    } else {
        call.arg("").arg(0).arg(0);
    }
    for (key, change) in attempt.changes(ticket.counted_by, outcome) {
        call.key(keys.attempts(&hex(key))).arg(match change {
            CounterChange::Delete => "delete",
            CounterChange::Refund => "refund",
        });
    }
    call
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

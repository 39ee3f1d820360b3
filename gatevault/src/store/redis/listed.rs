//! Scripts over the sessions of a user's list.
//!
//! A script may only access keys that its caller declares, and only the list knows which sessions there are. So a script
//! answers with the ids of the list if others were declared, and runs again.

use redis::{ScriptInvocation, Value, from_redis_value};

use super::backend::RedisBackend;
use crate::error::StoreError;

/// The sessions whose keys a call declares.
#[derive(Clone, Copy)]
pub(super) enum Declared<'i> {
    /// All sessions of the list. The script answers with the ids of the list if these are others.
    Whole(&'i [String]),
    /// Some sessions. The script does not compare them with the list.
    Part(&'i [String]),
}

impl Declared<'_> {
    pub(super) fn ids(&self) -> &[String] {
        match self {
            Self::Whole(ids) | Self::Part(ids) => ids,
        }
    }

    /// Returns the argument of the script.
    pub(super) fn coverage(&self) -> &'static str {
        match self {
            Self::Whole(_) => "whole",
            Self::Part(_) => "part",
        }
    }
}

/// The result of calls over a whole list.
pub(super) enum OverList {
    /// One call covered the list.
    Whole(Value),
    /// The list is too long for one call, or it changed too often. These are the ids that it had at last.
    Ids(Vec<String>),
}

impl RedisBackend {
    /// Runs a script over all sessions of a list, in several calls if the list is long. Returns the result of each call.
    pub(super) async fn over_list(
        &self,
        call: impl Fn(Declared<'_>) -> ScriptInvocation<'static>,
    ) -> Result<Vec<Value>, StoreError> {
        let ids = match self.over_whole_list(&call).await? {
            OverList::Whole(result) => return Ok(vec![result]),
            OverList::Ids(ids) => ids,
        };
        let mut results = Vec::new();
        for part in ids.chunks(BATCH) {
            results.push(self.over_part(call(Declared::Part(part))).await?);
        }
        Ok(results)
    }

    /// Runs a script in one call that covers the list, if that is possible.
    pub(super) async fn over_whole_list(
        &self,
        call: impl Fn(Declared<'_>) -> ScriptInvocation<'static>,
    ) -> Result<OverList, StoreError> {
        let mut ids = Vec::new();
        for _ in 0..ATTEMPTS {
            match self.run_listed(call(Declared::Whole(&ids))).await? {
                ListedReply::Done(result) => return Ok(OverList::Whole(result)),
                ListedReply::Again(listed) => ids = listed,
            }
            if ids.len() > BATCH {
                break;
            }
        }
        Ok(OverList::Ids(ids))
    }

    /// Runs a script that does not compare the declared sessions with the list.
    pub(super) async fn over_part(&self, call: ScriptInvocation<'static>) -> Result<Value, StoreError> {
        match self.run_listed(call).await? {
            ListedReply::Done(result) => Ok(result),
            ListedReply::Again(_) => {
                Err("a Redis script asked for other sessions than some of a list".into())
            }
        }
    }

    async fn run_listed(&self, call: ScriptInvocation<'static>) -> Result<ListedReply, StoreError> {
        let (outcome, value): (String, Value) = from_redis_value(self.connection.call(call).await?)?;
        if outcome == "again" {
            return Ok(ListedReply::Again(from_redis_value(value)?));
        }
        Ok(ListedReply::Done(value))
    }
}

/// The reply of a script over a list.
enum ListedReply {
    Done(Value),
    /// The ids of the sessions that the call must declare.
    Again(Vec<String>),
}

/// The number of attempts to cover a list in one call. The first one of a list with sessions only reads their ids. Of the
/// clients that change a list at once, at least one succeeds in each round.
const ATTEMPTS: usize = 50;
/// The number of sessions that one call covers at most. Redis serves no other client meanwhile.
pub(super) const BATCH: usize = 1000;

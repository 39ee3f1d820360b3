//! The names of the keys. All keys of a store are in one slot of a cluster, so that one script can access them.

use std::sync::Arc;

use serde_json::Value;

use crate::claims::UserId;

/// The keys of one store, under one prefix.
#[derive(Debug, Clone)]
pub(super) struct RedisKeys {
    prefix: Arc<str>,
}

impl RedisKeys {
    /// Creates the keys under a prefix. A prefix without a hash tag gets one in front.
    pub(super) fn with_prefix(prefix: &str) -> Self {
        let prefix = if has_hash_tag(prefix) { prefix.into() } else { format!("{HASH_TAG}{prefix}").into() };
        Self { prefix }
    }

    /// Returns the prefix of all session keys. The `sid` follows it.
    pub(super) fn session_prefix(&self) -> String {
        format!("{}:s:", self.prefix)
    }

    pub(super) fn session(&self, id: &str) -> String {
        format!("{}:s:{id}", self.prefix)
    }

    /// Returns the key of the list of a user's sessions.
    pub(super) fn user(&self, owner: &Owner) -> String {
        let Owner { pool, user } = owner;
        match pool {
            None => format!("{}:user:{user}", self.prefix),
            Some(pool) => format!("{}:pool:{pool}:user:{user}", self.prefix),
        }
    }

    /// Returns the key of a counter of attempts. It counts for the account or address with this digest.
    pub(super) fn attempts(&self, digest: &str) -> String {
        format!("{}:attempts:{digest}", self.prefix)
    }

    /// Returns the key of the addresses that an account has logged in from.
    pub(super) fn known_addresses(&self, account: &str) -> String {
        format!("{}:known:{account}", self.prefix)
    }

    /// Returns the key of a spent token.
    pub(super) fn spent(&self, id: &str) -> String {
        format!("{}:spent:{id}", self.prefix)
    }

    /// Returns the key of the list of revocations, which is also the channel that announces them.
    pub(super) fn revocations(&self) -> String {
        format!("{}:ended", self.prefix)
    }

    /// Returns the key of the number of the last revocation.
    pub(super) fn position(&self) -> String {
        format!("{}:position", self.prefix)
    }
}

impl RedisKeys {
    /// Returns the key that the check at the start writes and removes.
    pub(super) fn check(&self) -> String {
        format!("{}:check", self.prefix)
    }

    /// Returns the pattern of all keys, for the permissions of a user.
    pub(super) fn pattern(&self) -> String {
        format!("~{}:*", self.prefix)
    }
}

impl Default for RedisKeys {
    fn default() -> Self {
        Self::with_prefix("")
    }
}

/// The owner of a session. Pool and id are JSON, which distinguishes 42 from "42", and shows where each of them ends.
pub(super) struct Owner {
    pub(super) pool: Option<String>,
    pub(super) user: String,
}

impl Owner {
    pub(super) fn new(pool: Option<&String>, user: &UserId) -> Self {
        Self { pool: pool_json(pool), user: user.to_json() }
    }

    /// Returns the pool as an argument of a script.
    pub(super) fn pool(&self) -> &str {
        self.pool.as_deref().unwrap_or(super::rows::NONE)
    }
}

/// Returns the pool as JSON, which is never empty.
pub(super) fn pool_json(pool: Option<&String>) -> Option<String> {
    pool.map(|pool| Value::from(pool.as_str()).to_string())
}

/// Returns whether Redis finds a hash tag: a nonempty string between the first `{` and the next `}`.
fn has_hash_tag(prefix: &str) -> bool {
    let tag = prefix.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
    tag.is_some_and(|(tag, _)| !tag.is_empty())
}

const HASH_TAG: &str = "{gatevault}";

#[cfg(test)]
mod tests {
    use super::RedisKeys;

    #[test]
    fn every_prefix_has_a_hash_tag() {
        for (prefix, key) in [
            ("", "{gatevault}:ended"),
            ("{shop}", "{shop}:ended"),
            ("eu:{shop}:1", "eu:{shop}:1:ended"),
            ("shop", "{gatevault}shop:ended"),
            ("{}", "{gatevault}{}:ended"),
            ("{}{shop}", "{gatevault}{}{shop}:ended"),
            ("}{", "{gatevault}}{:ended"),
        ] {
            assert_eq!(RedisKeys::with_prefix(prefix).revocations(), key);
        }
    }
}

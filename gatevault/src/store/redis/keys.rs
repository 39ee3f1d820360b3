//! The names of the keys. All keys of a store are in one slot of a cluster, so that one script can access them.

use std::sync::Arc;

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
        format!("{}:session:", self.prefix)
    }

    pub(super) fn session(&self, id: &str) -> String {
        format!("{}:session:{id}", self.prefix)
    }

    /// Returns the key of the list of a user's sessions. The user id is JSON, which distinguishes 42 from "42".
    pub(super) fn user(&self, user: &str) -> String {
        format!("{}:user:{user}", self.prefix)
    }

    /// Returns the key of a counter of attempts. It counts for the account or address with this digest.
    pub(super) fn attempts(&self, digest: &str) -> String {
        format!("{}:attempts:{digest}", self.prefix)
    }

    /// Returns the key of the addresses that an account has logged in from.
    pub(super) fn known_addresses(&self, account: &str) -> String {
        format!("{}:known:{account}", self.prefix)
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

impl Default for RedisKeys {
    fn default() -> Self {
        Self::with_prefix("")
    }
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

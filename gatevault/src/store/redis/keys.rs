//! The names of keys: all of a store in one slot of a cluster, so that a script may touch them at once.

use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) struct Keys {
    prefix: Arc<str>,
}

impl Keys {
    /// Where the prefix has no hash tag, one comes before it.
    pub(super) fn beginning_with(prefix: &str) -> Self {
        let prefix = if has_hash_tag(prefix) { prefix.into() } else { format!("{HASH_TAG}{prefix}").into() };
        Self { prefix }
    }

    /// What the key of each session begins with; its `sid` follows, whatever it is.
    pub(super) fn of_sessions(&self) -> String {
        format!("{}:session:", self.prefix)
    }

    pub(super) fn of_session(&self, id: &str) -> String {
        format!("{}:session:{id}", self.prefix)
    }

    /// The list of a user's sessions. The user is written as JSON, which tells 42 from "42".
    pub(super) fn of_user(&self, user: &str) -> String {
        format!("{}:user:{user}", self.prefix)
    }

    /// A counter of attempts, under the digest of an account or an address.
    pub(super) fn of_attempts(&self, digest: &str) -> String {
        format!("{}:attempts:{digest}", self.prefix)
    }

    /// The addresses that an account has logged in from.
    pub(super) fn of_known_addresses(&self, account: &str) -> String {
        format!("{}:known:{account}", self.prefix)
    }

    /// The list of ends, and the channel that they are announced on.
    pub(super) fn of_ends(&self) -> String {
        format!("{}:ended", self.prefix)
    }

    /// The number of the last end.
    pub(super) fn of_position(&self) -> String {
        format!("{}:position", self.prefix)
    }
}

impl Default for Keys {
    fn default() -> Self {
        Self::beginning_with("")
    }
}

/// Whether Redis sees a hash tag: something between the first `{` and the `}` that follows it.
fn has_hash_tag(prefix: &str) -> bool {
    let behind = prefix.split_once('{').and_then(|(_, behind)| behind.split_once('}'));
    behind.is_some_and(|(tag, _)| !tag.is_empty())
}

const HASH_TAG: &str = "{gatevault}";

#[cfg(test)]
mod tests {
    use super::Keys;

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
            assert_eq!(Keys::beginning_with(prefix).of_ends(), key);
        }
    }
}

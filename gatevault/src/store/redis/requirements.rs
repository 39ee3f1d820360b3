//! The check of a server at the start: its kind and version, the permissions of the user, and the eviction policy.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use redis::{RedisError, Script, Value, cmd, from_redis_value};

use super::backend::RedisBackend;
use super::reconnecting::is_server_reply;
use crate::error::StoreError;

/// The requirements of one of the stores.
#[derive(Clone, Copy)]
pub(super) struct Requirements {
    /// The name of the store.
    pub(super) store: &'static str,
    /// The sources of its scripts.
    pub(super) scripts: &'static [&'static str],
}

impl Requirements {
    /// Checks that the server can run the scripts of the store. Warns if it may evict the store's keys.
    ///
    /// # Errors
    ///
    /// Returns the answer of the server, with the change that would help.
    pub(super) async fn check(self, backend: RedisBackend) -> Result<(), StoreError> {
        let is_own = backend.connection.endpoint().is_some();
        for info in self.server_infos(&backend).await? {
            info.check(is_own)?;
            info.warn_of_eviction(self.store);
        }
        self.run_commands(&backend).await
    }

    /// Requests the description of the server, or of each node of a cluster. A user may lack the permission.
    async fn server_infos(self, backend: &RedisBackend) -> Result<Vec<ServerInfo>, StoreError> {
        match backend.connection.send(cmd("INFO")).await {
            Ok(reply) => Ok(strings(reply).into_iter().map(ServerInfo).collect()),
            Err(error) if is_server_reply(&error) => Ok(Vec::new()),
            Err(error) => Err(self.explain(backend, &error)),
        }
    }

    /// Runs each command of the store's scripts in one script, which it loads first.
    async fn run_commands(self, backend: &RedisBackend) -> Result<(), StoreError> {
        let mut load = cmd("SCRIPT");
        load.arg("LOAD").arg(SOURCE);
        let loaded = backend.connection.send(load).await;
        loaded.map_err(|error| self.explain(backend, &error))?;
        let mut call = CHECK.prepare_invoke();
        call.key(backend.keys.check());
        for command in self.commands() {
            call.arg(command);
        }
        let reply = backend.connection.call(call).await;
        let reply = reply.map_err(|error| self.explain(backend, &error))?;
        match from_redis_value::<Option<(String, String)>>(reply)? {
            None => Ok(()),
            Some((command, error)) => Err(self.explain_answer(backend, &format!("{command}: {error}"))),
        }
    }

    /// Returns the commands that the scripts cannot do without. `PUBLISH` only shortens the delay of revocations.
    fn commands(self) -> BTreeSet<&'static str> {
        let calls = self.scripts.iter().flat_map(|source| source.split("redis.call('").skip(1));
        calls.filter_map(|rest| rest.split_once('\'')).map(|(command, _)| command).collect()
    }

    /// Returns the answer of the server in its own words, with the change that would help.
    fn explain(self, backend: &RedisBackend, error: &RedisError) -> StoreError {
        let words = error.code().map(|code| format!("{code} {}", error.detail().unwrap_or_default()));
        self.explain_answer(backend, &words.unwrap_or_else(|| error.to_string()))
    }

    fn explain_answer(self, backend: &RedisBackend, answer: &str) -> StoreError {
        let has = |words: &[&str]| words.iter().any(|word| answer.contains(word));
        if has(&["READONLY"]) {
            return format!("{answer}; {READ_ONLY}").into();
        }
        if has(&["MOVED", "CLUSTERDOWN", "CROSSSLOT"]) {
            return format!("{answer}; {CLUSTER_NODE}").into();
        }
        if has(&["NOPERM", "permission", "can't run this command", "can't access"]) {
            let commands = self.commands().into_iter().collect::<Vec<_>>().join(", ");
            let pattern = backend.keys.pattern();
            return format!(
                "{answer}; allow the user EVALSHA, SCRIPT LOAD and {commands} on the keys `{pattern}`, or set \
                 another prefix with `RedisEndpoint::key_prefix`"
            )
            .into();
        }
        if has(&["unknown command"]) {
            return format!("{answer}; the store needs EVALSHA and SCRIPT LOAD").into();
        }
        answer.into()
    }
}

/// The reply of `INFO`: lines with a name and a value.
struct ServerInfo(String);

impl ServerInfo {
    /// Rejects a server that cannot keep sessions. A connection of the application may be one to a whole cluster.
    fn check(&self, is_own: bool) -> Result<(), StoreError> {
        let version = self.field("redis_version").unwrap_or_default();
        let major = version.split('.').next().and_then(|major| major.parse::<u32>().ok());
        if major.is_some_and(|major| major < OLDEST) {
            return Err(format!(
                "the server has version {version}, and version {OLDEST} or later is expected"
            )
            .into());
        }
        if self.field("redis_mode") == Some("sentinel") {
            return Err(SENTINEL.into());
        }
        if is_own && self.field("cluster_enabled") == Some("1") {
            return Err(format!("the server is a node of a cluster; {CLUSTER_NODE}").into());
        }
        if is_own && self.field("role") == Some("slave") {
            return Err(format!("the server is a replica; {READ_ONLY}").into());
        }
        Ok(())
    }

    fn warn_of_eviction(&self, store: &'static str) {
        let policy = self.field("maxmemory_policy").unwrap_or("noeviction");
        let maxmemory = self.field("maxmemory").unwrap_or("0");
        if policy != "noeviction" && maxmemory != "0" {
            tracing::warn!(target: "gatevault", %store, %policy, %maxmemory, "Redis may evict keys: set maxmemory-policy to noeviction");
        }
    }

    fn field(&self, name: &str) -> Option<&str> {
        self.0.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':')).map(str::trim)
    }
}

/// Returns the strings of a reply, which is one string, or a string for each node of a cluster.
fn strings(reply: Value) -> Vec<String> {
    match reply {
        Value::Map(entries) => entries.into_iter().flat_map(|(_, value)| strings(value)).collect(),
        Value::Array(values) => values.into_iter().flat_map(strings).collect(),
        value => from_redis_value(value).into_iter().collect(),
    }
}

static CHECK: LazyLock<Script> = LazyLock::new(|| Script::new(SOURCE));

const SOURCE: &str = include_str!("check.lua");
/// The oldest version that is supported: the first one with RESP3.
const OLDEST: u32 = 6;
const READ_ONLY: &str = "connect to the master, or let sentinels find it with `RedisEndpoint::sentinel`";
const CLUSTER_NODE: &str = "pass a cluster connection of the `redis` crate to the constructor `new`";
const SENTINEL: &str = "the server is a sentinel; use `RedisEndpoint::sentinel` with the name of the master";

#[cfg(test)]
mod tests {
    use super::ServerInfo;

    fn problem(info: &str, is_own: bool) -> Option<String> {
        ServerInfo(info.replace(' ', "\r\n")).check(is_own).err().map(|error| error.to_string())
    }

    #[test]
    fn a_server_that_is_too_old_or_of_another_kind_is_rejected_with_the_reason() {
        for info in [
            "",
            "redis_version:6.0.0 role:master",
            "redis_version:7.2.4 valkey_version:8.0.1",
            "redis_version:x",
        ] {
            assert_eq!(problem(info, true), None, "{info}");
        }
        for (info, reason) in [
            ("redis_version:5.0.14", "5.0.14"),
            ("redis_version:2.8.0 role:slave", "6 or later"),
            ("redis_version:7.0.0 redis_mode:sentinel", "RedisEndpoint::sentinel"),
            ("redis_version:7.0.0 cluster_enabled:1", "cluster connection"),
            ("redis_version:7.0.0 role:slave", "connect to the master"),
        ] {
            assert!(problem(info, true).unwrap().contains(reason), "{info}");
        }
        assert_eq!(
            problem("redis_version:7.0.0 cluster_enabled:1 role:slave", false),
            None,
            "a whole cluster"
        );
    }
}

//! The memory or the disk that the sessions of a store take.

use std::fmt::Write as _;

use redis::aio::MultiplexedConnection;

use super::table::thousands;
use crate::BenchResult;
use crate::filling::{Database, SESSIONS_OF_A_USER};
use crate::memory::resident;

/// The bytes that a store takes, and what is in them.
#[derive(Debug, Default)]
pub(super) struct Bytes {
    total: u64,
    /// The larger parts, by their names.
    parts: Vec<(String, u64)>,
}

impl Bytes {
    /// Measures what a store takes now: the memory of this process, of the server, or the disk.
    pub(super) async fn of(kind: &str, address: &str, sessions: u64) -> BenchResult<Self> {
        match kind {
            "memory" => Ok(Self { total: resident()?, parts: Vec::new() }),
            "redis" => {
                let client = redis::Client::open(address)?;
                let mut connection = client.get_multiplexed_async_connection().await?;
                let users = of_user_lists(&mut connection, sessions / SESSIONS_OF_A_USER).await?;
                let total = used_memory(&mut connection).await?;
                Ok(Self { total, parts: vec![("lists of users".to_owned(), users)] })
            }
            _ => {
                let (total, parts) = Database::connect(kind, address).await?.bytes().await?;
                Ok(Self { total, parts })
            }
        }
    }

    /// Formats the growth since `before` by the number of sessions.
    pub(super) fn a_session(&self, before: &Self, sessions: u64) -> String {
        let each = |bytes: u64| thousands(bytes.checked_div(sessions).unwrap_or_default());
        let mut text = each(self.total.saturating_sub(before.total));
        let (mut separator, mut end) = (" (", "");
        for (name, bytes) in &self.parts {
            let name = name.trim_start_matches("gatevault_sessions_").trim_start_matches("gatevault_");
            if write!(text, "{separator}{name} {}", each(*bytes)).is_ok() {
                (separator, end) = (", ", ")");
            }
        }
        text + end
    }
}

/// Returns the memory that a Redis server uses for its data, once it has no other work.
async fn used_memory(connection: &mut MultiplexedConnection) -> BenchResult<u64> {
    let info: String = redis::cmd("INFO").arg("memory").query_async(connection).await?;
    let used = info.lines().find_map(|line| line.strip_prefix("used_memory:")).ok_or("no used_memory")?;
    Ok(used.trim().parse()?)
}

/// Estimates the memory of the lists of this many users, by those of some.
async fn of_user_lists(connection: &mut MultiplexedConnection, users: u64) -> BenchResult<u64> {
    let mut bytes = 0_u64;
    for number in 0..SAMPLED {
        let user = number.saturating_mul(users) / SAMPLED;
        let key = format!("{{gatevault}}:user:{user}");
        let list: Option<u64> = redis::cmd("MEMORY").arg("USAGE").arg(key).query_async(connection).await?;
        bytes = bytes.saturating_add(list.unwrap_or_default());
    }
    Ok(bytes.saturating_mul(users) / SAMPLED)
}

const SAMPLED: u64 = 100;

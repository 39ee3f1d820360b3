//! The members of the list of revocations.
//!
//! The `sid` of a session of this store is a member as it is. Any other revocation is a JSON object.

use redis::{Value as Reply, from_redis_value};
use serde_json::{Map, Value, json};

use crate::clock::Timestamp;
use crate::error::StoreError;
use crate::session::{Revocation, RevocationBatch, RevocationKind};

/// Returns the member for a revocation. The same revocation has the same member.
pub(super) fn member(revocation: &Revocation) -> String {
    let Revocation { kind, issuer, pool, id, until } = revocation;
    let is_own = issuer.is_none() && pool.is_none() && until.is_none() && !id.starts_with('{');
    if *kind == RevocationKind::Session && is_own {
        return id.clone();
    }
    let until = until.map(Timestamp::seconds);
    json!({ "kind": kind.name(), "issuer": issuer, "pool": pool, "id": id, "until": until }).to_string()
}

/// Parses the reply of `revocations_since.lua`: the last position and the members.
pub(super) fn batch(reply: Reply) -> Result<RevocationBatch, StoreError> {
    let (position, members): (u64, Vec<String>) = from_redis_value(reply)?;
    let revocations: Result<_, _> = members.into_iter().map(revocation).collect();
    Ok(RevocationBatch::new(revocations?, position))
}

fn revocation(member: String) -> Result<Revocation, StoreError> {
    if !member.starts_with('{') {
        return Ok(Revocation::of_session(member));
    }
    let fields: Map<String, Value> = serde_json::from_str(&member)?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let kind = text("kind").and_then(|kind| RevocationKind::from_name(&kind));
    let until = fields.get("until").and_then(Value::as_u64);
    Ok(Revocation {
        kind: kind.ok_or("a revocation in Redis has an unknown kind")?,
        issuer: text("issuer"),
        pool: text("pool"),
        id: text("id").ok_or("a revocation in Redis has no id")?,
        until: until.and_then(Timestamp::from_seconds),
    })
}

#[cfg(test)]
mod tests {
    use super::{member, revocation};
    use crate::clock::Timestamp;
    use crate::session::Revocation;

    #[test]
    fn every_revocation_is_read_as_it_was_written() {
        let time = Timestamp::from_seconds(1_700_000_000).unwrap();
        let mut all = Vec::new();
        for id in ["a", "", "{", "{}", "42", "\"42\"", "a\"b\\"] {
            for kind in [
                Revocation::of_session(id),
                Revocation::of_token(id, time),
                Revocation::of_user(&id.into(), time),
                Revocation::of_access_tokens(&id.into(), time),
            ] {
                for name in [None, Some(""), Some("null"), Some("admins")] {
                    let name = name.map(str::to_owned);
                    all.push(kind.clone().with_pool(name.clone()));
                    all.push(kind.clone().with_issuer(name.clone()).with_pool(name));
                }
            }
        }
        all.dedup();
        let mut members = Vec::new();
        for original in all {
            members.push(member(&original));
            assert_eq!(revocation(member(&original)).unwrap(), original);
        }
        let number = members.len();
        members.sort_unstable();
        members.dedup();
        assert_eq!(members.len(), number, "different revocations have different members");
    }

    #[test]
    fn the_session_of_this_store_is_its_own_member() {
        assert_eq!(member(&Revocation::of_session("a-b")), "a-b");
    }

    #[test]
    fn an_unknown_revocation_is_an_error() {
        for unknown in ["{", r#"{"kind":"other","id":"a"}"#, r#"{"kind":"token"}"#] {
            revocation(unknown.to_owned()).unwrap_err();
        }
    }
}

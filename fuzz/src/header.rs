//! The JOSE header, under a genuine signature: the verdict is that of a few rules over a parsed object.

use gatevault::Payload;
use serde_json::{Map, Value};

use crate::forge::{CLAIMS, KEY_ID, forge, manager, manager_of_two_keys};
use crate::strict;

/// Asserts that a header is accepted exactly if the rules accept it.
pub fn run(input: &[u8]) {
    if input.len() > LONGEST {
        return;
    }
    let token = forge(input, CLAIMS);
    let header = strict::object(input).filter(is_acceptable);
    // A header that selects by a thumbprint finds none of these keys; without one and without `kid`, one key is left to try.
    let selects = |name: &str| header.as_ref().and_then(|header| header.get(name)).and_then(Value::as_str);
    let by_one_key = manager().decode_access_token::<Payload>(&token);
    assert!(header.is_some() || by_one_key.is_err(), "accepted against the rules");
    let is_bare = selects("kid").is_none() && selects("x5t").is_none() && selects("x5t#S256").is_none();
    assert!(
        !(header.is_some() && is_bare) || by_one_key.is_ok(),
        "refused against the rules: {by_one_key:?}"
    );
    let by_two_keys = manager_of_two_keys().decode_access_token::<Payload>(&token);
    assert!(header.is_some() || by_two_keys.is_err(), "accepted against the rules");
    if header.is_some() && selects("kid").is_some() {
        assert_eq!(
            by_two_keys.is_ok(),
            selects("kid") == Some(KEY_ID),
            "`kid` selects the key: {by_two_keys:?}"
        );
    }
}

/// Returns whether a header may be that of an HS256 access token. `jwk`, `jku` and others have no effect.
fn is_acceptable(header: &Map<String, Value>) -> bool {
    let is_string_if_there = |name| header.get(name).is_none_or(Value::is_string);
    let has_type = |typ: &Value| {
        let typ = typ.as_str().unwrap_or_default().to_ascii_lowercase();
        let typ = typ.strip_prefix("application/").unwrap_or(&typ);
        ["jwt", "at+jwt"].contains(&typ)
    };
    header.get("alg").is_some_and(|alg| alg == "HS256")
        && ["typ", "kid"].into_iter().all(is_string_if_there)
        && header.get("typ").is_none_or(has_type)
        && !header.contains_key("crit")
        && !header.contains_key("b64")
}

/// A token of this header is shorter than the limit of a manager.
const LONGEST: usize = 4096;

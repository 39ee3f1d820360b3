//! Failed fetches.

use std::error::Error as _;

use gatevault::RemoteKeys;

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{PENDING, SECOND, accepting, arrived, eventually, failure, from, verdict};

#[test]
fn a_response_without_a_usable_key_set_is_a_failed_fetch() {
    let signer = Signer::es256("a");
    let too_long = format!("{}{}", set(&[&signer]), " ".repeat(1024 * 1024));
    let answers = [
        "",
        "<html>maintenance</html>",
        "null",
        "[]",
        "{}",
        r#"{"keys": {}}"#,
        r#"{"keys": []}"#,
        r#"{"keys": [{"kty": "oct", "kid": "a", "k": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}"#,
        &too_long,
    ];
    for answer in answers {
        let script = Script::answering(answer);
        let keys = RemoteKeys::jwks("https://id.example/jwks").fetch_with(script.fetch()).build().unwrap();
        let text: String = answer.chars().take(60).collect();
        assert!(!failure(&keys).is_empty(), "{text}");
        assert_eq!(verdict(&accepting(&keys), &signer.token()), PENDING, "{text}");
    }
}

#[test]
fn the_outcome_of_the_first_fetch_is_its_error_or_its_keys() {
    let signer = Signer::es256("a");
    let of = |answer: &str| {
        let script = Script::answering(answer);
        RemoteKeys::jwks("https://id.example/jwks").fetch_with(script.fetch()).build().unwrap()
    };
    let error = of("null").wait_for_outcome(60 * SECOND).unwrap_err();
    assert!(!error.source().unwrap().to_string().contains("no response yet"), "{error:?}");
    let keys = of(&set(&[&signer]));
    assert!(keys.wait_for_outcome(60 * SECOND).is_ok());
    assert_eq!(verdict(&accepting(&keys), &signer.token()), Ok(()));
}

#[test]
fn a_failed_fetch_is_retried_and_one_that_panics_too() {
    let signer = Signer::es256("a");
    let (mut attempts, text) = (0, set(&[&signer]));
    let keys = RemoteKeys::jwks("https://id.example/jwks")
        .fetch_with(move |_| {
            attempts += 1;
            match attempts {
                1 => panic!("a client that panics"),
                2 => Err("a client that fails".into()),
                _ => Ok(text.clone()),
            }
        })
        .build()
        .unwrap();
    assert_eq!(failure(&keys), "the `fetch_with` function panicked");
    arrived(&keys);
    assert_eq!(verdict(&accepting(&keys), &signer.token()), Ok(()));
}

#[test]
fn an_unusable_answer_leaves_the_keys_of_the_last_good_one() {
    let (first, second) = (Signer::es256("first"), Signer::es256("second"));
    let script = Script::answering(set(&[&first]));
    let keys = from(&script).refresh_interval(SECOND).build().unwrap();
    let tokens = accepting(&keys);
    arrived(&keys);
    let truncated: String = set(&[&second]).chars().take(80).collect();
    let too_long = format!("{}{}", set(&[&second]), " ".repeat(1024 * 1024));
    let secret =
        r#"{"keys": [{"kty": "oct", "kid": "second", "k": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY"}]}"#;
    for answer in ["", r#"{"keys": []}"#, "{}", "<html>maintenance</html>", secret, &truncated, &too_long] {
        script.answer(answer);
        let seen = script.fetches();
        eventually("a whole fetch of this answer", || script.fetches() > seen + 1);
        let text: String = answer.chars().take(60).collect();
        assert_eq!(verdict(&tokens, &first.token()), Ok(()), "{text}");
    }
    script.answer(set(&[&second]));
    eventually("the keys of a good answer", || verdict(&tokens, &second.token()) == Ok(()));
    assert_eq!(verdict(&tokens, &first.token()), PENDING);
}

#[test]
fn a_member_that_cannot_be_used_costs_no_other_one() {
    let signer = Signer::es256("good");
    let mut keys: serde_json::Value = serde_json::from_str(&set(&[&signer])).unwrap();
    let members = keys["keys"].as_array_mut().unwrap();
    for bad in [
        serde_json::json!({"kty": "EC", "crv": "P-256", "kid": "bad", "x": "AA", "y": "AA"}),
        serde_json::json!({"kty": "RSA", "kid": "bad", "n": "AQAB", "e": "AQAB"}),
        serde_json::json!({"kty": "future", "kid": "good"}),
        serde_json::json!({}),
        serde_json::json!(7),
    ] {
        members.insert(0, bad);
    }
    let keys = from(&Script::answering(keys.to_string())).build().unwrap();
    arrived(&keys);
    assert_eq!(verdict(&accepting(&keys), &signer.token()), Ok(()));
}

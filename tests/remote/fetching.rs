//! Failed fetches.

use gatevault::error::InvalidReason;
use gatevault::{RemoteKeys, TokenError};

use crate::script::Script;
use crate::signer::{Signer, set};
use crate::{accepting, arrived, eventually, failure, verdict};

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
        let pending = Err(TokenError::Invalid(InvalidReason::KeysPending));
        assert_eq!(verdict(&accepting(&keys), &signer.token()), pending, "{text}");
    }
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
fn an_unusable_key_set_leaves_the_keys_of_the_previous_one() {
    let signer = Signer::es256("a");
    let script = Script::answering(set(&[&signer]));
    let keys = RemoteKeys::jwks("https://id.example/jwks")
        .refresh_interval(std::time::Duration::from_secs(1))
        .fetch_with(script.fetch())
        .build()
        .unwrap();
    arrived(&keys);
    script.answer(r#"{"keys": []}"#);
    let seen = script.fetches();
    eventually("two more fetches", || script.fetches() >= seen + 2);
    assert_eq!(verdict(&accepting(&keys), &signer.token()), Ok(()));
}

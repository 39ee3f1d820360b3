//! Tokens exchanged with jsonwebtoken, both ways.

use gatevault::Payload;

use super::keys::shared_algorithms;
use super::peer::{manager_of, message, read, signature};
use crate::verdicts::assert_accepted;

#[test]
fn tokens_that_the_peer_signs_are_accepted() {
    for algorithm in shared_algorithms() {
        let message = message(algorithm.name());
        let token = format!("{message}.{}", signature(&message, algorithm));
        assert_accepted(&manager_of(algorithm), [(algorithm.to_string(), token)]);
    }
}

#[test]
fn the_peer_accepts_our_tokens_with_the_published_key() {
    for algorithm in shared_algorithms() {
        let token = manager_of(algorithm).create_access_token(&Payload::new(42)).unwrap();
        assert_eq!(read(&token, algorithm).unwrap()["user_id"], 42, "{algorithm}");
        let other = manager_of(algorithm).create_access_token(&Payload::new(43)).unwrap();
        let (message, _) = token.rsplit_once('.').unwrap();
        let (_, signature) = other.rsplit_once('.').unwrap();
        assert!(read(&format!("{message}.{signature}"), algorithm).is_err(), "{algorithm}");
    }
}

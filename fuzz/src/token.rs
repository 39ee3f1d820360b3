//! The bytes of a token: of all strings, each decoder accepts one.

use std::sync::OnceLock;
use std::time::Duration;

use gatevault::token::Purpose;
use gatevault::{GateVault, Payload, TokenSource as _};

use crate::forge::{CLAIMS, HEADER, forge, manager, manager_of_two_keys};

static PURPOSE: OnceLock<Purpose> = OnceLock::new();

/// Asserts that the text is accepted only if it is a genuine token, character by character.
pub fn run(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let refresh_claims = CLAIMS.replace("access", "refresh");
    let (access, refresh) = (forge(HEADER, CLAIMS), forge(HEADER, refresh_claims));
    for manager in [manager(), manager_of_two_keys()] {
        let access_opens = manager.decode_access_token::<Payload>(&text).is_ok();
        let refresh_opens = manager.decode_refresh_token::<Payload>(&text).is_ok();
        let either_opens = manager.decode_token::<Payload>(&text).is_ok();
        assert!(!access_opens || text == access, "another spelling of an access token");
        assert!(!refresh_opens || text == refresh, "another spelling of a refresh token");
        assert_eq!(either_opens, access_opens || refresh_opens);
        let purpose = PURPOSE.get_or_init(|| Purpose::new("password reset", Duration::from_mins(15)));
        assert!(manager.decode_purpose_token(purpose, &text, "").is_err(), "a token of another kind");
    }
    assert_eq!(manager().decode_access_token::<Payload>(&text).is_ok(), text == access);
    assert_eq!(manager().decode_refresh_token::<Payload>(&text).is_ok(), text == refresh);
    reads_as_a_source(&text, &access);
}

/// A guard reads its token from a string with or without the scheme.
fn reads_as_a_source(text: &str, access: &str) {
    static GATE: OnceLock<GateVault> = OnceLock::new();
    let gate = GATE.get_or_init(|| GateVault::new(manager().clone()));
    let guard = gatevault::RouteGuard::<Payload>::with(gate.clone());
    if guard.authorize(&text).is_ok() {
        assert_eq!(text.token().as_deref(), Some(access));
        assert!(text.ends_with(access));
    }
}

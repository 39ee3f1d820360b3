//! Revocations name the issuer: ids of users, tokens and sessions are unique at one issuer only.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{Clock as _, Issuer, KeyRing, Payload, TokenError, TokenManager, UserId, VerifyingKey};
use gatevault_tests::{SECRET, START, timed};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};

const ONE: &str = "https://one.example";
const TWO: &str = "https://two.example";
const TENANTS: &str = "https://login.example/{tid}/v2.0";
const HOUR: Duration = Duration::from_hours(1);

/// Returns the secret with which an issuer signs.
fn secret_of(issuer: &str) -> String {
    let name = if issuer.starts_with("https://login.") { TENANTS } else { issuer };
    format!("{name}{SECRET}")
}

/// Signs a token as an issuer does: the claims over those that every token has.
fn sign(issuer: &str, lifetime: Duration, extra: &Value) -> String {
    let expiry = START.saturating_add(lifetime.as_secs());
    let mut claims = json!({ "iss": issuer, "aud": "shop", "sub": "ada", "iat": START, "exp": expiry });
    claims.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
    let parts = [json!({ "alg": "HS256", "typ": "JWT" }), claims];
    let [header, claims] = parts.map(|part| URL_SAFE_NO_PAD.encode(part.to_string()));
    let message = format!("{header}.{claims}");
    let mac = Hmac::<sha2::Sha256>::new_from_slice(secret_of(issuer).as_bytes()).unwrap();
    let tag = mac.chain_update(&message).finalize().into_bytes();
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(tag))
}

fn keys_of(issuer: &str) -> KeyRing {
    KeyRing::verifying([VerifyingKey::hs256(secret_of(issuer)).unwrap()]).unwrap()
}

/// Creates a manager with a key of its own, two issuers and the tenants of a third.
fn service() -> (TokenManager, ManualClock) {
    let (builder, clock) = timed();
    let builder = builder
        .accept(Issuer::new(ONE, keys_of(ONE)).audience("shop"))
        .accept(Issuer::new(TWO, keys_of(TWO)).audience("shop"))
        .accept(Issuer::multi_tenant(TENANTS, keys_of(TENANTS)).audience("shop"));
    (builder.build().unwrap(), clock)
}

fn decode(tokens: &TokenManager, token: &str) -> Result<(), TokenError> {
    tokens.decode_access_token::<Payload>(token).map(drop)
}

fn assert_revoked_only(tokens: &TokenManager, revoked: usize, all: &[&str]) {
    for (number, token) in all.iter().enumerate() {
        let expected = if number == revoked { Err(InvalidReason::Revoked.into()) } else { Ok(()) };
        assert_eq!(decode(tokens, token), expected, "token {number}");
    }
}

/// Returns the same user's tokens: ours, of both issuers, and of two tenants, in the order of [`issuers`].
fn of_everyone(tokens: &TokenManager, extra: &Value) -> [String; 5] {
    let ours = tokens.create_access_token(&Payload::new("ada")).unwrap();
    let theirs = |issuer| sign(issuer, HOUR, extra);
    [ours, theirs(ONE), theirs(TWO), theirs(&tenant("a")), theirs(&tenant("b"))]
}

fn tenant(id: &str) -> String {
    TENANTS.replace("{tid}", id)
}

/// Returns the names of the issuers as [`gatevault::Verified::foreign_issuer`] returns them; `None` is ourselves.
fn issuers() -> [Option<String>; 5] {
    [None, Some(ONE.to_owned()), Some(TWO.to_owned()), Some(tenant("a")), Some(tenant("b"))]
}

#[test]
fn a_revoked_user_is_the_user_of_one_issuer() {
    for extra in [json!({}), json!({ "pool": "staff" })] {
        for (number, issuer) in issuers().iter().enumerate() {
            let (tokens, clock) = service();
            let all = of_everyone(&tokens, &extra);
            tokens.revoke_user(issuer.as_deref(), &"ada".into(), clock.now()).unwrap();
            assert_revoked_only(&tokens, number, &all.each_ref().map(String::as_str));
        }
    }
}

#[test]
fn a_revoked_token_is_the_token_of_one_issuer() {
    for (number, issuer) in issuers().iter().enumerate() {
        let (tokens, _) = service();
        let ours = tokens.create_access_token(&Payload::new("ada")).unwrap();
        let verified = tokens.decode_access_token::<Payload>(&ours).unwrap();
        let jti = verified.token_id().unwrap();
        let [_, one, two, a, b] = of_everyone(&tokens, &json!({ "jti": jti }));
        tokens.revoke_token(issuer.as_deref(), jti, verified.expires_at()).unwrap();
        assert_revoked_only(&tokens, number, &[&ours, &one, &two, &a, &b]);
    }
}

#[test]
fn a_revoked_session_is_the_session_of_one_issuer() {
    for (number, issuer) in issuers().iter().enumerate().skip(1) {
        let (tokens, _) = service();
        let all = of_everyone(&tokens, &json!({ "sid": "s-1" }));
        tokens.revoke_session(issuer.as_deref(), "s-1").unwrap();
        assert_revoked_only(&tokens, number, &all.each_ref().map(String::as_str));
    }
    let (tokens, _) = service();
    tokens.revoke_session(None, "s-1").unwrap();
    let [_, one, two, a, b] = of_everyone(&tokens, &json!({ "sid": "s-1" }));
    assert!([one, two, a, b].iter().all(|token| decode(&tokens, token) == Ok(())));
}

#[test]
fn the_name_that_a_verified_token_gives_is_the_name_that_a_revocation_takes() {
    let (tokens, clock) = service();
    for token in of_everyone(&tokens, &json!({ "jti": "t-1", "sid": "s-1" })) {
        let verified = tokens.decode_access_token::<Payload>(&token).unwrap();
        let issuer = verified.foreign_issuer();
        tokens.revoke_user(issuer, &UserId::from("bob"), clock.now()).unwrap();
        assert_eq!(decode(&tokens, &token), Ok(()), "another user");
        tokens.revoke_token(issuer, verified.token_id().unwrap(), verified.expires_at()).unwrap();
        assert_eq!(decode(&tokens, &token), Err(InvalidReason::Revoked.into()));
    }
}

#[test]
fn a_revocation_that_can_meet_no_token_is_an_error() {
    let (tokens, clock) = service();
    let (ada, expiry) = (UserId::from("ada"), clock.now() + HOUR);
    for unknown in
        ["https://three.example", "https://one.example/", "", TENANTS, "https://login.example/a/b/v2.0"]
    {
        let errors = [
            tokens.revoke_token(Some(unknown), "t-1", expiry),
            tokens.revoke_user(Some(unknown), &ada, clock.now()),
            tokens.revoke_session(Some(unknown), "s-1"),
        ];
        for error in errors {
            let message = error.unwrap_err().to_string();
            assert!(message.contains(unknown), "{message}");
        }
    }
    for issuer in issuers() {
        assert!(tokens.revoke_token(issuer.as_deref(), "", expiry).is_err());
        assert!(tokens.revoke_user(issuer.as_deref(), &UserId::from(""), clock.now()).is_err());
        assert!(tokens.revoke_session(issuer.as_deref(), "").is_err());
    }
    assert_eq!(tokens.revoked(), 0);
}

#[test]
fn a_token_without_an_id_says_so() {
    let (tokens, _) = service();
    let token = sign(ONE, HOUR, &json!({}));
    assert_eq!(tokens.decode_access_token::<Payload>(&token).unwrap().token_id(), None);
    let token = sign(ONE, HOUR, &json!({ "jti": "t-1" }));
    assert_eq!(tokens.decode_access_token::<Payload>(&token).unwrap().token_id(), Some("t-1"));
}

/// Adds enough revocations that the table drops those that it no longer needs.
fn revoke_others(tokens: &TokenManager, count: usize) {
    (0..count).for_each(|number| tokens.revoke_session(None, &format!("other-{number}")).unwrap());
}

#[test]
fn a_revocation_is_kept_as_long_as_the_tokens_of_its_issuer_can_live() {
    let extra = json!({ "sid": "s-1" });
    for issuer in [ONE.to_owned(), tenant("a")] {
        let (tokens, clock) = service();
        let token = sign(&issuer, HOUR * 10, &extra);
        tokens.revoke_session(Some(&issuer), "s-1").unwrap();
        for pause in [Duration::from_mins(17), HOUR * 9] {
            clock.advance(pause);
            revoke_others(&tokens, 40);
            assert_eq!(decode(&tokens, &token), Err(InvalidReason::Revoked.into()), "{issuer}, {pause:?}");
        }
    }
}

#[test]
fn a_revoked_user_is_remembered_as_long_as_the_tokens_of_their_issuer_can_live() {
    let (tokens, clock) = service();
    let token = sign(ONE, HOUR * 10, &json!({}));
    tokens.revoke_user(Some(ONE), &"ada".into(), clock.now()).unwrap();
    clock.advance(HOUR * 9);
    revoke_others(&tokens, 1000);
    assert_eq!(decode(&tokens, &token), Err(InvalidReason::Revoked.into()));
}

#[test]
fn the_setting_of_an_issuer_says_how_long_its_revocations_are_kept() {
    let (_, clock) = timed();
    let issuer = Issuer::new(ONE, keys_of(ONE)).audience("shop").max_lifetime(Duration::from_hours(10 * 24));
    let tokens = TokenManager::builder().accept(issuer).clock(clock.clone()).build().unwrap();
    let token = sign(ONE, HOUR * 24 * 9, &json!({ "sid": "s-1" }));
    assert_eq!(decode(&tokens, &token), Ok(()));
    tokens.revoke_session(Some(ONE), "s-1").unwrap();
    clock.advance(HOUR * 24 * 8);
    for number in 0..1000 {
        tokens.revoke_session(Some(ONE), &format!("other-{number}")).unwrap();
    }
    assert_eq!(decode(&tokens, &token), Err(InvalidReason::Revoked.into()));
    // What can meet no token any more is dropped.
    clock.advance(HOUR * 24 * 11);
    for number in 0..2000 {
        tokens.revoke_session(Some(ONE), &format!("later-{number}")).unwrap();
    }
    assert!(tokens.revoked() < 2999, "{}", tokens.revoked());
}

/// The documentation says to repeat these calls in every process: no store keeps them.
#[test]
fn a_process_that_starts_knows_no_revocation_that_was_made_by_hand() {
    let (tokens, clock) = service();
    let token = sign(ONE, HOUR, &json!({ "sid": "s-1" }));
    tokens.revoke_session(Some(ONE), "s-1").unwrap();
    tokens.revoke_user(Some(ONE), &"ada".into(), clock.now()).unwrap();
    assert_eq!(decode(&tokens, &token), Err(InvalidReason::Revoked.into()));
    let (restarted, _) = service();
    assert_eq!((decode(&restarted, &token), restarted.revoked()), (Ok(()), 0));
}

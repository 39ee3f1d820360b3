//! `mint`: it creates what the library would have created then, and what a guard must refuse.

use std::time::Duration;

use gatevault::error::InvalidReason;
use gatevault::testing::{ManualClock, Mint, assert_denied, mint};
use gatevault::token::{Purpose, PurposeSubject};
use gatevault::{
    Clock as _, GateVault, GuardError, Payload, TokenError, TokenKind, TokenManager, UserId, Verified,
};
use gatevault_tests::timed;

const MINUTE: Duration = Duration::from_mins(1);
const SECOND: Duration = Duration::from_secs(1);
const RESET: Purpose = Purpose::new("reset", Duration::from_mins(10));

fn ada() -> Payload {
    Payload::new(1).with("role", "admin").with("scope", "posts:write")
}

fn managed() -> (TokenManager, ManualClock) {
    let (builder, clock) = timed();
    (builder.issuer("https://id.example").audience("billing").build().unwrap(), clock)
}

fn verify(tokens: &TokenManager, token: &str) -> Result<Verified<Payload>, GuardError> {
    GateVault::new(tokens.clone()).verify(token)
}

/// Returns the claims of a token as JSON.
fn claims(token: &str) -> serde_json::Value {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).unwrap();
    let json = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
    serde_json::from_slice(&json).unwrap()
}

/// Returns the claims without the random id.
fn without_id(token: &str) -> serde_json::Value {
    let mut claims = claims(token);
    assert_eq!(claims.as_object_mut().unwrap().remove("jti").unwrap().as_str().unwrap().len(), 36);
    claims
}

#[test]
fn a_token_without_settings_is_the_one_that_the_manager_creates() {
    let (tokens, _) = managed();
    let access = tokens.create_access_token(&ada()).unwrap();
    assert_eq!(without_id(&mint(&tokens).token(&ada())), without_id(&access));
    let refresh = tokens.create_refresh_token(&ada()).unwrap();
    assert_eq!(without_id(&mint(&tokens).refresh().token(&ada())), without_id(&refresh));
    assert_ne!(claims(&access)["jti"], claims(&mint(&tokens).token(&ada()))["jti"]);
}

#[test]
fn an_older_token_is_the_one_that_the_manager_created_then() {
    let (tokens, clock) = managed();
    let access = tokens.create_access_token(&ada()).unwrap();
    let minute = tokens.create_access_token_expiring_in(&ada(), MINUTE).unwrap();
    clock.advance(10 * MINUTE);
    assert_eq!(without_id(&mint(&tokens).issued_ago(10 * MINUTE).token(&ada())), without_id(&access));
    let expired = mint(&tokens).expired_ago(9 * MINUTE).lifetime(MINUTE).token(&ada());
    assert_eq!(without_id(&expired), without_id(&minute));
}

#[test]
fn a_token_expires_at_its_second() {
    let (tokens, clock) = managed();
    let access = mint(&tokens).issued_ago(5 * MINUTE).token(&ada());
    clock.advance(10 * MINUTE - SECOND);
    assert_eq!(verify(&tokens, &access).unwrap().expires_at(), clock.now() + SECOND);
    clock.advance(SECOND);
    assert_denied!(verify(&tokens, &access), Expired);
    assert_denied!(verify(&tokens, &mint(&tokens).expired_ago(Duration::ZERO).token(&ada())), Expired);
    assert_denied!(verify(&tokens, &mint(&tokens).lifetime(Duration::ZERO).token(&ada())), Expired);
}

#[test]
fn a_guard_refuses_what_can_be_minted_only() {
    let (tokens, _) = managed();
    let reason = |token: String| match verify(&tokens, &token) {
        Err(GuardError::Token(TokenError::Invalid(reason))) => reason,
        other => panic!("{other:?}"),
    };
    let early = mint(&tokens).issued_in(MINUTE).token(&ada());
    assert!(matches!(reason(early), InvalidReason::NotYetValid { claim: "iat", .. }));
    let long = mint(&tokens).lifetime(Duration::from_hours(25)).token(&ada());
    assert!(matches!(reason(long), InvalidReason::TooLongLived { .. }));
    let refresh = mint(&tokens).refresh().token(&ada());
    assert!(matches!(reason(refresh), InvalidReason::Kind { .. }));
    let foreign = mint(&tokens).issuer("https://other.example").token(&ada());
    assert!(matches!(reason(foreign), InvalidReason::Issuer(_)));
    let elsewhere = mint(&tokens).audience("shipping").token(&ada());
    assert!(matches!(reason(elsewhere), InvalidReason::Audience(_)));
}

#[test]
fn a_purpose_token_has_any_age_lifetime_and_origin() {
    let (tokens, _) = managed();
    let user = UserId::from(1);
    let subject = || PurposeSubject::new(&user).session("s1");
    let own = tokens.create_purpose_token(&RESET, subject(), "state").unwrap();
    let minted = |mint: Mint<'_>| mint.purpose_token(&RESET, subject(), "state");
    assert_eq!(without_id(&minted(mint(&tokens))), without_id(&own));
    let decode = |token: &str, state: &str| tokens.decode_purpose_token(&RESET, token, state);
    assert_eq!(decode(&minted(mint(&tokens)), "state").unwrap().session_id(), Some("s1"));
    assert!(decode(&minted(mint(&tokens)), "another state").is_err());

    assert!(decode(&minted(mint(&tokens).issued_ago(9 * MINUTE)), "state").is_ok());
    let expired = decode(&minted(mint(&tokens).issued_ago(10 * MINUTE)), "state");
    assert_eq!(expired.unwrap_err(), TokenError::Expired);
    let reason = |mint: Mint<'_>| match decode(&minted(mint), "state") {
        Err(TokenError::Invalid(reason)) => reason,
        other => panic!("{other:?}"),
    };
    assert!(matches!(
        reason(mint(&tokens).issued_in(MINUTE)),
        InvalidReason::NotYetValid { claim: "iat", .. }
    ));
    assert!(matches!(reason(mint(&tokens).lifetime(11 * MINUTE)), InvalidReason::PurposeLifetime { .. }));
    assert!(matches!(reason(mint(&tokens).issuer("https://other.example")), InvalidReason::Issuer(_)));
    assert!(matches!(reason(mint(&tokens).audience("shipping")), InvalidReason::Audience(_)));
}

#[test]
fn a_token_of_a_login_has_its_session_and_its_authentication() {
    let (tokens, clock) = managed();
    let login = mint(&tokens).session("s1").acr("phr").amr(["hwk", "user"]);
    let verified = verify(&tokens, &login.token(&ada())).unwrap();
    assert_eq!((verified.session_id(), verified.acr()), (Some("s1"), Some("phr")));
    assert_eq!(verified.amr().collect::<Vec<_>>(), ["hwk", "user"]);
    assert_eq!(verified.authenticated_at(), Some(clock.now()));
    assert_eq!(verified.kind(), TokenKind::Access);

    let older = verify(&tokens, &login.clone().authenticated_ago(MINUTE).token(&ada())).unwrap();
    assert_eq!(older.authenticated_at(), Some(clock.now() - MINUTE));
    let without = verify(&tokens, &mint(&tokens).token(&ada())).unwrap();
    assert_eq!((without.session_id(), without.authenticated_at()), (None, None));
    assert_eq!(claims(&mint(&tokens).pool("staff").token(&ada()))["pool"], "staff");
}

#[test]
fn claims_that_no_token_can_have_fail_the_test_at_its_line() {
    let (tokens, _) = managed();
    let reserved = Payload::new(1).with("exp", 1);
    let mint = std::panic::AssertUnwindSafe(mint(&tokens));
    let fault = std::panic::catch_unwind(|| mint.token(&reserved)).unwrap_err();
    let line = line!() - 1;
    let fault = fault.downcast_ref::<String>().unwrap();
    let expected = format!("{}:{line}:", file!());
    assert!(fault.starts_with(&expected), "{fault}");
    assert!(fault.contains("the token cannot be created: the token is not valid: "), "{fault}");
}

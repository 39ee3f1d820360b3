//! The content of a denial.

use std::time::Duration;

use gatevault::testing::{DenialKind, assert_denied};
use gatevault::{GuardError, StepUpChallenge, TokenError};
use gatevault_web_tests::edges::proto::inside_client::InsideClient;
use gatevault_web_tests::{METADATA, Site, User, edges, mint, mint_expired, mint_refresh};
use tonic::{Code, Status};

use crate::{INVALID, bearing, channel, note, seen, site};

async fn fail(how: &str) -> Status {
    site().await.fail(note(how)).await.unwrap_err()
}

#[tokio::test]
async fn each_status_of_http_has_its_code() {
    let credentials = (Code::Unauthenticated, "the credentials are not valid", "Bearer");
    assert_eq!(seen(&fail("credentials").await), credentials);
    assert_eq!(seen(&fail("frozen").await), (Code::PermissionDenied, "not allowed", ""));
    assert_eq!(seen(&fail("store").await), (Code::Unavailable, "temporarily unavailable", ""));
    assert_eq!(seen(&fail("gate").await), (Code::Internal, Code::Internal.description(), ""));
}

#[tokio::test]
async fn too_many_attempts_name_the_time_to_wait() {
    let denial = fail("often").await;
    assert_eq!(seen(&denial), (Code::ResourceExhausted, "too many attempts", ""));
    assert_eq!(denial.metadata().get("retry-after").unwrap(), "30");
}

#[tokio::test]
async fn a_denial_reveals_no_reason() {
    // The reasons, which only the log contains.
    for (how, reason) in
        [("credentials", "user"), ("frozen", "frozen"), ("store", "10.0.0.7"), ("gate", "gate")]
    {
        let shown = format!("{:?}", fail(how).await);
        assert!(!shown.contains(reason), "{shown}");
    }
    // Tokens that are invalid for three different reasons.
    let (ours, other) = (mint(&User::member(42)), mint(&User::member(43)));
    let (message, _) = ours.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    let stranger = gatevault::TokenManager::new("the secret of a stranger, of fifty bytes or so").unwrap();
    let unknown = stranger.create_access_token(&User::member(42)).unwrap();
    for token in [format!("{message}.{signature}"), mint_refresh(&User::member(42)), unknown] {
        let denial = site().await.profile(bearing(&token, note(""))).await.unwrap_err();
        assert_eq!((seen(&denial), denial.details()), (INVALID, [].as_slice()));
    }
}

/// Printing a status prints its source.
#[test]
fn a_status_has_no_source() {
    let status = Status::from(GuardError::unauthorized("the reason"));
    assert!(std::error::Error::source(&status).is_none());
    assert!(!format!("{status} {status:?}").contains("the reason"));
}

#[tokio::test]
async fn the_challenge_of_an_interceptor_has_the_scopes_of_its_guard_and_the_settings_of_the_application() {
    let server = edges::tonic(Site { has_own_denials: true, ..Site::default() });
    let denial = InsideClient::new(channel(server).await).hello(note("")).await.unwrap_err();
    let challenge =
        format!(r#"Bearer scope="notes:write", realm="the site", resource_metadata="{METADATA}""#);
    assert_eq!(seen(&denial), (Code::Unauthenticated, "a token is required", challenge.as_str()));
}

/// Returns whether `assert_denied!` takes the outcome for a denial of this kind.
fn is_denied(outcome: &Result<(), Status>, kind: &DenialKind) -> bool {
    let assertion = std::panic::AssertUnwindSafe(|| assert_denied!(*outcome, *kind));
    std::panic::catch_unwind(assertion).is_ok()
}

#[test]
fn each_denial_has_its_own_kind_in_a_status() {
    let denials = [
        (GuardError::MissingToken, DenialKind::MissingToken),
        (TokenError::Expired.into(), DenialKind::Expired),
        (GuardError::unauthorized("frozen"), DenialKind::NotAllowed),
        (StepUpChallenge::new("a large transfer").into(), DenialKind::StepUp),
        (GuardError::invalid_credentials("wrong password"), DenialKind::WrongCredentials),
        (GuardError::TooManyAttempts { retry_after: Duration::from_secs(9) }, DenialKind::TooManyAttempts),
        (GuardError::unavailable("the store is down"), DenialKind::Unavailable),
    ];
    let of_calls = [DenialKind::InvalidToken, DenialKind::MissingScope("invoices:read".into())];
    let kinds: Vec<_> = denials.iter().map(|(_, kind)| kind.clone()).chain(of_calls).collect();
    for (denial, kind) in denials {
        let outcome = Err(Status::from(denial));
        for other in &kinds {
            assert_eq!(is_denied(&outcome, other), *other == kind, "{outcome:?}: {other:?}");
        }
    }
    let others = [
        Ok(()),
        Err(Status::from(GuardError::NotInstalled)),
        Err(Status::unauthenticated("a token is required")),
        Err(Status::unavailable("tcp connect error")),
        Err(Status::resource_exhausted("the message is too large")),
        Err(Status::not_found("no such note")),
    ];
    for outcome in others {
        for kind in &kinds {
            assert!(!is_denied(&outcome, kind), "{outcome:?}: {kind:?}");
        }
    }
}

#[tokio::test]
async fn the_denial_of_a_call_has_its_kind() {
    let access = mint(&User::member(42));
    assert_denied!(site().await.profile(note("")).await, MissingToken);
    assert_denied!(site().await.profile(bearing("junk", note(""))).await, InvalidToken);
    assert_denied!(site().await.profile(bearing(&mint_expired(&User::member(42)), note(""))).await, Expired);
    assert_denied!(site().await.admin(bearing(&access, note(""))).await, NotAllowed);
    assert_denied!(site().await.invoices(bearing(&access, note(""))).await, MissingScope("invoices:read"));
    assert_denied!(fail("credentials").await, WrongCredentials);
    assert_denied!(fail("often").await, TooManyAttempts);
    assert_denied!(fail("store").await, Unavailable);
    let server = edges::tonic(Site { has_own_denials: true, ..Site::default() });
    assert_denied!(InsideClient::new(channel(server).await).hello(note("")).await, MissingToken);
}

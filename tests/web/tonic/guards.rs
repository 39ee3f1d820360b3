//! `#[protected]` on the methods of a service.

use gatevault::{Bearer, TokenSource as _};
use gatevault_web_tests::edges::Outside;
use gatevault_web_tests::edges::proto::Note;
use gatevault_web_tests::edges::proto::site_server::Site as _;
use gatevault_web_tests::{User, mint, mint_expired, mint_purpose, mint_refresh, own_gate};
use tonic::metadata::MetadataMap;
use tonic::{Request, Status};

use crate::{EXPIRED, INVALID, MALFORMED, MISSING, NOT_ALLOWED};
use crate::{bearing, note, seen, site, text, with_authorization};

async fn denied(request: Request<Note>) -> Status {
    site().await.profile(request).await.unwrap_err()
}

async fn denied_with(values: &[&[u8]]) -> Status {
    denied(with_authorization(note("hello"), values)).await
}

#[tokio::test]
async fn a_good_token_is_accepted_and_the_body_has_the_message() {
    let request = bearing(&mint(&User::member(42)), note("hello"));
    assert_eq!(text(site().await.profile(request).await), r#"user 42 says "hello""#);
}

#[tokio::test]
async fn a_missing_token_gets_a_bare_challenge() {
    assert_eq!(seen(&denied_with(&[]).await), MISSING);
    assert_eq!(seen(&denied_with(&[b"Bearer "]).await), MISSING);
    assert_eq!(seen(&denied_with(&[b"Basic YWRhOmhvcnNl"]).await), MISSING);
    // Without its scheme.
    assert_eq!(seen(&denied_with(&[mint(&User::member(42)).as_bytes()]).await), MISSING);
}

#[tokio::test]
async fn a_malformed_token_is_refused() {
    for token in ["junk", "a.b", "....", &"a".repeat(7000)] {
        assert_eq!(seen(&denied(bearing(token, note(""))).await).2, INVALID.2, "{token}");
    }
    assert_eq!(seen(&denied(bearing("junk", note(""))).await), MALFORMED);
}

#[tokio::test]
async fn an_expired_token_is_refused_and_the_challenge_says_so() {
    assert_eq!(seen(&denied(bearing(&mint_expired(&User::member(42)), note(""))).await), EXPIRED);
}

#[tokio::test]
async fn a_tampered_token_is_refused() {
    let (ours, other) = (mint(&User::member(42)), mint(&User::member(43)));
    let (message, _) = ours.rsplit_once('.').unwrap();
    let (_, signature) = other.rsplit_once('.').unwrap();
    for token in [format!("{message}.{signature}"), format!("{message}.")] {
        assert_eq!(seen(&denied(bearing(&token, note(""))).await), INVALID);
    }
}

#[tokio::test]
async fn a_refresh_token_is_refused() {
    assert_eq!(seen(&denied(bearing(&mint_refresh(&User::member(42)), note(""))).await), INVALID);
}

#[tokio::test]
async fn a_purpose_token_is_refused() {
    assert_eq!(seen(&denied(bearing(&mint_purpose(42, None), note(""))).await), INVALID);
}

#[tokio::test]
async fn a_wrong_role_is_not_allowed() {
    let ask = async |role: &str| {
        let user = User { role: role.to_owned(), ..User::member(42) };
        site().await.admin(bearing(&mint(&user), note(""))).await
    };
    assert_eq!(seen(&ask("member").await.unwrap_err()), NOT_ALLOWED);
    assert_eq!(text(ask("admin").await), "admin 42");
}

#[tokio::test]
async fn a_missing_scope_is_named() {
    let ask = async |scope: &str| {
        let user = User { scope: scope.to_owned(), ..User::member(42) };
        site().await.invoices(bearing(&mint(&user), note(""))).await
    };
    let denial = ask("notes:write").await.unwrap_err();
    let challenge = r#"Bearer error="insufficient_scope", scope="invoices:read""#;
    assert_eq!(seen(&denial), (NOT_ALLOWED.0, NOT_ALLOWED.1, challenge));
    assert_eq!(text(ask("notes:write invoices:read").await), "invoices of 42");
}

#[tokio::test]
async fn an_optional_guard_accepts_a_missing_token_and_refuses_a_bad_one() {
    let ask = async |values: &[&[u8]]| site().await.greeting(with_authorization(note(""), values)).await;
    let good = format!("Bearer {}", mint(&User::member(42)));
    assert_eq!(text(ask(&[]).await), "hello stranger");
    assert_eq!(text(ask(&[b"Basic YTpi"]).await), "hello stranger");
    assert_eq!(text(ask(&[good.as_bytes()]).await), "hello user 42");
    assert_eq!(seen(&ask(&[b"Bearer junk"]).await.unwrap_err()), MALFORMED);
    assert_eq!(seen(&ask(&[good.as_bytes(), good.as_bytes()]).await.unwrap_err()), MALFORMED);
    assert_eq!(seen(&ask(&[b"Bearer \xff"]).await.unwrap_err()), MALFORMED);
}

#[tokio::test]
async fn the_scheme_may_be_in_any_case() {
    let token = mint(&User::member(42));
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR "] {
        let request = with_authorization(note(""), &[format!("{scheme} {token}").as_bytes()]);
        assert_eq!(text(site().await.profile(request).await), r#"user 42 says """#);
    }
}

#[tokio::test]
async fn several_values_are_refused() {
    let good = format!("Bearer {}", mint(&User::member(42)));
    for other in [good.as_bytes(), b"Bearer junk", b"Basic YWRhOmhvcnNl", b""] {
        assert_eq!(seen(&denied_with(&[good.as_bytes(), other]).await), MALFORMED);
        assert_eq!(seen(&denied_with(&[other, good.as_bytes()]).await), MALFORMED);
    }
    let joined = format!("{good}, {good}");
    assert_eq!(seen(&denied_with(&[joined.as_bytes()]).await).2, INVALID.2);
}

#[tokio::test]
async fn a_value_that_is_not_ascii_is_refused() {
    let good = format!("Bearer {}", mint(&User::member(42)));
    for value in [b"Bearer \xff".to_vec(), [good.as_bytes(), b"\xff"].concat(), format!("{good}é").into()] {
        assert_eq!(seen(&denied_with(&[&value]).await), MALFORMED);
    }
}

#[tokio::test]
async fn binary_metadata_is_ignored() {
    let good = format!("Bearer {}", mint(&User::member(42)));
    let mut request = Request::new(note(""));
    request
        .metadata_mut()
        .insert_bin("authorization-bin", tonic::metadata::MetadataValue::from_bytes(good.as_bytes()));
    assert_eq!(seen(&denied(request).await), MISSING);
}

#[test]
fn requests_and_their_metadata_are_token_sources() {
    let mut request = bearing("a.b.c", ());
    assert_eq!(request.token().as_deref(), Some("a.b.c"));
    assert_eq!(request.metadata().token(), request.token());
    assert_eq!(Bearer::from(request.metadata()).token(), request.token());
    assert_eq!(MetadataMap::new().token(), None);
    assert!(request.gate().is_none() && request.metadata().gate().is_none());
    request.extensions_mut().insert(own_gate().0);
    assert!(request.gate().is_some());
}

#[test]
fn the_futures_of_guarded_methods_are_send() {
    fn is_send<T: Send>(_: &T) {}
    is_send(&Outside.profile(Request::new(note(""))));
    is_send(&crate::streams::count(Request::new(crate::streams::nothing())));
}

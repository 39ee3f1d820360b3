//! What is in a token beside its signature: the issuer, the audience, the lifetime, and which kind of token it is.

use std::sync::LazyLock;
use std::time::{Duration, SystemTime};

use gatevault::error::InvalidReason;
use gatevault::testing::ManualClock;
use gatevault::{Issuer, RemoteKeys, TokenError, TokenManager};
use gatevault_issuers::{Provider, UserAgent, resource, service_token};

use crate::{AUDIENCE, PATIENCE, accepting, accepting_issuer, es256, keys_of, refusal, status};

static PROVIDER: LazyLock<Provider> = LazyLock::new(|| Provider::start(&[es256("1")]));

fn accepting_as(issuer: &str, audience: &str) -> TokenManager {
    accepting_issuer(Issuer::new(issuer, keys_of(PROVIDER.issuer())).audience(audience))
}

#[test]
fn a_token_for_another_api_opens_no_guard() {
    let tokens = accepting(&PROVIDER);
    let theirs = service_token(&PROVIDER, &format!("{}&audience=shipping", resource("ES256")));
    assert!(matches!(refusal(&tokens, &theirs), TokenError::Invalid(InvalidReason::Audience(_))));
    assert_eq!(status(&accepting_as(PROVIDER.issuer(), "shipping"), &theirs), 200);
}

#[test]
fn an_issuer_with_another_spelling_is_another_issuer() {
    let token = service_token(&PROVIDER, &resource("ES256"));
    for spelling in [
        PROVIDER.url("/"),
        PROVIDER.issuer().replace("127.0.0.1", "localhost"),
        PROVIDER.issuer().to_uppercase(),
    ] {
        let tokens = accepting_as(&spelling, AUDIENCE);
        let refusal = refusal(&tokens, &token);
        assert!(matches!(refusal, TokenError::Invalid(InvalidReason::Issuer(_))), "{spelling}: {refusal:?}");
    }
}

#[test]
fn an_expired_token_opens_no_guard() {
    let token = service_token(&PROVIDER, &resource("ES256"));
    let clock = ManualClock::at(SystemTime::now());
    let keys =
        RemoteKeys::discover(PROVIDER.issuer()).allow_plain_http().clock(clock.clone()).build().unwrap();
    keys.wait(PATIENCE).unwrap();
    let issuer = Issuer::new(PROVIDER.issuer(), keys).audience(AUDIENCE);
    let tokens = TokenManager::builder().accept(issuer).clock(clock.clone()).build().unwrap();
    assert_eq!(status(&tokens, &token), 200);
    clock.advance(Duration::from_mins(11));
    assert_eq!(refusal(&tokens, &token), TokenError::Expired);
}

#[test]
fn a_token_that_was_changed_opens_no_guard() {
    let tokens = accepting(&PROVIDER);
    let token = service_token(&PROVIDER, &resource("ES256"));
    let other = UserAgent::new(&PROVIDER).sign_in("web-ES256", &resource("ES256")).access;
    let (ours, theirs): (Vec<_>, Vec<_>) = (token.split('.').collect(), other.split('.').collect());
    for changed in [
        [ours[0], theirs[1], ours[2]].join("."),
        [ours[0], ours[1], theirs[2]].join("."),
        [ours[0], ours[1], ""].join("."),
        [ours[0], ours[1]].join("."),
        format!("{token}."),
        format!("eyJhbGciOiJub25lIn0.{}.", ours[1]),
        token[..token.len() - 2].to_owned(),
    ] {
        assert_eq!(status(&tokens, &changed), 401, "{changed}");
    }
    assert_eq!((status(&tokens, &token), status(&tokens, &other)), (200, 200));
}

#[test]
fn encrypted_and_opaque_tokens_open_no_guard_and_the_reason_says_why() {
    let tokens = accepting(&PROVIDER);
    let login = UserAgent::new(&PROVIDER).sign_in("web-ES256", &resource("ES256"));
    for (token, reason) in [
        (service_token(&PROVIDER, &format!("{}&encrypted", resource("ES256"))), "encrypted"),
        (service_token(&PROVIDER, "https://billing.example/?opaque"), "opaque"),
        (login.refresh, "opaque"),
    ] {
        let TokenError::Decode(found) = refusal(&tokens, &token) else {
            panic!("expected a malformed token: {token}");
        };
        assert!(found.to_string().contains(reason), "{found}");
    }
}

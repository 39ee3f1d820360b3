//! Login and refresh, sync and async, and that a client cannot distinguish an unknown user from a wrong password.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use gatevault::error::InvalidReason;
use gatevault::login::{AsyncLookup, SyncLookup};
use gatevault::{ConfigError, GateVault, GuardError, OAuthHandler, Payload, TokenError, TokenKind, UserId};
use gatevault_tests::{Account, Outline, quick_hasher, timed, tokens};

/// Returns the account as a database holds it: with the same hash at each lookup.
fn ada() -> Account {
    static ADA: LazyLock<Account> = LazyLock::new(|| Account::new(1, "correct horse"));
    ADA.clone()
}

fn handler() -> OAuthHandler<SyncLookup<Account>> {
    let (ada, again) = (ada(), ada());
    OAuthHandler::new(tokens(), move |name| (name == "ada").then(|| ada.clone()))
        .lookup_by_id(move |id| (*id == again.id).then(|| again.clone()))
        .hasher(quick_hasher())
}

fn async_handler() -> OAuthHandler<AsyncLookup<Account>> {
    async fn by_name(name: &str) -> Result<Option<Account>, std::io::Error> {
        tokio::task::yield_now().await;
        Ok((name == "ada").then(ada))
    }
    OAuthHandler::new_async(tokens(), by_name)
        .lookup_by_id(|id: &UserId| {
            let known = *id == UserId::from(1);
            async move { known.then(ada) }
        })
        .hasher(quick_hasher())
}

#[test]
fn a_login_returns_both_tokens_and_the_lifetime_of_the_access_token() {
    let pair = handler().login("ada", "correct horse").unwrap();
    let access = tokens().decode_access_token::<Payload>(&pair.access_token).unwrap();
    let refresh = tokens().decode_refresh_token::<Payload>(&pair.refresh_token).unwrap();
    assert_eq!((access.user_id(), refresh.user_id()), (&1.into(), &1.into()));
    assert_eq!((pair.token_type, pair.expires_in), ("bearer", tokens().access_expiry()));
}

#[test]
fn a_pair_serializes_to_the_names_of_rfc_6749_and_prints_no_token() {
    let pair = handler().login("ada", "correct horse").unwrap();
    let json = serde_json::to_value(&pair).unwrap();
    let expected = serde_json::json!({
        "access_token": pair.access_token,
        "refresh_token": pair.refresh_token,
        "token_type": "bearer",
        "expires_in": 900,
    });
    assert_eq!(json, expected);
    let printed = format!("{pair:?}");
    assert!(!printed.contains(&pair.access_token) && !printed.contains(&pair.refresh_token));
}

#[test]
fn an_unknown_user_and_a_wrong_password_get_the_same_error() {
    let handler = handler();
    let over_72 = "x".repeat(73);
    let attempts = [("ada", "wrong"), ("bob", "correct horse"), ("", ""), ("ada", &over_72), ("bob", "a\0b")];
    let answers = attempts.map(|(name, password)| {
        let denial = handler.login(name, password).unwrap_err();
        (denial.status(), denial.to_string(), format!("{denial:?}"))
    });
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    assert_eq!(answers[0].0, 401);
}

#[test]
fn a_malformed_stored_hash_is_refused_like_a_wrong_password() {
    for hash in ["", "plain text", "$2b$31$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"] {
        let account = Account { id: 1.into(), hash: hash.to_owned() };
        let handler =
            OAuthHandler::new(tokens(), move |_: &str| Some(account.clone())).hasher(quick_hasher());
        let denial = handler.login("ada", hash).unwrap_err();
        assert!(matches!(denial, GuardError::InvalidCredentials(_)), "{denial:?}");
    }
}

#[test]
fn a_failed_lookup_is_unavailable_and_no_refusal() {
    let failing = |_: &str| Err::<Option<Account>, _>(std::io::Error::other("the database is down"));
    let denial = OAuthHandler::new(tokens(), failing).login("ada", "correct horse").unwrap_err();
    assert_eq!(denial.status(), 503);
}

#[test]
fn the_claims_of_access_tokens_are_chosen_from_the_user() {
    let handler = handler().claims(|account| Payload::new(account.id.clone()).with("role", "admin"));
    let pair = handler.login("ada", "correct horse").unwrap();
    assert_eq!(tokens().decode_access_token::<Payload>(&pair.access_token).unwrap()["role"], "admin");
    let refresh = tokens().decode_refresh_token::<Payload>(&pair.refresh_token).unwrap();
    assert_eq!(refresh.iter().count(), 0, "a refresh token says only who");
    let next = handler.refresh(&pair.refresh_token).unwrap();
    assert_eq!(tokens().decode_access_token::<Payload>(&next.access_token).unwrap()["role"], "admin");
}

#[test]
fn claims_that_cannot_be_written_fail_the_login() {
    let handler = handler().claims(|account| Payload::new(account.id.clone()).with("exp", 0));
    let denial = handler.login("ada", "correct horse").unwrap_err();
    // The service's fault: after a 401 the user would try another password.
    assert_eq!((denial.status(), denial.challenge()), (500, None));
    let reason = InvalidReason::ReservedClaim("exp".into());
    assert!(matches!(denial, GuardError::Config(error) if error == ConfigError::NoTokens { reason }));
}

#[test]
fn claims_that_cannot_be_written_fail_a_refresh_and_end_no_session() {
    let is_broken = Arc::new(AtomicBool::new(false));
    let breaks = Arc::clone(&is_broken);
    let handler = handler().claims(move |account| {
        let name = if breaks.load(Ordering::SeqCst) { "exp" } else { "role" };
        Payload::new(account.id.clone()).with(name, "admin")
    });
    let pair = handler.login("ada", "correct horse").unwrap();
    is_broken.store(true, Ordering::SeqCst);
    assert_eq!(handler.refresh(&pair.refresh_token).unwrap_err().status(), 500);
    is_broken.store(false, Ordering::SeqCst);
    assert!(handler.refresh(&pair.refresh_token).is_ok());
}

#[test]
fn an_implausible_clock_is_unavailable_and_no_refusal() {
    let (builder, clock) = timed();
    let tokens = builder.build().unwrap();
    let access = tokens.create_access_token(&Payload::new(1)).unwrap();
    let handler = OAuthHandler::new(tokens.clone(), |_: &str| Some(ada())).hasher(quick_hasher());
    clock.set(SystemTime::UNIX_EPOCH - Duration::from_secs(1));
    assert_eq!(GateVault::new(tokens).verify::<Payload>(&access).unwrap_err().status(), 503);
    assert_eq!(handler.login("ada", "correct horse").unwrap_err().status(), 503);
}

#[test]
fn a_refresh_gives_the_next_pair() {
    let handler = handler();
    let pair = handler.login("ada", "correct horse").unwrap();
    let next = handler.refresh(&pair.refresh_token).unwrap();
    let ids = [&pair.refresh_token, &next.refresh_token, &pair.access_token, &next.access_token]
        .map(|token| tokens().decode_token::<Payload>(token).unwrap().token_id().unwrap().to_owned());
    let distinct: std::collections::HashSet<_> = ids.iter().collect();
    assert_eq!(distinct.len(), 4);
}

#[test]
fn only_a_current_refresh_token_refreshes() {
    let (builder, clock) = timed();
    let timed_tokens = builder.build().unwrap();
    let account = ada();
    let handler = OAuthHandler::new(timed_tokens.clone(), |_: &str| None::<Account>)
        .lookup_by_id(move |_| Some(account.clone()))
        .stateless();
    let access = timed_tokens.create_access_token(&Payload::new(1)).unwrap();
    let refresh = timed_tokens.create_refresh_token(&Payload::new(1)).unwrap();
    assert!(handler.refresh(&refresh).is_ok());
    let denied = |token: &str| match handler.refresh(token) {
        Err(GuardError::Token(error)) => error,
        other => panic!("{other:?}"),
    };
    assert_eq!(denied(&access), InvalidReason::Kind { expected: TokenKind::Refresh.name() }.into());
    assert_eq!(denied(&format!("{refresh}x")), InvalidReason::Signature.into());
    assert_eq!(Outline::DECODE, denied("junk"));
    assert!(matches!(handler.refresh(None::<String>), Err(GuardError::MissingToken)));
    clock.advance(timed_tokens.refresh_expiry());
    assert_eq!(denied(&refresh), TokenError::Expired);
}

#[test]
fn a_deleted_user_gets_no_new_tokens() {
    let gone = Arc::new(AtomicBool::new(false));
    let is_gone = Arc::clone(&gone);
    let account = ada();
    let handler = handler().lookup_by_id(move |_| (!is_gone.load(Ordering::SeqCst)).then(|| account.clone()));
    let pair = handler.login("ada", "correct horse").unwrap();
    assert!(handler.refresh(&pair.refresh_token).is_ok());
    gone.store(true, Ordering::SeqCst);
    assert!(matches!(handler.refresh(&pair.refresh_token), Err(GuardError::InvalidCredentials(_))));
}

#[test]
fn a_lookup_by_id_that_finds_another_user_is_refused() {
    let other = Account::new(2, "other");
    let handler = handler().lookup_by_id(move |_| Some(other.clone()));
    let pair = handler.login("ada", "correct horse").unwrap();
    assert!(matches!(handler.refresh(&pair.refresh_token), Err(GuardError::InvalidCredentials(_))));
}

#[test]
fn a_refresh_without_a_lookup_by_id_is_refused_and_says_what_to_add() {
    let account = ada();
    let handler = OAuthHandler::new(tokens(), move |_: &str| Some(account.clone())).hasher(quick_hasher());
    let pair = handler.login("ada", "correct horse").unwrap();
    let denial = handler.refresh(&pair.refresh_token).unwrap_err();
    assert_eq!(denial.status(), 500);
    let hint = std::error::Error::source(&denial).unwrap().to_string();
    assert!(hint.contains("`lookup_by_id`"), "{hint}");
}

#[tokio::test]
async fn the_async_forms_do_what_the_sync_ones_do() {
    let handler = async_handler();
    let pair = handler.async_login("ada", "correct horse").await.unwrap();
    let next = handler.async_refresh(&pair.refresh_token).await.unwrap();
    assert!(tokens().decode_access_token::<Payload>(&next.access_token).is_ok());
    let answers = [
        handler.async_login("ada", "wrong").await.unwrap_err(),
        handler.async_login("bob", "correct horse").await.unwrap_err(),
    ];
    let [known, unknown] = answers.map(|denial| (denial.status(), format!("{denial:?}")));
    assert_eq!(known, unknown);
    let gone = tokens().create_refresh_token(&Payload::new(9)).unwrap();
    let handler = async_handler().stateless();
    assert!(matches!(handler.async_refresh(&gone).await, Err(GuardError::InvalidCredentials(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn async_logins_can_be_spawned_and_dropped_anywhere() {
    let handler = Arc::new(async_handler());
    let logins: Vec<_> = (0..16)
        .map(|_| {
            let handler = Arc::clone(&handler);
            tokio::spawn(async move { handler.async_login("ada", "correct horse").await.is_ok() })
        })
        .collect();
    logins.iter().step_by(2).for_each(tokio::task::JoinHandle::abort);
    for (number, login) in logins.into_iter().enumerate() {
        if number % 2 == 1 {
            assert!(login.await.unwrap());
        }
    }
}

#[test]
fn an_async_login_outside_a_runtime_is_unavailable_and_no_panic() {
    async fn find_none(_: &str) -> Option<Account> {
        None
    }
    let handler = OAuthHandler::new_async(tokens(), find_none);
    let denial = pollster::block_on(handler.async_login("ada", "x")).unwrap_err();
    assert_eq!(denial.status(), 503);
}

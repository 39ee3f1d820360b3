//! Mistakes of the program: each call answers 500, or 503 without a runtime, and is one event at ERROR that names the remedy.

use gatevault::{GuardError, MemorySessions, OAuthHandler};
use gatevault_tests::{Account, Recorder, quick_hasher, tokens};
use tracing::Level;

fn account(name: &str) -> Option<Account> {
    (name == "ada").then(|| Account::new(1, "correct horse"))
}

/// Returns the denial of `call`, which logs nothing but one error that contains `remedy`.
fn mistake<T>(remedy: &str, call: impl FnOnce() -> Result<T, GuardError>) -> GuardError {
    let recorder = Recorder::default();
    let denial = tracing::subscriber::with_default(recorder.clone(), call).err().unwrap();
    let lines = recorder.lines();
    assert_eq!(lines.len(), 1, "{lines:?}");
    assert!(lines.iter().all(|(level, line)| *level == Level::ERROR && line.contains(remedy)), "{lines:?}");
    denial
}

#[test]
fn closures_without_a_lookup_by_id_are_an_error_of_every_call_that_needs_it() {
    let (sync, again) = (OAuthHandler::new(tokens(), account), tokens());
    let sync = sync.hasher(quick_hasher()).session_store(MemorySessions::new());
    let pair = sync.login("ada", "correct horse").unwrap();
    assert_eq!(mistake("lookup_by_id", || sync.refresh(&pair.refresh_token)).status(), 500);
    assert_eq!(mistake("lookup_by_id", || sync.logout_others(1, "session")).status(), 500);

    let by_name = |name: &str| std::future::ready(account(name));
    let sessions = MemorySessions::new();
    let awaited = OAuthHandler::new_async(again, by_name).hasher(quick_hasher()).session_store(sessions);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let pair = runtime.block_on(awaited.async_login("ada", "correct horse")).unwrap();
    let refreshed = || pollster::block_on(awaited.async_refresh(&pair.refresh_token));
    assert_eq!(mistake("lookup_by_id", refreshed).status(), 500);
    let others = || pollster::block_on(awaited.async_logout_others(1, "session"));
    assert_eq!(mistake("lookup_by_id", others).status(), 500);
}

#[test]
fn a_stateless_handler_that_is_asked_for_sessions_is_an_error() {
    let oauth = OAuthHandler::new(tokens(), account).lookup_by_id(|_| account("ada")).stateless();
    assert_eq!(mistake("session_store", || oauth.sessions(1)).status(), 500);
    assert_eq!(mistake("session_store", || oauth.revoke(1, "session")).status(), 500);
    assert_eq!(mistake("session_store", || oauth.logout_others(1, "session")).status(), 500);
}

#[test]
fn an_async_login_outside_of_a_runtime_is_an_error() {
    let by_name = |name: &str| std::future::ready(account(name));
    let oauth = OAuthHandler::new_async(tokens(), by_name).hasher(quick_hasher());
    let login = || pollster::block_on(oauth.async_login("ada", "correct horse"));
    assert_eq!(mistake("password not verified error=the hashing pool", login).status(), 503);
}

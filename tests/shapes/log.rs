//! The log: one event for each decision, with its reason and without the token.
#![expect(clippy::indexing_slicing, reason = "an absent claim of a payload reads as null")]

use std::sync::Once;
use std::thread;
use std::time::Duration;

use gatevault::{GuardError, OAuthHandler, Payload, TokenManager, protected};
use gatevault_tests::{Account, Recorder, quick_hasher};

use crate::{FORGED, access, refresh, tokens};

/// Returns the lines that `act` logs.
pub(crate) fn logged<T>(act: impl FnOnce() -> T) -> Vec<String> {
    static REGISTERED: Once = Once::new();
    REGISTERED.call_once(wait_for_registration);
    recorded(act)
}

/// Waits until the event of a denial is recorded.
///
/// A test on another thread may be registering it at this time, for which `tracing` asks the recorders of before.
fn wait_for_registration() {
    let is_recorded = || {
        thread::sleep(Duration::from_millis(10));
        !recorded(|| pay("", tokens())).is_empty()
    };
    while !(is_recorded() && is_recorded()) {}
}

fn recorded<T>(act: impl FnOnce() -> T) -> Vec<String> {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), act);
    recorder.lines().into_iter().map(|(_, line)| line).collect()
}

type Outcome = Result<(), GuardError>;

#[protected(gate = tokens, require(payload["org_id"] == 7, payload["role"] == "clerk"), max_age = "5m")]
fn pay(tokens: &TokenManager, payload: Payload) -> Outcome {
    drop(payload);
    Ok(())
}

#[protected(gate = tokens, scopes("bills:read", "bills:write"))]
fn bill(tokens: &TokenManager, payload: Payload) -> Outcome {
    drop(payload);
    Ok(())
}

#[protected(gate = tokens, optional)]
fn greet(tokens: &TokenManager, payload: Option<Payload>) -> Outcome {
    drop(payload);
    Ok(())
}

#[test]
fn a_denied_token_is_one_event_with_its_reason() {
    for (token, expected) in [
        ("", "message=denied function=shapes::log::pay denial=a token is required"),
        ("junk", "message=denied function=shapes::log::pay denial=the token is malformed"),
        (FORGED, "the signature does not match"),
        (&refresh(), "wrong kind of token: the `type` claim is not `access`"),
    ] {
        let events = logged(|| pay(token, tokens()));
        assert_eq!(events.len(), 1, "{events:?}");
        assert!(events.iter().all(|event| event.contains(expected)), "{events:?}");
        assert!(token.is_empty() || !events.concat().contains(token), "{events:?}");
    }
}

struct Orders;
struct Invoices<T>(T);

trait Export {
    #[protected(gate = tokens, require = payload["role"] == "clerk")]
    fn export(&self, tokens: &TokenManager, payload: Payload) -> Outcome {
        drop(payload);
        Ok(())
    }
}
impl Export for Orders {}

impl Orders {
    #[protected(gate = tokens)]
    fn list(&self, tokens: &TokenManager) -> Outcome {
        let Self = self;
        Ok(())
    }

    #[protected(gate = tokens)]
    fn all(tokens: &TokenManager) -> Outcome {
        Ok(())
    }
}

impl<T> Invoices<T> {
    #[protected(gate = tokens)]
    async fn list(&self, tokens: &TokenManager) -> Outcome {
        std::future::ready(&self.0).await;
        Ok(())
    }
}

#[test]
fn a_denial_names_the_function_with_its_module_and_a_method_with_its_type() {
    for (events, expected) in [
        (logged(|| Orders.list("", tokens())), "function=shapes::log::Orders::list denial"),
        (logged(|| Orders::all("", tokens())), "function=shapes::log::all denial"),
        (
            logged(|| pollster::block_on(Invoices(1_u8).list("", tokens()))),
            "function=shapes::log::Invoices<u8>::list denial",
        ),
        (logged(|| Orders.export(access(), tokens())), "function=shapes::log::Orders::export denial"),
    ] {
        assert!(events.concat().contains(expected), "{events:?}");
    }
}

#[test]
fn an_unmet_policy_is_one_event_with_its_source_and_the_caller() {
    let access = access();
    let verified = tokens().decode_access_token::<Payload>(&access).unwrap();
    let caller = format!("user={} token_id={:?}", verified.user_id(), verified.token_id().unwrap());
    assert_eq!(
        logged(|| pay(&access, tokens())),
        [format!(
            r#"message=denied function=shapes::log::pay denial=not allowed reason="payload[\"role\"] == \"clerk\"" {caller}"#
        )]
    );
    assert_eq!(
        logged(|| bill(&access, tokens())),
        [format!(
            r#"message=denied function=shapes::log::bill denial=not allowed reason="scopes(\"bills:read\", \"bills:write\")" {caller}"#
        )]
    );
}

#[test]
fn an_optional_guard_logs_the_tokens_it_denies() {
    assert_eq!(logged(|| greet("", tokens())), [""; 0]);
    assert_eq!(logged(|| greet(FORGED, tokens())).len(), 1);
}

#[test]
fn a_login_is_one_event_without_a_secret() {
    let ada = Account::new(1, "correct horse");
    let known = ada.clone();
    let oauth = OAuthHandler::new(tokens().clone(), move |name| (name == "ada").then(|| ada.clone()))
        .lookup_by_id(move |id| (*id == known.id).then(|| known.clone()))
        .hasher(quick_hasher());
    let pair = oauth.login("ada", "correct horse").expect("the credentials are right");

    for (events, expected) in [
        (logged(|| oauth.login("ada", "correct horse")), "message=logged in user=1"),
        (logged(|| oauth.login("ada", "hunter2")), "message=login failed user=1"),
        (logged(|| oauth.login("hunter2", "ada")), "message=login failed"),
        (logged(|| oauth.refresh(&pair.refresh_token)), "message=refreshed user=1"),
    ] {
        assert_eq!(events.len(), 1, "{events:?}");
        assert!(events.concat().starts_with(expected), "{events:?}");
    }
    for token in [pair.access_token.as_str(), FORGED, "junk", ""] {
        let events = logged(|| oauth.refresh(token));
        assert_eq!(events.len(), 1, "{token}: {events:?}");
        assert!(events.concat().contains("refresh token refused"), "{events:?}");
        assert!(token.is_empty() || !events.concat().contains(token), "{events:?}");
    }
}

#[test]
fn a_failed_lookup_is_one_event_with_its_message_escaped() {
    let failing = |_: &str| Err::<Option<Account>, _>("down\n\u{1b}[2J");
    let oauth = OAuthHandler::new(tokens().clone(), failing);
    let events = logged(|| oauth.login("ada", "correct horse"));
    assert_eq!(events, [r#"message=user lookup failed error="down\n\u{1b}[2J""#]);
}

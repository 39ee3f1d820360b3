//! Guards: opened or denied, with the caller.

use std::future::ready;
use std::time::Duration;

use gatevault::event::{Decision, Event};
use gatevault::guard::{GuardedHandler, HandlerGuard};
use gatevault::testing::{Issuer as FakeIssuer, RecordedEvents, mint, record_events};
use gatevault::web::RouteGuard;
use gatevault::{
    Claims, GateVault, GuardError, Issuer, Payload, RemoteKeys, TokenManager, TokenSource, Verified, guarded,
    protected,
};
use pollster::block_on;

use crate::names;

type Outcome = Result<(), GuardError>;

#[derive(Debug, Clone, Claims)]
struct Member {
    user_id: u64,
    #[claims(role)]
    role: String,
}

#[derive(Debug, Claims)]
struct Borrowed<'t> {
    user_id: u64,
    #[claims(role)]
    role: &'t str,
}

#[protected]
fn plain(payload: Payload) -> Outcome {
    let _ = payload;
    Ok(())
}

#[protected]
fn without_payload() -> Outcome {
    Ok(())
}

#[protected(role = "clerk")]
fn role_only() -> Outcome {
    Ok(())
}

#[protected(require = id == 1)]
fn parameter_only(id: u64) -> Outcome {
    let _ = id;
    Ok(())
}

#[protected(role = "clerk", require = id == payload.user_id)]
fn owned(id: u64, payload: Member) -> Outcome {
    let _ = (id, payload);
    Ok(())
}

#[protected(role = "clerk", require = payload.user_id == id)]
fn borrowed(id: u64, payload: Borrowed<'_>) -> Outcome {
    let _ = (id, payload);
    Ok(())
}

#[protected(role = "clerk")]
fn proof(payload: Verified<Member>) -> Outcome {
    let _ = payload;
    Ok(())
}

#[protected(optional, require = payload.as_ref().is_none_or(|member| member.role == "clerk"))]
fn optional(payload: Option<Member>) -> Outcome {
    let _ = payload;
    Ok(())
}

#[protected(optional, require = payload.as_ref().is_none_or(|member| member.role == "clerk"))]
fn optional_borrowed(payload: Option<Borrowed<'_>>) -> Outcome {
    let _ = payload;
    Ok(())
}

#[protected(require = ready(payload.role == "clerk").await)]
async fn awaited(payload: Member) -> Outcome {
    ready(()).await;
    let _ = payload;
    Ok(())
}

#[protected(role = "clerk")]
async fn awaited_borrowed(payload: Borrowed<'_>) -> Outcome {
    ready(()).await;
    let _ = payload;
    Ok(())
}

#[protected(token = tokens.first(), payload = who: Member, require = who.role == "clerk")]
fn of_expression(tokens: &[String]) -> Outcome {
    let _ = who;
    Ok(())
}

#[protected(role = "clerk")]
fn future(payload: Member) -> impl Future<Output = Outcome> {
    drop(payload);
    ready(Ok(()))
}

#[protected(handler, role = "clerk")]
fn early(user: Member) -> Outcome {
    let _ = user;
    Ok(())
}

#[protected(handler, role = "clerk", require = user.user_id == id)]
async fn late(id: u64, user: Member) -> Outcome {
    ready(()).await;
    let _ = (id, user);
    Ok(())
}

#[protected(handler, require = id == 1)]
fn late_parameter(id: u64) -> Outcome {
    let _ = id;
    Ok(())
}

struct Orders;

#[guarded(role = "clerk")]
impl Orders {
    #[protected]
    fn list(&self) -> Outcome {
        let Self = self;
        Ok(())
    }
}

/// A call of a function with a token.
type Call = fn(&str) -> Outcome;

/// Returns a call of each function, by the name of the function.
fn calls() -> Vec<(&'static str, Call)> {
    vec![
        ("role_only", |token| role_only(token)),
        ("parameter_only", |token| parameter_only(token, if is_clerk(token) { 1 } else { 2 })),
        ("owned", |token| owned(token, 1)),
        ("borrowed", |token| borrowed(token, 1)),
        ("proof", |token| proof(token)),
        ("optional", |token| optional(token)),
        ("optional_borrowed", |token| optional_borrowed(token)),
        ("awaited", |token| block_on(awaited(token))),
        ("awaited_borrowed", |token| block_on(awaited_borrowed(token))),
        ("of_expression", |token| of_expression(&[token.to_owned()])),
        ("future", |token| block_on(future(token))),
        ("early", |token| handled(token, early)),
        ("late", |token| handled(token, |guard| block_on(late(guard, 1)))),
        ("late_parameter", |token| {
            handled(token, |guard| late_parameter(guard, if is_clerk(token) { 1 } else { 2 }))
        }),
        ("Orders::list", |token| Orders.list(token)),
    ]
}

/// Calls a handler as a framework does: the guard first, then the function.
fn handled<H: GuardedHandler<Denied = Outcome>>(
    token: &str,
    call: impl FnOnce(HandlerGuard<H>) -> Outcome,
) -> Outcome {
    HandlerGuard::verify(token).map_or_else(|denied| denied, call)
}

fn is_clerk(token: &str) -> bool {
    manager().decode_access_token::<Member>(token).is_ok_and(|member| member.role == "clerk")
}

fn manager() -> TokenManager {
    TokenManager::builder().secret([7; 32]).issuer("https://id.example").build().unwrap()
}

fn member(role: &str) -> Member {
    Member { user_id: 1, role: role.to_owned() }
}

/// Begins to record, with the gate of a manager.
fn begin(tokens: TokenManager) -> (impl Drop, RecordedEvents) {
    (GateVault::new(tokens).install_for_test(), record_events())
}

fn the_only(events: &RecordedEvents) -> Event {
    let events = events.take();
    assert_eq!(events.len(), 1, "{events:?}");
    events.into_iter().next().unwrap()
}

#[test]
fn an_opened_call_is_one_event_with_the_caller_in_every_shape() {
    let (_gate, events) = begin(manager());
    let token = mint(&manager()).session("s-1").token(&member("clerk"));
    let id = manager().decode_access_token::<Member>(&token).unwrap().token_id().unwrap().to_owned();
    for (name, call) in calls() {
        call(&token).unwrap_or_else(|denial| panic!("{name}: {denial}"));
        let event = the_only(&events);
        assert_eq!(event.decision, Decision::Opened, "{name}");
        assert!(event.function.unwrap() == *format!("events::guards::{name}"), "{event}");
        assert_eq!(event.user, Some(1.into()), "{name}");
        assert_eq!(event.token_id.as_deref(), Some(&*id), "{name}");
        assert_eq!(event.session_id.as_deref(), Some("s-1"), "{name}");
        assert_eq!(event.issuer.as_deref(), Some("https://id.example"), "{name}");
    }
}

#[test]
fn a_denial_by_policy_is_one_event_that_names_the_caller_in_every_shape() {
    let (_gate, events) = begin(manager());
    let token = mint(&manager()).session("s-1").token(&member("visitor"));
    for (name, call) in calls() {
        assert!(call(&token).is_err(), "{name}");
        let event = the_only(&events);
        let Decision::Denied { status, denial, reason, .. } = &event.decision else { panic!("{event}") };
        assert_eq!((*status, &**denial), (403, "not allowed"), "{name}");
        assert!(reason.is_some(), "{name}");
        assert_eq!((event.user, event.session_id.as_deref()), (Some(1.into()), Some("s-1")), "{name}");
        assert_eq!(event.issuer.as_deref(), Some("https://id.example"), "{name}");
        assert!(event.token_id.is_some(), "{name}");
    }
}

#[test]
fn a_function_without_policies_is_opened_once() {
    let (_gate, events) = begin(manager());
    let token = mint(&manager()).token(&member("visitor"));
    let calls: [Call; 2] = [|token| plain(token), |token| without_payload(token)];
    for call in calls {
        call(&token).unwrap();
        assert_eq!(the_only(&events).decision, Decision::Opened);
    }
}

#[test]
fn a_call_without_a_token_under_optional_is_opened_without_a_user() {
    let (_gate, events) = begin(manager());
    optional(None::<String>).unwrap();
    let event = the_only(&events);
    assert_eq!((event.decision, event.user), (Decision::Opened, None));
    assert!(optional("forged").is_err());
    assert_eq!(names(&events.take()), ["denied"]);
}

#[test]
fn a_denial_names_the_caller_exactly_if_the_signature_is_genuine() {
    let (_gate, events) = begin(manager());
    let tokens = manager();
    let genuine = mint(&tokens);
    let other = TokenManager::new([8; 32]).unwrap();
    let cases = [
        ("expired", mint(&manager()).expired_ago(Duration::from_mins(1)).token(&member("clerk")), true),
        ("of another kind", mint(&manager()).refresh().token(&member("clerk")), true),
        (
            "of another audience",
            mint(&manager()).issuer("https://other.example").token(&member("clerk")),
            true,
        ),
        ("with other claims", genuine.token(&Payload::new(1)), true),
        ("forged", mint(&other).token(&member("clerk")), false),
        ("malformed", "junk".to_owned(), false),
        ("absent", String::new(), false),
    ];
    for (case, token, is_named) in cases {
        assert!(owned(&token, 1).is_err(), "{case}");
        let event = the_only(&events);
        assert_eq!(event.user.is_some(), is_named, "{case}: {event}");
        assert_eq!(event.token_id.is_some(), is_named, "{case}: {event}");
    }
}

#[test]
fn a_caller_of_another_issuer_has_its_name_and_subject() {
    let issuer = FakeIssuer::start();
    let keys = RemoteKeys::discover(issuer.name()).allow_plain_http().build().unwrap();
    keys.wait(Duration::from_secs(30)).unwrap();
    let accepted = Issuer::new(issuer.name(), keys).audience("shop");
    let (_gate, events) = begin(TokenManager::builder().secret([7; 32]).accept(accepted).build().unwrap());
    let token = issuer.mint().audience("shop").token(&Payload::new("auth0|7").with("role", "visitor"));
    assert!(role_only(&token).is_err());
    let event = the_only(&events);
    assert_eq!(event.user, Some("auth0|7".into()), "{event}");
    assert_eq!(event.issuer.as_deref(), Some(issuer.name()), "{event}");
}

#[test]
fn a_route_guard_is_opened_or_names_whom_it_denies() {
    let guard = RouteGuard::<Member>::with(GateVault::new(manager()))
        .require("a clerk", |member| member.role == "clerk");
    let events = record_events();
    for (role, name) in [("clerk", "opened"), ("visitor", "denied")] {
        let token = mint(&manager()).token(&member(role));
        assert_eq!(guard.authorize(&token).is_ok(), name == "opened");
        let event = the_only(&events);
        assert_eq!((event.decision.name(), event.user), (name, Some(1.into())));
        assert!(event.function.unwrap() == "RouteGuard");
    }
}

#[test]
fn text_from_outside_stays_on_its_line_in_every_form() {
    const HOSTILE: &str = "eve\n2026-01-01 INFO logged in\u{1b}[31m\u{202e}\0\"}";
    let (_gate, events) = begin(manager());
    let token = mint(&manager()).session(HOSTILE).token(&Payload::new(HOSTILE).with("role", HOSTILE));
    assert!(role_only(&token).is_err());
    let event = the_only(&events);
    assert_eq!((event.user.clone(), event.session_id.as_deref()), (Some(HOSTILE.into()), Some(HOSTILE)));
    for line in [event.to_string(), format!("{event:?}"), serde_json::to_string(&event).unwrap()] {
        assert!(!line.contains(['\n', '\u{1b}', '\0']), "{line}");
    }
    assert!(!event.to_string().contains('\u{202e}'), "{event}");
}

#[test]
fn an_event_is_a_line_and_a_map() {
    let (_gate, events) = begin(manager());
    let token = mint(&manager()).session("s-1").token(&member("visitor"));
    assert!(role_only(&token).is_err());
    let event = the_only(&events);
    let id = event.token_id.clone().unwrap();
    assert_eq!(
        event.to_string(),
        format!(
            "denied function=events::guards::role_only user=1 token_id=\"{id}\" session_id=\"s-1\" \
             issuer=\"https://id.example\" status=403 denial=\"not allowed\" reason=\"role = \\\"clerk\\\"\""
        )
    );
    assert_eq!(
        serde_json::to_value(&event).unwrap(),
        serde_json::json!({
            "event": "denied", "function": "events::guards::role_only", "user": 1, "token_id": id,
            "session_id": "s-1", "issuer": "https://id.example", "status": 403, "denial": "not allowed",
            "reason": "role = \"clerk\"",
        })
    );
}

#[test]
fn the_path_of_a_function_is_that_of_its_record() {
    let (_gate, events) = begin(manager());
    assert!(Orders.list("").is_err());
    assert_eq!(the_only(&events).function.unwrap().to_string(), Orders::GUARDS[0].path);
}

#[test]
fn a_test_source_of_tokens_is_read_as_often_as_by_a_call_without_events() {
    use std::borrow::Cow;
    use std::cell::Cell;

    struct Counted<'t>(&'t str, Cell<u32>);
    impl TokenSource for Counted<'_> {
        fn token(&self) -> Option<Cow<'_, str>> {
            self.1.set(self.1.get() + 1);
            Some(self.0.into())
        }
    }
    let (_gate, _events) = begin(manager());
    let token = mint(&manager()).token(&member("visitor"));
    let source = Counted(&token, Cell::new(0));
    assert!(owned(&source, 1).is_err());
    assert_eq!(source.1.get(), 1);
}

//! Whom the events of logins and sessions name: user, token, session, issuer and address, as far as they are known.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use gatevault::error::BoxError;
use gatevault::event::Event;
use gatevault::login::{ChangePasswords, HashUpdate, SessionRequest, StepUpRequest};
use gatevault::testing::{self, ManualClock, PASSWORD, RecordedEvents, TestUser, record_events};
use gatevault::token::Purpose;
use gatevault::web::{HttpRequest, HttpResponse, TokenEndpoint};
use gatevault::{
    ApiKeys, AttemptLimit, AuthRoutes, KeyRequest, LoginRequest, LoginThrottle, MemoryAttempts, OAuthHandler,
    Payload, SyncUserStore, TokenManager, UserId,
};
use gatevault_tests::timed;

use crate::names;

const ADDRESS: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7));
const ISSUER: &str = "https://id.example";
const RESET: Purpose = Purpose::new("reset", Duration::from_mins(10)).once();
const TICKET: Purpose = Purpose::new("ticket", Duration::from_mins(10));

struct Fixture {
    oauth: OAuthHandler<Leaving>,
    tokens: TokenManager,
    clock: ManualClock,
    is_gone: Arc<AtomicBool>,
    events: RecordedEvents,
}

/// A store with one user, until the user is gone.
struct Leaving(Arc<AtomicBool>);

impl Leaving {
    fn find(&self) -> Option<TestUser> {
        (!self.0.load(Ordering::SeqCst)).then(ada)
    }
}

impl SyncUserStore for Leaving {
    type User = TestUser;
    type Claims = Payload;

    fn find_by_name(&self, name: &str) -> Result<Option<TestUser>, BoxError> {
        Ok(self.find().filter(|_| ["ada", "ada@mail.example"].contains(&name)))
    }
    fn find_by_id(&self, id: &UserId) -> Result<Option<TestUser>, BoxError> {
        Ok(self.find().filter(|_| *id == 1.into()))
    }
}

impl ChangePasswords for Leaving {
    async fn change_password(&self, _: HashUpdate) -> Result<bool, BoxError> {
        Ok(true)
    }
}

fn ada() -> TestUser {
    TestUser::new(1, "ada").with_scopes(["posts:read"])
}

fn fixture() -> Fixture {
    let (builder, clock) = timed();
    let tokens = builder.issuer(ISSUER).build().unwrap();
    let is_gone = Arc::new(AtomicBool::new(false));
    let oauth = OAuthHandler::with_sync_users(tokens.clone(), Leaving(Arc::clone(&is_gone)))
        .hasher(testing::hasher());
    Fixture { oauth, tokens, clock, is_gone, events: record_events() }
}

impl Fixture {
    fn log_in(&self) -> gatevault::TokenPair {
        let pair = self.oauth.login("ada", PASSWORD).unwrap();
        drop(self.events.take());
        pair
    }

    /// Returns the only event, whose decision has this name.
    #[track_caller]
    fn the_only(&self, name: &str) -> Event {
        let events = self.events.take();
        assert_eq!(names(&events), [name], "{events:?}");
        events.into_iter().next().unwrap()
    }

    /// Asserts that the only event has this name, and that it names the user, the session and the token.
    #[track_caller]
    fn names_all_of(&self, name: &str, token: &str) {
        let (id, session) = ids(token);
        let event = self.the_only(name);
        assert_eq!(
            (event.user.as_ref(), event.issuer.as_deref()),
            (Some(&1.into()), Some(ISSUER)),
            "{event}"
        );
        assert_eq!((event.token_id, event.session_id), (id, session));
    }
}

/// Returns the `jti` and the `sid` of a token, without verification.
fn ids(token: &str) -> (Option<String>, Option<String>) {
    use base64::Engine as _;
    let claims = token.split('.').nth(1).unwrap();
    let claims = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
    let text = |name: &str| claims.get(name)?.as_str().map(str::to_owned);
    (text("jti"), text("sid"))
}

#[test]
fn a_login_names_its_access_token_and_a_refresh_the_token_that_was_presented() {
    let all = fixture();
    let pair = all.oauth.login_with(LoginRequest::new("ada", PASSWORD).from_address(ADDRESS)).unwrap();
    all.names_all_of("logged_in", &pair.access_token);
    let begun = all.oauth.begin_session(&ada(), SessionRequest::new()).unwrap();
    all.names_all_of("session_begun", &begun.access_token);
    let next = all.oauth.refresh(&pair.refresh_token).unwrap();
    all.names_all_of("refreshed", &pair.refresh_token);
    all.oauth.step_up(&ada(), &next.access_token, StepUpRequest::new().amr(["otp"])).unwrap();
    all.names_all_of("stepped_up", &next.access_token);
}

#[test]
fn a_refused_refresh_names_whom_the_token_names_in_each_case() {
    let all = fixture();
    let first = all.log_in();
    let second = all.oauth.refresh(&first.refresh_token).unwrap();
    all.oauth.refresh(&second.refresh_token).unwrap();
    all.clock.advance(Duration::from_mins(1));
    drop(all.events.take());
    assert!(all.oauth.refresh(&first.refresh_token).is_err());
    all.names_all_of("refresh_token_reused", &first.refresh_token);
    assert!(all.oauth.refresh(&second.refresh_token).is_err());
    all.names_all_of("refresh_refused", &second.refresh_token);

    let pair = all.log_in();
    assert!(all.oauth.refresh(&pair.access_token).is_err());
    all.names_all_of("refresh_refused", &pair.access_token);
    all.clock.advance(all.tokens.refresh_expiry());
    assert!(all.oauth.refresh(&pair.refresh_token).is_err());
    all.names_all_of("refresh_refused", &pair.refresh_token);

    let pair = all.log_in();
    all.is_gone.store(true, Ordering::SeqCst);
    assert!(all.oauth.refresh(&pair.refresh_token).is_err());
    all.names_all_of("user_gone", &pair.refresh_token);
}

#[test]
fn a_refused_refresh_of_a_forged_or_missing_token_names_no_user() {
    let all = fixture();
    let pair = all.log_in();
    let forged = format!("{}A", pair.refresh_token.rsplit_once('.').unwrap().0.to_owned() + ".AAAA");
    for token in [None, Some("forged"), Some(&*forged)] {
        assert!(all.oauth.refresh(token).is_err());
        let refused = all.the_only("refresh_refused");
        assert_eq!((refused.user, refused.token_id, refused.session_id, refused.issuer), Default::default());
    }
}

#[test]
fn a_logout_with_a_token_that_is_not_accepted_names_whom_it_names() {
    let all = fixture();
    let pair = all.log_in();
    assert!(all.oauth.logout(&pair.access_token).is_err());
    all.names_all_of("refresh_refused", &pair.access_token);
}

#[test]
fn without_a_session_store_a_refused_refresh_and_a_logout_name_the_token() {
    let Fixture { oauth, tokens, clock, is_gone, events } = fixture();
    let all = Fixture { oauth: oauth.stateless(), tokens, clock, is_gone, events };
    let pair = all.log_in();
    all.oauth.logout(&pair.refresh_token).unwrap();
    all.names_all_of("logged_out", &pair.refresh_token);
    assert!(all.oauth.refresh(&pair.refresh_token).is_err());
    all.names_all_of("refresh_refused", &pair.refresh_token);
    let pair = all.log_in();
    all.oauth.logout_everywhere(1, ApiKeys::End).unwrap();
    let everywhere = all.the_only("logged_out_everywhere");
    assert_eq!((everywhere.user, everywhere.issuer.as_deref()), (Some(1.into()), Some(ISSUER)));
    assert!(all.oauth.refresh(&pair.refresh_token).is_err());
    all.names_all_of("refresh_refused", &pair.refresh_token);
}

#[test]
fn every_refused_step_up_is_an_event_with_the_user_and_the_token() {
    let all = fixture();
    let request = || StepUpRequest::new().amr(["otp"]);
    for token in [None, Some("forged")] {
        assert!(all.oauth.step_up(&ada(), token, request()).is_err());
        let refused = all.the_only("step_up_refused");
        assert_eq!((refused.user, refused.token_id), (Some(1.into()), None));
    }
    let pair = all.log_in();
    assert!(all.oauth.step_up(&TestUser::new(2, "eve"), &pair.access_token, request()).is_err());
    let refused = all.the_only("step_up_refused");
    let (id, session) = ids(&pair.access_token);
    assert_eq!((refused.user, refused.token_id, refused.session_id), (Some(2.into()), id, session));

    all.clock.advance(all.tokens.access_expiry());
    assert!(all.oauth.step_up(&ada(), &pair.access_token, request()).is_err());
    all.names_all_of("step_up_refused", &pair.access_token);

    let pair = all.log_in();
    all.oauth.logout(&pair.refresh_token).unwrap();
    drop(all.events.take());
    assert!(all.oauth.step_up(&ada(), &pair.access_token, request()).is_err());
    all.names_all_of("step_up_refused", &pair.access_token);
}

#[test]
fn a_failed_login_names_the_account_the_issuer_and_the_address() {
    let all = fixture();
    for (name, password, user) in
        [("ada", "wrong", Some(1.into())), ("bob", "wrong", None), ("ada\0", PASSWORD, None)]
    {
        let request = LoginRequest::new(name, password).from_address(ADDRESS);
        assert!(all.oauth.login_with(request).is_err());
        let failed = all.the_only("login_failed");
        assert_eq!((failed.user, failed.address), (user, Some(ADDRESS)), "{name}");
        assert_eq!(failed.issuer.as_deref(), Some(ISSUER));
    }
}

#[test]
fn a_pause_names_the_account_if_the_lookup_has_found_it() {
    let Fixture { oauth, tokens, clock, is_gone, events } = fixture();
    let limit = AttemptLimit::new(1, Duration::from_mins(1));
    let throttle = LoginThrottle::new(MemoryAttempts::new()).per_account(limit);
    let all = Fixture { oauth: oauth.throttle(throttle), tokens, clock, is_gone, events };
    let guess = |name| {
        let denial =
            all.oauth.login_with(LoginRequest::new(name, "wrong").from_address(ADDRESS)).unwrap_err();
        (denial.status(), all.events.take().pop().unwrap())
    };
    while guess("ada").0 == 401 {}
    for (name, user) in [("ada", None), ("ada@mail.example", Some(1.into()))] {
        let (status, throttled) = guess(name);
        assert_eq!((status, throttled.decision.name()), (429, "throttled"));
        assert_eq!((throttled.user, throttled.address), (user, Some(ADDRESS)), "{name}");
        assert_eq!(throttled.issuer.as_deref(), Some(ISSUER));
    }
}

#[test]
fn a_refused_api_key_names_its_user_and_its_id_as_far_as_they_are_known() {
    let all = fixture();
    let key = all.oauth.create_key(1, KeyRequest::new("import").scopes(["posts:read"])).unwrap();
    let created = all.the_only("key_created");
    assert_eq!((created.session_id.as_deref(), created.issuer.as_deref()), (Some(&*key.id), Some(ISSUER)));
    let token = all.oauth.exchange_key(&key.key).unwrap();
    all.names_all_of("key_exchanged", &token.access_token);
    assert_eq!(ids(&token.access_token).1.as_deref(), Some(&*key.id));

    all.is_gone.store(true, Ordering::SeqCst);
    assert!(all.oauth.exchange_key(&key.key).is_err());
    let refused = all.the_only("key_refused");
    assert_eq!((refused.user, refused.session_id.as_deref()), (Some(1.into()), Some(&*key.id)));

    assert!(all.oauth.revoke(1, &key.id).unwrap());
    drop(all.events.take());
    assert!(all.oauth.exchange_key(&key.key).is_err());
    let refused = all.the_only("key_refused");
    assert_eq!((refused.user, refused.session_id.as_deref()), (None, Some(&*key.id)));

    assert!(all.oauth.exchange_key("gv_malformed").is_err());
    let refused = all.the_only("key_refused");
    assert_eq!((refused.user, refused.session_id, refused.issuer.as_deref()), (None, None, Some(ISSUER)));
}

#[test]
fn a_refused_purpose_token_names_its_user_if_its_signature_is_genuine() {
    let all = fixture();
    let link = all.tokens.create_purpose_token(&RESET, &UserId::from(1), "state").unwrap();
    assert!(all.oauth.redeem_purpose_token(&RESET, &link, "another state").is_err());
    assert_eq!(all.the_only("purpose_refused").user, None, "the state is signed too");
    assert!(all.oauth.redeem_purpose_token(&TICKET, &link, "state").is_err());
    assert_eq!(all.the_only("purpose_refused").user, None, "and so is the purpose");
    assert!(all.oauth.redeem_purpose_token(&RESET, &link, "state").is_ok());
    all.names_all_of("purpose_redeemed", &link);
    assert!(all.oauth.redeem_purpose_token(&RESET, &link, "state").is_err());
    all.names_all_of("purpose_refused", &link);
    let late = all.tokens.create_purpose_token(&TICKET, &UserId::from(1), "").unwrap();
    all.clock.advance(TICKET.lifetime());
    assert!(all.oauth.redeem_purpose_token(&TICKET, &late, "").is_err());
    all.names_all_of("purpose_refused", &late);
}

fn ask(routes: &AuthRoutes<Leaving>, path: &str, form: &str) -> HttpResponse {
    let request =
        HttpRequest::new("POST", path).with_header("content-type", b"application/x-www-form-urlencoded");
    routes.respond(&request, Some(form.as_bytes()))
}

#[test]
fn each_request_of_an_oauth_client_is_one_event_that_names_whom_it_concerns() {
    let Fixture { oauth, tokens, clock, is_gone, events } = fixture();
    let key = oauth.create_key(1, KeyRequest::new("import").scopes(["posts:read"])).unwrap().key;
    let oauth = Arc::new(oauth);
    let routes =
        AuthRoutes::new(Arc::clone(&oauth)).with_token_endpoint(TokenEndpoint::new(ISSUER).unwrap()).unwrap();
    let pair = oauth.login("ada", PASSWORD).unwrap();
    drop(events.take());
    let named = |name: &str, token: &str| {
        let recorded = events.take();
        assert_eq!(names(&recorded), [name]);
        let (id, session) = ids(token);
        let event = recorded.into_iter().next().unwrap();
        assert_eq!((event.user, event.token_id, event.session_id), (Some(1.into()), id, session));
        assert_eq!(event.issuer.as_deref(), Some(ISSUER));
    };
    assert_eq!(ask(&routes, "/revoke", &format!("token={}", pair.access_token)).status, 200);
    named("revoked", &pair.access_token);
    assert_eq!(ask(&routes, "/revoke", &format!("token={}", pair.access_token)).status, 200);
    named("refresh_refused", &pair.access_token);
    assert_eq!(ask(&routes, "/revoke", "token=forged").status, 200);
    assert_eq!(names(&events.take()), ["refresh_refused"]);

    let form = format!("grant_type=refresh_token&scope=posts%3Awrite&refresh_token={}", pair.refresh_token);
    assert_eq!(ask(&routes, "/token", &form).status, 400);
    let refused = events.take();
    assert_eq!(names(&refused), ["scope_not_granted"]);
    assert_eq!((&refused[0].user, &refused[0].session_id), (&Some(1.into()), &ids(&pair.refresh_token).1));
    let form = format!("grant_type=client_credentials&scope=posts%3Awrite&client_id=a&client_secret={key}");
    assert_eq!(ask(&routes, "/token", &form).status, 400);
    let refused = events.take();
    assert_eq!((names(&refused), &refused[0].user), (vec!["scope_not_granted"], &Some(1.into())));

    let wrong = "grant_type=client_credentials&client_id=a&client_secret=gv_wrong";
    assert_eq!(ask(&routes, "/token", wrong).status, 401);
    assert_eq!(names(&events.take()), ["key_refused"]);
    drop((tokens, clock, is_gone));
}

#[test]
fn the_routes_for_browsers_name_the_visitor_whose_request_they_refuse() {
    let Fixture { oauth, tokens, clock, is_gone, events } = fixture();
    let oauth = Arc::new(oauth);
    let routes = AuthRoutes::new(Arc::clone(&oauth));
    let pair = oauth.login("ada", PASSWORD).unwrap();
    drop(events.take());
    let cookie = format!("__Host-refresh_token={}", pair.refresh_token);
    for path in ["/refresh", "/logout"] {
        let request = HttpRequest::new("POST", path).with_header("cookie", cookie.as_bytes());
        assert_eq!(routes.respond(&request, None).status, 403, "{path}");
        let refused = events.take();
        assert_eq!(names(&refused), ["request_refused"]);
        let (id, session) = ids(&pair.refresh_token);
        assert_eq!(
            (&refused[0].user, &refused[0].token_id, &refused[0].session_id),
            (&Some(1.into()), &id, &session)
        );
        assert_eq!(refused[0].issuer.as_deref(), Some(ISSUER));
    }
    let bearer = format!("Bearer {}", pair.access_token);
    let request = HttpRequest::new("GET", "/sessions").with_header("authorization", bearer.as_bytes());
    assert_eq!(routes.respond(&request, None).status, 200);
    let opened = events.take();
    assert_eq!((names(&opened), opened[0].issuer.as_deref()), (vec!["opened"], Some(ISSUER)));
    drop((tokens, clock, is_gone));
}

#[test]
fn a_password_change_names_the_user_and_the_session_also_if_the_user_is_gone() {
    let Fixture { oauth, tokens, clock, is_gone, events } = fixture();
    let oauth = Arc::new(oauth);
    let routes = AuthRoutes::new(Arc::clone(&oauth)).with_password_change();
    let pair = oauth.login("ada", PASSWORD).unwrap();
    let bearer = format!("Bearer {}", pair.access_token);
    let change = |current: &str| {
        let request = HttpRequest::new("POST", "/password")
            .with_header("authorization", bearer.as_bytes())
            .with_header("content-type", b"application/json");
        let body = format!(r#"{{"current_password":"{current}","new_password":"a long and new password"}}"#);
        drop(events.take());
        let status = routes.respond(&request, Some(body.as_bytes())).status;
        (status, events.take())
    };
    let named = |events: &[Event], name: &str| {
        let event = events.iter().find(|event| event.decision.name() == name).unwrap();
        assert_eq!((&event.user, &event.session_id), (&Some(1.into()), &ids(&pair.access_token).1));
        assert_eq!(event.issuer.as_deref(), Some(ISSUER));
    };
    let (status, recorded) = change("wrong");
    assert_eq!((status, names(&recorded)), (403, vec!["opened", "wrong_current_password"]));
    named(&recorded, "wrong_current_password");
    is_gone.store(true, Ordering::SeqCst);
    let (status, recorded) = change(PASSWORD);
    assert_eq!((status, names(&recorded)), (401, vec!["opened", "user_gone"]));
    named(&recorded, "user_gone");
    drop((tokens, clock));
}

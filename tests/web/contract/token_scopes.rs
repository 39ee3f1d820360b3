//! Scopes at the token endpoint, without a framework: with and without a session store, and in each form of claims.

use std::sync::{Arc, Mutex};

use gatevault::claims::{ClaimWriter, ToClaims};
use gatevault::error::TokenError;
use gatevault::login::{StepUpRequest, SyncLookup};
use gatevault::web::{HttpRequest, HttpResponse, TokenEndpoint};
use gatevault::{AuthRoutes, Claims, KeyRequest, OAuthHandler, Payload, TokenManager};
use gatevault_tests::{Account, SECRET, quick_hasher};
use gatevault_web_tests::PASSWORD;
use serde_json::{Value, json};

type Handler = OAuthHandler<SyncLookup<Account>>;

/// A service whose user has the scopes of the cell.
struct Service {
    oauth: Arc<Handler>,
    routes: AuthRoutes<SyncLookup<Account>>,
    scopes: Arc<Mutex<Value>>,
    ada: Account,
}

fn handler(ada: &Account) -> Handler {
    let (ada, again) = (ada.clone(), ada.clone());
    OAuthHandler::new(TokenManager::new(SECRET).unwrap(), move |_: &str| Some(ada.clone()))
        .lookup_by_id(move |_| Some(again.clone()))
        .hasher(quick_hasher())
}

fn routes(oauth: &Arc<Handler>) -> AuthRoutes<SyncLookup<Account>> {
    let endpoint = TokenEndpoint::new("https://id.example").unwrap();
    AuthRoutes::new(Arc::clone(oauth)).without_cookies().with_token_endpoint(endpoint).unwrap()
}

impl Service {
    fn new(name: &'static str, scopes: Value, finish: fn(Handler) -> Handler) -> Self {
        let scopes = Arc::new(Mutex::new(scopes));
        let held = Arc::clone(&scopes);
        let claims = move |account: &Account| {
            Payload::new(account.id.clone()).with(name, held.lock().unwrap().clone()).with("role", "admin")
        };
        let ada = Account::new(1, PASSWORD);
        let oauth = Arc::new(finish(handler(&ada)).claims(claims));
        Self { routes: routes(&oauth), oauth, scopes, ada }
    }

    /// Creates one with a store in memory, and one without a store.
    fn both() -> [Self; 2] {
        let keep = |oauth: Handler| oauth;
        [Self::new("scope", "a b c".into(), keep), Self::new("scope", "a b c".into(), Handler::stateless)]
    }

    fn log_in(&self, scope: &str) -> Value {
        body(&post(&self.routes, &format!("grant_type=password&username=ada&password={ENCODED}{scope}")))
    }

    fn refresh(&self, pair: &Value, scope: &str) -> Value {
        let token = pair["refresh_token"].as_str().unwrap();
        body(&post(&self.routes, &format!("grant_type=refresh_token&refresh_token={token}{scope}")))
    }

    /// Returns the scopes in the access token of a pair.
    fn granted(&self, pair: &Value, name: &str) -> Value {
        let access = pair["access_token"].as_str().unwrap_or_else(|| panic!("{pair}"));
        self.oauth.tokens().decode_access_token::<Payload>(access).unwrap()[name].clone()
    }
}

const ENCODED: &str = "correct+horse+%26+battery";

fn post<S: gatevault::SyncUserStore>(routes: &AuthRoutes<S>, form: &str) -> HttpResponse {
    let request = HttpRequest::new("POST", "/token");
    let request = request.with_header("content-type", b"application/x-www-form-urlencoded");
    routes.respond(&request, Some(form.as_bytes()))
}

fn body(response: &HttpResponse) -> Value {
    serde_json::from_str(&response.body).unwrap()
}

#[test]
fn a_session_stays_within_the_scopes_of_its_login() {
    for service in Service::both() {
        let first = service.log_in("&scope=b+a");
        assert_eq!((&first["scope"], service.granted(&first, "scope")), (&json!("b a"), json!("a b")));
        let second = service.refresh(&first, "");
        assert_eq!((&second["scope"], service.granted(&second, "scope")), (&Value::Null, json!("a b")));
        let third = service.oauth.refresh(second["refresh_token"].as_str().unwrap()).unwrap();
        let third = json!(third);
        assert_eq!(service.granted(&third, "scope"), "a b");
        assert_eq!(service.granted(&third, "role"), "admin", "a scope limits no role");
        for scope in ["&scope=c", "&scope=a+c", "&scope=a+b+c"] {
            assert_eq!(service.refresh(&third, scope)["error"], "invalid_scope", "{scope}");
        }
        assert_eq!(service.granted(&service.refresh(&third, ""), "scope"), "a b", "no token was used up");
    }
}

#[test]
fn a_narrower_refresh_holds_for_its_access_token_alone() {
    for service in Service::both() {
        for login in ["", "&scope=a+b"] {
            let whole = if login.is_empty() { "a b c" } else { "a b" };
            let first = service.log_in(login);
            let narrow = service.refresh(&first, "&scope=b");
            assert_eq!((&narrow["scope"], service.granted(&narrow, "scope")), (&json!("b"), json!("b")));
            let again = service.refresh(&first, "&scope=a");
            assert_eq!(service.granted(&again, "scope"), "a", "within the grace");
            let next = service.refresh(&narrow, "");
            assert_eq!((&next["scope"], service.granted(&next, "scope")), (&Value::Null, json!(whole)));
        }
    }
}

#[test]
fn scopes_that_the_user_loses_are_gone_at_the_next_refresh_and_new_ones_do_not_join() {
    for service in Service::both() {
        let first = service.log_in("&scope=a+b");
        *service.scopes.lock().unwrap() = "b c".into();
        let second = service.refresh(&first, "");
        assert_eq!(service.granted(&second, "scope"), "b");
        assert_eq!(service.refresh(&second, "&scope=a")["error"], "invalid_scope");
        assert_eq!(service.refresh(&second, "&scope=c")["error"], "invalid_scope");
        *service.scopes.lock().unwrap() = "a b c".into();
        assert_eq!(service.granted(&service.refresh(&second, ""), "scope"), "a b");
    }
}

#[test]
fn a_step_up_stays_within_the_scopes_of_the_session() {
    let [service, _] = Service::both();
    let first = service.log_in("&scope=a");
    let access = first["access_token"].as_str().unwrap();
    let raised = service.oauth.step_up(&service.ada, access, StepUpRequest::new().amr(["otp"])).unwrap();
    let caller = service.oauth.tokens().decode_access_token::<Payload>(&raised.access_token).unwrap();
    assert_eq!((&caller["scope"], caller.amr().collect::<Vec<_>>()), (&json!("a"), vec!["otp"]));
    let next = service.refresh(&json!(raised), "");
    assert_eq!(service.granted(&next, "scope"), "a");
}

#[test]
fn the_claims_name_their_scopes_in_each_known_form() {
    let keep: fn(Handler) -> Handler = |oauth| oauth;
    for name in ["scope", "scp"] {
        for (held, kept) in [(json!("a b c"), json!("a")), (json!(["a", "b"]), json!(["a"]))] {
            let service = Service::new(name, held, keep);
            assert_eq!(service.granted(&service.log_in("&scope=a"), name), kept);
            assert_eq!(service.log_in("&scope=a+d")["error"], "invalid_scope");
        }
    }
    for none in [json!(""), json!([]), Value::Null, json!("ab a:b A"), json!(["a b"]), json!([["a"], 7])] {
        for finish in [keep, Handler::stateless] {
            let service = Service::new("scope", none.clone(), finish);
            assert_eq!(service.log_in("&scope=a")["error"], "invalid_scope", "{none}");
            assert_eq!(
                service
                    .oauth
                    .tokens()
                    .decode_access_token::<Payload>(service.log_in("")["access_token"].as_str().unwrap())
                    .unwrap()["role"],
                "admin"
            );
        }
    }
    let without = Service::new("rights", "a".into(), keep);
    assert_eq!(without.log_in("&scope=a")["error"], "invalid_scope", "no claim that holds scopes");
    for other in [json!(7), json!({ "a": true })] {
        let service = Service::new("scope", other, keep);
        assert_eq!(service.log_in("&scope=a")["error"], "server_error", "a fault of the service");
    }
}

#[derive(Debug, Claims)]
struct Marked {
    user_id: u64,
    #[claims(scope)]
    rights: Vec<String>,
    scope: String,
}

/// Claims by hand, whose scopes are declared.
struct ByHand;

impl ToClaims for ByHand {
    fn write_claims(&self, claims: &mut ClaimWriter<'_>) -> Result<(), TokenError> {
        claims.subject(&1_u64)?;
        claims.declare_scopes("rights");
        claims.claim("rights", "a b")
    }
}

#[test]
fn scopes_under_a_name_of_the_application_are_narrowed() {
    let marked = |_: &Account| Marked {
        user_id: 1,
        rights: ["a", "b"].map(str::to_owned).into(),
        scope: "b c".into(),
    };
    let form = |scope: &str| format!("grant_type=password&username=ada&password={ENCODED}&scope={scope}");
    let ada = Account::new(1, PASSWORD);
    let oauth = Arc::new(handler(&ada).claims(marked));
    let routes_of_marked = routes(&oauth);
    for (scope, rights, others) in
        [("a", json!(["a"]), ""), ("b", json!(["b"]), "b"), ("c+a", json!(["a"]), "c")]
    {
        let pair = body(&post(&routes_of_marked, &form(scope)));
        let access = pair["access_token"].as_str().unwrap();
        let claims = oauth.tokens().decode_access_token::<Payload>(access).unwrap();
        assert_eq!((&claims["rights"], &claims["scope"]), (&rights, &json!(others)));
    }
    assert_eq!(body(&post(&routes_of_marked, &form("d")))["error"], "invalid_scope");

    let oauth = Arc::new(handler(&ada).claims(|_: &Account| ByHand));
    let pair = body(&post(&routes(&oauth), &form("b")));
    let claims =
        oauth.tokens().decode_access_token::<Payload>(pair["access_token"].as_str().unwrap()).unwrap();
    assert_eq!(claims["rights"], "b");
    assert_eq!(body(&post(&routes(&oauth), &form("c")))["error"], "invalid_scope");
}

#[test]
fn the_key_of_a_user_who_lost_a_scope_does_not_get_it() {
    let [service, stateless] = Service::both();
    let key = service.oauth.create_key(1, KeyRequest::new("ci").scopes(["a", "d"])).unwrap().key;
    let exchange = |scope: &str| {
        body(&post(&service.routes, &format!("grant_type=client_credentials&client_secret={key}{scope}")))
    };
    assert_eq!(service.granted(&exchange("&scope=a"), "scope"), "a");
    assert_eq!(service.granted(&exchange(""), "scope"), "a");
    assert_eq!(exchange("&scope=d")["error"], "invalid_scope");
    assert_eq!(exchange("&scope=b")["error"], "invalid_scope");
    *service.scopes.lock().unwrap() = "b d".into();
    assert_eq!(exchange("&scope=a")["error"], "invalid_scope");
    assert_eq!(service.granted(&exchange("&scope=d"), "scope"), "d");

    let form = format!("grant_type=client_credentials&client_secret={key}");
    assert_eq!(body(&post(&stateless.routes, &form))["error"], "unsupported_grant_type");
}

#[test]
fn a_refresh_token_of_the_application_s_own_keeps_every_scope_of_the_user() {
    let [_, stateless] = Service::both();
    let own = Payload::new(1).with("scope", "a");
    let own = json!({ "refresh_token": stateless.oauth.tokens().create_refresh_token(&own).unwrap() });
    assert_eq!(stateless.granted(&stateless.refresh(&own, ""), "scope"), "a b c");
}

/// A client that was given some of its user's scopes could otherwise create a key with all of them.
#[test]
fn a_key_of_a_login_has_no_more_scopes_than_the_login() {
    let service = Service::new("scope", "a b c".into(), |oauth| oauth);
    let session_of = |pair: &Value| {
        let access = pair["access_token"].as_str().unwrap();
        let caller = service.oauth.tokens().decode_access_token::<Payload>(access).unwrap();
        caller.session_id().unwrap().to_owned()
    };
    let limited = session_of(&service.log_in("&scope=b+a"));
    let request = || KeyRequest::new("ci").of_login(Some(&limited));
    for wider in [request(), request().scopes(["c"]), request().scopes(["a", "c"])] {
        assert_eq!(service.oauth.create_key(1, wider).unwrap_err().status(), 403);
    }
    assert!(service.oauth.api_keys(1).unwrap().is_empty(), "a refused key leaves nothing");
    for within in [request().scopes(["a"]), request().scopes(["b", "a"])] {
        assert!(service.oauth.create_key(1, within).is_ok());
    }
    let unlimited = session_of(&service.log_in(""));
    assert!(service.oauth.create_key(1, KeyRequest::new("ci").of_login(Some(&unlimited))).is_ok());
}

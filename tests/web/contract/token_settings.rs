//! The settings of the token endpoint, and what a stateless handler serves.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use gatevault::error::ConfigError;
use gatevault::login::SyncLookup;
use gatevault::testing::ManualClock;
use gatevault::token::Invalidated;
use gatevault::web::{HttpRequest, HttpResponse, Pages, TokenEndpoint};
use gatevault::{
    AuthRoutes, AuthUser, KeyRing, MemorySessions, OAuthHandler, Payload, RevocationFeed, SigningKey,
    TokenManager, UserId,
};
use gatevault_tests::{Account, Recorder, SECRET, Waiting, quick_hasher};
use gatevault_web_tests::{PASSWORD, PRIVATE_KEY};
use serde_json::{Value, json};

type Routes = AuthRoutes<SyncLookup<Account>>;

fn over(
    oauth: impl FnOnce(OAuthHandler<SyncLookup<Account>>) -> OAuthHandler<SyncLookup<Account>>,
) -> Routes {
    let ada = Account::new(1, PASSWORD);
    let again = ada.clone();
    let handler = OAuthHandler::new(TokenManager::new(SECRET).unwrap(), move |_: &str| Some(ada.clone()));
    AuthRoutes::new(oauth(handler.lookup_by_id(move |_| Some(again.clone())).hasher(quick_hasher())))
}

fn endpoint() -> TokenEndpoint {
    TokenEndpoint::new("https://id.example").unwrap()
}

fn get(routes: &Routes, path: &str) -> Value {
    let response = routes.respond(&HttpRequest::new("GET", path), Some(b""));
    assert_eq!(response.status, 200, "{path}");
    serde_json::from_str(&response.body).unwrap()
}

fn post(routes: &Routes, path: &str, form: &str) -> HttpResponse {
    let request = HttpRequest::new("POST", path);
    let request = request.with_header("content-type", b"application/x-www-form-urlencoded");
    routes.respond(&request, Some(form.as_bytes()))
}

fn error(response: &HttpResponse) -> Value {
    serde_json::from_str::<Value>(&response.body).unwrap()["error"].clone()
}

const METADATA: &str = "/.well-known/oauth-authorization-server";
const ADA: &str = "grant_type=password&username=ada&password=correct+horse+%26+battery";

#[test]
fn without_the_setting_there_are_no_routes_for_clients() {
    let routes = over(|oauth| oauth);
    assert!(!routes.has("/token") && !routes.has("/revoke") && !routes.has(METADATA));
    assert!(routes.paths("{id}").iter().all(|path| !path.contains("token") && !path.contains("revoke")));
    assert_eq!(post(&routes, "/token", ADA).status, 404);
    let with = over(|oauth| oauth).with_token_endpoint(endpoint()).unwrap().mounted_at("/auth").unwrap();
    let paths = with.paths("{id}");
    for path in ["/auth/token", "/auth/revoke", METADATA] {
        assert!(with.has(path) && paths.contains(&path.to_owned()), "{path}: {paths:?}");
    }
    for path in ["/token", "/revoke", "/auth/.well-known/oauth-authorization-server", "/auth/token/"] {
        assert!(!with.has(path), "{path}");
    }
}

#[test]
fn without_a_login_there_is_no_password_grant() {
    let routes = over(|oauth| oauth).without_login().with_token_endpoint(endpoint()).unwrap();
    assert_eq!(error(&post(&routes, "/token", ADA)), "unsupported_grant_type");
    assert_eq!(error(&post(&routes, "/token", "grant_type=password")), "unsupported_grant_type");
    let grants = &get(&routes, METADATA)["grant_types_supported"];
    assert_eq!(*grants, json!(["refresh_token", "client_credentials"]));
}

#[test]
fn without_sessions_no_client_has_a_secret() {
    let routes = over(OAuthHandler::stateless).with_token_endpoint(endpoint()).unwrap();
    for form in ["grant_type=client_credentials", "grant_type=client_credentials&client_secret=x"] {
        assert_eq!(error(&post(&routes, "/token", form)), "unsupported_grant_type");
    }
    let metadata = get(&routes, METADATA);
    assert_eq!(metadata["grant_types_supported"], json!(["password", "refresh_token"]));
    assert_eq!(metadata["token_endpoint_auth_methods_supported"], json!(["none"]));
    assert_eq!((&metadata["scopes_supported"], &metadata["jwks_uri"]), (&Value::Null, &Value::Null));
}

#[test]
fn without_sessions_a_revocation_ends_the_token_in_this_process() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let ada = Account::new(1, PASSWORD);
    let again = ada.clone();
    let oauth = OAuthHandler::new(tokens.clone(), move |_: &str| Some(ada.clone())).stateless();
    let oauth = oauth.lookup_by_id(move |_| Some(again.clone())).hasher(quick_hasher());
    let routes = AuthRoutes::new(oauth).with_token_endpoint(endpoint()).unwrap();
    let log_in = || serde_json::from_str::<Value>(&post(&routes, "/token", ADA).body).unwrap();
    let (pair, other) = (log_in(), log_in());
    let token = |pair: &Value, name: &str| pair[name].as_str().unwrap().to_owned();
    let refresh = |pair: &Value| {
        let form = format!("grant_type=refresh_token&refresh_token={}", token(pair, "refresh_token"));
        post(&routes, "/token", &form).status
    };
    let opens = |pair: &Value| tokens.decode_access_token::<Payload>(&token(pair, "access_token")).is_ok();
    let revoke = |token: &str| {
        let response = post(&routes, "/revoke", &format!("token={token}"));
        assert_eq!((response.status, response.body.as_str()), (200, ""));
    };
    revoke(&token(&pair, "access_token"));
    assert!(!opens(&pair) && opens(&other));
    assert_eq!(refresh(&pair), 200);
    for _ in 0..2 {
        revoke(&token(&pair, "refresh_token"));
        assert_eq!((refresh(&pair), refresh(&other)), (400, 200));
    }
    // A key of this handler's prefix, which no store has.
    revoke("gv_0000000000000000000000000000000000000000000000000000000000000000_00000000");
}

/// Returns the manager and the routes of a service whose clock is this.
fn at(clock: ManualClock, store: &Arc<MemorySessions>) -> (TokenManager, Routes) {
    let tokens = TokenManager::builder().secret(SECRET).clock(clock).build().unwrap();
    let account = ADA_ACCOUNT.clone();
    let oauth = OAuthHandler::new(tokens.clone(), |_: &str| Some(ADA_ACCOUNT.clone()));
    let oauth = oauth.lookup_by_id(move |_| Some(account.clone())).hasher(quick_hasher());
    let routes = AuthRoutes::new(oauth.session_store(Arc::clone(store)));
    (tokens, routes.with_token_endpoint(endpoint()).unwrap())
}

static ADA_ACCOUNT: LazyLock<Account> = LazyLock::new(|| Account::new(1, PASSWORD));

fn tokens_in(response: &HttpResponse) -> [String; 2] {
    let body: Value = serde_json::from_str(&response.body).unwrap();
    ["access_token", "refresh_token"]
        .map(|name| body[name].as_str().unwrap_or_else(|| panic!("{body}")).to_owned())
}

#[test]
fn a_revoked_access_token_is_in_the_store_for_every_process() {
    let store = Arc::new(MemorySessions::new());
    let clock = ManualClock::default();
    let (tokens, routes) = at(clock.clone(), &store);
    let (others, _) = at(clock, &store);
    let feed = RevocationFeed::of(Arc::clone(&store)).follow(&others).unwrap();
    let [access, refresh] = tokens_in(&post(&routes, "/token", ADA));
    let waiting = others.decode_access_token::<Payload>(&access).unwrap();
    let revoked = others.invalidated(&waiting);
    assert_eq!(post(&routes, "/revoke", &format!("token={access}")).status, 200);
    assert_eq!(Waiting::new(revoked).wait(), Invalidated::Revoked);
    for manager in [&tokens, &others] {
        assert!(manager.decode_access_token::<Payload>(&access).is_err());
    }
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_eq!(post(&routes, "/token", &form).status, 200, "its session stays");
    drop(feed);
}

#[test]
fn an_expired_refresh_token_still_ends_its_session() {
    let day = Duration::from_hours(24);
    let (store, clock) = (Arc::new(MemorySessions::new()), ManualClock::default());
    let (tokens, routes) = at(clock.clone(), &store);
    let [_, first] = tokens_in(&post(&routes, "/token", ADA));
    clock.advance(6 * day);
    let [_, second] =
        tokens_in(&post(&routes, "/token", &format!("grant_type=refresh_token&refresh_token={first}")));
    clock.advance(2 * day);
    let [access, _] =
        tokens_in(&post(&routes, "/token", &format!("grant_type=refresh_token&refresh_token={second}")));
    assert!(tokens.decode_access_token::<Payload>(&access).is_ok());
    assert_eq!(post(&routes, "/revoke", &format!("token={first}")).status, 200);
    assert!(tokens.decode_access_token::<Payload>(&access).is_err());
}

#[test]
fn the_revocation_of_a_token_from_a_clock_that_is_ahead_must_be_repeated() {
    let store = Arc::new(MemorySessions::new());
    let (ahead, clock) = (ManualClock::default(), ManualClock::default());
    ahead.advance(Duration::from_mins(2));
    let (_, routes) = at(clock.clone(), &store);
    let [access, refresh] = tokens_in(&post(&at(ahead, &store).1, "/token", ADA));
    for token in [access, refresh] {
        let revoke = || post(&routes, "/revoke", &format!("token={token}"));
        assert_eq!((revoke().status, revoke().header("retry-after")), (503, Some("5")));
    }
}

#[test]
fn the_base_url_replaces_origin_and_prefix_and_the_keys_are_at_the_root_of_the_application() {
    let ring = KeyRing::new(SigningKey::eddsa(PRIVATE_KEY).unwrap());
    for (issuer, base, prefix, path, routes_at, keys_at) in [
        ("https://id.example", None, "", "", "https://id.example", "https://id.example"),
        ("https://id.example/", None, "/auth", "", "https://id.example/auth", "https://id.example"),
        (
            "https://id.example:8443/one",
            None,
            "/auth",
            "/one",
            "https://id.example:8443/auth",
            "https://id.example:8443",
        ),
        (
            "https://id.example",
            Some("https://id.example/auth"),
            "",
            "",
            "https://id.example/auth",
            "https://id.example/auth",
        ),
        (
            "https://id.example",
            Some("https://api.example/x/auth/"),
            "/auth",
            "",
            "https://api.example/x/auth",
            "https://api.example/x",
        ),
        (
            "https://id.example",
            Some("https://api.example/x"),
            "/auth",
            "",
            "https://api.example/x",
            "https://id.example",
        ),
    ] {
        let endpoint = TokenEndpoint::new(issuer).unwrap();
        let endpoint = base.map_or(Ok(endpoint.clone()), |base| endpoint.base_url(base)).unwrap();
        let routes = over(|oauth| oauth).with_token_endpoint(endpoint).unwrap().publish_keys(&ring);
        let metadata = get(&routes.mounted_at(prefix).unwrap(), &format!("{METADATA}{path}"));
        assert_eq!(metadata["issuer"], issuer);
        assert_eq!(metadata["token_endpoint"], format!("{routes_at}/token"));
        assert_eq!(metadata["revocation_endpoint"], format!("{routes_at}/revoke"));
        assert_eq!(metadata["jwks_uri"], format!("{keys_at}/.well-known/jwks.json"));
    }
}

#[test]
fn the_issuer_of_the_tokens_must_be_that_of_the_endpoint() {
    let routes = |issuer: Option<&str>| {
        let builder = TokenManager::builder().secret(SECRET);
        let builder = if let Some(issuer) = issuer { builder.issuer(issuer) } else { builder };
        let tokens = builder.build().unwrap();
        AuthRoutes::new(OAuthHandler::new(tokens, |_: &str| None::<Account>))
    };
    for issuer in [None, Some("https://id.example")] {
        assert!(routes(issuer).with_token_endpoint(endpoint()).is_ok());
    }
    for issuer in ["https://id.example/", "https://ID.example", "id"] {
        let error = routes(Some(issuer)).with_token_endpoint(endpoint()).unwrap_err();
        let expected =
            ConfigError::IssuerMismatch { found: "https://id.example".to_owned(), tokens: issuer.to_owned() };
        assert_eq!(error, expected);
    }
}

#[test]
fn wrong_settings_are_refused_with_the_words_to_write() {
    assert_eq!(endpoint().scopes([""; 0]).unwrap_err(), ConfigError::NoScope);
    for found in ["", "a b", "a\"b", "\u{e4}"] {
        let error = endpoint().scopes(["a", found]).unwrap_err();
        assert_eq!(error, ConfigError::InvalidScope { found: found.to_owned() });
    }
    for url in ["http://id.example", "https://id.example?x", "https://ada@id.example", "/auth", ""] {
        let error = endpoint().base_url(url).unwrap_err();
        assert!(
            matches!(error, ConfigError::InvalidText { setting: "TokenEndpoint::base_url", .. }),
            "{url}: {error}"
        );
    }
    let pages = Pages::new("site").unwrap().login_page("/auth/token").unwrap();
    let routes = over(|oauth| oauth).for_pages(&pages).unwrap();
    let error = routes.with_token_endpoint(endpoint()).unwrap_err();
    assert!(matches!(error, ConfigError::InvalidPath { .. }), "{error}");
    let routes = over(|oauth| oauth).with_token_endpoint(endpoint()).unwrap();
    assert!(matches!(routes.for_pages(&pages).unwrap_err(), ConfigError::InvalidPath { .. }));
}

#[test]
fn a_handler_that_is_not_set_up_answers_server_error_and_names_no_setting() {
    let routes = over(|oauth| oauth.session_limit(0)).with_token_endpoint(endpoint()).unwrap();
    for form in [ADA, "grant_type=refresh_token&refresh_token=x", "grant_type=client_credentials"] {
        let response = post(&routes, "/token", form);
        assert_eq!(response.status, if form.contains("refresh") { 400 } else { 500 }, "{form}");
        assert!(!response.body.contains("limit"));
    }
}

#[test]
fn the_log_says_why_a_request_is_refused() {
    let routes = over(|oauth| oauth).with_token_endpoint(endpoint()).unwrap();
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        post(&routes, "/token", "grant_type=other");
        post(&routes, "/token", "grant_type=password&client_secret=hidden");
        post(&routes, "/revoke", "");
        post(&routes, "/token", &format!("{ADA}&scope=a"));
    });
    let lines: Vec<_> = recorder.lines().into_iter().map(|(_, line)| line).collect();
    let log = lines.join("\n");
    for expected in [
        "the server does not have this grant type",
        "registers no clients",
        "the field `token` is missing",
        "tokens not created: scope not granted",
    ] {
        assert!(log.contains(expected), "{expected}: {log}");
    }
    assert!(!log.contains("hidden") && !log.contains("battery"), "{log}");
}

/// An account of a social login.
#[derive(Debug, Clone)]
struct WithoutPassword;

impl AuthUser for WithoutPassword {
    fn id(&self) -> UserId {
        1.into()
    }

    fn hashed_password(&self) -> Option<&str> {
        None
    }
}

#[test]
fn a_user_without_a_password_gets_the_answer_of_a_wrong_one() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let find = |name: &str| (name == "ada").then_some(WithoutPassword);
    let oauth = OAuthHandler::new(tokens, find).hasher(quick_hasher());
    let routes = AuthRoutes::new(oauth).with_token_endpoint(endpoint()).unwrap();
    let request = HttpRequest::new("POST", "/token");
    let request = request.with_header("content-type", b"application/x-www-form-urlencoded");
    let respond = |form: &str| routes.respond(&request, Some(form.as_bytes()));
    let [without, unknown] = [ADA.to_owned(), ADA.replace("ada", "bob")].map(|form| respond(&form));
    assert_eq!((without.status, error(&without)), (400, "invalid_grant".into()));
    assert_eq!(
        (without.status, &without.body, &without.headers),
        (unknown.status, &unknown.body, &unknown.headers)
    );
    let wrong = over(|oauth| oauth).with_token_endpoint(endpoint()).unwrap();
    let wrong = post(&wrong, "/token", "grant_type=password&username=ada&password=wrong");
    assert_eq!((wrong.status, &wrong.body), (400, &without.body));
}

#[test]
fn while_a_lookup_fails_a_client_must_repeat_its_request() {
    let is_down = Arc::new(AtomicBool::new(false));
    let found = || {
        let is_down = Arc::clone(&is_down);
        move || {
            if is_down.load(Ordering::Relaxed) {
                Err("the database is down")
            } else {
                Ok(Some(ADA_ACCOUNT.clone()))
            }
        }
    };
    let (by_name, by_id) = (found(), found());
    let oauth = OAuthHandler::new(TokenManager::new(SECRET).unwrap(), move |_: &str| by_name());
    let oauth = oauth.lookup_by_id(move |_| by_id()).hasher(quick_hasher());
    let routes = AuthRoutes::new(oauth).with_token_endpoint(endpoint()).unwrap();
    let [_, refresh] = tokens_in(&post(&routes, "/token", ADA));
    let forms = [ADA.to_owned(), format!("grant_type=refresh_token&refresh_token={refresh}")];
    is_down.store(true, Ordering::Relaxed);
    for form in &forms {
        let response = post(&routes, "/token", form);
        assert_eq!((response.status, error(&response)), (503, "temporarily_unavailable".into()));
        assert_eq!(response.header("retry-after"), Some("5"));
        assert!(!response.body.contains("database"));
    }
    is_down.store(false, Ordering::Relaxed);
    for form in &forms {
        assert_eq!(post(&routes, "/token", form).status, 200);
    }
}

//! Pages without a framework: settings that contradict each other, other kinds of sessions, and redirects of one's own.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use gatevault::login::{SessionRequest, SyncLookup};
use gatevault::web::{HttpRequest, HttpResponse, Pages};
use gatevault::{
    AuthRoutes, ConfigError, MemorySessions, OAuthHandler, Payload, RefreshCookie, RouteGuard, TokenManager,
    TokenSource as _,
};
use gatevault_tests::{Account, SECRET, quick_hasher};

type Handler = OAuthHandler<SyncLookup<Account>>;

/// One account, with one hash.
static ADA: LazyLock<Account> = LazyLock::new(|| Account::new(1, "correct horse"));

fn handler(tokens: &TokenManager) -> Handler {
    let oauth = OAuthHandler::new(tokens.clone(), |name| (name == "ada").then(|| ADA.clone()));
    oauth.lookup_by_id(|id| (*id == ADA.id).then(|| ADA.clone())).hasher(quick_hasher())
}

fn cookies(response: &HttpResponse) -> Vec<&str> {
    let cookies = response.headers.iter().filter(|(name, _)| *name == "set-cookie");
    cookies.map(|(_, value)| value.as_str()).collect()
}

/// Returns the request of a browser that has stored the cookies of a response.
fn request(method: &str, target: &str, response: &HttpResponse) -> HttpRequest {
    let pairs = cookies(response).iter().filter_map(|cookie| cookie.split(';').next()).collect::<Vec<_>>();
    let (path, _) = target.split_once('?').unwrap_or((target, ""));
    let request = HttpRequest::new(method, path).with_target(target).with_header("host", b"localhost");
    request.with_header("accept", b"text/html").with_header("cookie", pairs.join("; ").as_bytes())
}

fn log_in(routes: &AuthRoutes<SyncLookup<Account>>) -> HttpResponse {
    let form = b"application/x-www-form-urlencoded";
    let request = HttpRequest::new("POST", "/auth/login").with_header("content-type", form);
    routes.respond(&request, Some(b"username=ada&password=correct+horse"))
}

#[test]
fn settings_that_contradict_each_other_are_refused_at_construction() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let pages = Pages::new("shop").unwrap();
    for name in ["", "__Host-shop", "csrf_token", "a b", "a;b", "a=b", "\u{e9}"] {
        assert!(matches!(Pages::new(name), Err(ConfigError::InvalidCookie { .. })), "{name}");
    }
    for path in ["", "/", "auth", "//auth", "/a?b", "/a#b", "/a\\b", "/a\n", "https://a.example"] {
        let mounted = pages.clone().mounted_at(path);
        assert!(
            matches!(mounted, Err(ConfigError::InvalidPath { setting: "Pages::mounted_at", .. })),
            "{path}"
        );
        if path != "/" {
            assert!(pages.clone().login_page(path).is_err(), "{path}");
            assert!(pages.clone().home(path).is_err(), "{path}");
        }
    }
    // Cookies of pages that any site could send.
    let routes = || AuthRoutes::new(handler(&tokens));
    let refused = |routes: Result<_, ConfigError>| matches!(routes, Err(ConfigError::NotForPages { .. }));
    assert!(refused(routes().allowed_origins(["https://app.example"]).unwrap().for_pages(&pages)));
    assert!(refused(routes().for_pages(&pages).unwrap().allowed_origins(["https://app.example"])));
    // A prefix that the guards do not know.
    assert!(refused(routes().for_pages(&pages).unwrap().mounted_at("/login")));
    let own = RefreshCookie::new("own", "/auth").unwrap();
    let login = log_in(&routes().for_pages(&pages).unwrap().cookie(own));
    assert!(cookies(&login)[0].contains("__Secure-own=ey") && cookies(&login)[0].contains("SameSite=Lax"));
    let without = routes().for_pages(&pages).unwrap().without_cookies();
    assert!(!without.has("/auth/continue") && cookies(&log_in(&without)).is_empty());
}

#[test]
fn a_guard_in_front_of_the_login_page_sends_no_visitor_in_circles() {
    let guard = RouteGuard::<Payload>::with(TokenManager::new(SECRET).unwrap());
    let guard = guard.for_pages(&Pages::new("shop").unwrap());
    for (target, status) in [("/login", 401), ("/login?next=/a", 401), ("/login/a", 303), ("/a?/login", 303)]
    {
        let refused = guard.admit(&request("GET", target, &HttpResponse::new(200))).unwrap_err();
        assert_eq!(refused.status, status, "{target}");
    }
}

#[test]
fn cookies_of_a_session_until_the_browser_closes_have_no_age() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let oauth = handler(&tokens).session_store(MemorySessions::new());
    let kept = oauth.begin_session(&ADA, SessionRequest::new()).unwrap();
    let closed = oauth.begin_session(&ADA, SessionRequest::new().until_browser_closes()).unwrap();
    let routes = AuthRoutes::new(oauth).for_pages(&Pages::new("shop").unwrap()).unwrap();
    let visit = HttpRequest::new("GET", "/callback");
    for response in [routes.lead_to("/a", &kept, &visit), routes.hand_out(&kept)] {
        assert_eq!(cookies(&response).iter().filter(|cookie| cookie.contains("Max-Age=")).count(), 3);
    }
    for response in [routes.lead_to("/a", &closed, &visit), routes.hand_out(&closed)] {
        assert_eq!(cookies(&response).len(), 3);
        assert!(
            cookies(&response).iter().all(|cookie| !cookie.contains("Max-Age")),
            "{:?}",
            cookies(&response)
        );
    }
    // A refresh on the way keeps it so.
    let continued =
        routes.respond(&request("GET", "/auth/continue?next=/a", &routes.hand_out(&closed)), None);
    assert_eq!((continued.status, continued.header("location")), (303, Some("/a")));
    let of_session = cookies(&continued).into_iter().filter(|cookie| !cookie.contains("_continued-"));
    assert!(of_session.clone().count() == 3 && of_session.clone().all(|cookie| !cookie.contains("Max-Age")));
}

#[test]
fn pages_of_a_handler_without_sessions_have_csrf_tokens_too() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let pages = Pages::new("shop").unwrap();
    let routes = AuthRoutes::new(handler(&tokens).stateless()).for_pages(&pages).unwrap();
    let guard = RouteGuard::<Payload>::with(tokens).for_pages(&pages);
    let login = log_in(&routes);
    assert_eq!(login.status, 303);
    let token = guard.admit(&request("GET", "/", &login)).unwrap().page_token.unwrap();
    let csrf = token.csrf_token().unwrap();
    assert!(cookies(&login).iter().any(|cookie| cookie.contains(csrf.as_str())));
    assert!(token.check_csrf_token(csrf.as_str()).is_ok());
    assert_eq!(token.check_csrf_token("junk").unwrap_err().status(), 403);
    // Without a guard, the token is unverified, and there is no session to sign for.
    let unverified = pages.token(&request("GET", "/", &login));
    assert!(unverified.token().is_some());
    assert_eq!(unverified.csrf_token().unwrap_err().status(), 500);
    let forged = request("POST", "/", &login).with_header("sec-fetch-site", b"cross-site");
    assert_eq!(pages.token(&forged).token().as_deref(), Some("unreadable"));
    assert_eq!(guard.admit(&forged).unwrap_err().status, 403);
}

#[test]
fn a_guard_by_another_key_sends_a_visitor_to_the_login_page_and_not_in_circles() {
    let pages = Pages::new("shop").unwrap();
    let tokens = TokenManager::new(SECRET).unwrap();
    let routes = AuthRoutes::new(handler(&tokens)).for_pages(&pages).unwrap();
    let other = RouteGuard::<Payload>::with(TokenManager::new([7; 32]).unwrap()).for_pages(&pages);
    let login = log_in(&routes);
    let refused = other.admit(&request("GET", "/a", &login)).unwrap_err();
    assert_eq!(refused.header("location"), Some("/auth/continue?next=/a"));
    let continued = routes.respond(&request("GET", "/auth/continue?next=/a", &login), None);
    assert_eq!(continued.header("location"), Some("/a"));
    let refused = other.admit(&request("GET", "/a", &continued)).unwrap_err();
    assert_eq!(refused.header("location"), Some("/login?next=/a"));
}

#[test]
fn the_mark_of_a_page_is_gone_before_a_short_token_expires() {
    let pages = Pages::new("shop").unwrap();
    for (expiry, age) in [(4, 2), (60, 30), (900, 30)] {
        let tokens = TokenManager::builder()
            .secret(SECRET)
            .access_expiry(Duration::from_secs(expiry))
            .build()
            .unwrap();
        let routes = AuthRoutes::new(handler(&tokens)).for_pages(&pages).unwrap();
        let continued = routes.respond(&request("GET", "/auth/continue?next=/a", &log_in(&routes)), None);
        let mark = cookies(&continued).into_iter().find(|cookie| cookie.contains("_continued-")).unwrap();
        assert!(mark.ends_with(&format!("; Max-Age={age}")), "{mark}");
    }
}

#[test]
fn a_lookup_that_fails_logs_no_visitor_out() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let is_down = Arc::new(AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let oauth = handler(&tokens).lookup_by_id(move |_| {
        if down.load(Ordering::Relaxed) { Err(io::Error::other("down")) } else { Ok(Some(ADA.clone())) }
    });
    let routes = AuthRoutes::new(oauth).for_pages(&Pages::new("shop").unwrap()).unwrap();
    let login = log_in(&routes);
    is_down.store(true, Ordering::Relaxed);
    let refused = routes.respond(&request("GET", "/auth/continue?next=/a", &login), None);
    assert_eq!((refused.status, cookies(&refused).len()), (503, 0), "{refused:?}");
    is_down.store(false, Ordering::Relaxed);
    let continued = routes.respond(&request("GET", "/auth/continue?next=/a", &login), None);
    assert_eq!(continued.header("location"), Some("/a"));
}

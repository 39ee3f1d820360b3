//! `GET /continue` in the hands of another site, which can open it with any `next`.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};
use std::time::{Duration, SystemTime};

use gatevault::login::SyncLookup;
use gatevault::testing::ManualClock;
use gatevault::web::{HttpRequest, HttpResponse, Pages};
use gatevault::{
    AuthRoutes, ConfigError, MemorySessions, OAuthHandler, Payload, RefreshGrace, RouteGuard, TokenManager,
};
use gatevault_tests::{Account, SECRET, quick_hasher};
use gatevault_web_tests::User;

type Routes = AuthRoutes<SyncLookup<Account>>;

static ADA: LazyLock<Account> = LazyLock::new(|| Account::new(1, "correct horse"));

fn handler(tokens: &TokenManager) -> OAuthHandler<SyncLookup<Account>> {
    let oauth = OAuthHandler::new(tokens.clone(), |name| (name == "ada").then(|| ADA.clone()));
    let oauth = oauth.lookup_by_id(|id| (*id == ADA.id).then(|| ADA.clone())).hasher(quick_hasher());
    oauth.session_store(MemorySessions::new())
}

/// The cookies of a browser, by name. All of them are for the path of the request.
#[derive(Debug, Default, Clone)]
struct Cookies(BTreeMap<String, String>);

impl Cookies {
    fn store(&mut self, response: &HttpResponse) {
        for (_, cookie) in response.headers.iter().filter(|(name, _)| *name == "set-cookie") {
            let (name, value) = cookie.split(';').next().unwrap().split_once('=').unwrap();
            self.0.insert(name.to_owned(), value.to_owned());
        }
    }

    fn pairs(&self) -> String {
        self.0.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    fn request(&self, method: &str, target: &str) -> HttpRequest {
        let (path, _) = target.split_once('?').unwrap_or((target, ""));
        let request = HttpRequest::new(method, path).with_target(target).with_header("host", b"localhost");
        request.with_header("accept", b"text/html").with_header("cookie", self.pairs().as_bytes())
    }

    fn marks(&self) -> usize {
        self.0.keys().filter(|name| name.contains("_continued-")).count()
    }
}

fn submit(routes: &Routes, cookies: &Cookies, path: &str, body: &str) -> HttpResponse {
    let form =
        cookies.request("POST", path).with_header("content-type", b"application/x-www-form-urlencoded");
    routes.respond(&form, Some(body.as_bytes()))
}

fn log_in(routes: &Routes) -> Cookies {
    let mut cookies = Cookies::default();
    cookies.store(&submit(routes, &cookies, "/auth/login", "username=ada&password=correct+horse"));
    cookies
}

/// Opens `/continue` as a page of another site does, and returns where it leads.
fn open(routes: &Routes, cookies: &mut Cookies, next: &str) -> String {
    let request = cookies.request("GET", &format!("/auth/continue?next={next}"));
    let request =
        request.with_header("sec-fetch-site", b"cross-site").with_header("sec-fetch-mode", b"navigate");
    let response = routes.respond(&request.with_header("sec-fetch-dest", b"document"), None);
    cookies.store(&response);
    assert_eq!(response.status, 303, "{next}");
    response.header("location").unwrap().to_owned()
}

/// Browsers keep some 180 cookies of a site and remove the oldest above that; servers refuse long headers.
#[test]
fn another_site_that_opens_many_pages_leaves_few_marks_and_refreshes_few_times() {
    let pages = Pages::new("shop").unwrap();
    let tokens = TokenManager::new(SECRET).unwrap();
    let routes = AuthRoutes::new(handler(&tokens)).for_pages(&pages).unwrap();
    let mut cookies = log_in(&routes);
    let mut refreshes = 0;
    for page in 0..200 {
        let before = cookies.0[pages.access_cookie()].clone();
        assert_eq!(open(&routes, &mut cookies, &format!("/{page}")), format!("/{page}"));
        refreshes += usize::from(before != cookies.0[pages.access_cookie()]);
    }
    assert!(cookies.marks() <= 8 && refreshes <= 8, "{} marks, {refreshes} refreshes", cookies.marks());
    // The session is there, and pages open.
    let guard = RouteGuard::<Payload>::with(tokens).for_pages(&pages);
    assert!(guard.admit(&cookies.request("GET", "/orders")).is_ok());
    // A browser that has dropped the token meanwhile is sent to the login page, not in circles.
    cookies.0.remove(pages.access_cookie());
    let refused = guard.admit(&cookies.request("GET", "/orders")).unwrap_err();
    assert_eq!(refused.header("location"), Some("/login?next=/orders"));
    // The marks of another application do not count.
    let other =
        cookies.0.iter().map(|(name, value)| (name.replace("shop", "bishop"), value.clone())).collect();
    let refused = guard.admit(&Cookies(other).request("GET", "/orders")).unwrap_err();
    assert_eq!(refused.header("location"), Some("/auth/continue?next=/orders"));
}

/// A browser resolves the segments `.` and `..` and their encoded forms (URL Standard, "path state"), and many servers decode
/// a path before they route it.
#[test]
fn the_routes_are_no_pages_however_their_path_is_written() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let routes = AuthRoutes::new(handler(&tokens)).for_pages(&Pages::new("shop").unwrap()).unwrap();
    let cookies = log_in(&routes);
    for next in [
        "/auth/continue",
        "/auth",
        "/auth/logout",
        "/x/../auth/continue?next=/x/../auth/continue?next=/y",
        "/./auth/continue",
        "/auth/../auth/continue",
        "/x/%252e%252E/auth/continue",
        "/x/.%252e/auth/continue",
        "/%2561uth/continue",
        "/auth%252Fcontinue",
        "/a%2575th/%2563ontinue?next=/b",
        "/.//evil.example",
        "/..//evil.example",
        "/a/..//evil.example",
        "/%252e//evil.example",
        "/a/..",
        "/a/.",
    ] {
        assert_eq!(open(&routes, &mut cookies.clone(), next), "/", "{next}");
    }
    for next in
        ["/authors", "/a/auth/continue", "/.well-known/x", "/a..b/...", "/a?b=/../auth/continue", "/a%2526b"]
    {
        assert_eq!(open(&routes, &mut cookies.clone(), next), next.replace("%25", "%"), "{next}");
    }
}

#[test]
fn neither_the_login_page_nor_the_home_page_is_one_of_the_routes() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let routes = || AuthRoutes::new(handler(&tokens));
    let pages = || Pages::new("shop").unwrap();
    for path in ["/auth/login", "/auth/continue", "/auth/logout", "/auth/sessions", "/auth/sessions/1"] {
        for pages in [pages().login_page(path).unwrap(), pages().home(path).unwrap()] {
            assert!(
                matches!(routes().for_pages(&pages), Err(ConfigError::InvalidPath { found, .. }) if found == path),
                "{path}"
            );
            // At another mount, it is a path like any other.
            assert!(routes().for_pages(&pages.mounted_at("/elsewhere").unwrap()).is_ok(), "{path}");
        }
    }
    assert!(routes().for_pages(&pages().login_page("/auth/enter").unwrap()).is_ok());
}

/// Another site may send a visitor to the route and elsewhere before the answer has arrived.
#[test]
fn with_a_grace_until_the_successor_is_used_a_lost_answer_logs_no_visitor_out() {
    let grace = RefreshGrace::UntilSuccessorUsed { at_most: Duration::from_hours(24) };
    for (grace, later, lead) in [
        (RefreshGrace::default(), Duration::from_secs(9), "/a"),
        (RefreshGrace::default(), Duration::from_secs(11), "/login?next=/a"),
        (grace, Duration::from_hours(23), "/a"),
    ] {
        let clock = ManualClock::at(SystemTime::now());
        let tokens = TokenManager::builder().secret(SECRET).clock(clock.clone()).build().unwrap();
        let oauth = handler(&tokens).refresh_grace(grace);
        let routes = AuthRoutes::new(oauth).for_pages(&Pages::new("shop").unwrap()).unwrap();
        let mut cookies = log_in(&routes);
        assert_eq!(open(&routes, &mut cookies.clone(), "/lost"), "/lost");
        clock.advance(later);
        assert_eq!(open(&routes, &mut cookies, "/a"), lead);
    }
}

#[test]
fn a_form_that_refreshes_an_ended_session_leads_to_the_login_page() {
    let clock = ManualClock::at(SystemTime::now());
    let tokens = TokenManager::builder().secret(SECRET).clock(clock.clone()).build().unwrap();
    let routes = AuthRoutes::new(handler(&tokens)).for_pages(&Pages::new("shop").unwrap()).unwrap();
    let cookies = log_in(&routes);
    let csrf = &cookies.0["__Host-csrf_token-shop_refresh.auth"];
    let body = format!("csrf_token={csrf}&next=/a?b");
    assert_eq!(submit(&routes, &cookies, "/auth/refresh", &body).header("location"), Some("/a?b"));
    clock.advance(Duration::from_hours(24 * 365));
    for cookies in [&cookies, &Cookies::default()] {
        let refused = submit(&routes, cookies, "/auth/refresh", &body);
        assert_eq!((refused.status, refused.header("location")), (303, Some("/login?next=/a%3Fb")));
    }
    // Without a form, the client learns the reason.
    assert_eq!(routes.respond(&cookies.request("POST", "/auth/refresh"), None).status, 401);
}

/// A form sends three media types without asking (Fetch Standard, "CORS-safelisted request-header"), or none with an empty body.
#[test]
fn no_form_of_another_host_of_the_site_deletes_cookies() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let routes = AuthRoutes::new(handler(&tokens)).for_pages(&Pages::new("shop").unwrap()).unwrap();
    let cookies = log_in(&routes);
    // Cookies for a longer path come first, and another host of the site can set them.
    let planted = ["a", "b", "c", "d"].map(|token| format!("__Secure-shop_refresh={token}")).join("; ");
    for planted in [planted.as_str(), "__Secure-shop_refresh=a", "other=1"] {
        for media_type in
            ["text/plain", "multipart/form-data; boundary=a", "application/x-www-form-urlencoded", ""]
        {
            for route in ["/auth/logout", "/auth/refresh"] {
                let first = HttpRequest::new("POST", route).with_header("cookie", planted.as_bytes());
                let form = first.with_header("cookie", cookies.pairs().as_bytes());
                let form = form.with_header("content-type", media_type.as_bytes());
                let form = form
                    .with_header("sec-fetch-site", b"same-site")
                    .with_header("sec-fetch-mode", b"navigate");
                let reply = routes.respond(&form, Some(b"a=b"));
                assert_eq!(
                    (reply.status, reply.header("set-cookie")),
                    (403, None),
                    "{route} {media_type} {planted}"
                );
            }
        }
    }
    // A page of another host that the CORS layer allows sends the header.
    let csrf = cookies.0["__Host-csrf_token-shop_refresh.auth"].as_bytes();
    let asked = cookies.request("POST", "/auth/logout").with_header("x-csrf-token", csrf);
    assert_eq!(routes.respond(&asked.with_header("sec-fetch-site", b"same-site"), None).status, 204);
}

#[test]
fn no_form_of_another_host_of_the_site_deletes_the_cookies_of_routes_without_pages() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let routes = AuthRoutes::new(handler(&tokens)).mounted_at("/auth").unwrap();
    let planted = ["a", "b", "c", "d", "e"].map(|token| format!("__Secure-refresh_token={token}")).join("; ");
    for (count, planted) in [(1, "__Secure-refresh_token=a"), (5, &*planted)] {
        for route in ["/auth/logout", "/auth/refresh"] {
            let form = HttpRequest::new("POST", route).with_header("cookie", planted.as_bytes());
            let form = form.with_header("content-type", b"text/plain");
            let of_another_host = form.clone().with_header("sec-fetch-site", b"same-site");
            assert_eq!(routes.respond(&of_another_host, None).header("set-cookie"), None, "{route} {count}");
            let own = form.with_header("sec-fetch-site", b"same-origin");
            let deletes = routes.respond(&own, None).header("set-cookie").is_some();
            assert_eq!(deletes, route == "/auth/logout" || count > 1, "{route} {count}");
        }
    }
}

#[test]
fn a_guard_of_pages_verifies_no_bearer_token() {
    let tokens = TokenManager::new(SECRET).unwrap();
    let guard = RouteGuard::<Payload>::with(tokens.clone()).for_pages(&Pages::new("shop").unwrap());
    let access = tokens.create_access_token(&User::member(1)).unwrap();
    assert_eq!(guard.authorize(&access).unwrap_err().status(), 500);
    let bearing =
        HttpRequest::new("GET", "/").with_header("authorization", format!("Bearer {access}").as_bytes());
    assert_eq!(guard.admit(&bearing).unwrap_err().status, 401);
}

/// The guard refuses the token of the former role, `/continue` exchanges it, and the page opens, in the same second.
#[test]
fn a_page_opens_again_by_itself_after_the_role_of_its_visitor_has_changed() {
    let pages = Pages::new("shop").unwrap();
    let tokens = TokenManager::new(SECRET).unwrap();
    let oauth = Arc::new(handler(&tokens));
    let routes = AuthRoutes::new(Arc::clone(&oauth)).for_pages(&pages).unwrap();
    let guard = RouteGuard::<Payload>::with(tokens).for_pages(&pages);
    let mut cookies = log_in(&routes);
    assert!(guard.admit(&cookies.request("GET", "/orders")).is_ok());
    oauth.revoke_access_tokens(1).unwrap();
    let refused = guard.admit(&cookies.request("GET", "/orders")).unwrap_err();
    let target = refused.header("location").unwrap();
    assert_eq!((refused.status, target), (303, "/auth/continue?next=/orders"));
    let response = routes.respond(&cookies.request("GET", target), None);
    cookies.store(&response);
    assert_eq!((response.status, response.header("location")), (303, Some("/orders")));
    assert!(guard.admit(&cookies.request("GET", "/orders")).is_ok());
}

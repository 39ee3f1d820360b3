//! Pages of a server: visitors are logged in by cookies, and sent to a page that helps without a good one.

use std::net::SocketAddr;
use std::thread;

use gatevault_web_tests::{PASSWORD, Reply, Request, User, mint_expired, mint_purpose, mint_refresh};

use crate::browser::{Jar, credentials};

const ACCESS: &str = "__Host-site_access";
const REFRESH: &str = "__Secure-site_refresh";
const CSRF: &str = "__Host-csrf_token-site_refresh.members.auth";

const PAGE: &str = "/members/hello";
const CONTINUE: &str = "/members/auth/continue?next=/members/hello";

const VISIT: [(&str, &str); 4] = [
    ("Accept", "text/html,application/xhtml+xml,*/*;q=0.8"),
    ("Sec-Fetch-Site", "same-origin"),
    ("Sec-Fetch-Mode", "navigate"),
    ("Sec-Fetch-Dest", "document"),
];

/// A browser that visits pages.
#[derive(Debug)]
struct Visitor {
    server: SocketAddr,
    jar: Jar,
}

impl Visitor {
    fn new(server: SocketAddr) -> Self {
        Self { server, jar: Jar::default() }
    }

    fn log_in(server: SocketAddr, name: &str) -> Self {
        let mut visitor = Self::new(server);
        let reply = visitor.submit("/members/auth/login", &login_fields(name, PASSWORD));
        assert_eq!((reply.status, reply.header("location")), (303, PAGE), "{reply:?}");
        visitor
    }

    fn request(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Request {
        let (route, _) = path.split_once('?').unwrap_or((path, ""));
        let request = Request::new(method, path).header("Cookie", self.jar.header(route));
        headers.iter().fold(request, |request, (name, value)| request.header(name, value))
    }

    fn send(&mut self, request: Request) -> Reply {
        let reply = request.send(self.server);
        self.jar.store(&reply);
        reply
    }

    fn visit(&mut self, path: &str) -> Reply {
        self.send(self.request("GET", path, &VISIT))
    }

    /// Submits a form, as a page of the host does.
    fn submit(&mut self, path: &str, fields: &str) -> Reply {
        let form = [("Content-Type", "application/x-www-form-urlencoded"), ("Origin", "http://localhost")];
        let request = self.request("POST", path, &[&VISIT[..], &form[..]].concat()).body(fields);
        self.send(request)
    }

    /// Follows redirects, and returns the paths and the last reply.
    fn follow(&mut self, path: &str) -> (Vec<String>, Reply) {
        let mut paths = vec![path.to_owned()];
        loop {
            let reply = self.visit(paths.last().unwrap());
            if reply.status != 303 {
                return (paths, reply);
            }
            assert!(paths.len() < 10, "a loop: {paths:?}");
            paths.push(reply.header("location").to_owned());
        }
    }

    /// Returns the CSRF token of the forms on the page.
    fn field(&mut self) -> String {
        let page = self.visit(PAGE);
        assert_eq!(page.status, 200, "{page:?}");
        page.body.rsplit(' ').next().unwrap().to_owned()
    }
}

fn login_fields(name: &str, password: &str) -> String {
    format!("username={name}&password={}", password.replace('&', "%26"))
}

fn assert_redirects(reply: &Reply, target: &str) {
    assert_eq!((reply.status, reply.header("location")), (303, target), "{reply:?}");
    assert_eq!((reply.header("cache-control"), reply.body.as_str()), ("no-store", ""), "{reply:?}");
}

pub(crate) fn a_login_form_leads_to_the_page_and_a_failure_back_to_the_form(server: SocketAddr) {
    let mut visitor = Visitor::new(server);
    let path = "/members/auth/login";
    let reply = visitor.submit(path, &login_fields("ada", PASSWORD));
    assert_redirects(&reply, PAGE);
    let cookies = reply.cookies();
    let [refresh, csrf, access] = cookies[..] else { panic!("{reply:?}") };
    assert!(refresh.starts_with(&format!("{REFRESH}=ey")), "{refresh}");
    assert!(
        refresh.ends_with("; HttpOnly; Secure; SameSite=Lax; Path=/members/auth; Max-Age=604800"),
        "{refresh}"
    );
    assert!(csrf.starts_with(&format!("{CSRF}=")), "{csrf}");
    assert!(csrf.ends_with("; Secure; SameSite=Lax; Path=/; Max-Age=604800"), "{csrf}");
    assert!(access.starts_with(&format!("{ACCESS}=ey")), "{access}");
    assert!(access.ends_with("; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=900"), "{access}");

    let wanted = "&next=/members/hello?a=1%26b=2";
    let reply = visitor.submit(path, &format!("{}{wanted}", login_fields("ada", PASSWORD)));
    assert_redirects(&reply, "/members/hello?a=1&b=2");
    for (name, password) in [("ada", "wrong"), ("eve", PASSWORD), ("ada", "")] {
        let reply = visitor.submit(path, &format!("{}{wanted}", login_fields(name, password)));
        assert_redirects(&reply, "/enter?error=credentials&next=/members/hello%3Fa%3D1%26b%3D2");
        assert!(reply.cookies().is_empty(), "{reply:?}");
        assert_redirects(&visitor.submit(path, &login_fields(name, password)), "/enter?error=credentials");
    }
    for next in ["//evil.example", "https://evil.example", "/%5Cevil.example", "%09//evil.example", "", "x"] {
        let reply = visitor.submit(path, &format!("{}&next={next}", login_fields("ada", PASSWORD)));
        assert_redirects(&reply, PAGE);
    }
    for site in ["cross-site", "same-site"] {
        let forged = Request::post(path)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("Sec-Fetch-Site", site)
            .body(login_fields("ada", PASSWORD));
        let reply = forged.send(server);
        assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{reply:?}");
    }
}

pub(crate) fn a_login_without_a_form_sets_the_cookies_and_returns_the_tokens(server: SocketAddr) {
    let reply = Request::post("/members/auth/login").json(&credentials("ada", PASSWORD)).send(server);
    assert_eq!((reply.status, reply.cookies().len()), (200, 3), "{reply:?}");
    assert_eq!(reply.json()["access_token"], reply.cookie(ACCESS));
    let mut visitor = Visitor::new(server);
    visitor.jar.store(&reply);
    assert_eq!(visitor.field(), reply.json()["csrf_token"].as_str().unwrap());
    let refreshed = Request::post("/members/auth/refresh")
        .header("Cookie", visitor.jar.header("/members/auth/refresh"))
        .header("X-CSRF-Token", reply.cookie(CSRF))
        .send(server);
    assert_eq!((refreshed.status, refreshed.cookies().len()), (200, 3), "{refreshed:?}");
    // Routes that serve no pages set no such cookie, and know no such route.
    assert_eq!(Request::post("/login").json(&credentials("ada", PASSWORD)).send(server).cookies().len(), 2);
    assert_eq!(Request::get("/continue").send(server).status, 404);
}

pub(crate) fn a_page_has_the_csrf_token_of_its_session_and_logs_out_by_a_form(server: SocketAddr) {
    let mut visitor = Visitor::log_in(server, "ada");
    let (field, other) = (visitor.field(), Visitor::log_in(server, "ada").field());
    assert_eq!(field, visitor.jar.readable(CSRF));
    assert_ne!(field, other);
    let copy = visitor.jar.readable(ACCESS).to_owned();
    let reply = visitor.submit("/members/auth/logout", &format!("csrf_token={field}"));
    assert_redirects(&reply, "/enter");
    for name in [REFRESH, CSRF, ACCESS] {
        assert!(reply.cookies().iter().any(|cookie| cookie.starts_with(&format!("{name}=;"))), "{reply:?}");
        assert!(reply.cookies().iter().all(|cookie| cookie.ends_with("Max-Age=0")), "{reply:?}");
    }
    assert_eq!(visitor.jar.header("/members/auth/x"), "");
    // The session has ended, not only the cookies.
    let stolen = Request::get(PAGE).header("Cookie", format!("{ACCESS}={copy}")).send(server);
    assert_eq!(stolen.status, 401, "{stolen:?}");
    // A repeated logout is no error.
    assert_redirects(&visitor.submit("/members/auth/logout", "next=/bye"), "/bye");
}

pub(crate) fn a_logout_form_needs_its_csrf_field(server: SocketAddr) {
    let (mut visitor, mut other) = (Visitor::log_in(server, "ada"), Visitor::log_in(server, "ada"));
    for field in ["", "junk", &other.field()] {
        for route in ["logout", "refresh"] {
            let reply = visitor.submit(&format!("/members/auth/{route}"), &format!("csrf_token={field}"));
            assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{reply:?}");
        }
    }
    let field = visitor.field();
    for site in ["same-site", "cross-site"] {
        let headers = [("Content-Type", "application/x-www-form-urlencoded"), ("Sec-Fetch-Site", site)];
        let request = visitor.request("POST", "/members/auth/logout", &headers);
        let reply = visitor.send(request.body(format!("csrf_token={field}")));
        assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{reply:?}");
    }
    assert_eq!(visitor.visit(PAGE).status, 200);
}

pub(crate) fn without_a_refresh_cookie_a_logout_ends_the_session_of_the_page(server: SocketAddr) {
    let mut visitor = Visitor::log_in(server, "ada");
    let (field, copy) = (visitor.field(), visitor.jar.readable(ACCESS).to_owned());
    visitor.jar.forget(REFRESH);
    assert_eq!(visitor.submit("/members/auth/logout", "csrf_token=junk").status, 403);
    assert_eq!(visitor.visit(PAGE).status, 200);
    assert_redirects(&visitor.submit("/members/auth/logout", &format!("csrf_token={field}")), "/enter");
    let stolen = Request::get(PAGE).header("Cookie", format!("{ACCESS}={copy}")).send(server);
    assert_eq!(stolen.status, 401, "{stolen:?}");
}

pub(crate) fn a_refresh_form_leads_to_a_page(server: SocketAddr) {
    let mut visitor = Visitor::log_in(server, "ada");
    let (field, before) = (visitor.field(), visitor.jar.readable(ACCESS).to_owned());
    let reply = visitor.submit("/members/auth/refresh", &format!("csrf_token={field}&next=/members/hello?a"));
    assert_redirects(&reply, "/members/hello?a");
    assert_ne!(visitor.jar.readable(ACCESS), before);
    assert_eq!(visitor.field(), field);
}

pub(crate) fn a_visit_without_a_good_token_is_refreshed_and_comes_back(server: SocketAddr) {
    let mut visitor = Visitor::log_in(server, "ada");
    visitor.jar.forget(ACCESS);
    let target = "/members/hello?a=1&b=%2F%20%C3%A9";
    let (paths, reply) = visitor.follow(target);
    let through = "/members/auth/continue?next=/members/hello%3Fa%3D1%26b%3D%252F%2520%25C3%25A9";
    assert_eq!(paths, [target, through, target]);
    assert!(reply.status == 200 && reply.body.starts_with("user 1 "), "{reply:?}");
    let user = &User::member(1);
    for token in ["", "junk", &mint_expired(user), &mint_refresh(user), &mint_purpose(1, None)] {
        for headers in [&VISIT[..], &VISIT[..1]] {
            for method in ["GET", "HEAD"] {
                let cookie = ("Cookie", &*format!("{ACCESS}={token}"));
                let request = headers
                    .iter()
                    .chain([&cookie])
                    .fold(Request::new(method, PAGE), |request, (name, value)| request.header(name, value));
                assert_redirects(&request.send(server), CONTINUE);
            }
        }
    }
    // A bearer token is for other clients.
    let good = visitor.jar.readable(ACCESS).to_owned();
    assert_eq!(Request::get(PAGE).bearer(&good).send(server).status, 401);
    assert_eq!(Request::get(PAGE).header("Cookie", format!("{ACCESS}={good}")).send(server).status, 200);
    let twice = format!("{ACCESS}={good}; {ACCESS}={good}");
    assert_eq!(Request::get(PAGE).header("Cookie", twice).send(server).status, 401);
}

pub(crate) fn what_is_no_visit_gets_the_ordinary_denial(server: SocketAddr) {
    let ask = |method: &str, headers: &[(&str, &str)]| {
        let request = Request::new(method, PAGE);
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send(server)
    };
    let html = VISIT[0];
    for headers in [
        &[][..],
        &[("Accept", "*/*")],
        &[("Accept", "application/json")],
        &[html, ("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty")],
        &[
            html,
            ("Sec-Fetch-Site", "same-origin"),
            ("Sec-Fetch-Mode", "navigate"),
            ("Sec-Fetch-Dest", "iframe"),
        ],
        &[html, ("Sec-Fetch-Mode", "navigate")],
    ] {
        let reply = ask("GET", headers);
        assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{headers:?}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
}

pub(crate) fn htmx_is_redirected_by_its_own_header(server: SocketAddr) {
    let ask = |method: &str, path: &str, headers: &[(&str, &str)]| {
        let request = Request::new(method, path).header("HX-Request", "true").announcing(0);
        headers.iter().fold(request, |request, (name, value)| request.header(name, value)).send(server)
    };
    let fragment = "/members/notes";
    let current = |page: &'static str| [("HX-Current-URL", page), ("Sec-Fetch-Site", "same-origin")];
    for (method, page, target) in [
        ("GET", "http://localhost/list?a=1", "/members/auth/continue?next=/list%3Fa%3D1"),
        ("GET", "http://evil.example/list", CONTINUE),
        ("GET", "http://localhost//evil.example", CONTINUE),
        ("GET", "junk", CONTINUE),
        ("POST", "http://localhost/list?a=1", "/enter?next=/list%3Fa%3D1"),
        ("POST", "http://evil.example/list", "/enter"),
    ] {
        // Rocket and Salvo route a method that a path has only.
        let path = if method == "GET" { PAGE } else { fragment };
        let reply = ask(method, path, &current(page));
        assert_eq!((reply.status, reply.header("hx-redirect")), (401, target), "{method} {page} {reply:?}");
        assert_eq!(reply.header("location"), "");
    }
    let boosted =
        ask("GET", "/members/hello?b", &[("HX-Boosted", "true"), ("HX-Current-URL", "http://localhost/a")]);
    assert_eq!(boosted.header("hx-redirect"), "/members/auth/continue?next=/members/hello%3Fb");
    let login = Request::post("/members/auth/login")
        .header("HX-Request", "true")
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body(login_fields("ada", PASSWORD))
        .send(server);
    assert_eq!(
        (login.status, login.header("hx-redirect"), login.cookies().len()),
        (204, PAGE, 3),
        "{login:?}"
    );
}

pub(crate) fn a_form_without_a_good_token_is_sent_to_the_login_page(server: SocketAddr) {
    let mut visitor = Visitor::new(server);
    assert_redirects(&visitor.submit("/members/notes", "a=b"), "/enter");
    let mut visitor = Visitor::log_in(server, "ada");
    assert_eq!(visitor.submit("/members/notes", "a=b").body, "noted by 1");
    visitor.jar.forget(ACCESS);
    assert_redirects(&visitor.submit("/members/notes", "a=b"), "/enter");
    assert_eq!(Request::post("/members/notes").send(server).status, 401);
}

pub(crate) fn a_request_of_another_host_is_refused_even_with_a_good_token(server: SocketAddr) {
    let visitor = Visitor::log_in(server, "ada");
    let navigation = [("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document"), VISIT[0]];
    for headers in [
        &[("Sec-Fetch-Site", "cross-site")][..],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "junk")],
        &[("Origin", "http://evil.example")],
        &[("Origin", "null")],
        &[("Origin", "http://localhost:1")],
        &[("Sec-Fetch-Site", "cross-site"), ("HX-Request", "true")],
    ] {
        for request in [
            visitor.request("POST", "/members/notes", &[headers, &navigation[..]].concat()).announcing(0),
            visitor.request("GET", PAGE, headers),
        ] {
            let reply = request.send(server);
            assert_eq!((reply.status, reply.header("location")), (403, ""), "{headers:?} {reply:?}");
        }
    }
    for dest in ["iframe", "object", "image"] {
        let headers =
            [("Sec-Fetch-Site", "same-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", dest)];
        assert_eq!(visitor.request("GET", PAGE, &headers).send(server).status, 403);
    }
}

pub(crate) fn a_link_of_another_site_is_followed_with_a_good_token(server: SocketAddr) {
    let visitor = Visitor::log_in(server, "ada");
    for site in ["cross-site", "same-site", "none"] {
        let headers = [VISIT[0], ("Sec-Fetch-Site", site), VISIT[2], VISIT[3]];
        assert_eq!(visitor.request("GET", PAGE, &headers).send(server).status, 200, "{site}");
        let reply = visitor.request("GET", CONTINUE, &headers).send(server);
        assert_redirects(&reply, PAGE);
    }
}

pub(crate) fn continue_answers_navigations_only(server: SocketAddr) {
    let mut visitor = Visitor::log_in(server, "ada");
    for headers in [
        &[("Sec-Fetch-Mode", "cors"), ("Sec-Fetch-Dest", "empty"), ("Sec-Fetch-Site", "same-origin")][..],
        &[("Sec-Fetch-Mode", "no-cors"), ("Sec-Fetch-Dest", "image"), ("Sec-Fetch-Site", "cross-site")],
        &[("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "iframe"), ("Sec-Fetch-Site", "same-origin")],
        &[("Sec-Fetch-Mode", "navigate")],
        &[("Sec-Fetch-Site", "none")],
        &[("Origin", "http://evil.example")],
    ] {
        let reply = visitor.request("GET", CONTINUE, headers).send(server);
        assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{headers:?} {reply:?}");
    }
    for method in ["POST", "PUT", "DELETE"] {
        let reply = visitor.request(method, CONTINUE, &VISIT).announcing(0).send(server);
        assert_eq!((reply.status, reply.header("allow")), (405, "GET, HEAD, OPTIONS"), "{reply:?}");
    }
    // Browsers without Fetch Metadata.
    let before = visitor.jar.readable(ACCESS).to_owned();
    let reply = visitor.send(visitor.request("GET", CONTINUE, &[]));
    assert_redirects(&reply, PAGE);
    assert_ne!(visitor.jar.readable(ACCESS), before);
    assert_eq!(visitor.visit(PAGE).status, 200);
}

pub(crate) fn continue_without_a_session_keeps_the_page_for_the_login(server: SocketAddr) {
    let mut visitor = Visitor::new(server);
    for (next, kept) in [
        ("/a?b=c%26d", "/enter?next=/a%3Fb%3Dc%26d"),
        ("/members/hello", "/enter"),
        ("//evil.example", "/enter"),
        ("/members/auth/logout", "/enter"),
        ("/a&next=/b", "/enter"),
        ("/%ff", "/enter"),
        ("%", "/enter"),
    ] {
        let reply = visitor.visit(&format!("/members/auth/continue?next={next}"));
        assert_redirects(&reply, kept);
        assert!(reply.cookies().is_empty(), "{reply:?}");
    }
    assert_redirects(&visitor.visit("/members/auth/continue"), "/enter");
    let mut visitor = Visitor::log_in(server, "ada");
    let (mut ended, field) = (Visitor::new(server), visitor.field());
    for name in [REFRESH, CSRF] {
        let cookie = visitor
            .jar
            .header("/members/auth/x")
            .split("; ")
            .find(|pair| pair.starts_with(name))
            .unwrap()
            .to_owned();
        ended.jar.plant(&cookie, if name == REFRESH { "/members/auth" } else { "/" });
    }
    visitor.submit("/members/auth/logout", &format!("csrf_token={field}"));
    let (paths, _) = ended.follow("/members/hello?x");
    assert_eq!(paths.last().unwrap(), "/enter?next=/members/hello%3Fx");
}

/// Another host of the site can set the refresh cookie, and so log the visitor in to another account (login CSRF).
pub(crate) fn continue_refreshes_the_session_of_the_csrf_cookie_only(server: SocketAddr) {
    let attacker = Visitor::log_in(server, "bob").jar;
    let planted = attacker.header("/members/auth/x");
    let planted = planted.split("; ").find(|pair| pair.starts_with(REFRESH)).unwrap();
    let mut visitor = Visitor::new(server);
    visitor.jar.plant(planted, "/members/auth");
    assert_redirects(&visitor.visit(CONTINUE), "/enter");
    visitor.jar.plant(&format!("{CSRF}=junk"), "/");
    assert_redirects(&visitor.visit(CONTINUE), "/enter");
    // Beside the visitor's own session.
    let mut visitor = Visitor::log_in(server, "ada");
    for path in ["/members/auth/continue", "/members"] {
        visitor.jar.plant(planted, path);
    }
    visitor.jar.forget(ACCESS);
    let (_, page) = visitor.follow(PAGE);
    assert!(page.body.starts_with("user 1 "), "{page:?}");
}

pub(crate) fn a_browser_that_drops_the_token_is_sent_to_the_login_page(server: SocketAddr) {
    let mut visitor = Visitor::log_in(server, "ada");
    visitor.jar.forget(ACCESS);
    let reply = visitor.visit(CONTINUE);
    assert_redirects(&reply, PAGE);
    let marker =
        reply.cookies().into_iter().find(|cookie| cookie.starts_with("__Host-site_continued-")).unwrap();
    assert!(marker.ends_with("=1; HttpOnly; Secure; SameSite=Lax; Path=/; Max-Age=30"), "{marker}");
    // As if the token were too large for a cookie.
    visitor.jar.forget(ACCESS);
    let (paths, _) = visitor.follow(PAGE);
    assert_eq!(paths, [PAGE, "/enter"]);
    let (paths, _) = visitor.follow(CONTINUE);
    assert_eq!(paths, [CONTINUE, "/enter"]);
    // For another page once more.
    let (paths, reply) = visitor.follow("/members/hello?other");
    assert_eq!((paths.len(), reply.status), (3, 200), "{paths:?}");
    // A browser that keeps no cookie.
    let mut visitor = Visitor::new(server);
    visitor.submit("/members/auth/login", &login_fields("ada", PASSWORD));
    visitor.jar = Jar::default();
    let (paths, _) = visitor.follow(PAGE);
    assert_eq!(paths, [PAGE, CONTINUE, "/enter"]);
}

pub(crate) fn two_tabs_that_continue_at_once_both_arrive(server: SocketAddr) {
    let visitor = Visitor::log_in(server, "ada");
    let tabs = [(); 4].map(|()| {
        let request = visitor.request("GET", CONTINUE, &VISIT);
        thread::spawn(move || request.send(server))
    });
    let replies = tabs.map(|tab| tab.join().unwrap());
    for reply in &replies {
        assert_redirects(reply, PAGE);
        assert_eq!(reply.cookie(REFRESH), replies[0].cookie(REFRESH), "the chain forks");
    }
    // A tab that was sent to the route before another had refreshed, and arrives after it.
    let mut late = visitor;
    late.jar.store(&replies[0]);
    let reply = late.visit(CONTINUE);
    assert_redirects(&reply, PAGE);
    assert!(reply.cookies().is_empty(), "{reply:?}");
}

pub(crate) fn two_applications_of_a_host_leave_each_other_alone(server: SocketAddr) {
    let mut visitor = Visitor::log_in(server, "ada");
    let reply = visitor.submit("/members/other/login", &login_fields("bob", PASSWORD));
    assert_redirects(&reply, "/");
    let name = |cookie: &&str| cookie.split('=').next().unwrap().to_owned();
    let names: Vec<_> = reply.cookies().iter().map(name).collect();
    let csrf = "__Host-csrf_token-other_refresh.members.other";
    assert_eq!(names, ["__Secure-other_refresh", csrf, "__Host-other_access"]);
    assert!(visitor.visit(PAGE).body.starts_with("user 1 "));
    let field = visitor.jar.readable(csrf).to_owned();
    assert_eq!(visitor.submit("/members/auth/logout", &format!("csrf_token={field}")).status, 403);
    assert_redirects(&visitor.submit("/members/other/logout", &format!("csrf_token={field}")), "/login");
    visitor.jar.forget(ACCESS);
    assert!(visitor.follow(PAGE).1.body.starts_with("user 1 "));
}

pub(crate) fn pages_over_plain_http_have_cookies_without_prefix(server: SocketAddr) {
    let mut visitor = Visitor::new(server);
    let reply = visitor.submit("/plain/login", &login_fields("ada", PASSWORD));
    let [refresh, csrf, access] = reply.cookies()[..] else { panic!("{reply:?}") };
    assert!(refresh.starts_with("other_refresh=ey"), "{refresh}");
    assert!(refresh.ends_with("; HttpOnly; SameSite=Lax; Path=/plain; Max-Age=604800"), "{refresh}");
    assert!(csrf.starts_with("csrf_token-other_refresh.plain="), "{csrf}");
    assert!(access.starts_with("other_access=ey"), "{access}");
    assert!(access.ends_with("; HttpOnly; SameSite=Lax; Path=/; Max-Age=900"), "{access}");
    assert_redirects(&visitor.visit("/plain/continue?next=/x"), "/x");
}

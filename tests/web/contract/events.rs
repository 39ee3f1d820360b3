//! The events of the routes: one for each refusal, and each warning once.

use gatevault::web::{HttpRequest, HttpResponse};
use gatevault_tests::Recorder;
use gatevault_web_tests::Site;
use tracing::Level;

const GOOD: &[u8] = br#"{"username":"ada","password":"correct horse & battery"}"#;

/// Returns the events of requests to a new site, without those of successful logins.
fn events(run: impl FnOnce(&dyn Fn(&HttpRequest, &[u8]) -> HttpResponse)) -> Vec<String> {
    let recorder = Recorder::default();
    tracing::subscriber::with_default(recorder.clone(), || {
        let routes = Site::default().sync_routes();
        run(&|request, body| {
            // Frameworks clone the routes for each request.
            let routes = routes.iter().find(|routes| routes.has(request.path())).unwrap().clone();
            routes.respond(request, Some(body))
        });
    });
    let usual = ["logged in", "no session store chosen", "sessions ended"];
    let lines =
        recorder.lines().into_iter().filter(|(_, line)| !usual.iter().any(|usual| line.contains(usual)));
    lines.map(|(level, line)| if level == Level::INFO { line } else { format!("{level} {line}") }).collect()
}

fn post(path: &str, headers: &[(&str, &str)]) -> HttpRequest {
    let request = HttpRequest::new("POST", path).with_header("content-type", b"application/json");
    headers.iter().fold(request, |request, (name, value)| request.with_header(name, value.as_bytes()))
}

#[test]
fn every_refusal_is_one_event() {
    let cookie = ("cookie", "__Host-refresh_token=junk");
    for (request, body, status, event) in [
        (post("/login", &[]), "{}", 400, "malformed body"),
        (post("/login", &[("content-type", "text/plain")]), "{}", 415, "malformed body"),
        (post("/login", &[("sec-fetch-site", "cross-site")]), "{}", 403, "request refused: cross-site"),
        (post("/login", &[("origin", "http://evil.example")]), "{}", 403, "origin differs from the host"),
        (post("/refresh", &[cookie]), "", 401, "refresh token refused"),
        (post("/refresh", &[]), "", 401, "refresh token refused"),
        (post("/logout", &[("sec-fetch-site", "cross-site")]), "", 403, "request refused: cross-site"),
        (
            post("/logout", &[("origin", "http://a.test"), ("host", "a.test")]),
            "",
            401,
            "refresh token refused",
        ),
    ] {
        let seen = events(|ask| assert_eq!(ask(&request, body.as_bytes()).status, status, "{request:?}"));
        assert!(matches!(&seen[..], [only] if only.contains(event)), "{seen:?}");
    }
    let form = post("/login", &[("sec-fetch-site", "same-site")]).with_header("content-type", b"text/plain");
    let seen = events(|ask| assert_eq!(ask(&form, b"").status, 403));
    assert!(matches!(&seen[..], [only] if only.contains("form of another host")), "{seen:?}");
}

#[test]
fn the_event_of_a_malformed_login_names_the_field_and_nothing_that_was_typed() {
    let seen = events(|ask| drop(ask(&post("/login", &[]), br#"{"username":"hunter2"}"#)));
    assert!(seen[0].contains("the field `password` is missing") && !seen[0].contains("hunter2"), "{seen:?}");
}

#[test]
fn a_forwarding_header_without_a_setting_is_one_warning() {
    for header in ["Forwarded", "X-Forwarded-For", "X-Real-IP", "CF-Connecting-IP", "True-Client-IP"] {
        let ask_twice = |path: &'static str| {
            events(|ask| {
                for _ in 0..2 {
                    assert_eq!(ask(&post(path, &[(header, "203.0.113.1")]), GOOD).status, 200);
                }
            })
        };
        let seen = ask_twice("/login");
        assert!(
            matches!(&seen[..], [only] if only.starts_with("WARN") && only.contains("trusted_proxies")),
            "{seen:?}"
        );
        for path in ["/proxied/login", "/peer/login"] {
            assert_eq!(ask_twice(path), Vec::<String>::new());
        }
    }
    assert_eq!(events(|ask| drop(ask(&post("/login", &[]), GOOD))), Vec::<String>::new());
}

#[test]
fn cookies_that_browsers_drop_are_one_warning() {
    let log_in_twice = |path: &'static str, headers: &[(&str, &str)]| {
        events(|ask| {
            for _ in 0..2 {
                assert_eq!(ask(&post(path, headers), GOOD).status, 200);
            }
        })
    };
    let plain = [("origin", "http://intranet.test:8080"), ("host", "intranet.test:8080")];
    let seen = log_in_twice("/login", &plain);
    let names_both = |line: &str| line.contains("TLS") && line.contains("RefreshCookie::insecure_over_http");
    assert!(matches!(&seen[..], [only] if only.starts_with("WARN") && names_both(only)), "{seen:?}");
    assert_eq!(log_in_twice("/intranet/login", &plain), Vec::<String>::new());
    assert_eq!(log_in_twice("/api/login", &plain), Vec::<String>::new());
    for (origin, host) in [
        ("https://intranet.test", "intranet.test"),
        ("http://localhost:3000", "localhost:3000"),
        ("http://127.0.0.1:3000", "127.0.0.1:3000"),
        ("http://[::1]:3000", "[::1]:3000"),
    ] {
        assert_eq!(log_in_twice("/login", &[("origin", origin), ("host", host)]), Vec::<String>::new());
    }
}

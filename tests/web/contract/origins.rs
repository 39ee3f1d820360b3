//! Which pages may log in, refresh and log out with cookies.

use std::net::SocketAddr;

use gatevault_web_tests::{PASSWORD, Reply, Request};
use serde_json::json;

use crate::browser::{Browser, CSRF, REFRESH, credentials};

const FORM: &str = "username=ada&password=correct+horse+%26%20battery";

fn json_login(path: &str) -> Request {
    Request::post(path).json(&credentials("ada", PASSWORD))
}

fn form_login(path: &str) -> Request {
    Request::post(path).header("Content-Type", "application/x-www-form-urlencoded").body(FORM)
}

fn with(request: Request, headers: &[(&str, &str)]) -> Request {
    headers.iter().fold(request, |request, (name, value)| request.header(name, value))
}

fn assert_refused(reply: &Reply) {
    assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{reply:?}");
}

pub(crate) fn without_fetch_metadata_the_origin_must_be_that_of_the_host(server: SocketAddr) {
    for (host, origin) in [
        ("localhost", "http://localhost"),
        ("localhost", "HTTPS://LocalHost:443"),
        ("App.Example:8080", "http://app.example:8080"),
        ("app.example:443", "https://app.example"),
        ("[::1]:8080", "http://[::1]:8080"),
    ] {
        for login in [json_login("/login"), form_login("/login")] {
            let reply = login.sent_to(host).header("Origin", origin).send(server);
            assert_eq!(reply.status, 200, "{host} {origin}");
        }
    }
    for origins in [
        &["null"][..],
        &[""],
        &["*"],
        &["localhost"],
        &["http://"],
        &["http://localhost/"],
        &["http://localhost:8080"],
        &["http://localhost.evil.example"],
        &["http://evil.example"],
        &["http://localhost@evil.example"],
        &["http://localhost http://evil.example"],
        &["http://localhost, http://localhost"],
        &["http://localhost", "http://localhost"],
        &["http://localhost", "http://evil.example"],
    ] {
        let headers: Vec<_> = origins.iter().map(|origin| ("Origin", *origin)).collect();
        assert_refused(&with(json_login("/login"), &headers).send(server));
    }
    // Only the host that the request was sent to counts, not one that a client may write.
    for (name, value) in [
        ("X-Forwarded-Host", "evil.example"),
        ("X-Original-Host", "evil.example"),
        ("Forwarded", "host=evil.example"),
        ("Referer", "http://localhost/"),
    ] {
        let headers = [("Origin", "http://evil.example"), (name, value)];
        assert_refused(&with(json_login("/login"), &headers).send(server));
    }
    let browser = Browser::log_in(server, "ada");
    for path in ["/refresh", "/logout"] {
        assert_refused(&browser.post(path).header("Origin", "http://evil.example").send(server));
        assert_refused(&browser.post(path).header("Origin", "null").send(server));
        assert_eq!(browser.profile().status, 200);
    }
    assert_eq!(browser.post("/logout").header("Origin", "http://localhost").send(server).status, 204);
}

pub(crate) fn fetch_metadata_decides_before_the_origin(server: SocketAddr) {
    let ask = |sites: &[&str], origin: &str| {
        let sites: Vec<_> = sites.iter().map(|site| ("Sec-Fetch-Site", *site)).collect();
        with(json_login("/login").header("Origin", origin), &sites).send(server)
    };
    for site in ["same-origin", "none"] {
        // A proxy has replaced the host.
        assert_eq!(ask(&[site], "https://app.example").status, 200, "{site}");
    }
    for sites in [
        &["cross-site"][..],
        &["same-origin", "cross-site"],
        &["cross-site", "same-origin"],
        &["Same-Origin"],
        &["same-origin, none"],
        &["other"],
        &[""],
    ] {
        assert_refused(&ask(sites, "http://localhost"));
    }
}

/// The page at `app.example.com`, the routes at `api.example.com`: it cannot read their cookies.
pub(crate) fn a_page_of_another_host_of_the_site_logs_in_with_json_refreshes_and_logs_out(
    server: SocketAddr,
) {
    let headers = [("Sec-Fetch-Site", "same-site"), ("Origin", "https://app.example.com")];
    let ask = |path: &str, cookie: &str, csrf: &str| {
        let request = Request::post(path).sent_to("api.example.com").header("Cookie", cookie);
        with(request, &headers).header("X-CSRF-Token", csrf).send(server)
    };
    let login = with(json_login("/login").sent_to("api.example.com"), &headers).send(server);
    assert_eq!(login.status, 200, "{login:?}");
    let csrf = login.json()["csrf_token"].as_str().unwrap().to_owned();
    let cookie = format!("{REFRESH}={}", login.cookie(REFRESH));
    for wrong in ["", "junk"] {
        assert_refused(&ask("/refresh", &cookie, wrong));
        assert_refused(&ask("/logout", &cookie, wrong));
    }
    let refreshed = ask("/refresh", &cookie, &csrf);
    assert_eq!((refreshed.status, &refreshed.json()["csrf_token"]), (200, &csrf.clone().into()));
    let cookie = format!("{REFRESH}={}", refreshed.cookie(REFRESH));
    assert_eq!(ask("/logout", &cookie, &csrf).status, 204);
    assert_eq!(ask("/refresh", &cookie, &csrf).status, 401);
}

/// It would log the visitor in as another user (login CSRF).
pub(crate) fn a_form_of_another_host_of_the_site_logs_no_user_in(server: SocketAddr) {
    let headers = [("Sec-Fetch-Site", "same-site"), ("Origin", "https://blog.example.com")];
    assert_refused(&with(form_login("/login"), &headers).send(server));
    for content_type in ["text/plain", "multipart/form-data; boundary=x", ""] {
        let body = credentials("ada", PASSWORD).to_string();
        let login = Request::post("/login").header("Content-Type", content_type).body(body);
        assert_refused(&with(login, &headers).send(server));
    }
    assert_eq!(with(form_login("/login"), &[("Sec-Fetch-Site", "same-origin")]).send(server).status, 200);
}

pub(crate) fn pages_of_allowed_origins_use_cookies_of_another_site(server: SocketAddr) {
    let (path, site) = ("/partner/login", ("Sec-Fetch-Site", "cross-site"));
    for headers in [
        &[site, ("Origin", "https://app.example")][..],
        &[site, ("Origin", "https://APP.example:443")],
        &[site, ("Origin", "capacitor://localhost")],
        &[("Origin", "https://app.example")],
        &[("Sec-Fetch-Site", "same-site"), ("Origin", "https://app.example")],
    ] {
        for login in [json_login(path), form_login(path)] {
            let reply = with(login, headers).send(server);
            assert_eq!(reply.status, 200, "{headers:?}");
            assert_eq!(reply.cookies().len(), 2);
            let is_cross_site = |cookie: &&str| cookie.contains("; Secure; SameSite=None; ");
            assert!(reply.cookies().iter().all(is_cross_site), "{reply:?}");
        }
    }
    for headers in [
        &[site][..],
        &[site, ("Origin", "null")],
        &[site, ("Origin", "https://evil.example")],
        &[site, ("Origin", "http://app.example")],
        &[site, ("Origin", "https://app.example:8443")],
        &[site, ("Origin", "https://app.example.evil.example")],
        &[site, ("Origin", "https://app.example"), ("Origin", "https://evil.example")],
        &[site, ("Origin", "https://app.example"), ("Origin", "https://app.example")],
        &[("Origin", "http://app.example")],
    ] {
        assert_refused(&with(json_login(path), headers).send(server));
    }
    let headers = [site, ("Origin", "https://app.example")];
    let login = with(json_login(path), &headers).send(server);
    let cookie = format!("__Secure-refresh_token={}", login.cookie("__Secure-refresh_token"));
    let csrf = login.json()["csrf_token"].as_str().unwrap().to_owned();
    let ask = |path: &str| with(Request::post(path).header("Cookie", &cookie), &headers);
    assert_refused(&ask("/partner/refresh").send(server));
    assert_eq!(ask("/partner/refresh").header("X-CSRF-Token", &csrf).send(server).status, 200);
    assert_eq!(ask("/partner/logout").header("X-CSRF-Token", &csrf).send(server).status, 204);
    // Other routes of the server do not allow the origin.
    assert_refused(&with(json_login("/login"), &headers).send(server));
}

/// No browser adds anything to these requests by itself.
pub(crate) fn routes_without_cookies_ask_for_no_origin(server: SocketAddr) {
    let headers = [("Sec-Fetch-Site", "cross-site"), ("Origin", "null")];
    let login = with(json_login("/api/login"), &headers).send(server);
    assert_eq!((login.status, login.json().get("csrf_token")), (200, None), "{login:?}");
    let body = json!({ "refresh_token": login.json()["refresh_token"] });
    assert_eq!(with(Request::post("/api/logout").json(&body), &headers).send(server).status, 204);
    assert_eq!(login.cookie(CSRF), "");
}

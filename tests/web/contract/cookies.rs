//! The refresh token in its cookie, or in the body for clients without cookies.

use std::net::SocketAddr;
use std::thread;

use gatevault_web_tests::{PASSWORD, Request, User, mint_expired_refresh, mint_purpose, tokens};
use serde_json::json;

use crate::browser::{Browser, CSRF, REFRESH, assert_deletes_both, credentials};

pub(crate) fn a_login_sets_the_cookies_and_the_body_has_no_refresh_token(server: SocketAddr) {
    let reply = Request::post("/login").json(&credentials("ada", PASSWORD)).send(server);
    let [refresh, csrf] = reply.cookies()[..] else { panic!("{reply:?}") };
    assert!(refresh.starts_with(&format!("{REFRESH}=ey")));
    assert!(refresh.ends_with("; HttpOnly; Secure; SameSite=Strict; Path=/; Max-Age=604800"), "{refresh}");
    assert!(csrf.starts_with(&format!("{CSRF}=")) && !csrf.contains("HttpOnly"), "{csrf}");
    assert!(csrf.ends_with("; Secure; SameSite=Strict; Path=/; Max-Age=604800"), "{csrf}");
    assert!(!reply.body.contains("refresh_token"), "{}", reply.body);
    // For a page of another host, which cannot read the cookie.
    assert_eq!(reply.json()["csrf_token"], reply.cookie(CSRF));
}

/// The refresh tokens of this server end after `lifetime` seconds, because of their own expiry or that of their session
/// (RFC 6265 section 4.1.2.2).
pub(crate) fn cookies_live_no_longer_than_their_refresh_token(server: SocketAddr, lifetime: u64) {
    let login = Request::post("/login").json(&credentials("ada", PASSWORD)).send(server);
    let [refresh, csrf] = [login.cookie(REFRESH), login.cookie(CSRF)];
    let cookies = format!("{REFRESH}={refresh}; {CSRF}={csrf}");
    let refreshed =
        Request::post("/refresh").header("Cookie", cookies).header("X-CSRF-Token", csrf).send(server);
    for reply in [login, refreshed] {
        let ages: Vec<u64> = reply
            .cookies()
            .iter()
            .map(|cookie| cookie.rsplit("Max-Age=").next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(ages.len(), 2, "{reply:?}");
        assert!(ages.iter().all(|age| (lifetime - 100..=lifetime).contains(age)), "{reply:?}");
    }
}

/// In the cookie and in the body, with the session of the browser and with none.
pub(crate) fn a_purpose_token_neither_refreshes_nor_ends_a_session(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    let access = tokens().decode_access_token::<gatevault::Payload>(&browser.access).unwrap();
    for session in [None, access.session_id()] {
        let token = mint_purpose(1, session);
        let forged = Browser { refresh: token.clone(), ..browser.clone() };
        assert_eq!(forged.post("/refresh").send(server).status, 401);
        // As any cookie that is no refresh token: the browser forgets it, and no session ends.
        assert_eq!(forged.post("/logout").send(server).status, 204);
        for path in ["/api/refresh", "/api/logout"] {
            let body = json!({ "refresh_token": token });
            assert_eq!(Request::post(path).json(&body).send(server).status, 401, "{path}");
        }
        assert_eq!(Request::get("/sessions").bearer(&token).send(server).status, 401);
    }
    assert_eq!(browser.profile().status, 200);
    browser.refresh();
}

pub(crate) fn a_refresh_rotates_the_cookie(server: SocketAddr) {
    let first = Browser::log_in(server, "ada");
    let second = first.refresh();
    assert_ne!(first.refresh, second.refresh);
    assert_ne!(first.access, second.access);
    assert_eq!(second.profile().body, "user 1");
    assert_eq!(second.refresh().profile().body, "user 1");
}

pub(crate) fn a_logout_ends_the_session_and_deletes_the_cookies(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    let reply = browser.post("/logout").send(server);
    assert_eq!((reply.status, reply.header("cache-control")), (204, "no-store"));
    assert_deletes_both(&reply);
    assert_eq!(browser.post("/refresh").send(server).status, 401);
    // A client that lost the response may repeat the request, with the cookie or without.
    assert_eq!(browser.post("/logout").send(server).status, 204);
    assert_eq!(Request::post("/logout").send(server).status, 204);
}

pub(crate) fn two_tabs_that_refresh_at_once_stay_logged_in(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    let tabs = [(); 4].map(|()| {
        let tab = browser.clone();
        thread::spawn(move || tab.refresh())
    });
    let tabs = tabs.map(|tab| tab.join().unwrap());
    assert!(tabs.iter().all(|tab| tab.refresh == tabs[0].refresh), "the chain forks");
    // A tab that read the CSRF cookie before the responses to the others arrived.
    let late = Browser { csrf: browser.csrf, ..tabs[0].clone() };
    assert_eq!(late.refresh().profile().body, "user 1");
}

pub(crate) fn a_token_that_was_used_long_ago_ends_the_session(server: SocketAddr) {
    let first = Browser::log_in(server, "ada");
    let last = first.refresh().refresh();
    let reply = first.post("/refresh").send(server);
    assert_eq!((reply.status, reply.cookies().len()), (401, 0), "{reply:?}");
    assert_eq!(last.post("/refresh").send(server).status, 401);
    assert_eq!(last.profile().status, 401);
}

pub(crate) fn of_several_cookies_the_one_of_the_csrf_token_is_refreshed(server: SocketAddr) {
    let (browser, other) = (Browser::log_in(server, "ada"), Browser::log_in(server, "bob"));
    let cookie = format!("{REFRESH}={}", browser.refresh);
    let ask = |headers: &[String]| {
        let request = Request::post("/refresh").header("X-CSRF-Token", &browser.csrf);
        headers.iter().fold(request, |request, header| request.header("Cookie", header)).send(server).status
    };
    assert_eq!(ask(&[format!("{REFRESH}=; {cookie}")]), 200);
    let browser = browser.refresh();
    let cookie = format!("{REFRESH}={}", browser.refresh);
    let ask = |headers: &[String]| {
        let request = Request::post("/refresh").header("X-CSRF-Token", &browser.csrf);
        headers.iter().fold(request, |request, header| request.header("Cookie", header)).send(server)
    };
    for junk in ["junk".to_owned(), mint_expired_refresh(&User::member(1)), other.refresh.clone()] {
        let planted = format!("{REFRESH}={junk}");
        for headers in [
            vec![format!("{planted}; {cookie}")],
            vec![format!("{cookie}; {planted}")],
            vec![planted.clone(), "theme=dark".to_owned(), cookie.clone()],
        ] {
            assert_eq!(ask(&headers).status, 200, "{headers:?}");
        }
    }
    assert_eq!(ask(&[cookie.clone(), cookie]).status, 200);
    let denied = ask(&[format!("{REFRESH}=junk; {REFRESH}={}", other.refresh)]);
    assert_eq!((denied.status, denied.cookies().len()), (403, 0), "{denied:?}");
    let denied = ask(&[format!("{REFRESH}=junk; {REFRESH}=rubbish")]);
    assert_eq!(denied.status, 401, "{denied:?}");
    assert_deletes_both(&denied);
    // One bad cookie may be that of a tab that lost a race, whose winner has set the next one.
    let denied = ask(&[format!("{REFRESH}=junk")]);
    assert_eq!((denied.status, denied.cookies().len()), (401, 0), "{denied:?}");
    assert_eq!(other.refresh().profile().status, 200);
}

pub(crate) fn a_refresh_token_in_the_body_is_ignored(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    let body = json!({ "refresh_token": browser.refresh });
    assert_eq!(Request::post("/refresh").json(&body).send(server).status, 401);
}

pub(crate) fn clients_without_cookies_have_the_refresh_token_in_the_body(server: SocketAddr) {
    let login = Request::post("/api/login").json(&credentials("ada", PASSWORD)).send(server);
    assert!(login.cookies().is_empty());
    let body = json!({ "refresh_token": login.json()["refresh_token"] });
    let refreshed = Request::post("/api/refresh").json(&body).send(server);
    assert_eq!((refreshed.status, refreshed.cookies().len()), (200, 0), "{refreshed:?}");
    let refresh = refreshed.json()["refresh_token"].as_str().unwrap().to_owned();
    assert!(tokens().decode_refresh_token::<gatevault::Payload>(&refresh).is_ok());
    // These routes ignore cookies.
    let cookie = format!("__Secure-refresh_token={refresh}; {REFRESH}={refresh}");
    let by_cookie = Request::post("/api/refresh").header("Cookie", cookie).json(&json!({})).send(server);
    assert_eq!(by_cookie.status, 400);
    let logout = Request::post("/api/logout").json(&json!({ "refresh_token": refresh })).send(server);
    assert_eq!(logout.status, 204);
    assert_eq!(
        Request::post("/api/refresh").json(&json!({ "refresh_token": refresh })).send(server).status,
        401
    );
}

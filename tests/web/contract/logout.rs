//! `POST /logout`: it never reports success while a session that the request named is active.

use std::net::SocketAddr;

use gatevault_web_tests::{
    PASSWORD, Reply, Request, User, mint_expired, mint_expired_refresh, mint_foreign, mint_refresh,
};
use serde_json::json;

use crate::browser::{Browser, REFRESH, assert_deletes_both, credentials};

fn log_out(server: SocketAddr, cookies: &[&str], csrf: &str) -> Reply {
    let pairs: Vec<_> = cookies.iter().map(|cookie| format!("{REFRESH}={cookie}")).collect();
    Request::post("/logout").header("Cookie", pairs.join("; ")).header("X-CSRF-Token", csrf).send(server)
}

pub(crate) fn a_cookie_of_no_session_is_deleted(server: SocketAddr) {
    let user = User::member(1);
    let forged = {
        let genuine = Browser::log_in(server, "ada").refresh;
        format!("{}AAAA", &genuine[..genuine.len() - 4])
    };
    let (ended, gone) = (Browser::log_in(server, "ada"), Browser::log_in(server, "ada"));
    assert_eq!(ended.post("/logout").send(server).status, 204);
    for cookie in [
        "",
        "junk",
        "a.b.c",
        &forged,
        &mint_expired_refresh(&user),
        &mint_refresh(&user),
        &gone.access,
        &ended.refresh,
    ] {
        for cookies in [&[cookie][..], &[cookie, cookie], &[cookie, "other junk"]] {
            let reply = log_out(server, cookies, "junk");
            assert_eq!(reply.status, 204, "{cookies:?}");
            assert_deletes_both(&reply);
        }
    }
    // The cookie of a tab that did not see the refresh of another.
    let outdated = Browser::log_in(server, "ada");
    let newest = outdated.refresh();
    assert_deletes_both(&outdated.post("/logout").send(server));
    assert_eq!((newest.profile().status, newest.post("/refresh").send(server).status), (401, 401));
}

pub(crate) fn the_session_goes_whose_csrf_token_the_request_echoes(server: SocketAddr) {
    let bob = Browser::log_in(server, "bob");
    for others in [&["junk"][..], &[""], &[&bob.refresh], &["junk", &bob.refresh, ""]] {
        for is_first in [true, false] {
            let ada = Browser::log_in(server, "ada");
            let mut cookies = others.to_vec();
            cookies.insert(if is_first { 0 } else { others.len() }, &ada.refresh);
            let reply = log_out(server, &cookies, &ada.csrf);
            assert_eq!(reply.status, 204, "{cookies:?}");
            assert_deletes_both(&reply);
            assert_eq!((ada.profile().status, bob.profile().status), (401, 200), "{cookies:?}");
        }
    }
}

pub(crate) fn a_logout_is_refused_if_no_genuine_cookie_has_its_csrf_token(server: SocketAddr) {
    let (ada, bob) = (Browser::log_in(server, "ada"), Browser::log_in(server, "bob"));
    for csrf in ["", "junk", &Browser::log_in(server, "ada").csrf] {
        for cookies in [
            &[ada.refresh.as_str()][..],
            &[&ada.refresh, &bob.refresh],
            &["junk", &ada.refresh],
            &["", &ada.refresh],
        ] {
            let reply = log_out(server, cookies, csrf);
            assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{cookies:?}");
        }
    }
    assert_eq!((ada.profile().status, bob.profile().status), (200, 200));
}

pub(crate) fn more_cookies_than_are_verified_are_deleted_and_no_success(server: SocketAddr) {
    let ada = Browser::log_in(server, "ada");
    let reply = log_out(server, &["1", "2", "3", "4", &ada.refresh], &ada.csrf);
    assert_eq!(reply.status, 401, "{reply:?}");
    assert_deletes_both(&reply);
    assert_eq!(ada.profile().status, 200);
    assert_eq!(log_out(server, &["1", "2", "3", &ada.refresh, "5"], &ada.csrf).status, 204);
    assert_eq!(ada.profile().status, 401);
}

pub(crate) fn without_cookies_the_access_token_names_the_session(server: SocketAddr) {
    for headers in [
        &[][..],
        &[("Sec-Fetch-Site", "same-site")],
        &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://app.example")],
        &[("Origin", "http://intranet.test")],
    ] {
        let ada = Browser::log_in(server, "ada");
        let request = Request::post("/logout").bearer(&ada.access);
        let request = headers.iter().fold(request, |request, (name, value)| request.header(name, value));
        let reply = request.clone().send(server);
        assert_eq!(reply.status, 204, "{headers:?}");
        assert_eq!(reply.cookies().len(), if headers.is_empty() { 2 } else { 0 }, "{headers:?}");
        assert_eq!(ada.profile().status, 401);
        assert_eq!(ada.post("/refresh").send(server).status, 401);
    }
    // A request that names two sessions ends both.
    let (ada, other) = (Browser::log_in(server, "ada"), Browser::log_in(server, "ada"));
    assert_eq!(ada.post("/logout").bearer(&other.access).send(server).status, 204);
    assert_eq!((ada.profile().status, other.profile().status), (401, 401));
}

pub(crate) fn without_cookies_only_the_own_page_deletes_them_and_succeeds(server: SocketAddr) {
    let user = User::member(1);
    let names_none = |request: Request| {
        [None, Some(mint_expired(&user)), Some(mint_foreign(&user)), Some("junk".to_owned())].map(|token| {
            match token {
                Some(token) => request.clone().bearer(&token).send(server),
                None => request.clone().send(server),
            }
        })
    };
    let ask = |name: &str, value: &str| names_none(Request::post("/logout").header(name, value));
    let own = [("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "none"), ("Origin", "http://localhost")];
    for reply in own.into_iter().flat_map(|(name, value)| ask(name, value)) {
        assert_eq!(reply.status, 204, "{reply:?}");
        assert_deletes_both(&reply);
    }
    // The page did not send the cookies, or the browser keeps them from pages of other sites.
    let allowed = Request::post("/partner/logout").header("Origin", "https://app.example");
    let others = [
        Request::post("/logout").header("Sec-Fetch-Site", "same-site"),
        Request::post("/partner/logout").header("Sec-Fetch-Site", "same-site"),
        allowed.clone().header("Sec-Fetch-Site", "cross-site"),
        allowed,
    ];
    for reply in others.into_iter().flat_map(names_none) {
        assert_eq!((reply.status, reply.cookies().len()), (401, 0), "{reply:?}");
    }
    // The browser may have a cookie that it does not send for the page.
    let foreign = [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example"), ("Origin", "null")];
    for reply in foreign.into_iter().flat_map(|(name, value)| ask(name, value)) {
        assert_eq!((reply.status, reply.cookies().len()), (403, 0), "{reply:?}");
    }
}

/// The browser has dropped the cookies of the login, since they are `Secure`.
pub(crate) fn over_plain_http_a_logout_without_a_token_is_no_success(server: SocketAddr) {
    let from = |path: &str, origin: &str| {
        let host = origin.split_once("//").unwrap().1;
        Request::post(path).sent_to(host).header("Origin", origin)
    };
    let login = from("/login", "http://intranet.test").json(&credentials("ada", PASSWORD)).send(server);
    assert_eq!(login.status, 200);
    let reply = from("/logout", "http://intranet.test").send(server);
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{reply:?}");
    assert_eq!(from("/logout", "http://192.168.0.7:3000").send(server).status, 401);
    let access = login.json()["access_token"].as_str().unwrap().to_owned();
    assert_eq!(Request::get("/profile").bearer(&access).send(server).status, 200);
    assert_eq!(from("/logout", "http://intranet.test").bearer(&access).send(server).status, 204);
    assert_eq!(Request::get("/profile").bearer(&access).send(server).status, 401);
    for (path, origin) in [
        ("/logout", "https://intranet.test"),
        ("/logout", "http://localhost:3000"),
        ("/logout", "http://127.0.0.1:3000"),
        ("/intranet/logout", "http://intranet.test"),
    ] {
        let reply = from(path, origin).send(server);
        assert_eq!((reply.status, reply.cookies().len()), (204, 2), "{origin}: {reply:?}");
    }
}

pub(crate) fn clients_without_cookies_may_repeat_a_logout(server: SocketAddr) {
    let log_out = |token: &str| {
        Request::post("/api/logout").json(&json!({ "refresh_token": token })).send(server).status
    };
    let login = Request::post("/api/login").json(&credentials("ada", PASSWORD)).send(server);
    let refresh = login.json()["refresh_token"].as_str().unwrap().to_owned();
    assert_eq!((log_out(&refresh), log_out(&refresh)), (204, 204));
    for forged in ["", "junk", &refresh[..refresh.len() - 4], login.json()["access_token"].as_str().unwrap()]
    {
        assert_eq!(log_out(forged), 401, "{forged}");
    }
}

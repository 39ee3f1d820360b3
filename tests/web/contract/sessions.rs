//! `GET /sessions`, `DELETE /sessions/{id}`.

use std::net::SocketAddr;

use gatevault_web_tests::{PASSWORD, Reply, Request, User, mint, mint_foreign};
use serde_json::{Value, json};

use crate::accounts::registered;
use crate::browser::{Browser, assert_deletes_both, credentials};

fn sessions(server: SocketAddr, access: &str) -> Vec<Value> {
    let reply = Request::get("/sessions").bearer(access).send(server);
    assert_eq!((reply.status, reply.header("cache-control")), (200, "no-store"), "{reply:?}");
    reply.json()["sessions"].as_array().unwrap().clone()
}

fn current(server: SocketAddr, access: &str) -> Value {
    sessions(server, access).into_iter().find(|session| session["current"] == true).unwrap()
}

pub(crate) fn a_user_sees_their_sessions(server: SocketAddr) {
    let login = |agent: &str, label: Option<&str>| {
        let body = json!({ "username": "bob", "password": PASSWORD, "label": label });
        let reply = Request::post("/login").header("User-Agent", agent).json(&body).send(server);
        reply.json()["access_token"].as_str().unwrap().to_owned()
    };
    assert_eq!(current(server, &login("curl/8", Some("laptop")))["label"], "laptop");
    let session = current(server, &login("curl/8", None));
    assert_eq!(session["label"], "curl/8");
    assert_eq!(session["refreshed_at"], session["authenticated_at"]);
    assert!(session["expires_at"].as_u64() > session["refreshed_at"].as_u64());
}

pub(crate) fn a_user_ends_one_of_their_sessions_and_none_of_another_user(server: SocketAddr) {
    let (ada, phone, bob) =
        (Browser::log_in(server, "ada"), Browser::log_in(server, "ada"), Browser::log_in(server, "bob"));
    let id = current(server, &phone.access)["id"].as_str().unwrap().to_owned();
    let end =
        |access: &str| Request::new("DELETE", &format!("/sessions/{id}")).bearer(access).send(server).status;
    assert_eq!(end(&bob.access), 404);
    assert_eq!(end("junk"), 401);
    assert_eq!(phone.profile().status, 200);
    assert_eq!(end(&ada.access), 204);
    assert_eq!(phone.profile().status, 401);
    assert_eq!(end(&ada.access), 404);
    assert_eq!(ada.profile().status, 200);
}

/// A guard accepts the token as one of the same user. The list of sessions does not.
pub(crate) fn a_user_of_another_issuer_sees_and_ends_no_session(server: SocketAddr) {
    let ada = Browser::log_in(server, "ada");
    let id = current(server, &ada.access)["id"].as_str().unwrap().to_owned();
    let foreign = mint_foreign(&User::member(1));
    assert_eq!(Request::get("/profile").bearer(&foreign).send(server).body, "user 1");
    assert_eq!(Request::get("/sessions").bearer(&foreign).send(server).status, 403);
    let end = Request::new("DELETE", &format!("/sessions/{id}")).bearer(&foreign).send(server);
    assert_eq!(end.status, 403, "{end:?}");
    assert_eq!(ada.profile().status, 200);
}

/// "All but mine" without a session of its own must not become "all".
pub(crate) fn a_token_without_a_session_ends_no_session_as_one_of_the_others(server: SocketAddr) {
    let ada = Browser::log_in(server, "ada");
    let reply = end(server, "/sessions?others", &mint(&User::member(1)));
    assert_eq!(reply.status, 403, "{reply:?}");
    assert_eq!((ada.profile().status, ada.refresh().profile().status), (200, 200));
}

/// The cookie alone, which a browser sends by itself, is not enough.
pub(crate) fn a_list_of_sessions_needs_an_access_token(server: SocketAddr) {
    let browser = Browser::log_in(server, "ada");
    let cookie = format!("__Host-refresh_token={}", browser.refresh);
    let reply = Request::get("/sessions").header("Cookie", cookie).send(server);
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, "Bearer"), "{reply:?}");
    assert_eq!(Request::get("/sessions").bearer(&browser.refresh).send(server).status, 401);
    let large = Request::get("/sessions").bearer("junk").body("x".repeat(100_000)).send(server);
    assert_eq!(large.status, 401, "{large:?}");
}

fn end(server: SocketAddr, path: &str, access: &str) -> Reply {
    Request::new("DELETE", path).bearer(access).send(server)
}

pub(crate) fn a_user_ends_all_sessions_and_the_cookies_are_deleted(server: SocketAddr) {
    let (name, browser) = registered(server);
    let login = Request::post("/login").json(&credentials(&name, PASSWORD)).send(server);
    let phone = Browser::after(server, &login);
    let reply = end(server, "/sessions", &phone.access);
    assert_eq!((reply.status, reply.body.as_str()), (204, ""), "{reply:?}");
    assert_deletes_both(&reply);
    for browser in [&browser, &phone] {
        assert_eq!(browser.profile().status, 401);
        assert_eq!(browser.post("/refresh").send(server).status, 401);
    }
    assert_eq!(end(server, "/sessions", &phone.access).status, 401);
    let api = Request::post("/api/login").json(&credentials(&name, PASSWORD)).send(server).json();
    let reply = end(server, "/api/sessions", api["access_token"].as_str().unwrap());
    assert_eq!((reply.status, reply.cookies().len()), (204, 0), "{reply:?}");
    for denied in ["junk", &mint_foreign(&User::member(1))] {
        assert!(matches!(end(server, "/sessions", denied).status, 401 | 403));
    }
}

pub(crate) fn a_user_ends_all_sessions_but_the_own(server: SocketAddr) {
    let (name, browser) = registered(server);
    for query in ["?others", "?others=", "?%6Fthers"] {
        let login = Request::post("/login").json(&credentials(&name, PASSWORD)).send(server);
        let phone = Browser::after(server, &login);
        let reply = end(server, &format!("/sessions{query}"), &browser.access);
        assert_eq!((reply.status, reply.cookies().len()), (204, 0), "{query}: {reply:?}");
        assert_eq!((phone.profile().status, browser.profile().status), (401, 200), "{query}");
        assert_eq!(sessions(server, &browser.access).len(), 1);
    }
    assert_eq!(browser.refresh().profile().status, 200);
}

/// It would end more than the user wanted.
pub(crate) fn a_query_with_a_typing_error_ends_no_session(server: SocketAddr) {
    let (_, browser) = registered(server);
    for query in [
        "Others",
        "x",
        "other",
        "others=true",
        "others&x",
        "others&others",
        "&",
        "=",
        "others=%ff",
        "others%",
    ] {
        let reply = end(server, &format!("/sessions?{query}"), &browser.access);
        assert_eq!(
            (reply.status, &reply.json()["detail"]),
            (400, &"the query is not `others`".into()),
            "{query}"
        );
    }
    assert_eq!(browser.refresh().profile().status, 200);
}

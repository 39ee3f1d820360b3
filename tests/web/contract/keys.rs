//! API keys, which an edge exchanges for access tokens in front of its guards.

use std::net::SocketAddr;

use gatevault_web_tests::User;
use gatevault_web_tests::{PASSWORD, Reply, Request, end_key, lookups, mint, new_key, set_down, unknown_key};
use serde_json::json;

fn ask(server: SocketAddr, path: &str, token: &str) -> Reply {
    Request::get(path).bearer(token).send(server)
}

fn assert_refused(reply: &Reply) {
    assert_refused_with(reply, INVALID);
}

const INVALID: &str = r#"Bearer error="invalid_token""#;

fn assert_refused_with(reply: &Reply, challenge: &str) {
    assert_eq!((reply.status, reply.header("www-authenticate")), (401, challenge), "{reply:?}");
    assert_eq!(reply.header("content-type"), "application/problem+json");
}

pub(crate) fn a_key_opens_guarded_handlers_and_is_looked_up_once(server: SocketAddr) {
    let created = new_key(&[]);
    for (path, expected) in [
        ("/profile", "user 1"),
        ("/greeting", "hello user 1"),
        ("/inside/hello", "hello user 1"),
        ("/profile", "user 1"),
    ] {
        let reply = ask(server, path, &created.key);
        assert_eq!((reply.status, reply.body.as_str()), (200, expected), "{path}: {reply:?}");
    }
    assert_eq!(lookups(&created.id), 1);
}

pub(crate) fn requests_with_one_key_at_the_same_time_exchange_it_once(server: SocketAddr) {
    let created = new_key(&[]);
    let statuses: Vec<_> = std::thread::scope(|scope| {
        let asking: Vec<_> =
            (0..12).map(|_| scope.spawn(|| ask(server, "/profile", &created.key).status)).collect();
        asking.into_iter().map(|asking| asking.join().unwrap_or_default()).collect()
    });
    assert_eq!(statuses, [200; 12]);
    assert_eq!(lookups(&created.id), 1);
}

pub(crate) fn a_key_opens_no_more_than_its_scopes(server: SocketAddr) {
    let (other, enough) = (new_key(&["invoices:read"]), new_key(&["notes:write"]));
    assert_eq!(ask(server, "/profile", &other.key).status, 200);
    assert_eq!(ask(server, "/inside/hello", &other.key).status, 403);
    assert_eq!(ask(server, "/inside/hello", &enough.key).status, 200);
    assert_eq!(ask(server, "/invoices", &other.key).status, 403, "the user has no such scope");
}

pub(crate) fn a_key_that_ends_opens_nothing_from_then_on(server: SocketAddr) {
    let created = new_key(&[]);
    assert_eq!(ask(server, "/profile", &created.key).status, 200);
    end_key(&created.id);
    for path in ["/profile", "/inside/hello", "/greeting"] {
        assert_refused(&ask(server, path, &created.key));
    }
}

pub(crate) fn a_key_that_is_unknown_or_mistyped_is_refused(server: SocketAddr) {
    let (unknown, created) = (unknown_key(), new_key(&[]));
    for path in ["/profile", "/greeting", "/inside/hello"] {
        assert_refused(&ask(server, path, &unknown));
    }
    let mistyped = format!("{}0", created.key);
    for key in [&mistyped, &created.id, &format!("Bearer {}", created.key)] {
        for path in ["/profile", "/greeting"] {
            assert_refused(&ask(server, path, key));
        }
        // A token like any other: the guard refuses it.
        let of_guard = format!(r#"{INVALID}, scope="notes:write""#);
        assert_refused_with(&ask(server, "/inside/hello", key), &of_guard);
    }
    let value = format!("Bearer {}", created.key);
    let twice = Request::get("/profile").header("Authorization", &value).header("Authorization", &value);
    assert_eq!(twice.send(server).status, 401);
    assert_eq!(
        Request::get("/profile")
            .header("Authorization", format!("Basic {}", created.key))
            .send(server)
            .status,
        401
    );
    assert_eq!(lookups(&created.id), 0);
}

pub(crate) fn while_the_store_is_down_a_key_is_answered_with_503_and_then_again(server: SocketAddr) {
    let (created, cached) = (new_key(&[]), new_key(&[]));
    assert_eq!(ask(server, "/profile", &cached.key).status, 200);
    for id in [&created.id, &cached.id] {
        set_down(id, true);
    }
    for path in ["/profile", "/inside/hello"] {
        let reply = ask(server, path, &created.key);
        assert_eq!(
            (reply.status, reply.header("content-type")),
            (503, "application/problem+json"),
            "{reply:?}"
        );
    }
    assert_eq!(ask(server, "/profile", &cached.key).status, 200, "no guard asks the store");
    assert_eq!(ask(server, "/profile", &mint(&User::member(42))).status, 200);
    set_down(&created.id, false);
    assert_eq!(ask(server, "/profile", &created.key).status, 200);
}

pub(crate) fn the_routes_of_sessions_neither_show_nor_end_a_key_and_refuse_its_tokens(server: SocketAddr) {
    let created = new_key(&[]);
    let body = json!({ "username": "ada", "password": PASSWORD });
    let login = Request::post("/keys/login").json(&body).send(server).json();
    let access = login["access_token"].as_str().unwrap_or_default().to_owned();
    let listed = ask(server, "/keys/sessions", &access).json();
    let ids: Vec<_> =
        listed["sessions"].as_array().into_iter().flatten().map(|session| session["id"].clone()).collect();
    assert!(!ids.is_empty() && !ids.contains(&created.id.clone().into()), "{listed}");
    let end = |id: &str, token: &str| {
        Request::new("DELETE", &format!("/keys/sessions/{id}")).bearer(token).send(server).status
    };
    assert_eq!(end(&created.id, &access), 404);
    let current =
        listed["sessions"].as_array().into_iter().flatten().find(|session| session["current"] == true);
    let current = current.and_then(|session| session["id"].as_str()).unwrap_or_default();
    // 403 where the exchange is in front of these routes, and 401 where it is not.
    for status in [ask(server, "/keys/sessions", &created.key).status, end(current, &created.key)] {
        assert!(matches!(status, 401 | 403), "{status}");
    }
    assert_eq!(ask(server, "/profile", &created.key).status, 200);
    assert_eq!(end(current, &access), 204);
}

//! Routes behind a `RouteGuard`, in the form of each framework.

use std::net::SocketAddr;

use gatevault_web_tests::{Request, User, mint};

pub(crate) fn a_guarded_scope_accepts_a_good_token(server: SocketAddr) {
    let token = mint(&User::member(42));
    assert_eq!(Request::get("/inside/hello").bearer(&token).send(server).body, "hello user 42");
    let note = Request::post("/inside/notes").header("Content-Type", "application/json").body("[1]");
    assert_eq!(note.bearer(&token).send(server).body, "[1]");
}

pub(crate) fn a_guarded_scope_denies_before_the_body_is_read(server: SocketAddr) {
    let ask = Request::post("/inside/notes")
        .header("Content-Type", "application/json")
        .body("{broken from here on");
    for request in [ask.clone().bearer("junk").announcing(100_000_000), ask.clone().bearer("junk"), ask] {
        let reply = request.send(server);
        assert_eq!((reply.status, reply.header("cache-control")), (401, "no-store"), "{reply:?}");
        assert_eq!(reply.header("content-type"), "application/problem+json");
    }
}

pub(crate) fn a_guarded_scope_enforces_its_requirement(server: SocketAddr) {
    let guest = User { role: "guest".to_owned(), ..User::member(42) };
    let reply = Request::get("/inside/hello").bearer(&mint(&guest)).send(server);
    assert_eq!((reply.status, reply.body.contains("guests")), (403, false), "{reply:?}");
}

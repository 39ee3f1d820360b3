//! The published keys, and the methods of each route.

use std::net::SocketAddr;

use gatevault::{JwkSet, KeyRing, Payload, TokenManager};
use gatevault_web_tests::{Request, User, mint};

pub(crate) fn keys_are_published_without_private_parts(server: SocketAddr) {
    let reply = Request::get("/.well-known/jwks.json").send(server);
    assert_eq!((reply.status, reply.header("content-type")), (200, "application/jwk-set+json"));
    let keys = reply.json()["keys"].as_array().unwrap().clone();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!((&key["kid"], &key["d"], &key["k"]), (&"site".into(), &().into(), &().into()));
    let ring = KeyRing::verifying(JwkSet::from_json(&reply.body).unwrap()).unwrap();
    let verifier = TokenManager::builder().key_ring(ring).build().unwrap();
    assert!(verifier.decode_access_token::<Payload>(&mint(&User::member(42))).is_ok());
}

pub(crate) fn another_method_gets_the_list_of_allowed_ones(server: SocketAddr) {
    for (method, path, allowed) in [
        ("GET", "/login", "POST, OPTIONS"),
        ("PUT", "/refresh", "POST, OPTIONS"),
        ("DELETE", "/logout", "POST, OPTIONS"),
        ("POST", "/sessions", "GET, HEAD, DELETE, OPTIONS"),
        ("GET", "/register", "POST, OPTIONS"),
        ("DELETE", "/password", "POST, OPTIONS"),
        ("GET", "/sessions/1", "DELETE, OPTIONS"),
    ] {
        let reply = Request::new(method, path).announcing(0).send(server);
        assert_eq!((reply.status, reply.header("allow")), (405, allowed), "{method} {path}");
    }
    for path in ["/login/", "/sessions/", "/sessions/1/2", "/keys/register", "/api/.well-known/jwks.json"] {
        assert_eq!(Request::get(path).send(server).status, 404, "{path}");
    }
}

pub(crate) fn options_and_head_get_a_response(server: SocketAddr) {
    let options = Request::new("OPTIONS", "/login").send(server);
    assert_eq!((options.status, options.header("allow"), options.body.as_str()), (204, "POST, OPTIONS", ""));
    let head = Request::new("HEAD", "/.well-known/jwks.json").send(server);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    let denied = Request::new("HEAD", "/profile").send(server);
    assert_eq!((denied.status, denied.header("www-authenticate"), denied.body.as_str()), (401, "Bearer", ""));
}

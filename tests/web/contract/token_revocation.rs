//! `POST /revoke`: what a token ends, and that every other token is answered.

use std::net::SocketAddr;

use gatevault_web_tests::{
    Reply, Request, User, key_token, mint, mint_expired, mint_expired_refresh, mint_foreign, mint_purpose,
    mint_refresh, new_key, set_down, unknown_key,
};
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::token::{FORM, assert_error, post_form};

const ADA: &str = "grant_type=password&username=ada&password=correct+horse+%26%20battery";

/// The tokens of a session that began at the token endpoint.
struct Session {
    access: String,
    refresh: String,
}

impl Session {
    fn begin(server: SocketAddr) -> Self {
        let body = post_form(server, "/token", ADA).json();
        let token = |name: &str| body[name].as_str().unwrap().to_owned();
        Self { access: token("access_token"), refresh: token("refresh_token") }
    }

    fn refreshed(&self, server: SocketAddr) -> Reply {
        post_form(server, "/token", format!("grant_type=refresh_token&refresh_token={}", self.refresh))
    }
}

fn status(server: SocketAddr, access: &str) -> u16 {
    Request::get("/profile").bearer(access).send(server).status
}

/// Revokes a token at the routes with this prefix, and asserts that the answer is that to each token.
fn revoke(server: SocketAddr, prefix: &str, form: &str) {
    let reply = post_form(server, &format!("{prefix}/revoke"), form);
    assert_eq!((reply.status, reply.body.as_str()), (200, ""), "{form}: {reply:?}");
    assert_eq!(["cache-control", "pragma"].map(|name| reply.header(name)), ["no-store", "no-cache"]);
    assert!(reply.cookies().is_empty());
}

pub(crate) fn a_refresh_token_ends_its_session_with_every_hint(server: SocketAddr) {
    for hint in
        ["", "&token_type_hint=refresh_token", "&token_type_hint=access_token", "&token_type_hint=%00"]
    {
        let (session, other) = (Session::begin(server), Session::begin(server));
        let form = format!("token={}{hint}", session.refresh);
        revoke(server, "", &form);
        assert_error(&session.refreshed(server), 400, "invalid_grant");
        assert_eq!((status(server, &session.access), status(server, &other.access)), (401, 200), "{hint}");
        revoke(server, "", &form);
        assert_eq!(other.refreshed(server).status, 200);
    }
    // One that was exchanged names the same session, as at a logout.
    let session = Session::begin(server);
    let next = session.refreshed(server).json();
    revoke(server, "", &format!("token={}", session.refresh));
    assert_eq!(status(server, next["access_token"].as_str().unwrap()), 401);
}

pub(crate) fn an_access_token_ends_alone(server: SocketAddr) {
    for hint in
        ["", "&token_type_hint=access_token", "&token_type_hint=refresh_token", "&token_type_hint=saml"]
    {
        let session = Session::begin(server);
        revoke(server, "", &format!("token={}{hint}", session.access));
        assert_eq!(status(server, &session.access), 401, "{hint}");
        let next = session.refreshed(server).json();
        assert_eq!(status(server, next["access_token"].as_str().unwrap()), 200, "{hint}");
    }
    let browser = Browser::log_in(server, "bob");
    let reply = browser.post_without_header("/revoke").header("Content-Type", FORM);
    let reply = reply.body(format!("token={}", browser.access)).send(server);
    assert_eq!((reply.status, reply.cookies().len()), (200, 0));
    assert_eq!(browser.profile().status, 401);
    assert_eq!(browser.refresh().profile().status, 200, "the session of the cookie is untouched");
}

pub(crate) fn an_api_key_ends_with_its_tokens(server: SocketAddr) {
    let (key, other) = (new_key(&[]), new_key(&[]));
    let [access, of_other] = [&key.key, &other.key].map(|key| key_token(key));
    assert_eq!((status(server, &access), status(server, &of_other)), (200, 200));
    revoke(server, "", &format!("token={}", key.key));
    assert_eq!(status(server, &access), 200, "the users of the other routes are another pool");
    revoke(server, "/keys", &format!("token={}&token_type_hint=access_token", key.key));
    assert_eq!((status(server, &access), status(server, &of_other)), (401, 200));
    let form = format!("grant_type=client_credentials&client_secret={}", key.key);
    assert_error(&post_form(server, "/keys/token", form), 401, "invalid_client");
    revoke(server, "/keys", &format!("token={}", key.key));

    revoke(server, "/keys", &format!("token={of_other}"));
    assert_eq!(status(server, &of_other), 401);
    assert_eq!(status(server, &key_token(&other.key)), 200, "the key itself stays");
}

pub(crate) fn a_token_of_no_user_here_is_answered_and_revokes_nothing(server: SocketAddr) {
    let session = Session::begin(server);
    let member = User::member(1);
    let foreign = mint_foreign(&member);
    let of_no_pool = mint(&member);
    for token in [
        &foreign,
        &of_no_pool,
        &mint_refresh(&member),
        &mint_expired(&member),
        &mint_expired_refresh(&member),
        &mint_purpose(1, None),
        &unknown_key(),
        &format!("{}x", session.refresh),
        &format!("x{}", session.access),
        "junk",
        "a.b.c",
        "%00",
        "+",
    ] {
        revoke(server, "", &format!("token={token}"));
        revoke(server, "/keys", &format!("token={token}"));
    }
    for token in [&session.refresh, &session.access] {
        revoke(server, "/keys", &format!("token={token}"));
    }
    for access in [&foreign, &of_no_pool, &session.access] {
        assert_eq!(status(server, access), 200);
    }
    assert_eq!(session.refreshed(server).status, 200);
}

pub(crate) fn a_revocation_without_a_token_is_an_invalid_request(server: SocketAddr) {
    for form in ["", "token=", "token_type_hint=access_token", "Token=x"] {
        let reply = post_form(server, "/revoke", form);
        assert_eq!(assert_error(&reply, 400, "invalid_request"), "the field `token` is missing", "{form}");
    }
    let json = Request::post("/revoke").json(&json!({ "token": "x" })).send(server);
    assert_error(&json, 415, "invalid_request");
    // The credentials of a client are not read: the token is the authority.
    for header in ["Basic %%%", "Basic YTpi", "Bearer junk"] {
        let session = Session::begin(server);
        let request = Request::post("/revoke").header("Authorization", header).header("Content-Type", FORM);
        let form = format!("client_id=a&client_secret=b&token={}", session.refresh);
        assert_eq!(request.body(form).send(server).status, 200, "{header}");
        assert_error(&session.refreshed(server), 400, "invalid_grant");
    }
}

pub(crate) fn while_the_store_is_down_a_revocation_must_be_repeated(server: SocketAddr) {
    let key = new_key(&[]);
    let access = key_token(&key.key);
    let ask = || post_form(server, "/keys/revoke", format!("token={}", key.key));
    set_down(&key.id, true);
    let reply = ask();
    assert_error(&reply, 503, "temporarily_unavailable");
    assert_eq!((reply.header("retry-after"), reply.json()["status"].clone()), ("5", Value::Null));
    assert_eq!(status(server, &access), 200);
    set_down(&key.id, false);
    assert_eq!(ask().status, 200);
    assert_eq!(status(server, &access), 401);
}

/// The feed is stale and the policy strict: no token can be verified, and none is taken for revoked.
pub(crate) fn while_the_revocation_feed_is_stale_only_a_password_is_exchanged(server: SocketAddr) {
    let session = Session::begin(server);
    assert_eq!(status(server, &session.access), 200, "the gate of the site has no feed");
    let revoked = [&session.refresh, &session.access]
        .map(|token| post_form(server, "/revoke", format!("token={token}")));
    for reply in revoked.into_iter().chain([session.refreshed(server)]) {
        assert_error(&reply, 503, "temporarily_unavailable");
        assert_eq!(reply.header("retry-after"), "5");
    }
}

//! `POST /login`.

use std::net::SocketAddr;

use gatevault_web_tests::{PASSWORD, Reply, Request};
use serde_json::json;

use crate::browser::{Browser, credentials};

const FORM: &str = "application/x-www-form-urlencoded";

fn log_in_as(server: SocketAddr, content_type: &str, body: &str) -> Reply {
    Request::post("/login").header("Content-Type", content_type).body(body).send(server)
}

pub(crate) fn json_and_forms_log_in(server: SocketAddr) {
    let json = credentials("ada", PASSWORD).to_string();
    let form = "grant_type=password&username=ada&password=correct+horse+%26%20battery";
    for (content_type, body) in
        [("application/json", json.as_str()), ("Application/JSON; charset=utf-8", &json), (FORM, form)]
    {
        let reply = log_in_as(server, content_type, body);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.json()["token_type"], "bearer");
        assert_eq!(reply.json()["expires_in"], 900);
        let access = reply.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(Request::get("/profile").bearer(&access).send(server).body, "user 1");
    }
}

pub(crate) fn unknown_users_and_wrong_passwords_get_the_same_response(server: SocketAddr) {
    let [unknown, wrong] = [("unknown", PASSWORD), ("ada", "wrong")]
        .map(|(name, password)| Request::post("/login").json(&credentials(name, password)).send(server));
    assert_eq!((unknown.status, unknown.header("www-authenticate")), (401, "Bearer"));
    assert_eq!((&unknown.body, unknown.status), (&wrong.body, wrong.status));
    assert_eq!(error(&unknown), ["invalid_grant", "the credentials are not valid"]);
    assert!(unknown.cookies().is_empty());
}

/// Returns the `error` and the `error_description` of a response.
fn error(reply: &Reply) -> [String; 2] {
    ["error", "error_description"].map(|name| reply.json()[name].as_str().unwrap_or_default().to_owned())
}

pub(crate) fn other_content_types_are_refused(server: SocketAddr) {
    let body = credentials("ada", PASSWORD).to_string();
    for content_type in ["text/plain", "multipart/form-data; boundary=x", "application/json+x", ""] {
        assert_eq!(log_in_as(server, content_type, &body).status, 415, "{content_type}");
    }
    assert_eq!(Request::post("/login").body(body).send(server).status, 415);
}

pub(crate) fn broken_bodies_are_refused(server: SocketAddr) {
    for body in [
        "",
        "{",
        "[]",
        r#"{"username":"ada"}"#,
        r#"{"username":"ada","password":7}"#,
        r#"{"username":"ada","password":"a","password":"b"}"#,
        r#"{"username":"ada","password":"a"} x"#,
    ] {
        let reply = log_in_as(server, "application/json", body);
        assert_eq!((reply.status, reply.header("content-type")), (400, "application/problem+json"), "{body}");
    }
    for body in [
        "",
        "username=ada",
        "username=ada&password=%f",
        "username=ada&password=%ff",
        "username=a&username=b&password=c",
    ] {
        assert_eq!(log_in_as(server, FORM, body).status, 400, "{body}");
    }
}

pub(crate) fn a_malformed_login_says_what_is_missing(server: SocketAddr) {
    const JSON: &str = "application/json";
    for (content_type, body, fault) in [
        (JSON, r#"{"username":"ada"}"#, "the field `password` is missing"),
        (JSON, r#"{"password":"x"}"#, "the field `username` is missing"),
        (JSON, r#"{"username":null,"password":"x"}"#, "the field `username` is missing"),
        (JSON, r#"{"username":"ada","password":7}"#, "the field `password` is not a string"),
        (JSON, r#"{"username":["ada"],"password":"x"}"#, "the field `username` is not a string"),
        (JSON, r#"{"username":"ada","password":"x","label":{}}"#, "the field `label` is not a string"),
        (JSON, "[]", "the body is not a JSON object, or has a member twice"),
        (JSON, "{", "the body is not a JSON object, or has a member twice"),
        (FORM, "username=ada", "the field `password` is missing"),
        (FORM, "username=ada&password=%f", "the body is not a form in UTF-8, or has a field twice"),
    ] {
        let reply = log_in_as(server, content_type, body);
        assert_eq!((reply.status, &reply.json()["detail"]), (400, &fault.into()), "{body}: {reply:?}");
        assert_eq!(reply.json()["title"], "Bad Request");
        assert_eq!(error(&reply), ["invalid_request", fault]);
    }
    let reply = Request::post("/api/refresh").json(&json!({})).send(server);
    assert_eq!(reply.json()["detail"], "the field `refresh_token` is missing");
    let denied = Request::post("/login").json(&credentials("ada", "wrong")).send(server);
    assert!(denied.json().get("detail").is_none(), "{denied:?}");
}

/// A refused access token is not the same error as a refused refresh token (RFC 6750 section 3.1, RFC 6749 section 5.2).
pub(crate) fn each_route_has_the_error_codes_of_its_credentials(server: SocketAddr) {
    let code = |request: Request| {
        let reply = request.send(server);
        (reply.status, error(&reply)[0].clone())
    };
    let refresh = |token: &str| Request::post("/api/refresh").json(&json!({ "refresh_token": token }));
    let refused = |status: u16, code: &str| (status, code.to_owned());
    let browser = Browser::log_in(server, "ada");
    assert_eq!(code(refresh("junk")), refused(401, "invalid_grant"));
    assert_eq!(code(refresh(&browser.access)), refused(401, "invalid_grant"));
    assert_eq!(code(Request::post("/api/refresh").json(&json!({}))), refused(400, "invalid_request"));
    assert_eq!(code(Request::post("/refresh")), refused(401, "invalid_request"));
    assert_eq!(code(browser.post_without_header("/refresh")), refused(403, "access_denied"));
    assert_eq!(code(Request::get("/sessions").bearer("junk")), refused(401, "invalid_token"));
    assert_eq!(code(Request::get("/sessions").bearer(&browser.refresh)), refused(401, "invalid_token"));
    assert_eq!(code(Request::get("/sessions")), refused(401, ""));
}

pub(crate) fn a_name_of_any_characters_is_a_wrong_name(server: SocketAddr) {
    let unknown = Request::post("/login").json(&credentials("unknown", PASSWORD)).send(server);
    for name in [
        "",
        "ad\0a",
        "ada\0",
        "ada\r\nX-Injected: yes",
        "ada\n",
        "\u{1b}[31mada",
        "ada\u{7f}",
        "ada\u{85}\u{2028}",
        "\u{feff}ada",
        "\u{202e}ada",
        "ada\u{fffe}\u{10ffff}",
        "' OR 1=1 --",
    ] {
        let encoded: Vec<_> = name.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let form = format!("username={}&password=x", encoded.concat());
        for (content_type, body) in
            [("application/json", credentials(name, PASSWORD).to_string()), (FORM, form)]
        {
            let reply = log_in_as(server, content_type, &body);
            assert_eq!((reply.status, &reply.body), (401, &unknown.body), "{body}");
            assert!(reply.cookies().is_empty(), "{body}");
        }
    }
    let surrogate = r#"{"username":"\ud800","password":"x"}"#;
    assert_eq!(log_in_as(server, "application/json", surrogate).status, 400);
}

pub(crate) fn a_name_is_looked_up_as_the_application_writes_it(server: SocketAddr) {
    let ask = |path: &str| Request::post(path).json(&credentials(" ADA ", PASSWORD)).send(server).status;
    assert_eq!((ask("/proxied/login"), ask("/login")), (200, 401));
}

pub(crate) fn large_bodies_are_refused(server: SocketAddr) {
    let body = credentials("ada", &"a".repeat(20_000)).to_string();
    let reply = log_in_as(server, "application/json", &body);
    assert_eq!((reply.status, reply.header("content-type")), (413, "application/problem+json"), "{reply:?}");
}

/// The length of the body is not announced.
pub(crate) fn bodies_in_chunks_are_read_up_to_the_limit(server: SocketAddr) {
    let ask = |password: &str| {
        let body = credentials("ada", password).to_string();
        Request::post("/login").header("Content-Type", "application/json").chunked(&body).send(server)
    };
    assert_eq!(ask(PASSWORD).status, 200);
    let large = ask(&"a".repeat(20_000));
    assert_eq!((large.status, large.header("content-type")), (413, "application/problem+json"), "{large:?}");
}

pub(crate) fn a_page_of_another_site_logs_no_user_in(server: SocketAddr) {
    let ask = |site: &str| {
        Request::post("/login")
            .header("Sec-Fetch-Site", site)
            .json(&credentials("ada", PASSWORD))
            .send(server)
    };
    assert_eq!(ask("cross-site").status, 403);
    assert!(ask("cross-site").cookies().is_empty());
    assert_eq!(ask("same-origin").status, 200);
}

pub(crate) fn tokens_are_stored_by_no_cache(server: SocketAddr) {
    for password in [PASSWORD, "wrong"] {
        let reply = Request::post("/login").json(&credentials("ada", password)).send(server);
        assert_eq!(reply.header("cache-control"), "no-store");
    }
}

/// The feed is stale and the policy strict: no token can be verified. A login verifies none, and answers as
/// `OAuthHandler::login` does.
pub(crate) fn a_login_succeeds_while_the_revocation_feed_is_stale(server: SocketAddr) {
    for path in ["/login", "/api/login"] {
        let reply = Request::post(path).json(&credentials("ada", PASSWORD)).send(server);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_eq!(reply.cookies().len(), if path == "/login" { 2 } else { 0 }, "{reply:?}");
        let access = reply.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(Request::get("/profile").bearer(&access).send(server).body, "user 1");
        assert_eq!(Request::get("/sessions").bearer(&access).send(server).status, 503);
    }
}

pub(crate) fn too_many_guesses_have_to_wait(server: SocketAddr) {
    let guess =
        || Request::post("/peer/login").json(&json!({"username": "bob", "password": "guess"})).send(server);
    // Three as a newcomer, and five on the account.
    let statuses = [(); 8].map(|()| guess().status);
    assert_eq!(statuses, [401; 8]);
    let reply = guess();
    assert_eq!((reply.status, reply.header("retry-after")), (429, "1"), "{reply:?}");
    assert_eq!(reply.json()["title"], "Too Many Requests");
    assert_eq!(error(&reply), ["temporarily_unavailable", "too many attempts"]);
    // Guesses count by address too: 20 are free. Here the address is that of the connection, not of the header.
    for number in 0..12 {
        let name = format!("unknown {number}");
        let guess = Request::post("/peer/login").header("X-Forwarded-For", format!("10.0.0.{number}"));
        let status = guess.json(&credentials(&name, "guess")).send(server).status;
        assert_eq!(status, 401, "{number}");
    }
    let last = Request::post("/peer/login").json(&credentials("another unknown", "guess")).send(server);
    assert_eq!(last.status, 429, "{last:?}");
}

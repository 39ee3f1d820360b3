//! `POST /token`: the grants of users, and the metadata.

use std::net::SocketAddr;

use gatevault_web_tests::{
    PASSWORD, Reply, Request, User, mint, mint_expired_refresh, mint_purpose, mint_refresh,
};
use serde_json::{Value, json};

use crate::browser::{Browser, credentials};

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";

const ADA: &str = "grant_type=password&username=ada&password=correct+horse+%26%20battery";

pub(crate) fn post_form(server: SocketAddr, path: &str, form: impl Into<Vec<u8>>) -> Reply {
    Request::post(path).header("Content-Type", FORM).body(form).send(server)
}

/// Returns the tokens that a form gets.
fn tokens(server: SocketAddr, path: &str, form: &str) -> Value {
    let reply = post_form(server, path, form);
    assert_eq!(reply.status, 200, "{reply:?}");
    assert_is_for_clients(&reply);
    reply.json()
}

fn refreshed(server: SocketAddr, token: &Value) -> Reply {
    post_form(server, "/token", format!("grant_type=refresh_token&refresh_token={}", token.as_str().unwrap()))
}

/// Asserts what holds for each response to an OAuth2 client.
fn assert_is_for_clients(reply: &Reply) {
    let headers = ["content-type", "cache-control", "pragma"].map(|name| reply.header(name));
    assert_eq!(headers, ["application/json", "no-store", "no-cache"], "{reply:?}");
    assert!(reply.cookies().is_empty(), "{reply:?}");
}

/// Asserts that a response is an error with this status and code, and returns its description.
pub(crate) fn assert_error(reply: &Reply, status: u16, code: &str) -> String {
    assert_is_for_clients(reply);
    let body = reply.json();
    assert_eq!((reply.status, &body["error"]), (status, &code.into()), "{reply:?}");
    let description = body["error_description"].as_str().unwrap_or_default().to_owned();
    assert!(
        description.bytes().all(|byte| matches!(byte, b' ' | b'!' | b'#'..=b'[' | b']'..=b'~')),
        "{description}"
    );
    let others = body.as_object().unwrap().keys().filter(|name| !name.starts_with("error"));
    assert_eq!(others.count(), 0, "{body}");
    description
}

fn sessions(server: SocketAddr, access: &Value) -> usize {
    let reply = Request::get("/sessions").bearer(access.as_str().unwrap()).send(server);
    reply.json()["sessions"].as_array().unwrap().len()
}

pub(crate) fn a_password_is_exchanged_for_tokens_in_the_body(server: SocketAddr) {
    for path in ["/token", "/api/token", "/members/auth/token"] {
        let tokens = tokens(server, path, ADA);
        let mut members: Vec<_> = tokens.as_object().unwrap().keys().collect();
        members.sort();
        assert_eq!(members, ["access_token", "expires_in", "refresh_token", "token_type"], "{path}");
        assert_eq!((&tokens["token_type"], &tokens["expires_in"]), (&"bearer".into(), &900.into()));
        let access = tokens["access_token"].as_str().unwrap();
        assert_eq!(Request::get("/profile").bearer(access).send(server).body, "user 1");
    }
    let labelled = format!("{ADA}&label=TV+set&unknown=parameter&empty=&scope=&client_id=any&client_secret=");
    let access = tokens(server, "/token", &labelled)["access_token"].clone();
    let listed = Request::get("/sessions").bearer(access.as_str().unwrap()).send(server).json();
    let current = listed["sessions"].as_array().unwrap().iter().find(|session| session["current"] == true);
    assert_eq!(current.unwrap()["label"], "TV set");
}

pub(crate) fn cookies_and_senders_decide_nothing_at_the_token_endpoint(server: SocketAddr) {
    let browser = Browser::log_in(server, "bob");
    for site in ["same-origin", "cross-site"] {
        let request = browser.post_without_header("/token").header("Sec-Fetch-Site", site);
        let reply = request.header("Content-Type", FORM).body(ADA).send(server);
        assert_eq!(reply.status, 200, "{reply:?}");
        assert_is_for_clients(&reply);
    }
    let without =
        browser.post("/token").header("Content-Type", FORM).body("grant_type=refresh_token").send(server);
    assert_eq!(assert_error(&without, 400, "invalid_request"), "the field `refresh_token` is missing");
    assert_eq!(browser.refresh().profile().status, 200, "the session of the cookie is untouched");
}

pub(crate) fn a_name_is_looked_up_as_at_the_login(server: SocketAddr) {
    let form = "grant_type=password&username=+ADA+&password=correct+horse+%26+battery";
    let status = |path: &str| post_form(server, path, form).status;
    assert_eq!((status("/proxied/token"), status("/token")), (200, 400));
}

pub(crate) fn wrong_credentials_of_every_kind_get_one_response(server: SocketAddr) {
    let wrong = post_form(server, "/token", "grant_type=password&username=ada&password=wrong");
    assert_eq!(assert_error(&wrong, 400, "invalid_grant"), "the credentials are not valid");
    assert_eq!(wrong.header("www-authenticate"), "");
    for credentials in [
        "username=unknown&password=wrong",
        "username=ada%00&password=wrong",
        "username=ada&password=wr%00ng",
        "username=%F0%9F%94%91%0D%0A&password=wrong",
        "username=ada%ef%bf%be&password=wrong",
    ] {
        let reply = post_form(server, "/token", format!("grant_type=password&{credentials}"));
        assert_eq!((reply.status, &reply.body), (400, &wrong.body), "{credentials}");
    }
    let long = format!("grant_type=password&username=ada&password={}", "a".repeat(100));
    assert_eq!(post_form(server, "/token", long).body, wrong.body);
}

pub(crate) fn a_refresh_token_is_rotated_and_a_reused_one_ends_the_session(server: SocketAddr) {
    let first = tokens(server, "/token", ADA);
    let second = refreshed(server, &first["refresh_token"]);
    assert_eq!(second.status, 200, "{second:?}");
    assert_is_for_clients(&second);
    let again = refreshed(server, &first["refresh_token"]).json();
    assert_eq!(again["refresh_token"], second.json()["refresh_token"], "a lost answer is repeated");

    let body = json!({ "refresh_token": second.json()["refresh_token"] });
    let third = Request::post("/api/refresh").json(&body).send(server).json();
    let access = third["access_token"].as_str().unwrap();
    assert_eq!(Request::get("/profile").bearer(access).send(server).status, 200);

    let reused = refreshed(server, &first["refresh_token"]);
    assert_eq!(assert_error(&reused, 400, "invalid_grant"), "the token is not valid");
    assert_error(&refreshed(server, &third["refresh_token"]), 400, "invalid_grant");
    assert_eq!(Request::get("/profile").bearer(access).send(server).status, 401);
}

pub(crate) fn a_refresh_token_that_is_not_valid_is_an_invalid_grant(server: SocketAddr) {
    let member = User::member(1);
    let expired = refreshed(server, &mint_expired_refresh(&member).into());
    assert_eq!(assert_error(&expired, 400, "invalid_grant"), "the token has expired");
    let session = tokens(server, "/token", ADA);
    let [access, refresh] = ["access_token", "refresh_token"].map(|name| session[name].as_str().unwrap());
    for token in [
        access.to_owned(),
        format!("{refresh}x"),
        format!("{refresh}%00"),
        mint(&member),
        mint_refresh(&member),
        mint_purpose(1, None),
        "junk".to_owned(),
        "%00".to_owned(),
        "a.b.c".to_owned(),
    ] {
        let reply = refreshed(server, &token.clone().into());
        assert_eq!(assert_error(&reply, 400, "invalid_grant"), "the token is not valid", "{token}");
        assert_eq!(reply.header("www-authenticate"), "");
    }
    // The users of another handler are another pool, though the keys are the same.
    let form = format!("grant_type=refresh_token&refresh_token={refresh}");
    assert_error(&post_form(server, "/keys/token", form), 400, "invalid_grant");
    assert_eq!(refreshed(server, &refresh.into()).status, 200);
}

pub(crate) fn a_wrong_request_gets_the_error_of_its_fault(server: SocketAddr) {
    let malformed = "the body is not a form in UTF-8, or has a field twice";
    let scope = "the scope is not a list of scopes with one space between them";
    let grant = "the server does not have this grant type";
    for (form, code, description) in [
        ("", "invalid_request", "the field `grant_type` is missing"),
        ("grant_type=", "invalid_request", "the field `grant_type` is missing"),
        ("grant_type=password", "invalid_request", "the field `username` is missing"),
        ("grant_type=password&username=ada&password=", "invalid_request", "the field `password` is missing"),
        (
            "grant_type=refresh_token&refresh_token=",
            "invalid_request",
            "the field `refresh_token` is missing",
        ),
        ("grant_type=password&grant_type=password", "invalid_request", malformed),
        ("grant_type=password&gr%61nt_type=", "invalid_request", malformed),
        ("grant_type=password&x=1&x=2", "invalid_request", malformed),
        ("grant_type=authorization_code&code=x", "unsupported_grant_type", grant),
        ("grant_type=Password", "unsupported_grant_type", grant),
        ("grant_type=password%00", "unsupported_grant_type", grant),
        ("grant_type=urn:ietf:params:oauth:grant-type:jwt-bearer", "unsupported_grant_type", grant),
        ("grant_type=refresh_token&refresh_token=x&scope=a++b", "invalid_scope", scope),
    ] {
        let reply = post_form(server, "/token", form);
        assert_eq!(assert_error(&reply, 400, code), description, "{form}");
    }
    for scopes in ["+", "a+", "+a", "a%22b", "a%5Cb", "a%00", "%C3%A4", "a%0Ab", "a%09b"] {
        let reply = post_form(server, "/token", format!("{ADA}&scope={scopes}"));
        assert_eq!(assert_error(&reply, 400, "invalid_scope"), scope, "{scopes}");
    }
}

pub(crate) fn hostile_forms_are_refused(server: SocketAddr) {
    let media_type = "the content type is not `application/x-www-form-urlencoded`";
    for content_type in ["application/json", "text/plain", "multipart/form-data; boundary=x", ""] {
        let body = if content_type.contains("json") {
            json!({ "grant_type": "password" }).to_string()
        } else {
            ADA.to_owned()
        };
        let reply = Request::post("/token").header("Content-Type", content_type).body(body).send(server);
        assert_eq!(assert_error(&reply, 415, "invalid_request"), media_type, "{content_type}");
    }
    assert_error(&Request::post("/token").body(ADA).send(server), 415, "invalid_request");
    for path in ["/token", "/revoke"] {
        let large = format!("{ADA}&token=x&padding={}", "a".repeat(20_000));
        let reply = post_form(server, path, large);
        assert_eq!(assert_error(&reply, 413, "invalid_request"), "the body is too large or was cut off");
        for form in [
            b"token=x&grant_type=\xff".as_slice(),
            b"token=x&a=%ff",
            b"token=x&a=%",
            b"token=x&a=%4",
            b"token=x&%zz=1",
            b"token=x&token=x",
            b"token=x&=1&=2",
        ] {
            assert_error(&post_form(server, path, form), 400, "invalid_request");
        }
        for form in [b"\0".as_slice(), b"&&&", b"=", b"=token", b"\0=token", b"token"] {
            assert_error(&post_form(server, path, form), 400, "invalid_request");
        }
    }
    let spelled =
        Request::post("/token").header("Content-Type", "Application/X-WWW-Form-Urlencoded; charset=utf-8");
    assert_eq!(spelled.body(ADA).send(server).status, 200);
}

pub(crate) fn a_scope_that_the_user_lacks_leaves_no_session_and_uses_up_no_token(server: SocketAddr) {
    let form = "grant_type=password&username=bob&password=correct+horse+%26+battery";
    let narrow = tokens(server, "/proxied/token", &format!("{form}&scope=notes%3Awrite"));
    assert_eq!(narrow["scope"], "notes:write");
    let access = narrow["access_token"].as_str().unwrap();
    assert_eq!(Request::get("/inside/hello").bearer(access).send(server).status, 200);
    // Registered for this test alone: other tests log bob in at the same time.
    let name = format!("scoped {}", server.port());
    let registered = Request::post("/api/register").json(&credentials(&name, PASSWORD)).send(server).json();
    let before = sessions(server, &registered["access_token"]);
    let form =
        format!("grant_type=password&username={}&password=correct+horse+%26+battery", name.replace(' ', "+"));
    for scopes in ["invoices:read", "notes:write+invoices:read", "notes", "NOTES:WRITE"] {
        let reply = post_form(server, "/token", format!("{form}&scope={scopes}"));
        assert_eq!(
            assert_error(&reply, 400, "invalid_scope"),
            "a requested scope is not granted",
            "{scopes}"
        );
        let refresh = registered["refresh_token"].as_str().unwrap();
        let refresh = format!("grant_type=refresh_token&refresh_token={refresh}&scope={scopes}");
        assert_error(&post_form(server, "/token", refresh), 400, "invalid_scope");
    }
    assert_eq!(sessions(server, &registered["access_token"]), before);
    let next = refreshed(server, &registered["refresh_token"]).json();
    assert_eq!(refreshed(server, &next["refresh_token"]).status, 200, "no token was used up");
}

pub(crate) fn the_metadata_of_each_issuer_names_its_endpoints(server: SocketAddr) {
    let secrets = json!(["none", "client_secret_basic", "client_secret_post"]);
    for (path, issuer, base) in [
        ("", "", ""),
        ("/api", "/api/", "/api"),
        ("/peer", "/peer", "/peer"),
        ("/pages/of-members", "/pages/of-members", "/members/auth"),
        ("/keys", "/keys", "/keys"),
    ] {
        let reply = Request::get(&format!("/.well-known/oauth-authorization-server{path}")).send(server);
        assert_eq!((reply.status, reply.header("content-type")), (200, "application/json"), "{reply:?}");
        assert_eq!(reply.header("cache-control"), "public, max-age=300");
        let mut expected = json!({
            "issuer": format!("https://id.example{issuer}"),
            "token_endpoint": format!("https://id.example{base}/token"),
            "token_endpoint_auth_methods_supported": secrets,
            "revocation_endpoint": format!("https://id.example{base}/revoke"),
            "revocation_endpoint_auth_methods_supported": ["none"],
            "response_types_supported": [],
            "grant_types_supported": ["password", "refresh_token", "client_credentials"],
            "scopes_supported": ["notes:read", "notes:write"],
        });
        if path.is_empty() {
            expected["jwks_uri"] = "https://id.example/.well-known/jwks.json".into();
        }
        assert_eq!(reply.json(), expected, "{path}");
    }
    for path in ["/", "/api/", "/other", "/b"] {
        let path = format!("/.well-known/oauth-authorization-server{path}");
        assert_eq!(Request::get(&path).send(server).status, 404, "{path}");
    }
    assert_eq!(Request::get("/api/.well-known/oauth-authorization-server").send(server).status, 404);
}

pub(crate) fn the_routes_of_clients_have_one_method(server: SocketAddr) {
    for path in ["/token", "/revoke", "/api/token"] {
        for method in ["GET", "PUT", "DELETE", "PATCH"] {
            let reply = Request::new(method, path).announcing(0).send(server);
            assert_error(&reply, 405, "invalid_request");
            assert_eq!(reply.header("allow"), "POST, OPTIONS", "{method} {path}");
        }
        let options = Request::new("OPTIONS", path).send(server);
        assert_eq!(
            (options.status, options.header("allow"), options.body.as_str()),
            (204, "POST, OPTIONS", "")
        );
    }
    let metadata = "/.well-known/oauth-authorization-server";
    let posted = Request::post(metadata).send(server);
    assert_eq!((posted.status, posted.header("allow")), (405, "GET, HEAD, OPTIONS"));
    let head = Request::new("HEAD", metadata).send(server);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for path in ["/a/token", "/a/revoke", "/b/token", "/token/", "/revoke/", "/token/x"] {
        assert_eq!(post_form(server, path, ADA).status, 404, "{path}");
    }
}

/// Three guesses are free for a newcomer, and five more on the account.
pub(crate) fn guesses_at_the_token_endpoint_and_at_the_login_count_together(server: SocketAddr) {
    let form = "grant_type=password&username=bob&password=guess";
    let guess = |number: usize| match number % 2 {
        0 => post_form(server, "/peer/token", form).status,
        _ => Request::post("/peer/login").json(&credentials("bob", "guess")).send(server).status,
    };
    let statuses: Vec<_> = (0..8).map(guess).collect();
    assert_eq!(statuses, [400, 401, 400, 401, 400, 401, 400, 401]);
    let reply = post_form(server, "/peer/token", form);
    assert_eq!(assert_error(&reply, 429, "temporarily_unavailable"), "too many attempts");
    assert_eq!(reply.header("retry-after"), "1");
    assert_eq!(Request::post("/peer/login").json(&credentials("bob", PASSWORD)).send(server).status, 429);
}

//! `POST /token`: the authentication of clients, and API keys as their secrets.

use std::net::SocketAddr;

use gatevault_web_tests::{Reply, Request, end_key, new_key, set_down, unknown_key};
use serde_json::json;

use crate::token::{FORM, assert_error, post_form};

const ADA: &str = "grant_type=password&username=ada&password=correct+horse+%26%20battery";
const KEY_GRANT: &str = "grant_type=client_credentials";

/// Returns the header of HTTP Basic.
fn basic(credentials: &str) -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::from("Basic ");
    for chunk in credentials.as_bytes().chunks(3) {
        let at = |place: usize| u32::from(chunk.get(place).copied().unwrap_or_default());
        let bits = at(0) << 16 | at(1) << 8 | at(2);
        for place in 0..4 {
            let index = usize::try_from(bits >> (18 - 6 * place) & 63).unwrap();
            let padded = usize::try_from(place).unwrap() > chunk.len();
            encoded.push(if padded { '=' } else { char::from(ALPHABET[index]) });
        }
    }
    encoded
}

fn post_with(server: SocketAddr, path: &str, authorization: &str, form: &str) -> Reply {
    let request = Request::post(path).header("Authorization", authorization);
    request.header("Content-Type", FORM).body(form).send(server)
}

pub(crate) fn an_api_key_is_exchanged_by_basic_and_in_the_body(server: SocketAddr) {
    let key = new_key(&[]).key;
    for reply in [
        post_with(server, "/keys/token", &basic(&format!("any:{key}")), KEY_GRANT),
        post_with(server, "/keys/token", &basic(&format!(":{key}")), KEY_GRANT),
        post_with(server, "/keys/token", &basic(&format!("a%3Ab+c:{key}")), KEY_GRANT),
        post_with(server, "/keys/token", &basic(&format!("100%:{key}")), KEY_GRANT),
        post_with(server, "/keys/token", &basic("any:"), &format!("{KEY_GRANT}&client_secret={key}")),
        post_form(server, "/keys/token", format!("{KEY_GRANT}&client_secret={key}")),
        post_form(server, "/keys/token", format!("{KEY_GRANT}&client_secret={key}&client_id=any&scope=")),
    ] {
        assert_eq!(reply.status, 200, "{reply:?}");
        let body = reply.json();
        assert_eq!((&body["token_type"], &body["refresh_token"]), (&"bearer".into(), &().into()));
        assert_eq!((&body["expires_in"], &body["scope"]), (&900.into(), &().into()));
        let access = body["access_token"].as_str().unwrap();
        assert_eq!(Request::get("/profile").bearer(access).send(server).body, "user 1");
        assert!(reply.cookies().is_empty());
    }
}

pub(crate) fn an_api_key_gets_no_more_than_its_scopes(server: SocketAddr) {
    let (all, some, other) = (new_key(&[]), new_key(&["notes:write", "a"]), new_key(&["invoices:read"]));
    let ask = |key: &str, scope: &str| {
        post_form(server, "/keys/token", format!("{KEY_GRANT}&client_secret={key}&scope={scope}"))
    };
    for key in [&all.key, &some.key] {
        let reply = ask(key, "notes:write");
        assert_eq!((reply.status, &reply.json()["scope"]), (200, &"notes:write".into()), "{reply:?}");
        let access = reply.json()["access_token"].as_str().unwrap().to_owned();
        assert_eq!(Request::get("/inside/hello").bearer(&access).send(server).status, 200);
    }
    for (key, scope) in
        [(&all, "a"), (&some, "a"), (&some, "b"), (&other, "notes:write"), (&other, "invoices:read")]
    {
        let description = assert_error(&ask(&key.key, scope), 400, "invalid_scope");
        assert_eq!(description, "a requested scope is not granted", "{scope}");
    }
    assert_error(&ask(&all.key, "a++b"), 400, "invalid_scope");
}

pub(crate) fn a_refused_api_key_is_an_invalid_client(server: SocketAddr) {
    let ended = new_key(&[]);
    end_key(&ended.id);
    let mistyped = format!("{}0", new_key(&[]).key);
    let challenge = r#"Basic realm="https://id.example/keys""#;
    for key in [ended.key, mistyped, unknown_key(), "junk".to_owned(), "%00".to_owned()] {
        let by_basic = post_with(server, "/keys/token", &basic(&format!("any:{key}")), KEY_GRANT);
        assert_eq!(assert_error(&by_basic, 401, "invalid_client"), "the API key is not valid", "{key}");
        assert_eq!(by_basic.header("www-authenticate"), challenge);
        let in_body = post_form(server, "/keys/token", format!("{KEY_GRANT}&client_secret={key}"));
        assert_eq!(assert_error(&in_body, 401, "invalid_client"), "the API key is not valid", "{key}");
        assert_eq!(in_body.header("www-authenticate"), "");
    }
    let missing = "the client secret, an API key, is missing";
    assert_eq!(assert_error(&post_form(server, "/keys/token", KEY_GRANT), 401, "invalid_client"), missing);
    let empty = post_with(server, "/keys/token", &basic("any:"), KEY_GRANT);
    assert_eq!(assert_error(&empty, 401, "invalid_client"), missing);
    assert_eq!(empty.header("www-authenticate"), challenge);

    let down = new_key(&[]);
    set_down(&down.id, true);
    let reply = post_form(server, "/keys/token", format!("{KEY_GRANT}&client_secret={}", down.key));
    assert_error(&reply, 503, "temporarily_unavailable");
    assert_eq!(reply.header("retry-after"), "5");
    set_down(&down.id, false);
    let reply = post_form(server, "/keys/token", format!("{KEY_GRANT}&client_secret={}", down.key));
    assert_eq!(reply.status, 200);
}

pub(crate) fn a_client_with_a_secret_is_refused_at_the_grants_of_public_clients(server: SocketAddr) {
    let registered = "this server registers no clients, so a client sends no secret with this grant";
    let key = new_key(&[]).key;
    for (path, form) in [("/token", ADA), ("/keys/token", "grant_type=refresh_token&refresh_token=x")] {
        let public = post_with(server, path, &basic("any:"), form);
        assert_ne!(public.json()["error"], "invalid_client", "{public:?}");
        for secret in ["secret", &key] {
            let by_basic = post_with(server, path, &basic(&format!("any:{secret}")), form);
            assert_eq!(assert_error(&by_basic, 401, "invalid_client"), registered);
            assert!(by_basic.header("www-authenticate").starts_with("Basic realm="));
            let in_body = post_form(server, path, format!("{form}&client_secret={secret}"));
            assert_eq!(assert_error(&in_body, 401, "invalid_client"), registered);
            assert_eq!(in_body.header("www-authenticate"), "");
        }
    }
}

pub(crate) fn authorization_headers_of_every_form_have_an_answer(server: SocketAddr) {
    let malformed = "the Basic credentials are malformed";
    for header in [
        "Basic",
        "Basic %%%",
        "Basic YTpi=",
        "Basic YTp",
        "basic YTpi YTpi",
        &basic("no colon"),
        &basic("a:%zz"),
    ] {
        let reply = post_with(server, "/token", header, ADA);
        assert_eq!(assert_error(&reply, 401, "invalid_client"), malformed, "{header}");
        assert_eq!(reply.header("www-authenticate"), r#"Basic realm="https://id.example""#);
    }
    for header in ["Bearer junk", "Digest a=b", "Bearer", "Basics YTpi"] {
        assert_eq!(post_with(server, "/token", header, ADA).status, 200, "{header}");
    }
    let key = new_key(&[]).key;
    let bearer = post_with(server, "/keys/token", &format!("Bearer {key}"), KEY_GRANT);
    assert_error(&bearer, 401, "invalid_client");
    let both = post_with(
        server,
        "/keys/token",
        &basic(&format!("any:{key}")),
        &format!("{KEY_GRANT}&client_secret={key}"),
    );
    assert_eq!(assert_error(&both, 400, "invalid_request"), "the request has two client secrets");
    for other in [basic("any:"), "Bearer junk".to_owned()] {
        let request =
            Request::post("/token").header("Authorization", basic("any:")).header("Authorization", other);
        let reply = request.header("Content-Type", FORM).body(ADA).send(server);
        let description = "the request has several `Authorization` headers";
        assert_eq!(assert_error(&reply, 400, "invalid_request"), description);
    }
    let json = Request::post("/keys/token").header("Authorization", basic(&format!("any:{key}")));
    assert_error(
        &json.json(&json!({ "grant_type": "client_credentials" })).send(server),
        415,
        "invalid_request",
    );
}

//! Requests without a browser.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use serde_json::{Value, json};

use crate::person::{PASSWORD, SERVER};

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().http_status_as_error(false).build().into()
}

fn get(path: &str) -> (u16, String) {
    let mut reply = agent().get(format!("http://{}{path}", *SERVER)).call().unwrap();
    (reply.status().as_u16(), reply.body_mut().read_to_string().unwrap())
}

fn post(path: &str, body: &Value) -> (u16, String) {
    let request =
        agent().post(format!("http://{}{path}", *SERVER)).header("content-type", "application/json");
    let mut reply = request.send(body.to_string()).unwrap();
    (reply.status().as_u16(), reply.body_mut().read_to_string().unwrap())
}

#[test]
fn every_answer_says_what_a_page_may_do() {
    for path in ["/", "/app.js", "/guards", "/source/policies.rs", "/auth/refresh"] {
        let reply = agent().get(format!("http://{}{path}", *SERVER)).call().unwrap();
        let policy = reply.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}: {policy}");
    }
}

#[test]
fn no_lookalike_is_registered_beside_a_name() {
    for (name, status) in [
        ("scope", 201),
        ("Scope", 409),
        ("ｓｃｏｐｅ", 409),
        ("ѕсоре", 409), // in Cyrillic letters
        ("sc\u{43e}pe", 422),
        ("sco\u{200b}pe", 422),
        ("scope ", 422),
        ("ADA", 409), // one of the first step
        ("Ελένη", 201),
    ] {
        let account = json!({ "username": name, "password": PASSWORD, "team": "north", "is_admin": false });
        assert_eq!(post("/accounts", &account).0, status, "{}", name.escape_unicode());
    }
}

#[test]
fn every_guard_links_to_the_line_of_its_function() {
    let (_, guards) = get("/guards");
    let guards: Vec<Value> = serde_json::from_str(&guards).unwrap();
    assert_eq!(guards.len(), 17, "{guards:?}");
    for guard in &guards {
        let (name, link) = (guard["name"].as_str().unwrap(), guard["link"].as_str().unwrap());
        let (file, place) = link.split_once('#').unwrap();
        let (status, page) = get(file);
        assert_eq!(status, 200, "{link}");
        let (_, rest) = page.split_once(&format!("<span id=\"{place}\">")).unwrap();
        let (shown, _) = rest.split_once("</span>").unwrap();
        assert!(shown.contains(&format!("fn {name}(")), "{link}: {shown}");
    }
    let needs = |name: &str| guards.iter().find(|guard| guard["name"] == name).unwrap()["needs"].clone();
    assert_eq!(needs("approve"), r#"access token, acr = "phr""#);
    assert_eq!(needs("welcome"), "access token or none");
    assert_eq!(needs("start_login"), "public, logins have no token");
}

#[test]
fn every_link_of_the_page_leads_to_a_file() {
    let (_, page) = get("/");
    let links: Vec<_> = page.split("href=\"/").skip(1).filter_map(|rest| rest.split_once('"')).collect();
    assert!(links.len() > 10, "{links:?}");
    for (link, _) in links {
        assert_eq!(get(&format!("/{link}")).0, 200, "/{link}");
    }
    assert_eq!((get("/source/main.toml").0, get("/guide/..%2Flib.rs").0), (404, 404));
}

#[test]
fn a_passkey_ceremony_that_was_not_started_here_logs_no_user_in() {
    let response = json!({ "clientDataJSON": "e30", "authenticatorData": "", "signature": "" });
    let credential = json!({ "id": "AA", "rawId": "AA", "type": "public-key", "response": response });
    assert_eq!(post("/passkeys/login/finish", &credential).0, 400);
    assert_eq!(post("/passkeys/add", &json!(null)).0, 401);
    assert_eq!(post("/passkeys/add/finish", &json!({})).0, 401);
}

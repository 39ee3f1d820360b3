//! Requests without a browser.
#![expect(clippy::unwrap_used, reason = "a test that panics is a test that fails")]

use std::collections::HashMap;

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
fn every_step_of_the_page_links_to_the_guide_and_to_its_source() {
    let (_, page) = get("/");
    let steps: Vec<_> = page.split("<section id=\"").skip(1).collect();
    assert_eq!(steps.len(), 9);
    for step in steps {
        let (name, rest) = step.split_once('"').unwrap();
        let (step, _) = rest.split_once("</section>").unwrap();
        assert!(step.contains("Guide: <a href=\"/guide/"), "{name}");
        assert!(step.contains("Source: <a href=\"/source/"), "{name}");
    }
}

/// Returns the addresses of the links in a page of the guide, without those of its lines.
fn links(page: &str) -> Vec<String> {
    let links = page.split("<a href=\"").skip(1).filter_map(|rest| rest.split_once('"'));
    let links = links.map(|(link, _)| link.to_owned());
    links.filter(|link| !link.starts_with("#L") && !link.starts_with("https://")).collect()
}

#[test]
fn every_link_of_the_guide_leads_to_a_page_and_a_heading() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../gatevault/src/guide");
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    let names: Vec<_> = names.filter_map(|name| name.into_string().ok()).collect();
    let pages =
        names.iter().filter(|name| name.split_once('.').is_some_and(|(_, extension)| extension == "md"));
    let pages: HashMap<String, String> = pages
        .map(|name| {
            let (status, page) = get(&format!("/guide/{name}"));
            assert_eq!(status, 200, "{name}");
            (format!("/guide/{name}"), page)
        })
        .collect();
    let mut count = 0;
    for (name, page) in &pages {
        // No link to a page is left as Markdown, and no text is lost.
        assert!(!page.contains("](crate::guide"), "{name}");
        for link in links(page).iter().filter(|link| *link != "/") {
            let (path, heading) = link.split_once('#').unwrap_or((link, ""));
            let target = pages.get(if path.is_empty() { name.as_str() } else { path });
            let target = target.unwrap_or_else(|| panic!("{name} links to {link}"));
            assert!(
                heading.is_empty() || target.contains(&format!("<b id=\"{heading}\">")),
                "{name}: {link}"
            );
            count += 1;
        }
    }
    assert!(count > 20, "{count} links");
    let item = "<code>`#[derive(AuthUser)]`</code> takes the fields";
    assert!(pages["/guide/login.md"].contains(item), "a text with brackets");
    let (before, after) =
        ("of the <a href=\"/guide/oauth2.md\">token</a>\n", "<a href=\"/guide/oauth2.md\">endpoint</a>.\n");
    let page = &pages["/guide/api_keys.md"];
    assert!(page.contains(before) && page.contains(after), "a text over two lines");
}

#[test]
fn a_passkey_ceremony_that_was_not_started_here_logs_no_user_in() {
    let response = json!({ "clientDataJSON": "e30", "authenticatorData": "", "signature": "" });
    let credential = json!({ "id": "AA", "rawId": "AA", "type": "public-key", "response": response });
    assert_eq!(post("/passkeys/login/finish", &credential).0, 400);
    assert_eq!(post("/passkeys/add", &json!(null)).0, 401);
    assert_eq!(post("/passkeys/add/finish", &json!({})).0, 401);
}

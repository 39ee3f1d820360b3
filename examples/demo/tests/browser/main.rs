//! Visitors of the page, in real browsers.

mod chromedriver;
mod person;
mod sites;
mod visitor;

use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::Key;

use person::{PASSWORD, Person, SERVER};

#[tokio::test]
async fn a_person_walks_the_whole_scenario() {
    let ada = Person::at(1280, 900).await;
    ada.takes_a_picture("1-door").await;
    ada.registers("ada", true).await;
    let signed_in = Instant::now();

    // While the login is recent.
    assert!(ada.calls("close_account").await.contains("200 opened"));

    // The token, its claims, and its last second coming nearer.
    ada.sees("#claims", "auth_time").await;
    assert!(ada.reads("#claims").await.contains("north"));
    ada.sees("#countdown", "expires in 11 s").await;
    ada.sees("#countdown", "expires in 10 s").await;

    // Guarded functions: why each opened, or did not.
    assert!(ada.calls("profile").await.contains("200 opened You are ada"));
    assert!(ada.calls("welcome").await.contains("Welcome back, ada."));
    assert!(ada.calls("invite").await.contains("signed by ada"));
    assert!(ada.calls("export").await.contains("200 opened"));
    assert!(ada.calls("roadmap").await.contains("team north"));
    ada.types("#card-roadmap select", "south").await;
    let denied = ada.calls("roadmap").await;
    assert!(denied.contains("403 refused") && denied.contains("payload.team == team"), "{denied}");
    ada.takes_a_picture("2-functions").await;
    ada.clicks("[value=altered] + span").await;
    assert!(ada.calls("profile").await.contains("401 refused"));
    assert!(ada.calls("welcome").await.contains("401 refused"));
    ada.clicks("[value=none] + span").await;
    let denied = ada.calls("profile").await;
    assert!(denied.contains("401 refused") && denied.contains("WWW-Authenticate: Bearer"), "{denied}");
    ada.clicks("#card-welcome button").await;
    ada.sees("#card-welcome .result", "Welcome, stranger.").await;
    ada.clicks("[value=mine] + span").await;

    // The page refreshes automatically, before the token expires.
    ada.sees("#log", "refreshed").await;
    ada.sees("#countdown", "expires in 11 s").await;

    // A second tab has no token, and gets one of the same session by the cookie.
    ada.clicks("#second-tab").await;
    ada.changes_tabs().await;
    ada.sees("#who", "ada").await;
    ada.sees("#session-list", "this session").await;
    assert_eq!(ada.evaluates("return document.querySelectorAll('#session-list li').length").await, 1);

    // Another device, seen and ended by this one.
    ada.types("#other-device [type=password]", PASSWORD).await;
    ada.clicks("#other-device button").await;
    ada.sees("#session-list", "Another device").await;
    ada.takes_a_picture("3-sessions").await;
    ada.clicks("#session-list [aria-label='Revoke Another device']").await;
    let one = "return document.querySelectorAll('#session-list li').length === 1";
    ada.wait_for("one session", one).await;
    ada.types("#other-device [type=password]", PASSWORD).await;
    ada.clicks("#other-device button").await;
    ada.sees("#session-list", "Another device").await;
    ada.clicks("#end-others").await;
    ada.wait_for("one session", one).await;

    // After 30 seconds the login is no longer recent.
    tokio::time::sleep(Duration::from_secs(32).saturating_sub(signed_in.elapsed())).await;
    let denied = ada.calls("close_account").await;
    assert!(denied.contains("401 refused") && denied.contains("max_age"), "{denied}");

    // A stolen copy after the grace period: the session is revoked in both tabs.
    ada.clicks("#steal").await;
    ada.sees("#theft-outcome", "has a copy").await;
    ada.clicks("#use-mine").await;
    ada.sees("#theft-outcome", "has the successor").await;
    ada.takes_a_picture("4-theft").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    ada.clicks("#use-stolen").await;
    ada.sees("#notice", "revoked").await;
    ada.sees("#log", "refresh token reused: session ended").await;
    ada.sees("#door", "Register").await;
    ada.takes_a_picture("5-ended").await;
    ada.changes_tabs().await;
    ada.sees("#notice", "Your session has ended").await;

    // And in again.
    ada.types("#sign-in [name=username]", "ada").await;
    ada.types("#sign-in [name=password]", PASSWORD).await;
    ada.clicks("#sign-in button").await;
    ada.sees("#who", "ada").await;
    ada.clicks("#sign-out").await;
    ada.sees("#notice", "You have signed out").await;
    ada.open().await;
    ada.sees("#door", "Register").await;
    ada.leaves().await;
}

#[tokio::test]
async fn a_thief_who_is_first_is_found_out_by_the_next_refresh() {
    let bob = Person::at(1280, 900).await;
    bob.registers("bob", false).await;
    bob.clicks("#by-itself").await;
    bob.clicks("#steal").await;
    bob.sees("#theft-outcome", "has a copy").await;
    bob.clicks("#use-stolen").await;
    bob.sees("#theft-outcome", "The thief got a pair of tokens").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    bob.clicks("#refresh").await;
    bob.sees("#notice", "Your session has ended").await;
    bob.sees("#log", "refresh token reused: session ended").await;
    bob.leaves().await;
}

#[tokio::test]
async fn an_expired_token_opens_nothing() {
    let eve = Person::at(1280, 900).await;
    eve.registers("eve", false).await;
    eve.clicks("#by-itself").await;
    eve.sees("#countdown", "expired").await;
    let denied = eve.calls("profile").await;
    assert!(denied.contains("401 refused") && denied.contains("expired"), "{denied}");
    eve.clicks("#refresh").await;
    eve.sees("#countdown", "expires in").await;
    // Automatic again, so that the token does not expire on a slow machine.
    eve.clicks("#by-itself").await;
    assert!(eve.calls("profile").await.contains("200 opened"));
    assert!(eve.calls("invite").await.contains("403 refused"));
    let denied = eve.calls("export").await;
    assert!(denied.contains(r#"scope="reports:export""#), "{denied}");
    eve.leaves().await;
}

#[tokio::test]
async fn tokens_are_where_no_script_and_no_other_page_finds_them() {
    let uma = Person::at(1280, 900).await;
    uma.registers("uma", false).await;
    assert_eq!(uma.evaluates("return localStorage.length + sessionStorage.length").await, 0);
    let readable = uma.evaluates("return document.cookie").await.to_string();
    assert!(
        readable.contains("__Host-csrf_token.auth=") && !readable.contains("refresh_token"),
        "{readable}"
    );
    let jar = uma.command("Network.getAllCookies", json!({})).await;
    let cookies = jar["cookies"].as_array().unwrap();
    let refresh = cookies.iter().find(|cookie| cookie["name"] == "__Secure-refresh_token").unwrap();
    assert_eq!(
        (&refresh["httpOnly"], &refresh["secure"], &refresh["sameSite"], &refresh["path"]),
        (&json!(true), &json!(true), &json!("Strict"), &json!("/auth")),
    );
    uma.leaves().await;
}

#[tokio::test]
async fn nothing_comes_from_elsewhere_and_no_name_becomes_markup() {
    let mal = Person::at(1280, 900).await;
    mal.registers("<img/src='x'onerror=document.title='hi'>", false).await;
    assert!(mal.calls("profile").await.contains("<img/src='x'"));
    assert_ne!(mal.evaluates("return document.title").await, "hi");
    let elsewhere = "return performance.getEntriesByType('resource')\
                     .filter(({ name }) => !name.startsWith(location.origin)).length";
    assert_eq!(mal.evaluates(elsewhere).await, 0);
    // The content security policy applies: no inline script runs.
    let inline = "const script = document.createElement('script');\
                  try { script.textContent = 'document.title = \"got\"'; document.head.append(script); } catch {}\
                  return document.title === 'got'";
    assert_eq!(mal.evaluates(inline).await, false);
    let console = mal.console().await;
    let unexpected: Vec<_> = console
        .iter()
        .filter(|line| !line.contains("TrustedScript") && !line.contains("Content Security Policy"))
        .collect();
    assert!(unexpected.is_empty(), "{unexpected:?}");
    mal.leaves().await;
}

#[tokio::test]
async fn a_keyboard_is_enough() {
    let kim = Person::at(1280, 900).await;
    kim.presses(&[Key::Tab, Key::Tab]).await;
    kim.writes("kim").await;
    kim.presses(&[Key::Tab]).await;
    kim.writes(PASSWORD).await;
    // Past the team, to the box, which a space ticks.
    kim.presses(&[Key::Tab, Key::Tab, Key::Space, Key::Enter]).await;
    kim.sees("#who", "kim admin").await;
    // Every control is reached, shows that it is, and the one for the first function calls it.
    let focused =
        "return document.activeElement.closest('#card-profile') && document.activeElement.matches('button')";
    for _ in 0..30 {
        kim.presses(&[Key::Tab]).await;
        let outline = "return getComputedStyle(document.activeElement.matches('.segments input') \
                       ? document.activeElement.nextElementSibling : document.activeElement).outlineStyle";
        assert_ne!(kim.evaluates(outline).await, "none");
        if kim.evaluates(focused).await == true {
            break;
        }
    }
    kim.presses(&[Key::Enter]).await;
    kim.sees("#card-profile .result", "200 opened").await;
    kim.leaves().await;
}

#[tokio::test]
async fn a_phone_in_the_dark_shows_all_of_it() {
    let zoe = Person::at(360, 780).await;
    zoe.in_the_dark().await;
    zoe.registers("zoe", true).await;
    zoe.calls("profile").await;
    let fits = "return document.documentElement.scrollWidth <= innerWidth";
    assert_eq!(zoe.evaluates(fits).await, true);
    assert_eq!(
        zoe.evaluates("return getComputedStyle(document.body).backgroundColor").await,
        "rgb(16, 19, 23)"
    );
    zoe.takes_a_picture("6-phone-dark").await;
    zoe.leaves().await;
}

#[test]
fn every_answer_says_what_a_page_may_do() {
    for path in ["/", "/app.js", "/functions", "/auth/refresh"] {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let reply = agent.get(format!("http://{}{path}", *SERVER)).call().unwrap();
        let policy = reply.headers()["content-security-policy"].to_str().unwrap();
        assert!(policy.starts_with("default-src 'none';") && !policy.contains("unsafe"), "{path}: {policy}");
    }
}

#[test]
fn no_lookalike_is_registered_beside_a_name() {
    let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
    let address = format!("http://{}/accounts", *SERVER);
    for (name, status) in [
        ("scope", 201),
        ("Scope", 409),
        ("ｓｃｏｐｅ", 409),
        ("ѕсоре", 409), // in Cyrillic letters
        ("sc\u{43e}pe", 422),
        ("sco\u{200b}pe", 422),
        ("scope ", 422),
        ("Ελένη", 201),
    ] {
        let account = json!({ "username": name, "password": PASSWORD, "team": "north", "is_admin": false });
        let request = agent.post(&address).header("content-type", "application/json");
        let reply = request.send(account.to_string()).unwrap();
        assert_eq!(reply.status(), status, "{}", name.escape_unicode());
    }
}

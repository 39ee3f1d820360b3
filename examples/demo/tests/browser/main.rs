//! Visitors of the page, in real browsers.

mod abilities;
mod chromedriver;
mod looks;
mod person;
mod routes;
mod sites;
mod visitor;

use std::time::{Duration, Instant};

use serde_json::json;
use thirtyfour::Key;

use person::{PASSWORD, Person};

#[tokio::test]
async fn the_first_step_is_one_click_for_a_member_and_for_an_admin() {
    for person in [Person::with_a_desktop().await, Person::with_a_phone().await] {
        person.takes_a_picture("#door", "1-first-step").await;
        person.clicks("#as-ada").await;
        person.sees("#who", "ada member, team north").await;
        assert!(person.calls("invite").await.contains("denied 403"));
        person.clicks("#log-out").await;
        person.sees("#notice", "You have logged out").await;
        person.clicks("#as-root").await;
        person.sees("#who", "root admin, team north").await;
        assert!(person.calls("invite").await.contains("opened An invitation, signed by root."));
        person.takes_a_picture("header", "2-logged-in").await;
        person.takes_a_picture("#token", "2-token").await;
        person.leaves().await;
    }
}

#[tokio::test]
async fn a_person_walks_the_whole_scenario() {
    let amy = Person::with_a_desktop().await;
    amy.registers("amy", true).await;
    let logged_in = Instant::now();

    // While the login is recent.
    assert!(amy.calls("close_account").await.contains("opened"));

    // The token, its claims, and its last second coming nearer.
    amy.sees("#claims", "auth_time").await;
    assert!(amy.reads("#claims").await.contains("north"));
    amy.sees("#countdown", "expires in 11 s").await;
    amy.sees("#countdown", "expires in 10 s").await;

    // Guarded functions: why each opened, or did not.
    assert!(amy.calls("profile").await.contains("opened You are amy"));
    assert!(amy.calls("welcome").await.contains("Welcome back, amy."));
    assert!(amy.calls("report").await.contains("opened"));
    assert!(amy.calls("export").await.contains("opened"));
    assert!(amy.calls("roadmap").await.contains("team north"));
    amy.types("#card-roadmap select", "south").await;
    let denied = amy.calls("roadmap").await;
    assert!(denied.contains("denied 403") && denied.contains("payload.team == team"), "{denied}");
    amy.clicks("[value=altered] + span").await;
    assert!(amy.calls("profile").await.contains("denied 401"));
    assert!(amy.calls("welcome").await.contains("denied 401"));
    amy.clicks("[value=none] + span").await;
    let denied = amy.calls("profile").await;
    assert!(denied.contains("denied 401") && denied.contains("WWW-Authenticate: Bearer"), "{denied}");
    amy.clicks("#card-welcome button").await;
    amy.sees("#card-welcome .result", "Welcome, stranger.").await;
    amy.clicks("[value=mine] + span").await;
    amy.takes_a_picture("#functions", "3-denials").await;

    // The page refreshes automatically, before the token expires.
    amy.sees("#log", "refreshed").await;
    amy.sees("#countdown", "expires in 11 s").await;

    // A second tab has no token, and gets one of the same session by the cookie.
    amy.clicks("#second-tab").await;
    amy.changes_tabs().await;
    amy.sees("#who", "amy").await;
    amy.sees("#session-list", "this session").await;
    assert_eq!(amy.evaluates("return document.querySelectorAll('#session-list li').length").await, 1);

    // After 30 seconds the login is no longer recent.
    tokio::time::sleep(Duration::from_secs(32).saturating_sub(logged_in.elapsed())).await;
    let denied = amy.calls("close_account").await;
    assert!(denied.contains("denied 401") && denied.contains("max_age"), "{denied}");

    // A stolen copy after the grace period: the session is revoked in both tabs.
    amy.clicks("#steal").await;
    amy.sees("#theft-outcome", "has a copy").await;
    amy.clicks("#use-mine").await;
    amy.sees("#theft-outcome", "has the successor").await;
    amy.takes_a_picture("#theft", "4-theft").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    amy.clicks("#use-stolen").await;
    amy.sees("#notice", "The thief was denied (401)").await;
    amy.sees("#log", "refresh token reused").await;
    amy.sees("#door", "Continue as ada").await;
    amy.takes_a_picture("body", "5-ended").await;
    amy.changes_tabs().await;
    amy.sees("#notice", "Your session has ended").await;

    // And in again.
    amy.types("#log-in [name=username]", "amy").await;
    amy.types("#log-in [name=password]", PASSWORD).await;
    amy.clicks("#log-in button").await;
    amy.sees("#who", "amy").await;
    amy.clicks("#log-out").await;
    amy.sees("#notice", "You have logged out").await;
    amy.open().await;
    amy.sees("#door", "Continue as ada").await;
    amy.leaves().await;
}

#[tokio::test]
async fn a_thief_who_is_first_is_found_out_by_the_next_refresh() {
    let ben = Person::with_a_desktop().await;
    ben.registers("ben", false).await;
    ben.clicks("#by-itself").await;
    ben.clicks("#steal").await;
    ben.sees("#theft-outcome", "has a copy").await;
    ben.clicks("#use-stolen").await;
    ben.sees("#theft-outcome", "The thief got a pair of tokens").await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    ben.clicks("#refresh").await;
    ben.sees("#notice", "Your session has ended").await;
    ben.sees("#log", "refresh token reused").await;
    ben.leaves().await;
}

#[tokio::test]
async fn an_expired_token_opens_nothing() {
    let eve = Person::with_a_desktop().await;
    eve.registers("eve", false).await;
    eve.clicks("#by-itself").await;
    eve.sees("#countdown", "expired").await;
    let denied = eve.calls("profile").await;
    assert!(denied.contains("denied 401") && denied.contains("expired"), "{denied}");
    eve.clicks("#refresh").await;
    eve.sees("#countdown", "expires in").await;
    // Automatic again, so that the token does not expire on a slow machine.
    eve.clicks("#by-itself").await;
    assert!(eve.calls("profile").await.contains("opened"));
    let denied = eve.calls("export").await;
    assert!(denied.contains("denied 403") && denied.contains(r#"scope="reports:export""#), "{denied}");
    eve.leaves().await;
}

#[tokio::test]
async fn tokens_are_where_no_script_and_no_other_page_finds_them() {
    let uma = Person::with_a_desktop().await;
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
    let mal = Person::with_a_desktop().await;
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
    let kim = Person::with_a_desktop().await;
    // Past the link that skips to the functions and those of the steps, to "Continue as ada".
    kim.tabs_to("#as-ada").await;
    kim.presses(&[Key::Enter]).await;
    kim.sees("#who", "ada member").await;
    // The button that had the focus is hidden now.
    kim.wait_for("the focus", "return document.activeElement.id === 'functions-title'").await;
    kim.tabs_to("#card-profile button").await;
    kim.presses(&[Key::Enter]).await;
    kim.sees("#card-profile .result", "opened").await;
    // Code that scrolls is reached, and scrolls.
    kim.tabs_to("#card-welcome pre").await;
    // The details of a line of the log.
    kim.tabs_to("#log summary").await;
    kim.presses(&[Key::Enter]).await;
    kim.wait_for("details", "return document.activeElement.closest('details').open").await;
    kim.leaves().await;
}

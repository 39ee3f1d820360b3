//! Visitors of the pages, in real browsers: links and forms of other sites, expired tokens, logouts, dropped cookies.

#[path = "../../../demo/tests/browser/chromedriver.rs"]
mod chromedriver;
mod oversized;
mod servers;
mod visitor;

use servers::{EXPIRY, Servers};
use visitor::Visitor;

#[tokio::test]
async fn a_click_on_another_site_stays_logged_in_before_and_after_the_token_has_expired() {
    let (servers, visitor) = (Servers::start(), Visitor::new().await);
    visitor.logs_in(&servers.app("")).await;
    visitor.adds("buy milk").await;
    visitor.sees("ul", "buy milk").await;

    let app = servers.app("");
    for is_expired in [false, true] {
        visitor.goes_to(&servers.mail(&app)).await;
        if is_expired {
            tokio::time::sleep(EXPIRY).await;
            assert!(!visitor.cookies("pages.localhost").await.contains(&"__Host-notes_access".to_owned()));
        }
        visitor.clicks("#notes").await;
        visitor.sees("h1", "Notes of ada").await;
        assert_eq!(visitor.address().await, servers.app("/notes?from=mail"));
    }
    // A visit of the same site, and two tabs at once.
    tokio::time::sleep(EXPIRY).await;
    visitor.goes_to(&servers.app("/notes?a=b%26c")).await;
    assert_eq!(visitor.address().await, servers.app("/notes?a=b%26c"));
    visitor.sees("h1", "Notes of ada").await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_form_of_another_site_is_refused_and_changes_nothing() {
    let (servers, visitor) = (Servers::start(), Visitor::new().await);
    visitor.logs_in(&servers.app("")).await;
    for form in ["#add", "#log-out", "#log-in"] {
        for mail in [servers.mail(&servers.app("")), servers.sibling(&servers.app(""))] {
            visitor.goes_to(&mail).await;
            visitor.clicks(form).await;
            visitor.arrives_at(&servers.app("")).await;
            // Without the cookies of another site, the guard asks who the visitor is only after it has asked who sent the form.
            assert_eq!(visitor.status().await, 403, "{form}");
        }
    }
    visitor.goes_to(&servers.app("/notes")).await;
    visitor.sees("h1", "Notes of ada").await;
    assert_eq!(visitor.reads("ul").await, "");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_request_of_htmx_learns_where_to_go_and_a_form_is_not_sent_again() {
    let (servers, visitor) = (Servers::start(), Visitor::new().await);
    visitor.logs_in(&servers.app("")).await;
    let count = "return fetch('/notes/count', { headers: { 'HX-Request': 'true', 'HX-Current-URL': location.href } })\
        .then(async (reply) => [reply.status, reply.headers.get('HX-Redirect') ?? await reply.text()])";
    while visitor.evaluates(count).await != serde_json::json!([200, "0 notes"]) {
        visitor.goes_to(&servers.app("/notes")).await;
    }
    tokio::time::sleep(EXPIRY).await;
    let there = visitor.evaluates(count).await;
    assert_eq!(there, serde_json::json!([401, "/auth/continue?next=/notes"]));
    visitor.evaluates(&format!("location.href = {}", there[1])).await;
    visitor
        .waits_for(
            "a refreshed token",
            "return performance.getEntriesByType('navigation')[0].redirectCount > 0",
        )
        .await;
    visitor.sees("h1", "Notes of ada").await;

    tokio::time::sleep(EXPIRY).await;
    visitor.types("#add [name=note]", "late").await;
    visitor.clicks("#add button").await;
    visitor.sees("h1", "Log in").await;
    visitor.goes_to(&servers.app("/notes")).await;
    visitor.sees("h1", "Notes of ada").await;
    assert_eq!(visitor.reads("ul").await, "");
    visitor.leaves().await;
}

#[tokio::test]
async fn a_logout_deletes_the_cookies_and_the_back_button_shows_no_page() {
    let (servers, visitor) = (Servers::start(), Visitor::new().await);
    visitor.goes_to(&servers.app("/notes?kept")).await;
    visitor.sees("h1", "Log in").await;
    visitor.fills_in("ada", "wrong").await;
    visitor.sees("[role=alert]", "wrong").await;
    assert_eq!(visitor.cookies("pages.localhost").await.len(), 0);
    visitor.fills_in("ada", visitor::PASSWORD).await;
    visitor.sees("h1", "Notes of ada").await;
    assert_eq!(visitor.address().await, servers.app("/notes?kept"));
    assert_eq!(visitor.cookies("pages.localhost").await.len(), 3);

    visitor.clicks("#log-out button").await;
    visitor.sees("h1", "Log in").await;
    assert_eq!(visitor.cookies("pages.localhost").await.len(), 0);
    visitor.goes_back().await;
    visitor.sees("h1", "Log in").await;
    visitor.goes_to(&servers.app("/notes")).await;
    visitor.sees("h1", "Log in").await;
    visitor.leaves().await;
}

#[tokio::test]
async fn a_browser_that_drops_cookies_arrives_at_the_login_page() {
    let (servers, visitor) = (Servers::start(), Visitor::new().await);
    // Over plain http, a browser accepts no cookie that is `Secure`, and sends no Fetch Metadata.
    let plain = servers.plain();
    visitor.goes_to(&format!("{plain}/notes")).await;
    for _ in 0..2 {
        visitor.sees("h1", "Log in").await;
        visitor.fills_in("ada", visitor::PASSWORD).await;
    }
    visitor.sees("h1", "Log in").await;
    assert_eq!(visitor.cookies("pages.test").await.len(), 0);

    // A token that is too large for a cookie: the refresh token is kept, and the access token is not.
    let oversized = oversized::serve();
    visitor.goes_to(&format!("http://large.localhost:{oversized}/login")).await;
    visitor.fills_in("ada", visitor::PASSWORD).await;
    visitor.arrives_at(&format!("http://large.localhost:{oversized}/login")).await;
    let cookies = visitor.cookies("large.localhost").await;
    assert!(cookies.contains(&"__Secure-large_refresh".to_owned()), "{cookies:?}");
    assert!(!cookies.contains(&"__Host-large_access".to_owned()), "{cookies:?}");
    visitor.leaves().await;
}

//! What holds for a browser over every framework.

use std::time::Duration;

use ::axum::http::Request;
use gatevault::Auth;
use gatevault::testing::{self, Browser, ManualClock, TestApp, assert_denied, form};
use serde_json::json;

use super::{ACCESS, Users, ada, apps, auth, eve};

async fn a_session_begins_continues_and_ends<A: TestApp>(app: A, clock: ManualClock) {
    let browser = testing::browser(app).clock(clock.clone());
    let denied = browser.get("/me").await;
    assert_eq!((denied.status(), denied.challenge()), (401, "Bearer"));
    assert_denied!(denied, MissingToken);
    assert_denied!(browser.log_in("ada", "a wrong password").await, WrongCredentials);
    assert_denied!(browser.log_in("unknown", testing::PASSWORD).await, WrongCredentials);

    assert_eq!(browser.log_in("ada", testing::PASSWORD).await.status(), 200);
    assert_eq!(browser.get("/me").await.assert_status(200).text(), "user 1");
    assert!(browser.cookie("__Host-refresh_token").is_some());

    clock.advance(ACCESS);
    assert_denied!(browser.get("/me").await, Expired);
    assert_eq!(browser.refresh().await.status(), 200);
    assert_eq!(browser.get("/me").await.status(), 200);

    let former = browser.access_token().unwrap();
    assert_eq!(browser.log_out().await.status(), 204);
    assert_eq!((browser.access_token(), browser.cookie("__Host-refresh_token")), (None, None));
    assert_eq!(browser.get("/me").await.challenge(), "Bearer");
    assert_eq!(browser.refresh().await.status(), 401);
    let stolen = http_request("/me", "authorization", &format!("Bearer {former}"));
    assert_denied!(browser.send(stolen).await, InvalidToken);
}

fn http_request(path: &str, header: &str, value: &str) -> Request<String> {
    Request::get(path).header(header, value).body(String::new()).unwrap()
}

async fn two_users_have_a_browser_each<A: TestApp>(app: A, auth: &Auth<Users>) {
    let stranger = testing::browser(app);
    let ada = stranger.acting_as(auth, &ada()).await;
    let eve = ada.acting_as(auth, &eve()).await;
    assert_eq!(ada.get("/me").await.text(), "user 1");
    assert_eq!(eve.get("/me").await.text(), "user 2");
    assert_eq!(stranger.get("/me").await.status(), 401);
    assert_eq!(ada.another().get("/me").await.status(), 401);

    assert_eq!(ada.refresh().await.status(), 200);
    assert_eq!(ada.log_out().await.status(), 204);
    assert_eq!(ada.get("/me").await.status(), 401);
    assert_eq!(eve.refresh().await.status(), 200);
    assert_eq!(eve.get("/me").await.text(), "user 2");
}

async fn bodies_arrive_as_they_were_written<A: TestApp>(app: A, auth: &Auth<Users>) {
    let ada = testing::browser(app).acting_as(auth, &ada()).await;
    let note = json!({"note": "äöü"});
    assert_eq!(ada.post("/echo", note.clone()).await.json(), note);
    assert_eq!(ada.post("/echo", &["a", "b"]).await.json_as::<Vec<String>>(), ["a", "b"]);
    let sent = ada.post("/echo", form([("a b", "1&2"), ("c", "ü")])).await;
    assert_eq!(sent.text(), "a%20b=1%262&c=%C3%BC");
    assert_eq!(ada.post("/echo", ()).await.assert_status(200).text(), "");
}

async fn a_cookie_alone_refreshes_no_session<A: TestApp>(app: A, auth: &Auth<Users>) {
    let ada = testing::browser(app).acting_as(auth, &ada()).await;
    let forge = |header: &str, value: &str| {
        Request::post("/refresh").header(header, value).body(String::new()).unwrap()
    };
    assert_eq!(ada.send(forge("x-csrf-token", "forged")).await.status(), 403);
    assert_eq!(ada.send(forge("sec-fetch-site", "cross-site")).await.status(), 403);
    assert_eq!(ada.refresh().await.status(), 200);
}

/// Asserts that the routes count guesses by the address of the browser.
async fn guesses_count_by_the_address<A: TestApp>(browser: Browser<A>) {
    let mut names = (0..500).map(|number| format!("user{number}"));
    let browser = browser.from_address([198, 51, 100, 7]);
    let throttled = loop {
        let name = names.next().expect("no throttle");
        let answer = browser.log_in(&name, testing::PASSWORD).await;
        if answer.status() != 401 {
            break answer;
        }
    };
    assert_eq!(throttled.status(), 429);
    assert!(throttled.header("retry-after").is_some());
    let elsewhere = browser.another().from_address([203, 0, 113, 7]);
    assert_eq!(elsewhere.log_in("ada", testing::PASSWORD).await.status(), 200);
}

async fn an_unknown_address_is_a_fault<A: TestApp>(browser: Browser<A>) {
    browser.from_address([198, 51, 100, 7]).get("/me").await.assert_status(401);
}

macro_rules! scenarios {
    ($($framework:ident = $app:expr, $address:ident $($fault:literal)?;)+) => {
        $(mod $framework {
            use super::*;

            #[tokio::test]
            async fn a_session_begins_continues_and_ends() {
                let (auth, clock) = auth();
                super::a_session_begins_continues_and_ends($app(&auth), clock).await;
            }

            #[tokio::test]
            async fn two_users_have_a_browser_each() {
                let (auth, _) = auth();
                super::two_users_have_a_browser_each($app(&auth), &auth).await;
            }

            #[tokio::test]
            async fn bodies_arrive_as_they_were_written() {
                let (auth, _) = auth();
                super::bodies_arrive_as_they_were_written($app(&auth), &auth).await;
            }

            #[tokio::test]
            async fn a_cookie_alone_refreshes_no_session() {
                let (auth, _) = auth();
                super::a_cookie_alone_refreshes_no_session($app(&auth), &auth).await;
            }

            #[tokio::test]
            $(#[should_panic(expected = $fault)])?
            async fn $address() {
                let (auth, _) = auth();
                super::$address(testing::browser($app(&auth))).await;
            }
        })+
    };
}

scenarios! {
    axum = apps::axum, guesses_count_by_the_address;
    actix = (|auth: &Auth<Users>| apps::actix(auth)), guesses_count_by_the_address;
    poem = apps::poem, an_unknown_address_is_a_fault "poem gives a request an address only over a socket";
    rocket = apps::rocket, guesses_count_by_the_address;
    salvo = apps::salvo, guesses_count_by_the_address;
    warp = apps::warp, an_unknown_address_is_a_fault "warp gives a request an address only over a socket";
}

/// A session is idle for longer than its refresh token lives.
#[tokio::test]
async fn a_browser_drops_a_cookie_at_its_end() {
    let (auth, clock) = auth();
    let ada = testing::browser(apps::axum(&auth)).clock(clock.clone()).acting_as(&auth, &ada()).await;
    clock.advance(Duration::from_hours(8 * 24));
    assert_eq!(ada.cookie("__Host-refresh_token"), None);
    assert_eq!(ada.refresh().await.status(), 401);
}

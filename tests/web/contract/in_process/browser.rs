//! Settings of the browser, and faults of a test.

use axum::Router;
use axum::http::Request;
use axum::response::{IntoResponse as _, Redirect};
use axum::routing::{any, get, post};
use gatevault::login::SessionRequest;
use gatevault::testing::{self, Browser};

use super::{ada, apps, auth, eve};

#[tokio::test]
async fn routes_at_a_prefix_have_their_cookies() {
    let (auth, _) = auth();
    let routes = auth.routes().mounted_at("/auth").unwrap();
    let browser = testing::browser(Router::new().merge(routes.into_router())).mounted_at("/auth/");
    assert_eq!(browser.log_in("ada", testing::PASSWORD).await.status(), 200);
    assert_eq!(browser.refresh().await.status(), 200);
    let eve = browser.acting_as(&auth, &eve()).await;
    assert!(eve.cookie("__Secure-refresh_token").is_some());
    for browser in [browser, eve] {
        assert_eq!(browser.get("/auth/sessions").await.json()["sessions"].as_array().unwrap().len(), 1);
        assert_eq!(browser.log_out().await.status(), 204);
        assert_eq!(browser.cookie("__Secure-refresh_token"), None);
    }
}

#[tokio::test]
async fn routes_without_cookies_get_the_refresh_token_in_the_body() {
    let (auth, _) = auth();
    let routes = auth.routes().without_cookies();
    let browser = testing::browser(Router::new().merge(routes.clone().into_router()));
    assert_eq!(browser.log_in("ada", testing::PASSWORD).await.status(), 200);
    let eve = browser.acting_as(&routes, &eve()).await;
    for browser in [browser, eve] {
        assert_eq!(browser.refresh().await.status(), 200);
        assert_eq!(browser.refresh().await.status(), 200);
        assert_eq!(browser.log_out().await.status(), 204);
        assert_eq!(browser.access_token(), None);
    }
}

/// `/there` redirects to a page that shows how it was asked for.
fn redirecting() -> Router {
    let page = any(|request: axum::extract::Request| async move {
        let header = |name: &str| request.headers().get(name).map_or("", |value| value.to_str().unwrap());
        format!("{} {} {}", request.method(), header("sec-fetch-mode"), header("cookie"))
    });
    let cookie = [("set-cookie", "visited=1; Path=/")];
    Router::new()
        .route("/there", any(move || async move { (cookie, Redirect::to("/page#part")) }))
        .route("/moved", any(|| async { Redirect::permanent("https://localhost/page") }))
        .route("/away", get(|| async { Redirect::to("https://other.example/page") }))
        .route("/loop", get(|| async { Redirect::to("/loop").into_response() }))
        .route("/page", page)
}

#[tokio::test]
async fn redirects_are_responses_unless_the_browser_follows_them() {
    let browser = testing::browser(redirecting());
    let response = browser.visit("/there").await;
    assert_eq!((response.status(), response.location()), (303, Some("/page#part")));

    let browser = browser.another().following_redirects();
    assert_eq!(browser.visit("/there").await.text(), "GET navigate visited=1");
    assert_eq!(browser.submit("/there", [("a", "b")]).await.text(), "GET navigate visited=1");
    assert_eq!(browser.post("/moved", ()).await.text(), "POST cors visited=1");
    assert_eq!(browser.get("/away").await.location(), Some("https://other.example/page"));
}

/// Returns the message of the panic with which a test fails.
async fn failure(test: impl Future<Output = ()> + Send + 'static) -> String {
    let panic = tokio::spawn(test).await.unwrap_err().into_panic();
    panic.downcast_ref::<String>().unwrap().clone()
}

#[tokio::test]
async fn a_fault_names_the_line_of_the_test() {
    let looping = failure(async {
        testing::browser(redirecting()).following_redirects().visit("/loop").await.assert_status(200);
    });
    let line = line!() - 2;
    let looping = looping.await;
    assert!(looping.starts_with(&format!("{}:{line}:", file!())), "{looping}");
    assert!(looping.ends_with(": more than 20 redirects"), "{looping}");

    let unreadable = failure(async {
        let _ = testing::browser(redirecting()).get("/page").await.json();
    });
    let line = line!() - 2;
    let unreadable = unreadable.await;
    assert!(unreadable.starts_with(&format!("{}:{line}:", file!())), "{unreadable}");
    assert!(
        unreadable.contains(": expected JSON for `serde_json::value::Value` (expected value"),
        "{unreadable}"
    );
}

#[tokio::test]
async fn headers_of_a_request_replace_those_of_the_browser() {
    let (auth, _) = auth();
    let ada = testing::browser(apps::axum(&auth)).acting_as(&auth, &ada()).await;
    let request = Request::get("/me").header("authorization", "Basic YTpi").body("").unwrap();
    assert_eq!(ada.send(request).await.status(), 401);
    assert_eq!(ada.send(Request::get("/me").body("").unwrap()).await.status(), 200);
}

#[tokio::test]
async fn no_output_contains_a_token() {
    let (auth, _) = auth();
    let browser = testing::browser(apps::axum(&auth));
    let response = browser.log_in("ada", testing::PASSWORD).await;
    let csrf = response.json()["csrf_token"].as_str().unwrap().to_owned();
    let shown = format!("{response:?} {browser:?}");
    assert!(shown.contains("200") && shown.contains("expires_in"), "{shown}");
    for secret in [browser.access_token(), browser.cookie("__Host-refresh_token"), Some(csrf)] {
        assert!(!shown.contains(&secret.unwrap()), "{shown}");
    }
}

fn stranger() -> Browser<Router> {
    testing::browser(apps::axum(&auth().0))
}

#[tokio::test]
#[should_panic(
    expected = "expected the status 200, found Response { status: 401, challenge: \"Bearer\", body: {"
)]
async fn a_failed_assertion_shows_the_response() {
    stranger().get("/me").await.assert_status(200);
}

#[tokio::test]
#[should_panic(expected = "expected a path such as \"/me\" or \"/notes?page=2\", found \"me\"")]
async fn a_path_that_is_none_is_a_fault() {
    stranger().get("me").await;
}

/// A test may send its requests from a task of another thread.
#[tokio::test]
async fn the_future_of_a_request_is_send() {
    let browser = stranger();
    let status = tokio::spawn(async move { browser.get("/me").await.status() });
    assert_eq!(status.await.unwrap(), 401);
}

#[tokio::test]
async fn a_registration_sends_a_name_and_a_password_and_keeps_the_tokens_of_its_answer() {
    let (auth, _) = auth();
    let routes = auth.routes();
    let register = post(move |body: String| async move {
        let sent: serde_json::Value = serde_json::from_str(&body).unwrap();
        assert_eq!(sent, serde_json::json!({"username": "eve", "password": "correct horse"}));
        routes.hand_out(&auth.begin_session(&eve(), SessionRequest::new()).await.unwrap())
    });
    let browser = testing::browser(Router::new().route("/register", register));
    assert_eq!(browser.register("eve", testing::PASSWORD).await.status(), 200);
    assert!(browser.access_token().is_some() && browser.cookie("__Host-refresh_token").is_some());
}

#[tokio::test]
async fn a_route_of_poem_and_a_service_of_salvo_are_applications_too() {
    let (auth, _) = auth();
    let route = auth.routes().add_to(poem::Route::new());
    assert_eq!(testing::browser(route).log_in("ada", testing::PASSWORD).await.status(), 200);
    let service = salvo::Service::new(apps::salvo(&auth));
    assert_eq!(testing::browser(service).log_in("ada", testing::PASSWORD).await.status(), 200);
}

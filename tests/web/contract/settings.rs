//! The settings of the routes, in any order.

use std::sync::Arc;
use std::time::Duration;

use gatevault::error::ConfigError;
use gatevault::login::{SessionRequest, SyncLookup};
use gatevault::web::{HttpRequest, HttpResponse};
use gatevault::{AuthRoutes, OAuthHandler, RefreshCookie, TokenManager};
use gatevault_tests::{Account, Recorder, SECRET, quick_hasher, timed};
use gatevault_web_tests::PASSWORD;
use serde_json::{Value, json};

use crate::browser::credentials;

type Routes = AuthRoutes<SyncLookup<Account>>;

fn routes() -> Routes {
    let ada = Account::new(1, PASSWORD);
    let handler = OAuthHandler::new(TokenManager::new(SECRET).unwrap(), move |_: &str| Some(ada.clone()));
    AuthRoutes::new(handler.hasher(quick_hasher()))
}

/// Returns the start and the attributes of the refresh cookie that a login sets.
fn refresh_cookie(routes: &Routes, path: &str) -> String {
    let request = HttpRequest::new("POST", path).with_header("content-type", b"application/json");
    let response = routes.respond(&request, Some(credentials("ada", PASSWORD).to_string().as_bytes()));
    let cookie = response.header("set-cookie").unwrap();
    let (name, rest) = cookie.split_once('=').unwrap();
    let (attributes, _) = rest.split_once("; ").unwrap().1.split_once("; Max-Age").unwrap();
    format!("{name}; {attributes}")
}

#[test]
fn a_chosen_cookie_stays_whether_the_routes_are_mounted_before_or_after() {
    let cookie = || RefreshCookie::new("own", "/proxied").unwrap();
    for routes in [
        routes().cookie(cookie()).mounted_at("/auth").unwrap(),
        routes().mounted_at("/auth").unwrap().cookie(cookie()),
    ] {
        assert_eq!(
            refresh_cookie(&routes, "/auth/login"),
            "__Secure-own; HttpOnly; Secure; SameSite=Strict; Path=/proxied"
        );
    }
    let cookie = || RefreshCookie::default().insecure_over_http();
    for routes in [
        routes().cookie(cookie()).mounted_at("/auth").unwrap(),
        routes().mounted_at("/auth").unwrap().cookie(cookie()).allowed_origins(["http://a.test"]).unwrap(),
    ] {
        assert_eq!(
            refresh_cookie(&routes, "/auth/login"),
            "refresh_token; HttpOnly; SameSite=Strict; Path=/"
        );
    }
}

#[test]
fn allowed_origins_set_same_site_in_any_order() {
    let expected = "__Secure-refresh_token; HttpOnly; Secure; SameSite=None; Path=/auth";
    let cookie = || RefreshCookie::new("refresh_token", "/auth").unwrap();
    let app = ["https://app.example"];
    for routes in [
        routes().allowed_origins(app).unwrap().mounted_at("/auth").unwrap(),
        routes().mounted_at("/auth").unwrap().allowed_origins(app).unwrap(),
        routes().allowed_origins(app).unwrap().cookie(cookie()).mounted_at("/auth").unwrap(),
    ] {
        assert_eq!(refresh_cookie(&routes, "/auth/login"), expected);
    }
    let none = routes().allowed_origins(app).unwrap().allowed_origins(Vec::<String>::new()).unwrap();
    assert!(refresh_cookie(&none, "/login").contains("SameSite=Strict"));
}

#[test]
fn an_origin_that_no_page_has_is_a_config_error_that_says_what_to_write() {
    for origin in [
        "",
        "*",
        "null",
        "app.example",
        "https://app.example/",
        "https://*.example",
        "https://bücher.example",
    ] {
        let error = routes().allowed_origins(["https://good.example", origin]).unwrap_err();
        assert_eq!(error, ConfigError::InvalidOrigin { found: origin.to_owned() });
        let message = error.to_string();
        assert!(
            message.contains(&format!("{origin:?}")) && message.contains("https://app.example"),
            "{message}"
        );
    }
}

/// A session may outlive its refresh token in the store: a logout ends it even so.
#[test]
fn a_genuine_refresh_token_names_its_session_after_it_has_expired() {
    for is_cookie in [true, false] {
        let (tokens, clock) = timed();
        let tokens = tokens.build().unwrap();
        let ada = Account::new(1, PASSWORD);
        let handler = OAuthHandler::new(tokens.clone(), move |_: &str| Some(ada.clone()));
        let routes = AuthRoutes::new(handler.hasher(quick_hasher()));
        let routes = if is_cookie { routes } else { routes.without_cookies() };
        let post =
            |path: &str| HttpRequest::new("POST", path).with_header("content-type", b"application/json");
        let login = credentials("ada", PASSWORD).to_string();
        let login = routes.respond(&post("/login"), Some(login.as_bytes()));
        let body: Value = serde_json::from_str(&login.body).unwrap();
        clock.advance(Duration::from_hours(8 * 24));
        let (request, refresh) = if is_cookie {
            let cookie = login.header("set-cookie").unwrap().split(';').next().unwrap();
            let request = post("/logout").with_header("cookie", cookie.as_bytes());
            assert_eq!(routes.respond(&request, Some(b"")).status, 403);
            let csrf = body["csrf_token"].as_str().unwrap();
            (request.with_header("x-csrf-token", csrf.as_bytes()), json!({}))
        } else {
            (post("/logout"), json!({ "refresh_token": body["refresh_token"] }))
        };
        let recorder = Recorder::default();
        let response = tracing::subscriber::with_default(recorder.clone(), || {
            routes.respond(&request, Some(refresh.to_string().as_bytes()))
        });
        assert_eq!(response.status, 204);
        assert!(recorder.lines().iter().any(|(_, line)| line.contains("sessions ended")), "{recorder:?}");
    }
}

#[test]
fn an_application_with_a_login_of_its_own_leaves_that_route_out_and_no_other() {
    for routes in [
        routes().without_login().mounted_at("/auth").unwrap(),
        routes().mounted_at("/auth").unwrap().without_login(),
    ] {
        let request =
            HttpRequest::new("POST", "/auth/login").with_header("content-type", b"application/json");
        let body = credentials("ada", PASSWORD).to_string();
        assert_eq!(routes.respond(&request, Some(body.as_bytes())).status, 404);
        assert!(!routes.has("/auth/login") && routes.has("/auth/refresh"));
        let expected = ["/auth/refresh", "/auth/logout", "/auth/sessions", "/auth/sessions/{id}"];
        assert_eq!(routes.paths("{id}"), expected);
        assert_eq!(routes.respond(&HttpRequest::new("POST", "/auth/refresh"), None).status, 401);
    }
}

#[test]
fn a_pair_that_is_handed_out_is_answered_as_a_login_and_its_cookies_last_as_its_session_does() {
    let ada = Account::new(1, PASSWORD);
    let by_id = ada.clone();
    let handler = OAuthHandler::new(TokenManager::new(SECRET).unwrap(), |_: &str| None::<Account>)
        .lookup_by_id(move |_| Some(by_id.clone()));
    let handler = Arc::new(handler);
    let routes = AuthRoutes::new(Arc::clone(&handler)).mounted_at("/auth").unwrap();
    let cookies = |response: &HttpResponse| -> Vec<String> {
        let cookies = response.headers.iter().filter(|(name, _)| *name == "set-cookie");
        cookies.map(|(_, value)| value.clone()).collect()
    };
    for (request, is_persistent) in
        [(SessionRequest::new(), true), (SessionRequest::new().until_browser_closes(), false)]
    {
        let pair = handler.begin_session(&ada, request).unwrap();
        let response = routes.hand_out(&pair);
        let body: Value = serde_json::from_str(&response.body).unwrap();
        assert_eq!((response.status, &body["access_token"]), (200, &json!(pair.access_token)));
        assert_eq!(body["refresh_token"], Value::Null, "in the cookie only");
        let set = cookies(&response);
        assert!(
            set[0].starts_with(&format!("__Secure-refresh_token={}; HttpOnly", pair.refresh_token)),
            "{set:?}"
        );

        let refresh = HttpRequest::new("POST", "/auth/refresh")
            .with_header("cookie", format!("__Secure-refresh_token={}", pair.refresh_token).as_bytes())
            .with_header("x-csrf-token", body["csrf_token"].as_str().unwrap().as_bytes());
        let refreshed = routes.respond(&refresh, None);
        assert_eq!(refreshed.status, 200);
        for cookies in [set, cookies(&refreshed)] {
            assert_eq!(cookies.len(), 2);
            assert!(cookies.iter().all(|cookie| cookie.contains("Max-Age=") == is_persistent), "{cookies:?}");
        }
    }
    let bodies = AuthRoutes::new(Arc::clone(&handler)).without_cookies();
    let pair = handler.begin_session(&ada, SessionRequest::new()).unwrap();
    let body: Value = serde_json::from_str(&bodies.hand_out(&pair).body).unwrap();
    assert_eq!(body["refresh_token"], json!(pair.refresh_token));
}

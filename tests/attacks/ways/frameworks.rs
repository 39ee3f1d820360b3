//! The edges of the frameworks that a test calls in the process: a guarded handler, an extractor, and a guard in front of a route.

use axum::http::{HeaderValue, Request};
use gatevault::TokenError;
use gatevault::testing::TestApp;
use gatevault_attack_tests::{Attack, good_tokens, tokens};
use gatevault_web_tests::guarded_apps::{
    actix_app, axum_app, poem_app, poem_openapi_app, rocket_app, salvo_app, warp_app,
};
use tokio::runtime::{Builder, Runtime};

use crate::target::manager;
use crate::watch::{Meter, watched};

const PATHS: [&str; 3] = ["/guarded", "/extracted", "/layered"];

const INVALID: &str = r#"401 Bearer error="invalid_token""#;
const EXPIRED: &str = r#"401 Bearer error="invalid_token", error_description="the token has expired""#;

/// Returns what a client sees of a refusal: expiry, and nothing else of the reason.
pub(crate) fn seen(attack: &Attack) -> &'static str {
    if attack.refusal == TokenError::Expired { EXPIRED } else { INVALID }
}

/// Returns the value of the header, or `None` if HTTP cannot carry it.
pub(crate) fn bearer(token: &str) -> Option<HeaderValue> {
    HeaderValue::from_bytes(format!("Bearer {token}").as_bytes()).ok()
}

/// The most that a framework allocates for a request, its response and its own work.
const LIMIT: u64 = 256 * 1024;

fn run<A: TestApp>(framework: &str, app: impl FnOnce() -> A) {
    manager();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let running = runtime.block_on(app().start()).unwrap();
    let attacks = tokens();
    for path in PATHS {
        for (algorithm, token) in good_tokens() {
            let (status, body) = send::<A>(&runtime, &running, path, bearer(&token).unwrap()).unwrap();
            assert_eq!(
                (status.as_str(), body.as_str()),
                ("200", "user 42"),
                "{framework} {path}, {algorithm}"
            );
        }
        let mut meter = Meter::new(format!("{framework} {path}"), LIMIT);
        for attack in attacks {
            let Some(value) = bearer(&attack.token) else {
                meter.cannot_send();
                continue;
            };
            meter.send(&attack.name, seen(attack), || Some(send::<A>(&runtime, &running, path, value)?.0));
        }
        meter.finish();
    }
}

/// Sends a request, and returns the status with the challenge, and the body: nothing if the framework cannot represent the
/// request.
fn send<A: TestApp>(
    runtime: &Runtime,
    running: &A::Running,
    path: &str,
    value: HeaderValue,
) -> Option<(String, String)> {
    let request = Request::get(path).header("authorization", value).body(Vec::new()).unwrap();
    let response = runtime.block_on(A::respond(running, request, None)).ok()?;
    let challenge = response.headers().get("www-authenticate").map_or("", |value| value.to_str().unwrap());
    let status = format!("{} {challenge}", response.status().as_u16());
    Some((status.trim().to_owned(), String::from_utf8_lossy(response.body()).into_owned()))
}

macro_rules! frameworks {
    ($($test:ident: $framework:literal = $app:expr;)+) => {
        /// A handler, an extractor and a guard of each framework.
        pub(crate) const WAYS: usize = PATHS.len() * [$($framework),+].len();

        $(#[test]
        fn $test() {
            watched(|| run($framework, || $app));
        })+
    };
}

frameworks! {
    axum_refuses_every_hostile_token: "axum" = axum_app();
    actix_refuses_every_hostile_token: "actix-web" = actix_app();
    poem_refuses_every_hostile_token: "poem" = poem_app();
    poem_openapi_refuses_every_hostile_token: "poem-openapi" = poem_openapi_app();
    rocket_refuses_every_hostile_token: "Rocket" = rocket_app();
    salvo_refuses_every_hostile_token: "Salvo" = salvo_app();
    warp_refuses_every_hostile_token: "warp" = warp_app();
}

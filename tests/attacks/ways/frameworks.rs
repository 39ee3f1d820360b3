//! The edges of the frameworks that a test calls in the process: a guarded handler, an extractor, and a guard in front of a route.

use axum::http::{HeaderValue, Request};
use gatevault::TokenError;
use gatevault::testing::TestApp;
use gatevault_attack_tests::{Attack, good_tokens, tokens};
use gatevault_web_tests::guarded_apps::{
    actix_app, axum_app, poem_app, poem_openapi_app, rocket_app, salvo_app, warp_app,
};
use tokio::runtime::{Builder, Runtime};

use crate::routes::{BEFORE_WHITE_SPACE, is_whole_in_cookie};
use crate::target::manager;
use crate::watch::{Meter, watched};

/// The routes of each application; see [`gatevault_web_tests::guarded_apps`].
const PATHS: [&str; 6] = ["/guarded", "/optional", "/handler", "/extracted", "/layered", "/page"];

/// The frameworks with an extractor `Option<Verified>` at `/maybe`, and its answer to a hostile token. What a framework turns into
/// `None` is no denial, and names no user.
const OPTIONAL: [(&str, Option<&str>); 5] = [
    ("axum", None),
    ("actix-web", Some("200 anonymous")),
    ("poem", Some("200 anonymous")),
    ("poem-openapi", Some("200 anonymous")),
    ("Rocket", Some("200 anonymous")),
];

/// Returns the routes of the application of a framework, each with its answer to a hostile token if it is not the denial.
fn paths(framework: &str) -> Vec<(&'static str, Option<&'static str>)> {
    let maybe = OPTIONAL.into_iter().filter(|other| other.0 == framework);
    PATHS.map(|path| (path, None)).into_iter().chain(maybe.map(|(_, answer)| ("/maybe", answer))).collect()
}

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

/// What the requests of a test can carry in a header, beside what HTTP refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Headers {
    /// Every string: there is no HTTP.
    All,
    /// Every value of HTTP.
    Any,
    /// Visible ASCII, in the requests of a test of Rocket.
    Ascii,
    /// All of ASCII. The type of `tiny_http` holds what HTTP refuses, but nothing else.
    TinyHttp,
}

impl Headers {
    /// Returns whether a request can be sent.
    pub(crate) fn can_carry<B>(self, request: &Request<B>) -> bool {
        self != Self::Ascii || request.headers().values().all(|value| value.to_str().is_ok())
    }

    /// The number of hostile tokens that cannot be sent in a header.
    pub(crate) fn unsendable(self) -> usize {
        match self {
            Self::All => 0,
            Self::Any => 23,
            Self::Ascii => 42,
            Self::TinyHttp => 19,
        }
    }
}

/// The most that a framework allocates for a request, its response and its own work.
pub(crate) const LIMIT: u64 = 256 * 1024;

/// The most copies of a token: in the requests of the test and of the framework, and in the source of the token.
pub(crate) const COPIES: u64 = 8;

fn run<A: TestApp>(framework: &str, headers: Headers, app: impl FnOnce() -> A) {
    manager();
    let runtime = Builder::new_current_thread().enable_all().build().unwrap();
    let running = runtime.block_on(app().start()).unwrap();
    for (path, answer) in paths(framework) {
        for (algorithm, token) in good_tokens() {
            let answer = send::<A>(&runtime, &running, request(path, &token).unwrap());
            assert_eq!(answer, "200 user 42", "{framework} {path}, {algorithm}");
        }
        let mut meter = Meter::new(format!("{framework} {path}"), LIMIT).copying(COPIES);
        for attack in tokens() {
            let expected = answer.unwrap_or_else(|| seen(attack));
            let request = request(path, &attack.token).filter(|request| headers.can_carry(request));
            match request {
                Some(request) => {
                    meter.call(attack, expected, || send::<A>(&runtime, &running, request.clone()));
                }
                None => meter.cannot_send(),
            }
        }
        let cut = if path == "/page" { BEFORE_WHITE_SPACE } else { 0 };
        meter.finish(headers.unsendable() + cut);
    }
}

/// Creates a request with the token, in a cookie for a page. Returns `None` if HTTP, or the cookie, cannot carry it.
fn request(path: &str, token: &str) -> Option<Request<Vec<u8>>> {
    let request = match path {
        "/page" if !is_whole_in_cookie(token) => return None,
        "/page" => Request::get(path)
            .header("cookie", HeaderValue::try_from(format!("__Host-shop_access={token}")).ok()?),
        _ => Request::get(path).header("authorization", bearer(token)?),
    };
    Some(request.body(Vec::new()).unwrap())
}

/// Sends a request, and returns the status with the challenge of a denial, or else with the body.
fn send<A: TestApp>(runtime: &Runtime, running: &A::Running, request: Request<Vec<u8>>) -> String {
    let response = runtime.block_on(A::respond(running, request, None)).unwrap();
    let body = String::from_utf8_lossy(response.body());
    let challenge = response.headers().get("www-authenticate").map(|value| value.to_str().unwrap());
    format!("{} {}", response.status().as_u16(), challenge.unwrap_or(&body))
}

macro_rules! frameworks {
    ($($test:ident: $framework:literal, $headers:ident = $app:expr;)+) => {
        /// A handler, an extractor and a guard of each framework.
        pub(crate) const WAYS: usize = PATHS.len() * [$($framework),+].len() + OPTIONAL.len();

        $(#[test]
        fn $test() {
            watched(|| run($framework, Headers::$headers, || $app));
        })+
    };
}

frameworks! {
    axum_refuses_every_hostile_token: "axum", Any = axum_app();
    actix_refuses_every_hostile_token: "actix-web", Any = actix_app();
    poem_refuses_every_hostile_token: "poem", Any = poem_app();
    poem_openapi_refuses_every_hostile_token: "poem-openapi", Any = poem_openapi_app();
    rocket_refuses_every_hostile_token: "Rocket", Ascii = rocket_app();
    salvo_refuses_every_hostile_token: "Salvo", Any = salvo_app();
    warp_refuses_every_hostile_token: "warp", Any = warp_app();
}

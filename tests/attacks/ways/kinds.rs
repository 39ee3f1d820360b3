//! Every kind of token in every place that reads one. Only the kind that a place is for gets through.

use std::sync::Arc;
use std::time::Duration;

use gatevault::login::StepUpRequest;
use gatevault::testing::{self, TestUser, mint};
use gatevault::token::{Purpose, PurposeSubject};
use gatevault::web::{HttpRequest, KeyExchange, RefreshCookie, RouteGuard};
use gatevault::{GateVault, GuardError, KeyRequest, Payload, TokenError, TokenManager, TokenPair, protected};
use gatevault_attack_tests::{AUDIENCE, ISSUER};
use serde_json::json;

use crate::routes::{self, Routes, Sent};
use crate::target::partner;
use crate::watch::watched;

const TICKET: Purpose = Purpose::new("ticket", Duration::from_mins(1)).once();

/// A user who is logged in, and the tokens of the session.
pub(crate) struct World {
    pub(crate) routes: Routes,
    access: String,
    pub(crate) refresh: String,
    pub(crate) csrf: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let routes = Routes::new("ours");
        let request = HttpRequest::new("POST", "/login").with_header("host", b"localhost");
        let request = request
            .with_header("sec-fetch-site", b"same-origin")
            .with_header("content-type", b"application/json");
        let body = serde_json::json!({ "username": "ada", "password": testing::PASSWORD }).to_string();
        let response = routes.browsers.respond(&request, Some(body.as_bytes()));
        let cookie = |name: &str| {
            let values =
                response.headers.iter().filter(|header| header.0 == "set-cookie").map(|header| &header.1);
            let pairs = values.filter_map(|value| value.split(';').next()?.split_once('='));
            pairs.into_iter().find(|pair| pair.0 == name).map(|pair| pair.1.to_owned()).unwrap()
        };
        let body: serde_json::Value = serde_json::from_str(&response.body).unwrap();
        let access = body["access_token"].as_str().unwrap().to_owned();
        let (refresh, csrf) = (cookie("__Host-refresh_token"), cookie("__Host-csrf_token"));
        Self { routes, access, refresh, csrf }
    }

    pub(crate) fn is_logged_in(&self) -> bool {
        !self.routes.handler.sessions(1).unwrap().is_empty()
    }

    fn tokens(&self) -> &TokenManager {
        self.routes.handler.tokens()
    }

    /// Logs the user in once more and out again, and returns the tokens.
    fn ended_session(&self) -> TokenPair {
        let pair = self.routes.handler.login("ada", testing::PASSWORD).unwrap();
        self.routes.handler.logout(&pair.refresh_token).unwrap();
        pair
    }
}

pub(crate) type Make = fn(&World) -> String;

fn ada() -> Payload {
    Payload::new(1).with("role", "member")
}

/// Every kind of token, and what else a client may put in its place.
pub(crate) const KINDS: [(&str, Make); 22] = [
    ("access token", |world| world.access.clone()),
    ("access token without a session", |world| mint(world.tokens()).pool("ours").token(&ada())),
    ("refresh token", |world| world.refresh.clone()),
    ("refresh token without a session", |world| mint(world.tokens()).pool("ours").refresh().token(&ada())),
    ("purpose token", |world| {
        let user = 1.into();
        world.tokens().create_purpose_token(&TICKET, PurposeSubject::new(&user).pool("ours"), "").unwrap()
    }),
    ("API key", |world| world.routes.handler.create_key(1, KeyRequest::new("script")).unwrap().key),
    ("access token of an API key", |world| {
        let key = world.routes.handler.create_key(1, KeyRequest::new("script")).unwrap().key;
        world.routes.handler.exchange_key(&key).unwrap().access_token
    }),
    ("CSRF token", |world| world.csrf.clone()),
    ("access token of another issuer", |_| partner().create_access_token(&ada()).unwrap()),
    ("refresh token of another issuer", |_| partner().create_refresh_token(&ada()).unwrap()),
    ("ID token of another issuer", |_| {
        partner().create_access_token(&ada().with("nonce", "n").with("at_hash", "h")).unwrap()
    }),
    ("access token of an unknown key", |_| {
        let stranger = TokenManager::builder().secret("the secret of a stranger, of fifty bytes or so");
        let stranger = stranger.issuer(ISSUER).audience(AUDIENCE).clock(gatevault_tests::timed().1);
        stranger.build().unwrap().create_access_token(&ada()).unwrap()
    }),
    ("access token of another pool", |_| {
        Routes::new("theirs").handler.login("ada", testing::PASSWORD).unwrap().access_token
    }),
    ("refresh token of another pool", |_| {
        Routes::new("theirs").handler.login("ada", testing::PASSWORD).unwrap().refresh_token
    }),
    ("API key of another pool", |_| {
        Routes::new("theirs").handler.create_key(1, KeyRequest::new("x")).unwrap().key
    }),
    ("expired access token", |world| {
        mint(world.tokens()).pool("ours").expired_ago(Duration::from_secs(1)).token(&ada())
    }),
    ("expired refresh token", |world| {
        mint(world.tokens()).pool("ours").refresh().expired_ago(Duration::from_secs(1)).token(&ada())
    }),
    ("access token after its logout", |world| world.ended_session().access_token),
    ("refresh token after its logout", |world| world.ended_session().refresh_token),
    ("session id", |world| {
        world.tokens().decode_access_token::<Payload>(&world.access).unwrap().session_id().unwrap().to_owned()
    }),
    ("password", |_| testing::PASSWORD.to_owned()),
    ("password hash", |_| testing::PASSWORD_HASH.to_owned()),
];

type Send = fn(&World, &str) -> String;

/// The number of places.
pub(crate) const PLACES: usize = OTHER_PLACES.len() + routes::PLACES.len();

/// Places beside those of [`routes::PLACES`]: functions, and requests that need more of the world than the token.
const OTHER_PLACES: [(&str, Send); 21] = [
    ("TokenManager::decode_access_token", |world, token| {
        verdict(world.tokens().decode_access_token::<Payload>(token).map_err(GuardError::from))
    }),
    ("TokenManager::decode_refresh_token", |world, token| {
        verdict(world.tokens().decode_refresh_token::<Payload>(token).map_err(GuardError::from))
    }),
    ("TokenManager::decode_purpose_token", |world, token| {
        verdict(world.tokens().decode_purpose_token(&TICKET, token, "").map_err(GuardError::from))
    }),
    ("#[protected]", |world, token| verdict(guarded(token, &GateVault::new(world.tokens().clone())))),
    ("#[protected(refresh)]", |world, token| {
        verdict(refreshing(token, &GateVault::new(world.tokens().clone())))
    }),
    ("OAuthHandler::exchange_key", |world, token| verdict(world.routes.handler.exchange_key(token))),
    ("OAuthHandler::step_up", |world, token| {
        verdict(world.routes.handler.step_up(&TestUser::new(1, "ada"), token, StepUpRequest::new()))
    }),
    ("OAuthHandler::async_step_up", |world, token| {
        let user = TestUser::new(1, "ada");
        let stepped_up = world.routes.handler.async_step_up(&user, token, StepUpRequest::new());
        verdict(pollster::block_on(stepped_up))
    }),
    ("OAuthHandler::redeem_purpose_token", |world, token| {
        twice(|| verdict(world.routes.handler.redeem_purpose_token(&TICKET, token, "")))
    }),
    ("OAuthHandler::async_redeem_purpose_token", |world, token| {
        let redeem = || world.routes.handler.async_redeem_purpose_token(&TICKET, token, "");
        twice(|| verdict(pollster::block_on(redeem())))
    }),
    ("POST /refresh, cookie with the CSRF token", |world, token| {
        world.routes.send(&Sent::with_cookie("/refresh", token, &world.csrf))
    }),
    ("POST /logout, cookie with the CSRF token", |world, token| {
        world.routes.send(&Sent::with_cookie("/logout", token, &world.csrf))
    }),
    ("POST /refresh, CSRF header beside the cookie", |world, token| {
        world.routes.send(&Sent::with_cookie("/refresh", &world.refresh, token))
    }),
    ("DELETE /sessions/{id}, id beside the bearer", |world, token| {
        let path = format!("/sessions/{}", token.replace('/', "%2F"));
        world.routes.send(&Sent::new("DELETE", path).bearer(&world.access))
    }),
    ("POST /api/password, current password", |world, token| {
        let passwords = json!({ "current_password": token, "new_password": "another password" });
        world.routes.send(&Sent::post("/api/password").bearer(&world.access).json(&passwords))
    }),
    ("KeyExchange::exchange, in front of a guard", |world, token| {
        let exchanged = KeyExchange::new(Arc::clone(&world.routes.handler)).exchange(token);
        let guard = RouteGuard::<Payload>::with(world.tokens().clone());
        verdict(exchanged.and_then(|token| guard.authorize(&token)))
    }),
    ("RouteGuard::for_pages, cookie", |world, token| {
        let guard = RouteGuard::<Payload>::with(world.tokens().clone()).for_pages(&routes::pages());
        let visit = Sent::visit("/there").with("cookie", &format!("__Host-shop_access={token}"));
        match guard.admit(&visit.with("accept", "text/html").head()) {
            Ok(_) => "accepted".to_owned(),
            Err(response) => {
                let location = response.headers.iter().find(|header| header.0 == "location");
                routes::outcome(response.status, location.map(|header| &*header.1), response.body.as_bytes())
            }
        }
    }),
    ("POST /pages/logout, access cookie with the CSRF token", |world, token| {
        let cookie = format!("__Host-shop_access={token}");
        world.routes.send(&form("/pages/logout", &cookie, &world.csrf))
    }),
    ("POST /pages/logout, refresh cookie with the CSRF token", |world, token| {
        let cookie = format!("__Secure-shop_refresh={token}");
        world.routes.send(&form("/pages/logout", &cookie, &world.csrf))
    }),
    ("POST /pages/refresh, CSRF field beside the cookie", |world, token| {
        let cookie = format!("__Secure-shop_refresh={}", world.refresh);
        world.routes.send(&form("/pages/refresh", &cookie, token))
    }),
    ("GET /pages/continue, refresh cookie with the CSRF cookie", |world, token| {
        world.routes.send(&continuing(token, &world.csrf))
    }),
];

/// Creates the request of a form on a page.
pub(crate) fn form(path: &'static str, cookie: &str, csrf: &str) -> Sent {
    Sent::post(path).with("cookie", cookie).form(&[("csrf_token", csrf)])
}

/// Creates the request that continues a page, with the cookies of a refresh token and of a CSRF token.
pub(crate) fn continuing(token: &str, csrf: &str) -> Sent {
    let name = RefreshCookie::new("shop_refresh", "/pages").unwrap().csrf_name();
    let cookies = format!("__Secure-shop_refresh={token}; {name}={csrf}");
    Sent::visit("/pages/continue?next=/there").with("cookie", &cookies)
}

#[protected(gate = gate)]
fn guarded(gate: &GateVault, _payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

#[protected(refresh, gate = gate)]
fn refreshing(gate: &GateVault, _payload: Payload) -> Result<(), GuardError> {
    Ok(())
}

/// Returns the first answer, and the second one too if it is another.
fn twice(send: impl Fn() -> String) -> String {
    let (first, second) = (send(), send());
    if first == second { first } else { format!("{first}, then {second}") }
}

fn verdict<T>(result: Result<T, GuardError>) -> String {
    match result {
        Ok(_) => "accepted".to_owned(),
        Err(GuardError::Token(error)) => format!("refused: {}", reason(&error)),
        Err(error) => format!("refused: {error:?}"),
    }
}

/// Returns the name of a reason, without its details and its sentences.
fn reason(error: &TokenError) -> String {
    let text = format!("{error:?}");
    let end = text.find([' ', '{', '"']).unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let name = name.trim_end_matches('(');
    let open = name.matches('(').count() - name.matches(')').count();
    if rest.is_empty() { text } else { format!("{name}{}", ")".repeat(open)) }
}

/// Returns the outcome of every kind of token in every place, each in a world of its own.
pub(crate) fn outcomes() -> Vec<(&'static str, &'static str, String)> {
    let mut outcomes = Vec::new();
    let mut add = |place, kind, world: World, outcome: String| {
        // What a request has done to the session of the user, beside its answer.
        let effect = if !world.is_logged_in() {
            ", the session ends"
        } else if world.tokens().decode_access_token::<Payload>(&world.access).is_err() {
            ", the token ends"
        } else {
            ""
        };
        let outcome = format!("{outcome}{effect}");
        outcomes.push((place, kind, outcome));
    };
    for (place, send) in OTHER_PLACES {
        for (kind, make) in KINDS {
            let world = World::new();
            let outcome = send(&world, &make(&world));
            add(place, kind, world, outcome);
        }
    }
    for place in routes::PLACES {
        for (kind, make) in KINDS {
            let world = World::new();
            let outcome = world.routes.send(&(place.request)(&make(&world)));
            add(place.name, kind, world, outcome);
        }
    }
    outcomes
}

/// Returns the outcomes as rows: the place, the answer, and the kinds of tokens that get it.
pub(crate) fn rows() -> Vec<(&'static str, String, Vec<&'static str>)> {
    let mut rows: Vec<(&str, String, Vec<&str>)> = Vec::new();
    for (place, kind, outcome) in outcomes() {
        match rows.iter_mut().find(|row| row.0 == place && row.1 == outcome) {
            Some(row) => row.2.push(kind),
            None => rows.push((place, outcome, vec![kind])),
        }
    }
    rows
}

/// What a place does not refuse as it refuses junk: the place, the kinds of tokens, the answer to them. 403 is the answer to a valid
/// token of a caller who may not do this, or without the CSRF token of its session.
const THROUGH: [(&str, &[&str], &str); 47] = [
    (
        "TokenManager::decode_access_token",
        &[
            "access token",
            "access token without a session",
            "access token of an API key",
            "access token of another issuer",
        ],
        "accepted",
    ),
    ("TokenManager::decode_refresh_token", &["refresh token", "refresh token without a session"], "accepted"),
    ("TokenManager::decode_purpose_token", &["purpose token"], "accepted"),
    (
        "#[protected]",
        &[
            "access token",
            "access token without a session",
            "access token of an API key",
            "access token of another issuer",
        ],
        "accepted",
    ),
    ("#[protected(refresh)]", &["refresh token", "refresh token without a session"], "accepted"),
    ("OAuthHandler::exchange_key", &["API key"], "accepted"),
    ("OAuthHandler::step_up", &["access token"], "accepted"),
    ("OAuthHandler::async_step_up", &["access token"], "accepted"),
    ("OAuthHandler::redeem_purpose_token", &["purpose token"], "accepted, then refused: Invalid(Spent)"),
    (
        "OAuthHandler::async_redeem_purpose_token",
        &["purpose token"],
        "accepted, then refused: Invalid(Spent)",
    ),
    ("POST /refresh, cookie with the CSRF token", &["refresh token"], "200"),
    ("POST /logout, cookie with the CSRF token", &["refresh token"], "204, the session ends"),
    ("POST /refresh, CSRF header beside the cookie", &["CSRF token"], "200"),
    ("DELETE /sessions/{id}, id beside the bearer", &["session id"], "204, the session ends"),
    ("POST /api/password, current password", &["password"], "204"),
    (
        "KeyExchange::exchange, in front of a guard",
        &[
            "access token",
            "access token without a session",
            "API key",
            "access token of an API key",
            "access token of another issuer",
        ],
        "accepted",
    ),
    (
        "RouteGuard::for_pages, cookie",
        &[
            "access token",
            "access token without a session",
            "access token of an API key",
            "access token of another issuer",
        ],
        "accepted",
    ),
    (
        "POST /pages/logout, access cookie with the CSRF token",
        &["access token"],
        "303 /login, the session ends",
    ),
    (
        "POST /pages/logout, access cookie with the CSRF token",
        &["access token of an API key"],
        "403 access_denied",
    ),
    (
        "POST /pages/logout, refresh cookie with the CSRF token",
        &["refresh token"],
        "303 /login, the session ends",
    ),
    ("POST /pages/refresh, CSRF field beside the cookie", &["CSRF token"], "303 /"),
    ("GET /pages/continue, refresh cookie with the CSRF cookie", &["refresh token"], "303 /there"),
    ("POST /refresh, cookie", &["refresh token"], "403 access_denied"),
    ("POST /logout, cookie", &["refresh token"], "403 access_denied"),
    ("GET /sessions, bearer", &["access token", "access token without a session"], "200"),
    (
        "GET /sessions, bearer",
        &["access token of an API key", "access token of another issuer"],
        "403 access_denied",
    ),
    (
        "DELETE /sessions, bearer",
        &["access token", "access token without a session"],
        "204, the session ends",
    ),
    (
        "DELETE /sessions, bearer",
        &["access token of an API key", "access token of another issuer"],
        "403 access_denied",
    ),
    (
        "DELETE /sessions/{id}, bearer",
        &["access token", "access token without a session"],
        "404 invalid_request",
    ),
    (
        "DELETE /sessions/{id}, bearer",
        &["access token of an API key", "access token of another issuer"],
        "403 access_denied",
    ),
    ("POST /logout, bearer", &["access token"], "204, the session ends"),
    ("POST /login, password", &["password"], "200"),
    ("POST /api/refresh, body", &["refresh token"], "200"),
    ("POST /api/logout, body", &["refresh token"], "204, the session ends"),
    ("POST /api/logout, body", &["refresh token after its logout"], "204"),
    ("POST /api/password, bearer", &["access token"], "204"),
    ("POST /api/password, bearer", &["access token without a session"], "204, the session ends"),
    (
        "POST /api/password, bearer",
        &["access token of an API key", "access token of another issuer"],
        "403 access_denied",
    ),
    ("POST /api/token, refresh_token", &["refresh token"], "200"),
    ("POST /api/token, client_secret", &["API key"], "200"),
    ("POST /api/token, client secret of Basic", &["API key"], "200"),
    ("POST /api/token, password", &["password"], "200"),
    ("POST /api/revoke", &["access token"], "200, the token ends"),
    ("POST /api/revoke", &["refresh token"], "200, the session ends"),
    (
        "POST /pages/logout, access cookie",
        &["access token", "access token of an API key"],
        "403 access_denied",
    ),
    ("POST /pages/refresh, refresh cookie", &["refresh token"], "403 access_denied"),
    (
        "GET /pages/continue, access cookie of a marked page",
        &["access token", "access token without a session", "access token of an API key"],
        "303 /there",
    ),
];

#[test]
fn every_kind_of_token_gets_through_in_its_own_places_only() {
    watched(|| {
        let is_default = |place: &str, outcome: &str| {
            outcome.starts_with("refused: ")
                || routes::PLACES.iter().any(|other| other.name == place && other.refusal == outcome)
                || ELSEWHERE.contains(&(place, outcome))
        };
        let through: Vec<_> = rows().into_iter().filter(|row| !is_default(row.0, &row.1)).collect();
        let expected = THROUGH.map(|(place, kinds, outcome)| (place, outcome.to_owned(), kinds.to_vec()));
        assert_eq!(through, expected);
    });
}

/// The refusals of the places that are not among [`routes::PLACES`].
const ELSEWHERE: [(&str, &str); 10] = [
    ("POST /refresh, cookie with the CSRF token", "401 invalid_grant"),
    ("POST /logout, cookie with the CSRF token", "204"),
    ("POST /refresh, CSRF header beside the cookie", "403 access_denied"),
    ("DELETE /sessions/{id}, id beside the bearer", "404 invalid_request"),
    ("POST /api/password, current password", "403 access_denied"),
    ("RouteGuard::for_pages, cookie", "303 /pages/continue?next=/there"),
    ("POST /pages/logout, access cookie with the CSRF token", "303 /login"),
    ("POST /pages/logout, refresh cookie with the CSRF token", "303 /login"),
    ("POST /pages/refresh, CSRF field beside the cookie", "403 access_denied"),
    ("GET /pages/continue, refresh cookie with the CSRF cookie", "303 /login?next=/there"),
];

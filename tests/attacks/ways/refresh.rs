//! The places of a refresh token. Each hostile token has the claims of a valid one, for the handlers those of a session: its flaw
//! alone refuses it.

use std::sync::LazyLock;

use gatevault::testing::Users;
use gatevault::{Algorithm, GuardError, OAuthHandler, TokenError, TokenPair};
use gatevault_attack_tests::{ALGORITHMS, Attack, Members, refresh_tokens, signed_by_every_key};
use serde_json::json;

use crate::frameworks::{COPIES, LIMIT};
use crate::functions::{self, REFRESH};
use crate::kinds::{World, continuing, form};
use crate::routes::{BEFORE_WHITE_SPACE, Sent, is_early, is_whole_in_cookie};
use crate::target::manager;
use crate::watch::{Meter, watched};

pub(crate) const WAYS: usize = REFRESH.len() + HANDLERS.len() + ROUTES.len() + LOGOUT_WAYS;
pub(crate) const LOGOUT_WAYS: usize = LOGOUTS.len() + LOGOUT_ROUTES.len();

type Refresh = fn(&OAuthHandler<Users>, &str) -> Result<TokenPair, GuardError>;

const HANDLERS: [(&str, Refresh); 2] = [
    ("OAuthHandler::refresh", |handler, token| handler.refresh(token)),
    ("OAuthHandler::async_refresh", |handler, token| pollster::block_on(handler.async_refresh(token))),
];

type Logout = fn(&OAuthHandler<Users>, &str) -> Result<(), GuardError>;

const LOGOUTS: [(&str, Logout); 2] = [
    ("OAuthHandler::logout", |handler, token| handler.logout(token)),
    ("OAuthHandler::async_logout", |handler, token| pollster::block_on(handler.async_logout(token))),
];

/// A route that takes a refresh token.
struct Route {
    name: &'static str,
    /// Creates the request with a refresh token and a CSRF token.
    request: fn(&str, &str) -> Sent,
    /// The answer to a valid token.
    accepted: &'static str,
    /// The answer to a token that will be valid later. Its session is active, so a logout must be repeated then.
    early: &'static str,
    /// The answer to any other.
    refused: &'static str,
}

impl Route {
    /// Sends the hostile tokens, and checks the session after each of them.
    fn refuses_all(&self, attacks: &[Attack], world: &World) {
        let in_cookie = self.name.ends_with("cookie");
        let mut meter = Meter::new(self.name, LIMIT).copying(COPIES);
        for attack in attacks {
            if in_cookie && !is_whole_in_cookie(&attack.token) {
                meter.cannot_send();
                continue;
            }
            let sent = (self.request)(&attack.token, &world.csrf);
            let expected = match () {
                () if sent.body().is_none() => "413 invalid_request",
                () if is_early(attack) => self.early,
                () => self.refused,
            };
            meter.call(attack, expected, || world.routes.send(&sent));
            assert!(world.is_logged_in(), "{}, {}: the session ends", self.name, attack.name);
        }
        meter.finish(if in_cookie { BEFORE_WHITE_SPACE } else { 0 });
    }
}

const ROUTES: [Route; 5] = [
    Route {
        name: "POST /refresh, cookie",
        request: |token, csrf| Sent::with_cookie("/refresh", token, csrf),
        accepted: "200",
        early: "401 invalid_grant",
        refused: "401 invalid_grant",
    },
    Route {
        name: "POST /api/refresh, body",
        request: |token, _| Sent::post("/api/refresh").json(&json!({ "refresh_token": token })),
        accepted: "200",
        early: "401 invalid_grant",
        refused: "401 invalid_grant",
    },
    Route {
        name: "POST /api/token, refresh_token",
        request: |token, _| {
            Sent::post("/api/token").form(&[("grant_type", "refresh_token"), ("refresh_token", token)])
        },
        accepted: "200",
        early: "400 invalid_grant",
        refused: "400 invalid_grant",
    },
    Route {
        name: "POST /pages/refresh, cookie",
        request: |token, csrf| form("/pages/refresh", &format!("__Secure-shop_refresh={token}"), csrf),
        accepted: "303 /",
        early: "303 /login",
        refused: "303 /login",
    },
    Route {
        name: "GET /pages/continue, cookie",
        request: continuing,
        accepted: "303 /there",
        early: "303 /login?next=/there",
        refused: "303 /login?next=/there",
    },
];

const LOGOUT_ROUTES: [Route; 4] = [
    Route {
        name: "POST /logout, cookie",
        request: |token, csrf| Sent::with_cookie("/logout", token, csrf),
        accepted: "204",
        early: "401 invalid_grant",
        refused: "204",
    },
    Route {
        name: "POST /api/logout, body",
        request: |token, _| Sent::post("/api/logout").json(&json!({ "refresh_token": token })),
        accepted: "204",
        early: "401 invalid_grant",
        refused: "401 invalid_grant",
    },
    Route {
        name: "POST /api/revoke, body",
        request: |token, _| Sent::post("/api/revoke").form(&[("token", token)]),
        accepted: "200",
        early: "503 temporarily_unavailable",
        refused: "200",
    },
    Route {
        name: "POST /pages/logout, cookie",
        request: |token, csrf| form("/pages/logout", &format!("__Secure-shop_refresh={token}"), csrf),
        accepted: "303 /login",
        early: "401 invalid_grant",
        refused: "303 /login",
    },
];

/// Returns the claims of a valid refresh token of a manager, which no session has.
fn claims() -> Members {
    Members::claims().with("type", r#""refresh""#)
}

/// Returns the hostile refresh tokens of no session. They are created once.
pub(crate) fn without_session() -> &'static [Attack] {
    static TOKENS: LazyLock<Vec<Attack>> = LazyLock::new(|| refresh_tokens(claims()));
    &TOKENS
}

#[test]
fn no_function_accepts_a_hostile_refresh_token() {
    watched(|| {
        manager();
        for (way, call) in REFRESH {
            for (algorithm, token) in signed_by_every_key(&claims()) {
                assert_eq!(functions::outcome(call(&token)), "accepted, user 42", "{way}, {algorithm}");
            }
            refuses_all(way, without_session(), call);
        }
    });
}

#[test]
fn no_handler_refreshes_a_session_by_a_hostile_token() {
    watched(|| {
        let world = World::new();
        let attacks = refresh_tokens(Members::of_token(&world.refresh));
        for (way, refresh) in HANDLERS {
            for (algorithm, world, token) in worlds() {
                assert!(refresh(&world.routes.handler, &token).is_ok(), "{way}, {algorithm}");
            }
            refuses_all(way, &attacks, |token| refresh(&world.routes.handler, token).map(|_| 1));
        }
        world.routes.assert_session_is_active(&world.refresh);
    });
}

#[test]
fn no_route_refreshes_a_session_by_a_hostile_token() {
    watched(|| {
        let world = World::new();
        let attacks = refresh_tokens(Members::of_token(&world.refresh));
        for route in ROUTES {
            for (algorithm, world, token) in worlds() {
                let sent = (route.request)(&token, &world.csrf);
                assert_eq!(world.routes.send(&sent), route.accepted, "{}, {algorithm}", route.name);
            }
            route.refuses_all(&attacks, &world);
        }
        world.routes.assert_session_is_active(&world.refresh);
    });
}

/// A token that has expired is none of them: its holder may still end the session.
#[test]
fn no_hostile_token_ends_a_session() {
    watched(|| {
        let world = World::new();
        let mut attacks = refresh_tokens(Members::of_token(&world.refresh));
        attacks.retain(|attack| attack.refusal != TokenError::Expired);
        for (way, logout) in LOGOUTS {
            for (algorithm, world, token) in worlds() {
                assert!(logout(&world.routes.handler, &token).is_ok(), "{way}, {algorithm}");
                assert!(!world.is_logged_in(), "{way}, {algorithm}");
            }
            refuses_all(way, &attacks, |token| logout(&world.routes.handler, token).map(|()| 1));
        }
        for route in LOGOUT_ROUTES {
            for (algorithm, world, token) in worlds() {
                let sent = (route.request)(&token, &world.csrf);
                assert_eq!(world.routes.send(&sent), route.accepted, "{}, {algorithm}", route.name);
                assert!(!world.is_logged_in(), "{}, {algorithm}", route.name);
            }
            route.refuses_all(&attacks, &world);
        }
        world.routes.assert_session_is_active(&world.refresh);
    });
}

/// Asserts that each token is refused for its reason. A call that accepts one returns its user.
fn refuses_all(way: &str, attacks: &[Attack], call: impl Fn(&str) -> Result<u64, GuardError>) {
    let mut meter = Meter::new(format!("{way}, refresh tokens"), functions::LIMIT);
    for attack in attacks {
        meter.call(attack, &format!("{:?}", attack.refusal), || functions::outcome(call(&attack.token)));
    }
    meter.finish(0);
}

/// Returns for each algorithm a user who is logged in, and the refresh token of the session, signed anew.
fn worlds() -> impl Iterator<Item = (Algorithm, World, String)> {
    (0..ALGORITHMS.len()).map(|index| {
        let world = World::new();
        let (algorithm, token) = signed_by_every_key(&Members::of_token(&world.refresh)).swap_remove(index);
        (algorithm, world, token)
    })
}

//! Hostile stored hashes, at every way in that verifies a password.

use std::sync::{Arc, LazyLock};

use allocation_counter::measure;
use gatevault::password::Argon2Params;
use gatevault::testing::{self, TestUser, Users};
use gatevault::web::{HttpRequest, TokenEndpoint};
use gatevault::{AuthRoutes, OAuthHandler, PasswordHasher, Payload, async_verify_password, verify_password};
use gatevault_attack_tests::{GOOD, ISSUER, PASSWORD, hashes};
use gatevault_tests::tokens;
use serde_json::json;
use tokio::runtime::{Builder, Runtime};

use crate::routes::outcome;
use crate::watch::{Input, Meter, watched};

type Call = fn(&str) -> bool;

fn argon2id() -> PasswordHasher {
    PasswordHasher::builder().argon2id().build().unwrap()
}

/// Runs a future of the pool, whose threads do not count for the memory of a call: a computation there is bounded by its time.
fn block_on<F: Future>(future: F) -> F::Output {
    static RUNTIME: LazyLock<Runtime> =
        LazyLock::new(|| Builder::new_current_thread().enable_all().build().unwrap());
    RUNTIME.block_on(future)
}

/// Ways in that compute no hash for a stored one that cannot be read.
const FUNCTIONS: [(&str, Call); 11] = [
    ("verify_password", |stored| verify_password(PASSWORD, stored)),
    ("PasswordHasher::verify", |stored| PasswordHasher::default().verify(PASSWORD, stored)),
    ("PasswordHasher::verify_and_update", |stored| {
        PasswordHasher::default().verify_and_update(PASSWORD, stored).is_match()
    }),
    ("PasswordHasher::verify, argon2id", |stored| argon2id().verify(PASSWORD, stored)),
    ("PasswordHasher::verify_and_update, argon2id", |stored| {
        argon2id().verify_and_update(PASSWORD, stored).is_match()
    }),
    ("async_verify_password", |stored| block_on(async_verify_password(PASSWORD, stored)).unwrap()),
    ("PasswordHasher::async_verify", |stored| {
        block_on(PasswordHasher::default().async_verify(PASSWORD, stored)).unwrap()
    }),
    ("PasswordHasher::async_verify_and_update", |stored| {
        block_on(PasswordHasher::default().async_verify_and_update(PASSWORD, stored)).unwrap().is_match()
    }),
    ("PasswordHasher::async_verify, argon2id", |stored| {
        block_on(argon2id().async_verify(PASSWORD, stored)).unwrap()
    }),
    ("PasswordHasher::async_verify_and_update, argon2id", |stored| {
        block_on(argon2id().async_verify_and_update(PASSWORD, stored)).unwrap().is_match()
    }),
    ("verify_password, of the stored hash itself", |stored| verify_password(stored, stored)),
];

/// The functions, and three requests in two forms.
pub(crate) const WAYS: usize = FUNCTIONS.len() + 3 * FORMS.len();

/// Under the 8 KiB of the cheapest argon2. A computation of bcrypt takes no memory.
const LIMIT: u64 = 4096;

#[test]
fn no_password_matches_a_hostile_hash_and_nothing_is_computed() {
    watched(|| {
        let argon2 = measure(|| assert!(verify_password(PASSWORD, GOOD[1]))).bytes_total;
        assert!(argon2 > LIMIT, "{argon2} bytes for a computation");
        for (way, call) in FUNCTIONS {
            for stored in GOOD {
                assert_eq!(call(stored), !way.ends_with("itself"), "{way}: {stored}");
            }
            // A future owns its stored hash.
            let copies = if way.contains("async") { 2 } else { 0 };
            let mut meter = Meter::new(way, LIMIT).copying(copies);
            for hash in hashes() {
                let shown: String = hash.stored.chars().take(100).collect();
                meter.call(Input::new(&shown, hash.stored.len()), "false", || call(&hash.stored).to_string());
            }
            meter.finish(0);
        }
    });
}

/// One computation at these costs takes days or all memory: the test ends only if there is none.
#[test]
fn no_malformed_hash_is_computed_under_the_highest_ceiling() {
    let all = Argon2Params { memory_kib: u32::MAX, iterations: u32::MAX, parallelism: 0xff_ffff };
    let hasher = PasswordHasher::builder().cost_ceiling(31).argon2_ceiling(all).build().unwrap();
    watched(move || {
        let mut meter = Meter::new("PasswordHasher::verify, the highest ceiling", LIMIT);
        for hash in hashes() {
            let costly = hash.stored.replace("$05$", "$31$").replace("t=2,", "t=4294967295,");
            // Under this ceiling, a high cost is as good as any.
            let is_malformed = !hash.category.name.contains("over the ceiling");
            if is_malformed && costly != hash.stored {
                let shown: String = costly.chars().take(100).collect();
                meter.call(Input::new(&shown, costly.len()), "false", || {
                    hasher.verify(PASSWORD, &costly).to_string()
                });
            }
        }
        assert!(meter.finish(0) >= 150, "few hashes have a cost");
    });
}

/// A request with a password, and the answers to the right and to a wrong one.
struct Request {
    name: &'static str,
    path: &'static str,
    media_type: &'static str,
    body: String,
    accepted: &'static str,
    refused: &'static str,
}

/// The requests that verify a password. Each is answered by the routes' sync and async forms.
fn requests() -> [Request; 3] {
    let json = "application/json";
    [
        Request {
            name: "POST /login",
            path: "/login",
            media_type: json,
            body: json!({ "username": "ada", "password": PASSWORD }).to_string(),
            accepted: "200",
            refused: "401 invalid_grant",
        },
        Request {
            name: "POST /token",
            path: "/token",
            media_type: "application/x-www-form-urlencoded",
            body: format!("grant_type=password&username=ada&password={PASSWORD}"),
            accepted: "200",
            refused: "400 invalid_grant",
        },
        Request {
            name: "POST /password",
            path: "/password",
            media_type: json,
            body: json!({ "current_password": PASSWORD, "new_password": "another password" }).to_string(),
            accepted: "204",
            refused: "403 access_denied",
        },
    ]
}

/// The forms of the routes.
const FORMS: [&str; 2] = ["AuthRoutes::respond", "AuthRoutes::async_respond"];

/// The handler verifies a hash of its own instead, so that the time of the answer says nothing about the account.
#[test]
fn no_request_succeeds_with_a_hostile_hash() {
    watched(|| {
        let users = Users::<Payload>::new([TestUser::new(1, "ada")]);
        let handler = OAuthHandler::with_sync_users(tokens(), users.clone()).hasher(testing::hasher());
        let handler = Arc::new(handler);
        let access = handler.login("ada", testing::PASSWORD).unwrap().access_token;
        let routes = AuthRoutes::new(handler).without_cookies().with_password_change();
        let routes = routes.with_token_endpoint(TokenEndpoint::new(ISSUER).unwrap()).unwrap();
        let store = |stored: &str| users.update("ada", |ada| ada.with_hash(Some(stored.to_owned())));
        for (request, form) in requests().iter().flat_map(|request| FORMS.map(|form| (request, form))) {
            let head = HttpRequest::new("POST", request.path)
                .with_header("host", b"localhost")
                .with_header("authorization", format!("Bearer {access}").as_bytes())
                .with_header("content-type", request.media_type.as_bytes());
            let respond = || {
                let body = Some(request.body.as_bytes());
                let response = match form {
                    "AuthRoutes::respond" => routes.respond(&head, body),
                    _ => block_on(routes.async_respond(&head, body)),
                };
                outcome(response.status, None, response.body.as_bytes())
            };
            for stored in GOOD {
                store(stored);
                assert_eq!(respond(), request.accepted, "{}, {form}: {stored}", request.name);
            }
            // The store returns a copy of the account, with a hash of more than a megabyte in two cases.
            let mut meter = Meter::new(format!("{}, {form}", request.name), 64 * 1024).copying(4);
            for hash in hashes() {
                let shown: String = hash.stored.chars().take(100).collect();
                store(&hash.stored);
                meter.call(Input::new(&shown, hash.stored.len()), request.refused, respond);
            }
            meter.finish(0);
        }
    });
}

//! Hostile stored hashes, at every way in that verifies a password.

use std::sync::Arc;

use allocation_counter::measure;
use gatevault::password::Argon2Params;
use gatevault::testing::{self, TestUser, Users};
use gatevault::web::HttpRequest;
use gatevault::{AuthRoutes, OAuthHandler, PasswordHasher, Payload, verify_password};
use gatevault_attack_tests::{GOOD, PASSWORD, hashes};
use gatevault_tests::tokens;

use crate::watch::{Meter, watched};

type Call = fn(&str) -> bool;

fn argon2id() -> PasswordHasher {
    PasswordHasher::builder().argon2id().build().unwrap()
}

/// Ways in that compute no hash for a stored one that cannot be read.
const FUNCTIONS: [(&str, Call); 6] = [
    ("verify_password", |stored| verify_password(PASSWORD, stored)),
    ("PasswordHasher::verify", |stored| PasswordHasher::default().verify(PASSWORD, stored)),
    ("PasswordHasher::verify_and_update", |stored| {
        PasswordHasher::default().verify_and_update(PASSWORD, stored).is_match()
    }),
    ("PasswordHasher::verify, argon2id", |stored| argon2id().verify(PASSWORD, stored)),
    ("PasswordHasher::verify_and_update, argon2id", |stored| {
        argon2id().verify_and_update(PASSWORD, stored).is_match()
    }),
    ("verify_password, of the stored hash itself", |stored| verify_password(stored, stored)),
];

/// The functions, and a login.
pub(crate) const WAYS: usize = FUNCTIONS.len() + 1;

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
            let mut meter = Meter::new(way, LIMIT);
            for hash in hashes() {
                let shown: String = hash.stored.chars().take(100).collect();
                meter.call(&shown, "false", || call(&hash.stored).to_string());
            }
            meter.finish();
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
                meter.call(&shown, "false", || hasher.verify(PASSWORD, &costly).to_string());
            }
        }
        assert!(meter.finish() >= 150, "few hashes have a cost");
    });
}

/// The handler verifies a hash of its own instead, so that the time of the answer says nothing about the account.
#[test]
fn no_login_succeeds_with_a_hostile_hash() {
    watched(|| {
        let users = Users::<Payload>::new([TestUser::new(1, "ada")]);
        let handler = OAuthHandler::with_sync_users(tokens(), users.clone()).hasher(testing::hasher());
        let routes = AuthRoutes::new(Arc::new(handler));
        let request = HttpRequest::new("POST", "/login").with_header("host", b"localhost");
        let request = request
            .with_header("sec-fetch-site", b"same-origin")
            .with_header("content-type", b"application/json");
        let body = serde_json::json!({ "username": "ada", "password": PASSWORD }).to_string();
        let store = |stored: &str| users.update("ada", |ada| ada.with_hash(Some(stored.to_owned())));
        let login = || routes.respond(&request, Some(body.as_bytes())).status.to_string();
        for stored in GOOD {
            store(stored);
            assert_eq!(login(), "200", "{stored}");
        }
        // The store returns a copy of the account, with a hash of more than a megabyte in two cases.
        let mut meter = Meter::new("POST /login", 2 * 1024 * 1024);
        for hash in hashes() {
            let shown: String = hash.stored.chars().take(100).collect();
            store(&hash.stored);
            meter.call(&shown, "401", login);
        }
        meter.finish();
    });
}

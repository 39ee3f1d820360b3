//! Users of another system who log in: their hash moves over once.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Barrier};
use std::thread;

use gatevault::{LoginThrottle, MemoryAttempts, OAuthHandler, PasswordHasher};
use gatevault_tests::{Account, tokens};

use crate::accounts::{Accounts, AsyncAccounts, logins};
use crate::legacy::{DJANGO, django};
use crate::log::warnings;

/// Returns a hasher with Django's hashes as legacy, and how often its verifier was asked.
fn migrating() -> (PasswordHasher, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&asked);
    let hasher = PasswordHasher::builder().cost(4).legacy(move |plain, stored| {
        counter.fetch_add(1, SeqCst);
        django(plain, stored)
    });
    (hasher.build().unwrap(), asked)
}

#[test]
fn in_each_form_a_user_moves_over_at_the_first_login_and_the_second_does_not_ask_the_verifier() {
    for form in 0..4 {
        let (hasher, asked) = migrating();
        let accounts = Accounts::with("ada", 42, DJANGO);
        let (name, login) = logins(&accounts, &hasher).into_iter().nth(form).unwrap();
        let ((), lines) = warnings(|| {
            assert_eq!(login("ada", "wrong").unwrap_err().status(), 401);
            assert_eq!((accounts.hash_of("ada").as_str(), asked.load(SeqCst)), (DJANGO, 1), "{name}");
            assert!(login("ada", "correct horse").is_ok(), "{name}");
            let moved = accounts.hash_of("ada");
            assert!(moved.starts_with("$2b$04$"), "{name}: {moved}");
            assert!(login("ada", "correct horse").is_ok(), "{name}");
            assert_eq!(login("ada", "wrong").unwrap_err().status(), 401);
            assert_eq!(
                (accounts.hash_of("ada"), accounts.replaced(), asked.load(SeqCst)),
                (moved, 1, 2),
                "{name}"
            );
        });
        assert!(lines.is_empty(), "{lines:?}");
    }
}

#[test]
fn a_wrong_password_of_a_legacy_user_and_an_unknown_user_get_the_same_answer() {
    let (hasher, _) = migrating();
    for (form, login) in logins(&Accounts::with("ada", 42, DJANGO), &hasher) {
        for password in ["wrong", "", "a\0b", &"x".repeat(80), &"x".repeat(5000)] {
            let [known, unknown] =
                ["ada", "bob"].map(|name| format!("{:?}", login(name, password).unwrap_err()));
            assert_eq!(known, unknown, "{form}");
        }
    }
}

#[test]
fn wrong_passwords_of_a_legacy_user_are_throttled_and_the_right_one_clears_the_count() {
    let (hasher, asked) = migrating();
    let accounts = Accounts::with("ada", 42, DJANGO);
    let oauth = OAuthHandler::with_sync_users(tokens(), accounts)
        .hasher(hasher)
        .throttle(LoginThrottle::new(MemoryAttempts::default()));
    let status = |password: &str| oauth.login("ada", password).map_or_else(|denial| denial.status(), |_| 200);
    let guesses: Vec<_> = (0..4).map(|_| status("wrong")).collect();
    assert_eq!((guesses, status("correct horse")), (vec![401; 4], 200));
    let guesses: Vec<_> = (0..7).map(|_| status("wrong")).collect();
    assert!(guesses.starts_with(&[401; 5]) && guesses.ends_with(&[429]), "{guesses:?}");
    assert_eq!(asked.load(SeqCst), 5);
}

#[test]
fn a_password_that_bcrypt_does_not_accept_logs_in_and_keeps_the_legacy_hash() {
    let long = "x".repeat(80);
    let expected = long.clone();
    let hasher = PasswordHasher::builder()
        .cost(4)
        .legacy(move |plain, stored| stored.strip_prefix("old$").map(|_| plain == expected))
        .build()
        .unwrap();
    let accounts = Accounts::with("ada", 42, "old$hash");
    for (form, login) in logins(&accounts, &hasher) {
        let ((), lines) = warnings(|| {
            assert!(login("ada", &long).is_ok() && login("ada", &long).is_ok(), "{form}");
            assert_eq!(login("ada", &format!("{long}y")).unwrap_err().status(), 401);
        });
        assert!(lines.is_empty(), "{lines:?}");
    }
    assert_eq!((accounts.hash_of("ada").as_str(), accounts.replaced()), ("old$hash", 0));
}

#[test]
fn without_a_place_for_new_hashes_the_legacy_hash_stays_and_verifies_each_time() {
    let (hasher, asked) = migrating();
    let account = Account { id: 1.into(), hash: DJANGO.to_owned() };
    let oauth = OAuthHandler::new(tokens(), move |_: &str| Some(account.clone())).hasher(hasher);
    for _ in 0..2 {
        assert!(oauth.login("ada", "correct horse").is_ok());
    }
    assert_eq!(asked.load(SeqCst), 2);
}

#[test]
fn a_hash_that_no_verifier_knows_is_one_warning_with_the_user() {
    let (hasher, asked) = migrating();
    for (form, login) in logins(&Accounts::with("ada", 42, "md5$salt$0123"), &hasher) {
        let (_, lines) = warnings(|| login("ada", "correct horse").unwrap_err());
        let [line] = lines.as_slice() else { panic!("{lines:?} with {form}") };
        assert!(line.contains("user=42 reason=unknown format (salted MD5 as of Django)"), "{line}");
    }
    assert_eq!(asked.load(SeqCst), 4);
}

#[test]
fn a_verifier_that_panics_is_a_wrong_password_and_a_warning_with_the_user() {
    let hasher = PasswordHasher::builder().cost(4).legacy(|_, _| panic!("on purpose")).build().unwrap();
    for (form, login) in logins(&Accounts::with("ada", 42, "old"), &hasher) {
        let (denial, lines) =
            warnings(|| catch_unwind(AssertUnwindSafe(|| login("ada", "a password").unwrap_err())));
        let unknown = login("bob", "a password").unwrap_err();
        assert_eq!(format!("{:?}", denial.unwrap()), format!("{unknown:?}"), "{form}");
        assert_eq!(
            lines,
            ["message=stored hash unreadable user=42 reason=the legacy verifier panicked"],
            "{form}"
        );
    }
}

#[test]
fn of_two_logins_at_once_both_succeed_and_one_hash_is_stored() {
    let together = Barrier::new(2);
    let hasher = PasswordHasher::builder().cost(4).legacy(move |plain, stored| {
        together.wait();
        django(plain, stored)
    });
    let accounts = Accounts::with("ada", 42, DJANGO);
    let oauth = OAuthHandler::with_sync_users(tokens(), accounts.clone()).hasher(hasher.build().unwrap());
    let pairs = thread::scope(|scope| {
        let login = || scope.spawn(|| oauth.login("ada", "correct horse").unwrap());
        [login(), login()].map(|login| login.join().unwrap())
    });
    assert_eq!(accounts.replaced(), 1);
    for pair in pairs {
        assert!(
            oauth.refresh(&pair.refresh_token).is_ok(),
            "the session has the security stamp of the new hash"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_login_that_is_dropped_stores_nothing_and_returns_its_place_in_the_pool() {
    let (opened, started) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let (gate, begins) = (Arc::clone(&opened), Arc::clone(&started));
    let hasher = PasswordHasher::builder().cost(4).legacy(move |plain, stored| {
        begins.store(true, SeqCst);
        while !gate.load(SeqCst) {
            thread::yield_now();
        }
        django(plain, stored)
    });
    let accounts = Accounts::with("ada", 42, DJANGO);
    let users = AsyncAccounts(accounts.clone());
    let oauth = Arc::new(OAuthHandler::with_users(tokens(), users).hasher(hasher.build().unwrap()));
    let dropped = tokio::spawn({
        let oauth = Arc::clone(&oauth);
        async move { oauth.async_login("ada", "correct horse").await.is_ok() }
    });
    while !started.load(SeqCst) {
        tokio::task::yield_now().await;
    }
    dropped.abort();
    assert!(dropped.await.unwrap_err().is_cancelled());
    opened.store(true, SeqCst);
    assert_eq!(oauth.async_login("ada", "wrong").await.unwrap_err().status(), 401);
    assert_eq!((accounts.hash_of("ada").as_str(), accounts.replaced()), (DJANGO, 0));
    assert!(oauth.async_login("ada", "correct horse").await.is_ok());
    assert_eq!(accounts.replaced(), 1);
}

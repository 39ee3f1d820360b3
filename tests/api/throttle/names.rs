//! Names that the throttle and the lookup compare differently.

use gatevault::{LoginRequest, LoginThrottle, OAuthHandler};
use gatevault_tests::{Account, quick_hasher, tokens};

use super::{Fixture, LOGGED_IN, WRONG, ada, fixture_with, in_memory, ip, wait};

/// Finds two accounts whose names differ only in case: `ada`, and `Ada`, which an attacker has registered.
fn lookalikes() -> Fixture {
    let attacker = Account::new(2, "the attacker's");
    fixture_with(in_memory(), move |name| match name {
        "ada" => Some(ada()),
        "Ada" => Some(attacker.clone()),
        _ => None,
    })
}

/// Finds ada as a database with an accent-insensitive collation does, which ignores zero-width characters too.
fn find_folded(name: &str) -> Option<Account> {
    (folded(name) == "ada").then(ada)
}

fn folded(name: &str) -> String {
    name.trim().replace('\u{200b}', "").replace(['á', 'à', 'â'], "a").to_lowercase()
}

/// Returns a different spelling of ada for each number.
fn spelling(number: usize) -> String {
    let last = ["a", "á", "à", "â"].into_iter().cycle().nth(number).unwrap();
    format!("ad{}{last}", "\u{200b}".repeat(number / 4))
}

#[test]
fn a_login_to_a_lookalike_account_gives_no_guesses_at_another_one() {
    let fixture = lookalikes();
    let mut admitted = 0;
    for _ in 0..40 {
        admitted += (0..4).filter(|_| fixture.guess("ada") == WRONG).count();
        let _ = fixture.attempt(LoginRequest::new("Ada", "the attacker's"));
    }
    assert_eq!(admitted, 5, "of 160 guesses at once");
}

#[test]
fn a_login_to_a_lookalike_account_gives_no_guesses_from_its_address_either() {
    let fixture = lookalikes();
    let from = ip("192.0.2.1");
    let mut admitted = 0;
    for _ in 0..40 {
        admitted += (0..4).filter(|_| fixture.guess_from("ada", "192.0.2.1") == WRONG).count();
        let own = LoginRequest::new("Ada", "the attacker's").from_address(from);
        let _ = fixture.attempt(own);
    }
    assert_eq!(admitted, 8, "three as a newcomer, and five on the account");
}

#[test]
fn a_lookup_that_folds_more_than_the_throttle_gives_no_more_guesses_at_an_account() {
    let fixture = fixture_with(in_memory(), find_folded);
    let admitted = (0..2000).filter(|number| fixture.guess(&spelling(*number)) == WRONG).count();
    assert_eq!(admitted, 5, "of 2000 guesses at once");
    assert_eq!(fixture.log_in(), wait(1));
    fixture.advance(1);
    assert_eq!(fixture.log_in(), LOGGED_IN);
}

#[test]
fn with_a_canonical_name_known_and_unknown_accounts_get_the_same_answers_in_each_spelling() {
    let answers = |known: bool, throttle: LoginThrottle| {
        let fixture = fixture_with(throttle, move |name| known.then(|| find_folded(name)).flatten());
        (0..20).map(|number| fixture.guess(&spelling(number))).collect::<Vec<_>>()
    };
    let canonical = || in_memory().canonical_name(folded);
    assert_eq!(answers(true, canonical()), answers(false, canonical()));
    assert_eq!(answers(true, canonical()), [&[WRONG; 5][..], &[wait(1); 15]].concat());
    assert_ne!(
        answers(true, in_memory()),
        answers(false, in_memory()),
        "without it only accounts that exist pause"
    );
}

#[test]
fn an_attempt_that_the_account_refuses_does_not_count_for_its_name_or_address() {
    let fixture = fixture_with(in_memory(), find_folded);
    fixture.exhaust("ada");
    for _ in 0..100 {
        assert_eq!(fixture.guess_from("ada\u{200b}", "192.0.2.1"), wait(1));
        assert_eq!(fixture.guess("ada\u{200b}"), wait(1));
    }
    assert_eq!(fixture.guess_from("bob", "192.0.2.1"), WRONG);
    fixture.advance(1);
    assert_eq!(fixture.guess("ada\u{200b}"), WRONG);
    assert_eq!(fixture.pauses("ada\u{200b}", 1), [2], "the account pauses, the name has one attempt");
}

#[test]
fn a_login_forgets_the_attempts_on_its_account_under_each_spelling() {
    let fixture = fixture_with(in_memory(), find_folded);
    for round in 0..4 {
        for number in 0..4 {
            assert_eq!(fixture.guess(&spelling(4 * round + number)), WRONG);
        }
        assert_eq!(fixture.log_in(), LOGGED_IN);
    }
}

#[test]
fn the_users_of_each_pool_have_attempts_of_their_own() {
    let (tokens, throttle) = (tokens(), in_memory());
    let [customers, admins] = ["customers", "admins"].map(|pool| {
        let oauth = OAuthHandler::new(tokens.clone(), |name: &str| (name == "ada").then(ada)).user_pool(pool);
        oauth.hasher(quick_hasher()).throttle(throttle.clone())
    });
    for name in ["ada", "unknown"] {
        let status = |oauth: &OAuthHandler<_>| oauth.login(name, "wrong").unwrap_err().status();
        assert_eq!([(); 6].map(|()| status(&customers)), [401, 401, 401, 401, 401, 429]);
        assert_eq!(status(&admins), 401);
    }
}

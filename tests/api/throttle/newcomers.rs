//! A user at a new address, while others guess at the account.

use super::{Fixture, LOGGED_IN, WRONG, fixture, in_memory, limit, wait};

/// Guesses at ada twice a second for 100 s from networks in turn. Every two seconds ada logs in at an address that is new
/// each time. Returns the numbers of guesses and logins that were admitted.
fn attacked(fixture: &Fixture, networks: usize) -> (usize, usize) {
    let (mut guesses, mut logins) = (0, 0);
    for step in 0..200 {
        let network = format!("203.0.113.{}", step % networks);
        guesses += usize::from(fixture.guess_from("ada", &network) == WRONG);
        if step % 4 == 3 {
            logins += usize::from(fixture.log_in_from(&format!("198.51.100.{step}")) == LOGGED_IN);
        }
        fixture.clock.advance(std::time::Duration::from_millis(500));
    }
    (guesses, logins)
}

#[test]
fn a_steady_attack_from_few_networks_does_not_keep_a_user_at_a_new_address_out() {
    for networks in 1..=6 {
        let (guesses, logins) = attacked(&fixture(in_memory()), networks);
        assert_eq!(logins, 50, "of 50, with {networks} networks");
        assert!(guesses <= 3 * networks + 5 + 7, "{guesses} guesses from {networks} networks");
    }
}

#[test]
fn an_attack_from_many_networks_exhausts_both_counters_and_is_bounded_by_their_sum() {
    let fixture = fixture(in_memory());
    let quarter_of_a_day = 6 * 60 * 60;
    let mut guesses = 0;
    for second in 0..quarter_of_a_day {
        // A new network for each guess: the attacker is always a newcomer.
        guesses += usize::from(fixture.guess_from("ada", &format!("2001:{second:x}:1::1")) == WRONG);
        guesses += usize::from(fixture.guess("ada") == WRONG);
        fixture.advance(1);
    }
    // A quarter of 2 x 2,880 a day, and the free attempts and short pauses of the first minute.
    assert!((1440..=1440 + 35).contains(&guesses), "{guesses}");
}

#[test]
fn a_newcomer_has_three_attempts_besides_those_of_the_account() {
    let fixture = fixture(in_memory().per_account(limit(1, 30)));
    assert_eq!((fixture.guess("ada"), fixture.guess("ada")), (WRONG, wait(1)));
    for _ in 0..3 {
        assert_eq!(fixture.guess_from("ada", "2001:db8::1"), WRONG);
    }
    assert_eq!(fixture.guess_from("ada", "2001:db8:0:ffff::1"), wait(1), "of the same /48");
    assert_eq!(fixture.guess_from("ada", "2001:db8:1::1"), WRONG);
    fixture.advance(1);
    assert_eq!(fixture.guess_from("ada", "2001:db8::1"), WRONG, "on the account, after its pause");
    assert_eq!(fixture.guess("ada"), wait(2));
}

#[test]
fn a_login_at_a_new_address_neither_forgets_the_attempts_on_the_account_nor_costs_one() {
    let fixture = fixture(in_memory().newcomers(limit(4, 30)));
    assert_eq!(fixture.pauses("ada", 5), [0; 5]);
    for number in 0..100 {
        assert_eq!(fixture.log_in_from(&format!("198.51.100.{number}")), LOGGED_IN);
    }
    assert_eq!(fixture.guess("ada"), wait(1));
    for number in 0..4 {
        assert_eq!(fixture.guess_from("ada", &format!("203.0.113.{number}")), WRONG);
    }
    assert_eq!(fixture.guess_from("ada", "203.0.113.9"), wait(1));
}

#[test]
fn a_network_is_a_newcomer_again_after_the_quiet_time() {
    let fixture = fixture(in_memory().per_account(limit(1, 30)));
    for expected in [WRONG; 3] {
        assert_eq!(fixture.guess_from("ada", "192.0.2.1"), expected);
    }
    assert_eq!(fixture.guess("ada"), WRONG);
    assert_eq!(fixture.guess_from("ada", "192.0.2.1"), wait(1));
    fixture.advance(30 * 60);
    assert_eq!(fixture.guess("ada"), WRONG);
    for expected in [WRONG; 3] {
        assert_eq!(fixture.guess_from("ada", "192.0.2.1"), expected);
    }
    assert_eq!(fixture.guess_from("ada", "192.0.2.1"), wait(1));
}

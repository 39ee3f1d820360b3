//! Outdated hashes, and their replacements.

use gatevault::PasswordHasher;
use gatevault::password::Verification;

const COST_5: &str = "$2b$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW";

#[test]
fn a_hash_of_the_configured_cost_is_kept() {
    assert!(matches!(hasher(5).verify_and_update("U*U", COST_5), Verification::Match));
}

#[test]
fn a_cheaper_hash_is_replaced_by_one_that_verifies_and_is_then_kept() {
    let new_hash = replacement(&hasher(6), COST_5);
    assert!(new_hash.starts_with("$2b$06$"));
    assert!(matches!(hasher(6).verify_and_update("U*U", &new_hash), Verification::Match));
}

#[test]
fn a_more_expensive_hash_is_not_weakened() {
    assert!(matches!(hasher(4).verify_and_update("U*U", COST_5), Verification::Match));
}

#[test]
fn an_old_prefix_is_replaced_at_the_higher_of_the_two_costs() {
    for prefix in ["$2a$", "$2y$"] {
        let stored = COST_5.replace("$2b$", prefix);
        for (cost, expected) in [(4, "$2b$05$"), (5, "$2b$05$"), (6, "$2b$06$")] {
            assert!(replacement(&hasher(cost), &stored).starts_with(expected));
        }
    }
}

#[test]
fn a_wrong_password_gets_no_new_hash() {
    for stored in [COST_5, &COST_5.replace("$2b$", "$2a$"), "junk"] {
        assert!(matches!(hasher(6).verify_and_update("U*V", stored), Verification::Mismatch));
    }
}

#[test]
fn the_debug_output_of_a_verification_does_not_contain_its_hash() {
    let outdated = hasher(6).verify_and_update("U*U", COST_5);
    assert_eq!(format!("{outdated:?} {outdated:#?}"), "MatchOutdated { .. } MatchOutdated { .. }");
}

fn hasher(cost: u32) -> PasswordHasher {
    PasswordHasher::builder().cost(cost).build().unwrap()
}

fn replacement(hasher: &PasswordHasher, stored: &str) -> String {
    match hasher.verify_and_update("U*U", stored) {
        Verification::MatchOutdated { new_hash } => new_hash,
        other => panic!("{other:?} for {stored}"),
    }
}

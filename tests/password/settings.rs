//! The settings of a hasher and their bounds.

use gatevault::{ConfigError, PasswordHasher};

#[test]
fn the_configured_cost_is_in_the_hash() {
    for cost in [4, 5, 6] {
        let hasher = PasswordHasher::builder().cost(cost).build().unwrap();
        assert!(hasher.hash("correct horse").unwrap().starts_with(&format!("$2b$0{cost}$")));
    }
}

#[test]
fn the_default_hasher_is_the_default_builder() {
    let built = PasswordHasher::builder().cost(12).cost_ceiling(16).build().unwrap();
    assert_eq!(format!("{built:?}"), format!("{:?}", PasswordHasher::default()));
}

#[test]
fn a_cost_out_of_range_is_an_error_that_names_the_setting() {
    for (cost, ceiling, setting, given, most) in [
        (3, 16, "cost", 3, 16),
        (0, 16, "cost", 0, 16),
        (17, 16, "cost", 17, 16),
        (32, 31, "cost", 32, 31),
        (u32::MAX, 31, "cost", 4_294_967_295, 31),
        (12, 11, "cost", 12, 11),
        (12, 32, "cost_ceiling", 32, 31),
        (12, 3, "cost_ceiling", 3, 31),
        (40, 40, "cost_ceiling", 40, 31),
    ] {
        let refused = PasswordHasher::builder().cost(cost).cost_ceiling(ceiling).build().unwrap_err();
        assert_eq!(refused, ConfigError::NumberOutOfBounds { setting, given, least: 4, most });
    }
}

#[test]
fn the_bounds_themselves_are_valid() {
    for (cost, ceiling) in [(4, 4), (4, 31), (31, 31)] {
        assert!(PasswordHasher::builder().cost(cost).cost_ceiling(ceiling).build().is_ok());
    }
}

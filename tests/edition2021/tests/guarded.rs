//! Guarded functions accept a valid token and no other.
#![deny(warnings, clippy::pedantic, rust_2018_idioms, unused_qualifications, unreachable_pub)]

use gatevault_edition2021::bare::{visit, visit_later};
use gatevault_edition2021::{enter, enter_by_future, enter_later, Site, Worker, Yard};
use vault::{Error, GateVault, GuardError, TokenManager};

#[test]
fn a_guard_works_in_edition_2021_under_another_name_and_without_a_prelude() -> Result<(), Error> {
    let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    let access = tokens.create_access_token(&Worker { user_id: 42, site: Some(Site::Mill) })?;
    let gate = GateVault::new(tokens);
    let yard = Yard(gate.clone());

    assert_eq!(enter(&access, &gate, Site::Mill)?, 42);
    assert_eq!(pollster::block_on(enter_later(&access, &gate))?, 42);
    assert_eq!(pollster::block_on(enter_by_future(&access, &gate))?, 42);
    assert_eq!(yard.enter(&access)?, 42);
    assert!(yard.is_open());
    assert_eq!(visit(&access, &gate)?, 42);
    assert!(pollster::block_on(visit_later(&access, &gate))?);
    assert!(!pollster::block_on(visit_later("", &gate))?);

    assert_eq!(status(enter(&access, &gate, Site::Harbor)), Some(403));
    assert_eq!(status(enter("forged", &gate, Site::Mill)), Some(401));
    assert_eq!(status(pollster::block_on(enter_later("forged", &gate))), Some(401));
    assert_eq!(status(pollster::block_on(enter_by_future("forged", &gate))), Some(401));
    assert_eq!(status(yard.enter("forged")), Some(401));
    assert_eq!(status(visit("forged", &gate)), Some(401));
    assert_eq!(status(pollster::block_on(visit_later("forged", &gate))), Some(401));
    Ok(())
}

/// Returns the status of a denial.
fn status<T>(result: Result<T, GuardError>) -> Option<u16> {
    result.err().map(|denial| denial.status())
}

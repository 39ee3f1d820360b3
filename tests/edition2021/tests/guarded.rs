//! Guarded functions accept a valid token and no other.
#![deny(warnings, clippy::pedantic, rust_2018_idioms, unused_qualifications, unreachable_pub)]

use std::borrow::Cow;

use gatevault_edition2021::bare::{visit, visit_handler, visit_later, Account};
use gatevault_edition2021::{clock_in, clock_out, enter, enter_by_future, enter_later, Site, Worker, Yard};
use vault::guard::{AsGate, GateRef, HandlerGuard};
use vault::{AuthUser, Error, GateVault, GuardError, TokenManager, TokenSource};

#[test]
fn a_guard_works_in_edition_2021_under_another_name_and_without_a_prelude() -> Result<(), Error> {
    let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    let access = tokens.create_access_token(&Worker { user_id: 42, site: Some(Site::Mill) })?;
    let worker = tokens.decode_access_token::<Worker>(&access)?;
    let gate = GateVault::new(tokens);
    let yard = Yard(gate.clone());

    assert_eq!(enter(&access, &gate, Site::Mill)?, 42);
    assert_eq!(pollster::block_on(enter_later(&access, &gate))?, 42);
    assert_eq!(pollster::block_on(enter_by_future(&access, &gate))?, 42);
    assert_eq!(yard.enter(&access)?, 42);
    assert_eq!(yard.leave(&worker), 42);
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

#[test]
fn an_account_derives_in_edition_2021_under_another_name_and_without_a_prelude() {
    let account = Account { number: 42, hash: Some(String::from("hash")), version: "7" };
    assert_eq!((account.id(), account.hashed_password()), (42.into(), Some("hash")));
    assert_eq!(account.security_stamp(), "7");
}

/// A request with its gate.
struct Request<'r>(Option<&'r str>, &'r GateVault);

impl TokenSource for Request<'_> {
    fn token(&self) -> Option<Cow<'_, str>> {
        self.0.map(Cow::Borrowed)
    }

    fn gate(&self) -> Option<GateRef<'_>> {
        Some(self.1.as_gate())
    }
}

#[test]
fn a_handler_works_in_edition_2021_under_another_name_and_without_a_prelude() -> Result<(), Error> {
    let tokens = TokenManager::new("a secret of at least thirty-two bytes")?;
    let access = tokens.create_access_token(&Worker { user_id: 42, site: Some(Site::Mill) })?;
    let gate = GateVault::new(tokens);
    let request = Request(Some(&access), &gate);
    let enter =
        |site| HandlerGuard::verify(&request).map_or_else(|denied| denied, |guard| clock_in(guard, site));
    assert_eq!(enter(Site::Mill)?, 42);
    assert_eq!(status(enter(Site::Harbor)), Some(403));
    assert!(matches!(HandlerGuard::verify(&request).map(clock_out).map(pollster::block_on), Ok(Ok(42))));
    for (token, expected) in [(Some(&*access), Some(true)), (None, Some(false)), (Some("forged"), None)] {
        let guard = HandlerGuard::verify(&Request(token, &gate));
        let visited = guard.ok().and_then(|guard| pollster::block_on(visit_handler(guard)).ok());
        assert_eq!(visited, expected);
    }
    Ok(())
}

/// Returns the status of a denial.
fn status<T>(result: Result<T, GuardError>) -> Option<u16> {
    result.err().map(|denial| denial.status())
}

//! The test kit, feature `testing`, as the tests of an application use it.
#![expect(
    clippy::unchecked_time_subtraction,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod attribute;
mod denials;
mod gates;
mod issuers;
mod minting;
mod users;

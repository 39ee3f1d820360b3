//! Support for the tests of an application: a gate for one test, assertions about denials, tokens of any age, an issuer, users, a
//! browser in the process, and a manual clock.
//!
//! Feature `testing`. Enable it in `[dev-dependencies]` only: [`verified`] creates claims that no token proves. The browser
//! needs the feature of a web framework as well. The guide has a page about tests: [`guide::testing`](crate::guide::testing).
//!
//! - `#[gatevault::test(as = User { .. })]` runs a test with a gate and a token of its own (feature `macros`).
//! - [`GateVault::install_for_test`](crate::GateVault::install_for_test) installs a gate for one test, and [`with_gate`] for a
//!   future.
//! - [`assert_denied!`] asserts that a call or a response is a denial of one [`DenialKind`].
//! - [`browser`] calls an application of a web framework without a socket, as a browser with a session.
//! - [`ManualClock`] moves only when the test moves it. Pass it to
//!   [`TokenManagerBuilder::clock`](crate::token::TokenManagerBuilder::clock) to test expiry without waiting.
//! - [`PASSWORD_HASH`] is the hash of [`PASSWORD`] at the lowest cost, for the accounts of tests, and [`hasher`] a hasher of
//!   that cost.
//! - [`mint`] creates tokens of any age, lifetime and origin.
//! - [`Issuer`] is a provider with a key set on the loopback interface, for services that accept its tokens.
//! - [`Users`] are accounts in memory with names, roles and scopes, and the password [`PASSWORD`].
//! - [`verified`] creates a [`Verified`](crate::Verified) for the tests of a function that takes one.

#![cfg_attr(
    not(all(feature = "asymmetric", feature = "http", feature = "tokio")),
    allow(rustdoc::broken_intra_doc_links, reason = "an item of a feature that is off")
)]

#[cfg(feature = "tokio")]
mod block_on;
#[cfg(not(feature = "tokio"))]
#[path = "block_on_thread.rs"]
mod block_on;
#[cfg(all(feature = "http", feature = "tokio"))]
mod browser;
mod clock;
#[cfg(all(feature = "http", feature = "tokio"))]
mod cookie_jar;
mod denial_kind;
mod denied;
#[cfg(feature = "http")]
mod denied_response;
#[cfg(feature = "http")]
mod denied_status;
#[cfg(not(feature = "http"))]
#[path = "no_denied_status.rs"]
mod denied_status;
mod events;
mod fault;
mod gate;
#[cfg(feature = "asymmetric")]
mod issuer;
#[cfg(all(feature = "http", feature = "tokio"))]
mod login;
mod mint;
mod password;
mod redaction;
#[cfg(all(feature = "http", feature = "tokio"))]
mod request;
#[cfg(all(feature = "http", feature = "tokio"))]
mod response;
#[cfg(all(feature = "http", feature = "tokio"))]
mod running_app;
#[cfg(all(feature = "http", feature = "tokio"))]
mod session;
mod test_run;
mod users;
mod verified;

pub use crate::event::test_sink::RecordedEvents;
pub use crate::guard::test_gate::TestGate;
#[cfg(all(feature = "http", feature = "tokio"))]
pub use crate::web::test_app::{LoginService, TestApp};
#[doc(hidden)]
pub use block_on::block_on;
#[cfg(all(feature = "http", feature = "tokio"))]
pub use browser::{Browser, browser};
pub use clock::ManualClock;
pub use denial_kind::DenialKind;
pub use denied::{DeniedOutcome, assert_denied};
#[doc(hidden)]
pub use denied::{Observed, OfBoxedError, OfDeniedOr, OfError, OfResult, check_denied};
#[cfg(feature = "http")]
#[doc(hidden)]
pub use denied_response::OfResponse;
pub use events::record_events;
pub use gate::with_gate;
#[cfg(feature = "asymmetric")]
pub use issuer::Issuer;
pub use mint::{Mint, mint};
pub use password::{PASSWORD, PASSWORD_HASH, hasher};
#[cfg(all(feature = "http", feature = "tokio"))]
pub use request::{Form, TestBody, form};
#[cfg(all(feature = "http", feature = "tokio"))]
pub use response::Response;
#[doc(hidden)]
pub use test_run::TestRun;
pub use users::{TestUser, Users};
pub use verified::verified;

//! Support for the tests of an application: a browser in the process, a manual clock, a password with a cheap hash, and
//! verified claims without a token.
//!
//! Feature `testing`. Enable it in `[dev-dependencies]` only: [`verified`] creates claims that no token proves. The browser
//! needs the feature of a web framework as well. The guide has a page about tests: [`guide::testing`](crate::guide::testing).
//!
//! - [`browser`] calls an application of a web framework without a socket, as a browser with a session.
//! - [`ManualClock`] moves only when the test moves it. Pass it to
//!   [`TokenManagerBuilder::clock`](crate::token::TokenManagerBuilder::clock) to test expiry without waiting.
//! - [`PASSWORD_HASH`] is the hash of [`PASSWORD`] at the lowest cost, for the accounts of tests, and [`hasher`] a hasher of
//!   that cost.
//! - [`verified`] creates a [`Verified`](crate::Verified) for the tests of a function that takes one.

#![cfg_attr(
    not(all(feature = "http", feature = "tokio")),
    allow(rustdoc::broken_intra_doc_links, reason = "an item of a feature that is off")
)]

#[cfg(all(feature = "http", feature = "tokio"))]
mod browser;
mod clock;
#[cfg(all(feature = "http", feature = "tokio"))]
mod cookie_jar;
#[cfg(all(feature = "http", feature = "tokio"))]
mod fault;
#[cfg(all(feature = "http", feature = "tokio"))]
mod login;
mod password;
#[cfg(all(feature = "http", feature = "tokio"))]
mod redaction;
#[cfg(all(feature = "http", feature = "tokio"))]
mod request;
#[cfg(all(feature = "http", feature = "tokio"))]
mod response;
#[cfg(all(feature = "http", feature = "tokio"))]
mod running_app;
#[cfg(all(feature = "http", feature = "tokio"))]
mod session;
mod verified;

#[cfg(all(feature = "http", feature = "tokio"))]
pub use crate::web::test_app::{LoginService, TestApp};
#[cfg(all(feature = "http", feature = "tokio"))]
pub use browser::{Browser, browser};
pub use clock::ManualClock;
pub use password::{PASSWORD, PASSWORD_HASH, hasher};
#[cfg(all(feature = "http", feature = "tokio"))]
pub use request::{Form, TestBody, form};
#[cfg(all(feature = "http", feature = "tokio"))]
pub use response::Response;
pub use verified::verified;

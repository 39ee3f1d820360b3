//! A certified `OpenID` provider, `oidc-provider` from npm, that a test starts, kills and restarts with other keys.
//!
//! It needs Node.js 20.12 or newer with npm. The first start installs the packages of `provider/package-lock.json` into the
//! target folder. If that fails, the test panics with what to install and is never skipped. Each provider has a port of its
//! own on 127.0.0.1, and exits together with the process that started it.
#![expect(
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test's support that panics is a test that fails"
)]

mod client;
mod install;
mod provider;

pub use client::{SECRET, Tokens, UserAgent, resource, segment, service_token, service_token_with};
pub use provider::Provider;

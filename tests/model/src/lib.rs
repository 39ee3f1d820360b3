//! A reference model of session stores: the rules that `SessionStore` documents, over a list, slow and obvious.
//!
//! [`run`] sends a script of operations to a store and compares each outcome, and all that can be read, with the model. The fuzz
//! target `sessions` runs it over `MemorySessions`, and the tests `models` of the store tests over every store.
//!
//! A script has an operation in each line: a letter and digits, of which missing ones are zero. Sessions are counted from the
//! newest one. A line `a|b` sends two operations at once. Their outcomes must be those of one order or of the other.
//!
//! | letter | operation | digits |
//! |---|---|---|
//! | `o` | open | user, kind, limit (0: none), stamp, previous stamp plus one (0: none), lifetime, own grace, own token lifetime, details |
//! | `r` | rotate | session, token (0: current, 1: previous, 2: an older one, 3: an unknown one), stamp, grace, 1: another pool |
//! | `s` | step up | session, stamp, 1: as another user, 1: repeated successor |
//! | `v` | revoke | target (0: one, 1: all, 2: logins, 3: others), session, user (3: that of the session), stamp |
//! | `n` | record a revocation | kind (0: user, 1: access tokens, 2: a token, 3: session of another issuer), user, session, 1: a token that lives long |
//! | `p` | spend | token |
//! | `t` | let time pass | step |
//! | `x` | remove expired | |
//! | `g` | compare the guards of other nodes | |
#![expect(
    clippy::arithmetic_side_effects,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    clippy::string_slice,
    reason = "a model that panics is a test that fails"
)]

mod mismatch;
mod model;
mod observe;
mod random;
mod request;
mod revocations;
mod row;
mod run;
mod script;
mod world;

pub use mismatch::{Checked, Mismatch};
pub use model::Model;
pub use random::{Random, random_script, shortest};
pub use request::{Outcome, Request};
pub use revocations::KEPT_FOR;
pub use row::Row;
pub use run::{Tally, run};
pub use world::World;

use std::time::Duration;

use gatevault::Timestamp;

/// Returns a time after another.
#[must_use]
pub fn later(time: Timestamp, by: Duration) -> Timestamp {
    Timestamp::from_seconds(time.seconds() + by.as_secs()).expect("before the year 10000")
}

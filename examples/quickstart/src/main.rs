//! The main job, on an embedded database in a temporary file:
//!
//!     cargo run -p quickstart
#![expect(unreachable_pub, reason = "a program has no public interface")]
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

mod accounts;
mod functions;
mod names;
mod scenario;

use gatevault::error::BoxError;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), BoxError> {
    scenario::run().await
}

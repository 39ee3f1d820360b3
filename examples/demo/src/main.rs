//! A page to click through: register, call guarded functions, watch tokens rotate, and see a stolen one end its session.
//!
//!     cargo run -p demo
//!
//! Open the printed address in Chromium, Edge or Firefox. `PORT=8080` selects another port than 3000. `DATABASE=demo.db` keeps
//! accounts and sessions in a file; otherwise they end with the process.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::env;
use std::net::Ipv4Addr;

use demo::{Settings, serve};
use gatevault::error::BoxError;
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let folder = tempfile::tempdir()?;
    let database = env::var_os("DATABASE").map_or_else(|| folder.path().join("demo.db"), Into::into);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    // Browsers accept `Secure` cookies without TLS for this host name only.
    println!("open http://localhost:{}", listener.local_addr()?.port());
    serve(listener, Settings { database, ..Settings::default() }).await
}

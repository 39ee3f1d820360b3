//! A page to click: register, call guarded functions, watch tokens being refreshed, and see a stolen one end a session.
//!
//!     cargo run -p demo
//!
//! Then open what it prints, in Chromium, Edge or Firefox. `PORT=8080` takes another port than 3000, and `DATABASE=demo.db`
//! keeps accounts and sessions in a file, which otherwise go with the process.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::env;
use std::net::Ipv4Addr;

use demo::{AnyError, Settings, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), AnyError> {
    let port = env::var("PORT").map_or(Ok(3000), |port| port.parse())?;
    let folder = tempfile::tempdir()?;
    let database = env::var_os("DATABASE").map_or_else(|| folder.path().join("demo.db"), Into::into);
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    // By this name browsers keep `Secure` cookies without TLS.
    println!("open http://localhost:{}", listener.local_addr()?.port());
    serve(listener, Settings { database, ..Settings::default() }).await
}

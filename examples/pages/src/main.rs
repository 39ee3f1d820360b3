//! Notes on pages of a server: axum and askama, forms and cookies.
//!
//!     cargo run -p pages-example
//!
//! Open the printed address, and log in as `ada` with the password `correct horse battery staple`. `PORT=8080` selects another
//! port than 3005. It reads `GATEVAULT_SECRET` from the environment.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::env;
use std::net::Ipv4Addr;

use gatevault::error::BoxError;
use gatevault::generate_secret;
use pages_example::{Settings, serve};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = env::var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: sessions end with this process");
        generate_secret()
    })?;
    let port = env::var("PORT").map_or(Ok(3005), |port| port.parse())?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    // Browsers accept `Secure` cookies without TLS for this host name only.
    println!("open http://localhost:{port}");
    serve(listener, Settings { secret, ..Settings::default() }).await
}

//! Accounts without passwords: passkeys over axum and `SQLite`.
//!
//!     cargo run       (in this folder; serves a page at http://localhost:3000)
//!
//! It reads `GATEVAULT_SECRET`, `DATABASE` and `ORIGIN` from the environment.

use gatevault::error::BoxError;
use gatevault::generate_secret;
use passkeys::{App, serve};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: tokens are valid until this process ends");
        generate_secret()
    })?;
    let database = std::env::var_os("DATABASE").unwrap_or_else(|| "passkeys.db".into());
    let origin = std::env::var("ORIGIN").unwrap_or_else(|_| "http://localhost:3000".to_owned());
    let app = App::open(database.as_ref(), &secret, &origin).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    tracing::info!("open {origin}");
    Ok(serve(listener, app).await?)
}

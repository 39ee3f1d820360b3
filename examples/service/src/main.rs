//! `cargo run -p service` serves on port 3000; the environment may set `SECRET`, with which tokens stay valid over a restart.

use std::net::SocketAddr;

use gatevault::{Auth, SqliteSessions};
use service::{Users, app};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("SECRET").or_else(|_| gatevault::generate_secret())?;
    let auth = Auth::new(Users::default(), secret, SqliteSessions::open("sessions.db").await?)?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    let app = app(&auth).into_make_service_with_connect_info::<SocketAddr>();
    Ok(axum::serve(listener, app).await?)
}

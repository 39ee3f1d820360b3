//! Prices over `WebSocket`s and server-sent events:
//!
//!     cargo run -p connections            (axum on 127.0.0.1:3000; prints requests to try)
//!     cargo run -p connections -- actix   (the same with actix-web)
//!
//! It reads `GATEVAULT_SECRET` and `DATABASE` from the environment.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::net::TcpListener;

use connections::App;
use gatevault::error::BoxError;
use gatevault::{PasswordHasher, generate_secret};

#[actix_web::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("GATEVAULT_SECRET").or_else(|_| generate_secret())?;
    let database = std::env::var_os("DATABASE").unwrap_or_else(|| "connections.db".into());
    let app = App::open(database.as_ref(), &secret, PasswordHasher::default()).await?;
    let listener = TcpListener::bind("127.0.0.1:3000")?;
    println!("{TRY}");
    match std::env::args().nth(1).as_deref() {
        None => connections::axum::serve(listener, app).await?,
        Some("actix") => connections::actix::serve(listener, app).await?,
        Some(_) => return Err("usage: connections [actix]".into()),
    }
    Ok(())
}

const TRY: &str = r#"
    at=http://127.0.0.1:3000
    token=$(curl -s -c jar $at/login -d 'username=ada&password=correct horse %26 battery' | cut -d '"' -f 4)
    curl -N $at/events -H "Authorization: Bearer $token" &
    ticket=$(curl -s -X POST $at/ticket -H "Authorization: Bearer $token")
    curl -N "$at/events/by-ticket?ticket=$ticket" &
    sleep 3; curl $at/logout -X POST -b jar -H "X-CSRF-Token: $(grep csrf jar | cut -f 7)"
"#;

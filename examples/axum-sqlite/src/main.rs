//! A note-keeper: axum, with users, notes and sessions in one `SQLite` file:
//!
//!     cargo run -p axum-sqlite                    (serves on 127.0.0.1:3000 and prints requests to try)
//!     cargo run -p axum-sqlite -- promote ada     (makes ada an admin from her next login on)
//!
//! It reads `GATEVAULT_SECRET` and `DATABASE` from the environment, and behind your own proxies `TRUSTED_PROXIES`, their number.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use axum_sqlite::{App, serve};
use gatevault::error::BoxError;
use gatevault::{PasswordHasher, generate_secret};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: tokens are valid until this process ends");
        generate_secret()
    })?;
    let database = std::env::var_os("DATABASE").unwrap_or_else(|| "notes.db".into());
    let app = App::open(database.as_ref(), &secret, PasswordHasher::default()).await?;
    let app = match std::env::var("TRUSTED_PROXIES") {
        Ok(count) => app.trusted_proxies(count.parse()?),
        Err(_) => app,
    };
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
            println!("{TRY}");
            Ok(serve(listener, app).await?)
        }
        [command, name] if command == "promote" => Ok(app.promote(name).await?),
        _ => Err("usage: axum-sqlite [promote NAME]".into()),
    }
}

const TRY: &str = r#"
    at=http://127.0.0.1:3000
    curl $at/register --json '{"username": "ada", "password": "correct horse"}'
    token=$(curl -s -c jar $at/login -d 'username=ada&password=correct horse' | cut -d '"' -f 4)
    curl $at/notes -H "Authorization: Bearer $token" --json '"buy milk"'
    curl $at/users/1/notes -H "Authorization: Bearer $token"
    curl -i $at/users -H "Authorization: Bearer $token"
    csrf=$(awk '$6 == "__Host-csrf_token" { print $7 }' jar)
    curl -b jar -c jar -X POST $at/refresh -H "X-CSRF-Token: $csrf"
    curl -i -b jar -c jar -X POST $at/logout -H "X-CSRF-Token: $csrf"
"#;

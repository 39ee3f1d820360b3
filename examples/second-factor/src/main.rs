//! Codes of an authenticator app as a second factor, over axum and `SQLite`:
//!
//!     cargo run -p second-factor    (serves on 127.0.0.1:3000 and prints requests to try)
//!
//! It reads `GATEVAULT_SECRET` and `DATABASE` from the environment.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use gatevault::error::BoxError;
use gatevault::{PasswordHasher, SystemClock, generate_secret};
use second_factor::{App, serve};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: tokens are valid until this process ends");
        generate_secret()
    })?;
    let database = std::env::var_os("DATABASE").unwrap_or_else(|| "second-factor.db".into());
    let app = App::open(database.as_ref(), &secret, PasswordHasher::default(), SystemClock).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("{TRY}");
    Ok(serve(listener, app).await?)
}

const TRY: &str = r#"
    at=http://127.0.0.1:3000
    curl $at/register --json '{"username": "ada", "password": "correct horse"}'
    token=$(curl -s $at/login --json '{"username": "ada", "password": "correct horse"}' | cut -d '"' -f 4)
    curl -X POST $at/second-factor -H "Authorization: Bearer $token"    (enter the secret into an app)
    curl $at/second-factor/confirm -H "Authorization: Bearer $token" --json '{"code": "123456"}'
    curl -i $at/login --json '{"username": "ada", "password": "correct horse"}'
    curl $at/login/code --json '{"pending_token": "..", "code": "123456"}'
"#;

//! Accounts over axum and `SQLite`: registration, links in mails, change and reset of the password, and "remember me":
//!
//!     cargo run -p accounts    (serves on 127.0.0.1:3000, writes mails into ./outbox, and prints requests to try)
//!
//! It reads `GATEVAULT_SECRET`, `DATABASE`, `OUTBOX` and `PUBLIC_URL` from the environment, and behind your own proxies
//! `TRUSTED_PROXIES`, their number.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use accounts::{App, Settings, serve};
use gatevault::error::BoxError;
use gatevault::{PasswordHasher, generate_secret};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: tokens and links are valid until this process ends");
        generate_secret()
    })?;
    let setting = |name, default: &str| std::env::var(name).unwrap_or_else(|_| default.to_owned());
    let settings = Settings {
        database: setting("DATABASE", "accounts.db").into(),
        outbox: setting("OUTBOX", "outbox").into(),
        public_url: setting("PUBLIC_URL", "http://127.0.0.1:3000"),
        secret,
        hasher: PasswordHasher::default(),
        trusted_proxies: setting("TRUSTED_PROXIES", "0").parse()?,
    };
    let app = App::open(settings).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("{TRY}");
    Ok(serve(listener, app).await?)
}

const TRY: &str = r#"
    at=http://127.0.0.1:3000
    curl -i $at/register --json '{"address": "ada@example.com"}'
    cat outbox/*.eml    (open the link, and choose a password)
    curl -i -c jar $at/login --json '{"address": "ada@example.com", "password": "correct horse", "remember": true}'
    curl -i $at/reset --json '{"address": "ada@example.com"}'
    curl -i $at/magic-link --json '{"address": "ada@example.com"}'
"#;

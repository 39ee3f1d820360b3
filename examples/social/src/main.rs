//! Logins at an `OpenID` provider, with accounts and sessions in one `SQLite` file:
//!
//!     cargo run -p social     (serves on 127.0.0.1:3000)
//!
//! It reads `ISSUER`, `CLIENT_ID`, `CLIENT_SECRET`, `ORIGIN`, `GATEVAULT_SECRET` and `DATABASE` from the environment. At the
//! provider, register `http://127.0.0.1:3000/callback/provider` as redirect URI.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::collections::BTreeMap;
use std::env::var;

use gatevault::error::BoxError;
use gatevault::generate_secret;
use social::{App, Provider, serve};

#[tokio::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: tokens are valid until this process ends");
        generate_secret()
    })?;
    let setting = |name| var(name).map_err(|_| format!("set {name}: the provider's console shows it"));
    let origin = var("ORIGIN").unwrap_or_else(|_| "http://127.0.0.1:3000".to_owned());
    let redirect = format!("{origin}/callback/provider");
    let [issuer, id, client_secret] = ["ISSUER", "CLIENT_ID", "CLIENT_SECRET"].map(setting);
    let provider = Provider::new(&issuer?, &id?, &client_secret?, &redirect)?;
    let database = std::env::var_os("DATABASE").unwrap_or_else(|| "social.db".into());
    let app =
        App::open(database.as_ref(), &secret, BTreeMap::from([("provider".to_owned(), provider)])).await?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("open {origin}");
    Ok(serve(listener, app).await?)
}

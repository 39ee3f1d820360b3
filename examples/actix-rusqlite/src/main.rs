//! Invoices: a database that blocks, under actix-web:
//!
//!     cargo run -p actix-rusqlite                    (serves on 127.0.0.1:3001 and prints requests to try)
//!     cargo run -p actix-rusqlite -- promote ada     (makes ada an auditor from her next login on)
//!
//! It reads `GATEVAULT_SECRET` and `DATABASE` from the environment.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use actix_rusqlite::{Service, serve};
use gatevault::error::BoxError;
use gatevault::{PasswordHasher, generate_secret};

#[actix_web::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: tokens are valid until this process ends");
        generate_secret()
    })?;
    let database = std::env::var_os("DATABASE").unwrap_or_else(|| "invoices.db".into());
    let service = Service::open(database.as_ref(), &secret, PasswordHasher::default()).await?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            let listener = std::net::TcpListener::bind("127.0.0.1:3001")?;
            println!("{TRY}");
            Ok(serve(listener, service).await?)
        }
        [command, name] if command == "promote" => Ok(service.promote(name.clone()).await?),
        _ => Err("usage: actix-rusqlite [promote NAME]".into()),
    }
}

const TRY: &str = r#"
    at=http://127.0.0.1:3001
    curl $at/register --json '{"username": "ada", "password": "correct horse"}'
    token=$(curl -s -c jar $at/login -d 'username=ada&password=correct horse' | cut -d '"' -f 4)
    curl $at/invoices -H "Authorization: Bearer $token" --json '{"customer": "Bob & Sons", "cents": 1250}'
    curl $at/accounts/1/invoices -H "Authorization: Bearer $token"
    curl -i $at/audit/total -H "Authorization: Bearer $token"
    csrf=$(awk '$6 == "__Host-csrf_token" { print $7 }' jar)
    curl -b jar -c jar -X POST $at/refresh -H "X-CSRF-Token: $csrf"
    curl -i -b jar -c jar -X POST $at/logout -H "X-CSRF-Token: $csrf"
"#;

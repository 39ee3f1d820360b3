//! To-do lists without async: `tiny_http` and `rusqlite`, on threads:
//!
//!     cargo run -p tiny-http-example                    (serves on 127.0.0.1:3003 and prints requests to try)
//!     cargo run -p tiny-http-example -- promote ada     (makes ada an admin from her next login on)
//!
//! It reads `GATEVAULT_SECRET` and `DATABASE` from the environment.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use std::net::TcpListener;

use gatevault::error::BoxError;
use gatevault::{PasswordHasher, generate_secret};
use tiny_http_example::{App, serve};

fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let secret = std::env::var("GATEVAULT_SECRET").or_else(|_| {
        tracing::warn!("GATEVAULT_SECRET is not set: tokens are valid until this process ends");
        generate_secret()
    })?;
    let database = std::env::var_os("DATABASE").unwrap_or_else(|| "todo.db".into());
    let app = App::open(database.as_ref(), &secret, PasswordHasher::default())?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.as_slice() {
        [] => {
            let listener = TcpListener::bind("127.0.0.1:3003")?;
            println!("{TRY}");
            serve(listener, &app)
        }
        [command, name] if command == "promote" => Ok(app.promote(name)?),
        _ => Err("usage: tiny-http-example [promote NAME]".into()),
    }
}

const TRY: &str = r#"
    at=http://127.0.0.1:3003
    curl $at/register --json '{"username": "ada", "password": "correct horse"}'
    token=$(curl -s -c jar $at/login -d 'username=ada&password=correct horse' | cut -d '"' -f 4)
    curl $at/lists/1 -H "Authorization: Bearer $token" --json '"buy milk"'
    curl $at/lists/1 -H "Authorization: Bearer $token"
    curl -i $at/admin/accounts -H "Authorization: Bearer $token"
    csrf=$(awk '$6 == "__Host-csrf_token" { print $7 }' jar)
    curl -b jar -c jar -X POST $at/refresh -H "X-CSRF-Token: $csrf"
    curl -i -b jar -c jar -X POST $at/logout -H "X-CSRF-Token: $csrf"
"#;

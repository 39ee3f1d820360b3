//! A message board in memory, on Rocket. It serves on 127.0.0.1:3002 and prints requests to try.
//!
//!     cargo run -p rocket-example
//!
//! With `MODERATOR_PASSWORD` in the environment there is an account `moderator`. Rocket reads `ROCKET_PORT` and the like.
#![expect(clippy::print_stdout, reason = "a program for a terminal")]

use gatevault::error::BoxError;
use gatevault::{PasswordHasher, generate_secret};
use rocket::Config;
use rocket::fairing::AdHoc;
use rocket::figment::{Figment, providers::Env};

#[rocket::main]
async fn main() -> Result<(), BoxError> {
    tracing_subscriber::fmt().init();
    let config = Figment::from(Config { port: 3002, ..Config::default() });
    let rocket = rocket::custom(config.merge(Env::prefixed("ROCKET_").global()));
    // A new secret for each process, so that no token outlives its account, which is in memory.
    let secret = generate_secret()?;
    let moderator = std::env::var("MODERATOR_PASSWORD").ok();
    let rocket = rocket_example::board(rocket, &secret, moderator.as_deref(), PasswordHasher::default())?;
    let say_what_to_try = AdHoc::on_liftoff("what to try", |rocket| {
        println!("\n    at=http://127.0.0.1:{}{TRY}", rocket.config().port);
        Box::pin(async {})
    });
    rocket.attach(say_what_to_try).launch().await?;
    Ok(())
}

const TRY: &str = r#"
    curl $at/register --json '{"username": "ada", "password": "correct horse"}'
    token=$(curl -s -c jar $at/login -d 'username=ada&password=correct horse' | cut -d '"' -f 4)
    curl $at/messages -H "Authorization: Bearer $token" --json '"hello"'
    curl $at/messages -H "Authorization: Bearer $token"
    curl -i $at/moderation/accounts -H "Authorization: Bearer $token"
    csrf=$(awk '$6 == "__Host-csrf_token" { print $7 }' jar)
    curl -b jar -c jar -X POST $at/refresh -H "X-CSRF-Token: $csrf"
    curl -i -b jar -c jar -X POST $at/logout -H "X-CSRF-Token: $csrf"
"#;

//! The scenario: register, log in, call guarded functions, refresh, detect a stolen token, log out.

use std::error::Error as _;
use std::fmt::Display;
use std::time::{Duration, SystemTime};

use gatevault::error::BoxError;
use gatevault::{Auth, Clock, GuardError, SqliteSessions, TokenManager, generate_secret};

use crate::accounts::{Accounts, register};
use crate::functions::{Role, User, notes, profile, reset};
use crate::names;

pub async fn run() -> Result<(), BoxError> {
    let folder = tempfile::tempdir()?;
    let accounts = Accounts::open(&folder.path().join("accounts.sqlite")).await?;
    let sessions = SqliteSessions::open(folder.path().join("sessions.sqlite")).await?;

    // In production the secret comes from the configuration and does not change.
    let secret = generate_secret()?;
    let auth = Auth::new(accounts, &secret, sessions)?.canonical_name(names::canonical);
    auth.gate().clone().install()?; // for guarded functions that take a token and no request

    title("Register");
    let ada = register(&auth, "ada", "correct horse battery staple", false).await?;
    let root = register(&auth, "root", "tr0ub4dor&3", true).await?;
    say("ada", format!("is user {ada}, a member"));
    say("root", format!("is user {root}, an admin"));
    for lookalike in ["Ada", "\u{430}da", "r\u{43e}\u{43e}t", "ro\u{200b}ot"] {
        let Err(why) = register(&auth, lookalike, "a password of another user", true).await else {
            return Err(format!("{} is registered, and must not be", lookalike.escape_unicode()).into());
        };
        say(&lookalike.escape_default().to_string(), format!("is not registered: {why}"));
    }

    title("Log in");
    let pair = auth.login("ada", "correct horse battery staple").await?;
    let minutes = pair.expires_in.as_secs() / 60;
    say("ada", format!("has an access token for {minutes} minutes, and a refresh token"));
    refused("ada, wrong password", &auth.login("ada", "guess").await)?;
    refused("bob, who is unknown", &auth.login("bob", "guess").await)?;

    title("Call guarded functions");
    opened("profile, sync", profile(&pair.access_token))?;
    opened("notes, async", notes(&pair.access_token, ada).await)?;
    let admin = auth.login("root", "tr0ub4dor&3").await?;
    opened("reset, for root", reset(&admin.access_token))?;

    title("Get refused");
    refused("no token", &profile(None::<&str>))?;
    refused("a tampered token", &profile(tampered(&pair.access_token)))?;
    refused("an expired token", &profile(expired(&secret, ada)?))?;
    refused("a refresh token", &profile(&pair.refresh_token))?;
    refused("another user's notes", &notes(&pair.access_token, root).await)?;
    refused("reset, for a member", &reset(&pair.access_token))?;

    title("Refresh");
    let next = auth.refresh(&pair.refresh_token).await?;
    say("ada", "has the next pair of tokens");
    opened("profile, with the next token", profile(&next.access_token))?;
    refused("an access token to refresh with", &auth.refresh(&next.access_token).await)?;

    title("Detect a stolen refresh token");
    let phone = auth.login("ada", "correct horse battery staple").await?;
    say("ada", format!("has {} sessions, this one and her phone's", auth.sessions(ada).await?.len()));
    let last = auth.refresh(&next.refresh_token).await?;
    refused("her first refresh token, again", &auth.refresh(&pair.refresh_token).await)?;
    refused("her last refresh token, then", &auth.refresh(&last.refresh_token).await)?;
    refused("profile, with her last token", &profile(&last.access_token))?;
    opened("profile, from her phone", profile(&phone.access_token))?;

    title("Log out");
    auth.logout(&phone.refresh_token).await?;
    refused("profile, from her phone", &profile(&phone.access_token))?;
    say("ada", format!("has {} sessions", auth.sessions(ada).await?.len()));
    Ok(())
}

/// Changes one letter of the token's claims, as an attacker would.
fn tampered(token: &str) -> String {
    let (header, rest) = token.split_once('.').unwrap_or_default();
    let claims = rest.replacen(|_| true, "f", 1);
    format!("{header}.{claims}")
}

/// Creates a genuine token with a clock that is an hour slow.
fn expired(secret: &str, user_id: i64) -> Result<String, BoxError> {
    struct AnHourAgo;
    impl Clock for AnHourAgo {
        fn now(&self) -> SystemTime {
            SystemTime::now().checked_sub(Duration::from_hours(1)).unwrap_or(SystemTime::UNIX_EPOCH)
        }
    }
    let tokens = TokenManager::builder().secret(secret).clock(AnHourAgo).build()?;
    Ok(tokens.create_access_token(&User { user_id, role: Role::Member })?)
}

fn title(text: &str) {
    println!("\n{text}");
}

fn say(who: &str, what: impl Display) {
    println!("    {who:<32} {what}");
}

fn opened(what: &str, answer: Result<String, GuardError>) -> Result<(), BoxError> {
    say(what, format!("opened: {}", answer?));
    Ok(())
}

/// Prints what the client sees and, in parentheses, what the log sees.
fn refused<T>(what: &str, answer: &Result<T, GuardError>) -> Result<(), BoxError> {
    let Err(denial) = answer else { return Err(format!("{what}: opened, and must not").into()) };
    let reason = denial.source().map(|reason| format!("  ({reason})")).unwrap_or_default();
    say(what, format!("refused with {}: {denial}{reason}", denial.status()));
    Ok(())
}

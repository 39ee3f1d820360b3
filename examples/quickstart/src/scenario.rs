//! The scenario: register, log in, call guarded functions, refresh, detect a stolen token, log out.

use std::error::Error as _;
use std::fmt::Display;
use std::process::ExitCode;
use std::time::{Duration, SystemTime};

use gatevault::error::BoxError;
use gatevault::{
    Clock, GateVault, GuardError, LoginThrottle, MemoryAttempts, OAuthHandler, TokenManager, generate_secret,
};

use crate::accounts::Accounts;
use crate::functions::{Role, User, notes, profile, reset};
use crate::names;

pub async fn run() -> Result<ExitCode, BoxError> {
    let folder = tempfile::tempdir()?;
    let accounts = Accounts::open(&folder.path().join("accounts.sqlite"))?;

    // In production the secret comes from the configuration and does not change.
    let secret = generate_secret()?;
    let tokens = TokenManager::builder().secret(&secret).deny_short_key().build()?;
    GateVault::new(tokens.clone()).install()?;

    title("Register");
    let ada = accounts.register("ada", "correct horse battery staple", false)?;
    let root = accounts.register("root", "tr0ub4dor&3", true)?;
    say("ada", format!("is user {ada}, a member"));
    say("root", format!("is user {root}, an admin"));
    for lookalike in ["Ada", "\u{430}da", "r\u{43e}\u{43e}t", "ro\u{200b}ot"] {
        let Err(why) = accounts.register(lookalike, "a password of another user", true) else {
            return Err(format!("{} is registered, and must not be", lookalike.escape_unicode()).into());
        };
        say(&lookalike.escape_default().to_string(), format!("is not registered: {why}"));
    }

    title("Log in");
    let oauth = OAuthHandler::with_sync_users(tokens.clone(), accounts)
        .throttle(LoginThrottle::new(MemoryAttempts::new()).canonical_name(names::canonical));
    let pair = oauth.login("ada", "correct horse battery staple")?;
    let minutes = pair.expires_in.as_secs() / 60;
    say("ada", format!("has an access token for {minutes} minutes, and a refresh token"));
    refused("ada, wrong password", &oauth.login("ada", "guess"))?;
    refused("bob, who is unknown", &oauth.login("bob", "guess"))?;

    title("Call guarded functions");
    opened("profile, sync", profile(&pair.access_token))?;
    opened("notes, async", notes(&pair.access_token, ada).await)?;
    let admin = oauth.login("root", "tr0ub4dor&3")?;
    opened("reset, for root", reset(&admin.access_token))?;

    title("Get refused");
    refused("no token", &profile(None::<&str>))?;
    refused("a tampered token", &profile(tampered(&pair.access_token)))?;
    refused("an expired token", &profile(expired(&secret, ada)?))?;
    refused("a refresh token", &profile(&pair.refresh_token))?;
    refused("another user's notes", &notes(&pair.access_token, root).await)?;
    refused("reset, for a member", &reset(&pair.access_token))?;

    title("Refresh");
    let next = oauth.refresh(&pair.refresh_token)?;
    say("ada", "has the next pair of tokens");
    opened("profile, with the next token", profile(&next.access_token))?;
    refused("an access token to refresh with", &oauth.refresh(&next.access_token))?;

    title("Detect a stolen refresh token");
    let phone = oauth.login("ada", "correct horse battery staple")?;
    say("ada", format!("has {} sessions, this one and her phone's", oauth.sessions(ada)?.len()));
    let last = oauth.refresh(&next.refresh_token)?;
    refused("her first refresh token, again", &oauth.refresh(&pair.refresh_token))?;
    refused("her last refresh token, then", &oauth.refresh(&last.refresh_token))?;
    refused("profile, with her last token", &profile(&last.access_token))?;
    opened("profile, from her phone", profile(&phone.access_token))?;

    title("Log out");
    oauth.logout(&phone.refresh_token)?;
    refused("profile, from her phone", &profile(&phone.access_token))?;
    say("ada", format!("has {} sessions", oauth.sessions(ada)?.len()));
    Ok(ExitCode::SUCCESS)
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

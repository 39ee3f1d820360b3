//! Inspects a token and prints everything about it.

use std::error::Error as _;
use std::fmt::Display;
use std::process::ExitCode;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use gatevault::error::BoxError;
use gatevault::{Payload, TokenManager, Verified};

pub fn inspect(secret: &str, token: &str) -> Result<ExitCode, BoxError> {
    let tokens = TokenManager::new(secret)?;
    for warning in tokens.warnings() {
        row("warning", warning);
    }
    let mut segments = token.split('.');
    row("header", read_unverified(segments.next()));
    match tokens.decode_token::<Payload>(token) {
        Ok(payload) => {
            row("verdict", "genuine and current");
            describe(&payload);
            Ok(ExitCode::SUCCESS)
        }
        Err(error) => {
            let reason = error.source().map(|reason| format!(": {reason}")).unwrap_or_default();
            row("verdict", format!("refused, {error}{reason}"));
            row("claims", format!("{}  (not verified)", read_unverified(segments.next())));
            Ok(ExitCode::FAILURE)
        }
    }
}

fn describe(payload: &Verified<Payload>) {
    row("kind", payload.kind().name());
    row("user id", payload.user_id());
    row("token id", payload.token_id().unwrap_or("none"));
    row("session", payload.session_id().unwrap_or("none"));
    row("issued", payload.issued_at().map_or("unknown".to_owned(), when));
    row("expires", when(payload.expires_at()));
    for (name, value) in payload.iter() {
        row(&format!("claim {name}"), value);
    }
}

/// Formats a time in UTC, with its distance from now.
fn when(time: SystemTime) -> String {
    let now = SystemTime::now();
    let (distance, side) = match time.duration_since(now) {
        Ok(ahead) => (ahead, "from now"),
        Err(behind) => (behind.duration(), "ago"),
    };
    let distance = std::time::Duration::from_secs(distance.as_secs());
    format!("{}, {} {side}", humantime::format_rfc3339_seconds(time), humantime::format_duration(distance))
}

/// Returns the JSON of a segment without verification, on one line.
fn read_unverified(segment: Option<&str>) -> String {
    segment
        .and_then(|segment| URL_SAFE_NO_PAD.decode(segment).ok())
        .and_then(|json| serde_json::from_slice::<serde_json::Value>(&json).ok())
        .map_or_else(|| "unreadable".to_owned(), |json| json.to_string())
}

/// Prints one line. The token's author chose its strings, so control characters are escaped before they reach the terminal.
fn row(name: &str, value: impl Display) {
    let line = format!("{name:<16} {value}");
    let escape = |character: char| match character {
        control if control.is_control() => control.escape_unicode().to_string(),
        printable => printable.to_string(),
    };
    println!("{}", line.chars().map(escape).collect::<String>());
}

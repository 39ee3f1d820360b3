//! The headers `Authorization` and `Cookie`: a token is read as a few rules say, and never a part of another value.

use std::sync::OnceLock;
use std::time::Duration;

use gatevault::web::HttpRequest;
use gatevault::{Bearer, GateVault, Payload, RefreshCookie, RouteGuard, TokenSource as _};

use crate::forge::{CLAIMS, HEADER, forge, manager};

/// Takes each line as a header: `A` and the value of an `Authorization`, or `C` and the value of a `Cookie`.
pub fn run(input: &[u8]) {
    let lines: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let values =
        |kind: &[u8]| -> Vec<&[u8]> { lines.iter().filter_map(|line| line.strip_prefix(kind)).collect() };
    authorization(&values(b"A"));
    cookies(&values(b"C"));
}

fn authorization(values: &[&[u8]]) {
    let request = values
        .iter()
        .fold(HttpRequest::new("GET", "/"), |request, value| request.with_header("Authorization", value));
    let (token, bearer) = (token_of(values), request.bearer());
    assert_eq!(bearer.token().as_deref(), token.as_deref());
    assert_eq!(Bearer::from_authorization(values.iter().copied()).token(), bearer.token());
    let is_genuine = token.is_some_and(|token| token == forge(HEADER, CLAIMS));
    assert_eq!(
        guard().authorize(&bearer).is_ok(),
        is_genuine,
        "a guard opens for the token and for nothing else"
    );
}

/// Returns the token that the values bring. Two headers and unreadable ones count as an invalid token.
fn token_of(values: &[&[u8]]) -> Option<String> {
    let value = match values {
        [] => return None,
        [value] => str::from_utf8(value).ok().filter(|value| {
            value.chars().all(|character| character == '\t' || (' '..='~').contains(&character))
        }),
        _ => None,
    };
    let Some(value) = value else { return Some("unreadable".to_owned()) };
    let (scheme, token) = value.split_once(' ')?;
    let token = token.trim_start_matches(' ');
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then(|| token.to_owned())
}

fn cookies(values: &[&[u8]]) {
    let cookie = RefreshCookie::default();
    let pairs = values.iter().flat_map(|value| value.split(|byte| *byte == b';'));
    let name = format!("{}=", cookie.name());
    let found: Vec<&[u8]> = pairs
        .map(<[u8]>::trim_ascii_end)
        .filter_map(|pair| {
            let blanks = pair.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
            pair[blanks..].strip_prefix(name.as_bytes())
        })
        .collect();
    let read = cookie.read(values.iter().copied());
    match found[..] {
        [] => assert!(matches!(read, Ok(None))),
        [value] => match str::from_utf8(value) {
            Ok(value) => assert!(matches!(read, Ok(token) if token.unwrap_or_default() == value)),
            Err(_) => assert!(read.is_err()),
        },
        _ => assert!(read.is_err(), "a cookie that is there twice"),
    }
    for value in values {
        is_written_and_read_again(&cookie, &String::from_utf8_lossy(value));
    }
}

/// No token adds an attribute to its cookie, and one of allowed characters comes back.
fn is_written_and_read_again(cookie: &RefreshCookie, token: &str) {
    let written = cookie.set(token, Duration::from_mins(1));
    let plain = cookie.set("x", Duration::from_mins(1));
    assert_eq!(written.split(';').skip(1).collect::<Vec<_>>(), plain.split(';').skip(1).collect::<Vec<_>>());
    assert!(written.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
    let pair = written.split(';').next().unwrap_or_default();
    let read = cookie.read([pair.as_bytes()]).expect("what was written is read").unwrap_or_default();
    assert!(
        token.contains(read)
            || token.chars().any(|character| !character.is_ascii_graphic())
            || token.contains(['"', ',', ';', '\\'])
    );
    if token.chars().all(|character| character.is_ascii_alphanumeric() || "-_.".contains(character)) {
        assert_eq!(read, token);
    }
}

fn guard() -> &'static RouteGuard {
    static GUARD: OnceLock<RouteGuard> = OnceLock::new();
    GUARD.get_or_init(|| RouteGuard::<Payload>::with(GateVault::new(manager().clone())))
}

//! An HTTP client for the tests of the examples. It keeps cookies by hand, because a client with a cookie store sends no
//! `Secure` cookie over plain HTTP. Each test includes this file.

use std::error::Error;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use gatevault::TokenManager;
use gatevault::claims::ToClaims;
use gatevault::testing::ManualClock;
use ureq::http::Request;
use ureq::{Agent, AsSendBody};

pub(crate) type Outcome<T = ()> = Result<T, Box<dyn Error + Send + Sync>>;

pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
pub(crate) const PASSWORD: &str = "correct horse & battery";

/// A client with the tokens and cookies of one browser.
#[derive(Debug, Clone)]
pub(crate) struct TestClient {
    agent: Agent,
    pub(crate) server: String,
    pub(crate) access: String,
    refresh: String,
    csrf: String,
    /// The cookie of a login in two requests, in examples that have one.
    pending_login: String,
    /// The address that a proxy writes: `X-Forwarded-For`, if it is not empty.
    pub(crate) forwarded_for: String,
}

/// Status, challenge (empty if there is none) and body.
pub(crate) type Reply = (u16, String, String);

impl TestClient {
    pub(crate) fn of(server: SocketAddr) -> Self {
        let agent =
            Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
        let [access, refresh, csrf, pending_login, forwarded_for] = [const { String::new() }; 5];
        let server = format!("http://{server}");
        Self { agent: agent.into(), server, access, refresh, csrf, pending_login, forwarded_for }
    }

    pub(crate) fn with_token(&self, access: impl Into<String>) -> Self {
        Self { access: access.into(), ..self.clone() }
    }

    pub(crate) fn get(&mut self, path: &str) -> Outcome<Reply> {
        self.call("GET", path)
    }

    /// Sends a request without a body.
    pub(crate) fn call(&mut self, method: &str, path: &str) -> Outcome<Reply> {
        self.send(method, path, ())
    }

    /// Sends a request with a JSON body.
    pub(crate) fn send_json(&mut self, method: &str, path: &str, body: &str) -> Outcome<Reply> {
        self.send(method, path, body)
    }

    pub(crate) fn register(&mut self, name: &str) -> Outcome<u16> {
        let body = format!(r#"{{"username": "{name}", "password": "{PASSWORD}"}}"#);
        Ok(self.send("POST", "/register", body.as_str())?.0)
    }

    pub(crate) fn log_in(&mut self, name: &str, password: &str) -> Outcome<Reply> {
        let body = format!(r#"{{"username": "{name}", "password": "{password}"}}"#);
        self.send("POST", "/login", body.as_str())
    }

    pub(crate) fn refresh(&mut self) -> Outcome<Reply> {
        self.call("POST", "/refresh")
    }

    pub(crate) fn log_out(&mut self) -> Outcome<Reply> {
        self.call("POST", "/logout")
    }

    fn send(&mut self, method: &str, path: &str, body: impl AsSendBody) -> Outcome<Reply> {
        let mut cookies = format!("__Host-refresh_token={}", self.refresh);
        if !self.pending_login.is_empty() {
            cookies = format!("{cookies}; __Host-pending_login={}", self.pending_login);
        }
        let mut request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.server))
            .header("Authorization", format!("Bearer {}", self.access))
            .header("Content-Type", "application/json")
            .header("Cookie", cookies)
            .header("X-CSRF-Token", &self.csrf);
        if !self.forwarded_for.is_empty() {
            request = request.header("X-Forwarded-For", &self.forwarded_for);
        }
        let mut reply = self.agent.run(request.body(body)?)?;
        for cookie in reply.headers().get_all("set-cookie") {
            match cookie.to_str()?.split(';').next().and_then(|pair| pair.split_once('=')) {
                Some(("__Host-refresh_token", token)) => token.clone_into(&mut self.refresh),
                Some(("__Host-csrf_token", token)) => token.clone_into(&mut self.csrf),
                Some(("__Host-pending_login", id)) => id.clone_into(&mut self.pending_login),
                _ => return Err(format!("an unknown cookie: {cookie:?}").into()),
            }
        }
        let challenge = reply.headers().get("www-authenticate").map_or(Ok(""), |value| value.to_str())?;
        let (status, challenge) = (reply.status().as_u16(), challenge.to_owned());
        let body = reply.body_mut().read_to_string()?;
        if let Some((_, token)) = body.split_once(r#""access_token":""#) {
            token.split('"').next().unwrap_or_default().clone_into(&mut self.access);
        }
        Ok((status, challenge, body))
    }
}

const PATIENCE: Duration = Duration::from_secs(20);

/// Creates a genuine access token that was issued some minutes ago; it expires after fifteen.
pub(crate) fn token_of_old(claims: &impl ToClaims, minutes: u64) -> Outcome<String> {
    let then = SystemTime::now().checked_sub(Duration::from_mins(minutes)).ok_or("before all time")?;
    let tokens = TokenManager::builder().secret(SECRET).clock(ManualClock::at(then)).build()?;
    Ok(tokens.create_access_token(claims)?)
}

/// Checks what must hold for every server: `path` is guarded, and open to `member`, who has just logged in as `name`.
pub(crate) fn assert_tokens_are_guarded(
    member: &TestClient,
    name: &str,
    path: &str,
    claims: &impl ToClaims,
) -> Outcome {
    assert_eq!(member.clone().get(path)?.0, 200);
    assert_eq!(member.with_token("").get(path)?.0, 401);

    let mut parts = member.access.splitn(3, '.');
    let [header, payload, signature] = [(); 3].map(|()| parts.next().unwrap_or_default());
    for tampered in [
        format!("{header}.{}.{signature}", with_another_letter(payload)),
        format!("{header}.{payload}.{}", with_another_letter(signature)),
    ] {
        let (status, challenge, _) = member.with_token(tampered).get(path)?;
        assert_eq!((status, challenge.as_str()), (401, r#"Bearer error="invalid_token""#));
    }
    assert_eq!(member.with_token(token_of_old(claims, 14)?).get(path)?.0, 200);
    let (status, challenge, _) = member.with_token(token_of_old(claims, 16)?).get(path)?;
    assert!(status == 401 && challenge.contains("expired"), "{status} {challenge}");

    let mut stranger = TestClient { access: String::new(), ..member.clone() };
    let wrong = stranger.log_in(name, "a wrong password")?;
    assert_eq!(wrong.0, 401);
    assert_eq!(stranger.log_in("unknown", "a wrong password")?, wrong);
    Ok(())
}

fn with_another_letter(segment: &str) -> String {
    let mut letters = segment.chars();
    let other = if letters.next() == Some('A') { 'B' } else { 'A' };
    format!("{other}{}", letters.as_str())
}

/// Checks that a refresh needs the cookie and the CSRF token, and that a logout revokes the session and its tokens.
pub(crate) fn assert_sessions_rotate_and_end(member: &mut TestClient, path: &str) -> Outcome {
    let before = member.clone();
    assert_eq!(TestClient { csrf: String::new(), ..before.clone() }.refresh()?.0, 403);
    assert_eq!(TestClient { refresh: String::new(), ..before.clone() }.refresh()?.0, 401);
    assert_eq!(member.refresh()?.0, 200);
    assert_ne!(member.refresh, before.refresh);
    assert_ne!(member.access, before.access);
    assert_eq!(member.get(path)?.0, 200);
    assert!(member.get("/sessions")?.2.contains(r#""current":true"#));

    let (access, session) = (member.access.clone(), member.clone());
    assert_eq!(member.log_out()?.0, 204);
    assert_eq!((member.refresh.as_str(), member.csrf.as_str()), ("", ""));
    assert_eq!(member.with_token(access).get(path)?.0, 401);
    assert_eq!(session.clone().refresh()?.0, 401);
    Ok(())
}

/// Checks that no lookalike is registered beside a name, that a login takes each spelling of a name, and that names of any script
/// can be registered.
pub(crate) fn assert_lookalikes_are_refused(server: SocketAddr) -> Outcome {
    let mut client = TestClient::of(server);
    for (name, spellings, lookalikes) in NAMES {
        assert_eq!(client.register(name)?, 201, "{name}");
        for spelling in spellings {
            assert_eq!(client.register(spelling)?, 409, "{}", spelling.escape_unicode());
        }
        for lookalike in lookalikes {
            assert_eq!(client.register(lookalike)?, 409, "{}", lookalike.escape_unicode());
            assert_eq!(client.log_in(lookalike, PASSWORD)?.0, 401, "{}", lookalike.escape_unicode());
        }
        for spelling in [name].iter().chain(spellings) {
            assert_eq!(client.log_in(spelling, PASSWORD)?.0, 200, "{}", spelling.escape_unicode());
        }
    }
    for name in UNFIT {
        assert_eq!(client.register(name)?, 422, "{}", name.escape_unicode());
    }
    let unknown = client.log_in("unknown", PASSWORD)?;
    for name in ["dana\\u0000", "da\u{200b}na", "d\u{430}na"] {
        assert_eq!(client.log_in(name, PASSWORD)?, unknown, "{}", name.escape_unicode());
    }
    assert_eq!(client.log_in(" Dana ", PASSWORD)?.0, 200);
    assert_one_of_many_is_registered(server)
}

/// Registers lookalikes at the same time: the index decides, so one of them wins.
fn assert_one_of_many_is_registered(server: SocketAddr) -> Outcome {
    let spellings = ["scope", "Scope", "SCOPE", "ｓｃｏｐｅ", "ѕсоре", "ЅСОРЕ", "scope", "scOpe"];
    let attempts = spellings.map(|name| std::thread::spawn(move || TestClient::of(server).register(name)));
    let mut statuses = Vec::new();
    for attempt in attempts {
        statuses.push(attempt.join().map_err(|_| "a registration has failed")??);
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 409, 409, 409, 409, 409, 409, 409]);
    Ok(())
}

/// Names in the order of their registration, other spellings of each, and names of other letters that look like it.
const NAMES: [(&str, &[&str], &[&str]); 18] = [
    ("dana", &["Dana", "DANA", "ｄａｎａ", "ｄAna"], &[]),
    ("zo\u{eb}", &["zoe\u{308}", "ZO\u{cb}", "ZOE\u{308}"], &[]),
    ("iris", &["IRIS", "\u{131}r\u{131}s", "\u{130}R\u{130}S", "i\u{307}ris"], &[]),
    ("wei\u{df}", &["weiss", "WEISS", "WEI\u{1e9e}"], &[]),
    ("νίκος", &["νίκοσ", "ΝΊΚΟΣ", "νι\u{301}κος"], &[]),
    ("copy", &["COPY"], &["сору", "СОРУ"]),
    ("modern", &[], &["modem"]),
    ("o'brien", &[], &["o’brien"]),
    ("grace@example.com", &["Grace@Example.com"], &[]),
    ("Ελένη", &["ΕΛΈΝΗ"], &[]),
    ("Юлия", &["юлия"], &[]),
    ("محمد", &[], &[]),
    ("שרה", &[], &[]),
    ("आदित्य", &[], &[]),
    ("さくら", &[], &[]),
    ("太郎", &[], &[]),
    ("taro太郎", &["TARO太郎"], &[]),
    ("김철수", &["\u{1100}\u{1175}\u{11b7}철수"], &[]),
];

/// Names that hide something, or mix scripts.
const UNFIT: [&str; 22] = [
    "",
    " ",
    " dana",
    "dana ",
    "dana\u{3000}",
    "da na",
    "da\u{a0}na",
    "dana\\u0000",
    "dana\\u0007",
    "dana\\n",
    "da\u{200b}na",
    "da\u{200d}na",
    "da\u{feff}na",
    "da\u{2060}na",
    "dana\u{ad}",
    "dana\u{fe0f}",
    "dana\u{3164}",
    "\u{202e}dana",
    "\u{301}dana",
    "zoe\u{308}\u{308}",
    "i\u{301}\u{307}ris",
    "d\u{430}na", // Cyrillic а before Latin letters
];

//! The scenario of the board, over sockets.

#[path = "../../test_client.rs"]
mod test_client;

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command};
use std::time::Duration;

use gatevault::{PasswordHasher, Payload};
use rocket::Config;
use rocket::config::LogLevel;
use rocket::fairing::AdHoc;
use test_client::{Outcome, PASSWORD, SECRET, TestClient};

/// Serves a board until the process ends, on a free port.
fn start(moderator: Option<&str>) -> Outcome<SocketAddr> {
    let config = Config { port: 0, log_level: LogLevel::Off, ..Config::default() };
    let hasher = PasswordHasher::builder().cost(4).build()?;
    let board = rocket_example::board(rocket::custom(config), SECRET, moderator, hasher)?;
    let (launched, launching) = std::sync::mpsc::channel();
    let liftoff = AdHoc::on_liftoff("tells the port", move |rocket| {
        launched.send(rocket.config().port).ok();
        Box::pin(async {})
    });
    std::thread::spawn(|| rocket::execute(board.attach(liftoff).launch()).is_ok());
    Ok((Ipv4Addr::LOCALHOST, launching.recv()?).into())
}

#[test]
fn members_write_and_moderators_tidy_up() -> Outcome {
    let server = start(Some(PASSWORD))?;
    let (mut ada, mut bob, mut moderator) =
        (TestClient::of(server), TestClient::of(server), TestClient::of(server));
    assert_eq!((ada.register("ada")?, ada.register("ada")?, bob.register("bob")?), (201, 409, 201));
    assert_eq!(bob.register("moderator")?, 409);
    let short = r#"{"username": "eve", "password": "short"}"#;
    assert_eq!(ada.send_json("POST", "/register", short)?.0, 422);
    assert_eq!((ada.register("")?, ada.register(&"x".repeat(65))?), (422, 422));
    for (client, name) in [(&mut ada, "ada"), (&mut bob, "bob"), (&mut moderator, "moderator")] {
        assert_eq!(client.log_in(name, PASSWORD)?.0, 200);
    }

    assert_eq!(ada.send_json("POST", "/messages", r#""hello""#)?.0, 201);
    assert_eq!(bob.send_json("POST", "/messages", r#""buy now""#)?.0, 201);
    assert_eq!(
        ada.get("/messages")?.2,
        r#"[{"author":"ada","text":"hello"},{"author":"bob","text":"buy now"}]"#
    );
    assert_eq!(ada.call("DELETE", "/messages/bob")?.0, 403);
    assert_eq!(moderator.call("DELETE", "/messages/bob")?.0, 204);
    assert_eq!(bob.get("/messages")?.2, r#"[{"author":"ada","text":"hello"}]"#);
    assert_eq!(ada.call("DELETE", "/messages/ada")?.0, 204);
    assert_eq!(ada.get("/messages")?.2, "[]");
    assert_eq!(ada.get("/moderation/accounts")?.0, 403);
    assert_eq!(moderator.get("/moderation/accounts")?.2, r#"["ada","bob","moderator"]"#);
    // Refused for its token, before its body is read, which ends too early; the catchers respond.
    let (status, challenge, body) = ada.with_token("junk").send_json("POST", "/messages", r#"""#)?;
    assert_eq!((status, challenge.as_str()), (401, r#"Bearer error="invalid_token""#));
    let error = r#""error":"invalid_token","error_description":"the token is not valid""#;
    assert_eq!(body, format!(r#"{{{error},"status":401,"title":"Unauthorized","type":"about:blank"}}"#));
    assert_eq!(ada.send_json("POST", "/messages", r#"""#)?.0, 400);

    let claims = Payload::new("ada").with("role", "Member");
    test_client::assert_tokens_are_guarded(&ada, "ada", "/messages", &claims)?;
    let claims = Payload::new("moderator").with("role", "Moderator");
    test_client::assert_tokens_are_guarded(&moderator, "moderator", "/moderation/accounts", &claims)?;
    test_client::assert_sessions_rotate_and_end(&mut ada, "/messages")
}

#[test]
fn without_a_password_there_is_no_moderator() -> Outcome {
    let mut client = TestClient::of(start(None)?);
    assert_eq!(client.log_in("moderator", PASSWORD)?.0, 401);
    assert_eq!((client.register("moderator")?, client.log_in("moderator", PASSWORD)?.0), (201, 200));
    assert_eq!(client.get("/moderation/accounts")?.0, 403);
    assert_eq!(start(Some("short")).unwrap_err().to_string(), "a password needs at least 8 characters");
    Ok(())
}

/// Runs the program, whose debug build logs everything that Rocket emits.
#[test]
fn no_password_is_logged() -> Outcome {
    let folder = tempfile::tempdir()?;
    let log = folder.path().join("log");
    let output = File::create(&log)?;
    let mut program = Command::new(env!("CARGO_BIN_EXE_rocket-example"));
    let program = program.env("ROCKET_PORT", "0").env("MODERATOR_PASSWORD", PASSWORD);
    let running = Running(program.stdout(output.try_clone()?).stderr(output).spawn()?);

    let mut ada = TestClient::of(says_where_it_is(&log)?);
    assert_eq!((ada.register("ada")?, ada.log_in("ada", PASSWORD)?.0), (201, 200));
    assert_eq!(ada.log_in("ada", "a wrong password")?.0, 401);
    let cut_off = format!(r#"{{"username": "bob", "password": "{PASSWORD}"#);
    assert_ne!(ada.send_json("POST", "/register", &cut_off)?.0, 201);
    drop(running);
    let log = std::fs::read_to_string(log)?;
    assert!(log.matches("(register) POST /register").count() >= 2 && log.contains("logged in"), "{log}");
    for secret in [PASSWORD, "a wrong password", "$2b$", &ada.access] {
        assert!(!log.contains(secret), "{log}");
    }
    Ok(())
}

/// A process that ends with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

fn says_where_it_is(log: &Path) -> Outcome<SocketAddr> {
    for _ in 0..200 {
        let text = std::fs::read_to_string(log)?;
        let address = text.split_once("at=http://").and_then(|(_, rest)| rest.split_once('\n'));
        if let Some((address, _)) = address {
            return Ok(address.parse()?);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err("no address in the log".into())
}

#[test]
fn no_lookalike_is_registered_beside_a_name() -> Outcome {
    test_client::assert_lookalikes_are_refused(start(None)?)
}

//! The scenario of the note-keeper, over sockets.

#[path = "../../test_client.rs"]
mod test_client;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use axum_sqlite::{App, serve};
use gatevault::{PasswordHasher, Payload};
use test_client::{Outcome, PASSWORD, SECRET, TestClient};
use tokio::runtime::Runtime;

/// Serves a database until the process ends.
fn start(database: &Path, cost: u32) -> Outcome<SocketAddr> {
    let runtime = Runtime::new()?;
    let hasher = PasswordHasher::builder().cost(cost).build()?;
    let app = runtime.block_on(App::open(database, SECRET, hasher))?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || runtime.block_on(serve(listener, app)));
    Ok(address)
}

fn claims(user_id: i64) -> Payload {
    Payload::new(user_id).with("role", "Member")
}

/// Runs the program on the database of a running server.
fn promote(name: &str, database: &Path) -> Outcome<bool> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_axum-sqlite"));
    let program = program.args(["promote", name]).env("DATABASE", database).env("GATEVAULT_SECRET", SECRET);
    Ok(program.output()?.status.success())
}

#[test]
fn members_keep_notes_and_admins_read_them() -> Outcome {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("notes.db");
    let server = start(&database, 4)?;
    let (mut ada, mut root) = (TestClient::of(server), TestClient::of(server));
    assert_eq!((ada.register("ada")?, ada.register("ada")?, root.register("root")?), (201, 409, 201));
    let short = r#"{"username": "bob", "password": "short"}"#;
    assert_eq!(ada.send_json("POST", "/register", short)?.0, 422);
    assert_eq!((ada.register("")?, ada.register(&"x".repeat(65))?), (422, 422));
    assert!(promote("root", &database)? && !promote("unknown", &database)?);
    assert_eq!(ada.log_in("ada", PASSWORD)?.0, 200);
    assert_eq!(root.log_in("root", PASSWORD)?.0, 200);

    assert_eq!(ada.send_json("POST", "/notes", r#""buy milk""#)?.0, 201);
    assert_eq!(ada.get("/notes")?.2, r#"["buy milk"]"#);
    assert_eq!(root.get("/notes")?.2, "[]");
    assert_eq!(ada.get("/users/1/notes")?.2, r#"["buy milk"]"#);
    assert_eq!(ada.get("/users/2/notes")?.0, 403);
    assert_eq!(root.get("/users/1/notes")?.2, r#"["buy milk"]"#);
    assert_eq!(ada.get("/users")?.0, 403);
    assert_eq!(root.get("/users")?.2, r#"["ada","root"]"#);
    // Denied because of its token, before its truncated body is read.
    assert_eq!(ada.with_token("junk").send_json("POST", "/notes", r#"""#)?.0, 401);
    assert_eq!(ada.send_json("POST", "/notes", r#"""#)?.0, 400);

    test_client::assert_tokens_are_guarded(&ada, "ada", "/notes", &claims(1))?;
    test_client::assert_sessions_rotate_and_end(&mut ada, "/notes")
}

#[test]
fn a_new_password_needs_a_recent_login_and_ends_other_sessions() -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = start(&folder.path().join("notes.db"), 4)?;
    let (mut laptop, mut phone) = (TestClient::of(server), TestClient::of(server));
    laptop.register("ada")?;
    laptop.log_in("ada", PASSWORD)?;
    phone.log_in("ada", PASSWORD)?;

    let mut stale = laptop.with_token(test_client::token_of_old(&claims(1), 6)?);
    let (status, challenge, _) = stale.send_json("PUT", "/password", r#""another password""#)?;
    assert!(status == 401 && challenge.contains("insufficient_user_authentication"), "{challenge}");
    assert_eq!(phone.get("/notes")?.0, 200);

    assert_eq!(laptop.send_json("PUT", "/password", r#""another password""#)?.0, 204);
    assert_eq!((phone.get("/notes")?.0, phone.refresh()?.0), (401, 401));
    assert_eq!((laptop.get("/notes")?.0, laptop.refresh()?.0), (200, 200));
    assert_eq!(phone.log_in("ada", PASSWORD)?.0, 401);
    assert_eq!(phone.log_in("ada", "another password")?.0, 200);
    Ok(())
}

#[test]
fn a_restart_keeps_sessions_and_a_higher_cost_replaces_hashes() -> Outcome {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("notes.db");
    let mut before = TestClient::of(start(&database, 4)?);
    before.register("ada")?;
    before.log_in("ada", PASSWORD)?;

    let after = start(&database, 5)?;
    let mut kept = before.clone();
    kept.server = format!("http://{after}");
    assert_eq!((kept.refresh()?.0, kept.get("/notes")?.0), (200, 200));
    assert_eq!(TestClient::of(after).log_in("ada", PASSWORD)?.0, 200);
    let runtime = Runtime::new()?;
    let file = format!("sqlite:{}", database.display());
    let hash: String = runtime.block_on(async {
        let db = sqlx::SqlitePool::connect(&file).await?;
        sqlx::query_scalar("SELECT password_hash FROM accounts").fetch_one(&db).await
    })?;
    assert!(hash.starts_with("$2b$05$"), "{hash}");
    Ok(())
}

#[test]
fn guessing_is_slowed_down() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut stranger = TestClient::of(start(&folder.path().join("notes.db"), 4)?);
    stranger.register("ada")?;
    let mut statuses = Vec::new();
    for _ in 0..7 {
        statuses.push(stranger.log_in("ada", "a guess")?.0);
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert_eq!(statuses[6], 429);
    Ok(())
}

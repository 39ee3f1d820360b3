//! The scenario of the lists, over sockets.

#[path = "../../test_client.rs"]
mod test_client;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use gatevault::{PasswordHasher, Payload};
use test_client::{Outcome, PASSWORD, SECRET, TestClient};
use tiny_http_example::{App, serve};

/// Serves a database until the process ends.
fn start(database: &Path, cost: u32) -> Outcome<SocketAddr> {
    let app = App::open(database, SECRET, PasswordHasher::builder().cost(cost).build()?)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || serve(listener, &app));
    Ok(address)
}

/// Runs the program on the database of a running server.
fn promote(name: &str, database: &Path) -> Outcome<bool> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_tiny-http-example"));
    let program = program.args(["promote", name]).env("DATABASE", database).env("GATEVAULT_SECRET", SECRET);
    Ok(program.output()?.status.success())
}

#[test]
fn members_keep_lists_and_admins_read_them() -> Outcome {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("todo.db");
    let server = start(&database, 4)?;
    let (mut ada, mut root) = (TestClient::of(server), TestClient::of(server));
    assert_eq!((ada.register("ada")?, ada.register("ada")?, root.register("root")?), (201, 409, 201));
    let short = r#"{"username": "bob", "password": "short"}"#;
    assert_eq!(ada.send_json("POST", "/register", short)?.0, 422);
    assert_eq!((ada.register("")?, ada.register(&"x".repeat(65))?), (422, 422));
    assert!(promote("root", &database)? && !promote("unknown", &database)?);
    assert_eq!(ada.log_in("ada", PASSWORD)?.0, 200);
    assert_eq!(root.log_in("root", PASSWORD)?.0, 200);

    assert_eq!(ada.send_json("POST", "/lists/1", r#""buy milk""#)?.0, 201);
    assert_eq!(ada.get("/lists/1?of=today")?.2, r#"["buy milk"]"#);
    assert_eq!(ada.get("/lists/2")?.0, 403);
    assert_eq!(root.get("/lists/1")?.2, r#"["buy milk"]"#);
    assert_eq!(
        (root.call("DELETE", "/lists/1")?.0, ada.get("/lists/1")?.2.as_str()),
        (403, r#"["buy milk"]"#)
    );
    assert_eq!((ada.call("DELETE", "/lists/1")?.0, ada.get("/lists/1")?.2.as_str()), (204, "[]"));
    assert_eq!(ada.get("/admin/accounts")?.0, 403);
    assert_eq!(root.get("/admin/accounts")?.2, r#"["ada","root"]"#);
    assert_eq!(
        (ada.get("/admin/other")?.0, root.get("/admin/other")?.0, ada.get("/lists/one")?.0),
        (403, 404, 404)
    );
    // Denied because of its token, before its truncated body is read.
    assert_eq!(ada.with_token("junk").send_json("POST", "/lists/1", r#"""#)?.0, 401);
    assert_eq!(ada.send_json("POST", "/lists/1", r#"""#)?.0, 422);
    let long = format!(r#""{}""#, "x".repeat(16 * 1024));
    assert_eq!(ada.send_json("POST", "/lists/1", &long)?.0, 422);

    let claims = Payload::new(1).with("role", "Member");
    test_client::assert_tokens_are_guarded(&ada, "ada", "/lists/1", &claims)?;
    let claims = Payload::new(2).with("role", "Admin");
    test_client::assert_tokens_are_guarded(&root, "root", "/admin/accounts", &claims)?;
    test_client::assert_sessions_rotate_and_end(&mut ada, "/lists/1")
}

#[test]
fn a_restart_keeps_sessions_and_a_higher_cost_replaces_hashes() -> Outcome {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("todo.db");
    let mut ada = TestClient::of(start(&database, 4)?);
    ada.register("ada")?;
    ada.log_in("ada", PASSWORD)?;
    let server = start(&database, 5)?;
    let mut after = ada.clone();
    after.server = format!("http://{server}");
    assert_eq!((after.get("/lists/1")?.0, after.refresh()?.0, after.log_out()?.0), (200, 200, 204));
    assert_eq!(TestClient::of(server).log_in("ada", PASSWORD)?.0, 200);
    let hash: String = rusqlite::Connection::open(&database)?.query_row(
        "SELECT password_hash FROM accounts",
        [],
        |row| row.get(0),
    )?;
    assert!(hash.starts_with("$2b$05$"), "{hash}");
    Ok(())
}

#[test]
fn many_are_served_at_once() -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = start(&folder.path().join("todo.db"), 4)?;
    let visits: Vec<_> = (1..=8)
        .map(|number| {
            std::thread::spawn(move || -> Outcome<u16> {
                let (mut client, name) = (TestClient::of(server), format!("client{number}"));
                assert_eq!(client.register(&name)?, 201);
                assert_eq!(client.log_in(&name, PASSWORD)?.0, 200);
                let own = client.get("/sessions")?;
                assert_eq!(own.2.matches("current").count(), 1, "{own:?}");
                Ok(client.log_out()?.0)
            })
        })
        .collect();
    for visit in visits {
        assert_eq!(visit.join().map_err(|_| "a visit has failed")??, 204);
    }
    Ok(())
}

#[test]
fn no_lookalike_is_registered_beside_a_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    test_client::assert_lookalikes_are_refused(start(&folder.path().join("todo.db"), 4)?)
}

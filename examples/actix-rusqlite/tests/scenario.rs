//! The scenario of the invoices over sockets. There is one test, because a process has one installed gate.

#[path = "../../test_client.rs"]
mod test_client;

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;

use actix_rusqlite::{Service, serve};
use actix_web::rt::System;
use gatevault::error::BoxError;
use gatevault::{PasswordHasher, Payload};
use test_client::{Outcome, PASSWORD, SECRET, TestClient};

/// Serves a database until the process ends.
fn start(database: &Path) -> Outcome<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let (address, database) = (listener.local_addr()?, database.to_owned());
    let hasher = PasswordHasher::builder().cost(5).build()?;
    let (opened, opening) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        System::new().block_on(async {
            let service = Service::open(&database, SECRET, hasher).await?;
            opened.send(())?;
            serve(listener, service).await?;
            Ok::<_, BoxError>(())
        })
    });
    opening.recv()?;
    Ok(address)
}

/// Runs the program on the database of a running server.
fn promote(name: &str, database: &Path) -> Outcome<bool> {
    let mut program = Command::new(env!("CARGO_BIN_EXE_actix-rusqlite"));
    let program = program.args(["promote", name]).env("DATABASE", database).env("GATEVAULT_SECRET", SECRET);
    Ok(program.output()?.status.success())
}

#[test]
fn sellers_write_invoices_and_auditors_add_them_up() -> Outcome {
    let folder = tempfile::tempdir()?;
    let database = folder.path().join("invoices.db");
    let server = start(&database)?;
    let (mut ada, mut bob) = (TestClient::of(server), TestClient::of(server));
    assert_eq!((ada.register("ada")?, ada.register("ada")?, bob.register("bob")?), (201, 409, 201));
    let short = r#"{"username": "eve", "password": "short"}"#;
    assert_eq!(ada.send_json("POST", "/register", short)?.0, 422);
    assert_eq!((ada.register("")?, ada.register(&"x".repeat(65))?), (422, 422));
    assert!(promote("bob", &database)? && !promote("unknown", &database)?);
    // Replaced at the next login, because the server's hasher has a higher cost.
    let cheap = PasswordHasher::builder().cost(4).build()?.hash(PASSWORD)?;
    let db = rusqlite::Connection::open(&database)?;
    db.execute("UPDATE accounts SET password_hash = ?1", [cheap])?;
    assert_eq!(ada.log_in("ada", PASSWORD)?.0, 200);
    let hash: String =
        db.query_row("SELECT password_hash FROM accounts WHERE name = 'ada'", [], |row| row.get(0))?;
    assert!(hash.starts_with("$2b$05$"), "{hash}");
    assert_eq!(bob.log_in("bob", PASSWORD)?.0, 200);

    let invoice = r#"{"customer":"Bob & Sons","cents":1250}"#;
    assert_eq!(ada.send_json("POST", "/invoices", invoice)?.0, 201);
    assert_eq!(ada.get("/me")?.2, "1");
    assert_eq!(ada.get("/accounts/1/invoices")?.2, format!("[{invoice}]"));
    assert_eq!(ada.get("/accounts/2/invoices")?.0, 403);
    assert_eq!(bob.get("/accounts/1/invoices")?.2, format!("[{invoice}]"));
    assert_eq!((ada.get("/audit/total")?.0, bob.get("/audit/total")?.2.as_str()), (403, "1250"));
    // Denied because of its token, before its truncated body is read.
    assert_eq!(ada.with_token("junk").send_json("POST", "/invoices", "{")?.0, 401);
    assert_eq!(ada.send_json("POST", "/invoices", "{")?.0, 400);

    let claims = Payload::new(1).with("role", "Seller");
    for path in ["/me", "/accounts/1/invoices"] {
        test_client::assert_tokens_are_guarded(&ada, "ada", path, &claims)?;
    }
    let auditor = Payload::new(2).with("role", "Auditor");
    test_client::assert_tokens_are_guarded(&bob, "bob", "/audit/total", &auditor)?;
    test_client::assert_sessions_rotate_and_end(&mut ada, "/accounts/1/invoices")?;
    // In the same test, because the service installs the one gate of the process.
    test_client::assert_lookalikes_are_refused(server)
}

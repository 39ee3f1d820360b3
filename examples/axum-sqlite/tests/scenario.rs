//! The scenario of the note-keeper, over sockets.

#[path = "../src/names.rs"]
mod names;
#[path = "../../test_client.rs"]
mod test_client;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use axum_sqlite::{App, serve};
use gatevault::{PasswordHasher, Payload};
use names::NewName;
use test_client::{Outcome, PASSWORD, SECRET, TestClient};
use tokio::runtime::Runtime;
use unicode_security::skeleton;

/// Serves a database until the process ends.
fn start(database: &Path, cost: u32) -> Outcome<SocketAddr> {
    start_behind(None, database, cost)
}

/// Serves a database behind this number of proxies.
fn start_behind(proxies: Option<usize>, database: &Path, cost: u32) -> Outcome<SocketAddr> {
    let runtime = Runtime::new()?;
    let hasher = PasswordHasher::builder().cost(cost).build()?;
    let app = runtime.block_on(App::open(database, SECRET, hasher))?;
    let app = match proxies {
        Some(count) => app.trusted_proxies(count),
        None => app,
    };
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
fn a_script_reads_notes_with_a_key_and_does_nothing_else() -> Outcome {
    let folder = tempfile::tempdir()?;
    let mut ada = TestClient::of(start(&folder.path().join("notes.db"), 4)?);
    ada.register("ada")?;
    ada.log_in("ada", PASSWORD)?;
    ada.send_json("POST", "/notes", r#""buy milk""#)?;
    assert_eq!(ada.send_json("POST", "/keys", r#"" ""#)?.0, 422);
    let (status, _, body) = ada.send_json("POST", "/keys", r#""backup""#)?;
    let created: serde_json::Value = serde_json::from_str(&body)?;
    let [id, key] = ["id", "key"].map(|name| created[name].as_str().unwrap_or_default().to_owned());
    assert!(status == 201 && key.starts_with("notes_"), "{body}");

    let mut script = ada.with_token(&key);
    assert_eq!(script.get("/notes")?.2, r#"["buy milk"]"#);
    assert_eq!(script.send_json("POST", "/notes", r#""buy beer""#)?.0, 403);
    assert_eq!(script.send_json("PUT", "/password", r#""another password""#)?.0, 403);
    assert_eq!((script.send_json("POST", "/keys", r#""more""#)?.0, script.get("/keys")?.0), (403, 403));
    assert_eq!(script.get("/sessions")?.0, 403);

    let (_, _, listed) = ada.get("/keys")?;
    assert!(listed.contains("backup") && !listed.contains(&key), "{listed}");
    assert_eq!(ada.send_json("DELETE", &format!("/keys/{id}"), "")?.0, 204);
    assert_eq!((script.get("/notes")?.0, ada.get("/keys")?.2), (401, "[]".to_owned()));
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
    // Another spelling is another attempt on the same account. At a new address it has three free attempts more than the five.
    for spelling in
        ["ada", "ａda", "aｄa", "adａ", "ａｄa", "ａdａ", "aｄａ", "ａｄａ", "Ａda", "Ａｄａ", "AＤa"]
    {
        statuses.push(stranger.log_in(spelling, "a guess")?.0);
    }
    assert_eq!(statuses[..5], [401; 5]);
    assert!(statuses[5..].contains(&429), "{statuses:?}");
    Ok(())
}

#[test]
fn behind_a_proxy_one_client_does_not_lock_out_another() -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = start_behind(Some(1), &folder.path().join("notes.db"), 4)?;
    let mut ada = TestClient::of(server);
    ada.register("ada")?;
    let mut stranger = TestClient::of(server);
    let mut refused = 0_u32;
    for attempt in 0..40 {
        // The client writes the first address, which changes, and the proxy the second.
        stranger.forwarded_for = format!("192.0.2.{attempt}, 198.51.100.7");
        let (status, ..) = stranger.log_in(&format!("name{attempt}"), "a guess")?;
        refused = refused.saturating_add(u32::from(status == 429));
    }
    assert!(refused > 0, "20 attempts from one address are free, and 40 came through");
    ada.forwarded_for = "203.0.113.9".to_owned();
    assert_eq!(ada.log_in("ada", PASSWORD)?.0, 200);
    Ok(())
}

#[test]
fn without_the_number_of_proxies_one_client_does_not_lock_out_another() -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = start(&folder.path().join("notes.db"), 4)?;
    let (mut ada, mut stranger) = (TestClient::of(server), TestClient::of(server));
    ada.register("ada")?;
    for attempt in 0..40 {
        assert_eq!(stranger.log_in(&format!("name{attempt}"), "a guess")?.0, 401);
    }
    assert_eq!(ada.log_in("ada", PASSWORD)?.0, 200);
    Ok(())
}

#[test]
fn no_lookalike_is_registered_beside_a_name() -> Outcome {
    let folder = tempfile::tempdir()?;
    test_client::assert_lookalikes_are_refused(start(&folder.path().join("notes.db"), 4)?)
}

#[test]
fn a_canonical_spelling_is_its_own_canonical_spelling() {
    for letter in assigned() {
        for name in [String::from(letter), format!("i{letter}\u{345}\u{301}")] {
            let canonical = names::canonical(&name);
            assert_eq!(names::canonical(&canonical), canonical, "{}", name.escape_unicode());
        }
    }
}

#[test]
fn no_character_of_a_name_is_invisible_or_a_blank() {
    // A skeleton leaves out Default_Ignorable_Code_Point (UTS 39, section 4).
    let invisible = |letter: &char| skeleton(letter.encode_utf8(&mut [0; 4])).next().is_none();
    let hidden: Vec<_> = assigned().filter(|c| c.is_control() || c.is_whitespace() || invisible(c)).collect();
    assert!(hidden.len() > 4000, "{}", hidden.len());
    for letter in hidden {
        assert!(NewName::parse(&format!("a{letter}b")).is_err(), "{}", letter.escape_unicode());
    }
}

/// Returns the characters of the planes that have any.
fn assigned() -> impl Iterator<Item = char> {
    ('\0'..='\u{3ffff}').chain('\u{e0000}'..='\u{e0fff}')
}

#[test]
fn lookalikes_have_different_spellings_and_one_skeleton() -> Outcome {
    for (name, lookalike) in [("copy", "сору"), ("modern", "modem"), ("user1", "userl"), ("d'arc", "d’arc")]
    {
        let (name, lookalike) = (NewName::parse(name)?, NewName::parse(lookalike)?);
        assert_ne!(name.canonical, lookalike.canonical);
        assert_eq!(name.skeleton, lookalike.skeleton);
    }
    Ok(())
}

/// The module is repeated, so that a copied folder lacks nothing.
#[test]
fn the_examples_have_the_same_names_module() -> Outcome {
    let examples = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let ours = std::fs::read_to_string(examples.join("axum-sqlite/src/names.rs"))?;
    for example in ["actix-rusqlite", "demo", "quickstart", "rocket", "second-factor", "tiny-http"] {
        let copy = std::fs::read_to_string(examples.join(example).join("src/names.rs"))?;
        assert!(copy == ours, "{example}/src/names.rs differs from axum-sqlite/src/names.rs");
    }
    Ok(())
}

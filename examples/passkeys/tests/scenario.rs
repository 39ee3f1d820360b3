//! Accounts with passkeys, over sockets, with a software authenticator that holds real keys.

mod chromium;
mod device;
#[path = "../src/pending.rs"]
mod pending;
#[path = "../../test_client.rs"]
#[expect(dead_code, reason = "there are no passwords here")]
mod test_client;

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use chromium::Chromium;
use device::{Device, ORIGIN};
use gatevault::{Payload, TokenManager};
use passkeys::{App, serve};
use pending::Pending;
use test_client::{Outcome, SECRET, TestClient};
use tokio::runtime::Runtime;

/// Serves a database until the process ends. Without an origin, pages have that of the server.
fn start(database: &Path, origin: Option<&str>) -> Outcome<SocketAddr> {
    let runtime = Runtime::new()?;
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))?;
    let address = listener.local_addr()?;
    let own = format!("http://localhost:{}", address.port());
    let app = runtime.block_on(App::open(database, SECRET, origin.unwrap_or(&own)))?;
    std::thread::spawn(move || runtime.block_on(serve(listener, app)));
    Ok(address)
}

/// Runs a test against a server of its own.
fn with_server(test: impl FnOnce(SocketAddr) -> Outcome) -> Outcome {
    let folder = tempfile::tempdir()?;
    test(start(&folder.path().join("passkeys.db"), Some(ORIGIN))?)
}

#[test]
fn a_passkey_registers_and_logs_in_and_its_sessions_rotate_and_end() -> Outcome {
    with_server(|server| {
        let mut ada = Device::of(server);
        assert_eq!(ada.register("ada")?, 200);
        assert_eq!(ada.http.get("/name")?.2, r#""ada""#);
        test_client::assert_sessions_rotate_and_end(&mut ada.http, "/name")?;

        let mut again = ada.in_another_browser(server);
        assert_eq!((ada.log_in()?, again.log_in()?), (200, 200));
        let tokens = TokenManager::builder().secret(SECRET).build()?;
        let claims = tokens.decode_access_token::<Payload>(&ada.http.access)?;
        assert_eq!(claims.acr(), Some("phr"));
        assert_eq!(claims.amr().collect::<Vec<_>>(), ["pop", "user", "mfa"]);
        assert_eq!(again.http.get("/sessions")?.2.matches(r#""label":"passkey""#).count(), 2);
        test_client::assert_sessions_rotate_and_end(&mut ada.http, "/name")?;
        assert_eq!(again.http.refresh()?.0, 200);
        assert_eq!(again.http.get("/name")?.2, r#""ada""#);
        Ok(())
    })
}

#[test]
fn a_person_clicks_through_the_page() -> Outcome {
    let folder = tempfile::tempdir()?;
    let server = start(&folder.path().join("passkeys.db"), None)?;
    let mut person = Chromium::open(&format!("http://localhost:{}/", server.port()))?;
    person.click("log-in", "refused: ")?; // there is no passkey yet
    for (button, result) in [
        ("register", "logged in as ada"),
        ("refresh", "logged in as ada"),
        ("log-out", "logged out"),
        ("refresh", "refused: 401"),
        ("log-in", "logged in as ada"),
        ("refresh", "logged in as ada"),
        ("log-out", "logged out"),
    ] {
        person.click(button, result)?;
    }
    Ok(())
}

#[test]
fn two_accounts_may_have_one_name_and_no_route_takes_a_password() -> Outcome {
    with_server(|server| {
        let (mut ada, mut other) = (Device::of(server), Device::of(server));
        assert_eq!((ada.register("ada")?, other.register("ada")?), (200, 200));
        assert_ne!(ada.account()?, other.account()?);
        assert_eq!(TestClient::of(server).log_in("ada", test_client::PASSWORD)?.0, 404);
        for name in ["", "a\u{7}", &"x".repeat(65)] {
            let body = serde_json::json!({ "username": name }).to_string();
            assert_eq!(ada.http.send_json("POST", "/passkeys/register", &body)?.0, 422, "{name:?}");
        }
        Ok(())
    })
}

#[test]
fn an_answer_is_used_once_for_its_own_challenge_and_in_its_own_browser() -> Outcome {
    with_server(|server| {
        let mut ada = Device::of(server);
        let creation = ada.ask("/passkeys/register", r#"{"username": "ada"}"#)?;
        let created = ada.create(&creation, ORIGIN)?;
        assert_eq!(ada.send("/passkeys/login/finish", &created)?, 422); // this was no login
        assert_eq!(ada.send("/passkeys/register/finish", &created)?, 200);
        assert_eq!(ada.send("/passkeys/register/finish", &created)?, 400);

        let challenge = ada.ask("/passkeys/login", "")?;
        let proof = ada.sign(&challenge, ORIGIN)?;
        let mut thief = Device::of(server);
        assert_eq!(thief.send("/passkeys/login/finish", &proof)?, 400);
        thief.ask("/passkeys/login", "")?;
        assert_eq!(thief.send("/passkeys/login/finish", &proof)?, 401);
        assert_eq!(thief.send("/passkeys/login/finish", &proof)?, 400);
        assert_eq!(thief.http.access, "");

        assert_eq!(ada.send("/passkeys/login/finish", &proof)?, 200);
        assert_eq!(ada.send("/passkeys/login/finish", &proof)?, 400);
        ada.ask("/passkeys/login", "")?;
        assert_eq!(ada.send("/passkeys/login/finish", &proof)?, 401);
        // The state of a registration is no state of a login.
        ada.ask("/passkeys/register", r#"{"username": "ada"}"#)?;
        assert_eq!(ada.send("/passkeys/login/finish", &proof)?, 400);
        Ok(())
    })
}

#[test]
fn a_failed_answer_uses_the_challenge_up() -> Outcome {
    with_server(|server| {
        let mut ada = Device::of(server);
        ada.register("ada")?;
        let challenge = ada.ask("/passkeys/login", "")?;
        let phished = ada.sign(&challenge, "http://localhost:9999")?;
        assert_eq!(ada.send("/passkeys/login/finish", &phished)?, 401);
        let proof = ada.sign(&challenge, ORIGIN)?;
        assert_eq!(ada.send("/passkeys/login/finish", &proof)?, 400);
        Ok(())
    })
}

#[test]
fn a_passkey_opens_no_account_but_its_own() -> Outcome {
    with_server(|server| {
        let (mut ada, mut mallory) = (Device::of(server), Device::of(server));
        ada.register("ada")?;
        mallory.register("mallory")?;
        let challenge = ada.ask("/passkeys/login", "")?;
        let of_ada = ada.sign(&challenge, ORIGIN)?;
        for stolen in [&["response", "userHandle"][..], &["rawId"], &["response", "signature"]] {
            let challenge = mallory.ask("/passkeys/login", "")?;
            let mut forged = mallory.sign(&challenge, ORIGIN)?;
            let (mut place, mut genuine) = (&mut forged, &of_ada);
            for name in stolen {
                (place, genuine) = (&mut place[*name], &genuine[*name]);
            }
            genuine.clone_into(place);
            assert_eq!(mallory.send("/passkeys/login/finish", &forged)?, 401, "{stolen:?}");
        }
        // The whole identity of another account, with the signature of the own passkey.
        let challenge = mallory.ask("/passkeys/login", "")?;
        let mut forged = mallory.sign(&challenge, ORIGIN)?;
        for name in ["id", "rawId"] {
            of_ada[name].clone_into(&mut forged[name]);
        }
        of_ada["response"]["userHandle"].clone_into(&mut forged["response"]["userHandle"]);
        assert_eq!(mallory.send("/passkeys/login/finish", &forged)?, 401);
        assert_eq!(mallory.http.get("/name")?.2, r#""mallory""#);
        assert_eq!(ada.send("/passkeys/login/finish", &of_ada)?, 200);
        Ok(())
    })
}

#[test]
fn the_copy_of_an_authenticator_that_counts_is_found_out() -> Outcome {
    with_server(|server| {
        let mut ada = Device::of(server).that_counts();
        assert_eq!(ada.register("ada")?, 200);
        let mut copy = ada.in_another_browser(server);
        assert_eq!((ada.log_in()?, ada.log_in()?, ada.log_in()?), (200, 200, 200));
        assert_eq!(copy.log_in()?, 401);
        Ok(())
    })
}

#[test]
fn a_second_passkey_is_added_after_a_recent_login_only() -> Outcome {
    with_server(|server| {
        let (mut ada, mut phone, mut mallory) = (Device::of(server), Device::of(server), Device::of(server));
        ada.register("ada")?;
        mallory.register("mallory")?;
        let claims = Payload::new(ada.account()?.as_str());
        let old = test_client::token_of_old(&claims, 6)?;
        assert_eq!(ada.http.with_token(old).call("POST", "/passkeys/add")?.0, 401);
        assert_eq!(ada.http.with_token("").call("POST", "/passkeys/add")?.0, 401);

        phone.http = ada.http.clone();
        let creation = phone.ask("/passkeys/add", "")?;
        let created = phone.create(&creation, ORIGIN)?;
        // The ceremony belongs to the account that started it.
        let mut forged = phone.http.with_token(mallory.http.access.as_str());
        assert_eq!(forged.send_json("POST", "/passkeys/add/finish", &created.to_string())?.0, 400);
        assert_eq!(phone.send("/passkeys/add/finish", &created)?, 400); // used up

        let creation = phone.ask("/passkeys/add", "")?;
        let created = phone.create(&creation, ORIGIN)?;
        assert_eq!(phone.send("/passkeys/add/finish", &created)?, 201);
        let mut phone = phone.in_another_browser(server);
        assert_eq!((phone.log_in()?, ada.log_in()?), (200, 200));
        assert_eq!(phone.account()?, ada.account()?);
        Ok(())
    })
}

#[test]
fn pending_logins_expire_are_taken_once_and_are_bounded() -> Outcome {
    let browser = |cookie: &str| -> Outcome<HeaderMap> {
        let (pair, _) = cookie.split_once(';').ok_or("a cookie has attributes")?;
        Ok(HeaderMap::from_iter([(header::COOKIE, format!("other=1; {pair}").parse()?)]))
    };
    let pending = Pending::new(Duration::from_mins(5));
    let oldest = browser(&pending.keep(0)?)?;
    let second = browser(&pending.keep(1)?)?;
    for number in 2..=Pending::<usize>::LIMIT {
        pending.keep(number)?;
    }
    assert_eq!((pending.take(&oldest), pending.take(&second), pending.take(&second)), (None, Some(1), None));
    assert_eq!(pending.take(&HeaderMap::new()), None);

    let expired = Pending::new(Duration::ZERO);
    let late = browser(&expired.keep(0)?)?;
    assert_eq!(expired.take(&late), None);
    Ok(())
}

#[test]
fn the_guide_shows_this_program() {
    let page = include_str!("../../../gatevault/src/guide/passkeys.md");
    let sources = [
        include_str!("../src/accounts.rs"),
        include_str!("../src/ceremonies.rs"),
        include_str!("../src/schema.sql"),
    ]
    .concat();
    for block in page.split("```text\n").skip(1) {
        let code = block.split("```").next().unwrap_or_default().trim_end();
        assert!(sources.contains(code), "not in the program:\n{code}");
    }
}

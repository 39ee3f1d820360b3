//! Addresses, limits of mails, and what responses and logs show.

use std::time::Duration;

use serde_json::json;

use crate::test_browser::{Outcome, PASSWORD};
use crate::{ADDRESS, Fixture, LOG, addresses, follow_magic_link};

#[test]
fn responses_to_requests_for_mails_say_nothing_about_accounts() -> Outcome {
    let fixture = Fixture::start()?;
    fixture.registered()?;
    for path in ["/register", "/reset", "/magic-link"] {
        let ask = |address: &str| fixture.browser().post(path, &json!({"address": address}));
        let (known, unknown) = (ask(ADDRESS)?, ask("stranger@example.com")?);
        assert_eq!(known, unknown);
        assert_eq!(known.status, 202);
        for address in
            ["ada", "a@b", "ada@example.com\r\nBcc: eve@example.com", "\u{212a}@example.com", "a..b@c.de"]
        {
            assert_eq!(ask(address)?.status, 422, "{address}");
        }
    }
    // One worker writes them in order: the first of them was that of the registration above, the last is ours.
    fixture.browser().post("/reset", &json!({"address": " Ada@Example.COM "}))?;
    let (last, mails) = (fixture.mail(6)?, fixture.mails()?);
    assert!(last.starts_with("To: ada@example.com\nSubject: Choose a new password\n"), "{last}");
    assert!(mails[1].starts_with("To: ada@example.com\nSubject: You have an account already\n"), "{mails:?}");
    assert!(mails[2].starts_with("To: stranger@example.com\nSubject: Choose a password\n"), "{mails:?}");
    assert!(mails[3..].iter().all(|mail| mail.starts_with("To: ada@example.com\n")), "{mails:?}");
    Ok(())
}

#[test]
fn mails_are_limited_by_client_and_by_recipient() -> Outcome {
    let fixture = Fixture::start_behind(1)?;
    let ask = |client: &str, address: &str| -> Outcome<u16> {
        let mut browser = fixture.browser();
        // The client has written the first address, and the proxy the second.
        browser.forwarded_for = format!("192.0.2.9, {client}");
        Ok(browser.post("/register", &json!({"address": address}))?.status)
    };
    for number in 0..20 {
        assert_eq!(ask("203.0.113.7", &format!("user{number}@example.com"))?, 202);
    }
    assert_eq!(ask("203.0.113.7", "another@example.com")?, 429);
    assert_eq!(ask("2001:db8::1", "another@example.com")?, 202);
    fixture.mail(21)?;
    // A request that has bypassed the proxy has no address to count by.
    for client in ["", "unknown"] {
        assert_eq!(ask(client, "another@example.com")?, 400, "{client}");
    }

    // The recipient's limit shows in no response.
    for number in 0..9 {
        assert_eq!(ask(&format!("198.51.100.{number}"), ADDRESS)?, 202);
    }
    ask("198.51.100.99", "last@example.com")?;
    while !fixture.mails()?.iter().any(|mail| mail.starts_with("To: last@example.com")) {
        std::thread::sleep(Duration::from_millis(5));
    }
    let to_ada = |mail: &&String| mail.starts_with("To: ada@example.com");
    assert_eq!(fixture.mails()?.iter().filter(to_ada).count(), 5);
    Ok(())
}

#[test]
fn no_link_token_and_no_password_is_logged() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ada = fixture.registered()?;
    let (reset, magic) = (fixture.ask("/reset")?, fixture.ask("/magic-link")?);
    follow_magic_link(&mut ada, &magic)?;
    follow_magic_link(&mut ada, &magic)?;
    fixture.confirm("/reset/confirm", &reset, "a password to look for")?;
    fixture.confirm("/reset/confirm", &reset, "a password to look for")?;
    let log = LOG.get().ok_or("no log")?.lock().map_err(|_| "poisoned")?.clone();
    let log = String::from_utf8(log)?;
    assert!(log.contains("purpose token redeemed") && log.contains("purpose token refused"));
    for secret in [&reset, &magic, &ada.access] {
        let signature = secret.rsplit('.').next().unwrap_or_default();
        assert!(signature.len() > 20 && !log.contains(signature));
    }
    assert!(!log.contains("a password to look for") && !log.contains(PASSWORD));
    Ok(())
}

#[test]
fn an_address_is_ascii_and_its_case_makes_no_difference() {
    for (typed, address) in [
        ("Ada@Example.COM", "ada@example.com"),
        (" ada+lists@mail.example.com ", "ada+lists@mail.example.com"),
        ("o'brien@xn--bcher-kva.example", "o'brien@xn--bcher-kva.example"),
    ] {
        assert_eq!(addresses::parse(typed).as_deref(), Some(address));
        assert_eq!(addresses::canonical(typed), address);
    }
    let long = format!("{}@example.com", "a".repeat(65));
    for typed in [
        "",
        "@",
        "ada",
        "ada@",
        "@example.com",
        "ada@localhost",
        "ada@.com",
        "ada@example..com",
        ".ada@example.com",
        "a@b@example.com",
        "ada @example.com",
        "ada@example.com\nBcc: eve@example.com",
        "ad\u{e0}@example.com",
        "ada@example\u{3002}com",
        "\u{131}ris@example.com",
        "ada@-example.com",
        "ada@example.com.",
        "<ada@example.com>",
        "ada\0@example.com",
        &long,
    ] {
        assert_eq!(addresses::parse(typed), None, "{typed}");
    }
}

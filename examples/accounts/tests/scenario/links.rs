//! Links in mails: each works once, where it belongs.

use serde_json::json;

use crate::test_browser::{Browser, Outcome, PASSWORD, at_the_same_time};
use crate::{ADDRESS, Fixture, follow_magic_link, log_in};

#[test]
fn of_two_registrations_at_the_same_time_one_creates_the_account() -> Outcome {
    let fixture = Fixture::start()?;
    // Two links: each is good, and the address may have one account.
    let links = [fixture.ask("/register")?, fixture.ask("/register")?];
    let (server, passwords) = (fixture.server, |number| format!("password number {number}"));
    let statuses = at_the_same_time(move |number| {
        let token = links.iter().cycle().nth(number).ok_or("a link")?;
        let body = json!({"token": token, "password": passwords(number)});
        Ok(Browser::of(server).post("/register/confirm", &body)?.status)
    })?;
    assert_eq!(statuses, [201, 410, 410, 410, 410, 410, 410, 410]);
    Ok(())
}

#[test]
fn of_two_resets_with_one_link_at_the_same_time_one_wins_and_its_password_is_set() -> Outcome {
    let fixture = Fixture::start()?;
    fixture.registered()?;
    let (server, link) = (fixture.server, fixture.ask("/reset")?);
    let outcomes = at_the_same_time(move |number| {
        let body = json!({"token": link, "password": format!("password number {number}")});
        Ok((Browser::of(server).post("/reset/confirm", &body)?.status, number))
    })?;
    let statuses: Vec<_> = outcomes.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [204, 410, 410, 410, 410, 410, 410, 410]);
    for (status, number) in outcomes {
        // A few guesses are free; the losers' passwords are wrong.
        if status == 204 || number < 3 {
            let login = log_in(&mut fixture.browser(), &format!("password number {number}"), true)?;
            assert_eq!(login.status == 200, status == 204, "{number}");
        }
    }
    Ok(())
}

#[test]
fn of_two_uses_of_a_magic_link_at_the_same_time_one_logs_in() -> Outcome {
    let fixture = Fixture::start()?;
    fixture.registered()?;
    let (server, link) = (fixture.server, fixture.ask("/magic-link")?);
    let statuses = at_the_same_time(move |_| Ok(follow_magic_link(&mut Browser::of(server), &link)?.status))?;
    assert_eq!(statuses, [200, 410, 410, 410, 410, 410, 410, 410]);
    Ok(())
}

#[test]
fn a_reset_ends_every_session_and_every_link_that_was_sent_before() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ada = fixture.registered()?;
    let [first, second] = [fixture.ask("/reset")?, fixture.ask("/reset")?];
    let magic = fixture.ask("/magic-link")?;
    assert_eq!(fixture.confirm("/reset/confirm", &second, "short")?.status, 422);
    assert_eq!(fixture.confirm("/reset/confirm", &second, "another password")?.status, 204);
    assert_eq!((ada.get("/me")?.status, ada.refresh()?), (401, 401));
    for dead in [&first, &second] {
        assert_eq!(fixture.confirm("/reset/confirm", dead, "a third password")?.status, 410);
    }
    assert_eq!(follow_magic_link(&mut fixture.browser(), &magic)?.status, 410);
    assert_eq!(log_in(&mut ada, PASSWORD, true)?.status, 401);
    assert_eq!(log_in(&mut ada, "another password", true)?.status, 200);
    Ok(())
}

#[test]
fn a_change_of_the_password_ends_the_links_that_were_sent_before() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ada = fixture.registered()?;
    let (reset, magic) = (fixture.ask("/reset")?, fixture.ask("/magic-link")?);
    let change = json!({"old": PASSWORD, "new": "another password"});
    assert_eq!(ada.send("PUT", "/password", change.to_string())?.status, 204);
    assert_eq!(fixture.confirm("/reset/confirm", &reset, "a third password")?.status, 410);
    assert_eq!(follow_magic_link(&mut ada, &magic)?.status, 410);
    Ok(())
}

#[test]
fn no_token_serves_where_another_belongs() -> Outcome {
    let fixture = Fixture::start()?;
    let ada = fixture.registered()?;
    let (reset, magic) = (fixture.ask("/reset")?, fixture.ask("/magic-link")?);
    // A link of account 1 with the id of another account, or without one.
    let (_, bare) = reset.split_once('.').ok_or("no id")?;
    let foreign = format!("2.{bare}");
    for token in [&magic, &ada.access, &format!("1.{}", ada.access), bare, &foreign, "", "1.", "x.y.z"] {
        assert_eq!(fixture.confirm("/reset/confirm", token, "another password")?.status, 410, "{token}");
    }
    for token in [&reset, &magic, &ada.access, ""] {
        assert_eq!(fixture.confirm("/register/confirm", token, PASSWORD)?.status, 410, "{token}");
    }
    for token in [&reset, &ada.access, ""] {
        assert_eq!(follow_magic_link(&mut fixture.browser(), token)?.status, 410, "{token}");
    }
    for token in [bare, &reset, &magic] {
        let mut stranger = fixture.browser();
        token.clone_into(&mut stranger.access);
        assert_eq!(stranger.get("/me")?.status, 401);
    }
    // All of them are good where they belong.
    assert_eq!(follow_magic_link(&mut fixture.browser(), &magic)?.status, 200);
    assert_eq!(fixture.confirm("/reset/confirm", &reset, "another password")?.status, 204);
    Ok(())
}

#[test]
fn fetching_a_link_shows_a_page_with_a_button_and_uses_nothing_up() -> Outcome {
    let fixture = Fixture::start()?;
    fixture.registered()?;
    let magic = fixture.ask("/magic-link")?;
    for _ in 0..3 {
        let mut scanner = fixture.browser();
        let page = scanner.get("/link")?; // a fragment is not sent
        assert!(page.status == 200 && page.body.contains("<button>"));
        assert_eq!(
            (page.header("referrer-policy"), page.header("cache-control")),
            ("no-referrer", "no-store")
        );
        assert!(page.header("content-security-policy").contains("frame-ancestors 'none'"));
        assert_eq!(page.header("set-cookie"), "");
        let script = scanner.get("/link.js")?;
        assert!(script.header("content-type").starts_with("text/javascript"));
        assert!(script.body.contains("history.replaceState") && script.body.contains("submit"));
        assert_eq!(scanner.get("/magic-link/confirm")?.status, 405);
    }
    let mut ada = fixture.browser();
    assert_eq!(follow_magic_link(&mut ada, &magic)?.status, 200);
    assert_eq!((ada.get("/me")?.body.as_str(), ada.refresh()?), (ADDRESS, 200));
    Ok(())
}

//! Login in two steps.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Fixture;
use crate::test_browser::{Browser, Outcome, at_the_same_time};

#[test]
fn the_password_alone_begins_no_session() -> Outcome {
    let (fixture, ada) = Fixture::with_factor()?;
    let pending = fixture.pending()?;
    let (_, bare) = pending.split_once('.').ok_or("no id")?;
    for token in [pending.as_str(), bare] {
        let mut stranger = fixture.browser();
        token.clone_into(&mut stranger.access);
        assert_eq!(stranger.get("/me")?.status, 401);
        assert_eq!(stranger.post("/step-up", &json!({"code": fixture.next_code()?}))?.status, 401);
        let cookie = stranger.cookies.insert("__Host-refresh_token".to_owned(), token.to_owned());
        assert_eq!((cookie, stranger.refresh()?), (None, 401));
    }
    // Neither another token nor the password as a form serves in its place.
    let other = format!("2.{bare}");
    for token in [ada.access.as_str(), &format!("1.{}", ada.access), bare, &other, "", "1."] {
        assert_eq!(fixture.enter_code(token, &fixture.next_code()?)?.0, 401, "{token}");
    }
    let mut form = fixture.browser();
    form.content_type = "application/x-www-form-urlencoded".to_owned();
    let reply = form.send("POST", "/login", "username=ada&password=correct+horse+%26+battery".to_owned())?;
    assert_eq!((reply.status, reply.header("set-cookie")), (415, ""));
    assert_eq!(fixture.enter_code(&pending, &fixture.next_code()?)?.0, 200);
    Ok(())
}

/// Two accounts with the same number of attempts: the state of one is that of the other.
#[test]
fn a_pending_login_does_not_serve_another_account() -> Outcome {
    let (fixture, _) = Fixture::with_factor()?;
    let mut eve = fixture.browser();
    let credentials = json!({"username": "eve", "password": "the password of eve"});
    assert_eq!(eve.post("/register", &credentials)?.status, 201);
    assert_eq!(eve.post("/login", &credentials)?.status, 200);
    let secret = eve.post("/second-factor", &Value::Null)?.json("secret");
    let eves = Fixture { secret, clock: fixture.clock.clone(), ..Fixture::start()? };
    let confirmed = eve.post("/second-factor/confirm", &json!({"code": eves.next_code()?}))?;
    assert_eq!(confirmed.status, 200);

    let hers = eve.post("/login", &credentials)?.json("pending_token");
    let (id, token) = hers.split_once('.').ok_or("no id")?;
    assert_eq!(id, "2");
    // With Ada's code the attempt would succeed, if the id beside the token decided.
    assert_eq!(fixture.enter_code(&format!("1.{token}"), &fixture.next_code()?)?.0, 401);
    assert_eq!(fixture.enter_code(&hers, &eves.next_code()?)?.0, 200);
    Ok(())
}

#[test]
fn a_wrong_code_costs_a_new_password_and_ends_the_other_pending_logins() -> Outcome {
    let (fixture, _) = Fixture::with_factor()?;
    let (first, second) = (fixture.pending()?, fixture.pending()?);
    assert_eq!(fixture.enter_code(&first, &fixture.wrong_code()?)?.0, 401);
    for pending in [&first, &second] {
        assert_eq!(fixture.enter_code(pending, &fixture.next_code()?)?.0, 401);
    }
    assert_eq!(fixture.log_in(&fixture.next_code()?)?.0, 200);
    Ok(())
}

#[test]
fn a_pending_login_expires() -> Outcome {
    let (fixture, _) = Fixture::with_factor()?;
    let pending = fixture.pending()?;
    fixture.clock.advance(Duration::from_mins(5));
    assert_eq!(fixture.enter_code(&pending, &fixture.code()?)?.0, 401);
    Ok(())
}

#[test]
fn of_several_uses_of_one_code_at_the_same_time_one_wins() -> Outcome {
    let (fixture, ada) = Fixture::with_factor()?;
    let code = fixture.next_code()?;
    let pending: Vec<_> = (0..8).map(|_| fixture.pending()).collect::<Outcome<_>>()?;
    let (server, used) = (fixture.server, code.clone());
    let statuses = at_the_same_time(move |number| {
        let mut browser = Browser::of(server);
        // Half of them log in, and half step the session up.
        if number % 2 == 0 {
            let pending = pending.get(number).ok_or("pending")?;
            return Ok(browser.post("/login/code", &json!({"pending_token": pending, "code": used}))?.status);
        }
        browser.access.clone_from(&ada.access);
        Ok(browser.post("/step-up", &json!({"code": used}))?.status)
    })?;
    assert_eq!(statuses, [200, 401, 401, 401, 401, 401, 401, 401]);
    // If the one that won was among the first, the others are wrong codes after it, and the account has to wait.
    fixture.clock.advance(Duration::from_mins(10));
    assert_eq!(fixture.log_in(&code)?.0, 401);
    fixture.clock.advance(Duration::from_mins(10));
    assert_eq!(fixture.log_in(&fixture.next_code()?)?.0, 200);
    Ok(())
}

#[test]
fn of_several_guesses_with_one_pending_login_one_is_an_attempt() -> Outcome {
    let (fixture, _) = Fixture::with_factor()?;
    let (server, pending) = (fixture.server, fixture.pending()?);
    let (wrong, right, before) = (fixture.wrong_code()?, fixture.next_code()?, fixture.attempts()?);
    let statuses = at_the_same_time(move |number| {
        let code = if number == 0 { &right } else { &wrong };
        let body = json!({"pending_token": pending, "code": code});
        Ok(Browser::of(server).post("/login/code", &body)?.status)
    })?;
    // The right one succeeds only if it was first.
    assert!(statuses[0] == 401 || statuses[0] == 200, "{statuses:?}");
    assert_eq!(statuses[1..], [401; 7]);
    assert_eq!(fixture.attempts()?, before.saturating_add(1));
    assert_eq!(fixture.log_in(&fixture.next_code()?)?.0, 200);
    Ok(())
}

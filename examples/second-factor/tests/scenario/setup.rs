//! Setting the second factor up, and step-up.

use std::time::Duration;

use gatevault::{Payload, TokenManager};
use serde_json::{Value, json};

use crate::test_browser::{Browser, Outcome, PASSWORD, SECRET, at_the_same_time};
use crate::{Fixture, transfer};

#[test]
fn a_user_sets_a_second_factor_up_and_logs_in_with_it() -> Outcome {
    let mut fixture = Fixture::start()?;
    let (mut ada, mut phone) = (fixture.browser(), fixture.browser());
    assert_eq!(Fixture::enter_password(&mut ada)?.status, 200);
    assert_eq!(Fixture::enter_password(&mut phone)?.status, 200);
    let denied = ada.post("/transfer", &Value::Null)?;
    assert!(
        denied.status == 401
            && denied.header("www-authenticate").contains("insufficient_user_authentication")
    );

    let shown = ada.post("/second-factor", &Value::Null)?;
    fixture.secret = shown.json("secret");
    assert_eq!(fixture.secret.len(), 32); // 160 bits
    assert!(shown.json("url").starts_with("otpauth://totp/Second%20factor:ada?secret="), "{}", shown.body);
    // It is not active before it is confirmed.
    assert_eq!(Fixture::enter_password(&mut fixture.browser())?.status, 200);
    let wrong = fixture.wrong_code()?;
    assert_eq!(ada.post("/second-factor/confirm", &json!({"code": wrong}))?.status, 401);
    let code = fixture.next_code()?;
    assert_eq!(ada.post("/second-factor/confirm", &json!({"code": code}))?.status, 200);
    assert_eq!(fixture.methods(&ada)?, ["pwd", "otp", "mfa"]);
    assert_eq!((transfer(&mut ada)?, ada.refresh()?, transfer(&mut ada)?), (200, 200, 200));
    // The other session began with the password alone.
    assert_eq!((phone.get("/me")?.status, phone.refresh()?), (401, 401));

    assert_eq!(fixture.log_in(&code)?.0, 401, "the first code is used up");
    let (status, mut ada) = fixture.log_in(&fixture.next_code()?)?;
    assert_eq!((status, transfer(&mut ada)?), (200, 200));
    assert_eq!(ada.get("/me")?.body, "ada");
    Ok(())
}

#[test]
fn a_step_up_opens_a_guard_in_the_same_session() -> Outcome {
    let (fixture, mut ada) = Fixture::with_factor()?;
    let session = |browser: &mut Browser| -> Outcome<String> {
        let listed: Value = serde_json::from_str(&browser.get("/sessions")?.body)?;
        let sessions = listed["sessions"].as_array().ok_or("no sessions")?;
        assert_eq!(sessions.len(), 1, "{sessions:?}");
        Ok(sessions[0]["id"].to_string())
    };
    let before = session(&mut ada)?;
    assert_eq!(transfer(&mut ada)?, 200);
    fixture.clock.advance(Duration::from_mins(6));
    assert_eq!((transfer(&mut ada)?, ada.refresh()?, transfer(&mut ada)?), (401, 200, 401));
    assert_eq!(ada.post("/step-up", &json!({"code": fixture.wrong_code()?}))?.status, 401);
    assert_eq!(transfer(&mut ada)?, 401);
    let stale = ada.clone();
    assert_eq!(ada.post("/step-up", &json!({"code": fixture.next_code()?}))?.status, 200);
    assert_eq!((transfer(&mut ada)?, ada.refresh()?, transfer(&mut ada)?), (200, 200, 200));
    assert_eq!(session(&mut ada)?, before);
    // A token from before says what it said.
    assert_eq!(transfer(&mut stale.clone())?, 401);

    // No step up after the logout, and the code is not lost for it.
    let mut thief = ada.clone();
    assert_eq!(ada.send("POST", "/logout", String::new())?.status, 204);
    assert_eq!(thief.post("/step-up", &json!({"code": fixture.next_code()?}))?.status, 401);
    assert_eq!(fixture.log_in(&fixture.code()?)?.0, 200);
    Ok(())
}

#[test]
fn setting_up_needs_a_recent_login_and_the_factor_that_is_there() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ada = fixture.browser();
    Fixture::enter_password(&mut ada)?;
    assert_eq!(ada.post("/second-factor", &Value::Null)?.status, 200);
    fixture.clock.advance(Duration::from_mins(6));
    assert_eq!(ada.refresh()?, 200);
    assert_eq!(ada.post("/second-factor", &Value::Null)?.status, 401);
    assert_eq!(ada.post("/second-factor/confirm", &json!({"code": "000000"}))?.status, 401);
    assert_eq!(fixture.browser().post("/second-factor", &Value::Null)?.status, 401);

    // A recent token of another login, which has shown no second factor.
    let (fixture, mut ada) = Fixture::with_factor()?;
    let tokens = TokenManager::builder().secret(SECRET).clock(fixture.clock.clone()).build()?;
    let mut other = fixture.browser();
    other.access = tokens.create_access_token(&Payload::new(1))?;
    assert_eq!(other.post("/second-factor", &Value::Null)?.status, 403);
    let secret = ada.post("/second-factor", &Value::Null)?.json("secret");
    let new = Fixture { secret, ..fixture };
    let confirmation = json!({"code": new.next_code()?});
    assert_eq!(other.post("/second-factor/confirm", &confirmation)?.status, 403);
    assert_eq!(ada.post("/second-factor/confirm", &confirmation)?.status, 200);
    Ok(())
}

#[test]
fn of_two_confirmations_at_the_same_time_one_wins() -> Outcome {
    let mut fixture = Fixture::start()?;
    let mut ada = fixture.browser();
    Fixture::enter_password(&mut ada)?;
    fixture.secret = ada.post("/second-factor", &Value::Null)?.json("secret");
    let (server, code, access) = (fixture.server, fixture.next_code()?, ada.access);
    let statuses = at_the_same_time(move |_| {
        let mut browser = Browser::of(server);
        browser.access.clone_from(&access);
        Ok(browser.post("/second-factor/confirm", &json!({"code": code}))?.status)
    })?;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");
    Ok(())
}

/// A login that has verified the password begins its session while the second factor is turned on.
#[test]
fn no_session_of_the_password_alone_outlives_the_setup() -> Outcome {
    for _ in 0..8 {
        let mut fixture = Fixture::start()?;
        let mut ada = fixture.browser();
        Fixture::enter_password(&mut ada)?;
        fixture.secret = ada.post("/second-factor", &Value::Null)?.json("secret");
        let (server, code, access) = (fixture.server, fixture.next_code()?, ada.access);
        let survivors = at_the_same_time(move |number| {
            let mut browser = Browser::of(server);
            if number == 0 {
                browser.access.clone_from(&access);
                return Ok((
                    browser.post("/second-factor/confirm", &json!({"code": code}))?.status,
                    String::new(),
                ));
            }
            browser.post("/login", &json!({"username": "ada", "password": PASSWORD}))?;
            Ok((0, browser.access))
        })?;
        assert!(survivors.iter().any(|(status, _)| *status == 200));
        for (_, access) in survivors.into_iter().filter(|(_, access)| !access.is_empty()) {
            let mut browser = fixture.browser();
            browser.access = access;
            assert_eq!(browser.get("/me")?.status, 401);
        }
    }
    Ok(())
}

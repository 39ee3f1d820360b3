//! Recovery codes.

use std::time::Duration;

use serde_json::{Value, json};

use crate::test_browser::{Browser, Outcome, at_the_same_time};
use crate::{Fixture, transfer};

#[test]
fn wrong_codes_make_the_account_wait_and_a_recovery_code_does_not() -> Outcome {
    let (fixture, mut ada) = Fixture::with_factor()?;
    let codes: Vec<String> =
        serde_json::from_str(&ada.post("/second-factor/recovery-codes", &Value::Null)?.body)?;
    let wrong = fixture.wrong_code()?;
    for _ in 0..5 {
        assert_eq!(fixture.log_in(&wrong)?.0, 401);
    }
    let mut browser = fixture.browser();
    let body = |pending: &str, code: &str| json!({"pending_token": pending, "code": code});
    let reply = browser.post("/login/code", &body(&fixture.pending()?, &fixture.code()?))?;
    assert_eq!((reply.status, reply.header("retry-after")), (429, "60"));
    // Steps up are the same attempts.
    assert_eq!(ada.post("/step-up", &json!({"code": fixture.code()?}))?.status, 429);
    fixture.clock.advance(Duration::from_mins(1));
    assert_eq!(fixture.log_in(&wrong)?.0, 401);
    fixture.clock.advance(Duration::from_mins(1));
    assert_eq!(fixture.log_in(&fixture.code()?)?.0, 429, "the pause has doubled");
    assert_eq!(fixture.log_in(&codes[0])?.0, 200);
    assert_eq!(fixture.log_in(&fixture.next_code()?)?.0, 200, "the right code has reset the count");
    Ok(())
}

#[test]
fn a_recovery_code_is_shown_once_used_once_and_is_no_code_of_the_app() -> Outcome {
    let (fixture, mut ada) = Fixture::with_factor()?;
    let shown = ada.post("/second-factor/recovery-codes", &Value::Null)?;
    let codes: Vec<String> = serde_json::from_str(&shown.body)?;
    assert!(codes.len() == 10 && codes.iter().all(|code| code.len() == 24), "{codes:?}");

    let (status, mut browser) = fixture.log_in(&codes[0].to_uppercase().replace('-', " "))?;
    assert_eq!((status, fixture.methods(&browser)?), (200, vec!["pwd".to_owned(), "mfa".to_owned()]));
    assert_eq!(browser.get("/me")?.status, 200);
    assert_eq!(transfer(&mut browser)?, 401, "the transfer needs a code of the app");
    assert_eq!(browser.post("/second-factor/recovery-codes", &Value::Null)?.status, 401);
    assert_eq!(fixture.log_in(&codes[0])?.0, 401);

    // Two uses at the same time.
    let (server, code) = (fixture.server, codes[1].clone());
    let access = browser.access.clone();
    let statuses = at_the_same_time(move |_| {
        let mut browser = Browser::of(server);
        browser.access.clone_from(&access);
        Ok(browser.post("/step-up", &json!({"code": code}))?.status)
    })?;
    assert_eq!(statuses.iter().filter(|status| **status == 200).count(), 1, "{statuses:?}");

    // New codes replace the old ones. A user who has lost the app sets up another.
    assert_eq!(ada.post("/second-factor/recovery-codes", &Value::Null)?.status, 200);
    assert_eq!(fixture.log_in(&codes[2])?.0, 401);
    Ok(())
}

#[test]
fn a_user_who_has_lost_the_app_sets_up_another_with_a_recovery_code() -> Outcome {
    let (fixture, mut ada) = Fixture::with_factor()?;
    let codes: Vec<String> =
        serde_json::from_str(&ada.post("/second-factor/recovery-codes", &Value::Null)?.body)?;
    let (_, mut browser) = fixture.log_in(&codes[0])?;
    let secret = browser.post("/second-factor", &Value::Null)?.json("secret");
    let old = fixture.next_code()?;
    let new = Fixture { secret, ..fixture };
    assert_eq!(browser.post("/second-factor/confirm", &json!({"code": old}))?.status, 401);
    assert_eq!(browser.post("/second-factor/confirm", &json!({"code": new.next_code()?}))?.status, 200);
    assert_eq!((ada.get("/me")?.status, transfer(&mut browser)?), (401, 200));
    assert_eq!(new.log_in(&new.next_code()?)?.0, 200);
    Ok(())
}

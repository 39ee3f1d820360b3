//! Login with a password, its change, and remembered sessions.

use serde_json::json;
use tokio::runtime::Runtime;

use crate::test_browser::{Outcome, PASSWORD, Reply};
use crate::{ADDRESS, Fixture, log_in};

#[test]
fn a_user_registers_logs_in_and_changes_the_password() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ada = fixture.browser();
    let register = fixture.ask("/register")?;
    // There is no account before the address was verified.
    assert_eq!(log_in(&mut ada, PASSWORD, true)?.status, 401);
    assert_eq!(fixture.confirm("/register/confirm", &register, "short")?.status, 422);
    assert_eq!(fixture.confirm("/register/confirm", &register, PASSWORD)?.status, 201);
    assert_eq!(fixture.confirm("/register/confirm", &register, "another password")?.status, 410);
    assert_eq!(log_in(&mut ada, PASSWORD, true)?.status, 200);
    assert_eq!(ada.get("/me")?.body, ADDRESS);

    let mut phone = fixture.browser();
    log_in(&mut phone, PASSWORD, true)?;
    let change = |old: &str| json!({"old": old, "new": "another password"}).to_string();
    assert_eq!(fixture.browser().send("PUT", "/password", change(PASSWORD))?.status, 401);
    assert_eq!(ada.send("PUT", "/password", change("a guess"))?.status, 401);
    assert_eq!(phone.get("/me")?.status, 200);
    assert_eq!(ada.send("PUT", "/password", change(PASSWORD))?.status, 204);
    assert_eq!((phone.get("/me")?.status, phone.refresh()?), (401, 401));
    assert_eq!((ada.get("/me")?.status, ada.refresh()?), (200, 200));
    assert_eq!(log_in(&mut phone, PASSWORD, true)?.status, 401);
    assert_eq!(log_in(&mut phone, "another password", true)?.status, 200);
    Ok(())
}

#[test]
fn a_session_that_is_not_remembered_ends_with_the_browser_and_soon() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ada = fixture.registered()?;
    let seconds = |reply: &Reply| {
        let cookies: Vec<_> = reply.headers.iter().filter(|(name, _)| name == "set-cookie").collect();
        assert_eq!(cookies.len(), 2);
        let [(_, first), (_, second)] = cookies[..] else { return None };
        let age = |cookie: &str| cookie.split("Max-Age=").nth(1)?.split(';').next()?.parse::<u64>().ok();
        assert_eq!(age(first), age(second));
        age(first)
    };
    let month = 30 * 24 * 3600;
    assert_eq!(seconds(&log_in(&mut ada, PASSWORD, true)?), Some(month));
    assert_eq!(seconds(&ada.send("POST", "/refresh", String::new())?), Some(month));
    assert_eq!(seconds(&log_in(&mut ada, PASSWORD, false)?), None);
    assert_eq!(seconds(&ada.send("POST", "/refresh", String::new())?), None);
    // The refresh token of the second session expires in half an hour.
    let file = format!("sqlite:{}", fixture.folder.path().join("accounts.db").display());
    let lifetimes: Vec<i64> = Runtime::new()?.block_on(async {
        let db = sqlx::SqlitePool::connect(&file).await?;
        let query = "SELECT refresh_lifetime FROM gatevault_sessions WHERE refresh_lifetime IS NOT NULL";
        sqlx::query_scalar(query).fetch_all(&db).await
    })?;
    assert_eq!(lifetimes, [1800]);
    Ok(())
}

#[test]
fn guessing_the_old_password_is_slowed_down_as_a_login_is() -> Outcome {
    let fixture = Fixture::start()?;
    let mut ada = fixture.registered()?;
    let mut statuses = Vec::new();
    for number in 0..20 {
        let guess = json!({"old": format!("guess {number}"), "new": "another password"});
        statuses.push(ada.send("PUT", "/password", guess.to_string())?.status);
    }
    assert!(statuses[..3] == [401; 3] && statuses.contains(&429), "{statuses:?}");
    Ok(())
}

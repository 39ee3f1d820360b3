//! What the page shows beside guarded functions, on a desktop and on a phone.

use serde_json::json;

use crate::person::{PASSWORD, Person};

#[tokio::test]
async fn a_throttled_login_counts_down_and_works_again() {
    for (name, person) in [("tom", Person::with_a_desktop().await), ("tim", Person::with_a_phone().await)] {
        person.registers(name, false).await;
        person.clicks("#log-out").await;
        person.sees("#door", "Continue as ada").await;
        person.types("#log-in [name=username]", name).await;
        let left = "const left = Number(document.querySelector('#log-in .left')?.textContent.match(/\\d+/)?.[0] ?? 0)";
        // Each pause is twice as long as the one before: one of four seconds is long enough to see it count down.
        while person.evaluates(&format!("{left}; return left")).await.as_u64().unwrap_or_default() < 4 {
            person.wait_for("an end of the pause", ENABLED).await;
            person.types("#log-in [name=password]", "wrong").await;
            person.clicks("#log-in button").await;
            // The answer to an attempt empties the field.
            person
                .wait_for(
                    "an answer",
                    "return document.querySelector('#log-in [type=password]').value === ''",
                )
                .await;
        }
        assert_eq!(person.evaluates(ENABLED).await, false);
        person.takes_a_picture("#door", "6-throttled").await;
        person.wait_for("a shorter pause", &format!("{left}; return left > 0 && left < 4")).await;
        let logged = "return [...document.querySelectorAll('#log summary')]\
                      .some(({ textContent }) => /^throttled 429POST .auth.login.*wait \\d+ s$/.test(textContent))";
        person.wait_for("the verdict in the log", logged).await;
        person.sees("#log-in .pause", "You can try again now.").await;
        assert_eq!(person.evaluates(ENABLED).await, true);
        person.types("#log-in [name=password]", PASSWORD).await;
        person.clicks("#log-in button").await;
        person.sees("#who", name).await;
        person.leaves().await;
    }
}

const ENABLED: &str = "return !document.querySelector('#log-in button').disabled";

#[tokio::test]
async fn guessed_passwords_are_denied_and_then_throttled() {
    let max = Person::with_a_phone().await;
    max.clicks("#guess").await;
    max.sees("#guesses", "throttled 429").await;
    max.sees("#guessing .pause", "Try again in").await;
    let verdicts = "return [...document.querySelectorAll('#guesses .chip')].map((chip) => chip.textContent)";
    let verdicts = max.evaluates(verdicts).await;
    let verdicts: Vec<_> =
        verdicts.as_array().into_iter().flatten().filter_map(|text| text.as_str()).collect();
    // On a busy machine the first pause may end before the next guess.
    let (last, denied) = verdicts.split_last().unwrap();
    assert_eq!(*last, "throttled 429");
    assert!(denied.len() >= 5 && denied.iter().all(|verdict| *verdict == "denied 401"), "{verdicts:?}");
    max.takes_a_picture("#guessing", "7-guessing").await;
    max.sees("#guessing .pause", "You can try again now.").await;
    max.leaves().await;
}

#[tokio::test]
async fn a_session_that_is_ended_here_is_logged_out_on_the_other_device() {
    for (name, person) in [("deb", Person::with_a_desktop().await), ("dan", Person::with_a_phone().await)] {
        person.registers(name, false).await;
        log_in_on_the_phone(&person, name).await;
        person.takes_a_picture("#devices", "8-devices").await;
        person.clicks("#session-list [aria-label='End Phone']").await;
        person.sees("#device-state", "Logged out: the session has ended.").await;
        person.sees("#device-result", "denied 401").await;
        person
            .wait_for("one session", "return document.querySelectorAll('#session-list li').length === 1")
            .await;
        person.takes_a_picture("#devices", "9-device-ended").await;

        log_in_on_the_phone(&person, name).await;
        person.clicks("#end-others").await;
        person.sees("#device-state", "Logged out: the session has ended.").await;
        assert!(person.calls("profile").await.contains("opened"));
        person.leaves().await;
    }
}

async fn log_in_on_the_phone(person: &Person, name: &str) {
    person.types("#device-log-in [type=password]", PASSWORD).await;
    person.clicks("#device-log-in button").await;
    person.sees("#device-state", &format!("Logged in as {name}.")).await;
    person.sees("#session-list", "Phone").await;
    person.clicks("#device-call").await;
    person.sees("#device-result", &format!("You are {name}")).await;
}

#[tokio::test]
async fn an_api_key_opens_what_its_scope_allows_until_it_is_revoked() {
    for (name, person) in [("kai", Person::with_a_desktop().await), ("kit", Person::with_a_phone().await)] {
        person.registers(name, true).await;
        assert!(person.calls("export").await.contains("opened"));
        person.clicks("#new-key button").await;
        person.sees("#key-list code", "demo_").await;
        press_in_the_first_key(&person, "Call report").await;
        person.sees("#key-list .result", &format!("opened The report of team north, for {name}.")).await;
        person.sees("#key-list .result", "the API key was exchanged for a token").await;
        // The user may export, and the key may not.
        press_in_the_first_key(&person, "Call export").await;
        person.sees("#key-list .result", "denied 403").await;
        person.takes_a_picture("#keys", "10-key").await;
        press_in_the_first_key(&person, "Revoke").await;
        person.sees("#key-list .badge", "revoked").await;
        press_in_the_first_key(&person, "Call report").await;
        person.sees("#key-list .result", "denied 401").await;
        person.takes_a_picture("#keys", "11-key-revoked").await;
        person.leaves().await;
    }
}

async fn press_in_the_first_key(person: &Person, label: &str) {
    let press = format!(
        "[...document.querySelectorAll('#key-list li:first-child button')]\
         .find((button) => button.textContent === '{label}').click()"
    );
    person.evaluates(&press).await;
}

#[tokio::test]
async fn a_passkey_logs_in_and_opens_what_a_password_does_not() {
    for (name, person) in [("pia", Person::with_a_desktop().await), ("pim", Person::with_a_phone().await)] {
        person.has_an_authenticator().await;
        person.clicks("#passkey-login").await;
        person.sees("#notice", "The browser used no passkey").await;
        person.registers(name, false).await;
        person.clicks("#call-approve").await;
        person.sees("#passkey-result", "denied 401").await;
        person.clicks("#add-passkey").await;
        person.sees("#passkey-outcome", "The account has a passkey.").await;
        person.takes_a_picture("#passkey", "12-passkey-added").await;
        person.clicks("#switch-to-passkey").await;
        person.sees("#passkey-outcome", "You logged in with the passkey.").await;
        person.sees("#claims", "phr").await;
        person.sees("#session-list", "Passkey login").await;
        person.clicks("#call-approve").await;
        person.sees("#passkey-result", &format!("opened Approved by {name}, with a passkey.")).await;
        person.takes_a_picture("#passkey", "13-passkey").await;

        // Without a name, from the first step.
        person.clicks("#log-out").await;
        person.sees("#door", "Log in with a passkey").await;
        person.clicks("#passkey-login").await;
        person.sees("#who", name).await;
        assert!(person.calls("approve").await.contains("opened"));
        assert!(person.reads("#who").await.starts_with(name));
        person.leaves().await;
    }
}

#[tokio::test]
async fn a_passkey_answer_is_used_once_and_an_altered_one_never() {
    let pat = Person::with_a_desktop().await;
    pat.has_an_authenticator().await;
    pat.registers("pat", false).await;
    pat.clicks("#add-passkey").await;
    pat.sees("#passkey-outcome", "The account has a passkey.").await;
    for (change, statuses) in [
        ("", [200, 400]),
        ("answer.response.signature = answer.response.signature.replace(/^..../, 'AAAA')", [401, 400]),
        ("answer.response.userHandle = 'AAAA'", [401, 400]),
        ("answer.rawId = 'AAAA'", [401, 400]),
        // Altered data, of which the signature is that of the original.
        (
            "answer.response.authenticatorData = answer.response.authenticatorData.replace(/.$/, '')",
            [401, 400],
        ),
    ] {
        assert_eq!(pat.evaluates(&ANSWER.replace("CHANGE", change)).await, json!(statuses), "{change}");
    }
    pat.leaves().await;
}

/// Logs in with a passkey, and sends the answer twice.
const ANSWER: &str = "return (async () => {
  const options = await (await fetch('/passkeys/login', { method: 'POST' })).json();
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const answer = (await navigator.credentials.get({ publicKey })).toJSON();
  CHANGE;
  const headers = { 'Content-Type': 'application/json' };
  const finish = async () =>
    (await fetch('/passkeys/login/finish', { method: 'POST', headers, body: JSON.stringify(answer) })).status;
  return [await finish(), await finish()];
})()";

#[tokio::test]
async fn the_running_program_lists_its_guards_and_shows_their_source() {
    for person in [Person::with_a_desktop().await, Person::with_a_phone().await] {
        person.sees("#guards", "close_account").await;
        person.sees("#guards", r#"access token, max_age = "30s""#).await;
        person.sees("#guards", "public, logins have no token").await;
        person.takes_a_picture("#inventory", "14-inventory").await;
        // The code of a card is that of the program.
        let code = person.reads("#card-approve code").await;
        let begin = "#[protected(acr = \"phr\")]\npub fn approve(payload: User) -> Answer {\n    Ok(format!(";
        assert!(code.starts_with(begin) && code.ends_with('}'), "{code}");
        person.clicks("#card-approve .source").await;
        person.wait_for("the line", "return document.querySelector(':target') !== null").await;
        assert!(person.reads(":target").await.contains("pub fn approve"));
        person.takes_a_picture("body", "15-source").await;
        person.leaves().await;
    }
}

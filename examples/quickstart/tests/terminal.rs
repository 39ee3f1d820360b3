//! Runs the program as a user does.

use std::io::Result;
use std::process::{Command, Output};

use gatevault::{Payload, TokenManager};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

fn quickstart(arguments: &[&str]) -> Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_quickstart")).args(arguments).output()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_scenario_opens_what_must_open_and_refuses_the_rest() -> Result<()> {
    let output = quickstart(&[])?;
    assert!(output.status.success(), "{output:?}");
    let scenario = text(&output);
    assert_eq!(scenario.matches("opened: ").count(), 5, "{scenario}");
    assert_eq!(scenario.matches("is not registered: ").count(), 4, "{scenario}");
    assert_eq!(scenario.matches("refused with 401").count(), 11, "{scenario}");
    assert_eq!(scenario.matches("refused with 403").count(), 2, "{scenario}");
    assert!(!scenario.contains("correct horse") && !scenario.contains("$2b$") && !scenario.contains("eyJ"));
    Ok(())
}

#[test]
fn any_token_is_described_in_full() -> Result<()> {
    let tokens = TokenManager::new(SECRET).expect("a sound secret");
    let claims = Payload::new("ada").with("role", "admin").with("note", "\u{1b}[2J");
    let token = tokens.create_refresh_token(&claims).expect("sound claims");
    let output = quickstart(&["--secret", SECRET, "--token", &token])?;
    assert!(output.status.success());
    let shown = text(&output);
    for row in ["genuine and current", "refresh", "ada", "HS256", "from now", "\"admin\""] {
        assert!(shown.contains(row), "{row}: {shown}");
    }
    assert!(!shown.contains('\u{1b}'));
    Ok(())
}

#[test]
fn a_token_that_is_refused_is_a_failure_with_its_reason() -> Result<()> {
    let tokens = TokenManager::new(SECRET).expect("a sound secret");
    let token = tokens.create_access_token(&Payload::new(1)).expect("sound claims");
    let output = quickstart(&["--token", &token, "--secret", "another secret"])?;
    assert_eq!(output.status.code(), Some(1));
    let shown = text(&output);
    assert!(shown.contains("the signature does not match") && shown.contains("not verified"), "{shown}");
    assert!(!shown.contains("another secret"));
    Ok(())
}

#[test]
fn wrong_arguments_print_the_usage() -> Result<()> {
    let output = quickstart(&["--token"])?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("usage: "));
    Ok(())
}

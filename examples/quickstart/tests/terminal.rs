//! The program as a person runs it.

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
fn the_story_opens_what_must_open_and_refuses_the_rest() -> Result<()> {
    let output = quickstart(&[])?;
    assert!(output.status.success(), "{output:?}");
    let story = text(&output);
    assert_eq!(story.matches("opened: ").count(), 5, "{story}");
    assert_eq!(story.matches("refused with 401").count(), 11, "{story}");
    assert_eq!(story.matches("refused with 403").count(), 2, "{story}");
    assert!(!story.contains("correct horse") && !story.contains("$2b$") && !story.contains("eyJ"));
    Ok(())
}

#[test]
fn a_token_made_elsewhere_is_told_in_full() -> Result<()> {
    let tokens = TokenManager::new(SECRET).expect("a sound secret");
    let claims = Payload::new("ada").with("role", "admin").with("note", "\u{1b}[2J");
    let token = tokens.create_refresh_token(&claims).expect("sound claims");
    let output = quickstart(&["--secret", SECRET, "--token", &token])?;
    assert!(output.status.success());
    let told = text(&output);
    for row in ["genuine and current", "refresh", "ada", "HS256", "from now", "\"admin\""] {
        assert!(told.contains(row), "{row}: {told}");
    }
    assert!(!told.contains('\u{1b}'));
    Ok(())
}

#[test]
fn a_token_that_is_refused_is_a_failure_with_its_reason() -> Result<()> {
    let tokens = TokenManager::new(SECRET).expect("a sound secret");
    let token = tokens.create_access_token(&Payload::new(1)).expect("sound claims");
    let output = quickstart(&["--token", &token, "--secret", "another secret"])?;
    assert_eq!(output.status.code(), Some(1));
    let told = text(&output);
    assert!(told.contains("the signature does not match") && told.contains("not to be trusted"), "{told}");
    assert!(!told.contains("another secret"));
    Ok(())
}

#[test]
fn a_wrong_call_is_told_how_to_call() -> Result<()> {
    let output = quickstart(&["--token"])?;
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("usage: "));
    Ok(())
}

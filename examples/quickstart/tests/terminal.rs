//! Runs the program as a user does.

use std::io::Result;
use std::process::{Command, Output};

fn quickstart() -> Result<Output> {
    Command::new(env!("CARGO_BIN_EXE_quickstart")).output()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn the_scenario_opens_what_must_open_and_refuses_the_rest() -> Result<()> {
    let output = quickstart()?;
    assert!(output.status.success(), "{output:?}");
    let scenario = text(&output);
    assert_eq!(scenario.matches("opened: ").count(), 5, "{scenario}");
    assert_eq!(scenario.matches("is not registered: ").count(), 4, "{scenario}");
    assert_eq!(scenario.matches("refused with 401").count(), 11, "{scenario}");
    assert_eq!(scenario.matches("refused with 403").count(), 2, "{scenario}");
    assert!(!scenario.contains("correct horse") && !scenario.contains("$2b$") && !scenario.contains("eyJ"));
    Ok(())
}

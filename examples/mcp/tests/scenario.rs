//! Runs the program as a user does.

use std::process::Command;

#[test]
fn every_step_of_the_scenario_is_as_expected() {
    let output = Command::new(env!("CARGO_BIN_EXE_mcp-example")).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{stdout}\n{stderr}");
}

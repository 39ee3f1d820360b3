//! Runs the program as a user does, which needs Node.js with npm.

use std::process::Command;

#[test]
fn every_step_of_the_scenario_is_as_expected() {
    let output = Command::new(env!("CARGO_BIN_EXE_mcp-example")).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{stdout}\n{stderr}");
    // The walk has come to its end.
    assert!(stdout.ends_with("\n   list_notes: buy milk\n"), "{stdout}");
    assert_eq!(stdout.lines().filter(|line| !line.starts_with(' ')).count(), 8, "{stdout}");
}

#[test]
fn the_guide_shows_this_program() {
    let page = include_str!("../../../gatevault/src/guide/mcp.md");
    for block in page.split("```").skip(1).step_by(2) {
        let (_, code) = block.split_once('\n').unwrap();
        assert!(include_str!("../src/server.rs").contains(code.trim_end()), "not in the program:\n{code}");
    }
}

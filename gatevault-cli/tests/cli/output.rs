//! Help, exit codes, colors, pipes, completions.

use std::io::Read as _;

use crate::command::{Folder, run};

const COMMANDS: [&[&str]; 12] = [
    &[],
    &["secret"],
    &["keygen"],
    &["jwks"],
    &["mint"],
    &["inspect"],
    &["hash"],
    &["verify"],
    &["guards"],
    &["guards", "show"],
    &["guards", "compare"],
    &["completions"],
];

/// A change of an option shows in a review. `UPDATE_HELP=1` writes the file.
#[test]
fn the_help_is_the_one_that_was_reviewed() {
    let folder = Folder::new();
    let page = |command: &&[&str]| {
        let help = folder.ok(&[command, &["--help"][..]].concat());
        let lines: Vec<_> = help.lines().map(str::trim_end).collect();
        format!("$ gatevault {}\n{}\n", [command, &["--help"][..]].concat().join(" "), lines.join("\n"))
    };
    let help = COMMANDS.iter().map(page).collect::<Vec<_>>().join("\n");
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cli/help.txt");
    if std::env::var_os("UPDATE_HELP").is_some() {
        std::fs::write(path, &help).unwrap();
    }
    assert_eq!(help, std::fs::read_to_string(path).unwrap(), "write it with UPDATE_HELP=1");
}

#[test]
fn no_option_takes_a_secret_and_every_command_has_an_example() {
    let folder = Folder::new();
    for command in COMMANDS {
        let help = folder.ok(&[command, &["--help"]].concat());
        for option in ["--secret <", "--secret ", "--password", "--key <KEY"] {
            assert!(!help.contains(option), "{command:?}: {option}");
        }
        assert!(command == ["guards"] || help.contains("Examples:"), "{command:?}");
    }
}

#[test]
fn wrong_arguments_are_2_with_a_hint() {
    let folder = Folder::new();
    for (arguments, part) in [
        (&[][..], "Usage"),
        (&["mnt"], "'mint'"),
        (&["keygen"], "<ALG>"),
        (&["keygen", "ES257"], "ES256"),
        (&["mint", "--user-id", "1", "--secret", "x"], "--secret-"),
        (&["inspect", "--expires"], "unexpected"),
        (&["completions", "cmd"], "fish"),
    ] {
        let output = folder.run(arguments);
        assert!(output.code == 2 && output.err.contains(part), "{arguments:?}: {output:?}");
    }
    assert_eq!(folder.ok(&["--version"]), format!("gatevault {}", env!("CARGO_PKG_VERSION")));
}

#[test]
fn colors_are_for_terminals_and_not_with_no_color() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "1"]);
    let has_colors = |variables: &[(&str, &str)]| {
        let mut command = folder.command(&["inspect", &token, "--secret-file", "secret"]);
        command.envs(variables.iter().copied());
        run(command, "").out.contains('\u{1b}')
    };
    assert!(!has_colors(&[]));
    assert!(has_colors(&[("CLICOLOR_FORCE", "1")]));
    assert!(!has_colors(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
}

#[test]
fn the_output_with_json_is_one_document_of_each_command() {
    let folder = Folder::new();
    let token = folder.token(&["--user-id", "1"]);
    folder.ok(&["keygen", "ES256", "--out", "key"]);
    folder.write("guards", "[]");
    for arguments in [
        &["secret"][..],
        &["keygen", "ES256"],
        &["keygen", "ES256", "--out", "other"],
        &["jwks", "key"],
        &["mint", "--secret-file", "secret", "--user-id", "1"],
        &["inspect", &token],
        &["hash", "--cost", "4"],
        &["guards", "show", "guards"],
        &["completions", "zsh"],
    ] {
        for arguments in [[&["--json"], arguments].concat(), [arguments, &["--json"]].concat()] {
            let _ = std::fs::remove_file(folder.path("other"));
            let json = folder.run_with(&arguments, "a password").json();
            assert!(json.is_object() || json.is_array(), "{arguments:?}: {json}");
        }
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let folder = Folder::new();
    let mut child = folder.command(&["completions", "zsh"]).spawn().unwrap();
    drop(child.stdin.take());
    drop(child.stdout.take());
    let mut errors = String::new();
    let status = child.wait().unwrap();
    child.stderr.take().unwrap().read_to_string(&mut errors).unwrap();
    assert_eq!((status.code(), errors.as_str()), (Some(0), ""));
}

#[test]
fn every_shell_has_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = folder.ok(&["completions", shell]);
        // Two of them complete no values.
        let has_values = !["elvish", "powershell"].contains(&shell);
        for word in ["inspect", "secret-file"].into_iter().chain(has_values.then_some("EdDSA")) {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

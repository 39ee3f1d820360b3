//! Every place where text from outside reaches the terminal: names of files, the environment, snapshots, wrong arguments.

use serde_json::json;

use crate::command::{Folder, run};
use crate::hostile::{HOSTILE, all_hostile, assert_escaped, assert_harmless, colored, hostile};

/// A name may have every byte but two.
#[cfg(unix)]
#[test]
fn no_hostile_character_of_a_file_name_reaches_the_terminal() {
    let folder = Folder::new();
    let (present, missing, new) =
        (all_hostile(), format!("b{}", all_hostile()), format!("c{}", all_hostile()));
    folder.write(&present, "{");
    for arguments in [
        &["jwks", &present][..],
        &["jwks", &missing],
        &["inspect", "a.b.c", "--key", &present],
        &["inspect", "a.b.c", "--jwks", &missing],
        &["inspect", "a.b.c", "--secret-file", &missing],
        &["inspect", "--token-file", &missing],
        &["mint", "--user-id", "1", "--key", &present],
        &["verify", "--hash-file", &missing],
        &["guards", "show", &present],
        &["guards", "compare", &present, &present],
        &["guards", "compare", &missing, "secret"],
        &["keygen", "ES256", "--out", &present],
        &["keygen", "ES256", "--out", &new],
    ] {
        for json in [&[][..], &["--json"]] {
            let _ = std::fs::remove_file(folder.path(&new));
            assert_escaped(&colored(&folder, &[arguments, json].concat(), ""), arguments);
        }
    }
}

#[test]
fn no_hostile_character_of_the_environment_reaches_the_terminal() {
    let folder = Folder::new();
    let (name, value) = (all_hostile(), all_hostile());
    for option in ["--secret-env", "--key-env"] {
        let arguments = ["mint", "--user-id", "1", option, &name];
        assert_escaped(&colored(&folder, &arguments, ""), &arguments);
        let mut command = folder.command(&arguments);
        command.env("CLICOLOR_FORCE", "1").env(&name, &value);
        assert_harmless(&run(command, ""));
    }
}

#[test]
fn no_hostile_character_of_a_snapshot_reaches_the_terminal() {
    let folder = Folder::new();
    let hostile = hostile(HOSTILE.iter().collect::<String>());
    let record = |text: &str, public: Option<&str>| {
        json!({
            "name": text, "path": hostile, "public": public, "claims": text, "gate": text, "demands": [text],
            "roles": [], "scopes": [], "max_age": 1, "acr": [text], "amr": [text], "refresh": false,
            "optional": false, "file": text, "line": 1,
        })
    };
    let mut with_roles = record(&hostile, None);
    with_roles["roles"] = json!([[hostile]]);
    let mut unknown = record(&hostile, None);
    unknown[&hostile] = json!(1);
    folder.write("old", &json!([record("b", None), record(&hostile, Some("c")), with_roles]).to_string());
    folder.write("new", &json!([record(&hostile, None), record(&hostile, Some(&hostile))]).to_string());
    folder.write("unknown", &json!([unknown]).to_string());
    for arguments in
        [&["show", "new"][..], &["show", "unknown"], &["compare", "old", "new"], &["compare", "new", "old"]]
    {
        for json in [&[][..], &["--json"]] {
            let output = colored(&folder, &[&["guards"], arguments, json].concat(), "");
            assert_escaped(&output, arguments);
        }
    }
}

/// A token that begins with a hyphen is taken for an option.
#[test]
fn no_hostile_character_of_a_wrong_argument_reaches_the_terminal() {
    let folder = Folder::new();
    for character in HOSTILE.iter().filter(|character| **character != '\0') {
        let value = hostile(character);
        let (option, short) = (format!("--{value}"), format!("-{value}"));
        let equals = format!("--at={value}");
        for arguments in [
            &["inspect", &option][..],
            &["inspect", "a", &value],
            &[&option],
            &[&value],
            &["guards", &value],
            &["keygen", &value],
            &["keygen", "ES256", "--format", &value],
            &["keygen", "RS256", "--bits", &value],
            &["secret", "--bytes", &value],
            &["completions", &value],
            &["mint", "--user-id", "1", "--claim", &value],
            &["inspect", "a", "--at", &value],
            &["inspect", "a", &equals],
            &["inspect", "a", "--json", "--kind", &value],
        ] {
            let output = colored(&folder, arguments, "");
            assert_eq!(output.code, 2, "{arguments:?}");
            assert_escaped(&output, arguments);
        }
        // The message repeats its first characters, or something else.
        for arguments in [&["inspect", &short][..], &["mint", "--user-id", "1", "--user-id", &value]] {
            let output = colored(&folder, arguments, "");
            assert_eq!(output.code, 2, "{arguments:?}");
            assert_harmless(&output);
        }
    }
    let forged = folder.run(&["inspect", "--x\nerror: forged"]);
    assert!(
        forged.err.starts_with("error: unexpected argument '--x\\u{a}error: forged' found\n"),
        "{forged:?}"
    );
}

/// An argument that is wrong only until it is escaped is not repeated.
#[test]
fn help_and_a_mistake_beside_a_hostile_argument_stay_what_they_are() {
    let folder = Folder::new();
    let help = folder.run(&["mint", "--claim", "a={\n\t}", "--help"]);
    assert_eq!((help.code, help.out), (0, folder.run(&["mint", "--help"]).out));
    #[cfg(unix)]
    {
        use std::ffi::OsStr;
        use std::os::unix::ffi::OsStrExt as _;
        use std::os::unix::process::CommandExt as _;

        let mut command = folder.command(&["mint", "--user-id", &all_hostile(), "--issuer"]);
        command.arg(OsStr::from_bytes(b"\xff"));
        let output = run(command, "");
        assert!(output.code == 2 && output.err.contains("invalid UTF-8"), "{output:?}");
        assert_harmless(&output);

        let mut command = folder.command(&["--help"]);
        command.arg0(format!("/{}", all_hostile()));
        let output = run(command, "");
        assert_eq!(output.code, 0);
        assert_harmless(&output);
    }
}

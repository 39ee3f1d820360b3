//! The compiler's message for each mistake: one case of at most 12 lines, named after the mistake.
//!
//! After an intended change, `TRYBUILD=overwrite cargo test -p gatevault-ui-tests` writes the messages.
#![expect(clippy::expect_used, reason = "a test that panics is a test that fails")]

use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn each_mistake_gets_the_recorded_message() {
    let cases = files("fail", "rs");
    assert!(cases.len() > 50, "only {} cases were found", cases.len());
    let trybuild = trybuild::TestCases::new();
    for case in cases {
        trybuild.compile_fail(case);
    }
    for case in files("pass", "rs") {
        trybuild.pass(case);
    }
}

#[test]
fn each_case_is_short_and_each_message_has_a_case() {
    for case in files("fail", "rs") {
        let lines = fs::read_to_string(&case).expect("the case is text").lines().count();
        assert!(lines <= 12, "{} has {lines} lines", case.display());
    }
    let cases: Vec<_> = files("fail", "rs").iter().map(|case| case.with_extension("stderr")).collect();
    assert_eq!(cases, files("fail", "stderr"));
}

/// Returns the files in a folder and its subfolders, sorted.
fn files(folder: impl AsRef<Path>, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the folder exists") {
        let path = entry.expect("the folder is readable").path();
        if path.is_dir() {
            found.extend(files(path, extension));
        } else if path.extension().is_some_and(|its| its == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

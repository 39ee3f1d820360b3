//! The page of standards in the guide: each RFC that is named anywhere has a row there.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::source::workspace;

/// The numbers after the word `RFC` in a text, also of several in a row: `RFC 1918, RFC 4193` and `RFC\n6749`.
fn named(text: &str) -> BTreeSet<u32> {
    let words: Vec<_> =
        text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let after = words.windows(2).filter(|pair| pair[0] == "RFC");
    after.filter_map(|pair| pair[1].parse().ok()).collect()
}

/// The numbers in the first column of the tables.
fn in_rows(page: &str) -> BTreeSet<u32> {
    let rows = page.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    rows.flat_map(|names| names.split(|c: char| !c.is_ascii_digit()))
        .filter_map(|word| word.parse().ok())
        .collect()
}

fn read_below(folder: &Path, files: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !["target", "node_modules"].contains(&name.as_str()) {
            read_below(&path, files);
        } else if [".rs", ".md"].iter().any(|end| name.ends_with(end)) && name != "standards.md" {
            files.push(fs::read_to_string(&path).unwrap());
        }
    }
}

#[test]
fn every_rfc_that_is_named_has_a_row_in_the_guide() {
    let root = workspace();
    let mut files = vec![];
    for folder in ["gatevault/src", "gatevault-macros/src", "gatevault-cli/src", "examples"] {
        read_below(&root.join(folder), &mut files);
    }
    for page in ["README.md", "SECURITY.md", "CHANGELOG.md"] {
        files.push(fs::read_to_string(root.join(page)).unwrap());
    }
    let named: BTreeSet<_> = files.iter().flat_map(|text| named(text)).collect();
    assert!(named.len() > 40, "{named:?}");
    let page = fs::read_to_string(root.join("gatevault/src/guide/standards.md")).unwrap();
    let rows = in_rows(&page);
    let missing: Vec<_> = named.difference(&rows).collect();
    assert!(missing.is_empty(), "guide/standards.md has no row for {missing:?}");
}

#[test]
fn numbers_are_read_from_prose_and_from_rows() {
    assert_eq!(named("(RFC 6750 section 3) and RFC\n/// 9110; no RFC itself"), BTreeSet::from([6750, 9110]));
    assert_eq!(in_rows("| RFC | a |\n|---|---|\n| 8705 and 9449, bound | 7 |"), BTreeSet::from([8705, 9449]));
}

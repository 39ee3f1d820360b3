//! The page "In your framework" of the guide shows what the hosts run.

use std::fs;
use std::path::{Path, PathBuf};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Returns the sources of all hosts.
fn sources() -> String {
    let mut sources = read(&repository().join("scripts/hosts-tried"));
    for host in fs::read_dir(repository().join("tests/hosts")).expect("the hosts") {
        let tests = host.expect("a host").path().join("tests");
        for file in fs::read_dir(tests).into_iter().flatten() {
            sources.push_str(&read(&file.expect("a test").path()));
        }
    }
    sources
}

/// Returns the blocks of code of a page, without their fences.
fn blocks(page: &str) -> impl Iterator<Item = &str> {
    page.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').map_or("", |(_, code)| code))
}

/// Returns the items of an excerpt, which blank lines divide, that the sources do not contain.
fn items_missing_in<'b>(sources: &str, block: &'b str) -> Vec<&'b str> {
    block.split("\n\n").map(str::trim_end).filter(|item| !sources.contains(item)).collect()
}

#[test]
fn the_guide_shows_what_the_hosts_run() {
    let page = read(&repository().join("gatevault/src/guide/in_your_framework.md"));
    let sources = sources();
    let missing: Vec<_> = blocks(&page).flat_map(|block| items_missing_in(&sources, block)).collect();
    assert!(missing.is_empty(), "no host has this:\n{}", missing.join("\n\n"));
}

#[test]
fn an_item_that_no_host_has_is_found() {
    let page = "text\n```text\nfn a() {}\n\nfn b() {}\n```\nmore\n";
    let found: Vec<_> =
        blocks(page).flat_map(|block| items_missing_in("fn b() {}\nfn c() {}", block)).collect();
    assert_eq!(found, ["fn a() {}"]);
}

//! The table of modules in ARCHITECTURE.md: every module has a row, and every row has a module.

use std::fs;

use crate::source::{sources_of, workspace};

/// Returns the modules that the first column of the table names; `a/*` means all modules below `a`.
fn listed(page: &str) -> Vec<&str> {
    let section =
        page.split("\n## ").find(|section| section.starts_with("`gatevault/src`")).unwrap_or_default();
    let rows = section.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    rows.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect()
}

/// Returns the module of a file: its path without the ending, where `mod.rs` is its folder.
fn module(path: &str) -> &str {
    let path = path.strip_suffix(".rs").unwrap_or(path);
    path.strip_suffix("/mod").unwrap_or(path)
}

fn covers(row: &str, module: &str) -> bool {
    row == module || row.strip_suffix('*').is_some_and(|folder| module.starts_with(folder))
}

/// Returns the modules without a row, and the rows without a module. A folder needs no row beside those of its files.
fn findings<'m>(rows: &[&'m str], modules: &[&'m str]) -> Vec<&'m str> {
    let is_folder = |module: &str| modules.iter().any(|other| other.starts_with(&format!("{module}/")));
    let missing =
        modules.iter().filter(|module| !is_folder(module) && !rows.iter().any(|row| covers(row, module)));
    let stale = rows.iter().filter(|row| !modules.iter().any(|module| covers(row, module)));
    missing.chain(stale).copied().collect()
}

#[test]
fn every_module_has_a_row_in_architecture_md_and_every_row_a_module() {
    let page = fs::read_to_string(workspace().join("ARCHITECTURE.md")).unwrap();
    let sources = sources_of("gatevault");
    let modules: Vec<_> = sources.iter().map(|source| module(&source.path)).collect();
    assert_eq!(findings(&listed(&page), &modules), Vec::<&str>::new());
}

#[test]
fn a_module_without_a_row_and_a_row_without_a_module_are_found() {
    let page = "# a\n\n## `gatevault/src`\n\n| module | holds |\n|---|---|\n| `b`, `c/*` | text | \n| `gone` | `d` |\n\n## e\n| `f` | |\n";
    assert_eq!(listed(page), ["b", "c/*", "gone"]);
    let modules = ["b.rs", "c/mod.rs", "c/x.rs", "d.rs"].map(module);
    assert_eq!(findings(&listed(page), &modules), ["d", "gone"]);
}

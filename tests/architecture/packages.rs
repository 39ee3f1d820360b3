//! The files that a published crate brings along: licenses, changelog, README.

use std::fs;
use std::path::PathBuf;

use crate::source::workspace;

/// The crates that are published.
pub(crate) const PUBLISHED: &[&str] = &["gatevault", "gatevault-macros", "gatevault-cli"];

/// Files of the workspace that each published crate contains, as symbolic links.
const SHARED: &[&str] = &["LICENSE-APACHE", "LICENSE-MIT", "CHANGELOG.md"];

/// The Markdown that people read on a repository page. Only the guide, which people read as documentation, may hide lines.
const PAGES: &[&str] = &[
    "README.md",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "docs/EVIDENCE.md",
    "gatevault-macros/README.md",
    "gatevault-cli/README.md",
];

fn read(path: &str) -> String {
    let path: PathBuf = workspace().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_published_crate_has_the_licenses_and_the_changelog() {
    for package in PUBLISHED {
        for file in SHARED {
            assert_eq!(read(&format!("{package}/{file}")), read(file), "{package}/{file}");
        }
    }
}

/// The crate's README is one folder further down, on the repository page and on the registry's page.
#[test]
fn the_readme_of_the_crate_is_the_one_of_the_repository() {
    let write = "write it: sed -E 's#\\]\\(([^):\\#][^):]*)\\)#](../\\1)#g' README.md > gatevault/README.md";
    assert_eq!(one_folder_down(&read("README.md")), read("gatevault/README.md"), "{write}");
}

#[test]
fn the_workspace_depends_on_its_own_version_of_the_macros() {
    let manifest = read("Cargo.toml");
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("version = ")).unwrap().trim_matches('"');
    let needed = format!("gatevault-macros = {{ path = \"gatevault-macros\", version = \"={version}\" }}");
    assert!(manifest.contains(&needed), "Cargo.toml: {needed}");
}

#[test]
fn the_command_depends_on_its_own_version_of_the_library() {
    let manifest = read("Cargo.toml");
    let version =
        manifest.lines().find_map(|line| line.strip_prefix("version = ")).unwrap().trim_matches('"');
    let needed = format!("gatevault = {{ path = \"../gatevault\", version = \"={version}\",");
    assert!(read("gatevault-cli/Cargo.toml").contains(&needed), "gatevault-cli/Cargo.toml: {needed}");
}

#[test]
fn no_page_of_the_repository_has_hidden_lines() {
    for path in PAGES {
        assert_eq!(hidden_lines(&read(path)), Vec::<&str>::new(), "{path}");
    }
}

/// npm writes the address of the registry that a machine uses, unless `.npmrc` forbids it.
#[test]
fn the_lock_of_the_provider_names_no_registry() {
    let lock = read("tests/issuers/provider/package-lock.json");
    assert!(lock.contains("\"node_modules/oidc-provider\""));
    assert_eq!(addresses(&lock), Vec::<&str>::new());
    assert!(read("tests/issuers/provider/.npmrc").contains("omit-lockfile-registry-resolved=true"));
}

/// Returns the lines of a lock file of npm that say where a package was downloaded.
fn addresses(lock: &str) -> Vec<&str> {
    lock.lines().filter(|line| line.trim_start().starts_with("\"resolved\":")).collect()
}

#[test]
fn addresses_of_downloads_are_found() {
    let line = "      \"resolved\": \"https://registry.example/koa/-/koa-3.2.1.tgz\",";
    assert_eq!(addresses(&format!("\"version\": \"3.2.1\",\n{line}\n")), [line]);
}

/// Returns the text with each relative link leading one folder up.
fn one_folder_down(text: &str) -> String {
    let is_relative = |target: &str| !target.starts_with('#') && !target.contains(':');
    let mut pieces = text.split("](");
    let mut moved = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let target = piece.split(')').next().unwrap_or_default();
        moved.push_str(if is_relative(target) { "](../" } else { "](" });
        moved.push_str(piece);
    }
    moved
}

/// Returns the lines of Rust code that rustdoc does not show.
fn hidden_lines(text: &str) -> Vec<&str> {
    let mut is_rust = false;
    let mut hidden = Vec::new();
    for line in text.lines() {
        if let Some(language) = line.trim_start().strip_prefix("```") {
            is_rust = language.starts_with("rust");
        } else if is_rust && (line.starts_with("# ") || line == "#") {
            hidden.push(line);
        }
    }
    hidden
}

#[test]
fn relative_links_are_moved_and_others_are_not() {
    let text = "[a](b.md), [c](#d), [e](https://f.example/)";
    assert_eq!(one_folder_down(text), "[a](../b.md), [c](#d), [e](https://f.example/)");
}

#[test]
fn hidden_lines_of_rust_are_found_and_comments_of_a_shell_are_not() {
    assert_eq!(hidden_lines("# title\n```rust\n# use a;\nb();\n```\n```sh\n# c\n```\n"), ["# use a;"]);
}

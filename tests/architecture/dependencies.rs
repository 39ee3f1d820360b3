//! What a default build brings along: no C library, and nothing that compiles one.

use std::process::Command;

use serde_json::Value;

use crate::source::workspace;

/// Packages whose presence means that C is compiled or that a system library is looked for.
const BUILDERS: &[&str] = &["cc", "cmake", "bindgen", "pkg-config", "vcpkg", "nasm-rs"];

const LICENSES: &[&str] = &[
    "MIT",
    "MIT-0",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unlicense",
    "CC0-1.0",
    "Unicode-3.0",
];

/// The packages that a default build of `gatevault` compiles, each as `name version`.
pub(crate) fn default_tree() -> Vec<String> {
    let arguments = [
        "tree",
        "--locked",
        "--package",
        "gatevault",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let mut packages: Vec<_> = cargo(&arguments).lines().map(name_and_version).collect();
    packages.sort();
    packages.dedup();
    packages
}

/// What `cargo metadata` says about every package of the workspace on this machine's target.
pub(crate) fn metadata() -> Value {
    let compiler = Command::new("rustc").arg("-vV").output().expect("rustc answers");
    let version = String::from_utf8(compiler.stdout).expect("rustc writes UTF-8");
    let target = version.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host");
    let arguments = ["metadata", "--locked", "--format-version", "1", "--filter-platform", target];
    serde_json::from_str(&cargo(&arguments)).expect("cargo metadata writes JSON")
}

/// The packages of the tree that carry, link or build C, with the reason.
pub(crate) fn carriers_of_c(tree: &[String], metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().expect("metadata lists packages");
    let linked = packages.iter().filter_map(|package| {
        let name =
            name_and_version(&format!("{} v{}", package["name"].as_str()?, package["version"].as_str()?));
        let library = package["links"].as_str()?;
        tree.contains(&name).then(|| format!("{name} links {library}"))
    });
    let builds = tree.iter().filter(|package| {
        let name = package.split(' ').next().unwrap_or_default();
        BUILDERS.contains(&name)
    });
    linked.chain(builds.map(|package| format!("{package} builds C"))).collect()
}

/// The packages of the tree under a license that asks more than to be named.
pub(crate) fn unfamiliar_licenses(tree: &[String], metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().expect("metadata lists packages");
    let unfamiliar = packages.iter().filter_map(|package| {
        let name = format!("{} {}", package["name"].as_str()?, package["version"].as_str()?);
        let license = package["license"].as_str().unwrap_or("none");
        let mut names = license.split([' ', '/', '(', ')']).filter(|word| !["", "AND", "OR"].contains(word));
        let is_familiar = names.all(|word| LICENSES.contains(&word));
        (tree.contains(&name) && !is_familiar).then(|| format!("{name}: {license}"))
    });
    unfamiliar.collect()
}

/// The packages that are in the tree in more than one version.
pub(crate) fn repeated(tree: &[String]) -> Vec<&str> {
    let mut names: Vec<_> = tree.iter().filter_map(|package| package.split(' ').next()).collect();
    names.sort_unstable();
    names.windows(2).filter(|pair| pair[0] == pair[1]).map(|pair| pair[0]).collect()
}

/// `bcrypt 0.19.3` from `bcrypt v0.19.3 (*)`.
fn name_and_version(line: &str) -> String {
    let mut words = line.split_whitespace();
    let name = words.next().unwrap_or_default();
    let version = words.next().unwrap_or_default();
    format!("{name} {}", version.trim_start_matches('v'))
}

fn cargo(arguments: &[&str]) -> String {
    let output =
        Command::new(env!("CARGO")).args(arguments).current_dir(workspace()).output().expect("cargo starts");
    assert!(output.status.success(), "cargo {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("cargo writes UTF-8")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{carriers_of_c, name_and_version, repeated, unfamiliar_licenses};

    #[test]
    fn a_linked_library_and_a_c_compiler_are_found() {
        let metadata = json!({"packages": [
            {"name": "itoa", "version": "1.0.0", "links": null},
            {"name": "libsqlite3-sys", "version": "0.40.0", "links": "sqlite3"},
            {"name": "openssl-sys", "version": "0.9.0", "links": "openssl"},
        ]});
        let tree = ["itoa v1.0.0", "libsqlite3-sys v0.40.0 (*)", "cc v1.2.0"].map(name_and_version);
        assert_eq!(
            carriers_of_c(&tree, &metadata),
            ["libsqlite3-sys 0.40.0 links sqlite3", "cc 1.2.0 builds C"]
        );
    }

    #[test]
    fn a_license_that_asks_more_and_none_at_all_are_found() {
        let metadata = json!({"packages": [
            {"name": "a", "version": "1.0.0", "license": "(MIT OR Apache-2.0) AND Unicode-3.0"},
            {"name": "b", "version": "1.0.0", "license": "MIT/Apache-2.0"},
            {"name": "c", "version": "1.0.0", "license": "MIT AND GPL-3.0-only"},
            {"name": "d", "version": "1.0.0", "license": null},
            {"name": "elsewhere", "version": "1.0.0", "license": "GPL-3.0-only"},
        ]});
        let tree = ["a v1.0.0", "b v1.0.0", "c v1.0.0", "d v1.0.0"].map(name_and_version);
        assert_eq!(unfamiliar_licenses(&tree, &metadata), ["c 1.0.0: MIT AND GPL-3.0-only", "d 1.0.0: none"]);
    }

    #[test]
    fn a_package_in_two_versions_is_found() {
        let tree = ["syn v2.0.0", "syn v3.0.0", "synstructure v1.0.0"].map(name_and_version);
        assert_eq!(repeated(&tree), ["syn"]);
    }
}

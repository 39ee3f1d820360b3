//! A copy of the library's sources, with other threads, locks and atomics in some files: for the build scripts of this package and of
//! `tests/orderings`.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// The differences of a copy.
pub(crate) struct Copied<'c> {
    /// The files whose threads, locks and atomics are replaced. Their state is made anew for each run of a test. Statics, which last
    /// longer, stay those of the standard library.
    pub(crate) files: &'c [&'c str],
    /// The paths of the standard library, and what replaces them in these files.
    pub(crate) replaced: &'c [(&'c str, &'c str)],
    /// What else differs in a file.
    pub(crate) changed: &'c [(&'c str, &'c str, &'c str)],
}

/// Writes the copy, and its root as `root.rs`, into the folder of the build script.
pub(crate) fn write(copied: &Copied<'_>) {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let source = package.join("../../gatevault/src");
    let target = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed={}", source.display());
    println!("cargo::rerun-if-changed={}", package.join("../schedules/copied.rs").display());
    println!("cargo::rerun-if-changed=build.rs");
    for file in copied.files.iter().chain(copied.changed.iter().map(|(file, ..)| file)) {
        assert!(source.join(file).exists(), "the library has no file {file}");
    }
    copy(copied, &source, &target, "");
    write_root(&source, &target);
}

/// Copies a folder.
fn copy(copied: &Copied<'_>, source: &Path, target: &Path, folder: &str) {
    fs::create_dir_all(target.join(folder)).expect("a folder for the copy");
    for entry in fs::read_dir(source.join(folder)).expect("a folder of the library") {
        let entry = entry.expect("an entry");
        let name = entry.file_name().into_string().expect("a name in UTF-8");
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if entry.path().is_dir() {
            copy(copied, source, target, &path);
            continue;
        }
        let text = fs::read_to_string(entry.path()).expect("a file of the library");
        fs::write(target.join(&path), replaced(copied, &path, text)).expect("a copy");
    }
}

fn replaced(copied: &Copied<'_>, path: &str, mut text: String) -> String {
    if copied.files.contains(&path) {
        let before = text.clone();
        for (standard, other) in copied.replaced {
            text = text.replace(standard, other);
        }
        assert_ne!(text, before, "{path} has neither threads nor locks");
    }
    for (_, original, changed) in copied.changed.iter().filter(|(file, ..)| *file == path) {
        assert!(text.contains(original), "{path} has no `{original}`");
        text = text.replace(original, changed);
    }
    text
}

/// Writes the root without what may only be in the root of a crate, and with the paths of its modules.
fn write_root(source: &Path, target: &Path) {
    let text = fs::read_to_string(source.join("lib.rs")).expect("the root of the library");
    let (mut root, mut is_attribute, mut has_path) = (String::new(), false, false);
    for line in text.lines() {
        is_attribute |= line.starts_with("#![");
        if is_attribute || line.starts_with("//!") {
            is_attribute = is_attribute && !line.ends_with(")]");
            continue;
        }
        let name = line.trim_start_matches("pub ").strip_prefix("mod ");
        if let Some(name) = name.and_then(|rest| rest.strip_suffix(';')).filter(|_| !has_path) {
            let files = [format!("{name}.rs"), format!("{name}/mod.rs")];
            let file = files.iter().find(|file| target.join(file).exists()).expect("the file of a module");
            root.extend(["#[path = \"", &unix(target), "/", file, "\"]\n"]);
        }
        has_path = line.starts_with("#[path");
        root.push_str(&line.replace("#[path = \"", &format!("#[path = \"{}/", unix(target))));
        root.push('\n');
    }
    fs::write(target.join("root.rs"), root).expect("the root");
}

/// Returns the path with the separators that need no escape in a string.
fn unix(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

//! The environments of the peers: folders in the target folder, which the first run fills and later runs reuse.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// Returns the virtual environment of the Python peers.
pub(crate) fn python() -> Result<&'static PathBuf, String> {
    static ROOT: LazyLock<Result<PathBuf, String>> = LazyLock::new(create_python);
    ROOT.as_ref().map_err(Clone::clone)
}

/// Returns the folder with the packages of the JavaScript peers.
pub(crate) fn node() -> Result<&'static PathBuf, String> {
    static ROOT: LazyLock<Result<PathBuf, String>> = LazyLock::new(create_node);
    ROOT.as_ref().map_err(Clone::clone)
}

fn create_python() -> Result<PathBuf, String> {
    let requirements = include_str!("requirements.txt");
    install("interop-python", requirements, |root| {
        run(
            Command::new("python3").args(["-m", "venv", "--clear"]).arg(root),
            "Python 3.11 or newer with venv is needed: sudo apt-get install python3-venv",
        )?;
        run(
            Command::new(root.join("bin/python"))
                .args(["-m", "pip", "install", "--quiet", "--no-input", "--require-hashes", "--requirement"])
                .arg(source("requirements.txt")),
            "the packages of tests/interop/requirements.txt are needed: let pip reach a package index",
        )
    })
}

fn create_node() -> Result<PathBuf, String> {
    let lock = include_str!("package-lock.json");
    install("interop-node", lock, |root| {
        let failed = |error| format!("{}: {error}", root.display());
        fs::create_dir_all(root).map_err(failed)?;
        for file in ["package.json", "package-lock.json", ".npmrc"] {
            fs::copy(source(file), root.join(file)).map_err(failed)?;
        }
        // A cache of its own: the home folder may not be writable.
        let arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--cache", "cache"];
        run(
            Command::new("npm").args(arguments).current_dir(root),
            "Node.js 20.12 or newer with npm is needed, and npm must reach a package registry: \
             sudo apt-get install nodejs npm",
        )
    })
}

/// Returns the path of a file of this folder.
pub(crate) fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("interop").join(file)
}

/// Returns the folder `name`, after `fill` has installed what `wanted` lists, unless it has already.
fn install(
    name: &str,
    wanted: &str,
    fill: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let marker = root.join("installed.txt");
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == wanted) {
        return Ok(root);
    }
    fill(&root)?;
    fs::write(&marker, wanted).map_err(|error| format!("{}: {error}", marker.display()))?;
    Ok(root)
}

/// Runs a command. Its error contains the command's output and `needed`: what to install or allow.
pub(crate) fn run(command: &mut Command, needed: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{needed}\n{command:?}: {error}"))?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{needed}\n{command:?}: {}\n{printed}", output.status))
}

/// pip and npm write the address of the index that a machine uses, and pip its folders, unless asked not to.
#[test]
fn lists_of_packages_name_no_registry_and_no_folder() {
    let (python, node) = (include_str!("requirements.txt"), include_str!("package-lock.json"));
    assert!(python.contains("joserfc==") && node.contains("node_modules/jose"));
    assert!(!python.contains("://") && !node.contains("\"resolved\""));
    assert_eq!(python.lines().find(|line| line.starts_with('-')), None, "an option of one machine");
    assert!(include_str!(".npmrc").contains("omit-lockfile-registry-resolved=true"));
}

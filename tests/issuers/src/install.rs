//! The installed packages of the provider.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

/// The files that are copied beside the packages: Node.js finds packages from the folder of the program.
const FILES: [&str; 4] = [".npmrc", "package.json", "package-lock.json", "provider.mjs"];

const LOCK: &str = include_str!("../provider/package-lock.json");

/// The folder, or the reason why there is none, with which every test that needs it fails.
static FOLDER: LazyLock<Result<PathBuf, String>> = LazyLock::new(install);

/// Returns the folder with the program and its packages.
pub(crate) fn folder() -> &'static Path {
    FOLDER.as_ref().unwrap_or_else(|missing| panic!("{missing}"))
}

/// Installs the packages into the target folder. Later runs reuse them.
fn install() -> Result<PathBuf, String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("provider");
    let folder = target()?.join("issuers-provider");
    let failed = |error| format!("{}: {error}", folder.display());
    fs::create_dir_all(&folder).map_err(failed)?;
    for file in FILES {
        fs::copy(source.join(file), folder.join(file)).map_err(failed)?;
    }
    let marker = folder.join("installed.json");
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == LOCK) {
        return Ok(folder);
    }
    let mut command = Command::new("npm");
    // A cache of its own: the home folder may not be writable.
    command.args(["ci", "--ignore-scripts", "--no-progress", "--cache", "cache"]).current_dir(&folder);
    run(&mut command)?;
    fs::write(&marker, LOCK).map_err(failed)?;
    Ok(folder)
}

/// Returns the folder that Cargo builds into. Programs run from `deps`, a folder in it.
fn target() -> Result<PathBuf, String> {
    let program = env::current_exe().map_err(|error| error.to_string())?;
    let target = program.ancestors().nth(2).map(Path::to_path_buf);
    target.ok_or_else(|| format!("{} is not in a folder of Cargo's", program.display()))
}

/// Runs a command. Its error contains the command's output, and what to install or allow.
fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{NEEDED}\n{command:?}: {error}"))?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{NEEDED}\n{command:?}: {}\n{printed}", output.status))
}

pub(crate) const NEEDED: &str = "Node.js 20.12 or newer with npm is needed, and npm must reach a package registry: \
                                 sudo apt-get install nodejs npm";

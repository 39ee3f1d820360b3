//! One Python process with the library, and its virtual environment.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The process, or the reason why there is none, with which every test that needs it fails.
static PEER: LazyLock<Result<Mutex<Peer>, String>> = LazyLock::new(|| Peer::start().map(Mutex::new));

struct Peer {
    /// Exits together with this process, which closes its input.
    _process: Child,
    requests: ChildStdin,
    responses: BufReader<ChildStdout>,
}

/// Runs `operation` in Python and returns its response. An exception is a response with the member `raised`.
pub(crate) fn ask(operation: &str, mut request: Value) -> Value {
    request["operation"] = json!(operation);
    let peer = PEER.as_ref().unwrap_or_else(|missing| panic!("{missing}"));
    // A poisoned lock is harmless: a test that fails in here has written and read whole lines.
    let mut peer = peer.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(peer.requests, "{request}").expect("the Python process reads a request");
    let mut response = String::new();
    peer.responses.read_line(&mut response).expect("the Python process writes a response");
    serde_json::from_str(&response)
        .unwrap_or_else(|error| panic!("{operation} returned {response:?}: {error}"))
}

/// Runs `operation` in Python and returns the string `name` of its response.
pub(crate) fn ask_string(operation: &str, request: Value, name: &str) -> String {
    let response = ask(operation, request);
    response[name].as_str().unwrap_or_else(|| panic!("{operation} returned {response}")).to_owned()
}

impl Peer {
    /// Starts the process in the virtual environment.
    fn start() -> Result<Self, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/peer.py");
        let mut command = Command::new(environment()?.join("bin/python"));
        // UTF-8 in every locale, isolated from the user's Python setup.
        command.args(["-X", "utf8", "-I"]).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let (requests, responses) =
            (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Ok(Self { _process: child, requests, responses })
    }
}

/// Returns the virtual environment, which the first run creates in the target folder and later runs reuse.
fn environment() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop-python");
    let marker = root.join("installed.txt");
    if fs::read_to_string(&marker).is_ok_and(|installed| installed == REQUIREMENTS) {
        return Ok(root);
    }
    run(
        Command::new("python3").args(["-m", "venv", "--clear"]).arg(&root),
        "Python 3.9 or newer with venv is needed: sudo apt-get install python3-venv",
    )?;
    let requirements = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/requirements.txt");
    run(
        Command::new(root.join("bin/python"))
            .args(["-m", "pip", "install", "--quiet", "--no-input", "--requirement"])
            .arg(requirements),
        "the packages of tests/interop/requirements.txt are needed: let pip reach a package index",
    )?;
    fs::write(&marker, REQUIREMENTS).map_err(|error| format!("{}: {error}", marker.display()))?;
    Ok(root)
}

/// Runs a command. Its error contains the command's output and `needed`: what to install or allow.
fn run(command: &mut Command, needed: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{needed}\n{command:?}: {error}"))?;
    let printed = [output.stdout, output.stderr].concat();
    let printed = String::from_utf8_lossy(&printed);
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{needed}\n{command:?}: {}\n{printed}", output.status))
}

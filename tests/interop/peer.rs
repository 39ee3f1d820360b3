//! One Python process with the library in it, and the virtual environment that it lives in.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use serde_json::{Value, json};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// Why there is none is said by every test that wanted one.
static PEER: LazyLock<Result<Mutex<Peer>, String>> = LazyLock::new(|| Peer::start().map(Mutex::new));

struct Peer {
    /// Ends by itself when this process does: its input ends then.
    _process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// Has the peer carry out `operation`; an exception there is an answer with `raised` in it.
pub(crate) fn ask(operation: &str, mut question: Value) -> Value {
    question["operation"] = json!(operation);
    let peer = PEER.as_ref().unwrap_or_else(|missing| panic!("{missing}"));
    // A test that failed while asking leaves the pipe as it was: whole lines are all that goes through.
    let mut peer = peer.lock().unwrap_or_else(PoisonError::into_inner);
    writeln!(peer.questions, "{question}").expect("the Python process takes a question");
    let mut answer = String::new();
    peer.answers.read_line(&mut answer).expect("the Python process answers");
    serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{operation} answered {answer:?}: {error}"))
}

/// The text that the peer answers under `name`.
pub(crate) fn ask_text(operation: &str, question: Value, name: &str) -> String {
    let answer = ask(operation, question);
    answer[name].as_str().unwrap_or_else(|| panic!("{operation} answered {answer}")).to_owned()
}

impl Peer {
    fn start() -> Result<Self, String> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("interop/peer.py");
        let mut command = Command::new(environment()?.join("bin/python"));
        // UTF-8 whatever the locale; nothing of the user's own Python set-up.
        command.args(["-X", "utf8", "-I"]).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let (questions, answers) =
            (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Ok(Self { _process: child, questions, answers })
    }
}

/// The virtual environment, made on the first run and kept in the target folder for the next.
fn environment() -> Result<PathBuf, String> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("interop-python");
    let security_stamp = root.join("installed.txt");
    if fs::read_to_string(&security_stamp).is_ok_and(|installed| installed == REQUIREMENTS) {
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
    fs::write(&security_stamp, REQUIREMENTS)
        .map_err(|error| format!("{}: {error}", security_stamp.display()))?;
    Ok(root)
}

fn run(command: &mut Command, needed: &str) -> Result<(), String> {
    let output = command.output().map_err(|error| format!("{needed}\n{command:?}: {error}"))?;
    let told = [output.stdout, output.stderr].concat();
    let told = String::from_utf8_lossy(&told);
    output
        .status
        .success()
        .then_some(())
        .ok_or_else(|| format!("{needed}\n{command:?}: {}\n{told}", output.status))
}

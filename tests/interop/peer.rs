//! One process for each library on the other end.

use std::fmt;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use serde_json::{Value, json};

use crate::environment;

/// A library on the other end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Peer {
    /// The Python library with the same tokens and hashes.
    Gatevault,
    Jose,
    Joserfc,
    Authlib,
}

impl Peer {
    /// The libraries with tokens of every algorithm.
    pub(crate) const OTHERS: [Self; 3] = [Self::Jose, Self::Joserfc, Self::Authlib];

    /// Runs `operation` in the peer's process and returns its response.
    pub(crate) fn ask(self, operation: &str, mut request: Value) -> Value {
        request["operation"] = json!(operation);
        let process = self.process().as_ref().unwrap_or_else(|missing| panic!("{missing}"));
        // A poisoned lock is harmless: a test that fails in here has written and read whole lines.
        process.lock().unwrap_or_else(PoisonError::into_inner).ask(&request)
    }

    /// Runs `operation` on many tokens and returns a result for each: its value, or the name of the exception.
    pub(crate) fn ask_all(self, operation: &str, request: Value) -> Vec<Result<Value, Value>> {
        let response = self.ask(operation, request);
        let results = response["results"].as_array().unwrap_or_else(|| panic!("{self} returned {response}"));
        results.iter().map(|result| result.get("value").cloned().ok_or_else(|| result.clone())).collect()
    }

    /// Returns the process, or the reason why there is none, with which every test that needs it fails.
    fn process(self) -> &'static Result<Mutex<Process>, String> {
        type Slot = OnceLock<Result<Mutex<Process>, String>>;
        static GATEVAULT: Slot = Slot::new();
        static JOSE: Slot = Slot::new();
        static JOSERFC: Slot = Slot::new();
        static AUTHLIB: Slot = Slot::new();
        let slot = match self {
            Self::Gatevault => &GATEVAULT,
            Self::Jose => &JOSE,
            Self::Joserfc => &JOSERFC,
            Self::Authlib => &AUTHLIB,
        };
        slot.get_or_init(|| Process::start(self.command()?).map(Mutex::new))
    }

    /// Creates the command that runs this peer.
    fn command(self) -> Result<Command, String> {
        match self {
            Self::Jose => node("tokens.mjs", include_str!("peers/tokens.mjs")),
            Self::Gatevault => python("peers/gatevault.py"),
            Self::Joserfc | Self::Authlib => {
                let mut command = python("peers/tokens.py")?;
                command.arg(if self == Self::Joserfc { "joserfc" } else { "authlib" });
                Ok(command)
            }
        }
    }
}

impl fmt::Display for Peer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Gatevault => "gatevault",
            Self::Jose => "jose",
            Self::Joserfc => "joserfc",
            Self::Authlib => "Authlib",
        })
    }
}

/// A process that reads a request per line, and writes a response per line.
pub(crate) struct Process {
    /// Exits together with this process, which closes its input.
    _child: Child,
    requests: ChildStdin,
    responses: BufReader<ChildStdout>,
}

impl Process {
    /// Starts a process.
    pub(crate) fn start(mut command: Command) -> Result<Self, String> {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{command:?}: {error}"))?;
        let (requests, responses) =
            (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Ok(Self { _child: child, requests, responses })
    }

    /// Sends a request and returns its response.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").expect("the peer reads a request");
        let mut response = String::new();
        self.responses.read_line(&mut response).expect("the peer writes a response");
        serde_json::from_str(&response)
            .unwrap_or_else(|error| panic!("{} returned {response:?}: {error}", request["operation"]))
    }
}

/// Creates the command for a script of Python.
pub(crate) fn python(script: &str) -> Result<Command, String> {
    let mut command = Command::new(environment::python()?.join("bin/python"));
    // UTF-8 in every locale, isolated from the user's Python setup.
    command.args(["-X", "utf8", "-I"]).arg(environment::source(script));
    Ok(command)
}

/// Creates the command for Node.js, which looks for packages beside the script.
pub(crate) fn node(name: &str, text: &str) -> Result<Command, String> {
    let script = environment::node()?.join(name);
    // Only if it differs: another process of this test may be reading it.
    if !fs::read_to_string(&script).is_ok_and(|written| written == text) {
        fs::write(&script, text).map_err(|error| format!("{}: {error}", script.display()))?;
    }
    let mut command = Command::new("node");
    command.arg(script);
    Ok(command)
}

/// Runs `operation` in the Python library and returns its response. An exception is a response with the member `raised`.
pub(crate) fn ask(operation: &str, request: Value) -> Value {
    Peer::Gatevault.ask(operation, request)
}

/// Runs `operation` in the Python library and returns the string `name` of its response.
pub(crate) fn ask_string(operation: &str, request: Value, name: &str) -> String {
    let response = ask(operation, request);
    response[name].as_str().unwrap_or_else(|| panic!("{operation} returned {response}")).to_owned()
}

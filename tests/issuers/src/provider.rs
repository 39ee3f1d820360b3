//! One `OpenID` provider, in a process that a test starts, kills and restarts with other keys.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use gatevault_servers::free_port;
use serde_json::{Value, json};

use crate::client::agent;
use crate::install::{NEEDED, folder};

/// A provider on its own port. Dropping it kills the process, which exits as well when this process does.
#[derive(Debug)]
pub struct Provider {
    settings: Value,
    process: Process,
    issuer: String,
    keys: Vec<Value>,
    output: Output,
}

/// A running process, and the thread that reads its messages.
#[derive(Debug)]
struct Process {
    child: Child,
    messages: Option<JoinHandle<()>>,
}

/// What the processes of a provider have written so far.
#[derive(Debug, Clone, Default)]
struct Output {
    requests: Arc<Mutex<Vec<String>>>,
    errors: Arc<Mutex<String>>,
}

impl Provider {
    /// Starts a provider with new keys: a type, such as `P-256` or `RSA`, and the other members of the JWK.
    #[must_use]
    pub fn start(keys: &[Value]) -> Self {
        Self::with(keys, json!({}))
    }

    /// Starts a provider with further settings, which `provider.mjs` lists.
    #[must_use]
    pub fn with(keys: &[Value], mut settings: Value) -> Self {
        settings["keys"] = json!(keys);
        let output = Output::default();
        for _ in 0..ATTEMPTS {
            settings["port"] = json!(free_port());
            if let Some((process, ready)) = launch(&settings, &output) {
                let (issuer, keys) = (string(&ready["issuer"]), array(&ready["keys"]));
                return Self { settings, process, issuer, keys, output };
            }
        }
        panic!("the provider does not start; {NEEDED}\n{}", output.errors.lock().unwrap());
    }

    /// Restarts the provider under the same name with these keys. Its sessions and grants are gone.
    pub fn start_again(&mut self, keys: &[Value]) {
        self.kill();
        self.settings["keys"] = json!(keys);
        for _ in 0..ATTEMPTS {
            if let Some((process, ready)) = launch(&self.settings, &self.output) {
                (self.process, self.keys) = (process, array(&ready["keys"]));
                return;
            }
            thread::sleep(Duration::from_secs(1));
        }
        panic!("the provider does not restart: {}", self.output.errors.lock().unwrap());
    }

    /// Kills the process with SIGKILL, waits until it is dead, and reads its last messages.
    pub fn kill(&mut self) {
        let _dead = self.process.child.kill();
        self.process.child.wait().unwrap();
        if let Some(messages) = self.process.messages.take() {
            messages.join().unwrap();
        }
    }

    /// Returns the name, as in `iss`.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns the URL of a path below the issuer's name.
    #[must_use]
    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer)
    }

    /// Returns the private keys, as JWKs.
    #[must_use]
    pub fn keys(&self) -> &[Value] {
        &self.keys
    }

    /// Returns the number of requests to a running provider, over all restarts, whose path ends like this.
    #[must_use]
    pub fn requests(&self, end: &str) -> usize {
        // The messages about earlier requests are read before the one about this request.
        let marker = format!("/marker-{}", MARKERS.fetch_add(1, Ordering::Relaxed));
        agent().get(self.url(&marker)).call().expect("the provider responds");
        let start = Instant::now();
        while self.count(&marker) == 0 {
            assert!(start.elapsed() < PATIENCE, "the provider has not reported {marker}");
            thread::sleep(Duration::from_millis(5));
        }
        self.count(end)
    }

    fn count(&self, end: &str) -> usize {
        self.output.requests.lock().unwrap().iter().filter(|request| request.ends_with(end)).count()
    }
}

impl Drop for Provider {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a process and waits for its first message. Returns nothing if it exits before, as on a port in use.
fn launch(settings: &Value, output: &Output) -> Option<(Process, Value)> {
    let mut command = Command::new("node");
    command.arg("provider.mjs").current_dir(folder());
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap_or_else(|error| panic!("{NEEDED}\n{command:?}: {error}"));
    let (stdout, mut stderr) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let (ready, first) = channel();
    let (requests, errors) = (output.requests.clone(), output.errors.clone());
    let messages = thread::spawn(move || listen(stdout, &ready, &requests));
    let errors = thread::spawn(move || {
        let mut text = String::new();
        let _bytes = stderr.read_to_string(&mut text);
        errors.lock().unwrap().push_str(&text);
    });
    // A process that has exited already reads nothing, and then its first message is missing.
    let _gone = writeln!(child.stdin.as_mut().unwrap(), "{settings}");
    if let Ok(message) = first.recv_timeout(PATIENCE) {
        return Some((Process { child, messages: Some(messages) }, message));
    }
    let _dead = child.kill();
    child.wait().unwrap();
    errors.join().unwrap();
    None
}

/// Reads messages until the process exits: the first one is sent to `ready`, and the others are requests.
fn listen(stdout: ChildStdout, ready: &Sender<Value>, requests: &Mutex<Vec<String>>) {
    for line in BufReader::new(stdout).lines().map_while(Result::ok) {
        // Lines that are not JSON are notices of the provider's own.
        match serde_json::from_str::<Value>(&line) {
            Ok(message) if message["request"].is_string() => {
                requests.lock().unwrap().push(string(&message["request"]));
            }
            Ok(message) => {
                let _nobody_waits = ready.send(message);
            }
            Err(_) => {}
        }
    }
}

/// Returns the string in a JSON value.
pub(crate) fn string(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("expected a string: {value}")).to_owned()
}

fn array(value: &Value) -> Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("expected an array: {value}")).clone()
}

static MARKERS: AtomicU32 = AtomicU32::new(0);

const ATTEMPTS: usize = 5;

/// The time limit until a process is ready, long enough for the slowest machine.
const PATIENCE: Duration = Duration::from_mins(2);

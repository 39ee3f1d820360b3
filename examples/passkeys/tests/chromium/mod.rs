//! Chromium with a virtual authenticator, driven over `WebDriver` (`WebAuthn`, section 11).

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::Agent;

use crate::Outcome;

/// A browser and the process that drives it. Dropping it ends both.
pub(crate) struct Chromium {
    chromedriver: Child,
    agent: Agent,
    /// The URL of the session.
    session: String,
}

impl Chromium {
    /// Opens a page, in a browser whose user agrees to everything.
    pub(crate) fn open(page: &str) -> Outcome<Self> {
        let mut command = Command::new("chromedriver");
        let chromedriver = command.arg("--port=0").stdout(Stdio::piped()).spawn();
        let mut chromedriver = chromedriver
            .map_err(|error| format!("sudo apt-get install chromium chromium-driver: {error}"))?;
        let mut lines = BufReader::new(chromedriver.stdout.take().ok_or("no output")?).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            Some(line.split_once("started successfully on port ")?.1.trim_end_matches('.').to_owned())
        });
        // It keeps writing, and would block if its output were not read.
        thread::spawn(move || lines.for_each(drop));
        let agent = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE));
        let session = format!("http://127.0.0.1:{}/session", port.ok_or("no port")?);
        let mut this = Self { chromedriver, agent: agent.build().into(), session };
        let options =
            json!({"args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]});
        let capabilities = json!({"browserName": "chrome", "goog:chromeOptions": options});
        let opened = this.post("", &json!({"capabilities": {"alwaysMatch": capabilities}}))?;
        let session = opened.get("sessionId").ok_or("no session")?;
        this.session = format!("{}/{}", this.session, session.as_str().ok_or("no session")?);
        let authenticator = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
        });
        this.post("/webauthn/authenticator", &authenticator)?;
        this.post("/url", &json!({"url": page}))?;
        Ok(this)
    }

    /// Clicks a button or a link, and waits until the result of this page or the next one begins like this.
    pub(crate) fn click(&mut self, id: &str, expected: &str) -> Outcome {
        self.run("document.getElementById('result').textContent = ''", id)?;
        self.run("document.getElementById(arguments[0]).click()", id)?;
        let start = Instant::now();
        loop {
            // A page that is left cannot be read.
            let result = self.run("return document.getElementById('result').textContent", id);
            let result = result.as_ref().ok().and_then(Value::as_str).unwrap_or_default();
            if result.starts_with(expected) {
                return Ok(());
            }
            if !result.is_empty() || start.elapsed() > PATIENCE {
                return Err(format!("{id}: {result:?}, expected {expected:?}").into());
            }
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn run(&self, script: &str, argument: &str) -> Outcome<Value> {
        self.post("/execute/sync", &json!({"script": script, "args": [argument]}))
    }

    fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        let request = self.agent.post(format!("{}{path}", self.session));
        let mut response = request.header("Content-Type", "application/json").send(body.to_string())?;
        let text = response.body_mut().read_to_string()?;
        if response.status() != 200 {
            return Err(format!("{path}: {text}").into());
        }
        Ok(serde_json::from_str::<Value>(&text)?.get_mut("value").map(Value::take).unwrap_or_default())
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // Without a session, the browser is gone already.
        _ = self.agent.delete(&self.session).call();
        _ = self.chromedriver.kill();
        _ = self.chromedriver.wait();
    }
}

const PATIENCE: Duration = Duration::from_mins(1);

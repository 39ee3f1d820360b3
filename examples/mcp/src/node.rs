//! Programs of Node.js: their packages, and processes that end with this one.

use std::env::current_exe;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use crate::Outcome;

/// The folder with the programs, beside their packages.
pub struct Programs(PathBuf);

impl Programs {
    /// Copies the programs into the target folder, and installs the packages that the lock file lists unless they are there.
    pub fn install() -> Outcome<Self> {
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("client");
        let folder = current_exe()?.with_file_name("mcp-example-client");
        fs::create_dir_all(&folder)?;
        for entry in fs::read_dir(source)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                fs::copy(entry.path(), folder.join(entry.file_name()))?;
            }
        }
        let (lock, installed) = (fs::read(folder.join("package-lock.json"))?, folder.join("installed.json"));
        if fs::read(&installed).ok().as_ref() != Some(&lock) {
            // A cache of its own: the home folder may not be writable.
            let mut npm = Command::new("npm");
            npm.args(["ci", "--ignore-scripts", "--no-progress", "--loglevel", "error", "--cache", "cache"]);
            npm.current_dir(&folder).stdout(Stdio::null());
            let status = npm.status().map_err(|error| format!("{NEEDED}: {error}"))?;
            if !status.success() {
                return Err(format!("npm ci: {status}; {NEEDED}").into());
            }
            fs::write(installed, lock)?;
        }
        Ok(Self(folder))
    }

    /// Starts the authorization server, which issues tokens for these resources.
    pub fn start_provider(&self, resources: [&str; 2]) -> Outcome<Provider> {
        let mut node = self.node("provider.mjs");
        // The provider exits when its input is closed, however this process ends.
        node.args(resources).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = node.spawn().map_err(|error| format!("{NEEDED}: {error}"))?;
        let output = process.stdout.take().map(BufReader::new);
        let mut provider = Provider { process, output, issuer: String::new() };
        // Its first line is its name, which it writes once it listens.
        provider.output.as_mut().ok_or("the provider has no output")?.read_line(&mut provider.issuer)?;
        provider.issuer.truncate(provider.issuer.trim_end().len());
        if provider.issuer.is_empty() {
            return Err(format!("the provider has not started; {NEEDED}").into());
        }
        Ok(provider)
    }

    /// Runs the walk of the agent. It prints its steps, and fails at the first unexpected answer.
    pub fn walk(&self, resources: [&str; 2]) -> Outcome<()> {
        let status = self.node("walk.mjs").args(resources).stdin(Stdio::null()).status()?;
        status.success().then_some(()).ok_or_else(|| format!("the walk has failed: {status}").into())
    }

    fn node(&self, file: &str) -> Command {
        let mut node = Command::new("node");
        node.arg(file).current_dir(&self.0);
        node
    }
}

/// The authorization server. Dropping it kills the process.
pub struct Provider {
    process: Child,
    /// Open as long as the process writes to it.
    output: Option<BufReader<ChildStdout>>,
    /// The name of the provider, which is in `iss` of its tokens.
    pub issuer: String,
}

impl Drop for Provider {
    fn drop(&mut self) {
        let _exited_before = self.process.kill();
        let _status = self.process.wait();
    }
}

const NEEDED: &str = "Node.js 20.12 or newer with npm is needed, and npm must reach a package registry";

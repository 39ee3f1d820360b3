//! The folder of a server, and the shell that removes it even if this process is killed.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;

/// A folder that is removed on drop, or when this process exits. A server that is still watched is stopped first.
///
/// The kernel's parent death signal would not do: it is sent when the thread that started the server exits, and a test is a
/// thread. A pipe, however, closes when the process exits, even by SIGKILL, and the shell at its other end notices.
#[derive(Debug)]
pub(crate) struct ServerFolder {
    path: PathBuf,
    shell: Child,
}

impl ServerFolder {
    /// Creates a folder. `stop` is the signal that stops a watched server.
    pub(crate) fn new(name: &str, stop: Signal) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("gatevault-{name}-")).tempdir();
        let path = folder.expect("a temporary folder can be created").keep();
        let shell = Command::new("sh")
            .args(["-c", WATCH, "sh", stop.as_str().trim_start_matches("SIG")])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null()) // a reader of the tests' output must not wait for the shell
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C must stop the tests and not their cleanup
            .spawn()
            .expect("sh starts");
        Self { path, shell }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Watches a process, in place of the previous one: the shell stops it when this process exits.
    pub(crate) fn watch(&mut self, process: u32) {
        self.send(&process.to_string());
    }

    /// Stops watching the process: its id may be reused from now on.
    pub(crate) fn unwatch(&mut self) {
        self.send("");
    }

    fn send(&mut self, line: &str) {
        let pipe = self.shell.stdin.as_mut().expect("the pipe is open until the drop");
        let _gone = writeln!(pipe, "{line}"); // the shell was killed, which is no reason to fail
    }
}

impl Drop for ServerFolder {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _status = self.shell.wait();
    }
}

/// The script of the shell: `$1` is the signal, `$2` the folder. A paused server is resumed first, so that it receives the
/// signal. A server that does not stop within ten seconds is killed.
const WATCH: &str = r#"
process=
while read -r line; do process=$line; done
if [ "$process" ]; then
    kill -s CONT "$process"
    kill -s "$1" "$process"
    tries=0
    while kill -s 0 "$process" && [ $tries -lt 100 ]; do
        sleep 0.1
        tries=$((tries + 1))
    done
    kill -s KILL "$process"
fi
rm -rf -- "$2"
"#;

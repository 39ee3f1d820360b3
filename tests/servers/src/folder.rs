//! The folder of a server, and the shell that clears it away whatever becomes of this process.

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use nix::sys::signal::Signal;

/// A folder that is removed when this is dropped, or else when this process ends; a server that is still guarded then is
/// ended first.
///
/// A death signal from the kernel would not do: it is sent when the thread that started the server ends, and a test is a
/// thread. A pipe closes when the process is gone, even by SIGKILL, and the shell on its other end reads that.
#[derive(Debug)]
pub(crate) struct Home {
    path: PathBuf,
    shell: Child,
}

impl Home {
    /// A new folder; `end` is the signal that a guarded server is ended with.
    pub(crate) fn new(name: &str, end: Signal) -> Self {
        let folder = tempfile::Builder::new().prefix(&format!("gatevault-{name}-")).tempdir();
        let path = folder.expect("a temporary folder can be made").keep();
        let shell = Command::new("sh")
            .args(["-c", WATCH, "sh", end.as_str().trim_start_matches("SIG")])
            .arg(&path)
            .stdin(Stdio::piped())
            .stdout(Stdio::null()) // whoever reads the output of the tests does not wait for the shell
            .stderr(Stdio::null())
            .process_group(0) // Ctrl-C ends the tests and not the one who cleans up after them
            .spawn()
            .expect("sh starts");
        Self { path, shell }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Has the process ended when this one is gone; it takes the place of the one before.
    pub(crate) fn guard(&mut self, process: u32) {
        self.tell(&process.to_string());
    }

    /// Forgets the process: its number may be somebody else's from now on.
    pub(crate) fn release(&mut self) {
        self.tell("");
    }

    fn tell(&mut self, line: &str) {
        let pipe = self.shell.stdin.as_mut().expect("the pipe is open until the drop");
        let _gone = writeln!(pipe, "{line}"); // somebody killed the shell: nothing to tell, and no reason to fail
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _status = self.shell.wait();
    }
}

/// `$1` is the signal, `$2` the folder. A paused server goes on first, for it must take the signal; one that does not
/// within ten seconds is killed.
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

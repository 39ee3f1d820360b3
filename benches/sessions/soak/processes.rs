//! The processes of a soak, as their parent sees them.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::backend::Backend;
use super::lasting::LASTING;
use super::process::{PROCESS, Settings};
use super::report::Report;
use super::resources::{Resources, ResourcesAt};
use crate::BenchResult;

/// Running processes, and the report of those that were killed.
pub(super) struct Processes {
    running: Vec<Process>,
    killed: Report,
}

impl Processes {
    pub(super) fn start(backend: &Backend, time: Duration) -> BenchResult<Self> {
        let mut processes = Self { running: Vec::new(), killed: Report::default() };
        for _ in 0..backend.processes() {
            processes.start_last(backend, time)?;
        }
        Ok(processes)
    }

    /// Starts another process for this time.
    pub(super) fn start_last(&mut self, backend: &Backend, time: Duration) -> BenchResult<()> {
        let number = u32::try_from(self.running.len())?;
        let is_last = number.saturating_add(1) == backend.processes();
        let pause = if is_last { backend.last_pause() } else { PAUSE };
        let folder = backend.folder().to_owned();
        let settings =
            Settings { kind: backend.kind(), address: backend.address(), folder, number, time, pause };
        self.running.push(Process::start(&settings)?);
        Ok(())
    }

    /// Kills the last process. What it reported until the last second counts.
    pub(super) fn kill_last(&mut self) -> BenchResult<()> {
        let last = self.running.pop().ok_or("no process is left")?;
        self.killed.add(last.kill()?);
        Ok(())
    }

    pub(super) fn resources(&self, percent: u32, backend: &Backend) -> BenchResult<ResourcesAt> {
        let processes = self.running.iter().map(|process| Resources::of(process.child.id()));
        Ok(ResourcesAt {
            percent,
            processes: processes.collect::<BenchResult<Vec<Resources>>>()?,
            connections: backend.connections()?,
        })
    }

    /// Waits until every process has ended. Returns the reports, and the number of sessions that must have lasted.
    pub(super) fn end(self) -> BenchResult<(Report, u64)> {
        let Self { running, mut killed } = self;
        let lasting = u64::try_from(running.len())?.saturating_mul(LASTING);
        for process in running {
            killed.add(process.end()?);
        }
        Ok((killed, lasting))
    }
}

/// A process with nodes and clients, and the thread that reads its reports. Dropping it kills the process.
struct Process {
    child: Child,
    reader: Option<JoinHandle<BenchResult<Report>>>,
}

impl Process {
    fn start(settings: &Settings<'_>) -> BenchResult<Self> {
        let mut command = Command::new(env::current_exe()?);
        command.arg(PROCESS).args(settings.arguments());
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn()?;
        let output = child.stdout.take().ok_or("no output")?;
        let reader = thread::spawn(move || {
            let (mut report, mut output, mut line) =
                (Report::default(), BufReader::new(output), String::new());
            // A killed process may leave the beginning of a line.
            while output.read_line(&mut line)? > 0 && line.ends_with('\n') {
                report.read(line.trim_end())?;
                line.clear();
            }
            Ok(report)
        });
        Ok(Self { child, reader: Some(reader) })
    }

    fn kill(mut self) -> BenchResult<Report> {
        if let Some(status) = self.child.try_wait()? {
            return Err(format!("a process of the soak ended before it was killed: {status}").into());
        }
        self.child.kill()?;
        self.child.wait()?;
        self.report()
    }

    /// Waits until the process has ended.
    fn end(mut self) -> BenchResult<Report> {
        let report = self.report();
        let status = self.child.wait()?;
        if status.success() { report } else { Err(format!("a process of the soak failed: {status}").into()) }
    }

    fn report(&mut self) -> BenchResult<Report> {
        let reader = self.reader.take().ok_or("the reports were read before")?;
        reader.join().map_err(|_| "the reader of the reports panicked")?
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// The pause of a client between two rounds. Without it the processor would be what limits the clients, and not the stores.
const PAUSE: Duration = Duration::from_millis(200);

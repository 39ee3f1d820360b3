//! The soak: processes that log in, refresh and log out for a long time, while their servers and some of them are killed and
//! started again.
//!
//! Each process has two nodes over the store, clients whose sessions end soon, and clients whose sessions last. The parent kills
//! the server and the last process, whose replacement continues its lasting sessions, and adds up what the processes report.

mod backend;
mod client;
mod lasting;
mod process;
mod processes;
mod report;
mod resources;
mod retry;
mod schedule;

use std::thread::sleep;
use std::time::{Duration, Instant};

pub use backend::OTHERS;
pub use process::{PROCESS, run_process};

use backend::Backend;
use processes::Processes;
use report::{CUT_SHORT, GREW, UNSOUND_FILE};
use resources::GrowthBound;
use schedule::{Event, schedule};

use crate::BenchResult;
pub use crate::servers::KINDS;

/// Runs processes over a store of this kind for a time, and prints what they report and their resources. Returns whether no
/// session was lost, no token was spent twice, no wrong password and no token after a logout was accepted, every lasting session
/// lasted, and no process grew beyond the bound that is printed.
///
/// # Errors
///
/// Returns an error if a server or a process cannot be started or fails.
pub fn soak(kind: &'static str, time: Duration) -> BenchResult<bool> {
    let mut backend = Backend::start(kind)?;
    let (start, mut rows) = (Instant::now(), Vec::new());
    let mut processes = Processes::start(&backend, time)?;
    let (mut servers_killed, mut processes_killed, mut unsound) = (0_u32, 0_u32, 0_u32);
    for (at, event) in schedule(&backend, time) {
        sleep(at.saturating_sub(start.elapsed()));
        match event {
            Event::Measure(percent) => rows.push(processes.resources(percent, &backend)?),
            Event::KillServer => {
                backend.kill_server();
                servers_killed = servers_killed.saturating_add(1);
            }
            Event::KillProcess => {
                processes.kill_last()?;
                processes_killed = processes_killed.saturating_add(1);
                unsound = unsound.saturating_add(u32::from(!backend.is_sound()?));
                processes.start_last(&backend, time.saturating_sub(start.elapsed()))?;
            }
        }
    }
    let (mut report, lasting) = processes.end()?;
    unsound = unsound.saturating_add(u32::from(!backend.is_sound()?));
    report.increase(UNSOUND_FILE, unsound.into());
    report.increase(CUT_SHORT, lasting.saturating_sub(report.number(report::LASTED)));
    println!(
        "soak of {kind}, {time:?}: server killed {servers_killed}, last process killed {processes_killed} time(s)"
    );
    for row in &rows {
        println!("  {row}");
    }
    let bound = GrowthBound::of(kind, time);
    println!("  bound of the growth of a process, from the first row to the last: {bound}");
    for line in bound.exceeded(&rows) {
        println!("  {line}");
        report.increase(GREW, 1);
    }
    let is_sound = report.is_sound();
    report.print();
    Ok(is_sound)
}

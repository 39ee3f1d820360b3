//! Bounds on the work of a refusal: its memory, and an end.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use allocation_counter::measure;

/// Runs a check on a thread of its own. Panics if the check does, or if it hangs: after ten minutes, where the longest check takes
/// seconds.
pub(crate) fn watched(check: impl FnOnce() + Send + 'static) {
    let (done, ended) = channel();
    let thread = thread::spawn(move || {
        check();
        done.send(()).ok();
    });
    let is_hanging = ended.recv_timeout(Duration::from_mins(10)) == Err(RecvTimeoutError::Timeout);
    assert!(!is_hanging, "the check hangs");
    if let Err(panic) = thread.join() {
        std::panic::resume_unwind(panic);
    }
}

/// The inputs of a way in, and the most memory that one of them took.
#[derive(Debug)]
pub(crate) struct Meter {
    way: String,
    limit: u64,
    inputs: usize,
    most: u64,
    unsendable: usize,
    wrong: Vec<String>,
}

impl Meter {
    /// Creates a meter of a way in that allocates at most `limit` bytes in total for each input.
    pub(crate) fn new(way: impl Into<String>, limit: u64) -> Self {
        Self { way: way.into(), limit, inputs: 0, most: 0, unsendable: 0, wrong: Vec::new() }
    }

    /// Calls the way in. The outcome must be the expected one, within the limit of memory.
    pub(crate) fn call(&mut self, name: &str, expected: &str, call: impl FnOnce() -> String) {
        self.send(name, expected, || Some(call()));
    }

    /// Calls a way in that returns `None` for an input that it has no form for.
    pub(crate) fn send(&mut self, name: &str, expected: &str, call: impl FnOnce() -> Option<String>) {
        let mut found = None;
        let bytes = measure(|| found = call()).bytes_total;
        let Some(found) = found else {
            return self.cannot_send();
        };
        self.inputs += 1;
        self.most = self.most.max(bytes);
        if found != expected {
            self.wrong.push(format!("{name}: {found} instead of {expected}"));
        }
        if bytes > self.limit {
            self.wrong.push(format!("{name}: {bytes} bytes allocated"));
        }
    }

    /// Counts an input that HTTP itself cannot carry.
    pub(crate) fn cannot_send(&mut self) {
        self.unsendable += 1;
    }

    /// Prints the counts, asserts that nothing was wrong, and returns the number of inputs.
    pub(crate) fn finish(self) -> usize {
        let Self { way, limit, inputs, most, unsendable, wrong } = self;
        println!(
            "{way}: {inputs} inputs, {unsendable} that HTTP cannot carry, at most {most} bytes (limit {limit})"
        );
        assert!(inputs > 0, "{way}: no inputs");
        let shown: Vec<_> = wrong.iter().take(6).cloned().collect();
        assert!(wrong.is_empty(), "{way}: {} of {inputs} are wrong\n{}", wrong.len(), shown.join("\n"));
        inputs
    }
}

#[test]
fn a_wrong_outcome_and_too_much_memory_fail() {
    let failing = |limit: u64, outcome: &str| {
        let mut meter = Meter::new("a way", limit);
        meter.call("an input", "expected", || {
            assert_eq!(std::hint::black_box(vec![1_u8; 2000]).len(), 2000);
            outcome.to_owned()
        });
        std::panic::catch_unwind(move || meter.finish()).is_err()
    };
    assert!(!failing(4000, "expected"));
    assert!(failing(4000, "other"));
    assert!(failing(1000, "expected"));
    assert!(std::panic::catch_unwind(|| watched(|| panic!("a check fails"))).is_err());
}

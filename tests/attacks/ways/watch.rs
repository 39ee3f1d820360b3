//! Bounds on the work of a refusal: its memory, its time, and an end.

use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

use allocation_counter::measure;
use gatevault_attack_tests::Attack;

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

/// An input of a way in: what distinguishes it, and its length.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Input<'a> {
    name: &'a str,
    bytes: usize,
}

impl<'a> Input<'a> {
    pub(crate) fn new(name: &'a str, bytes: usize) -> Self {
        Self { name, bytes }
    }
}

impl<'a> From<&'a Attack> for Input<'a> {
    fn from(attack: &'a Attack) -> Self {
        Self::new(&attack.name, attack.token.len())
    }
}

/// The inputs of a way in, and the most memory and time that one of them took.
#[derive(Debug)]
pub(crate) struct Meter {
    way: String,
    limit: u64,
    /// The copies of the input that its transport makes, which do not count.
    copies: u64,
    patience: Duration,
    inputs: usize,
    most: u64,
    slowest: Duration,
    unsendable: usize,
    wrong: Vec<String>,
}

impl Meter {
    /// Creates a meter of a way in that allocates at most `limit` bytes in total for each input.
    pub(crate) fn new(way: impl Into<String>, limit: u64) -> Self {
        Self {
            way: way.into(),
            limit,
            copies: 0,
            patience: PATIENCE,
            inputs: 0,
            most: 0,
            slowest: Duration::ZERO,
            unsendable: 0,
            wrong: Vec::new(),
        }
    }

    /// Allows as many copies of the input beside the limit: those of the request that carries it.
    pub(crate) fn copying(self, copies: u64) -> Self {
        Self { copies, ..self }
    }

    /// Calls the way in. The outcome must be the expected one, within the limits of memory and time. A call that is too slow is
    /// repeated, since other processes may have delayed it.
    pub(crate) fn call<'a>(
        &mut self,
        input: impl Into<Input<'a>>,
        expected: &str,
        mut call: impl FnMut() -> String,
    ) {
        let Input { name, bytes: length } = input.into();
        let copied = self.copies * u64::try_from(length).unwrap();
        let mut quickest = Duration::MAX;
        for _ in 0..TRIES {
            let (mut found, begun) = (String::new(), Instant::now());
            let bytes = measure(|| found = call()).bytes_total.saturating_sub(copied);
            quickest = quickest.min(begun.elapsed());
            self.most = self.most.max(bytes);
            if found != expected {
                self.wrong.push(format!("{name}: {found} instead of {expected}"));
            }
            if bytes > self.limit {
                self.wrong.push(format!("{name}: {bytes} bytes allocated"));
            }
            if quickest <= self.patience {
                break;
            }
        }
        self.inputs += 1;
        self.slowest = self.slowest.max(quickest);
        if quickest > self.patience {
            self.wrong.push(format!("{name}: {quickest:?}, the quickest of {TRIES} calls"));
        }
    }

    /// Counts an input that HTTP, or the requests of a framework, cannot carry.
    pub(crate) fn cannot_send(&mut self) {
        self.unsendable += 1;
    }

    /// Prints the counts, asserts that nothing was wrong and that exactly `unsendable` inputs could not be sent, and returns the
    /// number of inputs.
    pub(crate) fn finish(self, unsendable: usize) -> usize {
        let Self { way, limit, copies, inputs, most, slowest, unsendable: unsent, wrong, .. } = self;
        println!(
            "{way}: {inputs} inputs, {unsent} that cannot be sent, at most {most} bytes beside {copies} copies (limit {limit}) \
             and {slowest:?}"
        );
        assert!(inputs > 0, "{way}: no inputs");
        assert_eq!(unsent, unsendable, "{way}: inputs that cannot be sent");
        let shown: Vec<_> = wrong.iter().take(6).cloned().collect();
        assert!(wrong.is_empty(), "{way}: {} of {inputs} are wrong\n{}", wrong.len(), shown.join("\n"));
        inputs
    }
}

/// The most time for an input. It is no measure of speed, but a thousand times what any refusal takes on an idle machine: only an
/// input that makes the library work for it, such as a costly hash, takes longer.
const PATIENCE: Duration = Duration::from_secs(2);

/// The number of calls of which the quickest counts.
const TRIES: usize = 3;

#[test]
fn a_wrong_outcome_too_much_memory_and_an_unexpected_unsent_input_fail() {
    let failing = |limit: u64, outcome: &str| {
        let mut meter = Meter::new("a way", limit);
        meter.call(Input::new("an input", 100), "expected", || {
            assert_eq!(std::hint::black_box(vec![1_u8; 2000]).len(), 2000);
            outcome.to_owned()
        });
        std::panic::catch_unwind(move || meter.finish(0)).is_err()
    };
    assert!(!failing(4000, "expected"));
    assert!(failing(4000, "other"));
    assert!(failing(1000, "expected"));
    // Copies of the input do not count.
    let mut meter = Meter::new("a way", 1000).copying(10);
    meter.call(Input::new("an input", 200), "2000", || {
        std::hint::black_box(vec![1_u8; 2000]).len().to_string()
    });
    meter.finish(0);
    let failing_to_send = |unsendable: usize| {
        let mut meter = Meter::new("a way", 4000);
        meter.call(Input::new("an input", 100), "expected", || "expected".to_owned());
        meter.cannot_send();
        std::panic::catch_unwind(move || meter.finish(unsendable)).is_err()
    };
    assert!(!failing_to_send(1));
    assert!(failing_to_send(0) && failing_to_send(2));
    assert!(std::panic::catch_unwind(|| watched(|| panic!("a check fails"))).is_err());
}

#[test]
fn a_call_is_too_slow_only_if_it_is_slow_each_time() {
    let failing = |slow_calls: usize| {
        let mut meter = Meter { patience: Duration::from_millis(500), ..Meter::new("a way", 4000) };
        let mut calls = 0;
        meter.call(Input::new("an input", 100), "", || {
            calls += 1;
            if calls <= slow_calls {
                thread::sleep(Duration::from_millis(600));
            }
            String::new()
        });
        let failed = std::panic::catch_unwind(move || meter.finish(0)).is_err();
        (failed, calls)
    };
    assert_eq!(failing(usize::MAX), (true, TRIES));
    assert_eq!(failing(TRIES - 1), (false, TRIES));
    // On a machine that is too busy for the first call, there are more.
    assert!(!failing(0).0);
}

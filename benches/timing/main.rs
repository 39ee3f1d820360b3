//! Timing leaks: of signatures and of other secrets that are compared, and of logins, which must not show that an account exists.
//!
//! `cargo bench -p gatevault-benches --bench timing` takes some minutes; an argument such as `-- bcrypt` selects the sections
//! whose name contains it. It fails if a finding is not the expected one; `-- --quick` measures little, to check that it runs.
//! [`gatevault_benches::timing`] has the method.
//! Trust no line unless the controls are as expected: the leaks were found, and the same inputs are not a leak.
#![expect(clippy::print_stdout, reason = "the benchmark prints its figures")]

mod accounts;
mod controls;
mod costs;
mod logins;
mod secrets;
mod signatures;
mod throttled;
mod wrong;

use std::env;

use gatevault_benches::Answer;
use gatevault_benches::timing::{Comparison, Expected, Finding, Pair};

type Section = (&'static str, fn() -> Answer<Vec<Pair>>);

/// The sections. The last ones hash with the costs of a server, so `--quick` leaves them out.
const SECTIONS: [Section; 8] = [
    ("controls", controls::pairs),
    ("signatures", signatures::pairs),
    ("secrets", secrets::pairs),
    ("bcrypt", logins::bcrypt),
    ("argon2id", logins::argon2id),
    ("throttled", throttled::pairs),
    ("bcrypt-default", logins::bcrypt_by_default),
    ("argon2id-default", logins::argon2id_by_default),
];
const QUICK_SECTIONS: usize = 6;
/// The part of the measurements that `--quick` takes.
const QUICK: u32 = 500;

fn main() -> Answer<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let is_quick = arguments.iter().any(|argument| argument == "--quick");
    let chosen: Vec<&String> = arguments.iter().filter(|argument| !argument.starts_with("--")).collect();
    let (fraction, sections) = if is_quick { (QUICK, QUICK_SECTIONS) } else { (1, SECTIONS.len()) };
    println!("{}", pinned());
    println!("|t| above 10 is a leak; below 5 none was found with this number of measurements\n");
    println!("{:52} {:>8} {:>8} {:>13} {:>13}", "", "n", "|t|", "median", "difference");
    let mut surprises = Vec::new();
    for (name, pairs) in SECTIONS.into_iter().take(sections) {
        if !chosen.is_empty() && !chosen.iter().any(|chosen| name.contains(chosen.as_str())) {
            continue;
        }
        println!("{name}");
        for pair in pairs()? {
            let comparison = compare(&pair, fraction);
            println!("{}", line(&pair, &comparison));
            if !is_expected(pair.expected, comparison.finding()) {
                surprises.push(format!("{name}: {}", pair.name));
            }
        }
    }
    if surprises.is_empty() {
        println!("\nother than expected: none");
        return Ok(());
    }
    let surprises = format!("other than expected: {}", surprises.join("; "));
    println!("\n{surprises}");
    // Few measurements prove nothing, so `--quick` fails for no finding.
    if is_quick { Ok(()) } else { Err(surprises.into()) }
}

/// Measures a pair. If the finding is unclear, measures it again with four times as many measurements: |t| of a leak doubles.
fn compare(pair: &Pair, fraction: u32) -> Comparison {
    let first = pair.compare(1, fraction);
    if fraction == 1 && first.finding() == Finding::Unclear { pair.compare(4, 1) } else { first }
}

fn line(pair: &Pair, comparison: &Comparison) -> String {
    let Comparison { largest_t, difference, median, measurements } = comparison;
    let finding = match comparison.finding() {
        Finding::Leak => "leak",
        Finding::Unclear => "unclear",
        Finding::NoneFound => "none found",
    };
    let expected = match pair.expected {
        Expected::None => "goal: none found",
        Expected::Control => "control: leak",
        Expected::Inherent(reason) => reason,
    };
    let median = format!("{:.3} µs", median / 1e3);
    format!(
        "  {:50} {measurements:>8} {largest_t:>8.1} {median:>13} {difference:>+10.1} ns  {finding} ({expected})",
        pair.name
    )
}

fn is_expected(expected: Expected, finding: Finding) -> bool {
    match expected {
        Expected::None => finding == Finding::NoneFound,
        Expected::Control => finding == Finding::Leak,
        Expected::Inherent(_) => true,
    }
}

/// Pins this thread, and those that it starts, to one processor, and says whether it did.
#[cfg(target_os = "linux")]
fn pinned() -> String {
    use nix::sched::{CpuSet, sched_getcpu, sched_setaffinity};
    use nix::unistd::Pid;

    let pin = || {
        let (processor, mut set) = (sched_getcpu()?, CpuSet::new());
        set.set(processor)?;
        sched_setaffinity(Pid::from_raw(0), &set).map(|()| processor)
    };
    match pin() {
        Ok(processor) => format!("pinned to processor {processor}"),
        Err(error) => format!("not pinned to a processor: {error}"),
    }
}

#[cfg(not(target_os = "linux"))]
fn pinned() -> String {
    "not pinned to a processor".to_owned()
}

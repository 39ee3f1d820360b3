//! The cost of `#[protected]` in `cargo check`: two hundred functions with the attribute, and the same without it.
//!
//! `cargo bench -p gatevault-benches --bench check_time` creates three crates below the target directory: without the
//! attribute, with it, and with two conditions. It checks them in turn, each after an edit, and prints the medians; with
//! `-- --quick` it runs one round. The macros are built as `cargo check` builds them. Apart from the functions, the
//! crates are equal, including their dependencies.
#![expect(clippy::print_stdout, reason = "the benchmark prints its figures")]

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

type Answer<T> = Result<T, Box<dyn Error>>;

fn main() -> Answer<()> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check_time");
    let bare = Sample::new(&root, "bare", "")?;
    let guarded = Sample::new(&root, "guarded", "#[protected]")?;
    let with_policies =
        Sample::new(&root, "with_policies", "#[protected(require(payload.user_id != 0, number < 9))]")?;
    let rounds = if env::args().any(|argument| argument == "--quick") { 1 } else { ROUNDS };
    println!("`cargo check` of {FUNCTIONS} functions, half of them async, median of {rounds}:");
    for (incremental, mode) in [("1", "after an edit"), ("0", "not incremental")] {
        let mut times = [(&bare, Vec::new()), (&guarded, Vec::new()), (&with_policies, Vec::new())];
        for round in 0..=rounds {
            for (sample, times) in &mut times {
                let time = sample.check(round, incremental)?;
                // The first round builds the dependencies.
                times.extend((round > 0).then_some(time));
            }
        }
        let [bare, guarded, with_policies] = times.map(|(_, times)| median(times));
        println!("  {mode}: bare {bare:.1?}");
        for (name, time) in [("guarded", guarded), ("with two conditions", with_policies)] {
            let more = time.saturating_sub(bare).div_f64(f64::from(FUNCTIONS));
            println!("  {mode}: {name} {time:.1?}, {more:.2?} more for each function");
        }
    }
    Ok(())
}

/// A crate of many functions.
struct Sample {
    folder: PathBuf,
    source: String,
}

impl Sample {
    /// Writes the crate to the folder `name`.
    fn new(root: &Path, name: &str, attribute: &str) -> Answer<Self> {
        let folder = root.join(name);
        fs::create_dir_all(folder.join("src"))?;
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let gatevault = workspace.join("gatevault");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]\n\
             gatevault = {{ path = {:?} }}\n\n[workspace]\n",
            gatevault.display().to_string()
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // The tested versions. Cargo removes the packages that this crate does not need.
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { folder, source: source(attribute)? })
    }

    /// Checks the crate after an edit and returns the time it took.
    fn check(&self, round: u32, incremental: &str) -> Answer<Duration> {
        let edited = format!("{}pub const EDIT: u32 = {round};\n", self.source);
        fs::write(self.folder.join("src/lib.rs"), edited)?;
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["check", "--quiet", "--offline"]).current_dir(&self.folder);
        cargo
            .env("CARGO_TARGET_DIR", self.folder.with_file_name("target"))
            .env("CARGO_INCREMENTAL", incremental);
        let start = Instant::now();
        let status = cargo.status()?;
        let time = start.elapsed();
        if status.success() { Ok(time) } else { Err("the sample does not compile".into()) }
    }
}

/// Generates the source with `attribute` on every function.
fn source(attribute: &str) -> Answer<String> {
    // The bare crate has the same `use`, so that all crates load the same dependencies.
    let mut source = String::from(
        "#![allow(unused)]\nuse gatevault::{Claims, GuardError, protected};\n\
         #[derive(Claims)]\npub struct User { pub user_id: u64, pub name: Option<String> }\n",
    );
    let token = if attribute.is_empty() { "token: &str, " } else { "" };
    for function in 0..FUNCTIONS {
        let asynchronous = if function % 2 == 0 { "" } else { "async " };
        write!(
            source,
            "{attribute}\npub {asynchronous}fn f{function}({token}number: u64, text: &str, payload: User) \
             -> Result<String, GuardError> {{\n    \
             let name = payload.name.unwrap_or_else(|| text.to_owned());\n    \
             if name.is_empty() {{\n        return Err(GuardError::unauthorized(\"no name\"));\n    }}\n    \
             Ok(format!(\"{{name}} {{}} {{number}}\", payload.user_id))\n}}\n"
        )?;
    }
    Ok(source)
}

/// Returns the median of the times.
fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

const FUNCTIONS: u32 = 200;
const ROUNDS: u32 = 9;

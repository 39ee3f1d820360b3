//! The cost of `#[protected]` in `cargo check`: a thousand functions with the attribute, without it, and with
//! `#[instrument]`.
//!
//! `cargo bench -p gatevault-benches --bench check_time` creates crates below the target directory, which differ in their
//! functions only: the attribute, and the types of two parameters. It checks them in turn, each after an edit and not
//! incrementally, and prints the medians: the seconds in which the compiler expands the macros, and the processor's seconds
//! of the whole check, which other work on the machine affects least. With `-- --quick` it checks a few functions once. The
//! macros are built as `cargo check` builds them.
#![expect(clippy::print_stdout, reason = "the benchmark prints its figures")]

use std::env;
use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;

type Answer<T> = Result<T, Box<dyn Error>>;

fn main() -> Answer<()> {
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("check_time");
    let is_quick = env::args().any(|argument| argument == "--quick");
    let (functions, rounds) = if is_quick { (20, 1) } else { (1000, 5) };
    println!("`cargo check` of {functions} functions, median of {rounds} rounds:\n");
    println!(
        "{:44}{:>10} {:>10} {:>10} {:>10} {:>14}",
        "", "expansion", "check", "over bare", "instrument", "more than bare"
    );
    for form in ["fn", "async fn"] {
        let mut samples = Vec::new();
        for (index, row) in ROWS.iter().enumerate() {
            let name = format!("sample_{index}_{}", form.split(' ').next().unwrap_or(form));
            samples.push(Sample::new(&root, &name, row.source(form, functions)?)?);
        }
        let mut costs = vec![Vec::new(); samples.len()];
        for round in 0..=rounds {
            for (sample, costs) in samples.iter().zip(&mut costs) {
                let cost = sample.check(round)?;
                // The first round builds the dependencies.
                costs.extend((round > 0).then_some(cost));
            }
        }
        let costs: Vec<Cost> = costs.iter().map(|costs| Cost::median(costs)).collect();
        print!("{}", table(form, &costs, functions)?);
    }
    Ok(())
}

/// Formats the rows of functions of a form.
fn table(form: &str, costs: &[Cost], functions: u32) -> Answer<String> {
    let [bare, instrument, ..] = costs else { return Err("no rows to compare with".into()) };
    let mut table = String::new();
    for (row, cost) in ROWS.iter().zip(costs) {
        let more = (cost.check - bare.check).max(0.0) / f64::from(functions) * 1e3;
        writeln!(
            table,
            "{:44}{:8.3} s {:8.2} s {:10.2} {:10.2} {more:8.2} ms each",
            format!("{form}, {}", row.name),
            cost.expansion,
            cost.check,
            cost.check / bare.check,
            cost.check / instrument.check,
        )?;
    }
    Ok(table)
}

/// A way to write the functions.
struct Row {
    name: &'static str,
    /// The attribute of every function.
    attribute: &'static str,
    /// The attribute of every module of ten functions.
    block: &'static str,
    /// The types of the two parameters.
    parameters: [&'static str; 2],
}

/// The rows. The first two are those that the others are compared with.
const ROWS: [Row; 8] = [
    Row { name: "bare", attribute: "", block: "", parameters: PLAIN },
    Row { name: "#[instrument]", attribute: "#[instrument]", block: "", parameters: PLAIN },
    Row { name: "#[protected]", attribute: "#[protected]", block: "", parameters: PLAIN },
    Row { name: "one probed parameter", attribute: "#[protected]", block: "", parameters: ["u64", "Name"] },
    Row { name: "two probed parameters", attribute: "#[protected]", block: "", parameters: PROBED },
    Row { name: "role and require", attribute: CONDITIONS, block: "", parameters: PLAIN },
    Row { name: "role, require and two probed", attribute: CONDITIONS, block: "", parameters: PROBED },
    Row { name: "in #[guarded] modules", attribute: "#[protected]", block: "#[guarded]", parameters: PLAIN },
];
const PLAIN: [&str; 2] = ["u64", "String"];
const PROBED: [&str; 2] = ["Number", "Name"];
const CONDITIONS: &str = r#"#[protected(role = "admin", require = payload.user_id != 0)]"#;

impl Row {
    /// Generates the source of a crate with functions of this form.
    fn source(&self, form: &str, functions: u32) -> Answer<String> {
        let Self { attribute, block, parameters: [number, name], .. } = self;
        // All crates have the same `use`, so that they load the same dependencies.
        let mut source = String::from(
            "#![allow(unused)]\nuse gatevault::{Claims, GuardError, guarded, protected};\nuse tracing::instrument;\n\
             #[derive(Debug, Claims)]\npub struct User { pub user_id: u64, #[claims(role)] pub role: String }\n\
             #[derive(Debug)]\npub struct Number(u64);\n#[derive(Debug)]\npub struct Name(String);\n",
        );
        for function in 0..functions {
            if function.is_multiple_of(IN_BLOCK) {
                write!(source, "{block}\npub mod m{function} {{\nuse super::*;\n")?;
            }
            write!(
                source,
                "{attribute}\npub {form} f{function}(number: {number}, name: {name}, payload: User) \
                 -> Result<String, GuardError> {{\n    \
                 if payload.role.is_empty() {{\n        return Err(GuardError::unauthorized(\"no role\"));\n    }}\n    \
                 Ok(format!(\"{{}} {{name:?}} {{number:?}}\", payload.user_id))\n}}\n"
            )?;
            if function % IN_BLOCK == IN_BLOCK - 1 {
                source.push_str("}\n");
            }
        }
        Ok(source)
    }
}

/// A crate of many functions.
struct Sample {
    folder: PathBuf,
    source: String,
}

impl Sample {
    /// Writes the crate to the folder `name`.
    fn new(root: &Path, name: &str, source: String) -> Answer<Self> {
        let folder = root.join(name);
        fs::create_dir_all(folder.join("src"))?;
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize()?;
        let gatevault = workspace.join("gatevault");
        let manifest = format!(
            "[package]\nname = \"{name}\"\nedition = \"2024\"\n\n[dependencies]\n\
             gatevault = {{ path = {:?} }}\ntracing = {{ version = \"0.1\", features = [\"attributes\"] }}\n\n\
             [workspace]\n",
            gatevault.display().to_string()
        );
        fs::write(folder.join("Cargo.toml"), manifest)?;
        // The tested versions. Cargo removes the packages that this crate does not need.
        fs::copy(workspace.join("Cargo.lock"), folder.join("Cargo.lock"))?;
        Ok(Self { folder, source })
    }

    /// Checks the crate after an edit.
    fn check(&self, round: u32) -> Answer<Cost> {
        let edited = format!("{}pub const EDIT: u32 = {round};\n", self.source);
        fs::write(self.folder.join("src/lib.rs"), edited)?;
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["rustc", "--quiet", "--offline", "--profile", "check", "--", "-Ztime-passes"]);
        cargo
            .current_dir(&self.folder)
            .env("CARGO_TARGET_DIR", self.folder.with_file_name("target"))
            .env("CARGO_INCREMENTAL", "0")
            // The stable compiler shows its passes with this variable only.
            .env("RUSTC_BOOTSTRAP", "1");
        let before = processor_seconds()?;
        let output = cargo.output()?;
        let check = processor_seconds()? - before;
        let passes = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let error = passes.lines().find(|line| line.starts_with("error")).unwrap_or(&passes);
            return Err(format!("the sample does not compile: {error}").into());
        }
        let expansion = expansion_seconds(&passes).ok_or("the compiler printed no time of the expansion")?;
        Ok(Cost { expansion, check })
    }
}

/// Seconds of a check.
#[derive(Clone, Copy)]
struct Cost {
    expansion: f64,
    check: f64,
}

impl Cost {
    /// Returns the median of each figure.
    fn median(costs: &[Self]) -> Self {
        let median = |figure: fn(&Self) -> f64| {
            let mut figures: Vec<f64> = costs.iter().map(figure).collect();
            figures.sort_by(f64::total_cmp);
            figures.get(figures.len() / 2).copied().unwrap_or_default()
        };
        Self { expansion: median(|cost| cost.expansion), check: median(|cost| cost.check) }
    }
}

/// Returns the user's processor time of all children so far.
fn processor_seconds() -> Answer<f64> {
    let micros = getrusage(UsageWho::RUSAGE_CHILDREN)?.user_time().num_microseconds();
    Ok(f64::from(u32::try_from(micros / 1000)?) / 1e3)
}

/// Reads the time of the expansion from a line such as `time:   0.123; rss:   40MB ->   50MB  macro_expand_crate`.
fn expansion_seconds(passes: &str) -> Option<f64> {
    let line = passes.lines().find(|line| line.ends_with("macro_expand_crate"))?;
    line.strip_prefix("time:")?.split(';').next()?.trim().parse().ok()
}

/// The functions in a module.
const IN_BLOCK: u32 = 10;

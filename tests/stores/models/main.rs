//! Random sequences of operations on every store, whose outcomes must be those of the model in `gatevault-session-model`.
//!
//! Each test prints its number of sequences and requests. `GATEVAULT_SEQUENCES` is another number of sequences for each store, and
//! `GATEVAULT_SEED` another first seed. A failure prints the seed and the shortest sequence that fails, in the grammar of the model:
//! `GATEVAULT_SCRIPT='o0;r0'` runs one sequence, with a semicolon between its lines. `faults` shows that the comparison can fail: it
//! runs over stores that each break one rule.
#![expect(
    clippy::arithmetic_side_effects,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that panics is a test that fails"
)]

mod faults;
mod faulty;
mod nodes;
mod stores;

use std::env;
use std::str::FromStr;
use std::time::{Duration, Instant};

use gatevault_session_model::{Mismatch, Outcome, Random, Tally, random_script, run, shortest};

use crate::stores::{StoreKind, Surroundings};

/// Makes a test for each store, with its number of sequences.
macro_rules! over_stores {
    ($($store:ident: $kind:ident, $sequences:literal;)+) => {
        $(
            mod $store {
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn every_sequence_of_operations_has_the_outcomes_of_the_model() {
                    super::compare(super::StoreKind::$kind, $sequences).await;
                }
            }
        )+
    };
}

over_stores! {
    memory: Memory, 300;
    sqlite: Sqlite, 50;
    postgres: Postgres, 30;
    partitioned: Partitioned, 15;
    pooled: Pooled, 15;
    redis: Redis, 50;
}

/// The number of lines of a sequence.
const LINES: usize = 50;

/// Runs random sequences, or the one of the environment.
async fn compare(kind: StoreKind, sequences: u64) {
    let mut surroundings = Surroundings::new(kind);
    if let Ok(script) = env::var("GATEVAULT_SCRIPT") {
        let lines: Vec<_> = script.split(';').map(str::to_owned).collect();
        attempt(&mut surroundings, &lines).await.unwrap_or_else(|mismatch| panic!("{mismatch}"));
        return;
    }
    let (sequences, first) =
        (variable("GATEVAULT_SEQUENCES", sequences), variable("GATEVAULT_SEED", FIRST_SEED));
    let mut tally = Tally::new();
    for seed in first..first + sequences {
        let script = random_script(&mut Random::new(seed), LINES);
        match attempt(&mut surroundings, &script).await {
            Ok(outcomes) => {
                for (name, number) in outcomes {
                    *tally.entry(name).or_default() += number;
                }
            }
            Err(mismatch) => report(&mut surroundings, seed, script, &mismatch).await,
        }
    }
    println!("{kind:?}: {sequences} sequences, {} requests: {tally:?}", tally.values().sum::<usize>());
    let missing: Vec<_> = expected(sequences, first).filter(|name| !tally.contains_key(name)).collect();
    assert!(missing.is_empty(), "no request had the outcome {missing:?}");
}

async fn attempt(surroundings: &mut Surroundings, script: &[String]) -> Result<Tally, Mismatch> {
    let mut world = surroundings.world().await;
    run(&mut world, script.join("\n").as_bytes()).await
}

/// Fails with the shortest form of a sequence that fails.
async fn report(surroundings: &mut Surroundings, seed: u64, script: Vec<String>, first: &Mismatch) {
    println!("{:?}, seed {seed}: {first}", surroundings.kind());
    let start = Instant::now();
    let script = shortest(script, async |script| {
        start.elapsed() < LONGEST_SEARCH && repeat(surroundings, script).await.is_err()
    });
    let script = script.await;
    let again = repeat(surroundings, &script).await;
    let (kind, script) = (surroundings.kind(), script.join(";"));
    panic!("{kind:?}, seed {seed}: {first}\nGATEVAULT_SCRIPT='{script}': {again:?}");
}

/// Runs a sequence, and one with requests at once several times: their order is another one each time.
async fn repeat(surroundings: &mut Surroundings, script: &[String]) -> Result<(), Mismatch> {
    let times = if script.iter().any(|line| line.contains('|')) { 10 } else { 1 };
    for _ in 0..times {
        attempt(surroundings, script).await?;
    }
    Ok(())
}

fn variable<T: FromStr>(name: &str, default: T) -> T {
    env::var(name).map_or(default, |value| value.parse().ok().unwrap_or_else(|| panic!("{name}: {value}")))
}

const FIRST_SEED: u64 = 1;

/// The time after which a failure is reported with a sequence that may be shortened further.
const LONGEST_SEARCH: Duration = Duration::from_mins(2);

/// Returns the outcomes that so many sequences from this seed have several times.
fn expected(sequences: u64, first: u64) -> impl Iterator<Item = &'static str> {
    let (is_enough, is_default) = (sequences >= ENOUGH, sequences >= FEWEST && first == FIRST_SEED);
    Outcome::NAMES.into_iter().filter(move |name| is_enough || is_default && *name != RARE)
}

/// The number of sequences that have every outcome several times, from whichever seed.
const ENOUGH: u64 = 50;

/// The smallest number of sequences of a store.
const FEWEST: u64 = 15;

/// The outcome that fewer sequences may not have.
const RARE: &str = "step-up expired";

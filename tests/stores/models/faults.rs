//! The comparison fails: a store that breaks one rule differs from the model, in a short sequence and in random ones.

use gatevault_session_model::{Mismatch, Random, Tally, random_script, run, shortest};

use crate::LINES;
use crate::faulty::{Fault, FaultyWorld};

/// A sequence for each fault, whose last line shows it, and a part of the difference.
const SHOWN: [(Fault, &str, &str); 20] = [
    (Fault::AcceptsAnyToken, "o;r;r;r02", "the store has Rotated("),
    (Fault::AcceptsAnyToken, "o;r03", "the store has Rotated("),
    (Fault::AcceptsAnyToken, "o;r|r", "neither order: "),
    (Fault::LongerGrace, "o;r;t1;r0101", "the store has Current("),
    (Fault::NoGrace, "o;r;r0101", "the store has Reused"),
    (Fault::RotatesExpired, "o000001;t1;r", "the store has Rotated("),
    (Fault::RotatesAnyPool, "o;r00001", "the store has Rotated("),
    (Fault::KeepsOldStamp, "o;o00011;r101", "the store has Outdated"),
    (Fault::NoLimit, "o;o001", "the sessions that the limit ends: the store has {}"),
    (Fault::StepsUpAnyUser, "o;s001", "the store has Rotated("),
    (Fault::ForgetsRevocation, "o;v003", "the list of "),
    (Fault::RevokesAnyUser, "o;v001", "were revoked, which are not the user's"),
    (Fault::RevokesLoginsOnly, "o01;v103", "was not revoked"),
    (Fault::HidesRevocation, "o;v003", "the store does not list the revocation session "),
    (Fault::HidesRevocation, "o;n0", "the store does not list the revocation user "),
    (Fault::RecordsNothing, "n0", "the store does not list the revocation user "),
    (Fault::RecordsNothing, "o;n2", "the store does not list the revocation token "),
    (Fault::RemovesEarly, "n0;x", "the store does not list the revocation user "),
    (Fault::RemovesEarly, "o;v003;x", "the store does not list the revocation session "),
    (Fault::SpendsAgain, "p;p", "and is the first use: true"),
];

#[tokio::test]
async fn each_fault_differs_from_the_model_in_the_last_line_of_its_sequence() {
    for (fault, script, difference) in SHOWN {
        let lines: Vec<_> = script.split(';').map(str::to_owned).collect();
        assert_eq!(attempt(Fault::None, &lines).await.err(), None, "{script}");
        let mismatch = attempt(fault, &lines).await.expect_err(script).to_string();
        let last = lines.last().unwrap();
        let is_shown = mismatch.starts_with(&format!("{last}: ")) && mismatch.contains(difference);
        assert!(is_shown, "{fault:?}, {script}: {mismatch}");
        let before = &lines[..lines.len() - 1];
        assert_eq!(attempt(fault, before).await.err(), None, "{fault:?}, {script} without its last line");
    }
}

#[tokio::test]
async fn random_sequences_find_each_fault_and_are_shortened_to_a_few_lines() {
    let faults = SHOWN.map(|(fault, ..)| fault);
    for fault in faults.into_iter().enumerate().filter(|(at, fault)| !faults[..*at].contains(fault)) {
        let (_, fault) = fault;
        let script = failing(fault).await;
        let script = shortest(script, async |script| attempt(fault, script).await.is_err()).await;
        assert!(script.len() <= 5, "{fault:?}: {script:?}");
    }
}

#[tokio::test]
async fn guards_that_learn_of_no_revocation_differ_from_the_model() {
    for (script, session) in [("o;n0;g", "the access token of "), ("o;v003;g", "the access token of ")] {
        let mut world = FaultyWorld::with_deaf_nodes();
        let mismatch = run(&mut world, script.replace(';', "\n").as_bytes()).await.unwrap_err().to_string();
        assert!(mismatch.starts_with(&format!("g: {session}")), "{script}: {mismatch}");
        assert!(mismatch.ends_with("is valid: false; a guard says Ok(())"), "{script}: {mismatch}");
    }
}

/// Returns the first of a few random sequences that differs from the model, and not for a store without a fault.
async fn failing(fault: Fault) -> Vec<String> {
    for seed in 1..=SEQUENCES {
        let script = random_script(&mut Random::new(seed), LINES);
        assert_eq!(attempt(Fault::None, &script).await.err(), None, "seed {seed}");
        if attempt(fault, &script).await.is_err() {
            return script;
        }
    }
    panic!("{SEQUENCES} sequences do not find {fault:?}")
}

async fn attempt(fault: Fault, script: &[String]) -> Result<Tally, Mismatch> {
    run(&mut FaultyWorld::new(fault), script.join("\n").as_bytes()).await
}

/// Fewer than the sequences over any store but PostgreSQL behind a pooler.
const SEQUENCES: u64 = 30;

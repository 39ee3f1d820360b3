//! Each target over its corpus and mutations of it. `GATEVAULT_CASES` is another number of mutations.

use std::panic::catch_unwind;

use crate::corpus::{Mutator, of};

/// Runs the target, and names the input if it fails.
fn check(target: fn(&[u8]), name: &str, input: &[u8]) {
    let outcome = catch_unwind(|| target(input));
    assert!(outcome.is_ok(), "{name} fails: b\"{}\"", input.escape_ascii());
}

fn holds(name: &str, target: fn(&[u8]), cases: usize) {
    let cases = std::env::var("GATEVAULT_CASES").map_or(cases, |cases| cases.parse().expect("a number"));
    let corpus = of(name);
    assert!((5..=40).contains(&corpus.len()), "the corpus of {name} has {} files", corpus.len());
    for (file, input) in &corpus {
        assert!(input.len() <= 2048, "corpus/{name}/{file} has {} bytes", input.len());
        check(target, &format!("corpus/{name}/{file}"), input);
    }
    let mut mutator = Mutator::new();
    for _ in 0..cases {
        let (first, second) = (mutator.below(corpus.len()), mutator.below(corpus.len()));
        let input = mutator.mutate(&corpus[first].1, &corpus[second].1);
        check(target, &format!("a mutation of corpus/{name}/{}", corpus[first].0), &input);
    }
}

macro_rules! targets {
    ($($test:ident: $target:ident, $cases:literal;)+) => {
        $(
            mod $target {
                #[test]
                fn $test() {
                    super::holds(stringify!($target), crate::$target::run, $cases);
                }
            }
        )+

        #[test]
        fn every_target_has_a_program_and_a_test() {
            let manifest = include_str!("../Cargo.toml");
            let programs = manifest.lines().filter_map(|line| line.strip_prefix("path = \"fuzz_targets/")?.strip_suffix(".rs\""));
            let mut programs: Vec<_> = programs.collect();
            let mut tested = vec![$(stringify!($target)),+];
            programs.sort_unstable();
            tested.sort_unstable();
            assert_eq!(programs, tested);
        }
    };
}

targets! {
    of_all_strings_only_a_genuine_token_is_accepted: token, 5000;
    a_header_is_accepted_exactly_if_the_rules_accept_it: header, 5000;
    every_reader_of_claims_reads_the_same: claims, 5000;
    a_key_that_is_read_is_written_and_read_again_and_works: keys, 2000;
    a_token_is_never_a_part_of_another_header_value: credentials, 5000;
    no_request_without_a_token_ends_or_continues_a_session: routes, 2000;
    a_stored_hash_is_readable_exactly_if_it_has_the_grammar: hashes, 1000;
    every_sequence_of_session_operations_has_the_outcomes_of_the_model: sessions, 5000;
}

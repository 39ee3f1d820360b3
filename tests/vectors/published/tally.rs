//! The counts of a set of vectors.

use std::collections::BTreeMap;
use std::fmt;

/// The outcomes of a set of vectors: each vector is verified, refused for a reason, or excluded for a reason.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    verified: usize,
    refused: BTreeMap<String, usize>,
    excluded: BTreeMap<String, Vec<String>>,
    wrong: Vec<String>,
}

impl Tally {
    /// Counts a vector that must be verified.
    pub(crate) fn must_verify(&mut self, name: &str, is_verified: bool, found: &str) {
        self.verified += 1;
        if !is_verified {
            self.wrong.push(format!("{name}: {found}"));
        }
    }

    /// Counts a vector that must be refused, by the reason. `is_refused` is false if its signature was verified.
    pub(crate) fn must_refuse(&mut self, name: &str, is_refused: bool, reason: &str) {
        *self.refused.entry(reason.to_owned()).or_default() += 1;
        if !is_refused {
            self.wrong.push(format!("{name}: {reason}"));
        }
    }

    /// Counts a vector whose expectation does not apply here.
    pub(crate) fn exclude(&mut self, name: &str, reason: &str) {
        self.excluded.entry(reason.to_owned()).or_default().push(name.to_owned());
    }

    /// Prints the counts, and asserts that there is no wrong verdict and that the counts are these.
    pub(crate) fn assert(&self, set: &str, expected: &str) {
        println!("{set}: {self}");
        assert!(self.wrong.is_empty(), "{set}: {} wrong\n{}", self.wrong.len(), self.wrong.join("\n"));
        let found: Vec<_> = self.to_string().lines().map(|line| line.trim().to_owned()).collect();
        let expected: Vec<_> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(found, expected, "{set}");
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let refused: usize = self.refused.values().sum();
        let excluded: usize = self.excluded.values().map(Vec::len).sum();
        let all = self.verified + refused + excluded;
        write!(f, "verified {}, refused {refused}, excluded {excluded} of {all}", self.verified)?;
        for (reason, count) in &self.refused {
            write!(f, "\n    refused {count}: {reason}")?;
        }
        for (reason, names) in &self.excluded {
            write!(f, "\n    excluded {}: {reason}: {}", names.len(), names.join(", "))?;
        }
        Ok(())
    }
}

#[test]
fn a_wrong_verdict_and_a_wrong_count_fail() {
    let failing = |tally: &Tally, expected: &str| {
        let outcome =
            std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| tally.assert("a set", expected)));
        outcome.is_err()
    };
    let mut tally = Tally::default();
    tally.must_verify("1", true, "");
    tally.must_refuse("2", true, "a reason");
    let expected = "verified 1, refused 1, excluded 0 of 2\nrefused 1: a reason";
    assert!(!failing(&tally, expected));
    assert!(failing(&tally, "verified 2, refused 0, excluded 0 of 2"));
    tally.exclude("3", "another algorithm");
    assert!(failing(&tally, expected));
    tally.must_refuse("4", false, "verified");
    assert!(failing(&tally, &tally.to_string()));
}

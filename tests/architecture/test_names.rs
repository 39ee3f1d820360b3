//! The names of tests: functions with a test attribute, and those that a macro of the file, or of the `main.rs` beside it, makes tests.

use std::collections::BTreeSet;

use proc_macro2::TokenStream;

use crate::source::flatten;

/// The words of a file with tests, comments left out.
pub(crate) struct TestFile(Vec<String>);

impl TestFile {
    pub(crate) fn parse(text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_default();
        let mut words = Vec::new();
        flatten(tokens, &mut words);
        Self(words.into_iter().map(|word| word.text).collect())
    }

    /// Returns whether the file has a test of this name. `main` is the `main.rs` of its folder, whose macros may list the test.
    pub(crate) fn has_test(&self, name: &str, main: &Self) -> bool {
        let writers: BTreeSet<_> = self.writers().union(&main.writers()).cloned().collect();
        let is_listed = self.listed(&writers).contains(name) || main.listed(&writers).contains(name);
        self.attributed().contains(name)
            || (is_listed && self.defines(name))
            || self.named(&writers).contains(name)
    }

    fn word(&self, at: usize) -> &str {
        self.0.get(at).map_or("", String::as_str)
    }

    fn defines(&self, name: &str) -> bool {
        self.0.windows(2).any(|pair| pair[0] == "fn" && pair[1] == name)
    }

    /// Returns the functions with an attribute whose path ends in `test`. A name that a macro fills in is left out.
    fn attributed(&self) -> BTreeSet<&str> {
        (0..self.0.len())
            .filter(|at| self.is_test_attribute(*at))
            .filter_map(|at| self.function(at))
            .collect()
    }

    /// Returns whether an attribute such as `#[tokio::test(flavor = "..")]` begins at the word.
    fn is_test_attribute(&self, at: usize) -> bool {
        if self.word(at) != "#" || self.word(at + 1) != "[" {
            return false;
        }
        let path = self.0[at + 2..].iter().take_while(|word| !["(", "]", "="].contains(&word.as_str()));
        path.last().is_some_and(|last| last == "test" || last == "async_test")
    }

    /// Returns the name of the function below an attribute.
    fn function(&self, attribute: usize) -> Option<&str> {
        let mut at = attribute;
        while self.word(at) == "#" {
            at = self.after_group(at + 1);
        }
        while ["pub", "(", "crate", ")", "async"].contains(&self.word(at)) {
            at += 1;
        }
        let name = self.word(at + 1);
        (self.word(at) == "fn" && name != "$").then_some(name)
    }

    /// Returns the index behind the bracket that opens at the word.
    fn after_group(&self, open: usize) -> usize {
        let mut depth = 0_usize;
        for at in open..self.0.len() {
            match self.word(at) {
                "(" | "[" | "{" => depth += 1,
                ")" | "]" | "}" => depth = depth.saturating_sub(1),
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.0.len()
    }

    /// Returns the macros that write tests: their bodies have a test attribute, or call such a macro.
    fn writers(&self) -> BTreeSet<String> {
        let definitions: Vec<_> = (0..self.0.len())
            .filter(|at| self.word(*at) == "macro_rules" && self.word(at + 1) == "!")
            .map(|at| (self.word(at + 2), at + 3..self.after_group(at + 3)))
            .collect();
        let mut writers = BTreeSet::new();
        // Once for each macro that calls another.
        for _ in &definitions {
            for (name, body) in &definitions {
                let calls = |at: usize| self.word(at + 1) == "!" && writers.contains(self.word(at));
                if body.clone().any(|at| self.is_test_attribute(at) || calls(at)) {
                    writers.insert((*name).to_owned());
                }
            }
        }
        writers
    }

    /// Returns the ranges of the arguments of calls of these macros.
    fn calls(&self, writers: &BTreeSet<String>) -> Vec<std::ops::Range<usize>> {
        let is_call = |at: &usize| self.word(at + 1) == "!" && writers.contains(self.word(*at));
        (0..self.0.len()).filter(is_call).map(|at| at + 2..self.after_group(at + 2)).collect()
    }

    /// Returns the words in calls of these macros, such as `contract! { login::{a_test, another} }`.
    fn listed(&self, writers: &BTreeSet<String>) -> BTreeSet<&str> {
        self.calls(writers).into_iter().flatten().map(|at| self.word(at)).collect()
    }

    /// Returns the words before a colon in calls of these macros, such as `frameworks! { a_test: "axum" = app(); }`. These tests
    /// have no function of their own.
    fn named(&self, writers: &BTreeSet<String>) -> BTreeSet<&str> {
        let places = self.calls(writers).into_iter().flatten().filter(|at| self.word(at + 1) == ":");
        places.map(|at| self.word(at)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::TestFile;

    fn has(text: &str, main: &str, name: &str) -> bool {
        TestFile::parse(text).has_test(name, &TestFile::parse(main))
    }

    #[test]
    fn a_function_below_a_test_attribute_is_a_test_and_another_is_not() {
        let text = "#[test] fn a() {} #[tokio::test(flavor = \"multi_thread\")] #[ignore] pub(crate) async fn b() {}\n\
                    #[cfg(test)] mod tests { #[gatevault::test(as = admin())] fn c(token: &str) {} }\n\
                    fn d() {} #[cfg(test)] fn e() {} // #[test] fn f() {}\n #[doc = \"test\"] fn g() {}";
        for name in ["a", "b", "c"] {
            assert!(has(text, "", name), "{name}");
        }
        for name in ["d", "e", "f", "g", "h", "test"] {
            assert!(!has(text, "", name), "{name}");
        }
    }

    #[test]
    fn a_function_that_a_macro_lists_is_a_test_and_one_that_it_leaves_out_is_not() {
        let main = "macro_rules! contract { ($($test:ident),+) => { $(#[test] fn $test() { super::$test() })+ }; }\n\
                    macro_rules! edges { ($($edge:ident)+) => { $(contract! { login::{a, b} })+ }; }\n\
                    edges! { axum }\n other! { login::{c} }";
        assert!(has("fn a() {} fn c() {}", main, "a"));
        assert!(!has("fn a() {} fn c() {}", main, "c"), "in another macro");
        assert!(!has("fn c() {}", main, "b"), "without a function");
        let own = "macro_rules! all { ($($test:ident)+) => { $(#[test] fn $test() {})+ } } all!(a); fn a() {} fn b() {}";
        assert!(has(own, "", "a") && !has(own, "", "b"));
    }

    #[test]
    fn a_test_that_a_macro_names_needs_no_function() {
        let text = "macro_rules! frameworks { ($($test:ident: $app:expr;)+) => { $(#[test] fn $test() { run($app) })+ } }\n\
                    frameworks! { a: axum_app(); b: actix_app(); }";
        assert!(has(text, "", "a") && has(text, "", "b"));
        assert!(!has(text, "", "axum_app") && !has(text, "", "run"));
    }
}

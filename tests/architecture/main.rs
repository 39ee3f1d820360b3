//! Holds the shape of the house true: what may import what, and what may stand where.
//!
//! Each rule is a function from one file to its findings, and is itself tested on small bad inputs.

#![cfg(test)]
#![expect(
    clippy::arithmetic_side_effects,
    clippy::string_slice,
    reason = "a slip here fails a test, as it should"
)]

mod dependencies;
mod evidence;
mod floors;
mod habits;
mod log_messages;
mod module_table;
mod packages;
mod prose;
mod source;
mod standards;
mod test_names;
mod threats;
mod words;

use packages::PUBLISHED;
use source::{Finding, Source, assert_none, sources_of};

fn findings(members: &[&str], rule: fn(&Source) -> Vec<Finding>) -> Vec<Finding> {
    members.iter().flat_map(|member| sources_of(member)).flat_map(|source| rule(&source)).collect()
}

#[test]
fn imports_only_point_down() {
    assert_none(&findings(&["gatevault"], floors::upward_imports));
}

#[test]
fn a_framework_is_named_only_under_web() {
    assert_none(&findings(&["gatevault", "gatevault-macros"], habits::framework_names_outside_web));
}

#[test]
fn features_are_asked_for_only_in_module_roots() {
    assert_none(&findings(PUBLISHED, habits::features_outside_module_roots));
}

#[test]
fn only_the_clock_asks_what_time_it_is() {
    assert_none(&findings(&["gatevault", "gatevault-macros"], habits::clocks_outside_the_clock));
}

#[test]
fn only_random_asks_for_randomness() {
    assert_none(&findings(&["gatevault", "gatevault-macros"], habits::randomness_outside_random));
}

#[test]
fn files_stay_short() {
    assert_none(&findings(PUBLISHED, habits::long_files));
}

#[test]
fn nothing_is_left_unfinished() {
    assert_none(&findings(PUBLISHED, habits::unfinished_work));
}

#[test]
fn words_are_plain() {
    let files = prose::files();
    let findings: Vec<_> = files.iter().flat_map(|(path, text)| words::banned_words(path, text)).collect();
    assert_none(&findings);
}

#[test]
fn documentation_begins_with_what_an_item_is_or_does() {
    assert_none(&findings(PUBLISHED, words::first_lines));
}

#[test]
fn every_log_message_is_in_the_operators_reference_and_no_other() {
    let mut emitted: Vec<_> = sources_of("gatevault").iter().flat_map(log_messages::emitted).collect();
    emitted.sort();
    emitted.dedup();
    let mut listed = log_messages::listed(&log_messages::page());
    listed.sort();
    assert_eq!(emitted, listed);
}

#[test]
fn a_default_build_carries_no_c() {
    let carriers = dependencies::carriers_of_c(&dependencies::default_tree(), &dependencies::metadata());
    assert!(carriers.is_empty(), "{carriers:#?}");
}

#[test]
fn a_default_build_is_free_to_use() {
    let unfamiliar =
        dependencies::unfamiliar_licenses(&dependencies::default_tree(), &dependencies::metadata());
    assert!(unfamiliar.is_empty(), "{unfamiliar:#?}");
}

#[test]
fn a_default_build_compiles_nothing_twice() {
    let tree = dependencies::default_tree();
    assert!(tree.iter().any(|package| package.starts_with("serde_json ")), "not the tree: {tree:?}");
    assert!(dependencies::repeated(&tree).is_empty(), "{:?}", dependencies::repeated(&tree));
}

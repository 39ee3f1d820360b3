//! The names of the registered claims, which several files repeat: the library, the derive, and the pages about them.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use gatevault::error::InvalidReason;
use gatevault::{Payload, TokenError};
use gatevault_tests::tokens;

fn read(path: &str) -> String {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    fs::read_to_string(workspace.join(path)).unwrap()
}

/// Returns the strings in the array constant `name`.
fn constant(source: &str, name: &str) -> BTreeSet<String> {
    let (_, definition) = source.split_once(&format!("{name}: [&str;")).unwrap();
    let (_, value) = definition.split_once('=').unwrap();
    let (value, _) = value.split_once(';').unwrap();
    value.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the names in the call of the macro `registered_claims`, which creates the library's list.
fn macro_call(source: &str) -> BTreeSet<String> {
    let (_, call) = source.split_once("\nregistered_claims! {").unwrap();
    let (names, _) = call.split_once('}').unwrap();
    names.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Returns the names in the sentence that lists them, which begins with `exp` and `iat`.
fn sentence(page: &str) -> BTreeSet<String> {
    const FIRST: &str = "`exp`, `iat`";
    let (_, others) = page.split_once(FIRST).unwrap();
    let list = format!("{FIRST}{others}");
    let list = list.split('.').next().unwrap();
    list.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

#[test]
fn every_list_of_the_registered_claims_has_the_same_names() {
    let reserved = macro_call(&read("gatevault/src/claims/registered.rs"));
    assert!(reserved.len() >= 9, "{reserved:?}");
    assert_eq!(constant(&read("gatevault-macros/src/claims/model.rs"), "REGISTERED"), reserved);
    assert_eq!(sentence(&read("gatevault-macros/docs/claims.md")), reserved);
    assert_eq!(sentence(&read("gatevault/src/claims/mod.rs").replace("//!", "")), reserved);
}

#[test]
fn a_list_that_lacks_a_name_or_has_another_one_is_found() {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(constant("const A: [&str; 2] = [\"exp\", \"iat\"];", "A"), names(&["exp", "iat"]));
    assert_eq!(
        macro_call("\nregistered_claims! {\n \"exp\" => exp\n \"iat\" => kind\n}"),
        names(&["exp", "iat"])
    );
    assert_eq!(
        sentence("The manager owns `exp`, `iat` and\n`sid`. `other` is free."),
        names(&["exp", "iat", "sid"])
    );
}

#[test]
fn no_registered_claim_can_be_written() {
    for name in macro_call(&read("gatevault/src/claims/registered.rs")) {
        let error = tokens().create_access_token(&Payload::new(1).with(name.as_str(), 1)).unwrap_err();
        assert_eq!(error, TokenError::from(InvalidReason::ReservedClaim(name.into())));
    }
}

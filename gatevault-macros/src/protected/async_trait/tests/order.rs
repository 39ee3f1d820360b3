//! The check is in front of every word of the user, in a body of any form.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

use super::super::super::protect;
use super::written::{known, to_change, unknown};
use super::{signature, spliced};

/// Asserts that `#[protected]` writes one check, in front of every word `BODY`.
#[track_caller]
pub(super) fn assert_checked_first(statements: &TokenStream) {
    let signature = signature();
    let expanded = protect(quote!(), &quote!(#signature { #statements })).to_string();
    let (_, after) = expanded.split_once("Guard :: of_source").expect("the check is never left out");
    assert!(!after.contains("Guard :: of_source"), "two checks: {expanded}");
    let bodies = |tokens: &str| tokens.matches("BODY").count();
    assert_eq!(bodies(after), bodies(&statements.to_string()), "in front of the check: {expanded}");
}

/// Returns the tokens with `statement` inserted at every place outside the user's body.
fn with_inserted(tokens: &TokenStream, statement: &TokenStream) -> Vec<TokenStream> {
    let trees: Vec<_> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for at in 0..=trees.len() {
        let (before, after) = trees.split_at(at);
        let (before, rest) =
            (before.iter().cloned().collect::<TokenStream>(), after.iter().cloned().collect::<TokenStream>());
        all.push(quote!(#before #statement #rest));
        if let Some((TokenTree::Group(group), rest)) = after.split_first() {
            let rest: TokenStream = rest.iter().cloned().collect();
            let inner =
                with_inserted(&group.stream(), statement).into_iter().filter(|_| runs_statements(group));
            all.extend(
                inner
                    .map(|inner| Group::new(group.delimiter(), inner))
                    .map(|group| quote!(#before #group #rest)),
            );
        }
    }
    all
}

/// Returns whether the group holds statements, or an expression that does.
fn runs_statements(group: &Group) -> bool {
    let text = group.stream().to_string();
    let is_constant = text == "1";
    group.delimiter() == Delimiter::Brace && text != "BODY" && !is_constant || text.starts_with("async move")
}

/// Returns the tokens without one token, for each token outside the user's body.
fn with_removed(tokens: &TokenStream) -> Vec<TokenStream> {
    let trees: Vec<_> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for at in 0..trees.len() {
        let (before, after) = trees.split_at(at);
        let (tree, rest) = after.split_first().unwrap();
        let before: TokenStream = before.iter().cloned().collect();
        let rest: TokenStream = rest.iter().cloned().collect();
        all.push(quote!(#before #rest));
        if let TokenTree::Group(group) = tree {
            let inner = with_removed(&group.stream()).into_iter();
            all.extend(
                inner
                    .map(|inner| Group::new(group.delimiter(), inner))
                    .map(|group| quote!(#before #group #rest)),
            );
        }
    }
    all
}

#[test]
fn the_check_goes_into_every_known_body_once_and_before_the_users_statements() {
    for statements in known() {
        let written =
            spliced(&statements, &quote!(CHECK)).unwrap_or_else(|| panic!("no place: {statements}"));
        let (before, after) = written.split_once("CHECK").unwrap();
        assert!(!before.contains("BODY") && !after.contains("CHECK"), "{written}");
        assert!(after.contains("= { BODY }"), "{written}");
        assert_checked_first(&statements);
    }
}

#[test]
fn a_body_of_another_form_gets_the_check_in_front() {
    for statements in unknown() {
        assert_eq!(spliced(&statements, &quote!(CHECK)), None, "{statements}");
        assert_checked_first(&statements);
    }
}

#[test]
fn a_statement_inserted_anywhere_comes_after_the_check() {
    for statements in to_change() {
        for changed in with_inserted(&statements, &quote!(BODY();)) {
            assert_checked_first(&changed);
        }
    }
}

#[test]
fn a_body_that_lacks_a_token_keeps_its_check() {
    for statements in to_change() {
        for changed in with_removed(&statements) {
            assert_checked_first(&changed);
        }
    }
}

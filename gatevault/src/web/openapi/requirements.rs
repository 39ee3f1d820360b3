//! The security requirements of an operation, from its guard.

use std::collections::BTreeMap;

use super::schemes::Schemes;
use crate::guard::GuardRecord;

/// Alternatives of which one must hold: scopes by the name of a scheme. An empty map is a call without a token.
pub(super) type Requirements = Vec<BTreeMap<String, Vec<String>>>;

/// The largest number of alternatives that is written for one operation.
pub(super) const MOST_ALTERNATIVES: usize = 100;

/// Returns the requirements of a guard. `None` if there are too many alternatives.
pub(super) fn requirements(guard: &GuardRecord, schemes: &Schemes<'_>) -> Option<Requirements> {
    if guard.public.is_some() {
        return Some(Vec::new());
    }
    let mut requirements = if guard.optional { vec![BTreeMap::new()] } else { Vec::new() };
    for scopes in alternatives(guard.scopes)? {
        let scopes: Vec<_> = scopes.into_iter().map(str::to_owned).collect();
        let names = schemes.names_for(guard).into_iter();
        requirements.extend(names.map(|name| BTreeMap::from([(name.to_owned(), scopes.clone())])));
    }
    Some(requirements)
}

/// Returns each way to have one scope of each list, without a scope twice.
pub(in crate::web) fn alternatives<'s>(lists: &[&'s [&'s str]]) -> Option<Vec<Vec<&'s str>>> {
    let mut alternatives: Vec<Vec<&str>> = vec![Vec::new()];
    for list in lists {
        let mut longer: Vec<Vec<&str>> = Vec::new();
        for alternative in &alternatives {
            // A scope that is demanded already satisfies the list.
            let satisfied = list.iter().any(|scope| alternative.contains(scope));
            let added: &[&str] = if satisfied { &[] } else { list };
            let with = |scope: &&'s str| alternative.iter().copied().chain([*scope]).collect();
            longer.extend(added.iter().map(with));
            longer.extend(satisfied.then(|| alternative.clone()));
        }
        alternatives = longer;
        if alternatives.len() > MOST_ALTERNATIVES {
            return None;
        }
    }
    Some(alternatives)
}

/// Returns whether an operation's own `security` says the same as its guard.
///
/// Extractors of some libraries name the scheme without scopes: this is accepted and completed.
pub(super) fn agrees(own: &Requirements, expected: &Requirements, schemes: &Schemes<'_>) -> bool {
    let is_scheme_alone = |alternative: &BTreeMap<String, Vec<String>>| {
        *alternative == BTreeMap::from([(schemes.bearer.to_owned(), Vec::new())])
    };
    let has_none = |requirements: &Requirements| requirements.iter().any(BTreeMap::is_empty);
    let is_extractor = own.iter().all(|alternative| alternative.is_empty() || is_scheme_alone(alternative))
        && own.iter().any(is_scheme_alone)
        && expected.iter().any(|alternative| alternative.contains_key(schemes.bearer));
    own == expected || is_extractor && has_none(own) == has_none(expected)
}

#[cfg(test)]
mod tests {
    use super::alternatives;

    #[test]
    fn without_scopes_there_is_one_alternative_without_a_scope() {
        assert_eq!(alternatives(&[]), Some(vec![vec![]]));
    }

    #[test]
    fn one_scope_of_each_list_is_an_alternative() {
        let lists: &[&[&str]] = &[&["a"], &["b", "c"]];
        assert_eq!(alternatives(lists), Some(vec![vec!["a", "b"], vec!["a", "c"]]));
    }

    #[test]
    fn a_scope_that_is_demanded_twice_is_listed_once() {
        let lists: &[&[&str]] = &[&["a"], &["a"], &["a", "b"]];
        assert_eq!(alternatives(lists), Some(vec![vec!["a"]]));
    }

    #[test]
    fn more_than_a_hundred_alternatives_are_refused() {
        let ten = &["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"];
        let others = &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"];
        assert_eq!(alternatives(&[ten, others]).map(|all| all.len()), Some(100));
        assert_eq!(alternatives(&[ten, others, &["x", "y"]]), None);
    }
}

//! The demands of two versions of a guard: what was removed admits callers, what was added denies some.

use std::collections::BTreeSet;

use super::record::{Record, age};

/// The differences between two versions of a guard, in sentences.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Differences {
    /// Admits callers whom the guard denied before.
    pub(super) loosened: Vec<String>,
    /// Denies callers whom the guard admitted before.
    pub(super) tightened: Vec<String>,
    /// Neither of the two is certain.
    pub(super) neutral: Vec<String>,
}

impl Differences {
    /// Compares two versions of a guard.
    pub(super) fn between(old: &Record, new: &Record) -> Self {
        let mut differences = Self::default();
        match (&old.public, &new.public) {
            (None, Some(reason)) => differences.loosened.push(format!("needs no token any more: {reason}")),
            (Some(_), None) => {
                differences.tightened.push(format!("was public, and now needs: {}", new.needs()));
            }
            (Some(old), Some(new)) if old != new => {
                differences.neutral.push(format!("is public for another reason: {new}"));
            }
            (Some(_), Some(_)) => {}
            (None, None) => differences.compare_guards(old, new),
        }
        differences
    }

    fn compare_guards(&mut self, old: &Record, new: &Record) {
        match (old.optional, new.optional) {
            (false, true) => self.loosened.push("a call without a token is allowed".to_owned()),
            (true, false) => self.tightened.push("a call without a token is refused".to_owned()),
            _ => {}
        }
        if old.refresh != new.refresh {
            let kind = |record: &Record| if record.refresh { "refresh" } else { "access" };
            // The holders of one kind are not those of the other.
            self.loosened.push(format!("takes {} tokens instead of {} tokens", kind(new), kind(old)));
        }
        self.compare_lists("role", &old.roles, &new.roles);
        self.compare_lists("scope", &old.scopes, &new.scopes);
        self.compare_sets("condition", &conditions(old), &conditions(new));
        self.compare_sets("acr", &quoted(&old.acr), &quoted(&new.acr));
        self.compare_sets("amr", &quoted(&old.amr), &quoted(&new.amr));
        self.compare_ages(old.max_age, new.max_age);
        if old.claims != new.claims {
            let name = |claims: &Option<String>| {
                claims.as_ref().map_or("none".to_owned(), |claims| format!("`{claims}`"))
            };
            self.neutral.push(format!(
                "the type of the payload was {} and is {}: its fields are required of the token too",
                name(&old.claims),
                name(&new.claims)
            ));
        }
    }

    /// Compares requirements of the form "one of each list".
    fn compare_lists(&mut self, what: &str, old: &[Vec<String>], new: &[Vec<String>]) {
        // A list is required still if another one requires at least as much: a part of it.
        let still_required = |list: &[String], by: &[Vec<String>]| {
            by.iter().any(|other| !other.is_empty() && other.iter().all(|name| list.contains(name)))
        };
        let of = |list: &[String]| match list {
            [one] => format!("the {what} {one:?}"),
            several => format!(
                "one of the {what}s {}",
                several.iter().map(|name| format!("{name:?}")).collect::<Vec<_>>().join(", ")
            ),
        };
        let lost = old.iter().filter(|list| !still_required(list, new));
        self.loosened.extend(lost.map(|list| format!("no longer requires {}", of(list))));
        let gained = new.iter().filter(|list| !still_required(list, old));
        self.tightened.extend(gained.map(|list| format!("requires {}", of(list))));
    }

    /// Compares requirements that all must hold.
    fn compare_sets(&mut self, what: &str, old: &BTreeSet<String>, new: &BTreeSet<String>) {
        self.loosened.extend(old.difference(new).map(|gone| format!("no longer requires the {what} {gone}")));
        self.tightened.extend(new.difference(old).map(|added| format!("requires the {what} {added}")));
    }

    fn compare_ages(&mut self, old: Option<u64>, new: Option<u64>) {
        match (old, new) {
            (Some(old), None) => {
                self.loosened.push(format!("accepts a login of any age, not only of {}", age(old)));
            }
            (None, Some(new)) => self.tightened.push(format!("accepts a login of at most {}", age(new))),
            (Some(old), Some(new)) if new > old => {
                self.loosened.push(format!("accepts a login of {} instead of {}", age(new), age(old)));
            }
            (Some(old), Some(new)) if new < old => {
                self.tightened.push(format!("accepts a login of {} instead of {}", age(new), age(old)));
            }
            _ => {}
        }
    }
}

/// Returns the demands that are no roles and no scopes: those have members of their own.
fn conditions(record: &Record) -> BTreeSet<String> {
    let is_listed = |demand: &&String| {
        names_in(demand, ["role = ", "any_role("]).is_some_and(|names| are_in(&names, &record.roles))
            || names_in(demand, ["scope = ", "scopes("]).is_some_and(|names| are_in(&names, &record.scopes))
            || names_in(demand, ["any_scope("; 2]).is_some_and(|names| are_in(&names, &record.scopes))
    };
    record.demands.iter().filter(|demand| !is_listed(demand)).map(|demand| format!("`{demand}`")).collect()
}

/// Returns the names in a demand that begins with one of the prefixes.
fn names_in<'d>(demand: &'d str, prefixes: [&str; 2]) -> Option<Vec<&'d str>> {
    let rest = prefixes.iter().find_map(|prefix| {
        let rest = demand.strip_prefix(prefix)?;
        if prefix.ends_with('(') { rest.strip_suffix(')') } else { Some(rest) }
    })?;
    Some(rest.split(", ").map(|name| name.trim_matches('"')).collect())
}

fn are_in(names: &[&str], lists: &[Vec<String>]) -> bool {
    names.iter().all(|name| lists.iter().flatten().any(|listed| listed == name))
}

fn quoted(names: &[String]) -> BTreeSet<String> {
    names.iter().map(|name| format!("{name:?}")).collect()
}

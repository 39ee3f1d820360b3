//! The demands of two versions of a guard: what was removed admits callers, what was added denies some.
//!
//! Names are compared as they are written: `role = admin` names a constant, whose value need not be "admin". A snapshot has
//! words only, so other words for a gate, a payload or a demand count as opened.

use std::collections::BTreeSet;

use super::record::{Record, age};

/// The differences between two versions of a guard, in sentences.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Differences {
    /// Admits callers whom the guard denied before, or may do so.
    pub(super) loosened: Vec<String>,
    /// Denies callers whom the guard admitted before.
    pub(super) tightened: Vec<String>,
    /// Admits the same callers.
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
        self.compare_gates(old.gate.as_deref(), new.gate.as_deref());
        self.compare_demands(old, new);
        self.compare_sets("acr", &set_of(&old.acr), &set_of(&new.acr));
        self.compare_sets("amr", &set_of(&old.amr), &set_of(&new.amr));
        self.compare_ages(old.max_age, new.max_age);
        self.compare_payloads(old, new);
    }

    fn compare_gates(&mut self, old: Option<&str>, new: Option<&str>) {
        let words = |gate: Option<&str>| {
            gate.map_or("the gate of the request or the installed one".to_owned(), |gate| {
                format!("`gate = {gate}`")
            })
        };
        if old != new {
            let (old, new) = (words(old), words(new));
            self.loosened
                .push(format!("verifies tokens with {new} instead of {old}, which may admit other callers"));
        }
    }

    /// Compares the types of the payloads, whose fields are required of a token.
    fn compare_payloads(&mut self, old: &Record, new: &Record) {
        match (&old.claims, &new.claims) {
            (Some(old), Some(new)) if old == new => {}
            (Some(old), Some(new)) if claims_type(old) == claims_type(new) => {
                self.neutral.push(format!("the payload is `{new}` instead of `{old}`, with the same claims"));
            }
            (Some(old), Some(new)) => self.loosened.push(format!(
                "the payload is `{new}` instead of `{old}`: a token without the fields of `{old}` may be accepted"
            )),
            (Some(old), None) => {
                self.loosened.push(format!("no longer requires the fields of the payload `{old}`"));
            }
            (None, Some(claims)) if old.accepts_all_claims() => {
                self.tightened.push(format!("requires the fields of the payload `{claims}`"));
            }
            (None, Some(claims)) => self.loosened.push(format!(
                "the payload is `{claims}` instead of none: it may read the role and the scopes from other claims"
            )),
            (None, None) => {}
        }
    }

    fn compare_demands(&mut self, old: &Record, new: &Record) {
        if let (Some(old), Some(new)) = (Demands::of(old), Demands::of(new)) {
            self.compare_lists("role", &old.roles, &new.roles);
            self.compare_lists("scope", &old.scopes, &new.scopes);
            self.compare_sets("condition", &old.conditions, &new.conditions);
        } else if (&old.demands, &old.roles, &old.scopes) != (&new.demands, &new.roles, &new.scopes) {
            let words = |record: &Record| match record.demands.as_slice() {
                [] => "nothing".to_owned(),
                demands => format!("`{}`", demands.join(", ")),
            };
            let (old, new) = (words(old), words(new));
            self.loosened.push(format!("requires {new} instead of {old}, which may admit other callers"));
        }
    }

    /// Compares requirements of the form "one of each list".
    fn compare_lists(&mut self, what: &str, old: &[Vec<String>], new: &[Vec<String>]) {
        // A list is required still if another one requires at least as much: a part of it.
        let still_required = |list: &[String], by: &[Vec<String>]| {
            by.iter().any(|other| !other.is_empty() && other.iter().all(|name| list.contains(name)))
        };
        let of = |list: &[String]| match list {
            [one] => format!("the {what} {one}"),
            several => format!("one of the {what}s {}", several.join(", ")),
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

/// The demands of a guard, with each name as it is written: a literal in quotes, a constant without.
#[derive(Debug, Default)]
struct Demands {
    /// One role of each list.
    roles: Vec<Vec<String>>,
    /// One scope of each list.
    scopes: Vec<Vec<String>>,
    conditions: BTreeSet<String>,
}

impl Demands {
    /// Finds the demand of each list of roles and scopes; the other demands are conditions.
    ///
    /// Returns `None` if it is not certain which are which: a condition such as `any_role("a")` may call a function of this
    /// name, and a role may be written with escapes.
    fn of(record: &Record) -> Option<Self> {
        let mut demands = Self::default();
        let (mut roles, mut scopes) = (record.roles.clone(), record.scopes.clone());
        for demand in &record.demands {
            if let Some(names) = role_names(demand) {
                demands.roles.push(take_written(names, &mut roles)?);
            } else if let Some(lists) = scope_lists(demand) {
                for names in lists {
                    let position = scopes.iter().position(|list| quoted(list) == names)?;
                    demands.scopes.push(quoted(&scopes.remove(position)));
                }
            } else {
                demands.conditions.insert(format!("`{demand}`"));
            }
        }
        (roles.is_empty() && scopes.is_empty()).then_some(demands)
    }
}

/// Returns the names in a demand for roles.
fn role_names(demand: &str) -> Option<&str> {
    demand.strip_prefix("role = ").or_else(|| within("any_role", demand))
}

/// Returns the names of each list in a demand for scopes, which are literals.
fn scope_lists(demand: &str) -> Option<Vec<Vec<&str>>> {
    let all = demand.strip_prefix("scope = ").or_else(|| within("scopes", demand));
    let lists: Vec<Vec<_>> = match (all, within("any_scope", demand)) {
        (Some(all), _) => all.split(", ").map(|name| vec![name]).collect(),
        (None, any) => vec![any?.split(", ").collect()],
    };
    let is_literal = |name: &&str| name.len() > 1 && name.starts_with('"') && name.ends_with('"');
    lists.iter().flatten().all(is_literal).then_some(lists)
}

/// Removes the list that the names stand for, and returns it as it is written.
fn take_written(names: &str, lists: &mut Vec<Vec<String>>) -> Option<Vec<String>> {
    let written = |(position, values): (usize, &Vec<String>)| Some((position, as_written(names, values)?));
    let (position, written) = lists.iter().enumerate().find_map(written)?;
    lists.remove(position);
    Some(written)
}

/// Returns the names in the parentheses behind the argument `name`.
fn within<'d>(name: &str, demand: &'d str) -> Option<&'d str> {
    demand.strip_prefix(name)?.strip_prefix('(')?.strip_suffix(')')
}

/// Returns the names in a demand, each a literal or an expression. Returns `None` if they do not stand for these values.
fn as_written(names: &str, values: &[String]) -> Option<Vec<String>> {
    let mut rest = names;
    let mut written = Vec::new();
    for value in values {
        if !written.is_empty() {
            rest = rest.strip_prefix(", ")?;
        }
        let literal = format!("{value:?}");
        let name = [literal, value.clone()].into_iter().find(|name| rest.starts_with(name))?;
        rest = rest.strip_prefix(&name)?;
        written.push(name);
    }
    rest.is_empty().then_some(written)
}

/// Returns the claims in the type of a payload: `User` of `Verified<User>` and of `Option<User>`.
fn claims_type(payload: &str) -> &str {
    let inner = payload.strip_suffix('>').and_then(|payload| payload.split_once('<'));
    match inner {
        Some((name, inner))
            if name.rsplit("::").next().is_some_and(|name| matches!(name, "Verified" | "Option")) =>
        {
            claims_type(inner)
        }
        _ => payload,
    }
}

fn quoted(names: &[String]) -> Vec<String> {
    names.iter().map(|name| format!("{name:?}")).collect()
}

fn set_of(names: &[String]) -> BTreeSet<String> {
    quoted(names).into_iter().collect()
}

//! Which guard belongs to which operation.

use super::document::Place;
use super::error::ApiSecurityProblem as Problem;
use crate::guard::{GuardRecord, GuardedOperation};

/// The operations and guards that the application names itself.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices {
    /// Operations that no guard belongs to.
    pub(super) outside: Vec<String>,
    /// Operations, and the last part of the path of their guard.
    pub(super) guarded_by: Vec<(String, String)>,
    /// The last parts of the paths of guards whose operations are not in the document.
    pub(super) undocumented: Vec<String>,
}

/// The operations of a document and the guards of a program.
pub(super) struct Matching<'m> {
    pub(super) guards: &'m [GuardRecord],
    pub(super) choices: &'m Choices,
    pub(super) places: &'m [Place],
}

impl<'m> Matching<'m> {
    /// Returns the guard of each operation, in the order of the operations. `None` is for those outside.
    pub(super) fn find(&self, problems: &mut Vec<Problem>) -> Vec<Option<&'m GuardRecord>> {
        self.validate_choices(problems);
        let found: Vec<_> = self.places.iter().map(|place| self.guard_of(place, problems)).collect();
        self.validate_guards(&found, problems);
        found
    }

    /// Returns the guard of an operation.
    fn guard_of(&self, place: &Place, problems: &mut Vec<Problem>) -> Option<&'m GuardRecord> {
        if self.choices.outside.iter().any(|name| place.is_named(name)) {
            return None;
        }
        if let Some(guard) = self.chosen_guard(place) {
            return self.guard_named(guard);
        }
        let fitting: Vec<_> = self.guards.iter().filter(|guard| fits(guard, place)).collect();
        let operation = || place.to_string();
        match fitting.as_slice() {
            [guard] => return Some(guard),
            [] => problems.push(Problem::Unlisted { operation: operation(), similar: self.similar(place) }),
            several => {
                let guards = several.iter().map(|guard| guard.path.to_owned()).collect();
                problems.push(Problem::Ambiguous { operation: operation(), guards });
            }
        }
        None
    }

    /// Returns the guards with the id of an operation.
    fn similar(&self, place: &Place) -> Vec<String> {
        let has_id =
            |operation: &GuardedOperation| operation.id.is_some() && operation.id == place.id.as_deref();
        let similar = self.guards.iter().filter(|guard| guard.operation.as_ref().is_some_and(has_id));
        similar.map(|guard| guard.path.to_owned()).collect()
    }

    /// Returns the guard that `guarded_by` names for an operation.
    fn chosen_guard(&self, place: &Place) -> Option<&'m str> {
        let chosen = self.choices.guarded_by.iter().find(|(operation, _)| place.is_named(operation));
        chosen.map(|(_, guard)| guard.as_str())
    }

    /// Returns the only guard whose path ends with a name.
    fn guard_named(&self, name: &str) -> Option<&'m GuardRecord> {
        let mut named = self.guards.iter().filter(|guard| is_named(guard, name));
        named.next().filter(|_| named.next().is_none())
    }

    /// Reports names that no operation or no guard has.
    fn validate_choices(&self, problems: &mut Vec<Problem>) {
        let Choices { outside, guarded_by, undocumented } = self.choices;
        let operations = outside.iter().chain(guarded_by.iter().map(|(operation, _)| operation));
        let unknown = operations.filter(|name| !self.places.iter().any(|place| place.is_named(name)));
        problems.extend(unknown.map(|name| Problem::UnknownOperation { operation: name.clone() }));
        let guards = guarded_by.iter().map(|(_, guard)| guard).chain(undocumented);
        let unknown = guards.filter(|name| self.guard_named(name).is_none());
        problems.extend(unknown.map(|name| Problem::UnknownGuard { guard: name.clone() }));
    }

    /// Reports guards of several operations, and guards of an operation that the document does not have.
    fn validate_guards(&self, found: &[Option<&GuardRecord>], problems: &mut Vec<Problem>) {
        for guard in self.guards {
            let places: Vec<_> = self.places_of(guard, found).collect();
            let is_chosen = |place: &&Place| self.chosen_guard(place).is_some();
            let is_undocumented = self.choices.undocumented.iter().any(|name| is_named(guard, name));
            match places.as_slice() {
                [] if guard.operation.is_some() && !is_undocumented => {
                    problems.push(Problem::Undocumented { guard: guard.path.to_owned() });
                }
                // One function may serve several methods of a path.
                [first, rest @ ..]
                    if rest.iter().any(|place| place.path != first.path) && !places.iter().all(is_chosen) =>
                {
                    let operations = places.iter().map(ToString::to_string).collect();
                    problems.push(Problem::Repeated { guard: guard.path.to_owned(), operations });
                }
                _ => {}
            }
        }
    }

    /// Returns the operations of a guard.
    fn places_of<'a>(
        &'a self,
        guard: &'a GuardRecord,
        found: &'a [Option<&GuardRecord>],
    ) -> impl Iterator<Item = &'a Place> {
        let pairs = self.places.iter().zip(found);
        pairs.filter(move |(_, found)| **found == Some(guard)).map(|(place, _)| place)
    }
}

/// Returns whether the path of a guard ends with a name, such as `notes::list`.
fn is_named(guard: &GuardRecord, name: &str) -> bool {
    let before = guard.path.strip_suffix(name);
    before.is_some_and(|before| before.is_empty() || before.ends_with("::")) && !name.is_empty()
}

/// Returns whether a guard belongs to an operation: by its id, its method and the end of its path.
///
/// Without an id, the whole path must be the same.
fn fits(guard: &GuardRecord, place: &Place) -> bool {
    let Some(GuardedOperation { id, path, methods }) = guard.operation else { return false };
    let has_method = methods.is_empty() || methods.contains(&place.method.as_str());
    let is_here = match (id, path) {
        (Some(id), path) => {
            place.id.as_deref() == Some(id) && path.is_none_or(|path| ends_with(&place.path, path))
        }
        (None, Some(path)) => segments(path).eq(segments(&place.path)),
        (None, None) => false,
    };
    has_method && is_here
}

/// Returns whether a path of a document ends with the path of a function, which may be below the prefix of a router.
fn ends_with(path: &str, end: &str) -> bool {
    let mut path = segments(path).rev();
    segments(end).rev().all(|segment| path.next() == Some(segment))
}

/// Returns the segments of a path. Each parameter is the same, because frameworks write them as `{id}`, `:id` or `<id>`.
fn segments(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    let segments = path.split('/').filter(|segment| !segment.is_empty());
    segments.map(|segment| if segment.starts_with(['{', ':', '<', '*']) { "{}" } else { segment })
}

#[cfg(test)]
mod tests {
    use super::{ends_with, is_named};
    use crate::guard::GuardRecord;

    #[test]
    fn a_path_ends_with_segments_and_not_with_letters() {
        for (path, end) in [
            ("/notes", "/notes"),
            ("/api/notes/{id}", "/notes/{note}"),
            ("/api/notes/{id}", "/notes/:id"),
            ("/notes/{id}", "/notes/<id>"),
            ("/api", "/"),
            ("/api/", ""),
        ] {
            assert!(ends_with(path, end), "{path} {end}");
        }
        for (path, end) in [("/footnotes", "/notes"), ("/notes", "/api/notes"), ("/notes/{id}", "/notes")] {
            assert!(!ends_with(path, end), "{path} {end}");
        }
    }

    #[test]
    fn a_guard_is_named_by_whole_segments_of_its_path() {
        let guard = GuardRecord::new("list", "app::notes::list", "a.rs", 1);
        for name in ["list", "notes::list", "app::notes::list"] {
            assert!(is_named(&guard, name), "{name}");
        }
        for name in ["", "st", "otes::list", "users::list", "crate::app::notes::list"] {
            assert!(!is_named(&guard, name), "{name}");
        }
    }
}

//! Imports only point down, and never sideways: a module sees itself and the floors below its own.

use crate::source::{Finding, Source};

/// The floors of `gatevault`, lowest first; a new module belongs on one of them.
const FLOORS: &[&[&str]] = &[
    &["error", "base64url"],
    &["clock", "future", "json", "random"],
    &["user_id"],
    &["event"],
    &["key", "password", "claims"],
    &["token"],
    &["guard", "session", "throttle"],
    &["store"],
    &["login"],
    &["web"],
    // What the macros name, what the tests of users name, and what users read; all are reached through the root only.
    &["private", "testing", "guide"],
    &["lib"],
];

/// Every import of the file that does not point down.
pub(crate) fn upward_imports(source: &Source) -> Vec<Finding> {
    let module = source.module();
    let Some(floor) = floor_of(module) else {
        return vec![
            source
                .finding(1, format!("`{module}` has no floor: give it one in tests/architecture/floors.rs")),
        ];
    };
    if module == "lib" {
        return Vec::new();
    }
    imports(source)
        .into_iter()
        .filter(|(target, _)| target != module)
        .filter_map(|(target, line)| {
            let complaint = match floor_of(&target) {
                Some(other) if other < floor => return None,
                Some(other) if other == floor => format!("`{module}` imports its neighbor `{target}`"),
                Some(_) => format!("`{module}` imports `{target}`, which lies above it"),
                None => format!("`crate::{target}` goes through the root: name the module that defines it"),
            };
            Some(source.finding(line, complaint))
        })
        .collect()
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The modules of this crate that the file names from the root, and where.
fn imports(source: &Source) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let text = |position: usize| source.words.get(position).map_or("", |word| word.text.as_str());
    let mut blocks = Vec::new();
    for (position, word) in source.words.iter().enumerate() {
        match word.text.as_str() {
            "{" => blocks.push(position > 1 && text(position - 2) == "mod"),
            "}" => drop(blocks.pop()),
            "crate" | "gatevault" if text(position + 1) == "::" => roots(source, position + 2, &mut found),
            "super" if text(position.wrapping_sub(2)) != "super" => {
                let depth =
                    depth_of_file(&source.path) + blocks.iter().filter(|is_module| **is_module).count();
                let mut end = position;
                let mut climbed = 0;
                while text(end) == "super" && text(end + 1) == "::" {
                    climbed += 1;
                    end += 2;
                }
                if climbed >= depth {
                    roots(source, end, &mut found);
                }
            }
            _ => {}
        }
    }
    found
}

/// How many `super` it takes from the file to the root of the crate.
fn depth_of_file(path: &str) -> usize {
    path.trim_end_matches(".rs").split('/').filter(|name| *name != "mod" && *name != "lib").count()
}

/// The first segments of the path, or of the braced list of paths, that begins at `position`.
fn roots(source: &Source, position: usize, found: &mut Vec<(String, usize)>) {
    let words = source.words.get(position..).unwrap_or_default();
    let Some((first, list)) = words.split_first() else {
        return;
    };
    if first.text != "{" {
        found.push((first.text.clone(), first.line));
        return;
    }
    let mut depth = 0_usize;
    let mut starts = true;
    for word in list {
        match word.text.as_str() {
            "}" if depth == 0 => return,
            "{" => depth += 1,
            "}" => depth -= 1,
            "," if depth == 0 => starts = true,
            name if starts => {
                found.push((name.to_owned(), word.line));
                starts = false;
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::upward_imports;
    use crate::source::Source;

    fn complaints(path: &str, text: &str) -> Vec<String> {
        upward_imports(&Source::parse(path, text)).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn imports_that_point_down_or_stay_home_pass() {
        let text = "use crate::{clock::Clock, error::{TokenError, Other}, token::jws};\nuse super::jws;\n\
                    fn a() -> crate::claims::UserId { std::mem::take(x) }\nmod inner { use super::super::jws; }";
        assert_eq!(complaints("token/manager.rs", text), [""; 0]);
        assert_eq!(complaints("lib.rs", "mod guard; pub use guard::gate; use crate::login::x;"), [""; 0]);
        assert_eq!(complaints("clock.rs", "mod sealed { use super::Clock; }"), [""; 0]);
    }

    #[test]
    fn imports_that_point_up_are_found_however_they_are_written() {
        for text in [
            "use crate::guard::Gate;",
            "use crate::{error::TokenError, guard::Gate};",
            "use crate::{error::{A, B}, guard};",
            "fn a() { crate::guard::verify() }",
            "fn a(gate: &crate::guard::Gate) {}",
            "use super::super::guard::Gate;",
            "use super::super::{guard::Gate};",
            "mod inner { use super::super::super::guard::Gate; }",
            "use gatevault::guard::Gate;",
            "macro_rules! a { () => { $crate::guard::verify() } }",
            "mod a { fn b() {} }\nuse super::super::guard::Gate;",
        ] {
            assert_eq!(
                complaints("token/manager.rs", text),
                ["`token` imports `guard`, which lies above it"],
                "{text}"
            );
        }
        for path in ["token.rs", "token/mod.rs"] {
            assert_eq!(complaints(path, "use super::guard::Gate;").len(), 1, "{path}");
        }
    }

    #[test]
    fn neighbors_do_not_import_each_other() {
        assert_eq!(
            complaints("claims/payload.rs", "use crate::key::Key;"),
            ["`claims` imports its neighbor `key`"]
        );
    }

    #[test]
    fn the_root_is_no_detour() {
        let complaint = "`crate::TokenError` goes through the root: name the module that defines it";
        assert_eq!(complaints("random.rs", "fn a() -> crate::TokenError {}"), [complaint]);
        assert_eq!(complaints("random.rs", "use crate::*;").len(), 1);
    }

    #[test]
    fn a_module_without_a_floor_is_found() {
        assert_eq!(complaints("attic/mod.rs", "").len(), 1);
    }
}

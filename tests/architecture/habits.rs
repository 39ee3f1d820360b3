//! One place for each thing: the clock, randomness, features, frameworks; and files that stay short.

use crate::source::{Finding, Source};

const LONGEST_FILE: usize = 300;

const FRAMEWORKS: &[&str] =
    &["axum", "actix", "rocket", "poem", "salvo", "warp", "tonic", "tower", "tiny_http", "hyper"];

const UNFINISHED: &[&str] = &["TODO", "FIXME", "XXX", "HACK", "todo!", "unimplemented!"];

pub(crate) fn long_files(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    if lines <= LONGEST_FILE {
        return Vec::new();
    }
    vec![source.finding(lines, format!("{lines} lines, over {LONGEST_FILE}: what second thing lives here?"))]
}

/// Comments count: unfinished work is unfinished wherever it is confessed.
pub(crate) fn unfinished_work(source: &Source) -> Vec<Finding> {
    words_in_text(source, UNFINISHED, |_, word| format!("`{word}`: finish it or leave it out"))
}

pub(crate) fn framework_names_outside_web(source: &Source) -> Vec<Finding> {
    if matches!(source.module(), "web" | "guide") {
        return Vec::new();
    }
    let findings = words_in_text(source, FRAMEWORKS, |module, word| {
        format!("`{module}` names `{word}`, which only `web` knows")
    });
    // The front page lists the features, and a hidden line of an example may need one.
    let is_documentation = |finding: &Finding| {
        source.text.lines().nth(finding.line.saturating_sub(1)).is_some_and(|line| {
            (source.path == "lib.rs" && line.starts_with("//!")) || line.starts_with("/// # #[cfg(")
        })
    };
    findings.into_iter().filter(|finding| !is_documentation(finding)).collect()
}

pub(crate) fn features_outside_module_roots(source: &Source) -> Vec<Finding> {
    if source.path == "lib.rs" || source.path.ends_with("/mod.rs") {
        return Vec::new();
    }
    let conditions = source.words.iter().enumerate().filter(|(position, word)| {
        let next = |step: usize| source.words.get(position + step).map(|word| word.text.as_str());
        let opens = next(1) == Some("(") || (next(1) == Some("!") && next(2) == Some("("));
        matches!(word.text.as_str(), "cfg" | "cfg_attr") && opens && mentions_feature(source, *position)
    });
    let message = "`cfg(feature)` belongs in lib.rs, in a mod.rs or in a manifest";
    conditions.map(|(_, word)| source.finding(word.line, message)).collect()
}

pub(crate) fn clocks_outside_the_clock(source: &Source) -> Vec<Finding> {
    outside("clock", source, &["SystemTime", "::", "now"], "asks the system's clock; take a `Clock`")
}

pub(crate) fn randomness_outside_random(source: &Source) -> Vec<Finding> {
    outside("random", source, &["getrandom"], "asks for randomness; add what it needs to `random`")
}

fn outside(home: &str, source: &Source, sequence: &[&str], complaint: &str) -> Vec<Finding> {
    if source.module() == home {
        return Vec::new();
    }
    source
        .lines_with(sequence)
        .map(|line| source.finding(line, format!("`{}` {complaint}", source.module())))
        .collect()
}

fn words_in_text(source: &Source, words: &[&str], complaint: impl Fn(&str, &str) -> String) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in (1..).zip(source.text.lines()) {
        for word in words.iter().filter(|word| has_word(line, word)) {
            findings.push(source.finding(number, complaint(source.module(), word)));
        }
    }
    findings
}

/// Finds `word` in `line` without a letter at either side: `tower` is not in `towering`, but is in `tower_http`.
fn has_word(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line[..start].chars().next_back();
        let after = line[start + word.len()..].chars().next();
        !before.is_some_and(char::is_alphabetic) && !after.is_some_and(char::is_alphabetic)
    })
}

/// Whether the bracket after `position` has the word `feature` in it.
fn mentions_feature(source: &Source, position: usize) -> bool {
    let mut depth = 0_usize;
    for word in &source.words[position..] {
        match word.text.as_str() {
            "(" => depth += 1,
            ")" if depth == 1 => return false,
            ")" => depth -= 1,
            "feature" => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How often `rule` complains about `text` in the file `path`.
    fn count(rule: fn(&Source) -> Vec<Finding>, path: &str, text: &str) -> usize {
        rule(&Source::parse(path, text)).len()
    }

    #[test]
    fn a_file_of_301_lines_is_long() {
        assert_eq!(count(long_files, "a.rs", &"\n".repeat(300)), 0);
        assert_eq!(count(long_files, "a.rs", &"\n".repeat(301)), 1);
    }

    #[test]
    fn unfinished_work_is_found_in_code_and_comments() {
        for text in [
            "// TODO: later",
            "fn a() { todo!() }",
            "fn a() { unimplemented!(\"b\") }",
            "/// FIXME\nfn a() {}",
        ] {
            assert_eq!(count(unfinished_work, "a.rs", text), 1, "{text}");
        }
        assert_eq!(count(unfinished_work, "a.rs", "fn todos() {} // MASTODON"), 0);
    }

    #[test]
    fn framework_names_are_found_outside_web() {
        for text in [
            "use axum::Router;",
            "// as actix does",
            "fn a() { tower_http::b() }",
            "const A: &str = \"rocket\";",
        ] {
            assert_eq!(count(framework_names_outside_web, "guard/gate.rs", text), 1, "{text}");
        }
        assert_eq!(count(framework_names_outside_web, "web/axum.rs", "use axum::Router;"), 0);
        assert_eq!(count(framework_names_outside_web, "lib.rs", "//! - `axum`\nuse axum::Router;"), 1);
        let hidden = "/// # #[cfg(feature = \"axum\")] {\n/// fn axum() {}";
        assert_eq!(count(framework_names_outside_web, "guard/gate.rs", hidden), 1);
        assert_eq!(count(framework_names_outside_web, "guide/mod.rs", "pub mod axum {}"), 0);
        assert_eq!(count(framework_names_outside_web, "guard/gate.rs", "// warped, poems, rocketry"), 0);
    }

    #[test]
    fn features_are_found_outside_module_roots() {
        for text in [
            "#[cfg(feature = \"tokio\")] fn a() {}",
            "#[cfg(all(unix, not(feature = \"tokio\")))] fn a() {}",
            "#[cfg_attr(feature = \"tokio\", inline)] fn a() {}",
            "fn a() -> bool { cfg!(feature = \"tokio\") }",
        ] {
            assert_eq!(count(features_outside_module_roots, "login/pool.rs", text), 1, "{text}");
            assert_eq!(count(features_outside_module_roots, "login/mod.rs", text), 0, "{text}");
        }
        let text = "#[cfg(unix)] fn a() { feature() }\n// cfg(feature)";
        assert_eq!(count(features_outside_module_roots, "login/pool.rs", text), 0);
    }

    #[test]
    fn a_second_clock_is_found() {
        for text in ["fn a() { SystemTime::now(); }", "fn a() { std::time::SystemTime::now(); }"] {
            assert_eq!(count(clocks_outside_the_clock, "token/jws.rs", text), 1, "{text}");
            assert_eq!(count(clocks_outside_the_clock, "clock.rs", text), 0, "{text}");
        }
        assert_eq!(
            count(clocks_outside_the_clock, "token/jws.rs", "/// `SystemTime::now()`\nfn now() {}"),
            0
        );
    }

    #[test]
    fn a_second_source_of_randomness_is_found() {
        assert_eq!(count(randomness_outside_random, "key/secret.rs", "use getrandom::fill;"), 1);
        assert_eq!(count(randomness_outside_random, "random.rs", "use getrandom::fill;"), 0);
    }
}

//! Plain words: expressions that make a reader read twice, and the first line of documentation.

use crate::prose::{self, Line};
use crate::source::{Finding, Source};

/// Words and phrases with a plainer alternative, in lower case.
const BANNED: &[(&str, &str)] = &[
    ("whoever", "name the person: \"the caller\", \"a client that\""),
    ("whomever", "name the person"),
    ("whatever", "name the thing, or write \"any\""),
    ("somebody", "name the person"),
    ("someone", "name the person"),
    ("nobody", "write \"no caller\", \"no user\""),
    ("anybody", "name the person"),
    ("everybody", "write \"all users\""),
    ("lest", "write \"so that .. not\""),
    ("goes by", "write \"uses\" or \"follows\""),
    ("go by", "write \"use\" or \"follow\""),
    ("is to be", "write \"must be\""),
    ("are to be", "write \"must be\""),
    ("is to", "write \"must\""),
    ("are to", "write \"must\""),
    ("told", "write \"informed\", \"says\", \"distinguished\""),
    ("hears", "write \"receives\" or \"learns\""),
    ("heard", "write \"received\" or \"learned\""),
    ("stands", "write \"is\" or \"applies\""),
    ("goes on", "write \"continues\" or \"is active\""),
    ("go on", "write \"continue\""),
    ("went on", "write \"continued\""),
    ("moment", "write \"time\""),
    ("texts", "write \"strings\""),
    ("whole number", "write \"integer\""),
    ("whole numbers", "write \"integers\""),
    ("he", "write \"they\""),
    ("she", "write \"they\""),
    ("his", "write \"their\""),
];

/// Words that make the first line of documentation a clause without a subject.
const CLAUSES: &[&str] =
    &["What", "Whether", "That", "Who", "Whose", "How", "Why", "Where", "When", "If", "As", "Of"];

/// Verbs that begin the documentation of a function: one verb for one idea.
const VERBS: &[&str] = &[
    "Accepts",
    "Acquires",
    "Adds",
    "Allows",
    "Appends",
    "Applies",
    "Asserts",
    "Begins",
    "Blocks",
    "Caches",
    "Calls",
    "Checks",
    "Classifies",
    "Compares",
    "Completes",
    "Computes",
    "Connects",
    "Consumes",
    "Converts",
    "Copies",
    "Counts",
    "Creates",
    "Decodes",
    "Denies",
    "Derives",
    "Describes",
    "Emits",
    "Encloses",
    "Encodes",
    "Ends",
    "Evaluates",
    "Exchanges",
    "Expands",
    "Extends",
    "Extracts",
    "Fetches",
    "Finds",
    "Formats",
    "Guards",
    "Handles",
    "Hashes",
    "Inserts",
    "Installs",
    "Issues",
    "Keeps",
    "Locks",
    "Logs",
    "Moves",
    "Opens",
    "Parses",
    "Passes",
    "Prepares",
    "Promotes",
    "Publishes",
    "Raises",
    "Reads",
    "Recognizes",
    "Records",
    "Refunds",
    "Rejects",
    "Removes",
    "Replaces",
    "Reports",
    "Requests",
    "Requires",
    "Responds",
    "Retires",
    "Retries",
    "Returns",
    "Revokes",
    "Rotates",
    "Rounds",
    "Runs",
    "Selects",
    "Sends",
    "Sets",
    "Signs",
    "Skips",
    "Splits",
    "Starts",
    "Stores",
    "Subtracts",
    "Uses",
    "Validates",
    "Verifies",
    "Waits",
    "Wakes",
    "Wraps",
    "Writes",
];

/// Returns each banned word in a file's prose, with a plainer alternative. This file lists them, so it is exempt.
pub(crate) fn banned_words(path: &str, text: &str) -> Vec<Finding> {
    if path.ends_with("architecture/words.rs") {
        return Vec::new();
    }
    prose::lines(path, text).iter().flat_map(|line| banned_in(path, line)).collect()
}

fn banned_in(path: &str, line: &Line) -> Vec<Finding> {
    let words: Vec<_> = line
        .text
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let has = |phrase: &str| {
        let phrase: Vec<_> = phrase.split(' ').collect();
        words.windows(phrase.len()).any(|window| window == phrase)
    };
    let found = BANNED.iter().filter(|(phrase, _)| has(phrase));
    let finding = |(phrase, instead): &(&str, &str)| Finding {
        path: path.to_owned(),
        line: line.number,
        message: format!("`{phrase}`: {instead}"),
    };
    found.map(finding).collect()
}

/// Returns each first line of documentation that is a clause, and each of a function that does not begin with a verb.
pub(crate) fn first_lines(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut position = 0;
    while let Some(first) = documentation(source, position) {
        let text = |at: usize| source.words.get(at).map_or("", |word| word.text.as_str());
        let (start, line) = (first.start, source.words[first.start].line);
        let opening = text(start).trim_start_matches(['"', ' ', '*', '[', '`']).to_owned();
        let word = opening.split(|letter: char| !letter.is_alphanumeric()).next().unwrap_or_default();
        position = first.end;
        if CLAUSES.contains(&word) {
            findings.push(source.finding(line, format!("begins with `{word}`: say what it is or does")));
        } else if !first.is_inner && documents_function(source, position) && !VERBS.contains(&word) {
            findings.push(source.finding(line, format!("begins with `{word}`, not with a verb of the list")));
        }
    }
    findings
}

/// Where the first line of an item's documentation is, and where the item goes after all its attributes.
struct Documentation {
    start: usize,
    is_inner: bool,
    end: usize,
}

/// Finds the next run of documentation at or after `position`.
fn documentation(source: &Source, position: usize) -> Option<Documentation> {
    let word = |at: usize| source.words.get(at).map_or("", |word| word.text.as_str());
    let mut at = (position..source.words.len()).find(|at| doc_literal(source, *at).is_some())?;
    let start = doc_literal(source, at)?;
    // `//!` belongs to the file or block, and not to the item that follows it.
    let is_inner = word(at + 1) == "!";
    while word(at) == "#" && (word(at + 1) == "!") == is_inner {
        at = after_attribute(source, at)?;
    }
    Some(Documentation { start, is_inner, end: at })
}

/// Returns the place of the text of a documentation attribute that begins at `at`.
fn doc_literal(source: &Source, at: usize) -> Option<usize> {
    let word = |at: usize| source.words.get(at).map_or("", |word| word.text.as_str());
    let inner = usize::from(word(at + 1) == "!");
    let is_doc = ["[", "doc", "="].iter().zip(at + 1 + inner..).all(|(wanted, at)| word(at) == *wanted);
    let text = at + 4 + inner;
    // `#[doc = concat!("..", ..)]`
    let text = if word(text) == "concat" { text + 3 } else { text };
    (word(at) == "#" && is_doc && word(text).starts_with('"')).then_some(text)
}

fn after_attribute(source: &Source, at: usize) -> Option<usize> {
    let mut depth = 0_usize;
    for (position, word) in source.words.iter().enumerate().skip(at) {
        match word.text.as_str() {
            "[" | "(" | "{" => depth += 1,
            "]" if depth == 1 => return Some(position + 1),
            "]" | ")" | "}" => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// Says whether the item at `at` is a function: `fn` behind its visibility and qualifiers.
fn documents_function(source: &Source, at: usize) -> bool {
    const BEFORE: &[&str] =
        &["pub", "(", "crate", "super", "in", ")", "const", "async", "extern", "default", "::"];
    let words = source.words.get(at..).unwrap_or_default();
    words.iter().find(|word| !BEFORE.contains(&word.text.as_str())).is_some_and(|word| word.text == "fn")
}

#[cfg(test)]
mod tests {
    use super::{BANNED, VERBS, banned_words, first_lines};
    use crate::source::Source;

    fn messages(text: &str) -> Vec<String> {
        first_lines(&Source::parse("a.rs", text)).into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn each_banned_word_is_found_in_each_kind_of_prose() {
        for (phrase, _) in BANNED {
            for text in [
                format!("/// A {phrase} b.\nfn a() {{}}"),
                format!("//! A {phrase}.\n"),
                format!("// {}\n", phrase.to_uppercase()),
                format!("fn a() {{}} // {phrase}\n"),
                format!("const A: &str = \"{phrase}\";"),
                format!("fn a_{}_b() {{}}", phrase.replace(' ', "_")),
            ] {
                assert!(!banned_words("a.rs", &text).is_empty(), "{text}");
            }
            assert_eq!(banned_words("a.md", &format!("One.\n\nA {phrase}'s b.\n"))[0].line, 3, "{phrase}");
        }
    }

    #[test]
    fn code_and_longer_words_are_not_banned() {
        for text in ["/// `whoever` and standstill.\nfn a() {}", "fn a() { told(he) }"] {
            assert!(banned_words("a.rs", text).is_empty(), "{text}");
        }
        assert!(banned_words("a.md", "```text\nnobody\n```\n").is_empty());
    }

    #[test]
    fn a_clause_is_no_first_line() {
        for text in [
            "/// What it is.\nstruct A;",
            "/// Whether it is.\npub fn a() {}",
            "//! How it works.\n",
            "//! A module.\n\n/// What it is.\nstruct A;",
            "struct A { /// Whose it is.\n a: u8 }",
        ] {
            assert_eq!(messages(text).len(), 1, "{text}");
        }
        assert!(messages("/// A cache.\n///\n/// What it holds.\nstruct A;").is_empty());
    }

    #[test]
    fn a_function_begins_with_a_verb() {
        for head in ["fn a()", "pub fn a()", "pub(crate) async fn a()", "#[must_use]\n#[inline] const fn a()"]
        {
            assert_eq!(messages(&format!("/// A manager of it.\n{head} {{}}")).len(), 1, "{head}");
            assert_eq!(messages(&format!("/// Return it.\n{head} {{}}")).len(), 1, "{head}");
            assert!(messages(&format!("/// Returns it.\n{head} {{}}")).is_empty(), "{head}");
        }
        assert_eq!(messages("trait A { /// The name.\n fn a(&self); }").len(), 1);
        assert!(messages("/// A manager.\npub struct A;").is_empty());
        assert!(messages("//! A module.\nfn a() {}").is_empty());
        assert!(messages("#[doc = concat!(\"Returns \", \"it.\")]\n///\nfn a() {}").is_empty());
        assert_eq!(messages("#[doc = concat!(\"The \", \"name.\")]\n///\nfn a() {}").len(), 1);
    }

    #[test]
    fn the_verbs_are_in_order_and_in_the_third_person() {
        assert!(VERBS.is_sorted_by(|one, other| one < other));
        assert!(VERBS.iter().all(|verb| verb.ends_with('s')));
    }
}

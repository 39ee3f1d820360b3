//! Rust source as a flat list of words: comments gone, strings opaque, unit tests left out.

use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// One word, bracket or punctuation mark of a program.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Word {
    pub(crate) text: String,
    pub(crate) line: usize,
}

/// One file of a crate.
pub(crate) struct Source {
    /// Below the crate's `src`, with forward slashes.
    pub(crate) path: String,
    pub(crate) text: String,
    pub(crate) words: Vec<Word>,
}

/// Something that is wrong, and where.
#[derive(Debug, PartialEq)]
pub(crate) struct Finding {
    pub(crate) path: String,
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Source {
    pub(crate) fn parse(path: &str, text: &str) -> Self {
        let tokens: TokenStream = text.parse().unwrap_or_else(|error| panic!("{path} is not Rust: {error}"));
        let mut words = Vec::new();
        flatten(tokens, &mut words);
        Self { path: path.to_owned(), text: text.to_owned(), words: without_unit_tests(&words) }
    }

    /// The module of the crate that the file belongs to: `token` for `token/manager.rs`.
    pub(crate) fn module(&self) -> &str {
        self.path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
    }

    pub(crate) fn finding(&self, line: usize, message: impl Into<String>) -> Finding {
        Finding { path: self.path.clone(), line, message: message.into() }
    }

    /// The lines on which these words follow each other.
    pub(crate) fn lines_with<'a>(&'a self, sequence: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
        self.words
            .windows(sequence.len())
            .filter(move |window| window.iter().zip(sequence).all(|(word, wanted)| word.text == *wanted))
            .map(|window| window[0].line)
    }
}

/// Every file below a workspace member's `src`.
pub(crate) fn sources_of(member: &str) -> Vec<Source> {
    let root = workspace().join(member).join("src");
    let mut sources = Vec::new();
    read_folder(&root, &root, &mut sources);
    assert!(!sources.is_empty(), "{} holds no Rust files", root.display());
    sources
}

pub(crate) fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails with every finding on a line of its own.
pub(crate) fn assert_none(findings: &[Finding]) {
    let list: Vec<_> = findings.iter().map(|f| format!("  {}:{}: {}", f.path, f.line, f.message)).collect();
    assert!(findings.is_empty(), "{} found:\n{}", findings.len(), list.join("\n"));
}

fn read_folder(root: &Path, folder: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_folder(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            sources.push(Source::parse(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Appends the words of a program, those in brackets included.
pub(crate) fn flatten(tokens: TokenStream, words: &mut Vec<Word>) {
    let mut half_of_path_separator = false;
    for token in tokens {
        let line = token.span().start().line;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::None => ("", ""),
                };
                words.push(Word { text: open.to_owned(), line });
                flatten(group.stream(), words);
                words.push(Word { text: close.to_owned(), line: group.span_close().start().line });
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && half_of_path_separator => {
                words.push(Word { text: "::".to_owned(), line });
                half_of_path_separator = false;
            }
            TokenTree::Punct(punct) if punct.as_char() == ':' && punct.spacing() == Spacing::Joint => {
                half_of_path_separator = true;
            }
            token => words.push(Word { text: token.to_string(), line }),
        }
    }
}

/// Unit tests may use what they like; they are not part of what is built.
fn without_unit_tests(words: &[Word]) -> Vec<Word> {
    const ATTRIBUTE: [&str; 7] = ["#", "[", "cfg", "(", "test", ")", "]"];
    let mut kept = Vec::new();
    let mut rest = words;
    while let Some((first, tail)) = rest.split_first() {
        let is_test = rest.len() >= ATTRIBUTE.len()
            && rest.iter().zip(ATTRIBUTE).all(|(word, wanted)| word.text == wanted);
        if is_test {
            rest = after_item(&rest[ATTRIBUTE.len()..]);
        } else {
            kept.push(first.clone());
            rest = tail;
        }
    }
    kept
}

/// What follows the first item: it ends with its block, or with a semicolon outside all brackets.
fn after_item(words: &[Word]) -> &[Word] {
    let mut depth = 0_usize;
    for (position, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth -= 1,
            "}" => {
                depth -= 1;
                if depth == 0 {
                    return &words[position + 1..];
                }
            }
            ";" if depth == 0 => return &words[position + 1..],
            _ => {}
        }
    }
    &[]
}

#[cfg(test)]
mod tests {
    use super::Source;

    fn words(text: &str) -> Vec<String> {
        Source::parse("x.rs", text).words.into_iter().map(|word| word.text).collect()
    }

    #[test]
    fn comments_and_strings_hold_no_words() {
        let text = "// crate::web\n/* todo */ fn a() { \"crate::web\"; }";
        assert_eq!(words(text), ["fn", "a", "(", ")", "{", "\"crate::web\"", ";", "}"]);
        assert!(!words("/// see crate::web\nfn a() {}").contains(&"web".to_owned()));
    }

    #[test]
    fn unit_tests_are_left_out_and_what_follows_them_is_not() {
        let text = "a; #[cfg(test)] mod tests { use b; fn c() { [d; 2] } } e; #[cfg(test)] use f::g; h;";
        assert_eq!(words(text), ["a", ";", "e", ";", "h", ";"]);
    }

    #[test]
    fn every_word_knows_its_line() {
        let source = Source::parse("x.rs", "a\n\nb::c\n{ d }");
        let lines: Vec<_> = source.words.iter().map(|word| word.line).collect();
        assert_eq!(lines, [1, 3, 3, 3, 4, 4, 4]);
        assert_eq!(source.lines_with(&["b", "::", "c"]).collect::<Vec<_>>(), [3]);
    }

    #[test]
    fn a_file_belongs_to_the_first_folder_of_its_path() {
        for (path, module) in
            [("clock.rs", "clock"), ("token/jws.rs", "token"), ("a/b/mod.rs", "a"), ("lib.rs", "lib")]
        {
            assert_eq!(Source::parse(path, "").module(), module);
        }
    }
}

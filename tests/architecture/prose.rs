//! The prose of the repository: comments, documentation, strings and Markdown, apart from code.

use std::fs;
use std::path::Path;

use proc_macro2::{Ident, Literal, TokenStream, TokenTree};

use crate::source::workspace;

/// A line of prose and its place.
#[derive(Debug, PartialEq)]
pub(crate) struct Line {
    pub(crate) number: usize,
    pub(crate) text: String,
}

/// Folders that hold no prose of this repository.
const LEFT_OUT: &[&str] = &["target", "node_modules"];

/// Extensions of files with prose. Recorded compiler messages (`.stderr`) are mostly the compiler's own words.
const EXTENSIONS: &[&str] = &["rs", "md", "toml", "lua", "sql", "py", "js", "html"];

/// Returns every file with prose below the workspace, by its path there.
pub(crate) fn files() -> Vec<(String, String)> {
    let root = workspace();
    let mut files = Vec::new();
    read_folder(&root, &root, &mut files);
    assert!(files.iter().any(|(path, _)| path == "README.md"), "no files below {}", root.display());
    files
}

fn read_folder(root: &Path, folder: &Path, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display())) {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_symlink() || name.starts_with('.') || LEFT_OUT.contains(&name.as_str()) {
            continue;
        }
        if path.is_dir() {
            read_folder(root, &path, files);
        } else if path.extension().is_some_and(|e| EXTENSIONS.iter().any(|known| e == *known)) {
            let place = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            files.push((place, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Returns the prose of a file; what counts as prose depends on the file's extension.
pub(crate) fn lines(path: &str, text: &str) -> Vec<Line> {
    match path.rsplit('.').next().unwrap_or_default() {
        "rs" => rust(text),
        "md" => markdown(text),
        "lua" | "sql" => marked(text, "--"),
        "toml" | "py" => marked(text, "#"),
        "js" => marked(text, "//"),
        _ => numbered(text).map(|(number, line)| Line { number, text: line.to_owned() }).collect(),
    }
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    (1..).zip(text.lines())
}

/// Returns what follows `mark` on each line.
fn marked(text: &str, mark: &str) -> Vec<Line> {
    let comment = |line: &str| Some(line[line.find(mark)? + mark.len()..].to_owned());
    numbered(text).filter_map(|(number, line)| Some(Line { number, text: comment(line)? })).collect()
}

/// Returns the lines outside fenced code, without inline code and link targets.
fn markdown(text: &str) -> Vec<Line> {
    let mut is_code = false;
    let mut prose = Vec::new();
    for (number, line) in numbered(text) {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        } else if !is_code {
            prose.push(Line { number, text: without_code(line) });
        }
    }
    prose
}

fn without_code(line: &str) -> String {
    line.split('`').step_by(2).collect::<Vec<_>>().join("`")
}

/// Returns the comments, documentation and string literals, and the words of each function's name.
fn rust(text: &str) -> Vec<Line> {
    let mut prose: Vec<_> = numbered(text)
        .filter_map(|(number, line)| Some(Line { number, text: without_code(comment_of(line)?) }))
        .collect();
    let tokens: TokenStream = text.parse().unwrap_or_default();
    strings_and_names(tokens, &mut prose);
    prose
}

/// Returns the comment of a line; `//` inside a string is none.
fn comment_of(line: &str) -> Option<&str> {
    let start = line.match_indices("//").map(|(start, _)| start).find(|start| {
        let before = &line[..*start];
        before.matches('"').count().is_multiple_of(2) && !before.ends_with(':')
    })?;
    Some(line[start..].trim_start_matches(['/', '!']))
}

fn strings_and_names(tokens: TokenStream, prose: &mut Vec<Line>) {
    let mut after_fn = false;
    let mut after_doc = false;
    for token in tokens {
        match token {
            TokenTree::Group(group) => strings_and_names(group.stream(), prose),
            TokenTree::Literal(literal) if !after_doc => prose.extend(string(&literal)),
            TokenTree::Ident(name) if after_fn => prose.push(words_of(&name)),
            TokenTree::Ident(word) => {
                after_doc = word == "doc";
                after_fn = word == "fn";
                continue;
            }
            TokenTree::Punct(punct) if punct.as_char() == '=' && after_doc => continue,
            _ => {}
        }
        (after_fn, after_doc) = (false, false);
    }
}

fn string(literal: &Literal) -> Option<Line> {
    let text = literal.to_string();
    let is_string = text.starts_with('"') || text.starts_with("r\"") || text.starts_with("r#");
    is_string.then(|| Line { number: literal.span().start().line, text: without_code(&text) })
}

fn words_of(name: &Ident) -> Line {
    Line { number: name.span().start().line, text: name.to_string().replace('_', " ") }
}

#[cfg(test)]
mod tests {
    use super::lines;

    fn prose(path: &str, text: &str) -> Vec<String> {
        lines(path, text).into_iter().map(|line| line.text).collect()
    }

    #[test]
    fn rust_has_prose_in_comments_strings_and_function_names() {
        let text = "/// One `code` two.\nfn three_four() { five(\"six\"); } // seven\n";
        assert_eq!(prose("a.rs", text), [" One ` two.", " seven", "three four", "\"six\""]);
    }

    #[test]
    fn a_url_in_a_string_is_no_comment() {
        assert_eq!(prose("a.rs", "const A: &str = \"https://b\";"), ["\"https://b\""]);
    }

    #[test]
    fn markdown_has_prose_outside_code() {
        assert_eq!(prose("a.md", "one `two` three\n```rust\nfour\n```\nfive"), ["one ` three", "five"]);
    }

    #[test]
    fn other_files_have_prose_behind_their_comment_marks() {
        assert_eq!(prose("a.sql", "SELECT 1; -- one"), [" one"]);
        assert_eq!(prose("a.toml", "a = 1 # two"), [" two"]);
    }
}

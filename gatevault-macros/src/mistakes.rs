//! The mistakes of `tests/ui` without a compiler: each macro reports its errors at the recorded places, in the recorded words.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::{auth_user, claims, guarded, protected, value};

/// A line, a column from zero, and the words of the error there.
type Mistake = (usize, usize, String);

/// The attributes in front of an item, and its other tokens.
#[derive(Default)]
struct Written {
    /// Each with its `#`, where the compiler reports an error of the whole attribute.
    attributes: Vec<(TokenTree, Group)>,
    rest: Vec<TokenTree>,
}

impl Written {
    /// Returns what the macros make of the item and of the items inside it.
    fn expanded(mut self) -> TokenStream {
        for at in 0..self.attributes.len() {
            let attribute = Attribute::of(&self.attributes[at].1);
            if let Some(expand) = attribute.expander() {
                self.attributes.remove(at);
                return expanded(expand(attribute.arguments, &self.tokens()));
            }
        }
        let item = self.tokens();
        let derives = self.attributes.iter().flat_map(|(_, attribute)| Attribute::of(attribute).derives());
        let impls: Vec<TokenStream> = derives.map(|derive| derive(item.clone())).collect();
        let rest = self.rest.into_iter().map(|token| match token {
            TokenTree::Group(group) => Group::new(group.delimiter(), expanded(group.stream())).into(),
            other => other,
        });
        rest.collect::<TokenStream>().into_iter().chain(impls.into_iter().flatten()).collect()
    }

    fn tokens(&self) -> TokenStream {
        let attributes = self.attributes.iter().cloned();
        let attributes = attributes.flat_map(|(pound, attribute)| [pound, attribute.into()]);
        attributes.chain(self.rest.iter().cloned()).collect()
    }
}

type Expand = fn(TokenStream, &TokenStream) -> TokenStream;
type Derive = fn(TokenStream) -> TokenStream;

/// An attribute of an item.
struct Attribute {
    path: String,
    arguments: TokenStream,
}

impl Attribute {
    fn of(bracketed: &Group) -> Self {
        let mut tokens = bracketed.stream().into_iter().peekable();
        let mut path = String::new();
        while let Some(token) = tokens.next_if(|token| !matches!(token, TokenTree::Group(_))) {
            path += &token.to_string();
        }
        let arguments = match tokens.next() {
            Some(TokenTree::Group(group)) => group.stream(),
            _ => TokenStream::new(),
        };
        Self { path, arguments }
    }

    /// Returns the macro of this crate with this name.
    fn expander(&self) -> Option<Expand> {
        match self.path.trim_start_matches("::") {
            "protected" | "gatevault::protected" => Some(protected::protect),
            "guarded" | "gatevault::guarded" => Some(guarded::guard_all),
            "gatevault::test" => Some(crate::test::expand),
            _ => None,
        }
    }

    /// Returns the derives of this crate in a `#[derive(..)]`.
    fn derives(self) -> Vec<Derive> {
        let names = if self.path == "derive" { self.arguments } else { TokenStream::new() };
        let derive = |name: TokenTree| -> Option<Derive> {
            match name.to_string().as_str() {
                "Claims" => Some(claims::derive),
                "ClaimValue" => Some(value::derive),
                "AuthUser" => Some(auth_user::derive),
                _ => None,
            }
        };
        names.into_iter().filter_map(derive).collect()
    }
}

/// Expands every macro of this crate. An item ends with a semicolon or with a pair of braces.
fn expanded(tokens: TokenStream) -> TokenStream {
    let (mut output, mut item) = (TokenStream::new(), Written::default());
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let is_attribute = item.rest.is_empty() && token.to_string() == "#";
        let bracketed = tokens.next_if(|next| is_attribute && is_group(next, Delimiter::Bracket));
        if let Some(TokenTree::Group(bracketed)) = bracketed {
            item.attributes.push((token, bracketed));
            continue;
        }
        let is_last = is_group(&token, Delimiter::Brace) || token.to_string() == ";";
        item.rest.push(token);
        if is_last {
            output.extend(std::mem::take(&mut item).expanded());
        }
    }
    output.extend(item.expanded());
    output
}

fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

/// Adds the errors that tokens emit: `::core::compile_error! { "words" }`.
fn collect_errors(tokens: TokenStream, errors: &mut BTreeSet<Mistake>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    for token in &tokens {
        if let TokenTree::Group(group) = token {
            collect_errors(group.stream(), errors);
        }
    }
    for call in tokens.windows(3) {
        if let [TokenTree::Ident(name), _, TokenTree::Group(words)] = call
            && name == "compile_error"
        {
            let words: syn::LitStr = syn::parse2(words.stream()).unwrap();
            let start = name.span().start();
            errors.insert((start.line, start.column, one_line(&words.value())));
        }
    }
}

fn one_line(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Returns the errors without a number in a recorded message, which are those of macros and a few of the compiler.
fn recorded(message: &str) -> BTreeSet<Mistake> {
    let errors = message.split("\nerror: ").enumerate().filter_map(|(number, part)| {
        let part = if number == 0 { part.strip_prefix("error: ")? } else { part };
        let (words, rest) = part.split_once("-->")?;
        let mut place = rest.lines().next()?.rsplit(':');
        let (column, line): (usize, _) = (place.next()?.parse().ok()?, place.next()?.parse().ok()?);
        Some((line, column.checked_sub(1)?, one_line(words)))
    });
    errors.collect()
}

/// Returns the files in a folder and its subfolders, sorted.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|its| its == extension) {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[core::prelude::v1::test]
fn each_mistake_is_reported_as_recorded() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/ui/fail");
    let (mut count, mut others) = (0, Vec::new());
    for case in files(&folder, "rs") {
        let source: TokenStream = fs::read_to_string(&case).unwrap().parse().unwrap();
        let recorded = recorded(&fs::read_to_string(case.with_extension("stderr")).unwrap());
        let mut reported = BTreeSet::new();
        collect_errors(expanded(source), &mut reported);
        count += reported.len();
        if reported != recorded {
            others.push(case.file_stem().unwrap().to_string_lossy().into_owned());
        }
    }
    assert_eq!(others, OF_OTHERS);
    assert!(count > 200, "{count}");
}

/// The cases whose errors are not all those of the macros over the case as written.
const OF_OTHERS: [&str; 7] = [
    // `#[async_trait]` changes the method first.
    "async_trait_await_before_a_span",
    // A macro of the library reports that no framework is enabled.
    "handler_called_with_the_guard_of_another",
    "handler_payload_with_a_hidden_lifetime",
    "handler_without_a_framework",
    "handler_without_self",
    // The compiler's errors have no number.
    "payload_with_a_hidden_lifetime",
    // The function is written by a macro of the case.
    "token_of_two_macros",
];

//! Compares tokens with words.

use proc_macro2::{Delimiter, TokenTree};

/// Returns the first statement, with its `;`.
pub(super) fn statement(tokens: &[TokenTree]) -> Option<&[TokenTree]> {
    tokens.get(..=tokens.iter().position(|token| is_word(token, ";"))?)
}

/// Returns whether the tokens are these words. `()`, `[]` and `{}` match groups with any content.
pub(super) fn is(tokens: &[TokenTree], words: &str) -> bool {
    starts_with(tokens, words) && tokens.len() == words.split_whitespace().count()
}

/// Returns whether the tokens start with these words.
pub(super) fn starts_with(tokens: &[TokenTree], words: &str) -> bool {
    let mut tokens = tokens.iter();
    words.split_whitespace().all(|word| tokens.next().is_some_and(|token| is_word(token, word)))
}

/// Returns whether the token is this word.
pub(super) fn is_word(token: &TokenTree, word: &str) -> bool {
    match token {
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Punct(punct) => word.chars().eq([punct.as_char()]),
        TokenTree::Group(group) => match group.delimiter() {
            Delimiter::Parenthesis => word == "()",
            Delimiter::Bracket => word == "[]",
            Delimiter::Brace => word == "{}",
            Delimiter::None => false,
        },
        TokenTree::Literal(_) => false,
    }
}

//! Renames the receiver in a check that goes into a future.

use proc_macro2::{Ident, TokenStream, TokenTree};

use super::pattern::is_word;
use crate::tokens::with_content;

/// Returns the check with `__self` for `self`, as `#[async_trait]` writes it in the body.
///
/// A function within a condition has a `self` of its own, and the `self` of a path is a module.
pub(super) fn with_renamed_self(tokens: TokenStream) -> TokenStream {
    let mut renamed = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        let next = tokens.peek();
        let begins_item = match &token {
            TokenTree::Ident(word) if word == "fn" => matches!(next, Some(TokenTree::Ident(_))),
            TokenTree::Ident(word) if word == "use" => next.is_some_and(|next| !is_word(next, "<")),
            _ => false,
        };
        let names_module = next.is_some_and(|next| is_word(next, ":"));
        renamed.extend([match token {
            TokenTree::Ident(word) if word == "self" && !names_module => {
                Ident::new("__self", word.span()).into()
            }
            TokenTree::Group(group) => with_content(&group, with_renamed_self(group.stream())).into(),
            other => other,
        }]);
        if begins_item {
            for token in tokens.by_ref() {
                let ends = is_word(&token, "{}") || is_word(&token, ";");
                renamed.extend([token]);
                if ends {
                    break;
                }
            }
        }
    }
    renamed
}

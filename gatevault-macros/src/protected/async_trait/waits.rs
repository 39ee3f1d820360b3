//! Rejects a check that waits where there is no future for it to wait in.

use std::mem;

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Signature;

use super::is_async_trait;
use super::pattern::is_word;
use crate::diagnostics::{Errors, error};

/// Rejects each expression that waits, for a method under `#[async_trait]` whose future has no place for the check.
pub(crate) fn reject_waiting(
    sig: &Signature,
    expressions: impl IntoIterator<Item = impl ToTokens>,
    errors: &mut Errors,
) {
    if !is_async_trait(sig) {
        return;
    }
    for expression in expressions {
        if let Some(word) = waiting(expression.into_token_stream()) {
            errors.add(error(word, NO_FUTURE));
        }
    }
}

/// Returns the `await` that makes its function wait: one that is in no `async` block or closure.
pub(super) fn waiting(tokens: TokenStream) -> Option<Ident> {
    let mut after_dot = false;
    for token in tokens {
        let follows_dot = mem::replace(&mut after_dot, is_word(&token, "."));
        match token {
            TokenTree::Ident(word) if word == "await" && follows_dot => return Some(word),
            // One that is missed is reported by rustc, without the remedy. One that is allowed must not be rejected.
            TokenTree::Ident(word) if word == "async" => return None,
            TokenTree::Group(group) => {
                if let Some(found) = waiting(group.stream()) {
                    return Some(found);
                }
            }
            _ => {}
        }
    }
    None
}

const NO_FUTURE: &str = "the check of this method runs at the call, where it cannot wait: if `#[instrument]` above \
                         records the payload, add `skip(payload)`; put any other attribute below `#[protected]`";

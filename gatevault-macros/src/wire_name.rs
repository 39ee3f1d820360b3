//! The names that fields and variants have in tokens.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::LitStr;
use syn::ext::IdentExt as _;

use crate::case::Case;
use crate::diagnostics::{Errors, error};

/// A name in the token, and the words in the source that it comes from.
pub(crate) struct WireName {
    pub(crate) text: String,
    pub(crate) words: TokenStream,
}

impl WireName {
    /// Creates the name of `ident`: `rename`, or else its own name without the `r#` of `r#type`, in the type's case.
    pub(crate) fn new(ident: &Ident, rename: Option<&LitStr>, case: Option<Case>) -> Self {
        let plain = || ident.unraw().to_string();
        let converted = || case.map_or_else(plain, |case| case.convert(&plain()));
        Self {
            text: rename.map_or_else(converted, LitStr::value),
            words: rename.map_or_else(|| ident.to_token_stream(), LitStr::to_token_stream),
        }
    }
}

/// Rejects the second of two equal names.
pub(crate) fn reject_repeated<'n>(names: impl Iterator<Item = &'n WireName>, errors: &mut Errors) {
    let mut seen = BTreeMap::new();
    for WireName { text, words } in names {
        if let Some(first) = seen.insert(text, words) {
            errors.add(error(
                words,
                format!(
                    "the name {text:?} is taken by `{first}`: choose another with `#[claims(rename = \"..\")]`"
                ),
            ));
        }
    }
}

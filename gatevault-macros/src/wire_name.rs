//! The names that fields and variants have in tokens.

use std::collections::BTreeMap;

use proc_macro2::{Ident, TokenStream};
use quote::ToTokens as _;
use syn::LitStr;
use syn::ext::IdentExt as _;

use crate::case::Case;
use crate::diagnostics::{Refusals, refuse};

/// A name on the wire, and the words of the user's that give it.
pub(crate) struct WireName {
    pub(crate) text: String,
    pub(crate) words: TokenStream,
}

impl WireName {
    /// The name of `ident`: its own, without the `r#` of `r#type`, spelled as the type asks, or the renamed one.
    pub(crate) fn new(ident: &Ident, rename: Option<&LitStr>, case: Option<Case>) -> Self {
        let plain = || ident.unraw().to_string();
        let spelled = || case.map_or_else(plain, |case| case.spell(&plain()));
        Self {
            text: rename.map_or_else(spelled, LitStr::value),
            words: rename.map_or_else(|| ident.to_token_stream(), LitStr::to_token_stream),
        }
    }
}

/// Refuses the second of two equal names.
pub(crate) fn refuse_repeated<'n>(names: impl Iterator<Item = &'n WireName>, refusals: &mut Refusals) {
    let mut seen = BTreeMap::new();
    for WireName { text, words } in names {
        if let Some(first) = seen.insert(text, words) {
            refusals.add(refuse(
                words,
                format!(
                    "{text:?} is in the token already, for `{first}`: write `#[claims(rename = \"..\")]`"
                ),
            ));
        }
    }
}

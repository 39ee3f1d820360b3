//! The path of the runtime crate: `::gatevault`, or the one that `crate = path` gives.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Path;

use crate::tokens::hygienic;

/// The path that all emitted paths start with.
pub(crate) struct CratePath(TokenStream);

impl CratePath {
    /// Creates the path from the one in the attribute, if there is one.
    pub(crate) fn new(written: Option<Path>) -> Self {
        Self(written.map_or_else(|| hygienic!(::gatevault), Path::into_token_stream))
    }

    /// Returns the same path with names resolved at `span`, for a type that the macro of a framework reads.
    pub(crate) fn resolved_at(&self, span: Span) -> TokenStream {
        let resolve = |mut token: TokenTree| {
            token.set_span(token.span().resolved_at(span));
            token
        };
        self.0.clone().into_iter().map(resolve).collect()
    }

    /// Returns the same path located at `span`, where the compiler reports errors about the item it leads to.
    pub(crate) fn located_at(&self, span: Span) -> TokenStream {
        let relocate = |mut token: TokenTree| {
            token.set_span(token.span().located_at(span));
            token
        };
        self.0.clone().into_iter().map(relocate).collect()
    }
}

impl ToTokens for CratePath {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.0.to_tokens(tokens);
    }
}

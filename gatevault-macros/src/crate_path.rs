//! Where the runtime crate is found: `::gatevault`, or what `crate = path` says.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Path;

use crate::tokens::hygienic;

/// The path that everything emitted starts with.
pub(crate) struct CratePath(TokenStream);

impl CratePath {
    pub(crate) fn new(written: Option<Path>) -> Self {
        Self(written.map_or_else(|| hygienic!(::gatevault), Path::into_token_stream))
    }

    /// The same path, reported at another place when something is wrong with what follows it.
    pub(crate) fn located_at(&self, place: Span) -> TokenStream {
        let relocate = |mut token: TokenTree| {
            token.set_span(token.span().located_at(place));
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

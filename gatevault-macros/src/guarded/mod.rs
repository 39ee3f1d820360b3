//! `#[guarded]`: syntax (`block`, `defaults`), then every function judged (`model`), which changes nothing but attributes.

mod block;
mod defaults;
mod model;

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use self::block::Block;
use self::defaults::Defaults;
use crate::diagnostics::Refusals;

/// Holds every function of the block to saying whether it is guarded.
pub(crate) fn guard_all(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut refusals = Refusals::default();
    let defaults = Defaults::parse(arguments, &mut refusals);
    let Some(mut block) = refusals.hear(syn::parse2::<Block>(item.clone())) else {
        let errors = refusals.into_compile_errors();
        return quote!(#errors #item);
    };
    model::judge(&mut block, &defaults, &mut refusals);
    let errors = refusals.into_compile_errors();
    let block = block.into_token_stream();
    quote!(#errors #block)
}

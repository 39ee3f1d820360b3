//! `#[guarded]`: syntax (`block`, `defaults`), then every function judged (`model`), which changes nothing but attributes.

mod block;
mod defaults;
mod model;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};

use self::block::Block;
use self::defaults::Defaults;
use crate::diagnostics::Refusals;

/// Holds every function of the block to saying whether it is guarded.
pub(crate) fn guard_all(arguments: TokenStream, item: &TokenStream) -> TokenStream {
    let mut refusals = Refusals::default();
    let defaults = Defaults::parse(arguments, &mut refusals);
    let Some(mut block) = refusals.hear(syn::parse2::<Block>(item.clone())) else {
        let (errors, item) = (refusals.into_compile_errors(), without_public(item.clone()));
        return quote!(#errors #item);
    };
    model::judge(&mut block, &defaults, &mut refusals);
    let errors = refusals.into_compile_errors();
    let block = block.into_token_stream();
    quote!(#errors #block)
}

/// The item without the attributes that nobody would know: each would be reported too.
fn without_public(item: TokenStream) -> TokenStream {
    let mut kept = Vec::new();
    for token in item {
        match token {
            TokenTree::Group(group) if is_public(&group) && is_pound(kept.last()) => {
                kept.pop();
            }
            TokenTree::Group(group) => {
                let mut within = Group::new(group.delimiter(), without_public(group.stream()));
                within.set_span(group.span());
                kept.push(within.into());
            }
            other => kept.push(other),
        }
    }
    kept.into_iter().collect()
}

fn is_public(attribute: &Group) -> bool {
    let first = attribute.stream().into_iter().next();
    attribute.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(name)) if name == "public")
}

fn is_pound(token: Option<&TokenTree>) -> bool {
    matches!(token, Some(TokenTree::Punct(punct)) if punct.as_char() == '#')
}

//! The `cfg`s of an item, for what is written beside it.

use proc_macro2::TokenStream;
use quote::quote;
use syn::punctuated::Punctuated;
use syn::{Attribute, Meta, Token};

/// Returns the `cfg` of the attribute, for an item that must exist where the attributed one does.
pub(crate) fn cfg(attr: &Attribute) -> Option<TokenStream> {
    cfg_meta(&attr.meta).map(|meta| quote!(#[#meta]))
}

/// Returns the `cfg`, or the `cfg_attr` reduced to the `cfg`s in it.
fn cfg_meta(meta: &Meta) -> Option<TokenStream> {
    match meta {
        meta if meta.path().is_ident("cfg") => Some(quote!(#meta)),
        Meta::List(list) if list.path.is_ident("cfg_attr") => {
            let metas = list.parse_args_with(Punctuated::<Meta, Token![,]>::parse_terminated).ok()?;
            let cfgs: Vec<_> = metas.iter().skip(1).filter_map(cfg_meta).collect();
            let predicate = metas.first().filter(|_| !cfgs.is_empty())?;
            Some(quote!(cfg_attr(#predicate, #(#cfgs),*)))
        }
        _ => None,
    }
}

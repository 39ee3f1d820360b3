//! Model: each function says whether it is guarded. The last stage that may refuse.

use proc_macro2::TokenStream;
use quote::ToTokens as _;
use syn::{Attribute, LitStr, Meta, MetaList, parse_quote};

use super::block::{Block, Item};
use super::defaults::Defaults;
use crate::diagnostics::{Refusals, refuse};
use crate::protected::Function;

/// Judges every function of the block, and completes the arguments of those that are guarded.
pub(crate) fn judge(block: &mut Block, defaults: &Defaults, refusals: &mut Refusals) {
    for item in &mut block.items {
        match item {
            // A declaration has no body that could run.
            Item::Function(function) if function.body.is_none() => {}
            Item::Function(function) => judge_function(function, defaults, refusals),
            Item::Block(block) => judge(block, defaults, refusals),
            Item::MacroCall(call) => refusals.add(refuse(
                call,
                "a macro could make functions that nobody guards: move it out of what is `#[guarded]`",
            )),
            Item::Other(_) => {}
        }
    }
}

fn judge_function(function: &mut Function, defaults: &Defaults, refusals: &mut Refusals) {
    let public = function.attrs.iter().position(|attr| is_named(attr, "public"));
    let public = public.map(|position| function.attrs.remove(position));
    let protected = function.attrs.iter_mut().find(|attr| is_named(attr, "protected"));
    match (protected, public) {
        (Some(protected), None) => complete(protected, defaults),
        (None, Some(public)) => judge_reason(&public, refusals),
        (Some(_), Some(public)) => {
            refusals
                .add(refuse(public, "a guarded function is not public: remove one of the two attributes"));
        }
        (None, None) => {
            let name = &function.sig.ident;
            refusals.add(refuse(
                name,
                format!(
                    "`{name}` does not say whether it is guarded: put `#[protected]` on it, or \
                     `#[public(reason = \"..\")]` if anybody may call it"
                ),
            ));
        }
    }
}

fn is_named(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == name)
}

fn complete(protected: &mut Attribute, defaults: &Defaults) {
    let written = match &protected.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        // Not an attribute of ours to complete; `#[protected]` refuses it.
        Meta::NameValue(_) => return,
    };
    let path = protected.path().clone();
    let arguments = defaults.complete(written);
    let list: MetaList = parse_quote!(#path(#arguments));
    protected.meta = Meta::List(list);
}

fn judge_reason(public: &Attribute, refusals: &mut Refusals) {
    let mut has_reason = false;
    let outcome = public.parse_nested_meta(|meta| {
        let reason: LitStr = meta.value()?.parse()?;
        has_reason = meta.path.is_ident("reason") && !reason.value().trim().is_empty();
        Ok(())
    });
    if outcome.is_err() || !has_reason {
        refusals.add(refuse(
            public.meta.to_token_stream(),
            "say why anybody may call this: `#[public(reason = \"shown before anybody has logged in\")]`",
        ));
    }
}

//! Model: each function says whether it is guarded. The last stage that may refuse.

use proc_macro2::{Ident, TokenStream};
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Expr, ExprLit, Lit, Meta, MetaList, MetaNameValue, parse_quote};

use super::block::{Block, Item};
use super::defaults::Defaults;
use crate::diagnostics::{Refusals, nearest, refuse, unknown};
use crate::protected::Function;

/// Judges every function of the block, and completes the arguments of those that are guarded.
pub(crate) fn judge(block: &mut Block, defaults: &Defaults, refusals: &mut Refusals) {
    for public in take_public(&mut block.attrs) {
        refusals.add(refuse(public, "`#[public(..)]` stands on a function: put it on each one in here"));
    }
    for item in &mut block.items {
        match item {
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
    let public = take_public(&mut function.attrs);
    if let Some(again) = public.get(1) {
        refusals.add(refuse(again, "`#[public(..)]` is written twice: keep one of them"));
    }
    let protected = function.attrs.iter_mut().find(|attr| is_named(attr, "protected"));
    match (protected, public.first()) {
        (Some(protected), None) => complete(protected, defaults),
        (None, Some(public)) => judge_reason(public, refusals),
        (Some(_), Some(public)) => {
            let remedy = "remove one of the two attributes";
            refusals.add(refuse(public, format!("a guarded function is not public: {remedy}")));
        }
        // A declaration has no body that could run.
        (None, None) if function.body.is_none() => {}
        (None, None) => {
            let refusal = misspelled(&mut function.attrs).unwrap_or_else(|| unsaid(&function.sig.ident));
            refusals.add(refusal);
        }
    }
}

fn unsaid(name: &Ident) -> Error {
    let remedy = "put `#[protected]` on it, or `#[public(reason = \"..\")]` if anybody may call it";
    refuse(name, format!("`{name}` does not say whether it is guarded: {remedy}"))
}

/// Takes away an attribute that was to be one of ours: that nobody knows it would be reported too.
fn misspelled(attrs: &mut Vec<Attribute>) -> Option<Error> {
    const KNOWN: &[&str] = &["protected", "public"];
    let is_typo =
        |attr: &Attribute| attr.path().get_ident().is_some_and(|name| nearest(name, KNOWN).is_some());
    let typo = attrs.extract_if(.., |attr| is_typo(attr)).next()?;
    Some(unknown(typo.path().get_ident()?, "attribute", KNOWN))
}

/// Takes away what only `#[guarded]` understands.
fn take_public(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    attrs.extract_if(.., |attr| is_named(attr, "public")).collect()
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
    let arguments = defaults.complete(written, path.span());
    let list: MetaList = parse_quote!(#path(#arguments));
    protected.meta = Meta::List(list);
}

/// Demands `reason = ".."`, and that it says something.
fn judge_reason(public: &Attribute, refusals: &mut Refusals) {
    let reason = match &public.meta {
        Meta::List(list) => list.parse_args::<MetaNameValue>().ok(),
        _ => None,
    };
    let text = reason.filter(|reason| reason.path.is_ident("reason")).and_then(|reason| match reason.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    });
    if text.is_none_or(|text| text.trim().is_empty()) {
        refusals.add(refuse(
            &public.meta,
            "say why anybody may call this: `#[public(reason = \"shown before anybody has logged in\")]`",
        ));
    }
}

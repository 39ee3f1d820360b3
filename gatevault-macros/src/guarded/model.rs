//! Model: every function is either protected or public. The last stage that can report an error.

use proc_macro2::{Ident, TokenStream};
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Expr, ExprLit, Lit, Meta, MetaList, MetaNameValue, parse_quote};

use super::block::{Block, Item};
use super::defaults::Defaults;
use crate::diagnostics::{Errors, error, nearest, unknown};
use crate::protected::Function;

/// Validates every function of the block and completes the arguments of the protected ones.
pub(crate) fn validate(block: &mut Block, defaults: &Defaults, errors: &mut Errors) {
    for public in take_public(&mut block.attrs) {
        errors.add(error(
            public,
            "`#[public(..)]` applies to a function: put it on each function in this block",
        ));
    }
    for item in &mut block.items {
        match item {
            Item::Function(function) => validate_function(function, defaults, errors),
            Item::Block(block) => validate(block, defaults, errors),
            Item::MacroCall(call) => errors.add(error(
                call,
                "this macro may create functions that are not guarded: move the call out of the guarded block",
            )),
            Item::Other(_) => {}
        }
    }
}

/// Validates the attributes of one function, and completes the arguments of its `#[protected]`.
fn validate_function(function: &mut Function, defaults: &Defaults, errors: &mut Errors) {
    let public = take_public(&mut function.attrs);
    if let Some(again) = public.get(1) {
        errors.add(error(again, "`#[public(..)]` is written twice: keep one of them"));
    }
    let protected = function.attrs.iter_mut().find(|attr| is_named(attr, "protected"));
    match (protected, public.first()) {
        (Some(protected), None) => complete(protected, defaults),
        (None, Some(public)) => validate_reason(public, errors),
        (Some(_), Some(public)) => {
            let message = "a function cannot be both `#[protected]` and `#[public(..)]`: remove one of them";
            errors.add(error(public, message));
        }
        // A declaration has no body to guard.
        (None, None) if function.body.is_none() => {}
        (None, None) => {
            let misspelled = take_misspelled(&mut function.attrs);
            errors.add(misspelled.unwrap_or_else(|| unguarded(&function.sig.ident)));
        }
    }
}

/// Creates the error for a function that is neither protected nor public.
fn unguarded(name: &Ident) -> Error {
    let remedy = "add `#[protected]`, or `#[public(reason = \"..\")]` if it may be called without a token";
    error(name, format!("`{name}` is neither protected nor public: {remedy}"))
}

/// Removes a misspelled `#[protected]` or `#[public]` and returns the error for it.
///
/// If the attribute stayed, the compiler would report it as unknown too.
fn take_misspelled(attrs: &mut Vec<Attribute>) -> Option<Error> {
    const KNOWN: &[&str] = &["protected", "public"];
    let is_typo =
        |attr: &Attribute| attr.path().get_ident().is_some_and(|name| nearest(name, KNOWN).is_some());
    let typo = attrs.extract_if(.., |attr| is_typo(attr)).next()?;
    Some(unknown(typo.path().get_ident()?, "attribute", KNOWN))
}

/// Removes and returns the `#[public(..)]` attributes, which only `#[guarded]` understands.
fn take_public(attrs: &mut Vec<Attribute>) -> Vec<Attribute> {
    attrs.extract_if(.., |attr| is_named(attr, "public")).collect()
}

/// Returns whether the last segment of the attribute's path is `name`.
fn is_named(attr: &Attribute, name: &str) -> bool {
    attr.path().segments.last().is_some_and(|segment| segment.ident == name)
}

/// Completes the arguments of a `#[protected]` attribute with the defaults.
fn complete(protected: &mut Attribute, defaults: &Defaults) {
    let written = match &protected.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        // `#[protected]` rejects this form.
        Meta::NameValue(_) => return,
    };
    let path = protected.path().clone();
    let arguments = defaults.complete(written, path.span());
    let list: MetaList = parse_quote!(#path(#arguments));
    protected.meta = Meta::List(list);
}

/// Validates that the attribute has a `reason = ".."` that is not blank.
fn validate_reason(public: &Attribute, errors: &mut Errors) {
    let reason = match &public.meta {
        Meta::List(list) => list.parse_args::<MetaNameValue>().ok(),
        _ => None,
    };
    let text = reason.filter(|reason| reason.path.is_ident("reason")).and_then(|reason| match reason.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    });
    if text.is_none_or(|text| text.trim().is_empty()) {
        errors.add(error(
            &public.meta,
            "`#[public]` needs a reason: write `#[public(reason = \"the login page calls it\")]`",
        ));
    }
}

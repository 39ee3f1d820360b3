//! Model: every function is protected, takes a verified token, or is public. The last stage that can report an error.

use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::quote;
use syn::spanned::Spanned as _;
use syn::{Attribute, Error, Meta, MetaList, parse_quote};

use super::block::{Block, Item, Plain};
use super::defaults::Defaults;
use super::exports::{self, GuardedNames};
use super::inert;
use super::marks::{self, Marks};
use super::record::Records;
use super::verified::{self, VerifiedParameter};
use crate::diagnostics::{Errors, error, nearest, unknown};
use crate::protected::Function;
use crate::tokens::mentions_word;

/// Validates every function of the block, completes the arguments of the protected ones and records them all.
pub(crate) fn validate(block: &mut Block, defaults: &Defaults, records: &mut Records, errors: &mut Errors) {
    let marks = Marks::new(defaults.krate.as_ref());
    reject_public(&mut block.attrs, &marks, errors);
    Marks::reject_hidden(&mut block.attrs, errors);
    marks.reject_foreign(&block.attrs, errors);
    let siblings = GuardedNames::of(block);
    let has_methods = block.module_name().is_none();
    for item in &mut block.items {
        match item {
            Item::Function(function) => {
                if has_methods {
                    mark_method(function, &marks);
                }
                validate_function(function, defaults, &marks, records, errors);
            }
            Item::Block(block) => {
                let outer = records.enter(block);
                validate(block, defaults, records, errors);
                records.leave(outer);
            }
            Item::Nested(nested) => validate_nested(nested, defaults, &marks, records, errors),
            Item::MacroCall(call) => errors.add(error(
                &call.tokens,
                "this macro may create functions that are not guarded: move the call out of the guarded block",
            )),
            Item::Use(item) => validate_use(item, &siblings, &marks, errors),
            Item::Foreign(item) => {
                inert::reject_macros(&mut item.attrs, errors);
                inert::reject_foreign_functions(&item.tokens, errors);
            }
            Item::Value(item) => inert::reject_macros(&mut item.attrs, errors),
            Item::Exempt(_) => {}
        }
    }
}

/// Returns whether another `#[guarded]` has completed an attribute inside, so that it took this block for an unguarded one.
pub(crate) fn is_completed(block: &Block) -> bool {
    block.items.iter().any(|item| match item {
        Item::Function(function) => function.attrs.iter().any(|attr| has_inherited(attr, "protected")),
        Item::Block(block) => is_completed(block),
        Item::Nested(nested) => nested.attrs.iter().any(|attr| has_inherited(attr, "guarded")),
        _ => false,
    })
}

/// Returns whether `inherited(..)` is among the arguments of the attribute `name`.
fn has_inherited(attr: &Attribute, name: &str) -> bool {
    let Meta::List(list) = &attr.meta else { return false };
    let tokens: Vec<_> = list.tokens.clone().into_iter().collect();
    marks::ends_with(attr, name)
        && tokens.split(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',')).any(|argument| {
            matches!(argument, [TokenTree::Ident(name), TokenTree::Group(_)] if name == "inherited")
        })
}

/// Rejects `#[public(..)]` on a block.
fn reject_public(attrs: &mut Vec<Attribute>, marks: &Marks<'_>, errors: &mut Errors) {
    for public in marks.take_public(attrs) {
        errors.add(error(
            public,
            "`#[public(..)]` applies to a function: put it on each function in this block",
        ));
    }
}

/// Validates the attributes of one function, and completes the arguments of its `#[protected]`.
fn validate_function(
    function: &mut Function,
    defaults: &Defaults,
    marks: &Marks<'_>,
    records: &mut Records,
    errors: &mut Errors,
) {
    let public = marks.take_public(&mut function.attrs);
    if let Some(again) = public.get(1) {
        errors.add(error(again, "`#[public(..)]` is written twice: keep one of them"));
    }
    if marks.reject_foreign(&function.attrs, errors) | Marks::reject_hidden(&mut function.attrs, errors) {
        return;
    }
    reject_second_protected(&mut function.attrs, marks, errors);
    let protected = function.attrs.iter_mut().find(|attr| marks.is(attr, "protected"));
    match (protected, public.first()) {
        (Some(protected), None) => {
            let arguments = complete(protected, defaults, None);
            records.add_protected(function, arguments);
        }
        (None, Some(public)) => {
            if let Some(reason) = errors.ok_or_collect(marks::reason(public)) {
                records.add_public(function, &reason);
            }
        }
        (Some(_), Some(public)) => {
            let message = "a function cannot be both `#[protected]` and `#[public(..)]`: remove one of them";
            errors.add(error(public, message));
        }
        // A declaration has no body to guard.
        (None, None) if function.body.is_none() => {}
        (None, None) => match take_misspelled(&mut function.attrs) {
            Some(misspelled) => errors.add(misspelled),
            None => validate_unmarked(function, defaults, records, errors),
        },
    }
}

/// Adds to the handler form that its function is in an `impl` or a trait, which a function without `self` does not show.
fn mark_method(function: &mut Function, marks: &Marks<'_>) {
    let protected = function.attrs.iter_mut().find(|attr| marks.is(attr, "protected"));
    if let Some(Attribute { meta: Meta::List(list), .. }) = protected
        && mentions_word(&list.tokens, "handler")
    {
        let written = &list.tokens;
        list.tokens = quote!(methods, #written);
    }
}

/// Accepts a function without an attribute if a parameter proves a verified token, and records it.
fn validate_unmarked(
    function: &mut Function,
    defaults: &Defaults,
    records: &mut Records,
    errors: &mut Errors,
) {
    let Some(parameter) = VerifiedParameter::of(function) else {
        errors.add(verified::unproven(function).unwrap_or_else(|| unguarded(&function.sig.ident)));
        return;
    };
    if let Some(demand) = &defaults.demand {
        errors.add(parameter.unchecked_demand(&demand.to_string()));
        return;
    }
    records.add_verified(function, &parameter.claims());
    function.insert(&parameter.assertion(records.krate()));
}

/// Rejects and removes each `#[protected]` after the first one, whose demands the list of guards would not show.
fn reject_second_protected(attrs: &mut Vec<Attribute>, marks: &Marks<'_>, errors: &mut Errors) {
    let mut seen = false;
    for again in
        attrs.extract_if(.., |attr| marks.is(attr, "protected") && std::mem::replace(&mut seen, true))
    {
        errors.add(error(again, "`#[protected]` is written twice: write all arguments into one of them"));
    }
}

/// Completes the arguments of a nested `#[guarded]`, which validates the functions, and records these.
fn validate_nested(
    nested: &mut Plain,
    defaults: &Defaults,
    marks: &Marks<'_>,
    records: &mut Records,
    errors: &mut Errors,
) {
    reject_public(&mut nested.attrs, marks, errors);
    if marks.reject_foreign(&nested.attrs, errors) | Marks::reject_hidden(&mut nested.attrs, errors) {
        return;
    }
    let Some(guarded) = nested.attrs.iter_mut().find(|attr| marks.is(attr, "guarded")) else { return };
    let listed = records.are_listed().then(|| quote!(listed));
    let arguments = complete(guarded, defaults, listed);
    if let Some(mut block) = nested.block() {
        block.attrs.clone_from(&nested.attrs);
        let outer = records.enter(&block);
        let mut reported_inside = Errors::default();
        let defaults = Defaults::parse(arguments, &mut reported_inside);
        validate(&mut block, &defaults, records, &mut reported_inside);
        records.leave(outer);
    }
}

/// Rejects the export of a name that may be an unguarded function, unless it is public.
fn validate_use(item: &mut Plain, siblings: &GuardedNames, marks: &Marks<'_>, errors: &mut Errors) {
    let public = marks.take_public(&mut item.attrs);
    inert::reject_macros(&mut item.attrs, errors);
    if let Some(public) = public.first() {
        errors.ok_or_collect(marks::reason(public));
        return;
    }
    if let Some(name) = exports::unguarded_export(&item.tokens, siblings) {
        errors.add(error(
            name,
            "this may export a function that is not guarded here: add `#[public(reason = \"..\")]`, or move the \
             `pub use` out of the guarded block",
        ));
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

/// Completes the arguments of a `#[protected]` or `#[guarded]` and returns them.
fn complete(attr: &mut Attribute, defaults: &Defaults, listed: Option<TokenStream>) -> TokenStream {
    let written = match &attr.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        // The attribute rejects this form.
        Meta::NameValue(_) => return TokenStream::new(),
    };
    let written = match listed {
        Some(listed) => quote!(#listed, #written),
        None => written,
    };
    let path = attr.path().clone();
    let arguments = defaults.complete(written, path.span());
    let list: MetaList = parse_quote!(#path(#arguments));
    attr.meta = Meta::List(list);
    arguments
}

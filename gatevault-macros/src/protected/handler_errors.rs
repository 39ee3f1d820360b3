//! Model: what the handler form rejects, because its check runs before the function has its parameters.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::ToTokens as _;
use syn::{Attribute, Error, FnArg, Meta, ReturnType};

use super::args::Args;
use super::item::{Function, binding};
use super::names::Names;
use super::payload::Payload;
use super::returns::{denied_before_call, value_type};
use crate::crate_path::CratePath;
use crate::diagnostics::{Errors, error};
use crate::tokens::mentions_word;

/// Rejects a token of the function's own.
pub(super) fn token(args: &Args, function: &Function, errors: &mut Errors) {
    if let Some(token) = args.token.name() {
        errors.add(error(token, format!("{REQUEST}: remove `token = ..`, or remove `handler`")));
    }
    for input in &function.sig.inputs {
        if let FnArg::Typed(parameter) = input
            && binding(parameter, "token").is_some()
        {
            errors
                .add(error(&parameter.pat, format!("{REQUEST}: remove this parameter, or remove `handler`")));
        }
    }
}

/// Rejects and removes each other `#[protected]` of a handler, which is the one with `handler` or the one above it.
pub(super) fn twice(args: &Args, function: &mut Function, errors: &mut Errors) {
    let is_handler = |attr: &Attribute| match &attr.meta {
        Meta::List(list) => mentions_word(&list.tokens, "handler"),
        _ => false,
    };
    let is_second = |attr: &Attribute| {
        let last = attr.path().segments.last();
        last.is_some_and(|last| last.ident == "protected")
            && (args.handler.name().is_some() || is_handler(attr))
    };
    for again in function.attrs.extract_if(.., |attr| is_second(attr)) {
        errors.add(error(again, "`#[protected]` is written twice: write all arguments into one of them"));
    }
}

/// Rejects a method. Returns whether the function is one, by its words.
pub(super) fn method(
    args: &Args,
    payload: Option<&Payload>,
    function: &Function,
    is_async_trait: bool,
    errors: &mut Errors,
) -> bool {
    const METHOD: &str = "the handler form is for free functions: for a method remove `handler`, and write a parameter `token: Bearer`";
    let sig = &function.sig;
    // A declaration, in a trait or an `extern` block: its missing body is already reported.
    if function.body.is_none() {
        return true;
    }
    if let Some(handler) = args.handler.name().filter(|_| args.in_block_of_methods) {
        errors.add(error(handler, METHOD));
        return true;
    }
    if let Some(receiver) = sig.receiver() {
        errors.add(error(receiver, METHOD));
        return true;
    }
    let settings = [args.gate.value(), args.denied.value()].into_iter().flatten();
    let parts = settings
        .map(quote::ToTokens::to_token_stream)
        .chain(payload.map(|payload| payload.ty.to_token_stream()))
        .chain([sig.to_token_stream()]);
    for part in parts {
        if let Some(word) = find_self(part) {
            errors.add(Error::new(word, METHOD));
            return true;
        }
    }
    if is_async_trait {
        errors.add(error(&sig.ident, METHOD));
    }
    is_async_trait
}

/// Rejects a gate and a conversion that read a parameter, and a conversion into a type without a name.
pub(super) fn expressions(args: &Args, names: &Names, output: &ReturnType, errors: &mut Errors) {
    let find = |expression: Option<&syn::Expr>| names.find(&expression?.to_token_stream());
    if let Some(word) = find(args.gate.value()) {
        errors.add(Error::new(
            word,
            "the gate of a handler comes from the request, before the parameters do: put it there with \
             `auth.serve(app)` or with a layer of the framework, or name a static",
        ));
    }
    if let Some(word) = find(args.denied.value()) {
        errors.add(Error::new(
            word,
            "a denied handler has no parameters yet: write `denied` without them, or write a parameter \
             `token: Bearer` instead of `handler`",
        ));
    }
    if let (Some(_), Some(ty)) = (args.denied.value(), value_type(output))
        && mentions_word(ty, "impl")
    {
        errors.add(error(
            output_type(output),
            "`denied` gives a value of the return type before the handler runs, so this type needs a name: write \
             the type, or remove `denied`",
        ));
    }
}

/// Rejects types that the check beside the function cannot name. Returns whether it did.
pub(super) fn types(
    payload: Option<&Payload>,
    function: &Function,
    names: &Names,
    errors: &mut Errors,
) -> bool {
    if let Some(payload) = payload.filter(|payload| payload.borrows) {
        errors.add(error(
            &payload.ty,
            "the payload of a handler outlives the token, so it cannot borrow from it: write a type with owned \
             fields, or a parameter `token: Bearer` instead of `handler`",
        ));
        return true;
    }
    let denied = denied_before_call(&CratePath::new(None), &function.sig).map(|ty| ty.to_token_stream());
    let payload = payload.map(|payload| payload.ty.to_token_stream());
    if let Some(word) = payload.iter().chain(&denied).find_map(|ty| names.generic(ty)) {
        errors.add(Error::new(
            word,
            "the check of a handler runs without the function's generics, so its payload and its return type cannot \
             use them: write a parameter `token: Bearer` instead of `handler`",
        ));
        return true;
    }
    if let Some(reference) = denied.and_then(elided) {
        errors.add(Error::new(
            reference,
            "a denied handler has no parameters to borrow from: write an owned type, or `&'static`",
        ));
        return true;
    }
    false
}

/// Returns the type behind the `->`.
fn output_type(output: &ReturnType) -> TokenStream {
    match output {
        ReturnType::Type(_, ty) => ty.to_token_stream(),
        ReturnType::Default => TokenStream::new(),
    }
}

/// Returns the span of the first `Self`.
fn find_self(tokens: TokenStream) -> Option<Span> {
    tokens.into_iter().find_map(|token| match token {
        TokenTree::Ident(word) => (word == "Self").then(|| word.span()),
        TokenTree::Group(group) => find_self(group.stream()),
        _ => None,
    })
}

/// Returns the span of the first reference without a lifetime.
fn elided(ty: TokenStream) -> Option<Span> {
    let mut reference: Option<Span> = None;
    for token in ty {
        match token {
            TokenTree::Punct(mark) if mark.as_char() == '&' => reference = Some(mark.span()),
            TokenTree::Punct(mark) if mark.as_char() == '\'' => reference = None,
            TokenTree::Group(group) => {
                if let Some(found) = reference.or_else(|| elided(group.stream())) {
                    return Some(found);
                }
            }
            _ => {
                if reference.is_some() {
                    return reference;
                }
            }
        }
    }
    reference
}

const REQUEST: &str = "a handler takes the token from the request";

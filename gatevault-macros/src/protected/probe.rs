//! Tokens: probes of the parameters, which reject claims that a caller could write, by their type.
//!
//! Whether a type is a claims type is decided by the compiler: for one that implements `ToClaims`, the method of `Input`
//! is called, and for any other type that of `NoClaims`, to which an `Input` derefs. The types that they return differ,
//! and the one for claims cannot be passed on.

use proc_macro2::{Span, TokenStream};
use quote::quote_spanned;
use syn::spanned::Spanned as _;
use syn::{FnArg, GenericArgument, Ident, Pat, PatType, PathArguments, PathSegment, Type, TypePath};

use super::model::Guarded;
use super::payload_type::is_primitive;
use crate::crate_path::CratePath;
use crate::tokens::{first_and_last_span, mentions_word};

/// Expands to the statements that compile only if no parameter of a claims type comes from the caller.
pub(super) fn probes(model: &Guarded) -> impl Iterator<Item = TokenStream> {
    // The hidden parameter of a handler comes from the framework.
    let hidden = usize::from(model.handler.is_some());
    model.function.sig.inputs.iter().skip(hidden).filter_map(|input| match input {
        FnArg::Typed(parameter) if !model.token.is(parameter) => probe(&model.krate, parameter),
        _ => None,
    })
}

/// Expands to a statement that compiles only if the parameter's type is not a claims type.
///
/// Returns `None` for types that cannot be one. The names are located at the parameter's colon, where an editor finds
/// no name of the user, and the last tokens at the end of the type: the compiler underlines all of `: User`.
fn probe(krate: &CratePath, parameter: &PatType) -> Option<TokenStream> {
    let PatType { attrs, pat, colon_token, ty } = parameter;
    let span = Span::mixed_site().located_at(colon_token.span());
    let krate = krate.located_at(span);
    let (_, last) = first_and_last_span(ty);
    // The span of a path or a call is the one from its first to its last token.
    let (callee, value) = (quote_spanned!(last=> >), quote_spanned!(last=> ()));
    let mut types = Vec::new();
    probed_types(ty, false, &mut types);
    let calls = types.iter().map(|ty| {
        quote_spanned! {span=>
            #krate::guard::CallerInput::<#ty>::pass::<#callee(#krate::__private::Input::<#ty>::probe().kind_of_input #value);
        }
    });
    let mut calls: Vec<_> = calls.collect();
    if let (true, Pat::Ident(name)) = (is_unnamed(ty), &**pat) {
        // The type of `impl Trait` has no name: it is inferred from the value.
        let (reference, name) = (name.by_ref.is_none().then(|| quote_spanned!(span=> &)), &name.ident);
        calls.push(quote_spanned! {span=>
            #krate::guard::CallerInput::pass_value::<#callee(
                #reference #name,
                #krate::__private::Input::of(#reference #name).kind_of_input #value,
            );
        });
    }
    let conditions = attrs.iter().filter(|attr| attr.path().is_ident("cfg"));
    (!calls.is_empty()).then(|| quote_spanned!(span=> #(#conditions)* { #(#calls)* }))
}

/// Adds the types to probe: the parameter's, and those of the data in a tuple, an array or an extractor.
///
/// The probe of an `Option` finds claims in it: with `found`, `ty` is its argument, and only what it wraps is added.
fn probed_types<'t>(ty: &'t Type, found: bool, types: &mut Vec<&'t Type>) {
    match ty {
        // A probe would cost compile time and find nothing.
        Type::Path(path) if is_plain(path) => {}
        Type::Path(path) => {
            types.extend((is_named(ty) && !found).then_some(ty));
            let found = path
                .path
                .segments
                .last()
                .is_some_and(|last| last.ident == "Option" || last.ident == "Result");
            arguments_of_wrapper(path).for_each(|inner| probed_types(inner, found, types));
        }
        Type::Macro(_) => types.extend((is_named(ty) && !found).then_some(ty)),
        Type::Array(array) => probed_types(&array.elem, false, types),
        Type::Tuple(tuple) => tuple.elems.iter().for_each(|inner| probed_types(inner, false, types)),
        Type::Group(group) => probed_types(&group.elem, found, types),
        Type::Paren(paren) => probed_types(&paren.elem, found, types),
        // References, functions: none implements the trait.
        _ => {}
    }
}

/// Returns whether the type is a primitive, a `String`, or an `Option` or `Vec` of one.
fn is_plain(path: &TypePath) -> bool {
    let holds_one = |name: &Ident| name == "Option" || name == "Vec";
    match path.path.segments.first().filter(|_| path.qself.is_none() && path.path.segments.len() == 1) {
        Some(PathSegment { ident, arguments: PathArguments::AngleBracketed(inner) }) if holds_one(ident) => {
            let is_plain = |argument: &GenericArgument| matches!(argument, GenericArgument::Type(Type::Path(path)) if is_plain(path));
            inner.args.iter().all(is_plain)
        }
        _ => is_primitive(path),
    }
}

/// Returns the types in `<..>` of a wrapper, such as an extractor, which deserializes them from the request.
fn arguments_of_wrapper(path: &TypePath) -> impl Iterator<Item = &Type> {
    let last = path.path.segments.last();
    let last = last.filter(|last| WRAPPERS.iter().any(|wrapper| last.ident == wrapper));
    let arguments = match last.map(|last| &last.arguments) {
        Some(PathArguments::AngleBracketed(bracketed)) => Some(&bracketed.args),
        _ => None,
    };
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// The extractors of web frameworks whose type is the data of the request, and the types that are written around them.
const WRAPPERS: [&str; 18] = [
    "Cbor",
    "CookieParam",
    "Form",
    "FormBody",
    "HeaderParam",
    "Json",
    "JsonBody",
    "MsgPack",
    "Option",
    "Parameters",
    "Path",
    "PathParam",
    "Pin",
    "Query",
    "QueryParam",
    "Result",
    "Valid",
    "Xml",
];

/// Returns whether the body can name the type.
fn is_named(ty: &Type) -> bool {
    !mentions_word(ty, "impl")
}

/// Returns whether the type is `impl Trait`, or has it as an argument.
fn is_unnamed(ty: &Type) -> bool {
    match ty {
        Type::Path(_) | Type::Macro(_) => !is_named(ty),
        Type::ImplTrait(_) => true,
        Type::Group(group) => is_unnamed(&group.elem),
        Type::Paren(paren) => is_unnamed(&paren.elem),
        _ => false,
    }
}

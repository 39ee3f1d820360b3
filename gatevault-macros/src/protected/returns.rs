//! Model: how a denial leaves the function, through its return type or through the argument `denied`.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::{Expr, GenericArgument, PathArguments, ReturnType, Signature, TraitBound, Type, TypeParamBound};

use super::item::Function;
use crate::crate_path::CratePath;
use crate::tokens::{first_and_last_span, hygienic, mentions_word};

/// The conversion of a denial into the function's return value.
pub(crate) struct Denial {
    /// The user's own conversion: the argument `denied`.
    conversion: Option<Expr>,
    /// True if the function returns `impl Future`, a type that a denial cannot be converted into.
    pub(crate) returns_future: bool,
    /// True if the check runs before the function returns its boxed future.
    boxes: bool,
    /// True if the value is `impl IntoResponse` or another trait of responses, and so wrapped in `DeniedOr`.
    hides_response: bool,
}

impl Denial {
    /// Creates the conversion for a return type. With `in_future`, the check is in the function's boxed future.
    pub(crate) fn new(conversion: Option<Expr>, output: &ReturnType, in_future: bool) -> Self {
        Self {
            hides_response: conversion.is_none() && value_type(output).is_some_and(is_response),
            returns_future: opaque_future(output).is_some(),
            boxes: !in_future && BoxedFuture::find(output).is_some(),
            conversion,
        }
    }

    /// Returns whether the user's own conversion runs on a denial.
    pub(crate) fn is_converted(&self) -> bool {
        self.conversion.is_some()
    }

    /// Expands to the expression that leaves the check with a `denial`.
    pub(crate) fn leave(&self, krate: &CratePath, function: &Function) -> TokenStream {
        if self.returns_future {
            return hygienic!(break 'check ::core::result::Result::Err(denial));
        }
        let value = self.value(krate, function);
        if self.boxes {
            return hygienic!(return ::std::boxed::Box::pin(::core::future::ready(#value)));
        }
        hygienic!(return #value)
    }

    /// Expands to what the function returns, or its future resolves to, for a `denial`.
    ///
    /// A type that cannot carry a denial is reported at that type.
    pub(crate) fn value(&self, krate: &CratePath, function: &Function) -> TokenStream {
        if let Some(conversion) = &self.conversion {
            return hygienic!(#krate::__private::denied(denial, #conversion));
        }
        if self.hides_response {
            return hygienic!(#krate::guard::DeniedOr::Denied(denial));
        }
        let output = &function.sig.output;
        if let Some(ty) = nameable(output) {
            return hygienic!(<#ty as #krate::OnDenied>::on_denied(denial));
        }
        match output {
            ReturnType::Type(_, written) => {
                let (first, last) = first_and_last_span(written);
                let krate = krate.located_at(first);
                if let Some(Type::ImplTrait(_)) = value_type(output) {
                    quote_spanned!(last=> #krate::guard::HiddenOnDenied::hidden_on_denied(denial))
                } else {
                    quote_spanned!(last=> #krate::OnDenied::on_denied(denial))
                }
            }
            ReturnType::Default => {
                let (_, name) = first_and_last_span(&function.sig.ident);
                let unit = quote_spanned!(name=> ());
                hygienic!(<#unit as #krate::OnDenied>::on_denied(denial))
            }
        }
    }

    /// Expands to the value of a `denial` before a handler is called, in the type that [`denied_before_call`] returns.
    pub(crate) fn value_before_call(&self, krate: &CratePath, ty: Option<&Type>) -> TokenStream {
        match (&self.conversion, ty) {
            (Some(conversion), Some(_)) => hygienic!(#krate::__private::denied(denial, #conversion)),
            (None, Some(ty)) => hygienic!(<#ty as #krate::OnDenied>::on_denied(denial)),
            (_, None) => hygienic!(denial),
        }
    }

    /// Expands to the value that the body returns, as the function's return type.
    ///
    /// A hidden response comes out of a closure or an `async` block, so that `return` and `?` in the body give the response
    /// and not the type around it.
    pub(crate) fn body(&self, krate: &CratePath, sig: &Signature, body: Option<&TokenStream>) -> TokenStream {
        match (self.hides_response, &sig.asyncness) {
            (false, _) => quote!(#body),
            (true, None) => self.done(krate, &hygienic!((move || #body)())),
            (true, Some(_)) => self.done(krate, &hygienic!(async move #body.await)),
        }
    }

    /// Expands to a value, in the type that could have been a denial.
    pub(crate) fn done(&self, krate: &CratePath, value: &TokenStream) -> TokenStream {
        if self.hides_response { hygienic!(#krate::guard::DeniedOr::Done(#value)) } else { value.clone() }
    }
}

/// Returns the type of a denied call before a handler is called: the type of its value, or `None` if this has no name.
///
/// Within a `Result`, `GuardError` replaces the type that has no name, and the application's error type stays.
pub(crate) fn denied_before_call(krate: &CratePath, sig: &Signature) -> Option<Type> {
    let output = &sig.output;
    if matches!(output, ReturnType::Default) {
        let (_, name) = first_and_last_span(&sig.ident);
        return Some(Type::Verbatim(quote_spanned!(name=> ())));
    }
    if let Some(ty) = nameable(output) {
        return Some(ty.clone());
    }
    let Type::Path(mut result) = ungrouped(value_type(output)?).clone() else { return None };
    let last = result.path.segments.last_mut().filter(|last| last.ident.to_string().ends_with("Result"))?;
    let PathArguments::AngleBracketed(arguments) = &mut last.arguments else { return None };
    for argument in &mut arguments.args {
        if matches!(argument, GenericArgument::Type(Type::ImplTrait(_))) {
            *argument = GenericArgument::Type(Type::Verbatim(hygienic!(#krate::GuardError)));
        }
    }
    (!mentions_word(&result, "impl")).then_some(Type::Path(result))
}

/// The return type `Pin<Box<dyn Future<Output = R> + BOUNDS>>`.
pub(crate) struct BoxedFuture<'t> {
    /// The type that the future resolves to.
    pub(crate) output: &'t Type,
    /// The bounds on everything that the future holds.
    pub(crate) bounds: Vec<&'t TypeParamBound>,
}

impl<'t> BoxedFuture<'t> {
    /// Finds the parts of a return type that is a boxed future.
    pub(crate) fn find(output: &'t ReturnType) -> Option<Self> {
        let ReturnType::Type(_, written) = output else { return None };
        let Type::TraitObject(object) = inner_type(inner_type(written, "Pin")?, "Box")? else { return None };
        Some(Self {
            output: object.bounds.iter().find_map(future).and_then(resolved)?,
            bounds: object.bounds.iter().filter(|bound| future(bound).is_none()).collect(),
        })
    }
}

/// Returns the type to convert a denial into, if the body can name it: a type with `impl Trait` in it has no name.
fn nameable(output: &ReturnType) -> Option<&Type> {
    let ty = value_type(output)?;
    let nameless = matches!(ty, Type::Never(_)) || mentions_word(quote!(#ty), "impl");
    (!nameless).then_some(ty)
}

/// Returns the type of the value that the function returns, or that its future resolves to.
pub(crate) fn value_type(output: &ReturnType) -> Option<&Type> {
    let ReturnType::Type(_, written) = output else { return None };
    match (opaque_future(output), BoxedFuture::find(output)) {
        (Some(opaque), _) => resolved(opaque),
        (None, Some(boxed)) => Some(boxed.output),
        (None, None) => Some(written),
    }
}

/// The traits of responses that `DeniedOr` implements for the frameworks.
const RESPONSES: [&str; 4] = ["IntoResponse", "Reply", "Responder", "Writer"];

/// Returns whether the type is `impl IntoResponse` or another trait of responses.
fn is_response(ty: &Type) -> bool {
    let Type::ImplTrait(hidden) = ty else { return false };
    hidden.bounds.iter().any(|bound| match bound {
        TypeParamBound::Trait(bound) => {
            let name = bound.path.segments.last();
            name.is_some_and(|name| RESPONSES.iter().any(|response| name.ident == response))
        }
        _ => false,
    })
}

/// Returns the bound of a return type that is `impl Future`.
fn opaque_future(output: &ReturnType) -> Option<&TraitBound> {
    let ReturnType::Type(_, written) = output else { return None };
    let Type::ImplTrait(opaque) = &**written else { return None };
    opaque.bounds.iter().find_map(future)
}

/// Returns the bound if it is `Future`.
fn future(bound: &TypeParamBound) -> Option<&TraitBound> {
    match bound {
        TypeParamBound::Trait(bound) if bound.path.segments.last()?.ident == "Future" => Some(bound),
        _ => None,
    }
}

/// Returns the type that a future with this bound resolves to.
fn resolved(future: &TraitBound) -> Option<&Type> {
    arguments(&future.path.segments.last()?.arguments).find_map(|argument| match argument {
        GenericArgument::AssocType(binding) if binding.ident == "Output" => Some(&binding.ty),
        _ => None,
    })
}

/// Returns `T` of `NAME<T>`.
fn inner_type<'t>(ty: &'t Type, name: &str) -> Option<&'t Type> {
    let Type::Path(path) = ungrouped(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    arguments(&last.arguments).find_map(|argument| match argument {
        GenericArgument::Type(inner) => Some(ungrouped(inner)),
        _ => None,
    })
}

/// Returns the arguments in `<..>`.
fn arguments(arguments: &PathArguments) -> impl Iterator<Item = &GenericArgument> {
    let bracketed = match arguments {
        PathArguments::AngleBracketed(bracketed) => Some(&bracketed.args),
        _ => None,
    };
    bracketed.into_iter().flatten()
}

/// Removes the invisible groups that `macro_rules!` puts around a type, and parentheses.
fn ungrouped(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungrouped(&group.elem),
        Type::Paren(paren) => ungrouped(&paren.elem),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens as _, quote};

    use super::BoxedFuture;

    #[test]
    fn the_output_of_a_boxed_future_is_found() {
        for (output, expected) in [
            (
                quote!(-> ::core::pin::Pin<Box<dyn ::core::future::Future<Output = Result<u8, E>> + Send + 'a>>),
                Some("Result < u8 , E >"),
            ),
            (quote!(-> Pin<Box<dyn Send + Future<Output = ()>>>), Some("()")),
            (quote!(-> Pin<Box<(dyn Future<Output = ()>)>>), Some("()")),
            (quote!(-> Pin<Box<dyn Stream<Item = ()>>>), None),
            (quote!(-> Pin<&mut dyn Future<Output = ()>>), None),
            (quote!(-> Box<dyn Future<Output = ()>>), None),
            (quote!(-> BoxFuture<'a, ()>), None),
            (quote!(-> impl Future<Output = ()>), None),
            (quote!(), None),
        ] {
            let output = syn::parse2(output).unwrap();
            let found = BoxedFuture::find(&output).map(|future| future.output.to_token_stream().to_string());
            assert_eq!(found.as_deref(), expected);
        }
    }
}

//! Tokens: the check before the user's body. Cannot fail: every model can be expanded.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{Error, token};

use super::check::{check, half_typed};
use super::expand_handler;
use super::item::{Body, Function};
use super::model::Guarded;
use super::payload::Payload;
use super::probe::probes;
use crate::tokens::hygienic;

/// Expands to the function with the check before its body.
pub(crate) fn guarded(model: &Guarded) -> TokenStream {
    let deny = model.denial.leave(&model.krate, &model.function);
    let statements = match &model.handler {
        Some(form) => expand_handler::binding(model, form, &deny),
        None => check(model, &deny),
    };
    let probes = probes(model);
    let use_of_token = model.token.use_by_value(&model.function);
    let check = quote!(#(#probes)* #use_of_token #statements);
    let function = with_check(model, check);
    let beside = model.handler.as_ref().map(|form| expand_handler::guard(model, form));
    // Behind the function, so that the tokens before a condition do not depend on it.
    let half_typed = half_typed_errors(model);
    quote!(#function #beside #(#half_typed)*)
}

/// Expands to the errors of the conditions that their author is still typing.
fn half_typed_errors(model: &Guarded) -> impl Iterator<Item = TokenStream> {
    let early = model.handler.iter().flat_map(|form| &form.early);
    early.chain(&model.policies).filter_map(half_typed).map(Error::to_compile_error)
}

/// Expands to the function with `check` where the call runs it.
fn with_check(model: &Guarded, check: TokenStream) -> TokenStream {
    if let Some(body) = &model.async_trait {
        let payload = model.payload.as_ref().and_then(Payload::visible_name);
        return with_content(&model.function, &body.splice(payload, check));
    }
    function(&model.function, |body| {
        if model.handler.is_some() && model.policies.is_empty() {
            return quote!(#check #body);
        }
        if model.denial.returns_future {
            return future(model, &check, body);
        }
        let body = model.denial.body(&model.krate, &model.function.sig, body);
        quote!(#check #body)
    })
}

/// Expands to the errors and the function with its new signature, so that its callers compile. Its body cannot run.
pub(crate) fn with_errors(model: &Guarded, errors: &TokenStream) -> TokenStream {
    let never = hygienic!(loop {});
    let check = model.payload.as_ref().map_or_else(
        || never.clone(),
        |payload| {
            let (pattern, ty) = (payload.pattern(), &payload.ty);
            hygienic!(let #pattern: #ty = #never;)
        },
    );
    let function = function(&model.function, |body| quote!(#check #body));
    let half_typed = half_typed_errors(model);
    let errors = quote!(#errors #(#half_typed)*);
    let beside = model.handler.as_ref().map(|form| expand_handler::placeholder(model, form));
    quote!(#errors #[allow(unused)] #function #beside)
}

/// Expands to the function with the body that `write` creates around the block of the user's statements.
///
/// The block and its leading `;` prevent lints in the user's code: without the block, items at the start of the body
/// would come after statements, and without the `;` the block of a single expression would be needless.
fn function(function: &Function, write: impl FnOnce(Option<&TokenStream>) -> TokenStream) -> TokenStream {
    let statements = function.body.as_ref().and_then(|Body { brace, statements, .. }| {
        statements.as_ref().map(|statements| braced(*brace, &hygienic!(; #statements)))
    });
    with_content(function, &write(statements.as_ref()))
}

/// Expands to the function with `content` in the braces of its body.
fn with_content(function: &Function, content: &TokenStream) -> TokenStream {
    let Function { attrs, vis, sig, body } = function;
    let Some(Body { brace, inner_attrs, .. }) = body else {
        return quote!(#(#attrs)* #vis #sig;);
    };
    let body = braced(*brace, &quote!(#(#inner_attrs)* #content));
    quote!(#(#attrs)* #vis #sig #body)
}

/// Expands to the body of a function that returns `impl Future`.
///
/// The call runs the body and therefore the check. If it is denied, the returned future resolves to the denial.
fn future(model: &Guarded, check: &TokenStream, body: Option<&TokenStream>) -> TokenStream {
    let denied = model.denial.value(&model.krate, &model.function);
    let done = model.denial.done(&model.krate, &hygienic!(future.await));
    hygienic! {
        let future = 'check: { #check ::core::result::Result::Ok((move || #body)()) };
        async move {
            match future {
                ::core::result::Result::Ok(future) => #done,
                ::core::result::Result::Err(denial) => #denied,
            }
        }
    }
}

/// Encloses `content` in the user's braces.
fn braced(brace: token::Brace, content: &TokenStream) -> TokenStream {
    let mut block = TokenStream::new();
    brace.surround(&mut block, |block| content.to_tokens(block));
    block
}

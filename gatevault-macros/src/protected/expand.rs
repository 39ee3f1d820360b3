//! Tokens: the check before the user's body. Cannot fail: every model can be expanded.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::ext::IdentExt as _;
use syn::{Error, Expr, FnArg, LitStr, token};

use super::item::{Body, Function};
use super::model::Guarded;
use super::payload::{Origin, Payload};
use super::policy::{Policy, Requirement};
use super::probe::probe;
use crate::tokens::{first_span, hygienic};

/// Expands to the function with the check before its body.
pub(crate) fn guarded(model: &Guarded) -> TokenStream {
    let deny = model.denial.leave(&model.krate, &model.function);
    let verification = verification(model, &deny);
    let policies = model.policies.iter().map(|policy| policy_check(model, policy, &deny));
    let probes = model.function.sig.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) if !model.token.is(parameter) => probe(&model.krate, parameter),
        _ => None,
    });
    let use_of_token = model.token.use_by_value(&model.function);
    let check = quote!(#(#probes)* #use_of_token #verification #(#policies)*);
    // Behind the function, so that the tokens before a condition do not depend on it.
    let half_typed = model.policies.iter().filter_map(half_typed).map(Error::to_compile_error);
    let function = with_check(model, check);
    quote!(#function #(#half_typed)*)
}

/// Expands to the function with `check` where the call runs it.
fn with_check(model: &Guarded, check: TokenStream) -> TokenStream {
    if let Some(body) = &model.async_trait {
        let payload = model.payload.as_ref().and_then(Payload::visible_name);
        return with_content(&model.function, &body.splice(payload, check));
    }
    function(&model.function, |body| {
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
    let half_typed = model.policies.iter().filter_map(half_typed).map(Error::to_compile_error);
    let errors = quote!(#errors #(#half_typed)*);
    quote!(#errors #[allow(unused)] #function)
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

/// Expands to the verification of the token, which binds the payload if the function has one.
///
/// The traits are called on the user's types, so that a type without one is reported there.
fn verification(model: &Guarded, deny: &TokenStream) -> TokenStream {
    let krate = &model.krate;
    let (guard, token) = (guard(model), model.token.reference());
    let token = hygienic!(#krate::TokenSource::token(#token));
    let Some(Payload { attrs, ty, optional, borrows, .. }) = &model.payload else {
        let (before, value) = decided(model, hygienic!(#guard.admit(#token)));
        return hygienic! {
            #before
            if let ::core::result::Result::Err(denial) = #value {
                #deny;
            }
        };
    };
    let pattern = model.payload.as_ref().map(Payload::pattern);
    let source = match (optional, borrows) {
        (false, false) => hygienic!(OwnedPayload),
        (false, true) => hygienic!(BorrowedPayload<'_>),
        (true, false) => hygienic!(OptionalPayload),
        (true, true) => hygienic!(OptionalBorrowedPayload<'_>),
    };
    let buffer = borrows.then(|| hygienic!(let mut text = #krate::__private::TokenText::default();));
    // Names the fix for a type with a hidden lifetime, which cannot be an owned payload.
    let lint = (!borrows).then(|| hygienic!(#[deny(elided_lifetimes_in_paths)]));
    let buffer_argument = borrows.then(|| hygienic!(, &mut text));
    let (before, value) =
        decided(model, hygienic!(<#ty as #krate::guard::#source>::verify(#guard, #token #buffer_argument)));
    hygienic! {
        #buffer
        #lint #before #(#attrs)* let #pattern = match #value {
            ::core::result::Result::Ok(verified) => verified,
            ::core::result::Result::Err(denial) => #deny,
        };
    }
}

/// Expands to a statement and the result of a verification. The user's own conversion follows after the statement.
///
/// Otherwise temporaries of the expressions for the token and the gate, such as a lock, would live as long as the
/// conversion, which may lock the same.
fn decided(model: &Guarded, call: TokenStream) -> (Option<TokenStream>, TokenStream) {
    if model.denial.is_converted() {
        (Some(hygienic!(let decided = #call;)), hygienic!(decided))
    } else {
        (None, call)
    }
}

/// Expands to the `Guard` of the call.
fn guard(model: &Guarded) -> TokenStream {
    let (krate, function) = (&model.krate, log_name(model));
    let with_gate = |gate: &Expr| {
        let span = first_span(gate);
        let gate = quote_spanned!(span=> &(#gate));
        hygienic!(with(#function, #gate))
    };
    let constructor = model.gate.as_ref().map_or_else(|| hygienic!(installed(#function)), with_gate);
    let refresh = model.refresh.then(|| hygienic!(.refresh()));
    let authentication = authentication(model);
    hygienic!(#krate::__private::Guard::#constructor #refresh #authentication)
}

/// Expands to the requirements on the authentication of the caller, if there are any.
fn authentication(model: &Guarded) -> Option<TokenStream> {
    let Guarded { krate, max_age, acr, amr, .. } = model;
    if max_age.is_none() && acr.is_empty() && amr.is_empty() {
        return None;
    }
    let max_age = max_age.map_or_else(|| hygienic!(None), |seconds| hygienic!(Some(#seconds)));
    Some(hygienic!(.authentication(&#krate::__private::RequiredAuthentication {
        max_age: ::core::option::Option::#max_age,
        acr: &[#(#acr),*],
        amr: &[#(#amr),*],
    })))
}

/// Expands to the function's name for the log, with its module or, for a method, the type of `self`.
fn log_name(model: &Guarded) -> TokenStream {
    let krate = &model.krate;
    let name = model.function.sig.ident.unraw().to_string();
    let parent = if model.function.sig.receiver().is_some() {
        hygienic!(Type(::core::any::type_name::<Self>))
    } else {
        hygienic!(Module(::core::module_path!()))
    };
    hygienic!(&#krate::__private::Function { parent: #krate::__private::Parent::#parent, name: #name })
}

/// Expands to statements that deny the call unless the policy's requirement is met.
fn policy_check(model: &Guarded, policy: &Policy, deny: &TokenStream) -> TokenStream {
    let (krate, function, words) = (&model.krate, log_name(model), &policy.words);
    let scopes = |scopes: &[LitStr]| hygienic!(Scopes { words: #words, scopes: &[#(#scopes),*] });
    let bool_at = |span| quote_spanned!(span=> ::core::primitive::bool);
    let boolean = bool_at(Span::mixed_site());
    let (met, boolean, requirement) = match &policy.requirement {
        // The user's own expression keeps its spans, so type errors are reported in it.
        Requirement::Condition(condition, name) => {
            let expression = &condition.expression;
            (quote!(#expression), bool_at(first_span(name)), hygienic!(Words(#words)))
        }
        Requirement::AnyRole(roles) => (has_any_role(model, roles), boolean, hygienic!(Words(#words))),
        Requirement::Scopes(all) => (call(model, "has_scopes", all), boolean, scopes(all)),
        Requirement::AnyScope(any) => (call(model, "has_any_scope", any), boolean, scopes(any)),
    };
    let half_typed = half_typed(policy).map(|_| hygienic!(use #krate::__private::HalfTyped as _;));
    let lints = model.payload.as_ref().and_then(Payload::lints);
    hygienic! {
        #lints let met: #boolean = #met;
        #half_typed
        if !met {
            let denial = #krate::__private::unmet(#function, #krate::__private::Requirement::#requirement);
            #deny;
        }
    }
}

/// Returns the error of a condition that its author is still typing.
fn half_typed(policy: &Policy) -> Option<&Error> {
    match &policy.requirement {
        Requirement::Condition(condition, _) => condition.half_typed.as_ref(),
        _ => None,
    }
}

/// Expands to a comparison of the payload's role. Without a payload, a role that is not a string is reported at that role.
fn has_any_role(model: &Guarded, roles: &[Expr]) -> TokenStream {
    let Some(Payload { name, origin: Origin::Bare, .. }) = &model.payload else {
        return call(model, "has_any_role", roles);
    };
    let is_role = |role: &Expr| {
        let span = first_span(role);
        let krate = model.krate.located_at(span);
        quote_spanned!(span=> #krate::__private::BareRole::is_role_of(&(#role), &#name))
    };
    let roles = roles.iter().map(is_role);
    quote!(#(#roles)||*)
}

/// Expands to a call of a library function on the payload and `values`. Type errors are reported at the values.
fn call(model: &Guarded, function: &str, values: &[impl ToTokens]) -> TokenStream {
    let span = first_span(values.first());
    let krate = model.krate.located_at(span);
    let function = Ident::new(function, span);
    let payload = model.payload.as_ref().map(|payload| &payload.name);
    let values = quote!(&[#(#values),*]);
    quote_spanned!(span=> #krate::__private::#function(&#payload, #values))
}
